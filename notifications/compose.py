"""Writing a message: one row per recipient, single by its key, in the reader's language."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from notifications.catalogue import BY_KIND, Line
from notifications.models import Batch, Document, Message
from notifications.models.message import MessageState, Mode
from notifications.recipients import Recipient
from notifications.sealing import seal
from web import clock
from workflows.models import Event


@dataclass
class Draft:
    """What a message is about, beside its recipient."""

    kind: str
    key: str  # single, before the recipient's address is added
    values: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    call: Any = None
    dossier: Any = None
    event: Event | None = None
    documents: list[Document] = field(default_factory=list)
    due_at: datetime | None = None
    batch: Batch | None = None
    subject: str = ""  # instead of the catalogue's
    body: str = ""  # instead of the template's


def absolute(path: str) -> str:
    """A full address on this site."""
    return path if path.startswith("http") else f"{settings.SITE_URL}{path}"


def message_id(key: str) -> str:
    """A Message-ID that depends on the key alone: a second sending is the same message."""
    host = urlsplit(settings.SITE_URL).hostname or "jalon"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{host}>"


def in_language(code: str) -> Any:
    """The languages of the site from the short codes of people."""
    return translation.override("en" if code.startswith("en") else "fr-ca")


def one_line(text: str) -> str:
    """A header never holds a line break, whoever wrote the words."""
    return " ".join(text.split())[:200]


def write(draft: Draft, recipients: Iterable[Recipient]) -> list[Message]:
    """Write the rows of a message; those that exist already are left as they are. Returns the new ones."""
    line = BY_KIND[draft.kind]
    wanted = {f"{draft.key}:{one.email.lower()}"[:160]: one for one in recipients}
    known = set(Message.objects.filter(key__in=wanted).values_list("key", flat=True))
    rows = [_row(line, draft, key, one) for key, one in wanted.items() if key not in known]
    if not rows:
        return []
    with transaction.atomic():  # no message is ever seen without its documents, even if the worker dies here
        made = Message.objects.bulk_create(rows, ignore_conflicts=True)
        link = Message.documents.through
        link.objects.bulk_create(
            [
                link(message_id=pk, document_id=document.pk)
                for pk in Message.objects.filter(key__in=[row.key for row in rows]).values_list(
                    "pk", flat=True
                )
                for document in draft.documents
            ],
            ignore_conflicts=True,
        )
    return list(made)


def _row(line: Line, draft: Draft, key: str, to: Recipient) -> Message:
    """One message as it will leave."""
    now = clock.now()
    with in_language(to.language):
        values = {
            "number": draft.dossier.number if draft.dossier is not None else "",
            "name": to.name,
            "is_copy": to.is_copy,
            "call": draft.call,
            "dossier": draft.dossier,
            "url": absolute(draft.url) if draft.url else "",
            **draft.values,
        }
        subject = draft.subject or str(line.subject) % values
        body = draft.body or render_to_string(f"mail/{line.kind}.txt", values).strip() + "\n"
    secret = line.mode == Mode.SECRET
    return Message(
        key=key,
        kind=line.kind,
        mode=line.mode,
        state=MessageState.HELD if line.mode == Mode.HELD else MessageState.WAITING,
        call=draft.call,
        dossier=draft.dossier,
        event=draft.event,
        user=to.user,
        to_name=to.name,
        to_email=to.email,
        language=to.language,
        subject=one_line(subject),
        body="" if secret else body,
        sealed_body=seal(body) if secret else b"",
        message_id=message_id(key),
        created_at=now,
        due_at=draft.due_at or now,
        batch=draft.batch,
    )
