"""Pieces of a text with the words of a query marked; the page escapes each piece. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from search import words
from search.words import Word

Marked = list[tuple[str, bool]]
LENGTH = 260
BEFORE = 60


class Marker:
    """Tells the words asked for in texts; a word met again is not judged again."""

    def __init__(self, wanted: Sequence[Word]) -> None:
        self.wanted = wanted
        self._stems: dict[str, str] = {}  # of the words met, empty for one that was not asked for
        self._begun: dict[str, str] = {}

    def hits(self, text: str, *, starts: bool = False) -> list[tuple[int, int, str]]:
        """Where the words asked for stand; `starts`: the beginning of a word is enough (names, numbers)."""
        known = self._begun if starts else self._stems
        found = []
        for one in words.WORD.finditer(text):
            word = one.group()
            stem = known.get(word)
            if stem is None:
                stem = known[word] = self._judge(words.fold_word(word), starts=starts)
            if stem:
                found.append((one.start(), one.end(), stem))
        return found

    def _judge(self, folded: str, *, starts: bool) -> str:
        near = [one for one in self.wanted if folded[:2] in (one.stem[:2], one.folded[:2])]
        if near and starts and any(one.may_start and folded.startswith(one.folded) for one in near):
            return folded
        stem = words.stem(folded) if near else ""
        return stem if any(one.stem == stem for one in near) else ""


def marked(text: str, marker: Marker, *, starts: bool = False) -> Marked:
    """A whole text, cut where its marks begin and end."""
    clean = unicodedata.normalize("NFC", text)
    return _cut(clean, marker.hits(clean, starts=starts), 0, len(clean))


def excerpt(text: str, marker: Marker, length: int = LENGTH) -> Marked:
    """The part of a text that holds the most of the words asked for; nothing when it holds none."""
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    found = marker.hits(clean)
    if not found:
        return []
    start = _best(found, length)
    first = clean.rfind(" ", 0, max(start - BEFORE, 0) + 1) + 1 if start > BEFORE else 0
    last = len(clean)
    if first + length < last:
        end = max(end for begin, end, _stem in found if begin <= first + length)
        last = max(clean.rfind(" ", first, first + length), min(end, first + length + BEFORE))
    pieces = _cut(clean, [one for one in found if one[0] >= first and one[1] <= last], first, last)
    if first:
        pieces.insert(0, ("… ", False))
    if last < len(clean):
        pieces.append((" …", False))
    return pieces


def _best(found: Sequence[tuple[int, int, str]], length: int) -> int:
    """Where the window with the most different words begins, the first one when several do."""
    best, most = found[0][0], 0
    for place, (begin, _end, _stem) in enumerate(found):
        inside = {stem for start, end, stem in found[place:] if end <= begin + length - BEFORE}
        if len(inside) > most:
            best, most = begin, len(inside)
        if place > 200:
            break
    return best


def _cut(text: str, found: Sequence[tuple[int, int, str]], first: int, last: int) -> Marked:
    pieces: Marked = []
    place = first
    for begin, end, _stem in found:
        if begin > place:
            pieces.append((text[place:begin], False))
        pieces.append((text[begin:end], True))
        place = end
    if place < last:
        pieces.append((text[place:last], False))
    return pieces
