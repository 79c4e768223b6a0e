"""Acts on messages and batches: release what is held, retry one, stop and go on, write to all applicants."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from applications.models import Dossier
from grants.models import Call
from notifications import recipients
from notifications.compose import Draft, write
from notifications.models import Batch, Document, Message
from notifications.models.document import DocumentState
from notifications.models.message import MessageState, Mode
from notifications.queues import wake
from web import clock
from workflows.engine import Refused, record, unit
from workflows.models import Event

RETRIED = (MessageState.PARKED, MessageState.UNCERTAIN)


def release(messages: Any, *, actor: Any) -> int:
    """Let held messages leave; letters of a decision leave with its own release, never from here.

    Raises Refused when nothing of what was asked is held.
    """
    held = messages.filter(state=MessageState.HELD, mode=Mode.HELD).exclude(kind__startswith="decision_")
    rows = list(held.select_related("call"))
    if not rows:
        raise Refused([_("Aucun de ces messages n’attend d’être libéré.")])
    now = clock.now()
    with unit():
        count = held.update(state=MessageState.WAITING, released_at=now, released_by=actor, due_at=now)
        for row in rows:
            record(row, "release", actor=actor, kind=row.kind)
    return int(count)


def retry(message: Message, *, actor: Any) -> None:
    """Send one item again: parked, or uncertain and judged not received by whoever asks."""
    with unit():
        changed = Message.objects.filter(pk=message.pk, state__in=RETRIED).update(
            state=MessageState.WAITING, tries=0, due_at=clock.now(), error=""
        )
        if not changed:
            raise Refused([_("Ce message n’est pas en panne : rien à reprendre.")])
        record(message, "retry", actor=actor, kind=message.kind)
    wake()


def retry_failed(batch: Batch, *, actor: Any) -> int:
    """Put everything of a batch that failed back in line: messages and documents, never what is uncertain."""
    now = clock.now()
    with unit():
        drawn = Document.objects.filter(batch=batch, state=DocumentState.PARKED).update(
            state=DocumentState.COMPOSED, tries=0, error="", lease_until=None
        )
        sent = Message.objects.filter(batch=batch, state=MessageState.PARKED).update(
            state=MessageState.WAITING, tries=0, error="", due_at=now
        )
        if not drawn + sent:
            raise Refused([_("Rien de cet envoi n’est en panne.")])
        record(batch, "retry", actor=actor, messages=sent, documents=drawn)
    wake()
    return int(drawn + sent)


def redraw(document: Document, *, actor: Any) -> None:
    """Draw a parked document again."""
    with unit():
        changed = Document.objects.filter(pk=document.pk, state=DocumentState.PARKED).update(
            state=DocumentState.COMPOSED, tries=0, error="", lease_until=None
        )
        if not changed:
            raise Refused([_("Ce document n’est pas en panne : rien à reprendre.")])
        record(document, "redraw", actor=actor, kind=document.kind)


def stop(batch: Batch, *, actor: Any) -> None:
    """Hold back what has not left yet."""
    with unit():
        if not Batch.objects.filter(pk=batch.pk, stopped_at__isnull=True).update(stopped_at=clock.now()):
            raise Refused([_("Cet envoi est déjà arrêté.")])
        record(batch, "stop", actor=actor)


def go_on(batch: Batch, *, actor: Any) -> None:
    """Let a stopped batch go on."""
    with unit():
        if not Batch.objects.filter(pk=batch.pk, stopped_at__isnull=False).update(stopped_at=None):
            raise Refused([_("Cet envoi n’est pas arrêté.")])
        record(batch, "go_on", actor=actor)
    wake()


def write_to_applicants(call: Call, subject: str, body: str, key: str, *, actor: Any) -> Batch:
    """Write one message to the people of every filed dossier of a call that is not withdrawn; held until released."""
    reasons = []
    if not subject.strip():
        reasons.append(_("Indiquez l’objet du message."))
    if not body.strip():
        reasons.append(_("Écrivez le message."))
    if reasons:
        raise Refused(reasons)
    with unit():
        batch, made = Batch.objects.get_or_create(
            key=f"applicants:{call.pk}:{key}",
            defaults={"call": call, "kind": "to_applicants", "created_at": clock.now(), "created_by": actor},
        )
        if not made:
            return batch
        for dossier in Dossier.objects.filter(call=call).exclude(state__in=["draft", "withdrawn"]):
            draft = Draft(
                kind="to_applicants",
                key=f"applicants:{call.pk}:{key}:{dossier.pk}",
                call=call,
                dossier=dossier,
                subject=subject.strip(),
                body=body.strip() + "\n",
                batch=batch,
            )
            write(draft, recipients.lead_people(dossier, Event()))
        batch.total = Message.objects.filter(batch=batch).count()
        batch.save(update_fields=["total"])
        record(batch, "write", actor=actor, call=call.code, total=batch.total)
    return batch
