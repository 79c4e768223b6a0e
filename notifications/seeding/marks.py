"""What reviewers write on composed projects: marks near one another, or one pair far apart, each with its words."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from random import Random
from typing import Any

from notifications.seeding.composing import phrases
from notifications.seeding.corpus import Project

STRONG, GOOD, WEAK = "strong", "good", "weak"
# The middle of the marks of a project, by quarters of its draw; a weak one misses a threshold.
MIDDLES = {STRONG: ("4", "4.5"), GOOD: ("3.5", "4"), WEAK: ("2.5", "3")}
ALWAYS = ("C1", "C2", "C4")
STEP = Fraction(1, 2)


def sheet(
    project: Project, grid: Mapping[str, Any], level: str, place: int, *, apart: str = ""
) -> dict[str, Any]:
    """Marks, comments, strengths and weaknesses of one reviewer; `apart` is the criterion on which they differ."""
    rng = Random(f"{project.code}:{place}")
    middle = Random(project.code)
    marks: dict[str, Fraction] = {}
    for one in grid["criteria"]:
        base = Fraction(middle.choice(MIDDLES[level]))
        marks[one["id"]] = base + STEP * rng.choice((-1, 0, 0, 1) if level != WEAK else (-1, 0, 0))
    if apart:
        marks[apart] = Fraction(2) if place == 0 else Fraction("4.5")
    scores = {code: _text(min(max(mark, Fraction(0)), Fraction(5))) for code, mark in marks.items()}
    words = project.data["words"]
    best = max(scores, key=lambda code: (Fraction(scores[code]), code))
    return {
        "scores": scores,
        "comments": _comments(project, grid, scores, place),
        "strengths": _pick("strengths", project, place, int(best[1:])).format_map(words),
        "weaknesses": _pick("weaknesses", project, place, int(best[1:]) + 1).format_map(words),
    }


def _text(mark: Fraction) -> str:
    return str(int(mark)) if mark.denominator == 1 else f"{float(mark):.1f}"


def _pick(name: str, project: Project, place: int, salt: int) -> str:
    found = phrases()[name]
    return str(found[(sum(map(ord, project.code + project.lead)) + 5 * place + salt) % len(found)])


def _comments(
    project: Project, grid: Mapping[str, Any], scores: Mapping[str, str], place: int
) -> dict[str, str]:
    """Comments where the grid wants one, and on the criteria that everybody comments."""
    asked = grid["comment_required"]
    low, at = Fraction(asked["below"]), Fraction(asked["at"])
    found = {}
    for rank, (code, score) in enumerate(scores.items()):
        mark = Fraction(score)
        if code in ALWAYS or mark < low or mark == at:
            tone = "low" if mark < low else "high" if mark >= 4 else "mid"
            first = phrases()[tone][code][(place + rank + len(project.lead)) % 2]
            text = f"{first} {_pick('closers', project, place, 3 * rank)}"
            found[code] = text.format_map(project.data["words"])
    return found
