"""workflows.soundness: graph faults, exact decisions over the facts, bad cases."""

import itertools
from collections import Counter

import pytest

from tests import cores
from tests.workflows.truth import compare, fact, tally, value
from workflows.casefile import BadInput
from workflows.soundness import check

LABEL = {"staff": {"fr": "x", "en": "x"}, "applicant": {"fr": "x"}}
FACTS = {
    "aid": "money",
    "cost": "money",
    "sure": "boolean",
    "word": "text",
    "name": "text",
    "day": "date",
    "due": "date",
    "l": "list",
    "m": "list",
}


def go(to, when=None, code=None):
    return {"code": code or f"to-{to}", "label": LABEL, "when": when, "to": to}


def end(kind="accepted", letter="L4", when=None, code=None):
    return {"code": code or kind, "label": LABEL, "when": when, "end": kind, "letter": letter}


def stage(code, *outcomes, **changes):
    return {
        "code": code,
        "kind": "check",
        "label": LABEL,
        "actor": "analyst",
        "other_than": [],
        "may_ask": False,
        "delay": None,
        "first": False,
        "uses": {},
        "outcomes": list(outcomes),
        **changes,
    }


def case(*stages, start="a", facts=FACTS, **changes):
    definition = {"code": "simple", "version": 1, "start": start, "stages": list(stages)}
    return {"definition": definition, "roles": ["analyst"], "letters": ["L4"], "facts": facts, **changes}


def faults(given_case):
    found = check(given_case)
    assert found["sound"] is not bool(found.get("faults"))
    pairs = [(f["code"], f["at"]) for f in found.get("faults", [])]
    assert max(Counter(pairs).values(), default=1) == 1
    return set(pairs)


def codes(*conditions, first=False, facts=FACTS):
    """The faults of one stage whose outcomes have these conditions."""
    outcomes = [end(when=when, code=f"o{n}") for n, when in enumerate(conditions)]
    return {code for code, _ in faults(case(stage("a", *outcomes, first=first), facts=facts))}


def test_a_sound_definition_by_module_command():
    given_case = case(stage("a", go("b"), end("rejected")), stage("b", end(), other_than=["a"]))
    assert cores.answer("workflows.soundness", given_case) == {"sound": True, "stages": 2}


def test_every_graph_fault_with_its_path():
    never = compare("lt", fact("aid"), value(0))
    always = compare("ge", fact("aid"), value(0))
    given_case = case(
        stage("a", go("b"), go("nowhere")),
        stage("b", go("c"), actor="ghost"),
        stage("c", go("d", never), go("b", always)),
        stage("d", end("rejected", None), end("accepted", "L9"), other_than=["zz"]),
        stage("e", delay={"days": 15, "working": False, "silence": None}),
        stage("f", end(), delay={"days": 15, "working": True, "silence": "gone"}),
    )
    found = cores.answer("workflows.soundness", given_case)
    assert found["sound"] is False
    paths = {(f["code"], f["at"]): f["path"] for f in found["faults"]}
    assert paths == {
        ("unknown_reference", "a"): ["a"],
        ("no_way_out", "a"): ["a"],
        ("no_way_out", "b"): ["a", "b"],
        ("nobody_can_act", "b"): ["a", "b"],
        ("dead_outcome", "c"): ["a", "b", "c"],
        ("no_way_out", "c"): ["a", "b", "c"],
        ("unreachable", "d"): [],
        ("unknown_reference", "d"): [],
        ("end_without_letter", "d"): [],
        ("unreachable", "e"): [],
        ("no_way_out", "e"): [],
        ("delay_without_outcome", "e"): [],
        ("unreachable", "f"): [],
        ("delay_without_outcome", "f"): [],
    }


def test_an_unknown_start_reaches_nothing():
    assert faults(case(stage("a", end()), start="zz")) == {("unknown_reference", "zz"), ("unreachable", "a")}
    assert faults(case(start="zz")) == {("unknown_reference", "zz")}


def test_an_undeclared_fact_leaves_the_stage_unjudged():
    odd = compare("lt", fact("new"), value(0))
    assert codes(odd, compare("eq", fact("aid"), value("x"))) == {"unknown_reference"}


def test_paths_do_not_depend_on_the_order_of_lists():
    stages = [stage("a", go("c"), go("b")), stage("b", go("d")), stage("c", go("d")), stage("d")]
    results = [check(case(*order)) for order in itertools.permutations(stages)]
    assert all(result == results[0] for result in results)
    assert {"code": "no_way_out", "at": "d", "path": ["a", "b", "d"], "outcomes": []} in results[0]["faults"]


