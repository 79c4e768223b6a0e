"""Sending: claim a row, send, mark. What a mail server never answered is uncertain, shown, not repeated."""

from __future__ import annotations

import logging
import smtplib
from datetime import timedelta
from email.utils import format_datetime

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import Q

from applications.models import Dossier
from grants.models import DecisionLine
from notifications.models import Document, Message
from notifications.models.document import DocumentState
from notifications.models.message import MessageState, Mode
from notifications.sealing import unseal
from notifications.storage import read_pdf
from review.models import Recusal
from web import clock

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
TRIES = 6
TO_REVIEWERS = ("assignment", "sheet_reminder")


def send_due(limit: int = 100) -> int:
    """Send what is due, one row at a time; returns how many left."""
    settle_interrupted()
    sent = 0
    for pk in _due(limit):
        sent += send_one(pk)
    return sent


def _due(limit: int) -> list[int]:
    now = clock.now()
    rows = Message.objects.filter(state=MessageState.WAITING, due_at__lte=now)
    rows = rows.filter(Q(batch__isnull=True) | Q(batch__stopped_at__isnull=True))
    return list(rows.order_by("due_at", "id").values_list("pk", flat=True)[:limit])


def settle_interrupted() -> int:
    """Rows whose worker died while sending: sent again where that cannot double, else uncertain."""
    again = getattr(get_connection(), "is_idempotent", False)
    late = Message.objects.filter(state=MessageState.SENDING, lease_until__lt=clock.now())
    state = MessageState.WAITING if again else MessageState.UNCERTAIN
    return late.update(state=state, lease_until=None, error="" if again else "interrupted while sending")


def send_one(pk: int) -> int:
    """Claim one message and send it; 1 when it left now, 0 otherwise."""
    now = clock.now()
    going = Q(batch__isnull=True) | Q(batch__stopped_at__isnull=True)
    waiting = Message.objects.filter(going, pk=pk, state=MessageState.WAITING, due_at__lte=now)
    claimed = Message.objects.filter(pk__in=waiting.values("pk"), state=MessageState.WAITING).update(
        state=MessageState.SENDING, lease_until=now + LEASE
    )
    if not claimed:
        return 0
    message = Message.objects.select_related("call", "user").get(pk=pk)
    documents = list(message.documents.all())
    verdict = "void" if _is_shut_out(message) else _may_leave(documents)
    if verdict == "void":
        Message.objects.filter(pk=pk).update(state=MessageState.CANCELLED, lease_until=None, sealed_body=b"")
        return 0
    if verdict == "later":
        Message.objects.filter(pk=pk).update(
            state=MessageState.WAITING, lease_until=None, due_at=now + timedelta(seconds=20)
        )
        return 0
    return _deliver(message, documents)


def _is_shut_out(message: Message) -> bool:
    """The right to read it went since it was written: account suspended, mandate ended, reviewer recused."""
    if message.user is None:
        return False
    if not message.user.is_active:
        return True
    if message.dossier_id is None:
        return False
    if message.kind in TO_REVIEWERS:
        shut = Recusal.objects.filter(
            dossier_id=message.dossier_id, user=message.user, lifted_at__isnull=True
        )
        return shut.exists()
    return not Dossier.objects.visible_to(message.user).filter(pk=message.dossier_id).exists()


def _may_leave(documents: list[Document]) -> str:
    """« now », « later » (PDF not drawn, line not carried out yet) or « void » (its line was voided)."""
    answer = "now"
    for document in documents:
        if document.state == DocumentState.VOID:
            return "void"
        if document.line_id is not None:
            line = DecisionLine.objects.select_related("decision").get(pk=document.line_id)
            if line.voided_at is not None:
                return "void"
            if line.executed_at is None or line.decision.letters_at > clock.now():
                answer = "later"
        if document.state != DocumentState.DRAWN:
            answer = "later"
    return answer


def _deliver(message: Message, documents: list[Document]) -> int:
    """Hand the message to the mail server and mark what it answered."""
    secret = message.mode == Mode.SECRET
    row = Message.objects.filter(pk=message.pk, state=MessageState.SENDING)
    try:
        body = unseal(bytes(message.sealed_body)) if secret else message.body
        mail = EmailMessage(
            subject=message.subject,
            body=body,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[message.to_email],
            headers={
                "Message-ID": message.message_id,
                "Date": format_datetime(clock.now()),
                "Auto-Submitted": "auto-generated",
            },
        )
        for document in documents:
            mail.attach(f"{document.kind}-{document.dossier_id}.pdf", read_pdf(document), "application/pdf")
        mail.send()
    except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
        row.update(state=MessageState.UNCERTAIN, lease_until=None, error=type(error).__name__)
        return 0
    except Exception as error:  # noqa: BLE001 a refused or broken item parks alone, the batch goes on
        _retry_later(message, error)
        return 0
    now = clock.now()
    row.update(state=MessageState.SENT, sent_at=now, lease_until=None, error="", sealed_body=b"")
    for document in documents:
        Document.objects.filter(pk=document.pk, left_at__isnull=True).update(left_at=now)
    return 1


def _retry_later(message: Message, error: Exception) -> None:
    """Back off, then park; the error is named without any word of the message."""
    tries = message.tries + 1
    log.warning("message %s not sent (%s), try %s", message.pk, type(error).__name__, tries)
    Message.objects.filter(pk=message.pk).update(
        state=MessageState.PARKED if tries >= TRIES else MessageState.WAITING,
        tries=tries,
        lease_until=None,
        due_at=clock.now() + timedelta(seconds=min(3600, 15 * 4**tries)),
        error=type(error).__name__
        if message.mode == Mode.SECRET
        else f"{type(error).__name__}: {error}"[:500],
    )
