"""A dossier as a reviewer reads it: sections, answers in words, files; all from the snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import fields, partners, tables
from applications.models import Attachment, Snapshot
from review import facts
from web import formats
from web.lists import State

SCANS = {
    "not_scanned": State("draft", gettext_lazy("Non analysé")),
    "waiting": State("in_progress", gettext_lazy("Analyse en attente")),
    "clean": State("ok", gettext_lazy("Analysé, rien trouvé")),
    "infected": State("ko", gettext_lazy("Retenu, logiciel malveillant")),
    "failed": State("warn", gettext_lazy("Analyse impossible, non analysé")),
}


@dataclass(frozen=True)
class File:
    """A file of the dossier, with its page."""

    pk: int
    name: str
    size: int
    scan: State
    is_withheld: bool


@dataclass
class Answer:
    """One answer: a text, a list, tables or files, and the criteria it serves."""

    code: str
    label: Any
    text: str = ""
    typed: bool = False  # words that somebody wrote
    items: list[str] = field(default_factory=list)
    budget: Any = None  # costs and funding in words
    files: list[File] = field(default_factory=list)
    criteria: list[str] = field(default_factory=list)
    tied: bool = False
    grid: Any = None  # an applications.tables.Table
    first: bool = False  # the first one tied to the criterion at hand

    @property
    def is_empty(self) -> bool:
        """Nothing was answered."""
        return not (self.text or self.items or self.budget or self.grid or self.files)


@dataclass(frozen=True)
class Section:
    """A section of the form with its answers."""

    code: str
    title: Any
    answers: list[Answer]


def sections_of(snapshot: Snapshot, edition: Mapping[str, Any], criterion: str) -> list[Section]:
    """The sections of a snapshot; answers of the criterion at hand are tied."""
    content = facts.content_of(snapshot)
    answers: Mapping[str, Any] = content.get("answers", {})
    served: dict[str, list[str]] = {}
    for one in edition["grid"]["criteria"]:
        for code in one["questions"]:
            served.setdefault(code, []).append(one["id"])
    files = _files(content.get("files", []))
    found, is_first = [], True
    for section in edition["form"]["sections"]:
        shown = []
        for question in section["questions"]:
            code = question["code"]
            answer = _answer(question, answers.get(code), files.get(code, []), edition)
            if question["type"] == "partners":
                answer.grid = partners.shown(content.get("bodies", []))
            answer.criteria = served.get(code, [])
            answer.tied = criterion in answer.criteria
            answer.first, is_first = answer.tied and is_first, is_first and not answer.tied
            if not answer.is_empty or answer.tied:
                shown.append(answer)
        if shown:
            found.append(Section(section["code"], section["title"], shown))
    return found


def _files(rows: Any) -> dict[str, list[File]]:
    """Files by slot, each with the present state of its scan."""
    found: dict[str, list[File]] = {}
    keys = [int(row["id"]) for row in rows]
    scans = dict(Attachment.objects.filter(pk__in=keys).values_list("pk", "scan")) if keys else {}
    for row in rows:
        scan = scans.get(int(row["id"]), "not_scanned")
        one = File(int(row["id"]), row["name"], int(row["size"]), SCANS[scan], scan == "infected")
        found.setdefault(row["slot"], []).append(one)
    return found


def _answer(question: Mapping[str, Any], value: Any, files: list[File], edition: Mapping[str, Any]) -> Answer:
    """One answer in words, by the type of its question."""
    answer = Answer(question["code"], question["label"], files=files)
    if value in (None, "", [], {}):
        return answer
    kind = question["type"]
    if kind == "budget":
        answer.budget = fields.display(fields.question_from(edition, question), value)
    elif kind in ("rows", "municipality", "maturity", "targets"):
        _in_words(answer, fields.question_from(edition, question), value)
    elif kind in ("choice", "multi_choice"):
        labels = {one["code"]: formats.tr(one["label"]) for one in question.get("choices", [])}
        picked = value if isinstance(value, list) else [value]
        answer.items = [labels.get(one, str(one)) for one in picked]
    elif kind in ("yes_no", "declaration"):
        answer.text = _("Oui") if value else _("Non")
    elif kind == "money":
        answer.text = formats.money(value)
    elif kind == "number":
        answer.text = formats.number(value)
    elif kind == "date":
        answer.text = _day(str(value))
    elif kind == "file":
        answer.text = ""
    elif isinstance(value, list):
        answer.items = [_words(one) for one in value]
    else:
        answer.text, answer.typed = _words(value), True
    return answer


def _in_words(answer: Answer, question: fields.Question, value: Any) -> None:
    """A table, or one value in words, as everywhere else."""
    shown = fields.display(question, value)
    if isinstance(shown, tables.Table):
        answer.grid = shown
    else:
        answer.text = str(shown)


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(str(one) for key, one in value.items() if key != "id" and one not in (None, ""))
    return str(value)


def _day(text: str) -> str:
    from datetime import date

    try:
        return formats.date_long(date.fromisoformat(text))
    except ValueError:
        return text
