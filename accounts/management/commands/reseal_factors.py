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
        count, lost = factors.reseal()
        self.stdout.write(f"{count} second factors sealed again.")
        if lost:
            self.stderr.write(
                f"{lost} open with none of the keys: put the key that was in force into SECRET_KEY_FALLBACKS "
                "and run this again, or reset these factors on the pages of the accounts."
            )
