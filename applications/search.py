"""What of a dossier can be found: its latest filed version, by zone; fed by the events that file one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from applications import fields
from applications.fields import Question
from applications.models import Dossier
from applications.querysets import LABEL
from applications.snapshots import content_of
from grants.models import Edition
from search import feed
from search.declare import Document, Source, Zone, declare
from workflows.consumers import register_consumer

FED_BY = frozenset({"applications.dossier.submit", "applications.dossier.resubmit"})
# Where the answer of a role stands; every other answer is in the body.
ZONES: dict[str, Zone] = {"title": "title", "public_summary": "summary", "themes": "summary"}
# What everybody who may read the dossier reads; personal data and opinions are never indexed.
OPEN = frozenset({"public", "business"})
# Answers that are found by their labels, in both languages.
LABELLED = frozenset({"choice", "multi_choice"})


def register() -> None:
    """Called once, when the site starts."""
    declare(Source(LABEL, keys, read))
    register_consumer("search", lambda event: event.verb in FED_BY, handle, loads=True)


def handle(event: Any) -> None:
    """After a filing, read the dossier again; the same event twice changes nothing."""
    feed.refresh(LABEL, [event.subject_id])


def keys() -> Iterator[int]:
    """Every dossier that was filed."""
    return Dossier.objects.filed().order_by("pk").values_list("pk", flat=True).iterator()


def read(wanted: Sequence[int]) -> Iterator[Document]:
    """The documents of these dossiers: number and body at the head, then title, summary and answers."""
    rows = list(
        Dossier.objects.filed().filter(pk__in=wanted, snapshot__isnull=False).select_related("snapshot")
    )
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
        joined = {zone: "\n".join(one for one in said if one) for zone, said in zones.items()}
        yield Document(row.pk, row.snapshot.version, head=f"{row.number} {row.lead_name}", **joined)


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
    if question.type in LABELLED:
        chosen = value if isinstance(value, list) else [value]
        return [question.label_of(str(one), lang) for one in chosen for lang in ("fr", "en")]
    return [str(value)] if question.type in ("text", "long_text") else []
