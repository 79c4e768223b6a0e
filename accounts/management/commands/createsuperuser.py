"""There is no superuser: `manage.py appoint` makes the first manager and the technical administrator."""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Takes Django's command of the same name away."""

    help = "Not available: nobody holds every right here. See `manage.py appoint`."

    def handle(self, *args: Any, **options: Any) -> NoReturn:
        """Refuse."""
        raise CommandError("There is no superuser here. Use: manage.py appoint EMAIL --programme CODE")
