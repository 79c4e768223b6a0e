"""`manage.py seed_demo`: the story of the demonstration, or a large set; never on a database with real data."""

from __future__ import annotations

from datetime import date
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from notifications.seeding import guard, rounds, story, volume
from web import clock


class Command(BaseCommand):
    """Fictional dossiers on the official directory."""

    help = "Write the fictional dossiers of the demonstration, or N of them fast (--dossiers N)."

    def add_arguments(self, parser: CommandParser) -> None:
        """The day the dates are counted from, and the size."""
        parser.add_argument("--today", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD")
        parser.add_argument("--dossiers", type=int, default=0, metavar="N", help="a large set instead")
        parser.add_argument(
            "--call", default="flin", metavar="NAME", help="the ready-made call of a large set"
        )
        parser.add_argument("--small", action="store_true", help="the story with small rounds")
        parser.add_argument("--seed", type=int, default=story.SEED, metavar="S")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse or do, and say how long it took."""
        given: Any = options["today"] or clock.today()
        today = date.fromisoformat(str(given))  # `call_command` gives a text, the command line a date
        fault = guard.against(large=bool(options["dossiers"]))
        if fault:
            raise CommandError(fault)
        start = monotonic()
        if options["dossiers"]:
            told = volume.write(options["dossiers"], today, seed=options["seed"], ready=options["call"])
            self.stdout.write(f"{told} dossiers in {monotonic() - start:.0f} s.")
            return
        size = rounds.SMALL if options["small"] else rounds.FULL
        done = story.live(today, seed=options["seed"], size=size)
        self.stdout.write(
            f"Calls {', '.join(done.calls)}: {done.steps} steps in {monotonic() - start:.0f} s."
        )
