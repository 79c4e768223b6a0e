"""What a funded project is filed under: size of its municipality, amount, words. Plain data, no model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from web import formats


@dataclass(frozen=True)
class Band:
    """A class of numbers, both ends included; no upper end: everything above."""

    code: str
    low: int
    high: int | None

    def holds(self, value: int) -> bool:
        """Whether a number is of this class."""
        return value >= self.low and (self.high is None or value <= self.high)


SIZES = (
    Band("moins-2000", 0, 1_999),
    Band("2000-9999", 2_000, 9_999),
    Band("10000-24999", 10_000, 24_999),
    Band("25000-99999", 25_000, 99_999),
    Band("100000-plus", 100_000, None),
)
# An MRC counts the people of its municipalities: its population is no size. Some populations are not published.
TERRITORY, UNKNOWN = "mrc", "inconnue"
SIZE_CODES = (*(band.code for band in SIZES), TERRITORY, UNKNOWN)
TERRITORIES = frozenset({"mrc", "regional"})
AMOUNTS = (
    Band("moins-25000", 0, 24_999),
    Band("25000-49999", 25_000, 49_999),
    Band("50000-99999", 50_000, 99_999),
    Band("100000-249999", 100_000, 249_999),
    Band("250000-499999", 250_000, 499_999),
    Band("500000-plus", 500_000, None),
)


def size_of(kind: str, population: int | None) -> str:
    """The class of size of a body, by its kind and its known population."""
    if kind in TERRITORIES:
        return TERRITORY
    if population is None:
        return UNKNOWN
    return next(band.code for band in SIZES if band.holds(population))


def size_label(code: str) -> str:
    """A class of size, in words."""
    if code == TERRITORY:
        return _("MRC et administrations régionales")
    band = next((one for one in SIZES if one.code == code), None)
    if band is None:
        return _("Population inconnue")
    if not band.low:
        return _("Moins de %(n)s habitants") % {"n": formats.number((band.high or 0) + 1)}
    if band.high is None:
        return _("%(n)s habitants et plus") % {"n": formats.number(band.low)}
    return _("De %(low)s à %(high)s habitants") % {
        "low": formats.number(band.low),
        "high": formats.number(band.high),
    }


def amount_label(band: Band) -> str:
    """A class of amounts, in words."""
    if not band.low:
        return _("Moins de %(sum)s") % {"sum": formats.money((band.high or 0) + 1)}
    if band.high is None:
        return _("%(sum)s et plus") % {"sum": formats.money(band.low)}
    return _("De %(low)s à %(high)s") % {"low": formats.money(band.low), "high": formats.money(band.high)}


def between_spaces(words: Iterable[str]) -> str:
    """Words as they are stored to be looked for one by one: each once, a space on either side."""
    found = " ".join(dict.fromkeys(words))
    return f" {found} " if found else ""
