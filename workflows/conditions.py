"""The condition language: a small typed tree over facts, parsed, type-checked, evaluated in three values.

One language for eligibility rules, questions shown or required and outcomes of stages. A pure core.
`judge(data, facts)` does all three steps; a missing fact makes unknown, never false.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from workflows.casefile import DIGITS, BadInput, items, record, show, text

TYPES = ("money", "boolean", "text", "date", "list")
ORDERED = ("lt", "le", "gt", "ge")
COMPARISONS = ("eq", "ne", *ORDERED, "in")
DEPTH = 100
"""How deeply conditions may be nested."""

Scalar = int | bool | str
Value = Scalar | list[Scalar]
Facts = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Fact:
    """An operand: the value of a fact."""

    name: str


@dataclass(frozen=True, slots=True)
class Tally:
    """An operand: how many elements a list has, or what its integers sum to."""

    op: str
    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """An operand: a value written in the condition."""

    value: Value


Operand = Fact | Tally | Constant


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands compared."""

    op: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether a fact is there; never unknown."""

    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary of a condition."""

    arg: "Condition"


@dataclass(frozen=True, slots=True)
class Junction:
    """All of the arguments (`and`) or one of them at least (`or`)."""

    op: str
    args: tuple["Condition", ...]


Condition = Compare | Exists | Not | Junction


@dataclass(frozen=True, slots=True)
class Verdict:
    """True, false, or None for unknown, with the missing facts that make it unknown."""

    value: bool | None
    missing: frozenset[str] = frozenset()


def kind_of(value: Value) -> str:
    """The type of a JSON value; a date written in JSON is a text."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "money"
    return "text" if isinstance(value, str) else "list"


def is_date(value: object) -> bool:
    """Whether the value is a day written YYYY-MM-DD."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _scalar(data: object, where: str) -> Scalar:
    if isinstance(data, bool | str):
        return data
    if type(data) is not int:
        raise BadInput(f"{where} must be a whole number, a boolean or a text, not {show(data)}.")
    if abs(data) >= 10**DIGITS:
        raise BadInput(f"{where} is a number of more than {DIGITS} digits.")
    return data


def read_value(data: object, where: str) -> Value:
    """A whole number, a boolean, a text or a list of these."""
    if isinstance(data, list):
        return [_scalar(each, f"An element of {where[0].lower()}{where[1:]}") for each in data]
    return _scalar(data, where)


def read_facts(data: object) -> dict[str, Value]:
    """The facts of a case: null ones are missing and left out; amounts are never negative."""
    if not isinstance(data, dict):
        raise BadInput(f"The facts must be an object, not {show(data)}.")
    facts: dict[str, Value] = {}
    for name, raw in data.items():
        text(name, "The name of a fact")
        if raw is None:
            continue
        value = read_value(raw, f"The fact {show(name)}")
        for each in value if isinstance(value, list) else [value]:
            if type(each) is int and each < 0:
                raise BadInput(f"The fact {show(name)} is negative: {each}.")
        facts[name] = value
    return facts


def _operand(data: object) -> Operand:
    if not isinstance(data, dict):
        raise BadInput(f"An operand must be an object, not {show(data)}.")
    if "op" in data:
        given = record(data, "An operand", ["op", "fact"])
        if given["op"] not in ("count", "sum"):
            raise BadInput(f"The op of an operand must be count or sum, not {show(given['op'])}.")
        return Tally(str(given["op"]), text(given["fact"], "The name of a fact"))
    if "fact" in data:
        return Fact(text(record(data, "An operand", ["fact"])["fact"], "The name of a fact"))
    return Constant(read_value(record(data, "An operand", ["value"])["value"], "The value of an operand"))


def parse(data: object, depth: int = 0) -> Condition:
    """The condition written in `data`, its shape checked; types are checked by `check_types`."""
    if depth > DEPTH:
        raise BadInput(f"A condition is nested more than {DEPTH} levels deep.")
    if not isinstance(data, dict):
        raise BadInput(f"A condition must be an object, not {show(data)}.")
    if "op" not in data:
        raise BadInput("A condition lacks the key 'op'.")
    op = data["op"]
    if op in ("and", "or"):
        args = items(record(data, f"The condition '{op}'", ["op", "args"])["args"], f"The args of '{op}'")
        if not args:
            raise BadInput(f"The condition '{op}' needs at least one argument.")
        return Junction(op, tuple([parse(arg, depth + 1) for arg in args]))
    if op == "not":
        return Not(parse(record(data, "The condition 'not'", ["op", "arg"])["arg"], depth + 1))
    if op == "exists":
        return Exists(
            text(record(data, "The condition 'exists'", ["op", "fact"])["fact"], "The name of a fact")
        )
    if op not in COMPARISONS:
        raise BadInput(f"A condition has an unknown op {show(op)}.")
    given = record(data, f"The condition '{op}'", ["op", "left", "right"])
    return Compare(op, _operand(given["left"]), _operand(given["right"]))


def leaves(condition: Condition) -> Iterator[Compare | Exists]:
    """The comparisons and tests of existence of a condition, from left to right."""
    if isinstance(condition, Junction):
        for arg in condition.args:
            yield from leaves(arg)
    elif isinstance(condition, Not):
        yield from leaves(condition.arg)
    else:
        yield condition


def facts_of(condition: Condition) -> set[str]:
    """The names of the facts that a condition reads."""
    names: set[str] = set()
    for leaf in leaves(condition):
        if isinstance(leaf, Exists):
            names.add(leaf.name)
        else:
            names |= {each.name for each in (leaf.left, leaf.right) if not isinstance(each, Constant)}
    return names


