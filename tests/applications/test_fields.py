"""Questions: what is typed, kept, refused, shown; when a question is shown or required."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from applications import fields
from applications.fields import BadAnswer, Question
from grants.reading import folder

FORM = {
    "form": json.loads((folder("flin") / "form.json").read_text(encoding="utf-8")),
    "budget": json.loads((folder("flin") / "budget.json").read_text(encoding="utf-8")),
}
BY_CODE = {one.code: one for one in fields.questions(FORM)}
NBSP = "\u00a0"


def one(kind: str, **more: Any) -> Question:
    return Question("q", kind, {"fr": "Une question?"}, **more)


def test_the_form_reads_as_sections_of_questions() -> None:
    assert [section.code for section in fields.sections(FORM)][:2] == ["projet", "solution"]
    assert BY_CODE["title"].max_chars == 120
    assert BY_CODE["title"].section == "projet"
    assert BY_CODE["resolution"].accept == (".pdf",)
    assert not BY_CODE["resolution"].multiple
    assert [kind.code for kind in BY_CODE["budget"].kinds] == ["own", "grant", "repayable"]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12500", 12500),
        ("12 500 $", 12500),
        (f"12{NBSP}500{NBSP}$", 12500),
        ("12 500,00", 12500),
        ("12,500", 12500),
        ("0", 0),
        (7, 7),
        ("", None),
        ("   ", None),
    ],
)
def test_money_as_people_type_it(typed: Any, value: Any) -> None:
    assert fields.clean(one("money"), typed) == value


@pytest.mark.parametrize("typed", ["12 500,50", "-3", "douze", "1e4", "1.2.3", "9" * 30, True, "½"])
def test_what_is_no_whole_amount_is_refused_and_kept(typed: Any) -> None:
    with pytest.raises(BadAnswer):
        fields.clean(one("money"), typed)
    value, said = fields.keep(one("money"), typed)
    assert said
    assert value == {"raw": str(typed)}
    assert fields.problem(one("money"), value)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("2026-09-01", "2026-09-01"), ("1/9/2026", "2026-09-01"), ("29-02-2028", "2028-02-29")],
)
def test_a_day(typed: str, value: str) -> None:
    assert fields.clean(one("date"), typed) == value


@pytest.mark.parametrize("typed", ["2026-02-30", "31/04/2026", "demain", "0001-01-01", "2026-13-01"])
def test_a_day_that_does_not_exist(typed: str) -> None:
    with pytest.raises(BadAnswer):
        fields.clean(one("date"), typed)


def test_a_text_too_long_is_kept_whole_and_says_by_how_much() -> None:
    question = one("long_text", max_chars=5)
    value, said = fields.keep(question, "éé\r\nàà")
    assert (value, said) == ("éé\nàà", "")
    value, said = fields.keep(question, "e\u0301" * 1006)
    assert value == "é" * 1006
    assert f"1{NBSP}006 caractères" in said
    assert f"1{NBSP}001 à enlever" in said


def test_choices_keep_the_order_of_the_form_and_their_limit() -> None:
    assert fields.clean(BY_CODE["themes"], ["mobilite", "environnement"]) == ["environnement", "mobilite"]
    for typed in (["mobilite", "economie", "communautes"], ["autre"], 3):
        with pytest.raises(BadAnswer):
            fields.clean(BY_CODE["themes"], typed)
    with pytest.raises(BadAnswer):
        fields.clean(BY_CODE["privacy_state"], "later")


def test_a_budget_drops_blank_rows_gives_ids_and_never_counts_own_money_as_public() -> None:
    typed = {
        "lines": [
            {"category": "fees", "description": "Étude", "amount": "1 200"},
            {"id": "x", "category": "fees", "description": "", "amount": ""},
        ],
        "funding": [{"id": "f", "source": "Ville", "kind": "own", "public": "on", "amount": "10"}],
    }
    value = fields.clean(BY_CODE["budget"], typed)
    assert value["lines"] == [{"id": "l1", "category": "fees", "description": "Étude", "amount": 1200}]
    assert value["funding"][0]["public"] is False
    assert fields.clean(BY_CODE["budget"], value) == value
    assert fields.clean(BY_CODE["budget"], {"lines": [], "funding": []}) is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"category": "", "description": "a", "amount": "1"}, "catégorie"),
        ({"category": "fees", "description": "", "amount": "1"}, "décrivez"),
        ({"category": "fees", "description": "a", "amount": ""}, "montant"),
        ({"category": "fees", "description": "a", "amount": "1,5"}, "entier"),
    ],
)
def test_a_wrong_row_of_a_budget_is_named_and_kept(row: dict[str, Any], words: str) -> None:
    typed = {"lines": [row], "funding": []}
    with pytest.raises(BadAnswer, match=words):
        fields.clean(BY_CODE["budget"], typed)
    value, said = fields.keep(BY_CODE["budget"], typed)
    assert said.startswith(f"Dépense 1{NBSP}:")
    assert value["lines"][0]["description"] == row["description"]


def test_a_page_without_script_posts_rows() -> None:
    post = QueryDict(mutable=True)
    post.setlist("budget.lines", ["l1", "l2"])
    post.update({"budget.lines.l1.category": "fees", "budget.lines.l1.amount": "5", "budget.remove": "l2"})
    post["budget.lines.l1.description"] = "Étude"
    assert fields.from_post(BY_CODE["budget"], post)["lines"] == [
        {"id": "l1", "category": "fees", "description": "Étude", "amount": "5"}
    ]
    day = QueryDict("start-year=2027&start-month=1&start-day=5")
    assert fields.clean(BY_CODE["start"], fields.from_post(BY_CODE["start"], day)) == "2027-01-05"
    assert fields.from_post(BY_CODE["declaration"], QueryDict("")) is False
    assert fields.from_post(BY_CODE["themes"], QueryDict("themes=&themes=mobilite")) == ["mobilite"]


def test_shown_and_required_follow_conditions_a_missing_fact_hides() -> None:
    question = BY_CODE["privacy_state"]
    assert not fields.is_shown(question, {})
    assert not fields.is_required(question, {})
    assert fields.is_required(question, {"personal_data": True})
    assert not fields.is_shown(question, {"personal_data": False})
    evidence = BY_CODE["price_evidence"]
    assert not fields.is_required(evidence, {})
    assert fields.is_required(evidence, {"kept_costs": 50001})


def test_values_in_words() -> None:
    assert fields.display(BY_CODE["requested"], 32000) == f"32{NBSP}000{NBSP}$"
    assert fields.display(BY_CODE["requested"], 32000, "en") == "$32,000"
    assert fields.display(BY_CODE["start"], "2027-01-01") == "1er janvier 2027"
    assert fields.display(BY_CODE["themes"], ["mobilite"], "en") == ["Mobility"]
    assert fields.display(BY_CODE["personal_data"], False) == "Non"
    assert fields.display(BY_CODE["need"], None) == ""
    assert fields.display(BY_CODE["requested"], {"raw": "douze"}) == "douze"
    rows = fields.display(
        BY_CODE["budget"], {"lines": [{"id": "a", "category": "fees", "description": "É", "amount": 5}]}
    )
    assert (rows["total"], rows["lines"].rows[0][0]) == (f"5{NBSP}$", "Honoraires")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(sorted(BY_CODE)), JSON)
def test_whatever_arrives_is_kept_and_a_clean_value_stays_as_it_is(code: str, raw: Any) -> None:
    question = BY_CODE[code]
    if question.type == "file":
        return
    value, said = fields.keep(question, raw)
    json.dumps(value)
    assert fields.keep(question, value)[0] == value
    if not said:
        assert fields.problem(question, value) == ""
    fields.display(question, value)
