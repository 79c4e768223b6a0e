"""Seal the secrets of second factors again under the present SECRET_KEY."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.actions import factors


class Command(BaseCommand):
    """Run once after SECRET_KEY changed, while the earlier key is still in SECRET_KEY_FALLBACKS."""

    help = "Seal the secrets of second factors again under the present SECRET_KEY."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many rows were sealed again."""
        count = factors.reseal()
        self.stdout.write(f"{count} sealed again: the earlier key may leave SECRET_KEY_FALLBACKS.")
