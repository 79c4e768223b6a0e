"""Verification codes: eighty random bits in sixteen letters that cannot be mistaken for one another."""

from __future__ import annotations

import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 16
GROUP: Final = 4

_MEANT = str.maketrans("OIL", "011")
_DASHES = str.maketrans("\u2010\u2011\u2013", "---")


def _grouped(letters: str) -> str:
    return "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def new_code() -> str:
    """Return a fresh code, XXXX-XXXX-XXXX-XXXX: 80 bits from the system's generator."""
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def normalise(text: str) -> str | None:
    """Return the code a person typed in its one written form, or None when it cannot be a code.

    Case, spaces and dashes do not matter; O, I and L are read as the digits they look like.
    """
    letters = "".join(text.translate(_DASHES).replace("-", " ").split())
    if not letters.isascii():
        return None
    letters = letters.upper().translate(_MEANT)
    if len(letters) != LENGTH or any(letter not in ALPHABET for letter in letters):
        return None
    return _grouped(letters)
