"""`manage.py mark_sent LOG`: after a restore, what the mail server's log shows as sent is not sent again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from notifications import restored


class Command(BaseCommand):
    """Reads Message-IDs in any text; only messages that a restore held are touched."""

    help = "Mark as sent the messages held by a restore whose Message-ID stands in this log of a mail server."

    def add_arguments(self, parser: CommandParser) -> None:
        """The log."""
        parser.add_argument("log", type=Path, help="a text that names the Message-IDs that left")

    def handle(self, *args: Any, **options: Any) -> None:
        """Mark and count."""
        try:
            with options["log"].open(encoding="utf-8", errors="replace") as lines:
                marked = restored.mark_by_log(lines)
        except OSError as fault:
            raise CommandError(f"{options['log']} cannot be read: {fault.strerror}") from fault
        self.stdout.write(f"{marked} messages had left: marked as sent.")
