"""The travelling clock of a seed: what it does is dated of the day at which it happens in the story."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from unittest.mock import patch

from web import formats
from web.clock import EASTERN


class Travel:
    """A clock that is set by hand, goes forward only, and lets a little time pass at each look."""

    def __init__(self, start: datetime, rng: Random) -> None:
        self.instant, self._rng = start.astimezone(UTC), rng

    def now(self) -> datetime:
        """The present instant of the story."""
        self.instant += timedelta(microseconds=self._rng.randint(700, 21_000))
        return self.instant

    def to(self, when: datetime) -> None:
        """Go to an instant; one that is past already leaves the clock where it is."""
        if when > self.instant:
            self.instant = when.astimezone(UTC) + timedelta(microseconds=self._rng.randint(1, 999_999))


@contextmanager
def travelling(travel: Travel) -> Iterator[None]:
    """Everything that asks the time reads the story's clock."""
    with patch("django.utils.timezone.now", travel.now):
        yield


@contextmanager
def quiet() -> Iterator[None]:
    """No worker is woken: the seed draws and sends by itself."""
    with (
        patch("celery.app.task.Task.apply_async", lambda *args, **kwargs: None),
        patch("celery.app.base.Celery.send_task", lambda *args, **kwargs: None),
    ):
        yield


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant on the clock of Québec City."""
    return datetime.combine(day, time(hour, minute), tzinfo=EASTERN)


def on_weekday(day: date, *, back: bool = True) -> date:
    """The day itself, or the Friday before (the Monday after) a week-end."""
    while day.weekday() >= 5:
        day += timedelta(days=-1 if back else 1)
    return day


def weekdays_after(day: date, count: int) -> date:
    """So many weekdays later: an act that follows another one always does, whatever day the story is told."""
    for _ in range(count):
        day = on_weekday(day + timedelta(days=1), back=False)
    return day


def of_month(day: datetime) -> str:
    """`d’octobre 2026`, `de mars 2026`."""
    name = formats.date_long(day, "fr").split(" ", 1)[1]
    return f"d’{name}" if name[0] in "aoé" else f"de {name}"
