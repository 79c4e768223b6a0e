from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from workflows.trail import chain_codes, verify_chain


class Command(BaseCommand):
    """Verify every chain."""

    help = "Verify the chains of events: 0 when all are whole, 1 when one is not."

    def add_arguments(self, parser: CommandParser) -> None:
        """All chains, or some."""
        parser.add_argument("codes", nargs="*", help="chains to verify (all of them by default)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify each chain and say what was found."""
        whole = True
        for code in options["codes"] or chain_codes():
            result = verify_chain(code)
            if result["ok"]:
                self.stdout.write(f"{code}: {result['events']} events, head {result['head']}")
            else:
                whole = False
                self.stdout.write(f"{code}: line {result['line']} {result['fault']}")
        if not whole:
            sys.exit(1)
