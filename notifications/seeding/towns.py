"""Municipalities of the composed projects: drawn from the directory, every region and size, each once."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from accounts.models import Organisation
from notifications.seeding import corpus

ARTICLES = ("Le ", "La ", "Les ", "L’", "L'")
LARGE = 25_000


class Towns:
    """A reserve of municipalities given out one by one."""

    def __init__(self, seed: str) -> None:
        self._rng = Random(seed)
        taken = _taken()
        rows = Organisation.objects.filter(kind="municipality", is_applicant=True, gone_at__isnull=True)
        self._by_region: dict[str, list[Organisation]] = {}
        for one in rows.select_related("region").order_by("code"):
            if one.code not in taken and not one.name.startswith(ARTICLES) and one.known_population:
                self._by_region.setdefault(str(one.region_id), []).append(one)
        for found in self._by_region.values():
            self._rng.shuffle(found)
            found.sort(key=lambda one: (one.known_population or 0) < LARGE and self._rng.random() > 0.08)
        self._turn: list[str] = []

    def next(self) -> Organisation:
        """The next lead: one region after the other, so that none is forgotten."""
        while True:
            if not self._turn:
                self._turn = sorted(self._by_region)
            region = self._turn.pop(0)
            if self._by_region[region]:
                return self._by_region[region].pop(0)

    def near(self, lead: Organisation, count: int) -> list[Organisation]:
        """Partners: neighbours of the same MRC first, else of the same region."""
        pool = self._by_region[str(lead.region_id)]
        pool.sort(key=lambda one: one.mrc_code != lead.mrc_code)
        found, self._by_region[str(lead.region_id)] = pool[:count], pool[count:]
        return found


def _taken() -> set[str]:
    """Everybody named in the corpus, and those who live where they would have to judge."""
    found: set[str] = set()
    for one in corpus.projects().values():
        found.add(one.lead)
        found |= _codes(one.data["partners"])
    return found


def _codes(partners: Iterable[dict[str, object]]) -> set[str]:
    return {str(one["code"]) for one in partners}
