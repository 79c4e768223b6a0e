"""Events in plain words: each verb has its label, and says who may read it in a timeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from workflows.actors import system_actor_label
from workflows.lifecycle import Subject, verbs_of
from workflows.models import Event
from workflows.schema import Face

Audience: TypeAlias = Literal["staff", "applicant", "all"]
Words: TypeAlias = object | Callable[[Event], object]


@dataclass(frozen=True)
class Declared:
    """How an event is told."""

    verb: str
    label: Words
    applicant_label: Words | None
    audience: Audience
    shows_text: bool


@dataclass(frozen=True)
class Row:
    """One line of a timeline."""

    at: datetime
    verb: str
    label: str
    who: str
    text: str
    event: Event


_declared: dict[str, Declared] = {}


def declare_event(
    verb: str,
    label: Words,
    applicant_label: Words | None = None,
    audience: Audience = "staff",
    *,
    shows_text: bool = False,
) -> None:
    """Give an event its words; a label may be a function of the event.

    `shows_text` lets applicants read its text.
    Nothing is shown to applicants unless `audience` says « applicant » or « all ».
    """
    told = Declared(verb, label, applicant_label, audience, shows_text)
    known = _declared.get(verb)
    if known is not None and (known.audience, known.verb) != (told.audience, told.verb):
        raise ImproperlyConfigured(f"event {verb!r} is declared twice")
    _declared[verb] = told


def label_of(event: Event, face: Face = "staff") -> str:
    """The words of an event for a face; an undeclared one is told by its verb's label, to staff."""
    told = _declared.get(event.verb)
    if told is None:
        return event.verb
    words = told.label if face == "staff" or told.applicant_label is None else told.applicant_label
    return str(words(event) if callable(words) else words)


def is_told_to(event: Event, face: Face) -> bool:
    """Tell whether a face reads this event at all."""
    told = _declared.get(event.verb)
    if told is None:
        return face == "staff"
    if told.audience == "all":
        return True
    return told.audience == face


def timeline(
    subject: models.Model,
    user: Any,
    *,
    face: Face | None = None,
    related: Iterable[models.Model] = (),
    newest_first: bool = True,
) -> list[Row]:
    """The history of a subject (and of related rows) as this person may read it.

    A subject may say `face_for(user)` (without it the closed face: applicant) and `hides(event, user)`.
    """
    if face is None:
        chooser = getattr(subject, "face_for", None)
        face = chooser(user) if callable(chooser) else "applicant"
    rows = _about([subject, *related])
    hides = getattr(subject, "hides", None)
    events = [
        event
        for event in rows.order_by("-id" if newest_first else "id").select_related("beside")
        if is_told_to(event, face) and not (callable(hides) and hides(event, user))
    ]
    names = _names(events, user, face)
    return [
        Row(
            at=event.at,
            verb=event.verb,
            label=label_of(event, face),
            who=names.get(event.actor, ""),
            text=event.words if _shows_text(event, face) else "",
            event=event,
        )
        for event in events
    ]


def declare_verbs(model: type[Subject], audience: Audience = "staff") -> None:
    """Give each verb of a subject its own label as words, where nothing better was declared."""
    for one in verbs_of(model).values():
        name = f"{model._meta.label_lower}.{one.name}"
        if name not in _declared:
            declare_event(name, one.label, audience=audience)


def _shows_text(event: Event, face: Face) -> bool:
    told = _declared.get(event.verb)
    return face == "staff" or (told is not None and told.shows_text)


def _about(subjects: list[models.Model]) -> models.QuerySet[Event]:
    wanted = Q(pk__in=[])
    for subject in subjects:
        wanted |= Q(subject_type=subject._meta.label_lower, subject_id=subject.pk)
    return Event.objects.filter(wanted)


def _names(events: list[Event], user: Any, face: Face) -> dict[str, str]:
    """Who acted, for staff; an applicant reads « Vous » and the names of nobody else."""
    own = f"user:{getattr(user, 'pk', None)}"
    found = {own: _("Vous")}
    for actor in {event.actor for event in events}:
        if actor.startswith("system:"):
            found[actor] = system_actor_label(actor.removeprefix("system:"))
    if face == "staff":
        keys = {int(event.actor.removeprefix("user:")) for event in events if event.actor.startswith("user:")}
        for person in get_user_model()._default_manager.filter(pk__in=keys):
            found.setdefault(f"user:{person.pk}", str(person))
    return found
