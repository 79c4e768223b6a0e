"""Whether a formula over whole numbers can hold: an exact decision, never a sample.

A formula is made of bounds `x - y <= c` between variables (variable 0 is the constant zero), all-of and
one-of. A set of bounds is decided by its shortest paths (whole numbers, so strict is `<= c - 1`); one-of is
tried branch by branch, after all that follows from the bounds at hand has been drawn. Work is counted and
refused past a limit, so that no definition can hold the machine.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from workflows.casefile import BadInput

FAR = 1 << 600
"""Further than any sum of constants of a case."""
DEPTH = 250


@dataclass(frozen=True, slots=True)
class Bound:
    """`x - y <= c`."""

    x: int
    y: int
    c: int


@dataclass(frozen=True, slots=True)
class Every:
    """All of the parts; with none, true."""

    parts: "tuple[Formula, ...]"


@dataclass(frozen=True, slots=True)
class Some:
    """One of the parts at least; with none, false."""

    parts: "tuple[Formula, ...]"


Formula = Bound | Every | Some
TRUE, FALSE = Every(()), Some(())
Paths = list[list[int]]


@dataclass(slots=True)
class Effort:
    """The work still allowed for one definition."""

    left: int = 6_000_000

    def spend(self, amount: int) -> None:
        """Count some work; refuse the case when none is left."""
        self.left -= amount
        if self.left < 0:
            raise BadInput("The conditions of the definition are too large to be judged exactly.")


def negate(formula: Formula) -> Formula:
    """The contrary of a formula."""
    if isinstance(formula, Bound):
        return Bound(formula.y, formula.x, -formula.c - 1)
    parts = tuple([negate(part) for part in formula.parts])
    return Some(parts) if isinstance(formula, Every) else Every(parts)


def _add(paths: Paths, bound: Bound, effort: Effort) -> bool:
    """Add a bound to the closed paths in place; false when it contradicts them."""
    x, y, c = bound.x, bound.y, bound.c
    if paths[y][x] + c < 0:
        return False
    if paths[x][y] <= c:
        return True
    effort.spend(len(paths) * len(paths) // 4 + 1)
    tail = paths[y]
    for row in paths:
        base = row[x] + c
        if base < FAR // 2:
            for place, step in enumerate(tail):
                if base + step < row[place]:
                    row[place] = base + step
    return True


def _reduce(formula: Formula, paths: Paths, effort: Effort) -> Formula:
    """The formula, less what the paths already decide."""
    effort.spend(1)
    if isinstance(formula, Bound):
        if paths[formula.x][formula.y] <= formula.c:
            return TRUE
        return FALSE if paths[formula.y][formula.x] + formula.c < 0 else formula
    settled = FALSE if isinstance(formula, Every) else TRUE
    kind = type(formula)
    parts: list[Formula] = []
    for part in formula.parts:
        reduced = _reduce(part, paths, effort)
        if reduced == settled:
            return settled
        if isinstance(reduced, kind):
            parts.extend(reduced.parts)
        else:
            parts.append(reduced)
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def _draw(pending: list[Formula], paths: Paths, effort: Effort) -> list[Some] | None:
    """Add to the paths all that must hold; give the choices left open, or None on a contradiction."""
    moved = True
    while moved:
        moved = False
        open_choices: list[Formula] = []
        for formula in pending:
            reduced = _reduce(formula, paths, effort)
            for part in reduced.parts if isinstance(reduced, Every) else (reduced,):
                if part == FALSE:
                    return None
                if isinstance(part, Bound):
                    if not _add(paths, part, effort):
                        return None
                    moved = True
                else:
                    open_choices.append(part)
        pending = open_choices
    return [each for each in pending if isinstance(each, Some)]


def _apart(choice: Some) -> bool:
    """Whether the choice only keeps two terms apart: these are tried last."""
    if len(choice.parts) != 2:
        return False
    one, other = choice.parts
    return isinstance(one, Bound) and isinstance(other, Bound) and (one.x, one.y) == (other.y, other.x)


def _search(pending: list[Formula], paths: Paths, effort: Effort, depth: int) -> bool:
    if depth > DEPTH:
        raise BadInput("The conditions of the definition are too large to be judged exactly.")
    while True:
        choices = _draw(pending, paths, effort)
        if choices is None:
            return False
        if not choices:
            return True
        choice = min(choices, key=lambda each: (_apart(each), len(each.parts)))
        pending = [each for each in choices if each is not choice]
        *others, last = choice.parts
        for part in others:
            effort.spend(len(paths))
            if _search([part, *pending], [row.copy() for row in paths], effort, depth + 1):
                return True
            if isinstance(part, Bound):
                pending.append(negate(part))
        pending.append(last)


def can_hold(formulas: Iterable[Formula], variables: int, effort: Effort) -> bool:
    """Whether whole numbers exist for the variables 1 … `variables` that satisfy every formula."""
    size = variables + 1
    paths = [[0 if row == column else FAR for column in range(size)] for row in range(size)]
    return _search(list(formulas), paths, effort, 0)
