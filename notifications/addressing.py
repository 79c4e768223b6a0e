"""How a reader is addressed: civility and title taken from the function, in the feminine or the masculine. Pure."""

from __future__ import annotations

from dataclasses import dataclass

# The beginning of a function, the longest first; a function that tells no gender gives no civility.
TITLES = (
    ("directrice générale", "Madame", "la Directrice générale"),
    ("directeur général", "Monsieur", "le Directeur général"),
    ("présidente", "Madame", "la Présidente"),
    ("président", "Monsieur", "le Président"),
    ("mairesse", "Madame", "la Mairesse"),
    ("maire", "Monsieur", "le Maire"),
    ("préfète", "Madame", "la Préfète"),
    ("préfet", "Monsieur", "le Préfet"),
    ("greffière", "Madame", "la Greffière"),
    ("greffier", "Monsieur", "le Greffier"),
    ("trésorière", "Madame", "la Trésorière"),
    ("trésorier", "Monsieur", "le Trésorier"),
)


@dataclass(frozen=True)
class Appel:
    """« Madame » and « Madame la Mairesse »; without a known function, no civility and « Madame, Monsieur »."""

    civility: str
    words: str


def of(function: str) -> Appel:
    """The appel that goes with a function."""
    said = function.strip().lower()
    for start, civility, title in TITLES:
        if said == start or said.startswith((start + " ", start + "-", start + ",")):
            return Appel(civility, f"{civility} {title}")
    return Appel("", "Madame, Monsieur")


def capital(text: str) -> str:
    """The same words, the first letter a capital."""
    return text[:1].upper() + text[1:]
