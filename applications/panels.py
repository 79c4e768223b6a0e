"""What apps above add to the page of a dossier: `register_tab` and `register_panel` of providers give these."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Tab:
    """A part of a dossier with an address of its own."""

    name: str
    label: Any
    href: str
    count: Any = ""
    current: bool = False


@dataclass(frozen=True)
class Panel:
    """A box beside a dossier: `template` is drawn with `panel` (and the page's own context)."""

    name: str
    title: Any
    template: str
    context: dict[str, Any] = field(default_factory=dict)