LE, GT = compare("le", fact("aid"), value(5)), compare("gt", fact("aid"), value(5))


def no(condition):
    return {"op": "not", "arg": condition}


def both(*args):
    return {"op": "and", "args": list(args)}


def either(*args):
    return {"op": "or", "args": list(args)}


def eq(name, constant):
    return compare("eq", fact(name), value(constant))


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([LE, GT], set()),
        ([LE, compare("ge", fact("aid"), value(6))], set()),
        ([compare("lt", fact("aid"), value(5)), GT], {"gap"}),
        ([LE, compare("ge", fact("aid"), value(5))], {"overlap"}),
        ([compare("ge", fact("aid"), value(0))], set()),
        ([compare("gt", fact("aid"), value(-1))], set()),
        ([LE, GT, both(LE, GT)], {"dead_outcome"}),
        (
            [LE, GT, both(compare("gt", fact("aid"), value(3)), compare("lt", fact("aid"), value(4)))],
            {"dead_outcome"},
        ),
        ([compare("lt", fact("aid"), fact("cost")), compare("ge", fact("aid"), fact("cost"))], set()),
        ([compare("lt", fact("aid"), fact("cost")), compare("gt", fact("aid"), fact("cost"))], {"gap"}),
        ([compare("eq", fact("aid"), fact("aid"))], set()),
        ([eq("sure", True), eq("sure", False)], set()),
        ([eq("sure", True), compare("ne", fact("sure"), value(True))], set()),
        ([eq("word", "a"), compare("gt", fact("word"), value("a")), eq("word", "")], {"gap"}),
        ([eq("word", "\0"), compare("gt", fact("word"), value("\0")), eq("word", "")], set()),
        ([compare("le", fact("word"), value("a")), compare("ge", fact("word"), value("a\0"))], set()),
        ([compare("le", fact("word"), value("a")), compare("ge", fact("word"), value("aa"))], {"gap"}),
        ([compare("ge", fact("word"), value(""))], set()),
        (
            [
                compare("in", fact("word"), value(["a", "b"])),
                no(compare("in", fact("word"), value(["b", "a"]))),
            ],
            set(),
        ),
        ([compare("in", fact("word"), value(["a", "b"])), eq("word", "c")], {"gap"}),
        (
            [
                compare("le", fact("day"), value("2024-02-28")),
                compare("ge", fact("day"), value("2024-03-01")),
            ],
            {"gap"},
        ),
        (
            [
                compare("le", fact("day"), value("2023-02-28")),
                compare("ge", fact("day"), value("2023-03-01")),
            ],
            set(),
        ),
        ([compare("ge", fact("day"), value("0001-01-01"))], set()),
        ([compare("le", fact("day"), value("9999-12-31"))], set()),
        ([compare("eq", tally("count", "l"), value(0)), compare("ge", tally("count", "l"), value(1))], set()),
        (
            [
                compare("eq", tally("count", "l"), value(0)),
                both(
                    compare("gt", tally("count", "l"), value(0)), compare("eq", tally("sum", "l"), value(0))
                ),
                compare("gt", tally("sum", "l"), value(0)),
            ],
            set(),
        ),
        ([compare("eq", fact("l"), value([])), compare("gt", tally("count", "l"), value(0))], set()),
        ([compare("eq", fact("l"), value([])), compare("ne", fact("l"), value([]))], set()),
        ([compare("eq", fact("l"), value([1])), compare("eq", fact("l"), value([2]))], {"gap"}),
        ([compare("eq", fact("l"), fact("m")), compare("ne", fact("l"), fact("m"))], set()),
        ([compare("in", value("A"), fact("l")), no(compare("in", value("A"), fact("l")))], set()),
        (
            [
                compare("in", value("A"), fact("l")),
                both(no(compare("in", value("A"), fact("l"))), compare("eq", tally("count", "l"), value(0))),
                both(no(compare("in", value("A"), fact("l"))), compare("gt", tally("count", "l"), value(0))),
                both(compare("in", value("A"), fact("l")), compare("eq", tally("count", "l"), value(0))),
            ],
            {"dead_outcome"},
        ),
    ],
)
def test_exact_decisions(conditions, expected):
    assert codes(*conditions) == expected


def test_unconditional_outcomes_do_not_close_a_gap():
    found = faults(case(stage("a", end(when=GT), end("rejected"))))
    assert found == {("gap", "a")}


