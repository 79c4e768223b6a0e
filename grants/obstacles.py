"""What can stop the signature of a line: sentences given by the apps that know dossiers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grants.models import DecisionLine

_sources: dict[str, Callable[[DecisionLine], list[str]]] = {}


def register_obstacle(name: str, source: Callable[[DecisionLine], list[str]]) -> None:
    """Add a source of obstacles (final resolution missing, external approval, register of ineligible firms)."""
    _sources[name] = source


def obstacles(line: DecisionLine) -> list[str]:
    """Every sentence against signing this line."""
    return [said for name in sorted(_sources) for said in _sources[name](line)]
