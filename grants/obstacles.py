"""What can stop the signature of lines: sentences given by the apps that know dossiers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grants.models import DecisionLine

Source = Callable[["Sequence[DecisionLine]"], list[str]]
_sources: dict[str, Source] = {}


def register_obstacle(name: str, source: Source) -> None:
    """Add a source of obstacles (final resolution missing, external approval, register of ineligible firms)."""
    _sources[name] = source


def obstacles(*lines: DecisionLine) -> list[str]:
    """Every sentence against signing these lines, each source asked once for all of them."""
    return [said for name in sorted(_sources) for said in _sources[name](lines)]
