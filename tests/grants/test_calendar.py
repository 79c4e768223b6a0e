"""Dates of a call: orders that cannot be, and what a published call still lets move."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants import calendar
from grants.actions.dates import ImpossibleDates, change_calendar, extend_closing
from tests import factories
from tests.fixtures_calls import Flin
from web import clock
from workflows.engine import NotAllowed, Refused

GOOD: dict[str, Any] = calendar.resolve(
    {
        "opens_at": "2026-01-19T08:30",
        "questions_until": "2026-03-06T16:30",
        "closes_at": "2026-03-27T16:30",
        "eligibility_until": "2026-04-30",
        "review_until": "2026-05-22T16:30",
        "panel_on": "2026-06-02",
        "decision_on": "2026-06-19",
        "letters_at": "2026-06-26T08:30",
        "publish_at": "2026-07-07T10:00",
        "waiting_valid_until": "2027-03-31",
    },
    date(2026, 1, 1),
)


def test_reference_calendar_is_possible() -> None:
    assert calendar.faults(GOOD) == {}
    assert GOOD["closes_at"] == datetime(2026, 3, 27, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(("earlier", "later", "same"), calendar.ORDER)
def test_each_pair_is_held(earlier: str, later: str, same: bool) -> None:
    values = dict(GOOD)
    values[later] = values[earlier] - timedelta(days=1)
    assert later in calendar.faults(values)


def test_letters_and_list_may_share_their_instant() -> None:
    assert calendar.faults({**GOOD, "publish_at": GOOD["letters_at"]}) == {}


@pytest.mark.parametrize("name", calendar.REQUIRED)
def test_required_dates(name: str) -> None:
    assert name in calendar.faults({**GOOD, name: None})


@given(st.dates(min_value=date(2024, 1, 1), max_value=date(2032, 12, 31)), st.integers(-90, 300))
def test_relative_days_never_fall_on_a_weekend(today: date, days: int) -> None:
    spec = {"closes_at": {"from_today": 30, "at": "16:30"}, "panel_on": {"from_closing": days}}
    found = calendar.resolve(spec, today)
    for value in (found["closes_at"], found["panel_on"]):
        assert value is not None
        day = value.astimezone(clock.EASTERN).date() if isinstance(value, datetime) else value
        assert day.weekday() < 5


@pytest.mark.parametrize(
    "spec",
    [
        {"closes_at": "jamais"},
        {"closes_at": {"at": "16:30"}},
        {"closes_at": {"from_today": "demain"}},
        {"closes_at": "2026-03-27T16:30", "fermeture": "2026-03-27"},
        {},
    ],
)
def test_unreadable_calendar_is_refused(spec: dict[str, Any]) -> None:
    with pytest.raises(calendar.BadCalendar):
        calendar.resolve(spec, date(2026, 1, 1))


@pytest.mark.django_db
def test_extension_moves_the_closing(flin: Flin) -> None:
    later = flin.call.closes_at + timedelta(hours=24)
    extend_closing(flin.call, later, actor=flin.manager, reason="Panne.")
    assert flin.call.closes_at == later


@pytest.mark.django_db
def test_extension_refused(flin: Flin) -> None:
    closes = flin.call.closes_at
    with pytest.raises(Refused, match="motif"):
        extend_closing(flin.call, closes + timedelta(days=1), actor=flin.manager, reason=" ")
    with pytest.raises(ImpossibleDates):
        extend_closing(flin.call, closes - timedelta(days=1), actor=flin.manager, reason="Non.")
    with pytest.raises(NotAllowed):
        extend_closing(flin.call, closes + timedelta(days=1), actor=flin.analyst, reason="Non.")
    with pytest.raises(NotAllowed):
        extend_closing(flin.call, closes + timedelta(days=1), actor=factories.make_user(), reason="Non.")
    flin.call.refresh_from_db()
    assert flin.call.closes_at == closes


@pytest.mark.django_db
def test_past_dates_of_a_published_call_stand(flin: Flin) -> None:
    with pytest.raises(ImpossibleDates) as impossible:
        change_calendar(
            flin.call,
            actor=flin.manager,
            opens_at=flin.call.opens_at - timedelta(days=1),
            letters_at=clock.now() - timedelta(days=1),
        )
    assert set(impossible.value.by_field) >= {"opens_at", "letters_at"}


@pytest.mark.django_db
def test_draft_dates_are_free(flin_at: Any) -> None:
    draft = flin_at(publish=False)
    assert change_calendar(
        draft.call,
        actor=draft.manager,
        opens_at=draft.call.opens_at - timedelta(days=1),
        questions_until=None,
    ) == ["opens_at", "questions_until"]
    assert change_calendar(draft.call, actor=draft.manager, questions_until=None) == []


# --- a published call: notice, everything at once, told to all ------------------------------------------
def test_what_people_plan_by_keeps_its_notice() -> None:
    now = clock.now()
    near = now + timedelta(days=1)
    for name in calendar.NOTICED:
        old = now + timedelta(days=60)
        assert "préavis" in calendar.frozen(name, old, near, now)
        assert calendar.frozen(name, old, now + timedelta(days=30), now) == ""
        assert calendar.frozen(name, near, old, now) == "", "later is free"
    assert calendar.frozen("decision_on", date(2100, 5, 1), date(2100, 4, 1), now) == ""
    assert "est passé" in calendar.frozen("eligibility_until", date(2020, 1, 1), date(2100, 1, 1), now)
    assert "dans le passé" in calendar.frozen("panel_on", date(2100, 1, 1), date(2020, 1, 1), now)


def test_two_faults_of_one_date_are_both_said() -> None:
    said = calendar.faults({**GOOD, "letters_at": GOOD["opens_at"]})["letters_at"]
    assert said.count("doit suivre") == 2


@given(st.dictionaries(st.sampled_from(calendar.DAYS), st.dates(date(2025, 1, 1), date(2028, 1, 1))))
def test_the_drawing_stays_on_its_scale(moved: dict[str, date]) -> None:
    values = {**GOOD, **moved}
    found = calendar.faults(values)
    for span in calendar.spans(values, found):
        assert 0 <= span.x <= calendar.WIDTH
        assert 2 <= span.width <= calendar.WIDTH
        assert span.days >= 0 or span.is_wrong
