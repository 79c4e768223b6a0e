"""The ministry's calendar: days it works, and the instant a delay of working days ends. Plain Python."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Toronto")
CLOSING = time(16, 30)


def easter(year: int) -> date:
    """Easter Sunday, by the Gregorian computus."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    w = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * w) // 451
    month, day = divmod(h + w - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _weekday_of(year: int, month: int, weekday: int, rank: int) -> date:
    """The first, second … such weekday of a month (Monday is 0)."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (rank - 1))


def _patriots(year: int) -> date:
    """The Monday before 25 May."""
    eve = date(year, 5, 24)
    return eve - timedelta(days=eve.weekday())


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """The days off of a year: Québec's statutory holidays, both Easter days, and the year-end closing.

    A holiday that falls on a Saturday or a Sunday is not moved: the weekend is closed already.
    """
    sunday = easter(year)
    return frozenset(
        {
            date(year, 1, 1),
            date(year, 1, 2),
            sunday - timedelta(days=2),
            sunday + timedelta(days=1),
            _patriots(year),
            date(year, 6, 24),
            date(year, 7, 1),
            _weekday_of(year, 9, 0, 1),
            _weekday_of(year, 10, 0, 2),
            date(year, 12, 24),
            date(year, 12, 25),
            date(year, 12, 26),
            date(year, 12, 31),
        }
    )


def is_working_day(day: date) -> bool:
    """Tell whether the ministry works that day."""
    return day.weekday() < 5 and day not in holidays(day.year)


def next_working_day(day: date) -> date:
    """The day itself when the ministry works, else the first one after."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    """The day that comes `count` working days after a day, which is not itself counted."""
    if count < 0:
        raise ValueError("A delay runs forward.")
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1))
    return next_working_day(day)


def working_days_between(start: date, end: date) -> int:
    """Working days after `start`, up to and including `end`."""
    span = (end - start).days
    return sum(is_working_day(start + timedelta(days=offset)) for offset in range(1, span + 1))


def at_closing(day: date) -> datetime:
    """16 h 30 on that day in Québec City, as an instant in UTC (summer time counted)."""
    return datetime.combine(day, CLOSING, tzinfo=ZONE).astimezone(ZoneInfo("UTC"))


def due_in_working_days(start: datetime, count: int) -> datetime:
    """The instant a delay of working days ends: 16 h 30, Eastern time, on the last of them."""
    return at_closing(add_working_days(start.astimezone(ZONE).date(), count))


def due_in_days(start: datetime, count: int) -> datetime:
    """The instant a delay of calendar days ends: 16 h 30 on the Nth day, or on the next working day."""
    if count < 0:
        raise ValueError("A delay runs forward.")
    return at_closing(next_working_day(start.astimezone(ZONE).date() + timedelta(days=count)))
