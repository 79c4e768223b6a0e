"""review.selection against the case T1, bad cases and a naive twin."""

from datetime import datetime
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.selection import select
from tests import cores
from workflows.casefile import BadInput

T1 = cores.case("T1")


def test_t1_by_module_command():
    found = cores.answer("review.selection", T1)
    assert found["ranking"] == ["D1", "D2", "D3", "D4", "D5"]
    assert found["offers"] == [
        {"id": "D1", "amount": 250000, "partial": False, "source": "pool"},
        {"id": "D2", "amount": 175000, "partial": True, "source": "pool"},
        {"id": "D4", "amount": 115000, "partial": False, "source": "small"},
        {"id": "D5", "amount": 60000, "partial": False, "source": "small"},
    ]
    assert (found["waiting"], found["not_recommended"]) == (["D3"], ["D6"])
    assert (found["spent"], found["left"]) == (600000, 0)
    assert all(isinstance(step, str) for step in found["trace"])


def test_filing_instants_are_compared_not_their_texts():
    case = cores.changed(T1, ["ties"], ["filed_at"])
    case["dossiers"][0].update(score="50", filed_at="2026-03-20T10:00:00-04:00")
    case["dossiers"][1].update(score="50", filed_at="2026-03-20T10:30:00-03:00")
    ranking = select(case)["ranking"]
    assert ranking.index("D2") < ranking.index("D1")


BAD = [
    (["pool"], -1),
    (["pool"], True),
    (["pool"], "600000"),
    (["pool"], 179999),
    (["partial_min"], "1.2"),
    (["partial_min"], 0.8),
    (["aid_min"], None),
    (["reserves", 0, "name"], "pool"),
    (["reserves", 0, "amount"], -5),
    (["reserves"], {}),
    (["ties"], ["C2", "C2"]),
    (["ties"], ["C9"]),
    (["ties"], [3]),
    (["dossiers", 0, "id"], "D2"),
    (["dossiers", 0, "id"], ""),
    (["dossiers", 0, "score"], 88),
    (["dossiers", 0, "score"], "-88"),
    (["dossiers", 0, "score"], "1/0"),
    (["dossiers", 0, "requested"], -1),
    (["dossiers", 0, "requested"], None),
    (["dossiers", 0, "requested"], "250000"),
    (["dossiers", 0, "passes"], None),
    (["dossiers", 0, "passes"], 1),
    (["dossiers", 0, "tags"], "small"),
    (["dossiers", 0, "criteria"], []),
    (["dossiers", 0, "criteria", "C2"], 90),
    (["dossiers", 5, "criteria", "C4"], ...),
    (["dossiers", 0, "population"], -3),
    (["dossiers", 0, "population"], False),
    (["dossiers", 0, "filed_at"], "2026-03-20T10:00:00"),
    (["dossiers", 0, "filed_at"], "2026-02-30T10:00:00Z"),
    (["dossiers", 0, "filed_at"], "yesterday"),
    (["dossiers", 0, "filed_at"], None),
    (["dossiers", 0, "note"], ""),
]


@pytest.mark.parametrize(("path", "value"), BAD, ids=str)
def test_bad_cases_are_refused(path, value):
    with pytest.raises(BadInput):
        select(cores.changed(T1, path, value))


@pytest.mark.parametrize("path", [p for p in cores.paths(T1) if isinstance(p[-1], str)], ids=str)
def test_a_key_that_is_lacking_is_refused(path):
    with pytest.raises(BadInput):
        select(cores.changed(T1, path, ...))


def test_the_command_refuses_in_one_sentence():
    assert "sum to more" in cores.refusal("review.selection", cores.changed(T1, ["pool"], 5))
    cores.refusal("review.selection", b"{}")


NAMES = ["A", "B", "C", "D", "E", "F"]


@st.composite
def case_of(draw):
    pool = draw(st.integers(0, 60))
    first = draw(st.integers(0, pool))
    second = draw(st.integers(0, pool - first))
    percent = st.sampled_from(["50", "60", "190/3", "70.5"])
    return {
        "pool": pool,
        "partial_min": draw(st.sampled_from(["0", "0.5", "2/3", "1"])),
        "aid_min": draw(st.integers(0, 10)),
        "reserves": [
            {"name": "r1", "amount": first, "tag": "s"},
            {"name": "r2", "amount": second, "tag": "n"},
        ],
        "ties": draw(st.permutations(["K", "population", "filed_at"])),
        "dossiers": [
            {
                "id": name,
                "score": draw(percent),
                "requested": draw(st.integers(0, 25)),
                "tags": draw(st.lists(st.sampled_from(["s", "n"]), max_size=2, unique=True)),
                "passes": draw(st.integers(0, 4)) > 0,
                "criteria": {"K": draw(percent)},
                "population": draw(st.none() | st.integers(0, 2)),
                "filed_at": draw(st.sampled_from(["2026-03-20T10:00:00-04:00", "2026-03-20T14:30:00Z"])),
            }
            for name in draw(st.permutations(NAMES))[: draw(st.integers(0, 6))]
        ],
    }


def before(one, other, ties):
    """Whether a dossier ranks before another, tie by tie."""
    if Fraction(one["score"]) != Fraction(other["score"]):
        return Fraction(one["score"]) > Fraction(other["score"])
    for tie in ties:
        if tie == "K":
            a, b = -Fraction(one["criteria"]["K"]), -Fraction(other["criteria"]["K"])
        elif tie == "population":
            a, b = ((10**9 if d["population"] is None else d["population"]) for d in (one, other))
        else:
            a, b = (datetime.fromisoformat(d["filed_at"]) for d in (one, other))
        if a != b:
            return a < b
    return one["id"] < other["id"]


def twin(case):
    """The rules again, by counting who stands before whom and by plain loops."""
    passing = [d for d in case["dossiers"] if d["passes"]]
    ranking = [None] * len(passing)
    for d in passing:
        ranking[sum(before(o, d, case["ties"]) for o in passing if o is not d)] = d
    offers, purse = {}, case["pool"] - sum(r["amount"] for r in case["reserves"])
    for reserve in case["reserves"]:
        rest, going = reserve["amount"], True
        for d in ranking:
            if going and reserve["tag"] in d["tags"] and d["id"] not in offers:
                going = d["requested"] <= rest
                if going:
                    offers[d["id"]] = (d["requested"], False, reserve["name"])
                    rest -= d["requested"]
        purse += rest
    waiting, broken = [], False
    for d in ranking:
        if d["id"] in offers:
            continue
        if not broken and d["requested"] <= purse:
            offers[d["id"]] = (d["requested"], False, "pool")
            purse -= d["requested"]
            continue
        partial = (
            not broken
            and purse >= Fraction(case["partial_min"]) * d["requested"]
            and purse >= case["aid_min"]
        )
        broken = True
        if partial:
            offers[d["id"]] = (purse, True, "pool")
            purse = 0
        else:
            waiting.append(d["id"])
    return [d["id"] for d in ranking], offers, waiting, purse


@settings(max_examples=200, deadline=None)
@given(case_of(), st.randoms())
def test_selection_equals_its_twin_in_any_order(case, random):
    ranking, offers, waiting, left = twin(case)
    found = select(case)
    assert found["ranking"] == ranking
    assert found["waiting"] == waiting
    assert [(o["id"], (o["amount"], o["partial"], o["source"])) for o in found["offers"]] == [
        (name, offers[name]) for name in ranking if name in offers
    ]
    assert (found["left"], found["spent"]) == (left, case["pool"] - left)
    random.shuffle(case["dossiers"])
    assert select(case) == found
