"""`manage.py demo_cards`: who may be tried in the demonstration, one line a role."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from notifications.demo import PASSWORD, cards


class Command(BaseCommand):
    """Prints the cards of the page /demo/."""

    help = "Print a card per role of the demonstration."

    def handle(self, *args: Any, **options: Any) -> None:
        """Name, role and mail address by group, then where to sign in with one button."""
        for group, people in cards():
            self.stdout.write(f"{group}")
            for card in people:
                self.stdout.write(f"  {card.role!s:<26} {card.user.name:<28} {card.user.email}")
        self.stdout.write(f"Password of everybody: {PASSWORD}")
        self.stdout.write(f"Sign in with one button, read the mail: {settings.SITE_URL}{reverse('demo')}")
