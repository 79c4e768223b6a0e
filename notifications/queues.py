"""The queues of this app, documents and messages: how their rows are read, woken and put back in line.

Kinds are coarse on purpose: how many letters of refusal wait tells what nobody may know before its instant.
"""

from __future__ import annotations

from functools import partial

from django.db.models import Case, CharField, Q, Value, When
from django.utils.translation import gettext_lazy as _

from notifications.models import Document, Message
from notifications.models.document import DocumentState
from notifications.models.message import MessageState, Mode
from web import clock, jobs, waking

wake = partial(waking.wake, "notifications.tasks.draw_and_send")

STOPPED = Q(batch__stopped_at__isnull=False)
GOING = Q(batch__isnull=True) | Q(batch__stopped_at__isnull=True)
RECEIPT, MINUTES = "L1", "PV"


def register() -> None:
    """Called once, when the site starts."""
    jobs.register(DOCUMENTS)
    jobs.register(MESSAGES)


def redraw(pk: int) -> bool:
    """Draw a parked document again."""
    parked = Document.objects.filter(pk=pk, state=DocumentState.PARKED)
    changed = parked.update(state=DocumentState.COMPOSED, tries=0, error="", lease_until=None)
    if changed:
        wake()
    return bool(changed)


def resend(pk: int) -> bool:
    """Put a parked message back in line; an uncertain one is for whoever runs its call to judge."""
    parked = Message.objects.filter(pk=pk, state=MessageState.PARKED)
    changed = parked.update(state=MessageState.WAITING, tries=0, error="", due_at=clock.now())
    if changed:
        wake()
    return bool(changed)


DOCUMENTS = jobs.Queue(
    "documents",
    _("Lettres et documents à dessiner"),
    Document,
    waiting=Q(state=DocumentState.COMPOSED, lease_until__isnull=True) & GOING,
    held=Q(state=DocumentState.COMPOSED, lease_until__isnull=True) & STOPPED,
    running=Q(state=DocumentState.COMPOSED, lease_until__isnull=False),
    failed=Q(state=DocumentState.PARKED),
    due="created_at",
    done="drawn_at",
    kind=Case(
        When(kind=RECEIPT, then=Value("receipt")),
        When(kind=MINUTES, then=Value("minutes")),
        default=Value("letter"),
        output_field=CharField(),
    ),
    kinds={"receipt": _("Accusés de réception"), "minutes": _("Procès-verbaux"), "letter": _("Lettres")},
    retry=redraw,
)
MESSAGES = jobs.Queue(
    "messages",
    _("Messages à envoyer"),
    Message,
    waiting=Q(state=MessageState.WAITING) & GOING,
    held=Q(state=MessageState.HELD) | (Q(state=MessageState.WAITING) & STOPPED),
    running=Q(state=MessageState.SENDING),
    failed=Q(state__in=[MessageState.PARKED, MessageState.UNCERTAIN]),
    due="due_at",
    done="sent_at",
    kind=Case(
        When(mode=Mode.SECRET, then=Value("secret")),
        When(kind__startswith="decision_L", then=Value("letter")),
        default=Value("other"),
        output_field=CharField(),
    ),
    kinds={"secret": _("Codes et liens de compte"), "letter": _("Lettres de décision"), "other": _("Autres")},
    retry=resend,
)
