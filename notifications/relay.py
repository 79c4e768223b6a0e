"""The relay: from an event of the engine to documents and messages. Both consumers may see an event twice."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.urls import reverse

from applications.models import Dossier
from grants.callpage import moved
from grants.lifecycle.decision import DecisionState
from grants.models import Decision
from notifications import drafting, minutes, recipients
from notifications.catalogue import BY_EVENT, BY_KIND, Line
from notifications.compose import Draft, write
from notifications.models import Batch, Document, Message
from notifications.models.document import DocumentState
from notifications.models.message import MessageState
from notifications.queues import wake
from web import clock
from workflows.models import Event

SIGNED, RELEASED = "grants.decision.sign", "grants.decision.release"
VOIDED = "grants.decision.void_line"
DECISIONS = {SIGNED, RELEASED, VOIDED}
LOCKED, MINUTED = "review.panel.lock", "review.meeting.sign"


def wants(event: Event) -> bool:
    """Whether any message or document follows from this event."""
    return event.verb in BY_EVENT or event.verb in DECISIONS or event.verb in (LOCKED, MINUTED)


def subject_of(event: Event) -> Any:
    """The row an event is about, or None when it is gone."""
    model: type[Model] = apps.get_model(event.subject_type)
    return model._base_manager.filter(pk=event.subject_id).first()


def handle(event: Event) -> None:
    """Write what follows from an event."""
    subject = subject_of(event)
    if subject is None:
        return
    if event.verb in DECISIONS:
        _decision(event, subject)
    if event.verb == LOCKED:
        minutes.for_panel(subject)
    if event.verb == MINUTED:
        minutes.for_panel(subject.panel)
    for line in BY_EVENT.get(event.verb, []):
        if line.when is None or line.when(subject, event):
            _message(line, event, subject)
    wake()


def _message(line: Line, event: Event, subject: Any) -> None:
    """One line of the catalogue for one event."""
    dossier = _dossier(subject)
    documents: list[Document] = []
    if line.letter and dossier is not None:
        document = drafting.for_event(line.letter, dossier, event)
        documents = [document] if document is not None else []
    to = line.to(subject, event) if line.to is not None else []
    batch = _batch(line, event, subject) if line.to_many and to else None
    draft = Draft(
        kind=line.kind,
        key=f"{line.kind}:{event.pk}",
        url=reverse(line.url_name, args=[subject.pk]) if line.url_name else _url(subject),
        call=_call(subject),
        dossier=dossier,
        event=event,
        documents=documents,
        values={"subject": subject, "words": event.words, "moved": partial(moved, event)},
        batch=batch,
    )
    write(draft, to)
    if batch is not None:
        Batch.objects.filter(pk=batch.pk).update(total=Message.objects.filter(batch=batch).count())


def _dossier(subject: Any) -> Any:
    """The dossier that a row is, or is about; an award knows its own by the key alone."""
    if subject._meta.label == "applications.Dossier":
        return subject
    if subject._meta.label == "grants.Award":
        return Dossier.objects.select_related("call__programme", "volet").get(pk=subject.dossier_id)
    return getattr(subject, "dossier", None)


def _batch(line: Line, event: Event, call: Any) -> Batch:
    """What staff read and release as one: a message of this event to everybody of the call."""
    made, _new = Batch.objects.get_or_create(
        key=f"{line.kind}:{event.pk}",
        defaults={"call": call, "kind": line.kind, "created_at": clock.now()},
    )
    return made


def _url(subject: Any) -> str:
    """The page that a message about this row leads to."""
    return drafting.address_of(subject)


def _call(subject: Any) -> Any:
    if subject._meta.label == "grants.Call":
        return subject
    call = getattr(subject, "call", None)
    if call is None and getattr(subject, "panel", None) is not None:
        call = subject.panel.call
    return call


# --- letters of a decision ------------------------------------------------------------------------
def _decision(event: Event, decision: Decision) -> None:
    if event.verb == SIGNED:
        compose_letters(decision)
        if decision.state == DecisionState.RELEASED:  # the release was read before the signature
            release_letters(decision)
        if decision.supersedes is not None:
            void_letters(decision.supersedes)
    elif event.verb == RELEASED:
        release_letters(decision)
    else:
        void_letters(decision)


def compose_letters(decision: Decision) -> Batch:
    """Compose the letter of every line that stands, held in the outbox until the decision is released."""
    batch, _made = Batch.objects.get_or_create(
        key=f"decision:{decision.pk}:letters",
        defaults={"call": decision.call, "kind": "letters", "created_at": clock.now()},
    )
    lines = list(decision.lines.filter(voided_at__isnull=True))
    for line in lines:
        kind = drafting.LETTER_OF_OUTCOME[line.outcome]
        document = drafting.for_line(kind, line, decision, batch)
        catalogue = BY_KIND[f"decision_{kind}"]
        write(
            Draft(
                kind=catalogue.kind,
                key=f"line:{line.pk}:{kind}",
                url=drafting.address_of(document.dossier),
                call=decision.call,
                dossier=document.dossier,
                documents=[document],
                due_at=decision.letters_at,
                batch=batch,
            ),
            recipients.letter_people(document.dossier, Event()),
        )
    Batch.objects.filter(pk=batch.pk).update(total=Message.objects.filter(batch=batch).count())
    return batch


def release_letters(decision: Decision) -> None:
    """The held letters of a released decision may leave from its instant on."""
    Message.objects.filter(batch__key=f"decision:{decision.pk}:letters", state=MessageState.HELD).update(
        state=MessageState.WAITING, released_at=clock.now(), due_at=decision.letters_at
    )


def void_letters(decision: Decision) -> None:
    """Letters of lines that were voided never leave."""
    voided = decision.lines.filter(voided_at__isnull=False)
    documents = Document.objects.filter(
        line_id__in=list(voided.values_list("pk", flat=True)), left_at__isnull=True
    )
    Message.objects.filter(
        documents__in=documents, state__in=[MessageState.HELD, MessageState.WAITING, MessageState.PARKED]
    ).update(state=MessageState.CANCELLED)
    documents.update(state=DocumentState.VOID)
