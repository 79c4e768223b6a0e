"""`manage.py restore FOLDER`: a backup into an empty database and an empty folder of files, verified."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backups import restoring
from config.backups.trouble import Trouble
from notifications import restored


class Command(BaseCommand):
    """0 when the site may start; 2 with one sentence when it may not."""

    help = (
        "Restore a backup (the last of the folder) into empty places; web, worker and beat are stopped first."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Which one, and what is allowed."""
        parser.add_argument("folder", type=Path, help="a backup, or the folder of backups for the last one")
        parser.add_argument(
            "--replace", action="store_true", help="empty the database, set present files aside"
        )
        parser.add_argument("--other-key", action="store_true", help="go on under another SECRET_KEY")
        parser.add_argument(
            "--sent", type=Path, metavar="LOG", help="log of the mail server: what left is marked"
        )
        parser.add_argument(
            "--skip-numbers",
            type=int,
            default=100,
            metavar="N",
            help="numbers of dossiers never given again (100)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, step by step, and say so in a last line."""
        try:
            done = restoring.restore(
                options["folder"],
                say=self.stdout.write,
                replace=options["replace"],
                other_key=options["other_key"],
                skip=options["skip_numbers"],
            )
        except Trouble as trouble:
            raise CommandError(f"FAILED {trouble}", returncode=2) from trouble
        if options["sent"]:
            with options["sent"].open(encoding="utf-8", errors="replace") as lines:
                self.stdout.write(
                    f"{restored.mark_by_log(lines)} of them had left, by the log: marked as sent."
                )
        self.stdout.write(done.line())
