"""applications.maturity by its command and against a naive twin; the self-diagnosis as a question."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from applications import diagnosis, facts, fields, maturity
from applications.fields import BadAnswer, Question
from tests import cores
from web import clock
from workflows.casefile import BadInput


def case(answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    dimensions = [{"code": code, "statements": [f"{code}{n}" for n in (1, 2)]} for code in "abc"]
    return {"dimensions": dimensions, "answers": answers, "most": 4, "keep": 2, **more}


WHOLE = {"a1": 1, "a2": 2, "b1": 4, "b2": 4, "c1": 0, "c2": 3}


def test_by_module_command() -> None:
    found = cores.answer("applications.maturity", case(WHOLE))
    assert [one["level"]["exact"] for one in found["dimensions"]] == ["3/2", "4", "3/2"]
    assert found["overall"] == {"exact": "7/3", "rounded": "2.33"}
    assert found["weakest"] == ["a", "c"]
    assert found["missing"] == []


def test_a_dimension_has_its_level_once_it_is_whole() -> None:
    found = cores.answer("applications.maturity", case({"a1": 3, "b1": 0, "b2": 1}))
    assert [one["level"] and one["level"]["rounded"] for one in found["dimensions"]] == [None, "0.50", None]
    assert (found["overall"], found["weakest"], found["missing"]) == (None, ["b"], ["a2", "c1", "c2"])


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (case({"a1": 5}), "at most 4"),
        (case({"a1": True}), "whole number"),
        (case({"z": 1}), "unknown statement"),
        (case({}, keep=0), "at least 1"),
        (case({}, more=1), "unknown key"),
        (case({}, dimensions=[{"code": "a", "statements": []}]), "no statement"),
        (case({}, dimensions=[{"code": c, "statements": ["x"]} for c in "ab"]), "given twice"),
    ],
)
def test_a_bad_case_is_refused_in_a_sentence(bad: dict[str, Any], words: str) -> None:
    assert words in cores.refusal("applications.maturity", bad)


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    sizes = draw(st.lists(st.integers(1, 4), max_size=6))
    dimensions = [
        {"code": f"d{n}", "statements": [f"d{n}-{k}" for k in range(size)]} for n, size in enumerate(sizes)
    ]
    names = [name for one in dimensions for name in one["statements"]]
    levels = st.one_of(st.none(), st.integers(0, 4)) if draw(st.booleans()) else st.integers(0, 4)
    chosen = {name: draw(levels) for name in names}
    return {
        "dimensions": dimensions,
        "answers": {name: level for name, level in chosen.items() if level is not None},
        "most": 4,
        "keep": draw(st.integers(1, 3)),
    }


@given(cases())
def test_the_twin_says_the_same(given_case: dict[str, Any]) -> None:
    found, answers = maturity.judge(given_case), given_case["answers"]
    levels = {}
    for one in given_case["dimensions"]:
        if set(one["statements"]) <= set(answers):
            levels[one["code"]] = Fraction(
                sum(answers[name] for name in one["statements"]), len(one["statements"])
            )
    weak: set[str] = set()
    for level in sorted(set(levels.values())):
        mine = {code for code, one in levels.items() if one == level}
        if level == 4 or (weak and len(weak | mine) > given_case["keep"]):
            break
        weak |= mine
    assert set(found["weakest"]) == weak  # type: ignore[call-overload]
    assert [levels[code] for code in found["weakest"]] == sorted(levels[code] for code in weak)  # type: ignore[attr-defined]
    for one in found["dimensions"]:  # type: ignore[attr-defined]
        level = levels.get(one["code"])
        assert (one["level"] and Fraction(one["level"]["exact"])) == level
    is_whole = bool(levels) and len(levels) == len(given_case["dimensions"])
    expected = Fraction(sum(levels.values()), len(levels)) if is_whole else None
    assert (found["overall"] and Fraction(found["overall"]["exact"])) == expected  # type: ignore[index]


@given(cases(), st.randoms())
def test_the_order_of_answers_changes_nothing(given_case: dict[str, Any], random: Any) -> None:
    mixed = list(given_case["answers"].items())
    random.shuffle(mixed)
    assert maturity.judge({**given_case, "answers": dict(mixed)}) == maturity.judge(given_case)


def test_python_raises_the_same_sentence() -> None:
    with pytest.raises(BadInput, match="at most 4"):
        maturity.judge(case({"a1": 9}))


# --- the question -----------------------------------------------------------------------------------------
def both(words: str) -> dict[str, str]:
    return {"fr": words, "en": f"{words} (en)"}


FRAME = {
    "title": both("Maturité"),
    "dimensions": [
        {
            "code": code,
            "label": both(f"Dimension {code}"),
            "statements": [
                {"code": f"{code}{n}", "label": both(f"Énoncé {code}{n}"),
                 "levels": [both(f"niveau {k}") for k in range(5)]}
                for n in (1, 2)
            ],
        }
        for code in "abc"
    ],
    "paths": [
        {"code": f"p{code}", "label": both(f"Cours {code}"), "provider": both("Réseau"), "hours": 3,
         "audience": both("élus"), "dimension": code}
        for code in "abc"
    ],
}  # fmt: skip


@pytest.fixture
def asked() -> Question:
    data = {"code": "m", "type": "maturity", "label": both("Votre maturité")}
    return fields.question_from({"maturity": FRAME}, data)


def value(**more: Any) -> dict[str, Any]:
    return {"answers": WHOLE, "evidence": {"a": "Un plan."}, "done_on": "2026-01-15", **more}


def test_an_answer_is_kept_while_it_is_not_whole(asked: Question) -> None:
    kept, said = fields.keep(asked, {"answers": {"a1": "3", "zz": "1", "b1": "9"}, "evidence": {"a": " "}})
    assert kept == {"answers": {"a1": 3}, "evidence": {}, "done_on": ""}
    assert said == "Il reste 5 énoncés sans niveau choisi."
    with pytest.raises(BadAnswer, match="la date"):
        fields.clean(asked, value(done_on=""))
    with pytest.raises(BadAnswer, match="à venir"):
        fields.clean(asked, value(done_on="2059-01-01"))
    with pytest.raises(BadAnswer, match="au plus"):
        fields.clean(asked, value(evidence={"b": "x" * 601}))
    assert fields.clean(asked, value()) == value()
    assert fields.clean(asked, {"answers": {}, "evidence": {}, "done_on": ""}) is None
    assert fields.is_blank({"answers": {}, "evidence": {}, "done_on": ""})


def test_today_is_no_day_to_come(asked: Question) -> None:
    today = clock.today().isoformat()
    assert fields.clean(asked, value(done_on=today))["done_on"] == today


def test_a_page_without_script_sends_the_same(asked: Question) -> None:
    post = QueryDict(mutable=True)
    for code, level in WHOLE.items():
        post[f"m.answers.{code}"] = str(level)
    post["m.evidence.a"], post["m.done_on"] = "Un plan.", "2026-01-15"
    assert fields.clean(asked, fields.from_post(asked, post)) == value()


def test_facts_are_the_statements_and_the_day(asked: Question) -> None:
    assert facts.fact(asked, value()) == sorted(WHOLE)
    assert diagnosis.done_on(value()) == "2026-01-15"
    assert facts.fact(asked, {"raw": "?"}) is None
    assert diagnosis.done_on({"done_on": "hier"}) is None


def test_the_result_in_words_and_drawn(asked: Question) -> None:
    shown = fields.display(asked, value(), "fr")
    assert [(row[0], row[1]) for row in shown.rows] == [
        ("Dimension a", "1,5"), ("Dimension b", "4,0"), ("Dimension c", "1,5"), ("Ensemble", "2,3"),
    ]  # fmt: skip
    assert shown.done_on == "15 janvier 2026"
    assert [one.code for one in shown.weak] == ["a", "c"]
    assert [one["code"] for one in shown.paths] == ["pa", "pc"]
    assert shown.radar is not None
    assert len(shown.radar.shape.split()) == 3
    assert "Énoncé b1" in str(shown)
    assert fields.display(asked, value(), "en").rows[0][1] == "1.5"
    partial = fields.display(asked, {"answers": {"a1": 1}, "evidence": {}, "done_on": ""}, "fr")
    assert (partial.overall, partial.radar.shape, partial.rows[0][1]) == ("", "", "–")


@given(
    st.dictionaries(
        st.sampled_from([*WHOLE, "zz"]), st.one_of(st.integers(-9, 9), st.text(max_size=3), st.booleans())
    )
)
def test_nothing_that_is_sent_breaks_it(answers: dict[str, Any]) -> None:
    data = {"code": "m", "type": "maturity", "label": both("Votre maturité")}
    one = fields.question_from({"maturity": FRAME}, data)
    kept, _said = fields.keep(one, {"answers": answers, "evidence": [], "done_on": 3})
    assert fields.keep(one, kept)[0] == kept
    assert fields.display(one, kept) == "" or fields.display(one, kept).levels
