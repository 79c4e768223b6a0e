"""Questions of a form and what is typed in them: read from a page, shown, and when they are shown or required.

A value is what JSON holds: a text, a whole number, a boolean, a day written YYYY-MM-DD, a list of codes, a table
`{"rows": [{"id", COLUMN …}]}`, a municipality `{"scheme", "code", "name", "mrc"}`, or a budget `{"lines", "funding"}`
(see `budget_rows`). Words that cannot be read as the type wanted are kept as `{"raw": "…"}` (see `cleaning`): nothing
typed is lost, and filing says what to correct. Files are rows of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext, pgettext
from django.utils.translation import override as language

from applications import budget_rows, diagnosis, municipality, pledges, tables
from applications.cleaning import clean, is_blank, is_raw, keep, problem
from applications.typed import BadAnswer, length
from grants import frames
from web import formats
from workflows import conditions
from workflows.casefile import BadInput

__all__ = [
    "BadAnswer",
    "Choice",
    "Question",
    "Section",
    "clean",
    "display",
    "from_post",
    "holds",
    "is_blank",
    "is_raw",
    "is_required",
    "is_shown",
    "keep",
    "length",
    "problem",
    "question_of",
    "questions",
    "sections",
]

Value = Any
Facts = Mapping[str, Any]
WIDE = ("budget", "rows", "maturity", "targets")  # answers of several parts
FRAMED: Mapping[str, Any] = {"maturity": diagnosis, "targets": pledges, "budget": budget_rows}


@dataclass(frozen=True)
class Choice:
    """A choice of a question."""

    code: str
    label: Any


@dataclass(frozen=True)
class Question:
    """One question of the form of an edition."""

    code: str
    type: str
    label: Any
    help: Any = None
    role: str = ""
    sensitivity: str = "business"
    required: bool = False
    show_when: Any = None
    require_when: Any = None
    max_chars: int | None = None
    max_words: int | None = None
    choices: tuple[Choice, ...] = ()
    max_choices: int | None = None
    accept: tuple[str, ...] = ()
    max_mb: int = 20
    multiple: bool = False
    section: str = ""
    categories: tuple[Choice, ...] = ()  # of a budget
    kinds: tuple[Choice, ...] = ()  # of its funding
    columns: tuple[tables.Column, ...] = ()  # of a table
    min_rows: int = 0
    max_rows: int | None = None
    must_have: tuple[Mapping[str, str], ...] = ()  # {"column", "value"}: a row that everybody gives
    frame: Mapping[str, Any] = field(
        default_factory=dict
    )  # of a self-diagnosis, of public targets, of a budget
    min_targets: int = 1
    max_targets: int = 3
    min_pledges: int = 0
    suggest: str = ""  # what is offered beside it (`grants.frames.SUGGESTIONS`)

    def __str__(self) -> str:
        return formats.tr(self.label)

    @property
    def is_single(self) -> bool:
        """One control under a label, not a group."""
        return self.type in ("text", "long_text", "money", "number", "date", "municipality")

    @property
    def is_brief(self) -> bool:
        """A text of two lines at most."""
        return bool((self.max_chars and self.max_chars <= 400) or (self.max_words and self.max_words <= 60))

    @property
    def is_ticked(self) -> bool:
        """Boxes or buttons to tick."""
        return self.type in ("choice", "multi_choice", "yes_no", "declaration")

    @property
    def is_wide(self) -> bool:
        """A grid, that takes the width of the page."""
        return self.type in WIDE

    def label_of(self, code: str, lang: str | None = None) -> str:
        """The words of a choice; the code itself when the form no longer has it."""
        found = next((one for one in self.choices if one.code == code), None)
        return formats.tr(found.label, lang) if found else code


@dataclass(frozen=True)
class Section:
    """A page of the form."""

    code: str
    title: Any
    help: Any = None
    questions: tuple[Question, ...] = field(default=())

    def __str__(self) -> str:
        return formats.tr(self.title)


KEPT = 64  # forms held in memory, by edition and volet
_READ: dict[
    tuple[int, str], tuple[Mapping[str, Any], tuple[Section, ...]]
] = {}  # the content keeps its place


# --- reading the form -------------------------------------------------------------------------------------
def sections(content: Mapping[str, Any], volet: str = "") -> list[Section]:
    """The sections of an edition's form that a volet asks, in order; read once for each text of an edition."""
    known = _READ.get((id(content), volet))
    if known is None or known[0] is not content:
        if len(_READ) >= KEPT:
            _READ.clear()
        known = _READ[id(content), volet] = (content, tuple(_sections(content, volet)))
    return list(known[1])


def _sections(content: Mapping[str, Any], volet: str) -> Iterator[Section]:
    for data in content["form"]["sections"]:
        asked = tuple(
            _question(content, data["code"], one)
            for one in data["questions"]
            if not volet or not one.get("volets") or volet in one["volets"]
        )
        if asked:
            yield Section(data["code"], data["title"], data.get("help"), asked)


def questions(content: Mapping[str, Any], volet: str = "") -> list[Question]:
    """Every question of an edition's form that a volet asks, in order."""
    return [one for section in sections(content, volet) for one in section.questions]


def question_of(content: Mapping[str, Any], code: str, volet: str = "") -> Question | None:
    """The question of that code, or nothing."""
    return next((one for one in questions(content, volet) if one.code == code), None)


