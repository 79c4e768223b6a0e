"""A filed version read by section: what was answered, shown in words, and what changed since the version before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from re import findall
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import budget_rows, fields, partners, scanning, tables
from applications.facts import judged
from applications.fields import Question
from applications.models import ScanState, Snapshot
from applications.snapshots import content_of
from web import formats
from web.lists import State
from workflows import conditions

Marked = list[tuple[str, bool]]
SCAN_SIGNS = {
    "not_scanned": "draft",
    "waiting": "in_progress",
    "away": "warn",
    "clean": "ok",
    "infected": "ko",
    "failed": "warn",
}


@dataclass(frozen=True)
class File:
    """A file of a version, with the present state of its scan."""

    pk: int
    slot: str
    name: str
    size: int
    digest: str
    scan: State
    is_withheld: bool


@dataclass(frozen=True)
class Shown:
    """A question and its answer in words: a text, a list of labels, or the rows of a budget."""

    question: Question
    value: Any = ""
    files: list[File] = field(default_factory=list)
    required: bool = False

    @property
    def code(self) -> str:
        """The code of the question."""
        return self.question.code

    @property
    def is_empty(self) -> bool:
        """Nothing was answered."""
        return not (self.value or self.files)


@dataclass(frozen=True)
class Section:
    """A section of the form as filed."""

    code: str
    title: Any
    questions: list[Shown]


@dataclass(frozen=True)
class Change:
    """An answer of two versions side by side, what differs marked."""

    code: str
    label: Any
    before: Marked
    after: Marked


def questions_of(edition: Mapping[str, Any]) -> dict[str, Question]:
    """Every question of a form by its code."""
    return {one.code: one for one in fields.questions(edition)}


def files_of(snapshot: Snapshot, scans: Mapping[int, str]) -> list[File]:
    """The files of a version; `scans` gives the present state of each by key."""
    found: list[File] = []
    for one in content_of(snapshot).get("files", []):
        scan = scans.get(int(one["id"]), ScanState.NOT_SCANNED)
        found.append(
            File(
                int(one["id"]),
                str(one["slot"]),
                str(one["name"]),
                int(one["size"]),
                str(one["digest"]),
                State(SCAN_SIGNS[scan], scanning.words(scan)),
                not scanning.is_readable(scan),
            )
        )
    return found


def sections(
    snapshot: Snapshot, edition: Mapping[str, Any], files: Sequence[File], volet: str = ""
) -> list[Section]:
    """The whole filed version, in the order of the form, questions that did not apply left out."""
    content = content_of(snapshot)
    answers, facts = content.get("answers", {}), content.get("facts", {})
    return [
        Section(
            part.code,
            part.title,
            [
                Shown(
                    one,
                    _shown(one, content, answers),
                    [file for file in files if file.slot == one.code],
                    fields.is_required(one, facts),
                )
                for one in part.questions
                if fields.is_shown(one, facts)
            ],
        )
        for part in fields.sections(edition, volet)
    ]


def _shown(question: Question, content: Mapping[str, Any], answers: Mapping[str, Any]) -> Any:
    if question.type == "partners":
        return partners.shown(content.get("bodies", []))
    return fields.display(question, answers.get(question.code)) if question.type != "file" else ""


# --- differences ----------------------------------------------------------------------------------------
def changes(before: Snapshot, after: Snapshot, edition: Mapping[str, Any]) -> list[Change]:
    """Answers that differ between two versions, in the order of the form."""
    questions = questions_of(edition)
    old, new = _plain(before, questions), _plain(after, questions)
    return [
        Change(code, question.label, *marked(old[code], new[code]))
        for code, question in questions.items()
        if old[code] != new[code]
    ]


def _plain(snapshot: Snapshot, questions: Mapping[str, Question]) -> dict[str, str]:
    """Every answer as one text: files by name and digest, a budget line by line."""
    content = content_of(snapshot)
    answers = content.get("answers", {})
    found: dict[str, str] = {}
    for code, question in questions.items():
        if question.type == "file":
            rows = [one for one in content.get("files", []) if one["slot"] == code]
            found[code] = "\n".join(
                f"{one['name']} ({one['digest'].removeprefix('sha256:')[:12]})" for one in rows
            )
        else:
            found[code] = text_of(question, answers.get(code))
    return found


def text_of(question: Question, value: Any) -> str:
    """An answer as one text, whatever its type; empty when nothing was answered."""
    shown = fields.display(question, value)
    if isinstance(shown, list):
        return ", ".join(shown)
    if isinstance(shown, tables.Table):
        return str(shown)
    if isinstance(shown, Mapping):
        return "\n".join(budget_rows.told(shown))
    return str(shown)


def marked(old: str, new: str) -> tuple[Marked, Marked]:
    """Two texts cut in pieces, each piece said to differ or not; words are never cut."""
    left, right = _words(old), _words(new)
    before: Marked = []
    after: Marked = []
    for kind, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if i < j:
            before.append(("".join(left[i:j]), kind != "equal"))
        if k < m:
            after.append(("".join(right[k:m]), kind != "equal"))
    return before, after


def _words(text: str) -> list[str]:
    return findall(r"\s+|[^\s]+", text)


# --- facts ------------------------------------------------------------------------------------------------
FACTS: Mapping[str, Any] = {
    "lead_kind": gettext_lazy("Type d’organisme"),
    "designation": gettext_lazy("Désignation"),
    "population": gettext_lazy("Population"),
    "region": gettext_lazy("Région"),
    "mrc": gettext_lazy("MRC"),
    "language_regime": gettext_lazy("Régime linguistique"),
    "mandate_confirmed": gettext_lazy("Mandat confirmé"),
    "volet": gettext_lazy("Volet"),
    "filed_on": gettext_lazy("Jour du dépôt"),
    "closes_on": gettext_lazy("Jour de la clôture"),
    "bodies": gettext_lazy("Organismes"),
    "months": gettext_lazy("Durée en mois"),
    "aid": gettext_lazy("Aide calculée"),
    "kept_costs": gettext_lazy("Coûts retenus"),
    "asked": gettext_lazy("Aide demandée"),
    "own": gettext_lazy("Mise de fonds"),
    "reductions": gettext_lazy("Réductions de l’aide"),
    "largest_line": gettext_lazy("Dépense la plus élevée"),
    "latest_end": gettext_lazy("Dernier jour permis pour un projet"),
    "year_before_filing": gettext_lazy("Un an avant le dépôt"),
    "partners_confirmed": gettext_lazy("Organismes dont la participation est confirmée"),
    "resolutions": gettext_lazy("Organismes dont la résolution est inscrite"),
    "entries_as_lead": gettext_lazy("Demandes déposées comme responsable"),
    "entries_as_partner": gettext_lazy("Demandes déposées comme partenaire"),
}
SOURCES = {
    **dict.fromkeys(
        ("lead_kind", "designation", "population", "region", "mrc", "language_regime"),
        gettext_lazy("répertoire des municipalités, figé au dépôt"),
    ),
    **dict.fromkeys(
        ("aid", "kept_costs", "asked", "own", "reductions", "largest_line"), gettext_lazy("calcul du budget")
    ),
    **dict.fromkeys(
        ("filed_on", "closes_on", "months", "volet", "bodies", "latest_end", "year_before_filing"),
        gettext_lazy("dépôt et calendrier"),
    ),
}
MONEY = frozenset({"aid", "kept_costs", "asked", "own", "largest_line"})


@dataclass(frozen=True)
class Evidence:
    """A fact that a rule read: its name, its value, where it comes from, and the answer it stands in."""

    label: Any
    text: str
    source: Any = ""
    question: str = ""
    files: list[File] = field(default_factory=list)


def evidence(
    names: Sequence[str], snapshot: Snapshot, edition: Mapping[str, Any], files: Sequence[File]
) -> list[Evidence]:
    """What stands behind a rule; an answer brings the others of its role (the resolution and its file)."""
    content, questions = content_of(snapshot), questions_of(edition)
    known, answers = judged(snapshot), content.get("answers", {})
    found: list[Evidence] = []
    seen: set[str] = set()
    for name in names:
        if name in questions:
            is_resolution = questions[name].role.startswith("resolution")
            near = [
                code
                for code, one in questions.items()
                if code == name or (is_resolution and one.role.startswith("resolution"))
            ]
            for code in near:
                if code not in seen:
                    seen.add(code)
                    mine = [one for one in files if one.slot == code]
                    text = text_of(questions[code], answers.get(code))
                    found.append(Evidence(questions[code].label, text, "", code, mine))
        elif name not in seen:
            seen.add(name)
            label = FACTS.get(name) or _day_of(name, questions)
            found.append(Evidence(label, fact_text(name, known.get(name)), SOURCES.get(name, "")))
    return found


def _day_of(name: str, questions: Mapping[str, Question]) -> str:
    """What a fact that comes with a question says: the day of a self-diagnosis."""
    question = questions.get(name.removesuffix("_on"))
    return _("Date de l’autodiagnostic") if question is not None and question.type == "maturity" else name


def reduction_words() -> dict[str, str]:
    """What each reduction of the aid is called."""
    return {
        "ADMIN10": _("frais d’administration"),
        "DEMANDE": _("demande plus basse"),
        "PLAFOND": _("maximum du volet"),
        "CUMUL": _("cumul des aides publiques"),
        "MINIMUM": _("aide sous le minimum"),
    }


def fact_text(name: str, value: Any) -> str:
    """A frozen fact in words."""
    from accounts.models import OrganisationKind, Region

    if value is None:
        return ""
    if name in MONEY:
        return formats.money(value)
    if name == "lead_kind":
        return str(dict(OrganisationKind.choices).get(value, value))
    if name == "region":
        return Region.objects.filter(code=value).values_list("name", flat=True).first() or str(value)
    if isinstance(value, bool):
        return _("Oui") if value else _("Non")
    if isinstance(value, int):
        return formats.number(value)
    if name == "reductions":
        return ", ".join(str(reduction_words().get(one, one)) for one in value) or _("aucune")
    if isinstance(value, list):
        return formats.number(len(value))
    return formats.date_long(date.fromisoformat(value)) if conditions.is_date(value) else str(value)
