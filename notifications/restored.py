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
from django.utils.translation import gettext as _

from notifications.models import Batch, Document, Message
from notifications.models.document import DocumentState
from notifications.models.message import MessageState, Mode
from web import clock
from workflows.engine import Refused, record, unit

MARK = "restored"
UNSURE = Q(state=MessageState.UNCERTAIN, error=MARK)
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


# --- what a person settles ----------------------------------------------------------------------------------
def had_left(rows: Any, about: Message | Batch, *, actor: Any) -> int:
    """Somebody knows that uncertain messages had left: they are marked as sent; Refused when none is uncertain."""
    with unit():
        count = mark_sent(rows.filter(state=MessageState.UNCERTAIN))
        if not count:
            raise Refused([_("Aucun de ces messages n’est incertain.")])
        record(about, "had_left", actor=actor, count=count)
    return count


def send_again(batch: Batch, *, actor: Any) -> int:
    """Somebody knows that what a restore held had not left: it leaves now."""
    with unit():
        rows = Message.objects.filter(UNSURE, batch=batch)
        count = rows.update(state=MessageState.WAITING, tries=0, due_at=clock.now(), error="")
        if not count:
            raise Refused([_("Aucun de ces messages n’est incertain.")])
        record(batch, "send_again", actor=actor, count=count)
    return int(count)


def words(state: str) -> str:
    """What the outbox says of a message that a restore held."""
    if state == MessageState.UNCERTAIN:
        return _(
            "Le site a été restauré d’une sauvegarde : ce message devait partir et il est peut-être parti entre-temps. "
            "Vérifiez, puis reprenez-le ou notez qu’il était parti."
        )
    if state == MessageState.HELD:
        return _(
            "Le site a été restauré d’une sauvegarde : ce message a pu être libéré et partir entre-temps. "
            "Vérifiez avant de le libérer."
        )
    return _("Écarté à la restauration d’une sauvegarde.")
