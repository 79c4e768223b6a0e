"""Answers of an earlier dossier of the same body, offered one by one with their date: never put in by themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from applications import fields, reading
from applications.fields import Question
from applications.models import Dossier, Snapshot

# Said anew for each filing: what a council resolved, what is declared, files.
NOT_OFFERED_ROLES = ("resolution", "resolution_number", "resolution_date", "amount", "start", "end")
NOT_OFFERED_TYPES = ("file", "declaration", "budget", "maturity", "partners")


@dataclass(frozen=True)
class Offered:
    """An answer of an earlier filing: its value, its words, where it comes from."""

    value: Any
    words: str
    call: Any
    at: datetime


class Earlier:
    """The last filing of the lead body in another call, as far as this person may read it."""

    def __init__(self, dossier: Dossier, user: Any) -> None:
        leads = dossier.bodies.filter(role="lead").values("organisation_id")
        mine = Dossier.objects.applicant_side(user).filter(
            bodies__role="lead", bodies__organisation_id__in=leads
        )
        rows = Snapshot.objects.filter(dossier__in=mine.values("pk")).exclude(
            dossier__call_id=dossier.call_id
        )
        self.snapshot = rows.select_related("dossier__call").order_by("-filed_at", "-pk").first()
        self.answers = json.loads(self.snapshot.text)["answers"] if self.snapshot else {}

    def of(self, question: Question) -> Offered | None:
        """What was answered to the question of that code, where it still answers this one."""
        value = self.answers.get(question.code)
        if self.snapshot is None or value is None or not may_be_offered(question):
            return None
        kept, wrong = fields.keep(question, value)
        if kept is None or wrong:
            return None
        words = reading.text_of(question, kept)
        return Offered(kept, words, self.snapshot.dossier.call.title, self.snapshot.filed_at)


def may_be_offered(question: Question) -> bool:
    """Whether an old answer to it can still be true."""
    return question.type not in NOT_OFFERED_TYPES and question.role not in NOT_OFFERED_ROLES
