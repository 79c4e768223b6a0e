"""`manage.py import_directory`: show what the shipped directory would change, and apply it when told to."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from accounts import entries
from accounts.actions import directory
from accounts.registry import Difference
from workflows.actors import SystemActor

SHOWN = 40


class Command(BaseCommand):
    """Differences first; nothing is written without --apply."""

    help = "Show the differences between the shipped directory and the database; --apply writes them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--apply", action="store_true", help="write the differences")
        parser.add_argument(
            "--folder", type=Path, default=directory.FOLDER, help="another folder of the same files"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, show, apply."""
        found = directory.plan(options["folder"])
        self._show("region", found.regions, {})
        self._show("territory", found.territories, {})
        self._show("organisation", found.organisations, found.replaced)
        if not found:
            self.stdout.write("The directory is up to date.")
        elif options["apply"]:
            directory.apply(found, actor=SystemActor(entries.DIRECTORY))
            self.stdout.write(self.style.SUCCESS("Applied."))
        else:
            self.stdout.write("Nothing was written: run again with --apply.")

    def _show(self, noun: str, found: Difference, replaced: dict[str, str]) -> None:
        """Counts, then the first lines of each kind."""
        if not found:
            return
        self.stdout.write(
            f"{noun}: {len(found.added)} added, {len(found.changed)} changed, {len(found.gone)} gone"
        )
        for row in found.added[:SHOWN]:
            self.stdout.write(f"  + {row.get('scheme', noun)} {row['code']} {row['name']}")
        if len(found.added) > SHOWN:
            self.stdout.write(f"  + … and {len(found.added) - SHOWN} more")
        for change in found.changed:
            self.stdout.write(f"  ~ {' '.join(change.key)} {change.name}")
            for name, (before, after) in change.fields.items():
                self.stdout.write(f"      {name}: {before!r} -> {after!r}")
        for key in found.gone:
            heir = replaced.get(key[-1])
            self.stdout.write(f"  - {' '.join(key)}" + (f" (replaced by {heir})" if heir else ""))
