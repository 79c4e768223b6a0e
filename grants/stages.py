"""How the kind of stage « decision » behaves: the authority's decision carries it out, nobody closes it by hand."""

from __future__ import annotations

from typing import Any

from workflows.stages import Decision, blocks, on_enter


@blocks.register
def _(kind: Decision, dossier: Any) -> list[str]:
    """Nothing stands against the release that carries a decision out."""
    return []


@on_enter.register
def _enter(kind: Decision, dossier: Any, actor: Any) -> None:
    """A recommendation waits for its decision; there is nothing to prepare on the dossier itself."""