def test_first_that_holds():
    rest = compare("ge", fact("aid"), value(0))
    assert codes(LE, rest, first=True) == set()
    assert codes(LE, eq("aid", 2), rest, first=True) == {"dead_outcome"}
    assert codes(LE, eq("aid", 9), first=True) == {"gap"}


def test_many_outcomes_over_many_facts_are_judged():
    steps = [100 * n for n in range(31)]
    bands = [
        both(compare("ge", fact("aid"), value(low)), compare("lt", fact("aid"), value(high)))
        for low, high in itertools.pairwise(steps)
    ]
    assert codes(*bands, compare("ge", fact("aid"), value(3000))) == set()
    words = [f"w{n}" for n in range(60)]
    named = [eq("word", word) for word in words[:20]]
    assert codes(*named, no(compare("in", fact("word"), value(words[:20])))) == set()
    assert (
        codes(
            compare("in", fact("word"), value(words)),
            both(*[compare("ne", fact("word"), value(w)) for w in words]),
        )
        == set()
    )
    table = [both(*[eq(f"b{n}", bool(row >> n & 1)) for n in range(4)]) for row in range(16)]
    flags = {f"b{n}": "boolean" for n in range(4)}
    assert codes(*table, facts=flags) == set()
    assert codes(*table[:-1], facts=flags) == {"gap"}


def test_what_is_too_large_is_refused_clearly():
    """Nine amounts under eight, all different: no short proof that it cannot be."""
    flags = {f"n{n}": "money" for n in range(9)}
    apart = [compare("ne", fact(a), fact(b)) for a, b in itertools.combinations(flags, 2)]
    crowd = both(*[compare("lt", fact(name), value(8)) for name in flags], *apart)
    with pytest.raises(BadInput, match="too large"):
        codes(crowd, no(crowd), facts=flags)


BAD = [
    (["roles"], None),
    (["roles"], [1]),
    (["letters"], "L4"),
    (["facts", "aid"], "integer"),
    (["facts", "aid"], None),
    (["definition", "version"], 0),
    (["definition", "version"], True),
    (["definition", "code"], ""),
    (["definition", "start"], None),
    (["definition", "stages"], {}),
    (["definition", "title"], "x"),
    (["definition", "stages", 1, "code"], "a"),
    (["definition", "stages", 0, "actor"], None),
    (["definition", "stages", 0, "label"], "x"),
    (["definition", "stages", 0, "label", "staff"], {}),
    (["definition", "stages", 0, "may_ask"], 1),
    (["definition", "stages", 0, "first"], None),
    (["definition", "stages", 0, "uses"], {"tools": "x"}),
    (["definition", "stages", 0, "delay"], {"days": -1, "working": False, "silence": None}),
    (["definition", "stages", 0, "delay"], {"days": 1, "silence": None}),
    (["definition", "stages", 0, "outcomes"], None),
    (["definition", "stages", 0, "outcomes", 0, "code"], "rejected"),
    (["definition", "stages", 0, "outcomes", 0, "end"], "accepted"),
    (["definition", "stages", 0, "outcomes", 0, "to"], ...),
    (["definition", "stages", 0, "outcomes", 0, "when"], ...),
    (["definition", "stages", 0, "outcomes", 1, "end"], "won"),
    (["definition", "stages", 0, "outcomes", 0, "when"], {"op": "exists", "fact": "aid"}),
    (["definition", "stages", 0, "outcomes", 0, "when"], {"op": "exists", "fact": "nobody"}),
    (["definition", "stages", 0, "outcomes", 0, "when"], eq("aid", "x")),
    (["definition", "stages", 0, "outcomes", 0, "when"], compare("lt", fact("sure"), value(True))),
    (["definition", "stages", 0, "outcomes", 0, "when"], eq("day", "2026-02-30")),
    (["definition", "stages", 0, "outcomes", 0, "when"], compare("eq", fact("day"), fact("word"))),
    (["definition", "stages", 0, "outcomes", 0, "when"], compare("in", fact("aid"), value(["x"]))),
    (["surprise"], 1),
]
GOOD = case(stage("a", go("b"), end("rejected")), stage("b", end()))


@pytest.mark.parametrize(("path", "replacement"), BAD, ids=str)
def test_bad_cases_are_refused(path, replacement):
    assert check(GOOD)["sound"]
    with pytest.raises(BadInput):
        check(cores.changed(GOOD, path, replacement))


def test_the_command_refuses_in_one_sentence():
    cores.refusal("workflows.soundness", cores.changed(GOOD, ["definition", "stages", 1, "code"], "a"))
    cores.refusal("workflows.soundness", b'{"definition": 1.0}')
