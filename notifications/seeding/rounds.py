"""Rounds of the reference call as data: in scoring, decided under embargo, last year's published, and the open one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from notifications.seeding.clock import on_weekday
from notifications.seeding.composing import Drawn, compose, models
from notifications.seeding.corpus import Project
from notifications.seeding.towns import Towns

READY = "ti"
FULL, SMALL = "full", "small"
VOLETS = ("V1", "V2", "V3")
ENOUGH = 4  # bodies of a joint project that one may leave
# What happens to some of the dossiers of the second volet, by their place; the others go to review.
WITHDRAWN, AWAITED, ANSWERED, SILENT, REFUSED = "withdrawn", "awaited", "answered", "silent", "refused"
RECEIVED, CHECKED, COUNTERSIGNED = "received", "checked", "silence countersigned"
SETTLED, OPENED = "settled", "open"  # a partner left: the ministry concluded, or has not yet


@dataclass(frozen=True)
class Round:
    """A round, counted from today."""

    letter: str
    closes_in: int
    counts: Mapping[str, tuple[int, int]]  # dossiers by volet: full size, small size
    ends: Mapping[int, str] = field(default_factory=dict)
    shut_by: str = ""  # the rule that refuses
    departures: bool = False  # partners leave two of its joint projects

    def closing_day(self, today: date) -> date:
        """The day on which it closes."""
        return on_weekday(today + timedelta(days=self.closes_in))

    def code(self, today: date) -> str:
        """`TI-2026-B`: the year of its closing; the open one and last year's go without a letter."""
        plain = f"{READY.upper()}-{self.closing_day(today).year}"
        return plain if self.letter in "AD" else f"{plain}-{self.letter}"


OPEN = Round("A", 19, {"V1": (6, 1), "V2": (13, 3), "V3": (0, 0)})
SCORING = Round(
    "B",
    -50,
    {"V1": (9, 3), "V2": (31, 12), "V3": (5, 2)},
    {
        0: WITHDRAWN,
        1: AWAITED,
        2: ANSWERED,
        3: SILENT,
        4: REFUSED,
        5: RECEIVED,
        6: CHECKED,
        7: RECEIVED,
        13: CHECKED,
        14: RECEIVED,
    },
    "E10",
    departures=True,
)
EMBARGO = Round("C", -87, {"V1": (7, 3), "V2": (27, 7), "V3": (5, 2)}, {0: REFUSED, 1: COUNTERSIGNED}, "E08")
PUBLISHED = Round(
    "D",
    -372,
    {"V1": (8, 3), "V2": (30, 9), "V3": (6, 2)},
    {0: COUNTERSIGNED, 1: WITHDRAWN, 2: REFUSED},
    "E04",
)
ROUNDS = (PUBLISHED, EMBARGO, SCORING, OPEN)


def draw(size: str) -> dict[str, list[Project]]:
    """The projects of every round, each of another municipality; reads the directory."""
    towns, turns = Towns("rounds"), _turns()
    found: dict[str, list[Project]] = {}
    for place, one in enumerate(ROUNDS):
        made: list[Project] = []
        for volet in VOLETS:
            count = one.counts[volet][size == SMALL]
            for _ in range(count):
                model, turn = next(turns[volet])
                lead = towns.next()
                while volet == "V3" and (lead.known_population or 0) > 40_000:
                    lead = towns.next()
                partners = towns.near(lead, 2 + turn % 3) if volet == "V3" else []
                code = f"Q{place + 1}{len(made) + 1:02d}"
                made.append(compose(Drawn(code, model, lead, partners, turn)))
        found[one.letter] = made
    return found


def _turns() -> dict[str, Iterator[tuple[Mapping[str, object], int]]]:
    """For each volet its models one after the other, with how often each was used."""

    def endless(volet: str) -> Iterator[tuple[Mapping[str, object], int]]:
        own, turn = [one for one in models() if one["volets"] == volet], 0
        while True:
            yield from ((one, turn) for one in own)
            turn += 1

    return {volet: endless(volet) for volet in VOLETS}


def ends_of(one: Round, projects: list[Project]) -> dict[str, str]:
    """Where dossiers stop before review, by the code of the project."""
    second = [each.code for each in projects if each.data["volet"] == "V2"]
    return {second[place]: end for place, end in one.ends.items() if place < len(second)}


def departures_of(one: Round, projects: list[Project]) -> dict[str, str]:
    """Joint projects that a partner leaves, by code: the largest, on which the ministry concludes, and the smallest."""
    joint = sorted((each for each in projects if each.data["partners"]), key=_size)
    if not one.departures or len(joint) < 2 or _size(joint[-1]) < ENOUGH:
        return {}
    return {joint[0].code: OPENED, joint[-1].code: SETTLED}


def _size(project: Project) -> int:
    return 1 + len(project.data["partners"])
