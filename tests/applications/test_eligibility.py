"""applications.eligibility: rules over facts, three values, bad cases and a truth-table twin."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from applications.eligibility import judge
from tests import cores
from tests.workflows.truth import compare, fact, tally, trees, value
from workflows.casefile import BadInput


def rule(name="E05", **changes):
    return {
        "id": name,
        "label": {"fr": "Aide dans le volet", "en": "Aid inside the volet"},
        "article": "4.2",
        "consequence": "ineligible",
        "manual": False,
        "when": None,
        "cases": [{"if": compare("gt", fact("aid"), value(500000)), "then": "no", "cause": {"fr": "Trop"}}],
        "else": "yes",
        **changes,
    }


def one(facts, **changes):
    return judge({"rules": [rule(**changes)], "facts": facts})[0]


def test_by_module_command():
    rules = [rule(), rule("E06", when=compare("eq", fact("joint"), value(False)), article=None)]
    found = cores.answer(
        "applications.eligibility", {"rules": rules, "facts": {"aid": 600000, "joint": True}}
    )
    assert found == [
        {"id": "E05", "result": "no", "cause": {"fr": "Trop"}, "article": "4.2", "missing": []},
        {"id": "E06", "result": "na", "cause": None, "article": None, "missing": []},
    ]


def test_a_missing_fact_is_unknown_never_no():
    assert (one({})["result"], one({})["missing"]) == ("unknown", ["aid"])
    assert one({"aid": None})["result"] == "unknown"
    assert one({"aid": 500000})["result"] == "yes"


def test_an_unknown_when_names_its_own_facts_only():
    found = one({}, when=compare("eq", fact("joint"), value(True)))
    assert (found["result"], found["missing"], found["cause"]) == ("unknown", ["joint"], None)


def test_an_unknown_case_stops_the_later_ones():
    cases = [
        {"if": compare("gt", fact("x"), value(1)), "then": "no", "cause": {"fr": "X"}},
        {"if": compare("eq", value(1), value(1)), "then": "no", "cause": {"fr": "Y"}},
    ]
    assert one({}, cases=cases) == {
        "id": "E05", "result": "unknown", "cause": {"fr": "X"}, "article": "4.2", "missing": ["x"],
    }  # fmt: skip
    assert one({"x": 0}, cases=cases)["cause"] == {"fr": "Y"}


def test_a_manual_rule_without_cases_is_unknown():
    found = one({}, manual=True, cases=[])
    assert (found["result"], found["missing"]) == ("unknown", [])
    assert one({}, cases=[])["result"] == "yes"
    assert one({"j": 1}, manual=True, cases=[], when=compare("eq", fact("j"), value(2)))["result"] == "na"


BAD_RULES = [
    {"id": ""},
    {"id": 5},
    {"label": {"de": "x"}},
    {"label": None},
    {"consequence": "fatal"},
    {"manual": 0},
    {"manual": None},
    {"cases": None},
    {"cases": [{}]},
    {"cases": [{"if": None, "then": "no"}]},
    {"cases": [{"if": compare("eq", value(1), value(1)), "then": "na"}]},
    {"cases": [{"if": compare("eq", value(1), value("1")), "then": "no"}]},
    {"else": "na"},
    {"else": None},
    {"article": 4},
    {"surprise": 1},
    {"when": compare("lt", value(True), value(False))},
    {
        "when": compare("eq", value(1), value(2)),
        "cases": [{"if": compare("eq", fact("aid"), value("1")), "then": "no"}],
    },
    {"when": {"op": "and", "args": []}},
]


@pytest.mark.parametrize("changes", BAD_RULES, ids=str)
def test_bad_rules_are_refused(changes):
    with pytest.raises(BadInput):
        judge({"rules": [{**rule(), **changes}], "facts": {"aid": 5}})


@pytest.mark.parametrize("key", sorted(rule()))
def test_a_key_that_is_lacking_is_refused(key):
    given_rule = rule()
    del given_rule[key]
    with pytest.raises(BadInput, match="lacks"):
        judge({"rules": [given_rule], "facts": {}})


def test_the_command_refuses_in_one_sentence():
    cores.refusal("applications.eligibility", {"rules": [rule(), rule()], "facts": {}})
    cores.refusal("applications.eligibility", {"rules": [rule()], "facts": {"aid": -5}})
    cores.refusal("applications.eligibility", {"rules": [rule()], "facts": {"aid": True}})
    cores.refusal("applications.eligibility", {"rules": [rule()]})


def three(condition, facts):
    """The twin of a condition: 1, 0 or None, and what is missing of its unknown parts."""
    op = condition["op"]
    if op == "not":
        got, missing = three(condition["arg"], facts)
        return (None if got is None else 1 - got), missing
    if op == "exists":
        return int(condition["fact"] in facts), set()
    if op in ("and", "or"):
        parts = [three(arg, facts) for arg in condition["args"]]
        values = [got for got, _ in parts]
        strong = 0 if op == "and" else 1
        if strong in values:
            return strong, set()
        missing = set().union(*(names for got, names in parts if got is None))
        return (None if None in values else 1 - strong), missing
    names = {condition[side]["fact"] for side in ("left", "right") if "fact" in condition[side]}
    if names - set(facts):
        return None, names - set(facts)
    left, right = (
        condition[side].get(
            "value", len(facts["l"]) if "op" in condition[side] else facts.get(condition[side].get("fact"))
        )
        for side in ("left", "right")
    )
    return int({"eq": left == right, "lt": left < right, "ge": left >= right}[op]), set()


operands = st.sampled_from([fact("a"), fact("b"), tally("count", "l")]) | st.integers(0, 2).map(value)
leaf = st.builds(compare, st.sampled_from(["eq", "lt", "ge"]), operands, operands) | st.sampled_from(
    [{"op": "exists", "fact": name} for name in "abl"]
)
answers = st.sampled_from(["yes", "no", "unknown"])


@settings(max_examples=250, deadline=None)
@given(
    st.none() | trees(leaf, 3),
    st.lists(st.tuples(trees(leaf, 4), answers), max_size=3),
    answers,
    st.booleans(),
    st.fixed_dictionaries(
        {}, optional={"a": st.integers(0, 2), "b": st.integers(0, 2), "l": st.just([1, 1])}
    ),
)
def test_rules_equal_their_twin(when, cases, otherwise, manual, facts):
    found = one(
        facts,
        when=when,
        manual=manual,
        cases=[{"if": c, "then": then, "cause": {"fr": str(n)}} for n, (c, then) in enumerate(cases)],
        **{"else": otherwise},
    )
    expected = (otherwise, set(), None)
    for n, (condition, then) in reversed(list(enumerate(cases))):
        got, missing = three(condition, facts)
        if got is None:
            expected = ("unknown", missing, {"fr": str(n)})
        elif got:
            expected = (then, set(), {"fr": str(n)})
    if manual and not cases:
        expected = ("unknown", set(), None)
    if when is not None:
        got, missing = three(when, facts)
        if got is None:
            expected = ("unknown", missing, None)
        elif not got:
            expected = ("na", set(), None)
    assert (found["result"], found["missing"], found["cause"]) == (
        expected[0],
        sorted(expected[1]),
        expected[2],
    )
