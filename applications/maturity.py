"""Self-diagnosis: levels chosen statement by statement, their exact means, and the dimensions to work on first.

Pure core: `judge(case)` takes and returns plain data; run alone as `python -m applications.maturity`.
"""

from dataclasses import dataclass
from fractions import Fraction

from workflows.casefile import BadInput, items, record, run, show, text, told, unique, whole


@dataclass(frozen=True, slots=True)
class Dimension:
    """Statements that are read together."""

    code: str
    statements: tuple[str, ...]


def _dimensions(data: object) -> list[Dimension]:
    found: list[Dimension] = []
    for entry in items(data, "The dimensions"):
        given = record(entry, "A dimension", ["code", "statements"])
        code = text(given["code"], "The code of a dimension")
        where = f"dimension {show(code)}"
        names = [text(one, f"A statement of {where}") for one in items(given["statements"], f"The {where}")]
        if not names:
            raise BadInput(f"The {where} has no statement.")
        found.append(Dimension(code, tuple(names)))
    unique([one.code for one in found], "The dimension")
    unique([name for one in found for name in one.statements], "The statement")
    return found


def _answers(data: object, known: set[str], most: int) -> dict[str, int]:
    if not isinstance(data, dict):
        raise BadInput(f"The answers must be an object, not {show(data)}.")
    found: dict[str, int] = {}
    for name, level in data.items():
        if name not in known:
            raise BadInput(f"The answers have an unknown statement {show(name)}.")
        found[str(name)] = whole(level, f"The level of {show(name)}")
        if found[str(name)] > most:
            raise BadInput(f"The level of {show(name)} must be at most {most}, not {show(level)}.")
    return found


def mean(values: list[Fraction]) -> Fraction:
    """The exact mean of one value or more."""
    return sum(values, Fraction(0)) / len(values)


def weakest(levels: dict[str, Fraction], *, most: int, keep: int) -> list[str]:
    """The lowest level under the highest possible, whoever shares it, then the next ones while all of a level fit in
    `keep`; lowest first.
    """
    every = list(levels.values())
    chosen = [
        code
        for code, level in levels.items()
        if level < most and (level == min(every) or sum(other <= level for other in every) <= keep)
    ]
    return sorted(chosen, key=lambda code: levels[code])


def judge(case: object) -> dict[str, object]:
    """Level of each dimension whose statements are all answered, the whole, the weakest, as docs/cores.md says."""
    given = record(case, "The case", ["dimensions", "answers", "most", "keep"])
    most, keep = whole(given["most"], "The key 'most'", 1), whole(given["keep"], "The key 'keep'", 1)
    dimensions = _dimensions(given["dimensions"])
    known = {name for one in dimensions for name in one.statements}
    answers = _answers(given["answers"], known, most)
    levels: dict[str, Fraction] = {}
    for one in dimensions:
        if all(name in answers for name in one.statements):
            levels[one.code] = mean([Fraction(answers[name]) for name in one.statements])
    is_whole = bool(dimensions) and len(levels) == len(dimensions)
    return {
        "dimensions": [
            {
                "code": one.code,
                "answered": sum(name in answers for name in one.statements),
                "of": len(one.statements),
                "level": told(levels[one.code]) if one.code in levels else None,
            }
            for one in dimensions
        ],
        "overall": told(mean(list(levels.values()))) if is_whole else None,
        "weakest": weakest(levels, most=most, keep=keep),
        "missing": [name for one in dimensions for name in one.statements if name not in answers],
    }


if __name__ == "__main__":
    raise SystemExit(run(judge))
