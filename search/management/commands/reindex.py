"""`manage.py reindex`: read everything that can be found again."""

from __future__ import annotations

from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search import declare, feed, interface


class Command(BaseCommand):
    """Writes every declared document again and takes out what is gone."""

    help = (
        "Rebuild the search index (in the database, and outside where one is set); searches go on meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """One source, or all."""
        parser.add_argument(
            "sources", nargs="*", metavar="SOURCE", help="applications.Dossier …; all by default"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild and say how much."""
        for label in options["sources"] or [one.label for one in declare.sources()]:
            start = monotonic()
            written, gone = feed.rebuild(label)
            self.stdout.write(f"{label}: {written} written, {gone} dropped in {monotonic() - start:.1f} s.")
            if interface.outside() is None:
                continue
            start = monotonic()
            try:
                written = feed.rebuild_outside(label)
            except declare.Away as fault:
                raise CommandError(
                    f"{label}: the database is done, the index outside is not: {fault}"
                ) from fault
            self.stdout.write(f"{label}: {written} in a new index outside in {monotonic() - start:.1f} s.")
