"""The public questions of a call and their answers, as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html

from grants.models import Call
from web import formats


@dataclass(frozen=True)
class Answer:
    """A question that everybody reads, and the attribute of its language when it is not the reader's."""

    pk: int
    question: str
    answer: str
    lang: str
    at: datetime | None


def public(call: Call) -> list[Answer]:
    """The public questions of a call, the latest publication first, in the reader's language where there is one."""
    here, own = formats.language(), formats.language(call.language)
    found = []
    for row in call.questions.filter(published_at__isnull=False).order_by("-published_at", "pk"):
        tongue = here if row.wording.get(here) else own
        lang = "" if tongue == here else format_html(' lang="{}-CA"', tongue)
        found.append(Answer(row.pk, row.wording[tongue], row.answer[tongue], lang, row.published_at))
    return found
