"""The agenda of a story: steps done in the order of their instants, whoever planned them, the post after each."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from django.db import connection

from notifications import documents, mail, reminders
from notifications.seeding.clock import Travel, at
from review import carrying
from web.clock import eastern
from workflows import deliveries
from workflows.exceptions import Refused

Step = Callable[[], object]
MOST = 5000
FIGURES = 250  # steps between two countings


class SeedError(RuntimeError):
    """A step of the story was refused."""


class Agenda:
    """Steps to come; each may plan others."""

    def __init__(self, travel: Travel) -> None:
        self._travel, self._count = travel, count()
        self._steps: list[tuple[datetime, int, str, Step]] = []
        self._lazy: set[int] = set()

    def add(self, when: datetime, label: str, step: Step, *, lazy: bool = False) -> None:
        """Plan a step; the label says which one was refused. After a lazy one the post waits for another."""
        place = next(self._count)
        if lazy:
            self._lazy.add(place)
        heapq.heappush(self._steps, (when, place, label, step))

    def run(self, until: datetime) -> int:
        """Do every step planned up to an instant, and the nightly work of each day; how many were done."""
        self._plan_nights(until)
        done = 0
        while self._steps and self._steps[0][0] <= until:
            when, place, label, step = heapq.heappop(self._steps)
            self._travel.to(when)
            try:
                step()
            except Refused as refused:
                raise SeedError(f"{label} ({when:%F %H:%M}): {' '.join(refused.reasons)}") from refused
            if place not in self._lazy:
                settle()
            done += 1
            if done % FIGURES == 0:
                count_rows()
        settle()
        return done

    def left(self) -> list[str]:
        """Labels of the steps that were never reached."""
        return [label for _when, _place, label, _step in sorted(self._steps)]

    def _plan_nights(self, until: datetime) -> None:
        if not self._steps:
            return
        day = eastern(self._steps[0][0]).date()
        while at(day, 7) <= until:
            self.add(at(day, 7), f"night of {day}", night)
            day += timedelta(days=1)


def night() -> None:
    """What the timetable does every day: reminders, releases whose instant came, offers that fell."""
    reminders.write_due()
    carrying.carry_out()
    carrying.lapse()


def settle() -> None:
    """Do what the worker would do now: relay events, draw letters, send what is due."""
    deliveries.run_due(limit=MOST)
    documents.draw_due(MOST)
    mail.send_due(MOST)


def count_rows() -> None:
    """Tell PostgreSQL how many rows the story has: in one long transaction nobody else counts them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
