"""Verification codes of letters: those of `workflows.codes`, which snapshots bear too."""

from __future__ import annotations

from workflows.codes import ALPHABET, GROUP, LENGTH, new_code, normalise

__all__ = ["ALPHABET", "GROUP", "LENGTH", "new_code", "normalise"]
