"""A filed version read by section: what was answered, shown in words, and what changed since the version before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from re import findall
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import ScanState, Snapshot
from web import formats
from web.lists import State
from workflows import conditions

Marked = list[tuple[str, bool]]
SCANS: Mapping[str, State] = {
    ScanState.NOT_SCANNED: State("draft", gettext_lazy("Non analysé")),
    ScanState.WAITING: State("in_progress", gettext_lazy("Analyse en attente")),
    ScanState.CLEAN: State("ok", gettext_lazy("Analysé, rien trouvé")),
    ScanState.INFECTED: State("ko", gettext_lazy("Retenu : logiciel malveillant")),
    ScanState.FAILED: State("warn", gettext_lazy("Analyse impossible, non analysé")),
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
class Budget:
    """Lines, funding and result of a budget answer."""

    lines: list[dict[str, Any]]
    funding: list[dict[str, Any]]
    total: int


@dataclass(frozen=True)
class Shown:
    """A question and its answer in words."""

    code: str
    label: Any
    kind: str
    text: str = ""
    files: list[File] = field(default_factory=list)
    budget: Budget | None = None
    required: bool = False

    @property
    def is_empty(self) -> bool:
        """Nothing was answered."""
        return not (self.text or self.files or self.budget)


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


@lru_cache(maxsize=64)
def _content(text: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(text)
    return content


def content_of(snapshot: Snapshot) -> dict[str, Any]:
    """The frozen content, to be read only."""
    return _content(snapshot.text)


def questions_of(edition: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Every question of a form by its code."""
    return {one["code"]: one for part in edition["form"]["sections"] for one in part["questions"]}


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
                SCANS[scan],
                scan == ScanState.INFECTED,
            )
        )
    return found


def sections(snapshot: Snapshot, edition: Mapping[str, Any], files: Sequence[File]) -> list[Section]:
    """The whole filed version, in the order of the form, questions that did not apply left out."""
    content = content_of(snapshot)
    answers, facts = content.get("answers", {}), content.get("facts", {})
    found: list[Section] = []
    for part in edition["form"]["sections"]:
        shown = [
            _shown(one, answers.get(one["code"]), facts, files)
            for one in part["questions"]
            if _holds(one.get("show_when"), facts)
        ]
        found.append(Section(part["code"], part["title"], shown))
    return found


def _holds(condition: Any, facts: Mapping[str, Any]) -> bool:
    """A question without condition is always shown."""
    if condition is None:
        return True
    known = conditions.read_facts({key: value for key, value in facts.items() if _is_fact(value)})
    return bool(conditions.evaluate(conditions.parse(condition), known).value)


def _is_fact(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(one, (int, str, bool)) for one in value)
    return isinstance(value, (int, str, bool))


def _shown(
    question: Mapping[str, Any], value: Any, facts: Mapping[str, Any], files: Sequence[File]
) -> Shown:
    code, kind = str(question["code"]), str(question["type"])
    required = bool(question.get("required")) or (
        question.get("require_when") is not None and _holds(question["require_when"], facts)
    )
    mine = [one for one in files if one.slot == code] if kind == "file" else []
    return Shown(
        code,
        question["label"],
        kind,
        text_of(question, value),
        mine,
        budget_of(value) if kind == "budget" and isinstance(value, Mapping) else None,
        required,
    )


def text_of(question: Mapping[str, Any], value: Any) -> str:
    """An answer in words, whatever its type; empty when nothing was answered."""
    kind = question["type"]
    if value is None or value == "" or value == [] or kind in ("file", "budget"):
        return ""
    labels = {one["code"]: formats.tr(one["label"]) for one in question.get("choices", [])}
    if kind == "choice":
        return labels.get(value, str(value))
    if kind == "multi_choice":
        return ", ".join(labels.get(one, str(one)) for one in value)
    if kind == "money":
        return formats.money(value)
    if kind == "number":
        return formats.number(value)
    if kind in ("yes_no", "declaration"):
        return _("Oui") if value else _("Non")
    if kind == "date":
        return formats.date_long(date.fromisoformat(value)) if conditions.is_date(value) else str(value)
    return str(value)