TypeOf = Callable[[str], str | None]
"""The type of a fact, None where it is missing."""
ValueOf = Callable[[str], Value | None]
"""The value of a fact, None where it is missing or only declared."""


def _type_of(operand: Operand, type_of: TypeOf) -> str | None:
    if isinstance(operand, Constant):
        return kind_of(operand.value)
    kind = type_of(operand.name)
    if isinstance(operand, Fact):
        return kind
    if kind not in (None, "list"):
        raise BadInput(f"The {operand.op} of {show(operand.name)} needs a list, which it is not.")
    return "money"


def _listed(operand: Operand, value_of: ValueOf) -> list[Scalar] | None:
    """The elements of a list operand where they are known."""
    if isinstance(operand, Tally):
        return None
    value = operand.value if isinstance(operand, Constant) else value_of(operand.name)
    return value if isinstance(value, list) else None


def _agree(left: str | None, right: str | None, right_value: object) -> bool:
    """Whether two types compare; a text constant that is a day compares with a date."""
    if left is None or right is None or left == right:
        return True
    return left == "date" and right == "text" and is_date(right_value)


def _check_compare(leaf: Compare, type_of: TypeOf, value_of: ValueOf) -> None:
    left, right = _type_of(leaf.left, type_of), _type_of(leaf.right, type_of)
    for operand in (leaf.left, leaf.right):
        if isinstance(operand, Tally) and operand.op == "sum":
            value = value_of(operand.name)
            if isinstance(value, list) and any(kind_of(each) != "money" for each in value):
                raise BadInput(f"The sum of {show(operand.name)} needs a list of whole numbers.")
    if leaf.op == "in":
        if right not in (None, "list"):
            raise BadInput("The right side of 'in' must be a list.")
        if left == "list":
            raise BadInput("The left side of 'in' must not be a list.")
        listed = _listed(leaf.right, value_of) or []
        if len({kind_of(each) for each in listed}) > 1:
            raise BadInput("The list of 'in' mixes types.")
        for each in listed:
            if not _agree(left, kind_of(each), each):
                raise BadInput(f"The list of 'in' holds {show(each)}, of another type than its left side.")
        return
    if leaf.op in ORDERED and ({left, right} & {"boolean", "list"}):
        raise BadInput(f"The comparison '{leaf.op}' does not apply to booleans or lists.")
    constants = [each.value if isinstance(each, Constant) else None for each in (leaf.left, leaf.right)]
    if not _agree(left, right, constants[1]) and not _agree(right, left, constants[0]):
        raise BadInput(f"The comparison '{leaf.op}' sets {left} against {right}.")


def check_types(condition: Condition, types: Mapping[str, str]) -> None:
    """Refuse a condition that compares different types, the facts being of the declared `types`."""
    for leaf in leaves(condition):
        if isinstance(leaf, Compare):
            _check_compare(leaf, types.get, lambda _name: None)


def check_values(condition: Condition, facts: Facts) -> None:
    """Refuse a condition that compares different types, the facts having these values."""
    types = {name: kind_of(value) for name, value in facts.items()}
    for leaf in leaves(condition):
        if isinstance(leaf, Compare):
            _check_compare(leaf, types.get, facts.get)


def _value(operand: Operand, facts: Facts) -> Value | None:
    if isinstance(operand, Constant):
        return operand.value
    value = facts.get(operand.name)
    if isinstance(operand, Fact) or not isinstance(value, list):
        return value
    return len(value) if operand.op == "count" else sum(each for each in value if not isinstance(each, str))


def _same(left: Value, right: Value) -> bool:
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return kind_of(left) == kind_of(right) and left == right


def _compare(op: str, left: Value, right: Value) -> bool:
    if op == "in":
        return isinstance(right, list) and any(_same(left, each) for each in right)
    if op in ("eq", "ne"):
        return _same(left, right) == (op == "eq")
    before, after = (left < right, right < left) if _orderable(left, right) else (False, False)  # type: ignore[operator]
    return {"lt": before, "le": not after, "gt": after, "ge": not before}[op]


def _orderable(left: Value, right: Value) -> bool:
    if kind_of(left) != kind_of(right) or kind_of(left) not in ("money", "text"):
        raise BadInput("A comparison of order sets two types against each other.")
    return True


def _evaluate_junction(condition: Junction, facts: Facts) -> Verdict:
    settled = condition.op == "or"
    missing: frozenset[str] = frozenset()
    unknown = False
    for arg in condition.args:
        verdict = evaluate(arg, facts)
        if verdict.value is settled:
            return Verdict(settled)
        if verdict.value is None:
            unknown = True
            missing |= verdict.missing
    return Verdict(None, missing) if unknown else Verdict(not settled)


def evaluate(condition: Condition, facts: Facts) -> Verdict:
    """The verdict of a condition over the facts; `check_values` first, so that types are right."""
    if isinstance(condition, Junction):
        return _evaluate_junction(condition, facts)
    if isinstance(condition, Not):
        verdict = evaluate(condition.arg, facts)
        return verdict if verdict.value is None else Verdict(not verdict.value)
    if isinstance(condition, Exists):
        return Verdict(condition.name in facts)
    left, right = _value(condition.left, facts), _value(condition.right, facts)
    if left is None or right is None:
        return Verdict(None, frozenset(facts_of(condition) - set(facts)))
    return Verdict(_compare(condition.op, left, right))


def judge(data: object, facts: object) -> Verdict:
    """Parse, type-check and evaluate the condition `data` over the facts, null facts being missing."""
    condition, known = parse(data), read_facts(facts)
    check_values(condition, known)
    return evaluate(condition, known)
