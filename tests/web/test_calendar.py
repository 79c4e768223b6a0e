"""Days the ministry works, and the instant a delay ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import calendar

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 1),
        date(2026, 1, 2),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 5, 18),
        date(2026, 6, 24),
        date(2026, 7, 1),
        date(2026, 9, 7),
        date(2026, 10, 12),
        date(2026, 12, 24),
        date(2026, 12, 25),
        date(2026, 12, 31),
        date(2025, 5, 19),
        date(2027, 5, 24),
    ],
)
def test_days_off(day: date) -> None:
    assert not calendar.is_working_day(day)


@pytest.mark.parametrize("day", [date(2026, 5, 25), date(2026, 4, 7), date(2026, 12, 28), date(2026, 11, 11)])
def test_days_at_work(day: date) -> None:
    assert calendar.is_working_day(day)


def test_easter() -> None:
    assert [calendar.easter(year) for year in (2024, 2025, 2026, 2027, 2038)] == [
        date(2024, 3, 31),
        date(2025, 4, 20),
        date(2026, 4, 5),
        date(2027, 3, 28),
        date(2038, 4, 25),
    ]


def test_ten_working_days_step_over_easter() -> None:
    start = datetime(2026, 3, 30, 14, 0, tzinfo=UTC)
    assert calendar.due_in_working_days(start, 10) == datetime(2026, 4, 15, 20, 30, tzinfo=UTC)


def test_calendar_days_move_to_the_next_working_day() -> None:
    start = datetime(2026, 12, 14, 15, 0, tzinfo=UTC)
    assert calendar.due_in_days(start, 10) == datetime(2026, 12, 28, 21, 30, tzinfo=UTC)
    with pytest.raises(ValueError, match="forward"):
        calendar.due_in_days(start, -1)


def test_the_day_is_that_of_quebec() -> None:
    late = datetime(2026, 3, 31, 2, 0, tzinfo=UTC)  # still 30 March in Québec
    assert calendar.due_in_working_days(late, 1) == datetime(2026, 3, 31, 20, 30, tzinfo=UTC)


@given(DAYS)
def test_due_instant_is_half_past_four_in_any_season(day: date) -> None:
    instant = calendar.at_closing(day)
    here = instant.astimezone(calendar.ZONE)
    assert (here.date(), here.hour, here.minute) == (day, 16, 30)
    assert instant.utcoffset() == timedelta(0)
    assert instant.hour in (20, 21)


@given(DAYS, st.integers(0, 60))
def test_working_days_against_counting(day: date, count: int) -> None:
    end = calendar.add_working_days(day, count)
    assert calendar.is_working_day(end)
    if count:
        assert calendar.working_days_between(day, end) == count
    else:
        assert end == calendar.next_working_day(day)


@given(DAYS, st.integers(0, 30))
def test_a_longer_delay_never_ends_sooner(day: date, count: int) -> None:
    assert calendar.add_working_days(day, count) <= calendar.add_working_days(day, count + 1)
