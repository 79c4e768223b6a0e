"""What of a dossier can be found: its latest filed version, by zone; fed by the events that file one.

Two consumers, each with deliveries of its own: `search` feeds the index of the database, `elastic` the one outside
where it is set, so that a server that does not answer holds up nothing and is caught up with when it is back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Max

from applications import fields, municipality, pledges, tables, wording
from applications.fields import Question
from applications.looking import OUTSIDE
from applications.models import Dossier
from applications.querysets import LABEL
from applications.snapshots import content_of
from grants.models import Edition
from search import feed
from search.declare import Away, Document, Source, Unfit, Zone, declare
from workflows.consumers import register_consumer
from workflows.exceptions import NotNow
from workflows.models import Event

FILED = frozenset({"applications.dossier.submit", "applications.dossier.resubmit"})
SCANNED = frozenset({"applications.dossier.file_scanned", "applications.dossier.file_infected"})
FED_BY = FILED | SCANNED
TOLD = 256  # readings of one version between two events
# Where the answer of a role stands; every other answer is in the body.
ZONES: dict[str, Zone] = {"title": "title", "public_summary": "summary", "themes": "summary"}
SAID: tuple[Zone, ...] = ("title", "summary", "body")
# What everybody who may read the dossier reads; personal data and opinions are never indexed.
OPEN = frozenset({"public", "business"})
# Answers that are found by their labels, in both languages.
LABELLED = frozenset({"choice", "multi_choice"})


def register() -> None:
    """Called once, when the site starts."""
    declare(Source(LABEL, keys, read))
    register_consumer("search", lambda event: event.verb in FED_BY, handle, loads=True)
    register_consumer(OUTSIDE, is_for_outside, handle_outside, loads=True)


def is_for_outside(event: Any) -> bool:
    """The events that feed, where an index outside is set."""
    return event.verb in FED_BY and settings.SEARCH_BACKEND == "elasticsearch"


def handle(event: Any) -> None:
    """After a filing or a scan, read the dossier again; the same event twice changes nothing."""
    wording.prepare(event.subject_id)
    feed.refresh(LABEL, [event.subject_id])


def handle_outside(event: Any) -> None:
    """The same on the index outside; while it is away the delivery waits."""
    wording.prepare(event.subject_id)
    try:
        feed.refresh_outside(LABEL, [event.subject_id])
    except Unfit:
        raise
    except Away as fault:
        raise NotNow(str(fault), is_for_all=True) from fault


def keys() -> Iterator[int]:
    """Every dossier that was filed."""
    return Dossier.objects.filed().order_by("pk").values_list("pk", flat=True).iterator()


def read(wanted: Sequence[int]) -> Iterator[Document]:
    """The documents of these dossiers: number and body at the head, then title, summary and answers."""
    rows = list(
        Dossier.objects.filed()
        .filter(pk__in=wanted, snapshot__isnull=False)
        .select_related("snapshot")
        .prefetch_related("bodies")
    )
    last = _last_events([row.pk for row in rows])
    filed = [content_of(row.snapshot) for row in rows if row.snapshot]
    said = wording.texts(one["id"] for content in filed for one in content["files"])
    editions = Edition.objects.in_bulk({row.snapshot.edition_id for row in rows if row.snapshot})
    forms: dict[tuple[int, str], list[Question]] = {}
    for row in rows:
        assert row.snapshot is not None
        content, edition = content_of(row.snapshot), row.snapshot.edition_id
        form = (edition, str(content["volet"]))
        if form not in forms:
            asked = fields.questions(editions[edition].content, form[1])
            kept = [one for one in asked if one.sensitivity in OPEN]
            forms[form] = sorted(kept, key=lambda one: one.type in LABELLED)  # excerpts are of one language
        zones: dict[Zone, list[str]] = {"title": [], "summary": [], "body": []}
        for question in forms[form]:
            zones[ZONES.get(question.role, "body")] += texts(question, content)
        zones["body"] += [str(one.get("name", "")) for one in content["bodies"] if one["role"] != "lead"]
        slots = {one.code for one in forms[form] if one.type == "file"}
        read_files = [
            said[one["id"]] for one in content["files"] if one["slot"] in slots and one["id"] in said
        ]
        title, summary, body = ("\n".join(filter(None, zones[zone])) for zone in SAID)
        yield Document(
            row.pk,
            row.snapshot.version,
            head=f"{row.number} {row.lead_name}",
            title=title,
            summary=summary,
            body=body,
            files=wording.joined(read_files),
            revision=last.get(row.pk, 0) * TOLD + min(len(read_files), TOLD - 1),
            places=(f"call:{row.call_id}", *(f"body:{one.organisation_id}" for one in row.bodies.all())),
            at=int(row.sort_at.timestamp() * 1_000_000),
        )


def _last_events(keys: Sequence[int]) -> dict[int, int]:
    """The last event that changed what is found of these dossiers: a later reading replaces an earlier one."""
    rows = Event.objects.filter(subject_type=LABEL.lower(), subject_id__in=keys, verb__in=FED_BY)
    return dict(rows.values_list("subject_id").annotate(last=Max("id")).order_by())


def texts(question: Question, content: Any) -> Iterable[str]:
    """The words of an answer; numbers, days and yes or no are not searched."""
    value = content["answers"].get(question.code)
    if question.type == "file":
        return [one["name"] for one in content["files"] if one["slot"] == question.code]
    if fields.is_blank(value):
        return []
    if question.type == "budget" and isinstance(value, dict):
        rows = [*value.get("lines", ()), *value.get("funding", ())]
        return [str(one.get("description") or one.get("source") or "") for one in rows]
    if question.type == "rows":
        return tables.spoken(question, value)
    if question.type == "municipality":
        return [municipality.words(value)]
    if question.type == "targets":
        return pledges.spoken(question, value)
    if question.type in LABELLED:
        chosen = value if isinstance(value, list) else [value]
        return [question.label_of(str(one), lang) for one in chosen for lang in ("fr", "en")]
    return [str(value)] if question.type in ("text", "long_text") else []
