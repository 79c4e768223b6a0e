"""After a restore: what was due may have left in the lost hours, and nobody here knows; so it waits for a person.

What was marked as sent stays sent. What was due or in flight becomes uncertain, with the mark `restored`: shown in the
outbox, where a person sends it or says that it had left. Secret messages are dropped: their links and codes are dead.
A mail server's log tells which ones left: `manage.py mark_sent LOG`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from notifications.models import Batch, Document, Message
from notifications.models.document import DocumentState
from notifications.models.message import MessageState, Mode
from web import clock

MARK = "restored"
ID = re.compile(r"<[^<>\s]{1,190}>")


@dataclass
class Holding:
    """What was held, by number."""

    uncertain: int = 0
    noted: int = 0
    secrets: int = 0
    nobodys: int = 0

    def __add__(self, other: Holding) -> Holding:
        return Holding(
            self.uncertain + other.uncertain,
            self.noted + other.noted,
            self.secrets + other.secrets,
            self.nobodys + other.nobodys,
        )


def hold() -> Holding:
    """Hold every message that was due or in flight; nothing leaves after this that may have left before.

    A message whose instant has not come was never sent, and leaves at its instant.
    """
    told = Holding()
    waiting = Message.objects.filter(
        state__in=[MessageState.HELD, MessageState.WAITING, MessageState.SENDING]
    )
    due = Q(state=MessageState.SENDING) | Q(state=MessageState.WAITING) & (
        Q(due_at__lte=clock.now()) | Q(tries__gt=0)
    )
    secret = Message.objects.filter(mode=Mode.SECRET).exclude(
        state__in=[MessageState.SENT, MessageState.CANCELLED]
    )
    told.secrets = secret.update(state=MessageState.CANCELLED, sealed_body=b"", lease_until=None, error=MARK)
    told.nobodys = waiting.filter(due, call__isnull=True).update(
        state=MessageState.CANCELLED, lease_until=None, error=MARK
    )
    told.uncertain = waiting.filter(due).update(state=MessageState.UNCERTAIN, lease_until=None, error=MARK)
    told.noted = waiting.filter(state=MessageState.HELD).exclude(error=MARK).update(error=MARK)
    Document.objects.filter(state=DocumentState.COMPOSED).update(lease_until=None)
    return told


def mark_sent(rows: Any) -> int:
    """Say that messages left before the loss, with the letters they carried."""
    now, keys = clock.now(), list(rows.values_list("pk", flat=True))
    open_states = [MessageState.HELD, MessageState.WAITING, MessageState.UNCERTAIN, MessageState.PARKED]
    changed = Message.objects.filter(pk__in=keys, state__in=open_states).update(
        state=MessageState.SENT, sent_at=now, lease_until=None, error="", sealed_body=b""
    )
    carried = Document.objects.filter(messages__in=keys, left_at__isnull=True)
    Document.objects.filter(pk__in=list(carried.values_list("pk", flat=True))).update(left_at=now)
    return changed


def mark_by_log(lines: Iterable[str]) -> int:
    """Mark as sent the held messages whose Message-ID stands in the log of a mail server; how many."""
    marked, some = 0, set[str]()
    for line in lines:
        some.update(ID.findall(line))
        if len(some) >= 500:
            marked += _mark(some)
            some = set()
    return marked + (_mark(some) if some else 0)


def _mark(ids: set[str]) -> int:
    return mark_sent(Message.objects.filter(message_id__in=ids, error=MARK))


def held_of(batch: Batch) -> Any:
    """The messages of a batch that a restore made uncertain."""
    return Message.objects.filter(batch=batch, state=MessageState.UNCERTAIN, error=MARK)
