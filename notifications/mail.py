"""Sending: claim a row, send, mark. What a mail server never answered is uncertain, shown, not repeated."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import InterfaceError, OperationalError, connection

from accounts.models import User
from applications.models import Body, Dossier
from grants.models import DecisionLine
from notifications import smtp
from notifications.models import Document, Message
from notifications.models.document import DocumentState
from notifications.models.message import MessageState, Mode
from notifications.queues import GOING
from notifications.sealing import unseal
from notifications.storage import read_pdf
from review.models import Recusal
from web import clock

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
TRIES = 6
PATIENCE = 30  # seconds given to a database that went away, to write that a message left
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=10)  # for a server that is away
TO_REVIEWERS = ("assignment", "sheet_reminder")
INTERRUPTED = "Interrupted"


class Away(Exception):
    """The mail server does not take a conversation; every message would meet the same."""


class Lost(Exception):
    """The claim on this message is not ours any more: another worker, or the clock, has judged it."""


def send_due(limit: int = 100) -> int:
    """Send what is due, one row at a time; returns how many left. A server that is away ends the round."""
    settle_interrupted()
    sent = 0
    for pk in _due(limit):
        try:
            sent += send_one(pk)
        except Away:
            break
    return sent


def _due(limit: int) -> list[int]:
    now = clock.now()
    rows = Message.objects.filter(state=MessageState.WAITING, due_at__lte=now)
    return list(rows.filter(GOING).order_by("due_at", "id").values_list("pk", flat=True)[:limit])


def settle_interrupted() -> int:
    """Rows whose worker died while sending: sent again when nobody has them, else uncertain."""
    late = Message.objects.filter(state=MessageState.SENDING, lease_until__lt=clock.now())
    again = late if getattr(get_connection(), "is_idempotent", False) else late.filter(handed_at__isnull=True)
    count = again.update(state=MessageState.WAITING, lease_until=None, error=INTERRUPTED)
    return count + late.update(state=MessageState.UNCERTAIN, lease_until=None, error=INTERRUPTED)


def send_one(pk: int) -> int:
    """Claim one message and send it; 1 when it left now, 0 otherwise."""
    now = clock.now()
    waiting = Message.objects.filter(GOING, pk=pk, state=MessageState.WAITING, due_at__lte=now)
    claimed = Message.objects.filter(pk__in=waiting.values("pk"), state=MessageState.WAITING).update(
        state=MessageState.SENDING, lease_until=now + LEASE, handed_at=None
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
    if _has_left(message.user, message.dossier_id):
        return True
    return not Dossier.objects.visible_to(message.user).filter(pk=message.dossier_id).exists()


def _has_left(user: User, dossier: int) -> bool:
    """A copy for the people of a partner that left since it was written."""
    mine = Body.objects.filter(
        dossier_id=dossier,
        organisation__memberships__user=user,
        organisation__memberships__status__in=("claimed", "confirmed"),
    )
    gone = list(mine.values_list("left_at", flat=True))
    return bool(gone) and all(gone)


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
    mine = Message.objects.filter(pk=message.pk, state=MessageState.SENDING, lease_until=message.lease_until)
    handed = False

    def before_end() -> None:
        nonlocal handed
        if not mine.update(handed_at=clock.now()):
            raise Lost
        handed = True

    try:
        _converse(_written(message, documents), before_end)
    except Lost:
        return 0
    except Away as away:
        if handed:
            said = _uncertain(away)
            _patiently(lambda: mine.update(**said))
        else:
            _wait_for_server(mine, message, away)
        raise
    except Exception as error:  # a refused or broken item parks alone, the batch goes on
        if handed and not smtp.is_answer(error):
            said = _uncertain(error)
            _patiently(lambda: mine.update(**said))
            raise Away from error  # the next message would only meet the same silence
        _retry_later(mine, message, error)
        if not smtp.is_answer(error) and isinstance(error, OSError):
            raise Away from error  # it fell silent: the others wait for the next round
        return 0
    now = clock.now()
    left = {"state": MessageState.SENT, "sent_at": now, "lease_until": None, "error": "", "sealed_body": b""}
    keys = [document.pk for document in documents]
    _patiently(lambda: mine.update(**left))
    _patiently(lambda: Document.objects.filter(pk__in=keys, left_at__isnull=True).update(left_at=now))
    return 1


def _uncertain(error: BaseException) -> dict[str, Any]:
    """Handed over, and no answer came: shown, and left to whoever runs the call."""
    fault = error.__cause__ if isinstance(error, Away) and error.__cause__ else error
    return {"state": MessageState.UNCERTAIN, "lease_until": None, "error": smtp.named(fault)}


def _written(message: Message, documents: list[Document]) -> EmailMessage:
    """The message as the server receives it."""
    secret = message.mode == Mode.SECRET
    mail = EmailMessage(
        subject=message.subject,
        body=unseal(bytes(message.sealed_body)) if secret else message.body,
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
    return mail


def _converse(mail: EmailMessage, before_end: Callable[[], None]) -> None:
    """One conversation with the server; Away when it takes none. A farewell that fails changes nothing."""
    line: Any = get_connection()
    line.before_end = before_end
    try:
        line.open()
    except OSError as fault:
        raise Away from fault
    if not hasattr(
        type(line), "before_end"
    ):  # a backend that does not tell may have handed it over at any moment
        before_end()
    try:
        line.send_messages([mail])
    except TimeoutError as fault:
        raise Away from fault
    finally:
        with suppress(OSError):
            line.close()


def _patiently(write: Callable[[], Any]) -> None:
    """Write what the server answered; a database that went away is waited for, so that nothing is in doubt."""
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            write()
            return
        except (OperationalError, InterfaceError):
            if time.monotonic() > limit or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(0.5)


def _wait_for_server(mine: Any, message: Message, away: Away) -> None:
    """Back in line, later and later; a server that is away parks nothing."""
    fault = away.__cause__ or away
    pause = min(FIRST_WAIT * 2 ** min(message.tries, 6), LONGEST_WAIT)
    log.warning("the mail server is away (%s)", smtp.named(fault))
    mine.update(
        state=MessageState.WAITING,
        tries=min(message.tries + 1, TRIES),
        lease_until=None,
        due_at=clock.now() + pause,
        error=smtp.named(fault),
    )


def _retry_later(mine: Any, message: Message, error: Exception) -> None:
    """Back off, then park; refused for good, park at once. The fault is named without any word of the message."""
    tries = message.tries + 1
    log.warning("message %s not sent (%s), try %s", message.pk, smtp.named(error), tries)
    mine.update(
        state=MessageState.PARKED if tries >= TRIES or smtp.is_final(error) else MessageState.WAITING,
        tries=tries,
        lease_until=None,
        handed_at=None,
        due_at=clock.now() + timedelta(seconds=min(3600, 15 * 4**tries)),
        error=smtp.named(error),
    )
