"""Scores of a dossier: totals of sheets, means of criteria, thresholds and divergences, in exact fractions.

Pure core: `score(case)` takes and returns plain data; `python -m review.scoring < case.json` runs it alone.
"""

from dataclasses import dataclass
from fractions import Fraction

from workflows.casefile import BadInput, exact, items, number, record, run, show, text, told, unique, whole

CASE = (
    "scale",
    "criteria",
    "overall_threshold",
    "divergence",
    "minimum_sheets",
    "consensus",
    "sheets",
)


@dataclass(frozen=True, slots=True)
class Scale:
    """The marks a reviewer may give."""

    least: Fraction
    most: Fraction
    step: Fraction

    def mark(self, data: object, where: str) -> Fraction:
        """A score inside the scale and on its step."""
        value = number(data, where)
        if not self.least <= value <= self.most:
            raise BadInput(f"{where} is {show(data)}, outside {exact(self.least)} to {exact(self.most)}.")
        if ((value - self.least) / self.step).denominator != 1:
            raise BadInput(f"{where} is {show(data)}, off the step of {exact(self.step)}.")
        return value


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion of the grid; its threshold is a percent."""

    id: str
    weight: int
    threshold: Fraction | None


Marks = dict[str, Fraction]


def _scale(data: object) -> Scale:
    given = record(data, "The scale", ["min", "max", "step"])
    least, most = number(given["min"], "The scale's min"), number(given["max"], "The scale's max")
    step = number(given["step"], "The scale's step")
    if not step:
        raise BadInput("The scale's step must be over 0.")
    if least >= most:
        raise BadInput("The scale's min must be under its max.")
    if ((most - least) / step).denominator != 1:
        raise BadInput("The scale's steps do not lead from its min to its max.")
    return Scale(least, most, step)


def _criteria(data: object) -> list[Criterion]:
    criteria: list[Criterion] = []
    for entry in items(data, "The criteria"):
        given = record(entry, "A criterion", ["id", "weight", "threshold"])
        name = text(given["id"], "The id of a criterion")
        if name == "total":
            raise BadInput("A criterion may not be called 'total', which names the total in divergences.")
        weight = whole(given["weight"], f"The weight of criterion {show(name)}")
        limit = given["threshold"]
        bar = None if limit is None else number(limit, f"The threshold of criterion {show(name)}", 100)
        criteria.append(Criterion(name, weight, bar))
    unique([each.id for each in criteria], "The criterion")
    if not sum(each.weight for each in criteria):
        raise BadInput("The weights of the criteria sum to 0.")
    return sorted(criteria, key=lambda each: each.id)


def _sheets(data: object, scale: Scale, criteria: list[Criterion]) -> dict[str, Marks]:
    sheets: list[tuple[str, Marks]] = []
    for entry in items(data, "The sheets"):
        given = record(entry, "A sheet", ["reviewer", "scores"])
        reviewer = text(given["reviewer"], "The reviewer of a sheet")
        where = f"The sheet of {show(reviewer)}"
        scores = record(given["scores"], where, [each.id for each in criteria])
        sheets.append(
            (reviewer, {each.id: scale.mark(scores[each.id], f"{where} on {each.id!r}") for each in criteria})
        )
    unique([reviewer for reviewer, _ in sheets], "The reviewer")
    return dict(sorted(sheets))


def _consensus(data: object, scale: Scale, criteria: list[Criterion]) -> Marks:
    given = record(data, "The consensus", [], [each.id for each in criteria])
    return {name: scale.mark(value, f"The consensus on {show(name)}") for name, value in given.items()}


def _total(marks: Marks, scale: Scale, criteria: list[Criterion]) -> Fraction:
    """Weighted percent of the marks: sum of weight × mark ÷ scale max, brought to weights that sum to 100."""
    points = sum((each.weight * marks[each.id] for each in criteria), Fraction(0))
    return points * 100 / (scale.most * sum(each.weight for each in criteria))


def _spread(values: list[Fraction]) -> Fraction:
    return max(values) - min(values) if values else Fraction(0)


def score(case: object) -> dict[str, object]:
    """Totals, means, thresholds and divergences of one dossier, as docs/cores.md says."""
    given = record(case, "The case", CASE)
    scale, criteria = _scale(given["scale"]), _criteria(given["criteria"])
    overall = number(given["overall_threshold"], "The overall threshold", 100)
    limits = record(given["divergence"], "The divergence", ["criterion", "total"])
    apart = number(limits["criterion"], "The divergence on a criterion")
    apart_total = number(limits["total"], "The divergence on the total")
    minimum = whole(given["minimum_sheets"], "The minimum of sheets")
    sheets = _sheets(given["sheets"], scale, criteria)
    consensus = _consensus(given["consensus"], scale, criteria)

    totals = {reviewer: _total(marks, scale, criteria) for reviewer, marks in sheets.items()}
    means: Marks = {}
    told_criteria: dict[str, object] = {}
    divergences: list[dict[str, str]] = []
    passes = True
    for each in criteria:
        marks = [sheet[each.id] for sheet in sheets.values()]
        if _spread(marks) > apart:
            divergences.append({"on": each.id, "spread": exact(_spread(marks))})
        if each.id not in consensus and not marks:
            told_criteria[each.id] = {"mean": None, "percent": None, "passes": None}
            continue
        mean = consensus[each.id] if each.id in consensus else sum(marks, Fraction(0)) / len(marks)
        percent = mean * 100 / scale.most
        reached = each.threshold is None or percent >= each.threshold
        passes = passes and reached
        means[each.id] = mean
        told_criteria[each.id] = {"mean": told(mean), "percent": told(percent), "passes": reached}
    if _spread(list(totals.values())) > apart_total:
        divergences.append({"on": "total", "spread": exact(_spread(list(totals.values())))})

    final = _total(means, scale, criteria) if len(means) == len(criteria) else None
    enough = len(sheets) >= minimum
    return {
        "totals": {reviewer: told(total) for reviewer, total in totals.items()},
        "criteria": told_criteria,
        "score": None if final is None else told(final),
        "passes": (passes and final >= overall) if enough and final is not None else None,
        "enough_sheets": enough,
        "divergences": divergences,
    }


if __name__ == "__main__":
    raise SystemExit(run(score))
