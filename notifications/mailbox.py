"""The local mailbox: a mail backend that keeps each message in a file of its own, once per Message-ID.

It is the default where no mail server is set (demo, tests): writing the same Message-ID twice leaves one file,
so a worker that dies between sending and marking may send again without doubling anything.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import os
import tempfile
from collections.abc import Iterable
from datetime import datetime
from email.message import EmailMessage as ParsedMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

HEAD = 4096  # bytes of a file that hold its headers


def folder() -> Path:
    """Where the messages are kept."""
    return Path(settings.EMAIL_FILE_PATH)


def _name(message_id: str) -> str:
    return hashlib.sha256(message_id.encode()).hexdigest()[:40] + ".eml"


class MailboxBackend(BaseEmailBackend):
    """Writes each message once, atomically."""

    is_idempotent = True

    def send_messages(self, email_messages: Iterable[EmailMessage]) -> int:
        """Write the messages; a file that is already there counts as sent."""
        sent = 0
        folder().mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            parsed = message.message()
            target = folder() / _name(str(parsed["Message-ID"]))
            if not target.exists():
                handle, temporary = tempfile.mkstemp(dir=folder(), suffix=".part")
                with os.fdopen(handle, "wb") as out:
                    out.write(parsed.as_bytes())
                Path(temporary).replace(target)
            sent += 1
        return sent


def received(address: str) -> list[tuple[str, ParsedMessage]]:
    """Messages to this address, newest first, as (name, message); only their heads are read of the others."""
    if not folder().is_dir():
        return []
    wanted = address.lower()
    found: list[tuple[datetime, str, ParsedMessage]] = []
    for path in folder().glob("*.eml"):
        with path.open("rb") as opened:
            start = opened.read(HEAD)
        if wanted.encode() not in start.lower():
            continue
        head = email.message_from_bytes(start, policy=email.policy.default)
        if wanted not in str(head["To"]).lower():
            continue
        message = read(path.stem)
        if message is not None:
            found.append((parsedate_to_datetime(str(head["Date"])), path.stem, message))
    found.sort(key=lambda entry: (entry[0], entry[1]), reverse=True)
    return [(name, message) for _, name, message in found]


def read(name: str) -> ParsedMessage | None:
    """One message by its name, or None."""
    if not name.isalnum():
        return None
    path = folder() / f"{name}.eml"
    if not path.is_file():
        return None
    parsed: Any = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return parsed if isinstance(parsed, ParsedMessage) else None
