"""Words as they are compared: cut, folded, then stemmed; the same on every backend. Pure.

« L’Œuvre numérique » gives `oeuvre` and `numer`: the elided article is cut, accents and ligatures are folded, and
only then is the word stemmed, so that a text typed without accents meets one typed with them.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from snowballstemmer.french_stemmer import FrenchStemmer

MOST_WORDS = 12
LONGEST_WORD = 60
SHORTEST_START = 3  # letters from which a word of a name may be typed by its beginning only
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})
WORD = re.compile(r"[^\W_]+")
ARTICLES = ("l", "d", "j", "m", "t", "s", "c", "n", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu")
ELIDED = re.compile(rf"\b(?:{'|'.join(ARTICLES)})(?=['’ʼ`´]\w)")
# One list, dropped by the builder of queries, never by an index: too common to tell dossiers apart.
COMMON = """
a ai as au aux avec ce ces cet cette chez comme d dans de des du elle elles en entre est et eux il ils j je l la le les
leur leurs lui m ma mais me mes mon n ne nos notre nous on ont ou par pas plus pour qu que qui s sa sans se ses si son
sont sous sur t ta te tes ton tu un une vers vos votre vous y an and for in of the to with
"""
STOP = frozenset(COMMON.split())
_own = threading.local()  # a stemmer keeps the word it works on


@dataclass(frozen=True)
class Word:
    """A word of a query: folded, and its stem."""

    folded: str
    stem: str

    @property
    def may_start(self) -> bool:
        """Long enough to be the beginning of a word of a name or of a number."""
        return len(self.folded) >= (2 if self.folded.isdecimal() else SHORTEST_START)


def fold(text: str) -> str:
    """Small letters without accents; ligatures in two letters, signs of compatibility taken apart."""
    lowered = text
    for _ in range(2):  # the capitals of a compatibility sign appear once it is taken apart
        lowered = unicodedata.normalize("NFKD", lowered).casefold().translate(LIGATURES)
    return "".join(sign for sign in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(sign))


@lru_cache(maxsize=200_000)
def stem(folded: str) -> str:
    """The stem of a folded word."""
    found: FrenchStemmer | None = getattr(_own, "stemmer", None)
    if found is None:
        found = _own.stemmer = FrenchStemmer()
    return str(found.stemWord(folded))


@lru_cache(maxsize=200_000)
def fold_word(word: str) -> str:
    """A word of a text, folded as the index holds it: texts say the same words over and over."""
    return fold(word)[:LONGEST_WORD]


def folded_words(text: str) -> list[str]:
    """Every word of a text, folded, in order, elided articles cut."""
    return [one[:LONGEST_WORD] for one in WORD.findall(ELIDED.sub(" ", fold(text)))]


def stems(text: str) -> list[str]:
    """The stem of every word of a text."""
    return [stem(one) for one in folded_words(text)]


def wanted(text: str) -> tuple[Word, ...]:
    """What a query asks for: its words without the common ones, which stay when there is nothing else."""
    words = list(dict.fromkeys(folded_words(text)))
    kept = [one for one in words if one not in STOP] or words
    return tuple(Word(one, stem(one)) for one in kept[:MOST_WORDS])