def question_from(content: Mapping[str, Any], data: Mapping[str, Any]) -> Question:
    """A question of the form as data, read."""
    return _question(content, "", data)


def _choices(data: Any) -> tuple[Choice, ...]:
    return tuple(Choice(str(one["code"]), one["label"]) for one in data or ())


def _question(content: Mapping[str, Any], section: str, data: Mapping[str, Any]) -> Question:
    is_budget, frame = data["type"] == "budget", frames.of_type(content, data["type"])
    return Question(
        code=str(data["code"]),
        type=str(data["type"]),
        label=data["label"],
        help=data.get("help"),
        role=str(data.get("role") or ""),
        sensitivity=str(data.get("sensitivity") or "business"),
        required=bool(data.get("required")),
        show_when=data.get("show_when"),
        require_when=data.get("require_when"),
        max_chars=data.get("max_chars"),
        max_words=data.get("max_words"),
        choices=_choices(data.get("choices")),
        max_choices=data.get("max_choices"),
        accept=tuple(str(one).lower() for one in data.get("accept") or ()),
        max_mb=int(data.get("max_mb") or 20),
        multiple=bool(data.get("multiple")),
        section=section,
        categories=_choices(content["budget"]["categories"]) if is_budget else (),
        kinds=_choices(content["budget"]["funding_kinds"]) if is_budget else (),
        columns=pledges.columns_of(frame)
        if data["type"] == "targets"
        else tables.columns_of(data.get("columns")),
        min_rows=int(data.get("min_rows") or 0),
        max_rows=data.get("max_rows"),
        must_have=tuple(data.get("must_have") or ()),
        frame=frame,
        min_targets=int(data.get("min_targets", 1)),
        max_targets=int(data.get("max_targets", 3)),
        min_pledges=int(data.get("min_pledges") or 0),
        suggest=str(data.get("suggest") or ""),
    )


# --- when -------------------------------------------------------------------------------------------------
def holds(condition: Any, facts: Facts) -> bool | None:
    """Judge a condition; None when it is unknown (a missing fact, or one that cannot be read yet)."""
    try:
        parsed = conditions.parse(condition)
        wanted = {name: facts[name] for name in conditions.facts_of(parsed) if name in facts}
        return conditions.judge(condition, wanted).value
    except BadInput:
        return None


def is_shown(question: Question, facts: Facts) -> bool:
    """Shown unless its condition is false or not known yet."""
    return question.show_when is None or holds(question.show_when, facts) is True


def is_required(question: Question, facts: Facts) -> bool:
    """Required always, or because its condition holds; never while it is hidden."""
    if not is_shown(question, facts):
        return False
    if question.required:
        return True
    return question.require_when is not None and holds(question.require_when, facts) is True


# --- a page -----------------------------------------------------------------------------------------------
def from_post(question: Question, post: QueryDict) -> Any:
    """What a page sent for a question, as `clean` takes it.

    One control a question, named by its code. A budget comes as JSON under its code (script), or as rows: the ids
    of `CODE.lines` and `CODE.funding` repeated, then `CODE.lines.ID.amount`, `CODE.funding.ID.source`, …
    """
    if question.type == "multi_choice":
        return [one for one in post.getlist(question.code) if one]
    if question.type == "declaration":
        return post.get(question.code, "") not in ("", "0", "false")
    if question.type == "date" and f"{question.code}-year" in post:
        parts = [post.get(f"{question.code}-{part}", "").strip() for part in ("year", "month", "day")]
        return "-".join(part.zfill(2) for part in parts) if any(parts) else ""
    if question.type == "budget" and f"{question.code}.lines" in post:
        return budget_rows.from_post(question, post)
    if question.type == "rows" and f"{question.code}.rows" in post:
        return tables.from_post(question, post)
    if question.type == "maturity" and f"{question.code}.done_on" in post:
        return diagnosis.from_post(question, post)
    if question.type == "targets" and f"{question.code}.rows" in post:
        return pledges.from_post(question, post)
    if question.type in WIDE:
        try:
            return json.loads(post.get(question.code, "") or "null")
        except ValueError:
            return post.get(question.code, "")
    return post.get(question.code, "")


# --- to read ----------------------------------------------------------------------------------------------
def display(question: Question, value: Value, lang: str | None = None) -> Any:
    """A value in words: a text, a list of labels, or the rows of a budget with their sums; "" when blank."""
    if is_blank(value):
        return ""
    if is_raw(value):
        return str(value["raw"])
    if question.type in ("choice", "multi_choice"):
        labels = [
            question.label_of(str(one), lang) for one in (value if isinstance(value, list) else [value])
        ]
        return labels if question.type == "multi_choice" else labels[0]
    if question.type == "money":
        return formats.money(value, lang)
    if question.type == "number":
        return formats.number(value, lang=lang)
    if question.type == "date":
        return formats.date_long(date.fromisoformat(value), lang)
    if question.type in ("yes_no", "declaration"):
        return _yes_or_no(question, bool(value), lang)
    if question.type == "rows":
        return tables.display(question, value, lang)
    if question.type == "municipality":
        return municipality.words(value)
    if question.type in FRAMED:
        return FRAMED[question.type].display(question, value, lang)
    return value


def _yes_or_no(question: Question, value: bool, lang: str | None) -> str:
    with language(formats.language(lang)):
        if question.type == "declaration":
            return gettext("Déclaré") if value else gettext("Non déclaré")
        return pgettext("answer", "Oui") if value else pgettext("answer", "Non")
