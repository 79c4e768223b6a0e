"""Composed projects: every municipality once, every region, no text twice, sums that a call takes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from accounts.models import Organisation
from notifications.seeding import cast, corpus, marks, meeting, rounds
from notifications.seeding.composing import TOTALS, models, phrases
from notifications.seeding.corpus import Project

LONG = ("challenge", "need", "solution", "innovation", "data", "users", "local_strategy", "footprint")


@pytest.fixture(scope="module")
def drawn(django_db_setup: None, django_db_blocker: Any) -> Any:
    """Every round at full size, drawn from the official directory."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        cast.import_directory()
        yield rounds.draw(rounds.FULL)
        transaction.set_rollback(True)


def every(drawn: dict[str, list[Project]]) -> list[Project]:
    return [one for found in drawn.values() for one in found]


@pytest.mark.django_db
def test_there_are_enough_of_them_from_everywhere(drawn: dict[str, list[Project]]) -> None:
    found = every(drawn)
    joint = [one for one in corpus.projects().values() if one.data["partners"]]
    assert len(found) + len(joint) - 1 >= 150  # one of the corpus has a lead that cannot apply
    towns = [one.lead for one in found] + [each["code"] for one in found for each in one.data["partners"]]
    assert max(Counter(towns).values()) == 1
    rows = Organisation.objects.filter(scheme="qc", code__in=[one.lead for one in found])
    assert len({row.region_id for row in rows}) >= 16
    sizes = {min(len(str(row.population)), 5) for row in rows}
    assert sizes >= {3, 4, 5}
    assert sum(bool(one.data["partners"]) for one in found) + len(joint) >= 20


def test_no_text_comes_twice(drawn: dict[str, list[Project]]) -> None:
    found = every(drawn)
    for text in (
        lambda one: one.title,
        lambda one: one.data["summary_plain"]["fr"],
        *((lambda one, code=code: one.data["answers"][code]) for code in LONG),
    ):
        counted = Counter(text(one) for one in found)
        assert [words for words, count in counted.items() if count > 1] == []


def test_summaries_share_few_sentences(drawn: dict[str, list[Project]]) -> None:
    told = [set(one.data["summary_plain"]["fr"].split(". ")) for one in every(drawn)]
    for place, one in enumerate(told):
        assert all(len(one & other) <= 2 for other in told[place + 1 :]), sorted(one)


def test_nothing_is_left_to_fill_in(drawn: dict[str, list[Project]]) -> None:
    for one in every(drawn):
        words = [one.title, *one.data["summary_plain"].values()]
        words += [text for text in one.data["answers"].values() if isinstance(text, str)]
        assert not [text for text in words if "{" in text or "  " in text or "'" in text], one.code
        assert not [text for text in words if " :" in text or " %" in text or "« " in text], one.code
        assert len(one.title) <= 120
        assert 45 <= len(one.data["summary_plain"]["fr"].split()) <= 130


def test_sums_hold_together(drawn: dict[str, list[Project]]) -> None:
    for one in every(drawn):
        costs = sum(each["amount"] for each in one.data["costs"])
        assert one.requested() + one.data["funding"][0]["amount"] == costs
        low = {"V1": 10_000, "V2": 50_000, "V3": 100_000}[one.data["volet"]]
        assert low <= one.requested() < costs <= TOTALS[one.data["volet"]][1] * 1.2


def test_people_are_fictional_and_forty_review() -> None:
    assert len(cast.REVIEWERS) == 40
    assert {code for codes in meeting.MEMBERS.values() for code in codes} == set(cast.REVIEWERS)
    names = [
        (corpus.people()[code]["given_name"], corpus.people()[code]["family_name"]) for code in cast.REVIEWERS
    ]
    assert len(set(names)) == 40
    assert len({one["id"] for one in models()}) == len(models()) >= 30


def test_marks_hold_their_level(drawn: dict[str, list[Project]]) -> None:
    grid = {
        "criteria": [{"id": f"C{n}"} for n in range(1, 8)],
        "comment_required": {"below": "3", "at": "5"},
    }
    for one in drawn["C"]:
        for level in (marks.STRONG, marks.GOOD, marks.WEAK):
            sheets = [marks.sheet(one, grid, level, place) for place in range(3)]
            for code in ("C1", "C7"):
                spread = [float(each["scores"][code]) for each in sheets]
                assert max(spread) - min(spread) <= 1
            assert all(each["comments"]["C4"] for each in sheets)
        apart = [marks.sheet(one, grid, marks.GOOD, place, apart="C3")["scores"]["C3"] for place in (0, 1)]
        assert apart == ["2", "4.5"]
    assert set(phrases()["low"]) == set(phrases()["high"]) == {f"C{n}" for n in range(1, 8)}
