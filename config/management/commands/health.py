"""Health in a terminal and for containers: `manage.py health ready|work|all`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import probes

ASKED = {
    "ready": probes.READY,
    "work": probes.WORK_DONE,
    "all": (*probes.READY, *probes.WORK_DONE, *probes.AROUND),
}


class Command(BaseCommand):
    """One line a finding; it fails when something needed is not well."""

    help = "Says what is well: database, cache, tables, triggers (ready); messages consumed (work); all."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Which findings."""
        parser.add_argument("asked", nargs="?", choices=sorted(ASKED), default="all")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, tell, fail."""
        found = probes.look(ASKED[options["asked"]])
        for finding in found:
            figure = "" if finding.figure is None else f" {finding.figure}"
            with_ = f" ({finding.with_})" if finding.with_ else ""
            self.stdout.write(
                f"{'ok  ' if finding.well else 'NOT '} {finding.code}: {finding.said}{figure}{with_}"
            )
        if any(finding.needed and not finding.well for finding in found):
            raise CommandError("something needed is not well; `manage.py doctor` says how to mend it")
