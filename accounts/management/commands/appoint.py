"""`manage.py appoint EMAIL --programme CODE` makes the first manager; `--technical`, the technical administrator."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from accounts import entries
from accounts.actions import people, roles
from accounts.models import User
from workflows.actors import SystemActor
from workflows.engine import Refused, unit


class Command(BaseCommand):
    """The two appointments that no person can make; each is an event of the site's chain."""

    help = "Make the first manager of a programme, or the technical administrator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("email")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--programme", metavar="CODE")
        what.add_argument("--technical", action="store_true")
        parser.add_argument("--given-name", default="")
        parser.add_argument("--family-name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find or make the account, then appoint."""
        actor = SystemActor(entries.APPOINTING)
        try:
            with unit():
                person = self._person(options, actor)
                if options["technical"]:
                    people.appoint_technical(person, actor=actor)
                else:
                    self._appoint(person, options["programme"], actor)
        except Refused as refusal:
            raise CommandError(" ".join(refusal.reasons)) from refusal
        self.stdout.write(self.style.SUCCESS(f"{person.email} appointed."))

    def _person(self, options: dict[str, Any], actor: SystemActor) -> User:
        email = options["email"].strip().lower()
        person = User.objects.filter(email=email).first()
        if person is None:
            return people.create_account(
                email, given_name=options["given_name"], family_name=options["family_name"], actor=actor
            )
        if not person.is_active:
            raise CommandError(f"The account {email} is suspended.")
        return person

    def _appoint(self, person: User, code: str, actor: SystemActor) -> None:
        programme = apps.get_model("grants", "Programme")._default_manager.filter(code=code).first()
        if programme is None:
            raise CommandError(f"There is no programme {code}.")
        roles.appoint(person, programme, actor=actor)
