"""Reconsiderations as the auditor reads them: who asked, who admitted, who answered, who countersigned, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from applications.models import Dossier
from audit import reading
from grants.models import Call
from review import reconsidering
from review.models import Reconsideration
from workflows.models import Event
from workflows.vocabulary import label_of

SUBJECT = "review.reconsideration"


def of_dossier(dossier: Dossier) -> list[Reconsideration]:
    """Requests on a dossier, the first one first."""
    return list(Reconsideration.objects.filter(dossier=dossier).order_by("pk"))


def said(rows: list[Reconsideration]) -> list[str]:
    """What was asked and what was answered, in words."""
    found = []
    for row in rows:
        words = {
            "ground": reconsidering.ground_words(row.ground).lower(),
            "answer": reconsidering.answer_words(row) or reconsidering.state_of(row, "staff")[1],
            "motives": row.motives or row.dismissal_words,
        }
        text = _("Réexamen demandé (%(ground)s) : %(answer)s.") % words
        found.append(f"{text} {row.motives or row.dismissal_words}".strip())
    return found


def steps(rows: list[Reconsideration]) -> list[tuple[datetime, str, str]]:
    """Acts on these requests: when, what, who."""
    if not rows:
        return []
    acts = list(Event.objects.filter(subject_type=SUBJECT, subject_id__in=[row.pk for row in rows]))
    names = reading.people_names({one.actor for one in acts})
    return [
        (one.at, _("Réexamen : %(act)s") % {"act": label_of(one, "staff").lower()}, names[one.actor])
        for one in acts
    ]


def told(call: Call, people: set[int]) -> Iterator[dict[str, Any]]:
    """Every request of a call as its export writes it; the people named are added to `people`."""
    rows = Reconsideration.objects.filter(dossier__call=call).select_related(
        "dossier", "refusal", "file", "decision"
    )
    for row in rows.order_by("pk").iterator(200):
        named = (row.asked_by_id, row.reconsiderer_id, row.countersigned_by_id)
        people |= {one for one in named if one is not None}
        yield {
            "reconsideration": row.pk,
            "dossier": row.dossier.number,
            "state": row.state,
            "refusal": row.refusal.n,  # of the chain
            "gate": row.gate,
            "ground": row.ground,
            "words": row.words,
            "file": row.file.digest if row.file is not None else None,
            "asked_by": _person(row.asked_by_id),
            "asked_at": _at(row.asked_at),
            "until": _at(row.until),
            "dismissal": row.dismissal,
            "dismissal_words": row.dismissal_words,
            "reconsiderer": _person(row.reconsiderer_id),
            "answer": row.answer,
            "motives": row.motives,
            "decided_at": _at(row.decided_at),
            "countersigned_by": _person(row.countersigned_by_id),
            "closed_at": _at(row.closed_at),
            "effect": row.effect,
            "decision": row.decision.number if row.decision is not None else None,
        }


def _person(pk: int | None) -> str | None:
    return f"user:{pk}" if pk is not None else None


def _at(instant: datetime | None) -> str | None:
    return reading.written(instant) if instant is not None else None
