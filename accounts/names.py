"""Names put in a form that sorts and compares the same on every database. Pure."""

from __future__ import annotations

import unicodedata

LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "’": "'", "–": "-", "—": "-", "‑": "-"})


def fold(text: str) -> str:
    """`Les Îles-de-la-Madeleine` → `les iles de la madeleine`: no accent, no case, one space between words."""
    lowered = text
    for _ in range(2):  # the capitals of a compatibility sign (℠) appear once it is taken apart
        lowered = unicodedata.normalize("NFKD", lowered).casefold().translate(LIGATURES)
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in bare).split())


def person_key(given_name: str, family_name: str, email: str) -> str:
    """Sort key of a person: family name, given name, else the mail before its @."""
    return fold(f"{family_name} {given_name}") or fold(email.partition("@")[0])
