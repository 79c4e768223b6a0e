"""review.scoring against the case S1, bad cases and a naive twin."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.scoring import score
from tests import cores
from workflows.casefile import BadInput, told

S1 = cores.case("S1")


def test_s1_by_module_command():
    found = cores.answer("review.scoring", S1)
    assert {name: total["exact"] for name, total in found["totals"].items()} == {
        "R1": "71",
        "R2": "73",
        "R3": "70",
    }
    assert found["criteria"]["C1"] == {
        "mean": {"exact": "23/6", "rounded": "3.83"},
        "percent": {"exact": "230/3", "rounded": "76.67"},
        "passes": True,
    }
    assert [found["criteria"][c]["percent"]["rounded"] for c in ("C2", "C3", "C4")] == [
        "76.67",
        "63.33",
        "63.33",
    ]
    assert found["score"] == {"exact": "214/3", "rounded": "71.33"}
    assert (found["passes"], found["enough_sheets"], found["divergences"]) == (True, True, [])


def test_fewer_sheets_than_the_minimum_pass_nothing():
    found = score(cores.changed(S1, ["minimum_sheets"], 4))
    assert (found["passes"], found["enough_sheets"]) == (None, False)


def test_no_sheet_has_no_score():
    found = score(cores.changed(S1, ["sheets"], []))
    assert (found["score"], found["passes"], found["criteria"]["C1"]["mean"]) == (None, None, None)


def test_consensus_replaces_the_mean_but_hides_no_divergence():
    case = cores.changed(S1, ["sheets", 0, "scores", "C3"], "5")
    case["sheets"][1]["scores"]["C3"] = "3"
    case["consensus"] = {"C3": "2"}
    found = score(case)
    assert found["criteria"]["C3"]["mean"]["exact"] == "2"
    assert found["criteria"]["C3"]["passes"] is False
    assert found["passes"] is False
    assert found["divergences"] == [{"on": "C3", "spread": "2"}]


def test_a_spread_at_the_limit_is_no_divergence():
    case = cores.changed(S1, ["sheets", 0, "scores", "C3"], "4.5")
    assert score(case)["divergences"] == []


BAD = [
    (["scale", "step"], "0"),
    (["scale", "step"], "0.3"),
    (["scale", "max"], "0"),
    (["scale", "min"], "-1"),
    (["scale", "max"], 5),
    (["criteria"], []),
    (["criteria", 0, "id"], "C2"),
    (["criteria", 0, "id"], "total"),
    (["criteria", 0, "weight"], -1),
    (["criteria", 0, "weight"], True),
    (["criteria", 0, "weight"], "20"),
    (["criteria", 0, "threshold"], "101"),
    (["criteria", 0, "threshold"], 50),
    (["overall_threshold"], None),
    (["divergence", "total"], "1e3"),
    (["minimum_sheets"], -1),
    (["minimum_sheets"], False),
    (["consensus"], {"C9": "3"}),
    (["consensus"], {"C1": "3.25"}),
    (["consensus"], []),
    (["sheets", 0, "reviewer"], "R2"),
    (["sheets", 0, "scores", "C1"], "4.2"),
    (["sheets", 0, "scores", "C1"], "5.5"),
    (["sheets", 0, "scores", "C1"], "-0.5"),
    (["sheets", 0, "scores", "C1"], "1/0"),
    (["sheets", 0, "scores", "C1"], "٤"),
    (["sheets", 0, "scores", "C1"], " 4"),
    (["sheets", 0, "scores", "C1"], ...),
    (["sheets", 0, "scores", "C9"], "4"),
    (["extra"], 1),
]


@pytest.mark.parametrize(("path", "value"), BAD, ids=str)
def test_bad_cases_are_refused(path, value):
    with pytest.raises(BadInput):
        score(cores.changed(S1, path, value))


def test_weights_that_sum_to_nothing():
    case = cores.changed(S1, ["criteria", 0, "weight"], 0)
    for criterion in case["criteria"]:
        criterion["weight"] = 0
    with pytest.raises(BadInput, match="sum to 0"):
        score(case)


def test_the_command_refuses_in_one_sentence():
    cores.refusal("review.scoring", cores.changed(S1, ["sheets", 0, "scores", "C1"], "4.2"))
    cores.refusal("review.scoring", S1, "--help")


@pytest.mark.parametrize("garbage", cores.GARBAGE, ids=lambda data: repr(data[:12]))
def test_the_command_refuses_garbage(garbage):
    cores.refusal("review.scoring", garbage)


@pytest.mark.parametrize("path", [p for p in cores.paths(S1) if isinstance(p[-1], str)], ids=str)
def test_a_key_that_is_lacking_is_refused(path):
    with pytest.raises(BadInput):
        score(cores.changed(S1, path, ...))


@pytest.mark.parametrize("value", ["1/3", "2.005", "2.004999", "0", "100", "0.125"])
def test_rounding_is_half_up(value):
    exact = Fraction(value)
    cents = int(exact * 1000 + 5) // 10
    assert told(exact) == {"exact": str(exact), "rounded": f"{cents // 100}.{cents % 100:02d}"}


@st.composite
def case_of(draw):
    names = [f"K{n}" for n in range(draw(st.integers(1, 4)))]
    marks = st.sampled_from(["0", "0.5", "1", "3/2", "2", "2.5", "3", "3.5", "4"])
    percents = st.integers(0, 100).map(str)
    return {
        "scale": {"min": "0", "max": "4", "step": "0.5"},
        "criteria": [
            {"id": n, "weight": draw(st.integers(1, 30)), "threshold": draw(st.none() | percents)}
            for n in names
        ],
        "overall_threshold": draw(percents),
        "divergence": {"criterion": draw(marks), "total": draw(percents)},
        "minimum_sheets": draw(st.integers(1, 3)),
        "consensus": {n: draw(marks) for n in names if draw(st.integers(0, 3)) == 0},
        "sheets": [
            {"reviewer": f"R{r}", "scores": {n: draw(marks) for n in names}}
            for r in range(draw(st.integers(1, 4)))
        ],
    }


def twin(case):
    """The rules again, written naively."""
    weights = {c["id"]: c["weight"] for c in case["criteria"]}
    whole = sum(weights.values())

    def total(scores):
        return sum(Fraction(w) * Fraction(scores[n]) / 4 * Fraction(100, whole) for n, w in weights.items())

    totals = {s["reviewer"]: total(s["scores"]) for s in case["sheets"]}
    final, passes, apart = {}, True, []
    for c in case["criteria"]:
        marks = [Fraction(s["scores"][c["id"]]) for s in case["sheets"]]
        final[c["id"]] = Fraction(case["consensus"].get(c["id"], sum(marks) / len(marks)))
        if c["threshold"] is not None and final[c["id"]] * 25 < Fraction(c["threshold"]):
            passes = False
        if max(marks) - min(marks) > Fraction(case["divergence"]["criterion"]):
            apart.append((c["id"], max(marks) - min(marks)))
    if max(totals.values()) - min(totals.values()) > Fraction(case["divergence"]["total"]):
        apart.append(("total", max(totals.values()) - min(totals.values())))
    score_ = total(final)
    enough = len(case["sheets"]) >= case["minimum_sheets"]
    return (
        totals,
        score_,
        (passes and score_ >= Fraction(case["overall_threshold"])) if enough else None,
        apart,
    )


@settings(max_examples=120, deadline=None)
@given(case_of(), st.randoms())
def test_scoring_equals_its_twin_in_any_order(case, random):
    totals, final, passes, apart = twin(case)
    found = score(case)
    assert {n: Fraction(t["exact"]) for n, t in found["totals"].items()} == totals
    assert Fraction(found["score"]["exact"]) == final
    assert found["passes"] == passes
    assert [(d["on"], Fraction(d["spread"])) for d in found["divergences"]] == apart
    random.shuffle(case["criteria"])
    random.shuffle(case["sheets"])
    assert score(case) == found