def budget_of(value: Mapping[str, Any]) -> Budget | None:
    """The two tables of a budget answer."""
    lines, funding = list(value.get("lines") or []), list(value.get("funding") or [])
    if not lines and not funding:
        return None
    return Budget(lines, funding, sum(int(one.get("amount") or 0) for one in lines))


# --- differences ----------------------------------------------------------------------------------------
def changes(before: Snapshot, after: Snapshot, edition: Mapping[str, Any]) -> list[Change]:
    """Answers that differ between two versions, in the order of the form."""
    questions = questions_of(edition)
    old, new = _plain(before, questions), _plain(after, questions)
    return [
        Change(code, question["label"], *marked(old[code], new[code]))
        for code, question in questions.items()
        if old[code] != new[code]
    ]


def versions_changed(snapshots: Sequence[Snapshot], edition: Mapping[str, Any]) -> dict[int, int]:
    """How many answers each version changed, by version."""
    ordered = sorted(snapshots, key=lambda one: one.version)
    return {new.version: len(changes(old, new, edition)) for old, new in pairwise(ordered)}


def _plain(snapshot: Snapshot, questions: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Every answer as one text: files by name and digest, a budget line by line."""
    content = content_of(snapshot)
    answers = content.get("answers", {})
    found: dict[str, str] = {}
    for code, question in questions.items():
        value = answers.get(code)
        if question["type"] == "file":
            rows = [one for one in content.get("files", []) if one["slot"] == code]
            found[code] = "\n".join(f"{one['name']} ({one['digest'].removeprefix('sha256:')[:12]})" for one in rows)
        elif question["type"] == "budget":
            found[code] = _budget_text(value)
        else:
            found[code] = text_of(question, value)
    return found


def _budget_text(value: Any) -> str:
    budget = budget_of(value) if isinstance(value, Mapping) else None
    if budget is None:
        return ""
    rows = [f"{one.get('description', '')} : {formats.money(one.get('amount') or 0)}" for one in budget.lines]
    rows += [f"{one.get('source', '')} : {formats.money(one.get('amount') or 0)}" for one in budget.funding]
    return "\n".join(rows)


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
}
SOURCES = {
    **dict.fromkeys(
        ("lead_kind", "designation", "population", "region", "mrc", "language_regime"),
        gettext_lazy("répertoire des municipalités, figé au dépôt"),
    ),
    **dict.fromkeys(("aid", "kept_costs", "asked", "own"), gettext_lazy("calcul du budget")),
    **dict.fromkeys(("filed_on", "closes_on", "months", "volet", "bodies"), gettext_lazy("dépôt et calendrier")),
}
MONEY = frozenset({"aid", "kept_costs", "asked", "own"})


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
    facts, answers = content.get("facts", {}), content.get("answers", {})
    found: list[Evidence] = []
    seen: set[str] = set()
    for name in names:
        if name in questions:
            role = str(questions[name].get("role") or "")
            family = role.partition("_")[0]
            near = [
                code
                for code, one in questions.items()
                if code == name or (family == "resolution" and str(one.get("role") or "").startswith(family))
            ]
            for code in near:
                if code not in seen:
                    seen.add(code)
                    mine = [one for one in files if one.slot == code]
                    text = text_of(questions[code], answers.get(code))
                    found.append(Evidence(questions[code]["label"], text, "", code, mine))
        elif name not in seen:
            seen.add(name)
            found.append(Evidence(FACTS.get(name, name), fact_text(name, facts.get(name)), SOURCES.get(name, "")))
    return found


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
    if isinstance(value, list):
        return formats.number(len(value))
    return formats.date_long(date.fromisoformat(value)) if conditions.is_date(value) else str(value)
