"""Load a call from a folder of files, or a ready-made one by its name."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from grants.actions.calls import Options, load_call, loader
from grants.reading import BadCall, folder, read_source
from web.clock import EASTERN
from workflows.engine import Refused, fire


class Command(BaseCommand):
    """`manage.py load_call flin --code FLIN-2026 --publish`."""

    help = "Check and store a call from its files; the same files again change nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """The folder, and what is decided at the moment of loading."""
        parser.add_argument("path", help="a folder, or the name of a ready-made call")
        parser.add_argument("--code", default="", help="code of the call, instead of the one in the file")
        parser.add_argument("--today", type=date.fromisoformat, help="the day relative dates count from")
        parser.add_argument(
            "--closes", type=datetime.fromisoformat, help="closing (Eastern time); the rest follows"
        )
        parser.add_argument("--envelope", action="append", default=[], metavar="VOLET=DOLLARS")
        parser.add_argument("--reserve", action="append", default=[], metavar="NAME=DOLLARS")
        parser.add_argument("--publish", action="store_true", help="publish once stored")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, say what changed, publish when asked."""
        closes: datetime | None = options["closes"]
        given = Options(
            code=options["code"],
            today=options["today"],
            closes=closes if closes is None or closes.tzinfo else closes.replace(tzinfo=EASTERN),
            envelopes=_sums(options["envelope"]),
            reserves=_sums(options["reserve"]),
        )
        try:
            loaded = load_call(read_source(folder(options["path"])), options=given)
            call = loaded.call
            if options["publish"] and call.state == "draft":
                fire(call, "publish", actor=loader(), past=True)
        except BadCall as bad:
            raise CommandError("\n".join(bad.faults)) from bad
        except Refused as refused:
            raise CommandError("\n".join(refused.reasons)) from refused
        said = "created" if loaded.made else "new edition" if loaded.edition_changed else "unchanged"
        version = call.edition.version if call.edition else 0
        self.stdout.write(f"{call.code}: {said}, edition {version}, {call.state}")
        for name in loaded.letters_changed:
            self.stdout.write(f"  letter {name}: new version")
        if loaded.dates_kept and options["verbosity"] > 1:
            self.stdout.write("  published: its dates are kept")


def _sums(pairs: list[str]) -> dict[str, int]:
    """`UNIQUE=4000000` as a sum by name."""
    found: dict[str, int] = {}
    for pair in pairs:
        name, sep, amount = pair.partition("=")
        if not sep or not amount.isdigit():
            raise CommandError(f"{pair!r} is not NAME=DOLLARS")
        found[name] = int(amount)
    return found
