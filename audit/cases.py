"""The cases with which an outsider computes a line of a decision again, exactly as the cores read them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from applications import budget, eligibility, facts, keeping, kept
from applications.models import Snapshot
from review import scoring, selection
from workflows.casefile import BadInput

MODULES: Mapping[str, str] = {
    "eligibility": "applications.eligibility",
    "budget": "applications.budget",
    "left": "applications.budget",
    "kept": "applications.budget",
    "scoring": "review.scoring",
    "selection": "review.selection",
}
NAMES: Mapping[str, Any] = {
    "eligibility": _("Admissibilité"),
    "budget": _("Calcul de l’aide"),
    "left": _("Aide sans les organismes partis depuis"),
    "kept": _("Aide avec les coûts retenus par l’analyse"),
    "scoring": pgettext_lazy("score", "Note"),
    "selection": _("Sélection"),
}
CORES: Mapping[str, Callable[[object], Any]] = {
    "eligibility": eligibility.judge,
    "budget": budget.compute,
    "left": budget.compute,
    "kept": lambda case: kept.figures(budget.compute(case)),
    "scoring": scoring.score,
    "selection": selection.select,
}


@dataclass(frozen=True)
class Kept:
    """A case and the result that the site kept when it decided."""

    kind: str
    case: Any
    result: Any

    @property
    def name(self) -> Any:
        """What it computes, in words."""
        return NAMES[self.kind]

    @property
    def module(self) -> str:
        """The core that an outsider runs."""
        return MODULES[self.kind]

    def agrees(self) -> bool:
        """Compute again now: whether the core gives the result that was kept."""
        try:
            found = CORES[self.kind](self.case)
        except BadInput:
            return False
        if self.kind == "eligibility":
            return bool(
                {one["id"]: one["result"] for one in found} == {r["id"]: r["result"] for r in self.result}
            )
        return bool(found == self.result)


def of_snapshot(snapshot: Snapshot, findings: Iterable[Any]) -> list[Kept]:
    """Eligibility as it was proposed on a version, and the budget that it froze."""
    content = json.loads(snapshot.text)
    found: list[Kept] = []
    proposed = {one.rule: one for one in findings}
    rules = [one for one in snapshot.edition.content["rules"] if one["id"] in proposed]
    if rules:
        verdicts = [
            {
                "id": one["id"],
                "result": proposed[one["id"]].proposed,
                "cause": proposed[one["id"]].cause,
                "article": one["article"],
                "missing": proposed[one["id"]].missing,
            }
            for one in rules
        ]
        found.append(Kept("eligibility", {"rules": rules, "facts": facts.judged(snapshot)}, verdicts))
    computed = content.get("budget") or {}
    if computed.get("result"):
        found.append(Kept("budget", computed["input"], computed["result"]))
    since = (snapshot.since or {}).get("budget")
    if since:
        found.append(Kept("left", since["input"], since["result"]))
    return found


def of_standing(found: keeping.Standing | None) -> Kept | None:
    """The aid as an analyst confirmed it, from the event that holds its input and its result."""
    return Kept("kept", found.input, found.result) if found is not None and found.event is not None else None


def of_scoring(text: str, number: str) -> Kept | None:
    """The note of a dossier as the lock of its panel froze it."""
    one = json.loads(text)["dossiers"].get(number)
    return Kept("scoring", one["input"], one["result"]) if one and one.get("input") else None


def of_selection(case: str, result: str) -> Kept:
    """A selection as it was kept: canonical texts."""
    return Kept("selection", json.loads(case), json.loads(result))


def anonymous(kept: Kept) -> Kept:
    """The same note with reviewers by place, for who may not know them; the figures do not change."""
    codes = {one["reviewer"]: f"E{place}" for place, one in enumerate(kept.case["sheets"], start=1)}
    case = {
        **kept.case,
        "sheets": [{**one, "reviewer": codes[one["reviewer"]]} for one in kept.case["sheets"]],
    }
    totals = {codes.get(code, code): total for code, total in kept.result["totals"].items()}
    return Kept(kept.kind, case, {**kept.result, "totals": totals})
