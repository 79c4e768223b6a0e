"""Territories that dossiers serve, each counted once by its code. Sets over rows of the directory, no statement.

A municipality serves itself, an MRC or a regional administration its member municipalities, a council its land.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

MEMBERED = ("mrc", "regional")
COUNTED = ("municipality", "unorganised", "land")  # whose people make the population of Québec


@dataclass(frozen=True)
class Place:
    """A row of the directory: its members are read by MRC, its people are None when they are unknown."""

    pk: int
    kind: str
    mrc: str
    people: int | None
    land: int | None = None
    is_gone: bool = False


@dataclass(frozen=True)
class Served:
    """The people of some territories: how many territories, and how many of them have no known population."""

    places: int
    people: int
    unknown: int


class Directory:
    """Every territory, read once."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.places = {one.pk: one for one in places}
        self.members: dict[str, set[int]] = {}
        for one in self.places.values():
            if one.kind == "municipality" and one.mrc and not one.is_gone:
                self.members.setdefault(one.mrc, set()).add(one.pk)

    @property
    def people(self) -> int:
        """The people of every territory of the directory."""
        return sum(one.people or 0 for one in self.places.values() if one.kind in COUNTED and not one.is_gone)

    def of(self, body: int) -> set[int]:
        """The territories of a body; itself when it has no others."""
        place = self.places[body]
        if place.kind in MEMBERED:
            return self.members.get(place.mrc, {body})
        return {place.land} if place.land in self.places else {body}

    def served(self, bodies: Iterable[int]) -> Served:
        """The people of these bodies, a territory that several of them serve counted once."""
        found: set[int] = set()
        for body in set(bodies):
            found |= self.of(body)
        known = [people for pk in found if (people := self.places[pk].people) is not None]
        return Served(len(found), sum(known), len(found) - len(known))

    def share(self, served: Served) -> Fraction | None:
        """The part of the population of Québec, as a percent."""
        whole = self.people
        return Fraction(served.people * 100, whole) if whole else None


def by_group(pairs: Iterable[tuple[str, int]], bodies: Mapping[int, set[int]]) -> dict[str, set[int]]:
    """The bodies of each group of dossiers."""
    found: dict[str, set[int]] = {}
    for group, dossier in pairs:
        found.setdefault(group, set()).update(bodies.get(dossier, ()))
    return found
