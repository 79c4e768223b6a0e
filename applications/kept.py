"""What an analyst keeps of each cost: the case of `applications.budget` with less asked, and what was changed.

Pure core: plain data in, plain data out. A line that is kept whole leaves the case as it was filed, so that the same
input gives the same result; a lower one is an input of which less is asked (`asked`), its amount stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from applications import budget
from workflows.casefile import BadInput

REASONS = ("unproven", "excessive", "unrelated", "ineligible", "duplicate", "miscounted", "other")
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Line:
    """A cost that counts: what is asked of it, what is kept, and the code of the reason when it is less."""

    id: str
    asked: int
    kept: int
    reason: str = ""

    @property
    def is_cut(self) -> bool:
        """Whether something of it is not kept."""
        return self.kept < self.asked

    def told(self) -> dict[str, Any]:
        """The line as an event keeps it."""
        return {"id": self.id, "asked": self.asked, "kept": self.kept, "reason": self.reason}


def asked_of(cost: Mapping[str, Any]) -> int:
    """Dollars of a cost that its dossier asks to be counted."""
    return int(cost.get("asked", cost["amount"]))


def whole(case: Mapping[str, Any]) -> list[Line]:
    """Every cost that counts, kept whole."""
    found = [(str(one["id"]), asked_of(one)) for one in case["costs"] if one["eligible"]]
    return [Line(key, asked, asked) for key, asked in found]


def cut(case: Mapping[str, Any], lines: Sequence[Line]) -> dict[str, Any]:
    """The case with what is kept of each line; BadInput for a line it lacks, or more kept than asked."""
    known = {one.id: one.asked for one in whole(case)}
    kept = {one.id: one.kept for one in lines}
    if len(kept) != len(lines):
        raise BadInput("A line is kept twice.")
    for key, dollars in kept.items():
        if key not in known or not 0 <= dollars <= known[key]:
            raise BadInput(f"Line {key!r} cannot keep {dollars}.")
    costs = [
        {**one, "asked": kept[one["id"]]} if kept.get(one["id"], asked_of(one)) < asked_of(one) else dict(one)
        for one in case["costs"]
    ]
    return {**case, "costs": costs}


def compute(case: Mapping[str, Any], lines: Sequence[Line]) -> dict[str, Any]:
    """`{"input", "result"}` of the budget with what is kept."""
    given = cut(case, lines)
    return {"input": given, "result": budget.compute(given)}


def figures(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result without its sentences: what an event may hold."""
    return {name: value for name, value in result.items() if name != "explanation"}
