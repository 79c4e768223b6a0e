"""The exact decision over facts against a twin that goes through small domains, wide enough for what is asked."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.test_soundness import codes, either, no
from tests.workflows.truth import compare, fact, holds, tally, trees, value

TEXTS = ["", "\0", "\0\0", "!", "#", "a", "a\0", "a\0\0", "a\0\0\0", "a1", "a2", "b", "b1", "b2"]
NUMBERS = list(range(6))
DAYS = [
    "0001-01-01",
    "0001-01-02",
    "0001-01-03",
    "2024-02-27",
    "2024-02-28",
    "2024-02-29",
    "2024-03-01",
    "2024-03-02",
    "9999-12-30",
    "9999-12-31",
]
LISTS = [[n] + [0] * more for n in NUMBERS for more in range(6)] + [[]]
NAMED = [list(each) for size in range(4) for each in itertools.product(["p", "q", "z"], repeat=size)]
ALL = st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"])
SAME = st.sampled_from(["eq", "ne"])


def of(*operands):
    return st.sampled_from(operands)


amounts = of(fact("aid"), fact("cost"), tally("sum", "l"), tally("count", "l")) | st.integers(-1, 2).map(
    value
)
texts = of(fact("word"), fact("name")) | of("", "\0", "a", "a\0", "a\0\0", "b").map(value)
days = of(fact("day"), fact("due"))
dated = days | of("0001-01-01", "2024-02-28", "2024-03-01", "9999-12-31").map(value)
flags = of(fact("sure"), fact("flag"))
FAMILIES = {
    "amounts": (
        st.builds(compare, ALL, amounts, amounts)
        | st.builds(compare, st.just("in"), amounts, st.lists(st.integers(0, 2), max_size=3).map(value)),
        {"aid": NUMBERS, "cost": NUMBERS, "l": LISTS},
        {"aid": "money", "cost": "money", "l": "list"},
    ),
    "texts": (
        st.builds(compare, ALL, texts, texts)
        | st.builds(compare, st.just("in"), texts, st.lists(of("", "a", "b"), max_size=3).map(value)),
        {"word": TEXTS, "name": TEXTS},
        {"word": "text", "name": "text"},
    ),
    "days and flags": (
        st.builds(compare, ALL, days, dated)
        | st.builds(compare, SAME, flags, flags | st.booleans().map(value)),
        {"day": DAYS, "due": DAYS, "sure": [False, True], "flag": [False, True]},
        {"day": "date", "due": "date", "sure": "boolean", "flag": "boolean"},
    ),
    "members": (
        st.builds(compare, st.just("in"), of(fact("word"), value("p"), value("q")), st.just(fact("l")))
        | st.builds(compare, ALL, st.just(tally("count", "l")), st.integers(0, 2).map(value))
        | st.builds(compare, SAME, st.just(fact("word")), of("p", "q").map(value))
        | st.builds(compare, SAME, st.just(fact("l")), st.just(value([]))),
        {"word": ["p", "q", "y", "z"], "l": NAMED},
        {"word": "text", "l": "list"},
    ),
    "boolean members": (
        st.builds(compare, st.just("in"), of(fact("sure"), value(True), value(False)), st.just(fact("l")))
        | st.builds(compare, ALL, st.just(tally("count", "l")), st.integers(0, 2).map(value)),
        {
            "sure": [False, True],
            "l": [list(e) for size in range(4) for e in itertools.product([False, True], repeat=size)],
        },
        {"sure": "boolean", "l": "list"},
    ),
    "whole lists": (
        st.builds(
            compare,
            SAME,
            of(fact("l"), fact("m")),
            of(fact("l"), fact("m"), value([]), value(["p"]), value([1])),
        ),
        {"l": [[], ["p"], [1], ["x"], ["y"]], "m": [[], ["p"], [1], ["x"], ["y"]]},
        {"l": "list", "m": "list"},
    ),
}


def twin(conditions, domains, first):
    """Overlap, gap and dead outcomes by going through every combination of the domains."""
    found, fired = set(), set()
    for values in itertools.product(*domains.values()):
        facts = dict(zip(domains, values, strict=True))
        true = [n for n, condition in enumerate(conditions) if holds(condition, facts)]
        if not true:
            found.add("gap")
        elif len(true) > 1 and not first:
            found.add("overlap")
        fired.update(true[:1] if first else true)
    return found | ({"dead_outcome"} if len(fired) < len(conditions) else set())


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=50, deadline=None)
@given(st.data())
def test_soundness_equals_its_twin(family, data):
    leaf, domains, types = FAMILIES[family]
    conditions = data.draw(st.lists(trees(leaf, 4), min_size=1, max_size=3))
    if data.draw(st.booleans()):
        conditions.append(no(either(*conditions)))
    first = data.draw(st.booleans())
    found = codes(*conditions, first=first, facts=types) - {"no_way_out"}
    assert found == twin(conditions, domains, first)
