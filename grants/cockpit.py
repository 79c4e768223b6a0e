"""What apps above say about a call on its pages: figures for staff, the start of a dossier, public counts.

Filled in each `AppConfig.ready`; this app imports none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A number of the cockpit: `href` opens exactly its rows; one that opens nothing says why in its `note`.

    `group` is the heading it stands under, `day` makes it a bar of a drawing by days, `is_money` an amount.
    """

    label: Any
    value: int
    href: str = ""
    note: Any = ""
    state: str = ""
    group: Any = ""
    day: date | None = None
    is_money: bool = False


@dataclass(frozen=True)
class Start:
    """What the call page offers to this person: one act, why, and another way."""

    label: Any
    href: str
    note: Any = ""
    other_label: Any = ""
    other_href: str = ""


@dataclass(frozen=True)
class Counts:
    """How many dossiers were filed, and for how much: known once the call is closed."""

    filed: int
    dollars: int


FigureProvider = Callable[[Any, Any], Iterable[Figure]]
StartProvider = Callable[[Any, Any], "Start | None"]
CountsProvider = Callable[[Iterable[Any]], Mapping[int, Counts]]
_figures: dict[str, FigureProvider] = {}
_starts: list[StartProvider] = []
_counts: list[CountsProvider] = []


def register_figures(name: str, provider: FigureProvider) -> None:
    """Add figures: `provider(user, call)`; what it counts is narrowed to what this person may see."""
    _figures[name] = provider


def figures(user: Any, call: Any) -> list[Figure]:
    """Every figure of a call, in the order of the names of their providers."""
    return [one for name in sorted(_figures) for one in _figures[name](user, call)]


def register_start(provider: StartProvider) -> None:
    """Say what a signed-in person may start or take up again: `provider(user, call)`."""
    _starts[:] = [provider]


def start(user: Any, call: Any) -> Start | None:
    """The act offered on the call page, nothing when no app offers one."""
    return _starts[0](user, call) if _starts else None


def register_counts(provider: CountsProvider) -> None:
    """Give the counts of filed dossiers of closed calls: `provider(calls)` by key of call."""
    _counts[:] = [provider]


def counts(calls: Iterable[Any]) -> Mapping[int, Counts]:
    """Counts by key of call; empty when no app gives any."""
    return _counts[0](calls) if _counts else {}
