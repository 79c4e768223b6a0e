"""`manage.py backup FOLDER`: database, files and what describes them; fit for cron."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backups import taking
from config.backups.trouble import Trouble


class Command(BaseCommand):
    """One line of summary; 0 when all was kept, 1 when a file is missing or changed, 2 when there is no backup."""

    help = "Back up the database, its files and what describes them, while people work (docs/operations.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where, how many stay, where the keys go."""
        parser.add_argument("folder", type=Path, help="folder of the backups, on another disk")
        parser.add_argument("--keep", type=int, default=0, metavar="N", help="how many stay (all by default)")
        parser.add_argument(
            "--keys", type=Path, metavar="ELSEWHERE", help="also keep the keys, in another place"
        )
        parser.add_argument(
            "--check", action="store_true", help="take none: read the last one again, each byte"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Take it, or check it, and say so in a line."""
        try:
            faults = self._check(options["folder"]) if options["check"] else self._take(options)
        except Trouble as trouble:
            raise CommandError(f"FAILED {trouble}", returncode=2) from trouble
        if faults:
            raise CommandError("\n".join(faults), returncode=1)

    def _take(self, options: dict[str, Any]) -> list[str]:
        done = taking.take(options["folder"], keys_in=options["keys"], keep=options["keep"])
        self.stdout.write(done.line())
        return done.manifest.faults

    def _check(self, folder: Path) -> list[str]:
        wanted = taking.latest(folder)
        faults = taking.check(wanted)
        self.stdout.write(f"{'DAMAGED' if faults else 'OK'} {wanted.name}: every file read again")
        return faults
