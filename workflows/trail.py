"""The audit trail as it is read and verified: lines of a chain, words beside it, columns against lines."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import models

from workflows import chain
from workflows.models import ChainHead, Event, EventText

CHUNK = 5000
COLUMNS = (
    "line", "hash", "n", "at", "verb", "subject_type", "subject_id", "actor", "behalf", "request",
    "from_state", "to_state",
)  # fmt: skip


def chain_codes() -> list[str]:
    """Every chain that has a head or an event."""
    heads = ChainHead.objects.values_list("code", flat=True)
    events = Event.objects.order_by().values_list("chain", flat=True).distinct()
    return sorted({*heads, *events})


def lines_of(code: str) -> Iterator[str]:
    """The lines of a chain in order, as they were hashed."""
    rows = Event.objects.filter(chain=code).order_by("n").values_list("line", flat=True)
    return rows.iterator(chunk_size=CHUNK)


def texts_of(code: str) -> Iterator[tuple[int, bytes, str]]:
    """Number, salt and words of the events of a chain whose words were not erased."""
    rows = EventText.objects.filter(event__chain=code).order_by("event__n")
    for n, salt, text in rows.values_list("event__n", "salt", "text").iterator(chunk_size=CHUNK):
        yield n, bytes(salt), text


def head_of(code: str) -> tuple[int, str]:
    """Count and head of a chain, as a receipt prints them."""
    row = ChainHead.objects.filter(code=code).first()
    return (row.n, row.head) if row else (0, chain.ZERO)


def place_of(subject: models.Model, verbs: Collection[str], **data: Any) -> Event | None:
    """The last event of a subject, among these verbs, whose data say this: its `n` and `hash` are its place."""
    rows = Event.objects.filter(
        subject_type=subject._meta.label_lower, subject_id=subject.pk, verb__in=verbs
    ).order_by("-n")
    return next((row for row in rows if data.items() <= row.data.items()), None)


def verify_chain(code: str) -> dict[str, Any]:
    """Verify a chain against its head: its lines, the words beside them, and the columns that find them."""
    count, head = head_of(code)
    rows = _Rows(code)
    result = chain.verify(
        rows,
        head=head if count else None,
        count=count or None,
        texts=(_side_line(*row) for row in texts_of(code)),
        also=rows.agrees,
    )
    if result["ok"] and result["events"] != count:
        return {"ok": False, "line": count + 1, "fault": "inserted"}
    return result


def _side_line(n: int, salt: bytes, text: str) -> str:
    return json.dumps({"n": n, "salt": salt.hex(), "text": text}, ensure_ascii=False)


class _Rows:
    """The lines of a chain, one row at a time, and whether the columns of the present one say what its line says."""

    def __init__(self, code: str) -> None:
        rows = Event.objects.filter(chain=code).order_by("n").values_list(*COLUMNS)
        self.rows, self.row = rows.iterator(chunk_size=CHUNK), ()  # type: tuple[Iterator[Any], tuple[Any, ...]]

    def __iter__(self) -> Iterator[str]:
        for row in self.rows:
            self.row = row
            yield row[0]

    def agrees(self, told: dict[str, object]) -> bool:
        """Compare the columns with the fields of the line."""
        _line, hashed, n, at, verb, subject_type, subject_id, actor, behalf, request, source, target = (
            self.row
        )
        moment: datetime = at if at.tzinfo is UTC else at.astimezone(UTC)
        return bool(
            told["hash"] == hashed
            and told["n"] == n
            and told["at"] == moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
            and told["verb"] == verb
            and told["subject"] == f"{subject_type}:{subject_id}"
            and told["actor"] == actor
            and (told["behalf"] or "") == behalf
            and told["request"] == request
            and (told["from"] or "") == source
            and (told["to"] or "") == target
        )
