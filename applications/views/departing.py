"""A departure on a page: what was filed beside what is so since, and who may conclude what of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from applications import departures, facts
from applications.actions import departures as acts
from applications.departures import KEPT, NOTED, Row


@dataclass(frozen=True)
class Departure:
    """What the page shows of the departures of a dossier."""

    rows: list[Row]
    waits: bool
    answers: tuple[str, ...]
    asks: bool  # this person may conclude now
    most: int  # the most that may be kept; 0 when no aid is concluded on

    @property
    def is_after_award(self) -> bool:
        """Money is already promised."""
        return self.answers == (NOTED,)


def departure_of(dossier: Any, user: Any) -> Departure | None:
    """The departures of a dossier; nothing when nobody left."""
    bodies = facts.bodies_of(dossier)
    if not departures.gone(dossier, bodies):
        return None
    waits = bool(departures.waiting(dossier, bodies))
    answers = acts.answers_of(dossier) if waits else ()
    return Departure(
        rows=departures.compared(dossier),
        waits=waits,
        answers=answers,
        asks=bool(answers) and acts.may_conclude(dossier, user),
        most=acts.most_of(dossier) if KEPT in answers else 0,
    )
