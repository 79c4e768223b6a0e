"""Municipal bodies by the words people type: a name, a name with its MRC, a code. Read once a minute."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from accounts.models import Organisation
from accounts.names import fold

KEPT = 60.0  # seconds that a reading of the directory serves
MOST = 8  # suggestions at once
CODE = re.compile(r"(?<![0-9])([0-9]{5}|[0-9]{3})(?![0-9])")


@dataclass(frozen=True)
class Place:
    """A body of the directory, as a question of a form keeps it."""

    scheme: str
    code: str
    name: str
    mrc: str
    sort_name: str
    region: str

    @property
    def key(self) -> str:
        """`qc:31056`: what rules compare."""
        return f"{self.scheme}:{self.code}"

    def __str__(self) -> str:
        is_told_apart = self.mrc and self.mrc != self.name
        return f"{self.name} ({self.mrc}), {self.code}" if is_told_apart else f"{self.name}, {self.code}"


_READ: dict[str, tuple[float, dict[str, Place]]] = {}  # one entry: when, and what was read


def directory() -> Mapping[str, Place]:
    """Bodies that may apply, by key: local municipalities, MRC, boards, councils."""
    now = time.monotonic()
    when, known = _READ.get("all", (now - KEPT - 1, {}))
    if now - when > KEPT:
        rows = Organisation.objects.applicants()
        names = ("scheme", "code", "name", "mrc_name", "sort_name", "region__name")
        found = [Place(*row) for row in rows.order_by("sort_name", "mrc_name", "code").values_list(*names)]
        known = {one.key: one for one in found}
        _READ["all"] = (now, known)
    return known


def forget() -> None:
    """Read the directory again at the next question: it has just changed."""
    _READ.clear()


def of(scheme: str, code: str) -> Place | None:
    """The body of that code."""
    return directory().get(f"{scheme}:{code}")


def suggested(text: str, most: int = MOST) -> list[Place]:
    """Bodies that a text may mean, the nearest first: each word is in the name or the MRC, or is the code."""
    words = fold(text).replace("(", " ").replace(")", " ").replace(",", " ").split()
    if not words:
        return []
    found = [one for one in directory().values() if all(_has(one, word) for word in words)]
    whole = " ".join(words)
    found.sort(
        key=lambda one: (one.sort_name != whole, not one.sort_name.startswith(words[0]), one.sort_name)
    )
    return found[:most]


def _has(place: Place, word: str) -> bool:
    return word in place.sort_name or word in fold(place.mrc) or word == place.code


def meant(text: str) -> list[Place]:
    """What a text names: one by its code, every one of that very name (homonyms), else what it suggests."""
    coded = CODE.search(text)
    if coded:
        return [one for one in directory().values() if one.code == coded[1]]
    name = fold(text.strip())
    named = [one for one in directory().values() if one.sort_name == name]
    return named or suggested(text)
