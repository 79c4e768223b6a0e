"""The condition language: three values, missing facts, types."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.truth import compare, fact, holds, tally, trees, value
from workflows import conditions
from workflows.casefile import BadInput
from workflows.conditions import Verdict, judge

UNKNOWN = compare("eq", fact("u"), value(1))
UNKNOWN2 = compare("eq", fact("w"), value(1))
YES = compare("eq", value(1), value(1))
NO = compare("eq", value(1), value(2))


def both(*args):
    return {"op": "and", "args": list(args)}


def either(*args):
    return {"op": "or", "args": list(args)}


@pytest.mark.parametrize(
    ("condition", "expected", "missing"),
    [
        (both(NO, UNKNOWN), False, set()),
        (both(UNKNOWN, NO), False, set()),
        (both(YES, UNKNOWN), None, {"u"}),
        (either(YES, UNKNOWN), True, set()),
        (either(NO, UNKNOWN), None, {"u"}),
        ({"op": "not", "arg": UNKNOWN}, None, {"u"}),
        (both(either(UNKNOWN, YES), UNKNOWN2), None, {"w"}),
        (both(UNKNOWN, UNKNOWN2, UNKNOWN), None, {"u", "w"}),
        ({"op": "exists", "fact": "u"}, False, set()),
        (compare("eq", tally("count", "u"), value(0)), None, {"u"}),
        (compare("in", fact("u"), value([])), None, {"u"}),
        (compare("lt", fact("u"), fact("w")), None, {"u", "w"}),
        (compare("in", value(3), value([])), False, set()),
        (compare("eq", value([1]), value([True])), False, set()),
        (compare("eq", tally("sum", "l"), value(5)), True, set()),
        (compare("eq", tally("count", "l"), value(2)), True, set()),
        (compare("in", value(3), fact("l")), True, set()),
        (compare("lt", value("É"), value("Z")), False, set()),
    ],
)
def test_three_values(condition, expected, missing):
    assert judge(condition, {"l": [2, 3], "w": None}) == Verdict(expected, frozenset(missing))


BAD = [
    None,
    [],
    {},
    {"op": "xor", "args": [YES]},
    {"op": ["and"], "args": [YES]},
    {"op": "and", "args": []},
    {"op": "and", "args": [YES], "arg": YES},
    {"op": "not", "arg": None},
    {"op": "exists", "fact": ""},
    {"op": "exists"},
    {"op": "eq", "left": fact("a")},
    compare("eq", {"fact": 3}, value(1)),
    compare("eq", {"fact": "a", "value": 1}, value(1)),
    compare("eq", {"op": "max", "fact": "l"}, value(1)),
    compare("eq", fact("a"), value(None)),
    compare("eq", fact("a"), value(1.5)),
    compare("eq", fact("a"), value({})),
    compare("eq", fact("a"), value([[1]])),
    compare("eq", fact("a"), value("1")),
    compare("eq", fact("b"), value(1)),
    compare("lt", fact("b"), value(True)),
    compare("lt", fact("gone"), value(True)),
    compare("lt", fact("gone"), value([])),
    compare("le", fact("l"), fact("l")),
    compare("in", fact("a"), value(3)),
    compare("in", fact("gone"), fact("a")),
    compare("in", fact("a"), value(["x"])),
    compare("in", fact("a"), value([True])),
    compare("in", fact("gone"), value([1, "x"])),
    compare("in", fact("l"), value([1])),
    compare("in", fact("a"), tally("count", "l")),
    compare("eq", tally("sum", "a"), value(1)),
    compare("eq", tally("sum", "names"), value(1)),
    compare("eq", tally("count", "t"), value(1)),
    compare("eq", tally("count", "gone"), value("1")),
    either(YES, compare("eq", fact("a"), value("1"))),
]
FACTS = {"a": 1, "b": True, "t": "x", "l": [1, 2], "names": ["x"], "gone": None}


@pytest.mark.parametrize("condition", BAD, ids=str)
def test_bad_conditions_are_refused(condition):
    with pytest.raises(BadInput):
        judge(condition, FACTS)


@pytest.mark.parametrize(
    "facts",
    [None, [], {"": 1}, {"a": -1}, {"a": 1.0}, {"a": {}}, {"a": [None]}, {"a": [-1]}, {"a": 10**70}],
    ids=str,
)
def test_bad_facts_are_refused(facts):
    with pytest.raises(BadInput):
        judge(YES, facts)


def test_a_condition_nested_too_deeply_is_refused():
    condition = YES
    for _ in range(400):
        condition = {"op": "not", "arg": condition}
    with pytest.raises(BadInput, match="deep"):
        judge(condition, {})


@pytest.mark.parametrize(
    ("condition", "right"),
    [
        (compare("lt", fact("day"), value("2026-03-27")), True),
        (compare("in", fact("day"), value(["2026-03-27"])), True),
        (compare("lt", fact("day"), value("soon")), False),
        (compare("eq", fact("day"), value("2026-02-30")), False),
        (compare("eq", fact("day"), fact("word")), False),
        (compare("in", fact("word"), fact("many")), True),
        (compare("gt", fact("sure"), fact("sure")), False),
        (compare("gt", tally("sum", "many"), fact("aid")), True),
        (compare("gt", tally("sum", "aid"), fact("aid")), False),
    ],
)
def test_declared_types(condition, right):
    types = {"day": "date", "word": "text", "many": "list", "sure": "boolean", "aid": "money"}
    tree = conditions.parse(condition)
    if right:
        conditions.check_types(tree, types)
    else:
        with pytest.raises(BadInput):
            conditions.check_types(tree, types)


def test_facts_of_a_condition():
    tree = conditions.parse(
        both(UNKNOWN, {"op": "exists", "fact": "x"}, compare("eq", tally("sum", "l"), fact("a")))
    )
    assert conditions.facts_of(tree) == {"u", "x", "l", "a"}


DOMAIN = {"a": [0, 1, 2], "b": [False, True], "l": [[], [1], [1, 1]]}
numbers = st.sampled_from([fact("a"), tally("count", "l"), tally("sum", "l")]) | st.integers(0, 2).map(value)
leaf = (
    st.builds(compare, st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"]), numbers, numbers)
    | st.builds(compare, st.sampled_from(["eq", "ne"]), st.just(fact("b")), st.booleans().map(value))
    | st.builds(compare, st.just("in"), numbers, st.just(fact("l")) | st.lists(st.integers(0, 2)).map(value))
)


@settings(max_examples=200, deadline=None)
@given(trees(leaf, 6), st.sets(st.sampled_from("abl")))
def test_a_verdict_equals_the_truth_table(condition, gone):
    """Without missing facts the truth; with them a known verdict holds whatever they would be."""
    for values in itertools.product(*DOMAIN.values()):
        facts = dict(zip(DOMAIN, values, strict=True))
        assert judge(condition, facts).value is holds(condition, facts)
        known = {name: each for name, each in facts.items() if name not in gone}
        verdict = judge(condition, known)
        assert verdict.missing <= gone
        if verdict.value is not None:
            assert verdict.value is holds(condition, facts)
            assert not verdict.missing
        else:
            assert verdict.missing
