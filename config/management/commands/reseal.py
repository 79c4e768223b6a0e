"""Seal again, under the present SECRET_KEY, everything that an earlier one sealed."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from notifications.models import Message
from notifications.sealing import BrokenSeal, reseal


class Command(BaseCommand):
    """Run once after SECRET_KEY changed, while the earlier key is in SECRET_KEY_FALLBACKS."""

    help = "Seals second factors and waiting secret messages again under the present SECRET_KEY."

    def handle(self, *args: Any, **options: Any) -> None:
        """Factors by their own command, then the messages; a body that no key opens is told and left."""
        call_command("reseal_factors", stdout=self.stdout)
        done, lost = 0, 0
        for key in list(Message.objects.exclude(sealed_body=b"").values_list("pk", flat=True)):
            with transaction.atomic():
                row = Message.objects.select_for_update().get(pk=key)
                if not bytes(row.sealed_body):
                    continue  # it left meanwhile
                try:
                    row.sealed_body = reseal(bytes(row.sealed_body))
                except BrokenSeal:
                    lost += 1
                    continue
                row.save(update_fields=["sealed_body"])
                done += 1
        self.stdout.write(f"{done} secret messages sealed again.")
        if lost:
            raise CommandError(
                f"{lost} secret messages open with none of the keys: put the key that was in force into "
                "SECRET_KEY_FALLBACKS and run this again, or let these people ask for a new link."
            )
