"""From typed conditions over declared facts to formulas over whole numbers, the same truths kept.

Amounts and days are whole numbers. Texts are placed on a line: the constants in code point order, with as
much room between two neighbours as texts exist between them (none between "a" and "a" followed by a zero
character) or as facts could need. A list is seen through what is asked of it: its count, its sum, its
members, or itself as one value.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations

from workflows.casefile import BadInput, show
from workflows.conditions import (
    Compare,
    Condition,
    Constant,
    Exists,
    Fact,
    Junction,
    Not,
    Operand,
    Tally,
    Value,
    is_date,
    kind_of,
    leaves,
)
from workflows.soundness_regions import FALSE, TRUE, Bound, Every, Formula, Some, negate

Term = tuple[int, int]
"""A variable and what is added to it; variable 0 is zero."""
MEMBERS = 8
"""How many different members of one list may be asked for beside its count."""


def at_most(left: Term, right: Term, less: int = 0) -> Formula:
    """`left + less <= right`."""
    bound = Bound(left[0], right[0], right[1] - left[1] - less)
    if bound.x == bound.y:
        return TRUE if bound.c >= 0 else FALSE
    return bound


def equal(left: Term, right: Term) -> Formula:
    """`left = right`."""
    return Every((at_most(left, right), at_most(right, left)))


def text_line(constants: Iterable[str], room: int) -> dict[str, int]:
    """A whole number for each text constant, in order, with room for the other texts between."""
    places: dict[str, int] = {}
    before, place = "", 0
    for text in sorted({"", *constants}):
        beyond = text[len(before) :]
        tight = text.startswith(before) and not beyond.strip("\0")
        place += len(beyond) if tight else room
        places[text] = place
        before = text
    return places


def _holds_negative(operand: Operand) -> bool:
    """Whether the operand is a list that no fact can be, for amounts are never negative."""
    listed = operand.value if isinstance(operand, Constant) and isinstance(operand.value, list) else []
    return any(type(each) is int and each < 0 for each in listed)


class Terms:
    """The variables of one stage, what always holds of them, and its conditions as formulas."""

    def __init__(self, conditions: Sequence[Condition], types: Mapping[str, str]) -> None:
        self.types = types
        self.always: list[Formula] = []
        self._variables: dict[tuple[str, str, Term], int] = {}
        self._members: dict[str, dict[Term, Term]] = {}
        comparisons = [leaf for each in conditions for leaf in leaves(each) if isinstance(leaf, Compare)]
        self._elements = self._element_kinds(comparisons)
        self._measured = self._measured_lists(comparisons)
        self._texts = text_line(self._text_constants(comparisons), len(types) + 1)
        self._values: dict[str, int] = {}
        self.formulas = [self._formula(each) for each in conditions]
        for name in sorted(self._members):
            self._tie_members(name)
        self._tie_sums()

    @property
    def size(self) -> int:
        """How many variables there are."""
        return len(self._variables)

    # --- what the comparisons ask for -------------------------------------------------------------

    def _kind(self, operand: Operand) -> str:
        if isinstance(operand, Constant):
            return kind_of(operand.value)
        return "money" if isinstance(operand, Tally) else self.types[operand.name]

    def _common(self, leaf: Compare) -> str:
        """The type in which a comparison is made: a text constant beside a date is a date."""
        kinds = {self._kind(leaf.left), self._kind(leaf.right)}
        return "date" if "date" in kinds else kinds.pop()

    def _element_kinds(self, comparisons: list[Compare]) -> dict[str, str]:
        asked: dict[str, list[Operand]] = {}
        for leaf in comparisons:
            if leaf.op == "in" and isinstance(leaf.right, Fact):
                asked.setdefault(leaf.right.name, []).append(leaf.left)
        elements: dict[str, str] = {}
        for name, operands in asked.items():
            kinds = {self._kind(each) for each in operands}
            dates = all(is_date(each.value) for each in operands if isinstance(each, Constant))
            if kinds == {"date", "text"} and dates and not self._text_facts(operands):
                kinds = {"date"}
            if len(kinds) > 1:
                raise BadInput(f"The list {show(name)} is asked for members of several types.")
            elements[name] = kinds.pop()
        return elements

    def _text_facts(self, operands: list[Operand]) -> bool:
        return any(isinstance(each, Fact) and self.types[each.name] == "text" for each in operands)

    def _measured_lists(self, comparisons: list[Compare]) -> set[str]:
        """The lists whose count, sum or members are asked for."""
        measured = set(self._elements)
        for leaf in comparisons:
            for operand in (leaf.left, leaf.right):
                if isinstance(operand, Tally):
                    measured.add(operand.name)
                    if operand.op == "sum" and operand.name in self._elements:
                        raise BadInput(
                            f"The sum of {show(operand.name)} and its members are too much to judge together."
                        )
        return measured

    def _text_constants(self, comparisons: list[Compare]) -> set[str]:
        texts: set[str] = set()
        for leaf in comparisons:
            for operand in (leaf.left, leaf.right):
                if isinstance(operand, Constant):
                    listed = operand.value if isinstance(operand.value, list) else [operand.value]
                    texts |= {each for each in listed if isinstance(each, str)}
        return texts

    # --- variables --------------------------------------------------------------------------------

    def _variable(self, what: str, name: str, least: int | None, most: int | None, of: Term = (0, 0)) -> Term:
        key = (what, name, of)
        if key not in self._variables:
            self._variables[key] = len(self._variables) + 1
            term = (self._variables[key], 0)
            if least is not None:
                self.always.append(at_most((0, least), term))
            if most is not None:
                self.always.append(at_most(term, (0, most)))
        return (self._variables[key], 0)

    def _constant(self, value: Value, kind: str) -> Term:
        if isinstance(value, list):
            written = repr([(kind_of(each), each) for each in value])
            return (0, self._values.setdefault(written, len(self._values)))
        if isinstance(value, str):
            return (0, date.fromisoformat(value).toordinal() if kind == "date" else self._texts[value])
        return (0, int(value))

    def _term(self, operand: Operand, kind: str) -> Term:
        if isinstance(operand, Constant):
            return self._constant(operand.value, kind)
        if isinstance(operand, Tally):
            return self._variable(operand.op, operand.name, 0, None)
        if kind == "list":
            return self._variable("list", operand.name, None, None)
        least = 1 if kind == "date" else 0
        most = {"date": date.max.toordinal(), "boolean": 1}.get(kind)
        return self._variable("fact", operand.name, least, most)

    # --- formulas ---------------------------------------------------------------------------------

    def _formula(self, condition: Condition) -> Formula:
        if isinstance(condition, Junction):
            parts = tuple([self._formula(arg) for arg in condition.args])
            return Every(parts) if condition.op == "and" else Some(parts)
        if isinstance(condition, Not):
            return negate(self._formula(condition.arg))
        if isinstance(condition, Exists):
            raise BadInput("The test 'exists' may not be used in a definition: its facts are never missing.")
        if condition.op == "in":
            return self._membership(condition)
        kind = self._common(condition)
        if kind == "list":
            same = self._same_lists(condition.left, condition.right)
            return same if condition.op == "eq" else negate(same)
        left, right = self._term(condition.left, kind), self._term(condition.right, kind)
        if condition.op in ("eq", "ne"):
            return equal(left, right) if condition.op == "eq" else negate(equal(left, right))
        if condition.op in ("lt", "le"):
            return at_most(left, right, int(condition.op == "lt"))
        return at_most(right, left, int(condition.op == "gt"))

    def _membership(self, leaf: Compare) -> Formula:
        if isinstance(leaf.right, Constant) and isinstance(leaf.right.value, list):
            kind = self._kind(leaf.left)
            left = self._term(leaf.left, kind)
            return Some(tuple([equal(left, self._constant(each, kind)) for each in leaf.right.value]))
        if not isinstance(leaf.right, Fact):
            raise BadInput("The right side of 'in' must be a list.")
        name = leaf.right.name
        term = self._term(leaf.left, self._elements[name])
        inside = self._variable("member", name, 0, 1, term)
        self._members.setdefault(name, {})[term] = inside
        if self._elements[name] == "money":
            self.always.append(Some((at_most(inside, (0, 0)), at_most((0, 0), term))))
        return at_most((0, 1), inside)

    def _same_lists(self, left: Operand, right: Operand) -> Formula:
        if left == right:
            return TRUE
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Fact) and _holds_negative(other):
                return FALSE
            if isinstance(one, Fact) and one.name in self._measured:
                if not (isinstance(other, Constant) and other.value == []):
                    raise BadInput(
                        f"The list {show(one.name)} is compared whole and by its elements: too much to judge."
                    )
                return equal(self._variable("count", one.name, 0, None), (0, 0))
        return equal(self._term(left, "list"), self._term(right, "list"))

    # --- what always holds of lists ---------------------------------------------------------------

    def _tie_members(self, name: str) -> None:
        """Equal values are both members or neither; a list has as many elements as different members."""
        members = self._members[name]
        for (one, one_in), (other, other_in) in combinations(members.items(), 2):
            self.always.append(Some((negate(equal(one, other)), equal(one_in, other_in))))
        if ("count", name, (0, 0)) not in self._variables:
            return
        if len(members) > MEMBERS:
            raise BadInput(
                f"The list {show(name)} is asked for more than {MEMBERS} members beside its count."
            )
        count = self._variable("count", name, 0, None)
        for size in range(1, len(members) + 1):
            for chosen in combinations(members.items(), size):
                outside = [at_most(inside, (0, 0)) for _, inside in chosen]
                twins = [equal(one, other) for (one, _), (other, _) in combinations(chosen, 2)]
                self.always.append(Some((*outside, *twins, at_most((0, size), count))))
        if self._elements[name] == "boolean":
            # Nothing else to fill the list with: without true and without false it is empty.
            for (one, one_in), (other, other_in) in combinations(members.items(), 2):
                inside_one, inside_other = at_most((0, 1), one_in), at_most((0, 1), other_in)
                empty = at_most(count, (0, 0))
                self.always.append(Some((inside_one, inside_other, equal(one, other), empty)))

    def _tie_sums(self) -> None:
        """An empty list sums to 0; any other may sum to any amount."""
        for what, name, of in list(self._variables):
            if what == "sum" and ("count", name, of) in self._variables:
                total = self._variable("sum", name, 0, None)
                count = self._variable("count", name, 0, None)
                self.always.append(Some((at_most(total, (0, 0)), at_most((0, 1), count))))
