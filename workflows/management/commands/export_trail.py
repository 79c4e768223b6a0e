from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.trail import lines_of, texts_of


class Command(BaseCommand):
    """Export one chain."""

    help = "Write a chain of events as JSON lines, exactly as they were hashed."

    def add_arguments(self, parser: CommandParser) -> None:
        """The chain, and where its personal words go if they are wanted."""
        parser.add_argument("code", help="code of the chain: a call's, or « site »")
        parser.add_argument(
            "--texts", metavar="FILE", help="also write salts and personal words to this file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Stream the lines to standard output."""
        count = 0
        for line in lines_of(options["code"]):
            self.stdout.write(line)
            count += 1
        if not count:
            raise CommandError(f"There is no chain {options['code']!r}.")
        if options["texts"]:
            with Path(options["texts"]).open("w", encoding="utf-8", newline="\n") as side:
                for n, salt, text in texts_of(options["code"]):
                    words = {"n": n, "salt": salt.hex(), "text": text}
                    side.write(json.dumps(words, ensure_ascii=False) + "\n")
