"""The map of funded projects by region, drawn from shapes that `scripts/atlas.py` made; its table says the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grants.publication import RegionTotal
from web import formats

SHAPES = Path(__file__).with_name("quebec.json")
PROJECTS, DOLLARS = "projets", "aide"
OPACITIES = ("0", ".16", ".32", ".5", ".7", ".92")  # none, then five classes
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Area:
    """A region as the map draws it; `words` is what it says to those who do not see it."""

    code: str
    words: str
    path: str
    small: str
    at: tuple[int, int]
    line: list[int]
    figure: str
    level: int
    opacity: str
    href: str
    taken: bool


@dataclass(frozen=True)
class Atlas:
    """The map: its size, the frame of the large map on the small one, regions, classes."""

    size: list[int]
    frame: list[int]
    areas: list[Area]
    legend: list[tuple[str, str]]
    measure: str


@lru_cache(maxsize=1)
def shapes() -> dict[str, Any]:
    """The shapes of the seventeen regions."""
    found: dict[str, Any] = json.loads(SHAPES.read_text("utf-8"))
    return found


def every_region(found: Iterable[RegionTotal]) -> list[RegionTotal]:
    """The totals with, at the end, the regions that have no project."""
    rows = list(found)
    here = {one.code for one in rows}
    absent = [(one["name"], code) for code, one in shapes()["regions"].items() if code not in here]
    return rows + [RegionTotal(code, name, 0, 0, 0) for name, code in sorted(absent)]


def step_of(most: int) -> int:
    """The width of a class: five of them hold the most; 1, 2 or 5 followed by zeros."""
    least = -(-most // 5)
    tens = 1
    while True:
        for step in STEPS:
            if step * tens >= least:
                return step * tens
        tens *= 10


def draw(
    rows: Iterable[RegionTotal], measure: str, taken: Iterable[str], href: Callable[[str], str]
) -> Atlas:
    """The map of these totals; a region leads to the list of its projects, or out of it when it is taken."""
    totals: Mapping[str, RegionTotal] = {one.code: one for one in rows}
    values = {code: one.dollars if measure == DOLLARS else one.projects for code, one in totals.items()}
    most, chosen, found = max(values.values(), default=0), set(taken), shapes()
    step = step_of(most) if most else 1
    areas = []
    for code, shape in found["regions"].items():
        total = totals.get(code) or RegionTotal(code, shape["name"], 0, 0, 0)
        value = values.get(code, 0)
        areas.append(
            Area(
                code=code,
                words=words_of(total, code in chosen),
                path=shape["path"],
                small=shape["small"],
                at=(shape["label"][0], shape["label"][1]),
                line=shape["line"],
                figure=formats.number(-(-value // 1000) if measure == DOLLARS else value),
                level=-(-value // step),
                opacity=opacity(-(-value // step), -(-most // step)),
                href=href(code),
                taken=code in chosen,
            )
        )
    return Atlas(found["size"], found["frame"], areas, legend(most, step, measure), measure)


def opacity(level: int, most: int) -> str:
    """How dark a class is: the last one is the darkest, however many there are."""
    return OPACITIES[-(-level * 5 // most)] if most else OPACITIES[0]


def words_of(total: RegionTotal, taken: bool) -> str:
    """« Estrie : 3 projets, 240 000 $ »."""
    projects = ngettext("%(n)s projet", "%(n)s projets", total.projects) % {
        "n": formats.number(total.projects)
    }
    words = {"region": total.name, "projects": projects, "sum": formats.money(total.dollars)}
    said = _("%(region)s : %(projects)s, %(sum)s") % words
    return _("%(words)s (région choisie; suivre pour les voir toutes)") % {"words": said} if taken else said


def legend(most: int, step: int, measure: str) -> list[tuple[str, str]]:
    """How dark each class is, and what it holds."""
    made = [(OPACITIES[0], _("aucun projet"))]
    for level in range(1, -(-most // step) + 1):
        low, high = (level - 1) * step + 1, level * step
        if measure == DOLLARS:
            words = _("jusqu’à %(high)s") % {"high": formats.money_short(high)}
        elif low == high:
            words = formats.number(high)
        else:
            words = _("%(low)s à %(high)s") % {"low": formats.number(low), "high": formats.number(high)}
        made.append((opacity(level, -(-most // step)), words))
    return made
