"""A mail server for tests of faults: `python bench/mail_server.py PORT LOG [--manner MANNER]`.

It notes each message that was handed over whole (one JSON line, before it answers), then answers in its manner:
`takes`, `hangs` (never greets), `hangs-rcpt`, `late` (answers after a while), `drops` (cuts after the message),
`silent` (never answers after the message), `refuses-4xx`, `refuses-5xx`, `refuses-rcpt`, `mixed` (by address:
hang@…, late@…, drop@…, silent@…, 4xx@…, 5xx@…, rcpt@…; others are taken).
"""

from __future__ import annotations

import argparse
import asyncio
import email
import email.policy
import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

LATE = 1.0
FOR_EVER = 3600.0


class Handler:
    """Answers in a manner."""

    def __init__(self, log: Path, manner: str) -> None:
        self.log, self.manner = log, manner

    def manner_of(self, address: str) -> str:
        """What happens to a message to this address."""
        return address.partition("@")[0].rstrip("0123456789") if self.manner == "mixed" else self.manner

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """An address."""
        manner = self.manner_of(address)
        if manner in ("hang", "hangs-rcpt"):
            await asyncio.sleep(FOR_EVER)
        if manner in ("rcpt", "refuses-rcpt"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """A whole message: noted on the disk, then answered."""
        manner = self.manner_of(envelope.rcpt_tos[0])
        if manner in ("4xx", "refuses-4xx"):
            return "451 4.3.0 try again later"
        if manner in ("5xx", "refuses-5xx"):
            return "554 5.7.1 not wanted"
        self.note(envelope)
        if manner in ("late",):
            await asyncio.sleep(LATE)
        if manner in ("silent",):
            await asyncio.sleep(FOR_EVER)
        if manner in ("drop", "drops"):
            server.transport.abort()
        return "250 taken"

    def note(self, envelope: Any) -> None:
        """One line, on the disk before anybody is told."""
        message: Any = email.message_from_bytes(envelope.content, policy=email.policy.default)
        files = [part.get_payload(decode=True) for part in message.iter_attachments()]
        said = {
            "id": str(message["Message-ID"]).strip(),
            "to": envelope.rcpt_tos[0],
            "at": time.time(),
            "files": [hashlib.sha256(data or b"").hexdigest() for data in files],
        }
        with self.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(said) + "\n")
            log.flush()
            os.fsync(log.fileno())


async def serve(port: int, handler: Handler) -> None:
    """Listen for ever."""
    loop = asyncio.get_running_loop()

    def talk() -> asyncio.Protocol:
        if handler.manner == "hangs":
            return asyncio.Protocol()
        return SMTP(handler, hostname="mail.example", data_size_limit=40_000_000)

    listening = await loop.create_server(talk, "127.0.0.1", port)
    async with listening:
        await listening.serve_forever()


def main() -> None:
    """Read the command and serve."""
    parser = argparse.ArgumentParser(description="A mail server for tests of faults.")
    parser.add_argument("port", type=int)
    parser.add_argument("log", type=Path)
    parser.add_argument("--manner", default="takes")
    asked = parser.parse_args()
    asyncio.run(serve(asked.port, Handler(asked.log, asked.manner)))


if __name__ == "__main__":
    main()
