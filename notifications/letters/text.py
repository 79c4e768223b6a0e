"""From typed runs to the markup of a paragraph: here alone text is cleaned, escaped and given a face."""

from __future__ import annotations

import re
import unicodedata
from xml.sax.saxutils import escape

from . import fonts
from .document import Content, Run, allowed_link, runs
from .tags import Book, Tag

NBSP = "\u00a0"
_BOUND = re.compile(r"[\u202f\u2007]")
_BLANK = re.compile(r"[^\S\u00a0]+")
_FIRST = re.compile(r"\b1er\b")
_WIDEST_BOND = 28
_DIGEST_GROUP = 8
DIGEST_SCALE = 0.92

RIVER = "#0f5661"
MAPLE = "#9a2a1b"


def clean(text: str) -> str:
    """Return text fit for a page: composed, one space for any blank, no control, format or private character.

    No-break spaces stay: the narrow one becomes the ordinary one, since the narrow one would break lines.
    """
    text = _BLANK.sub(" ", _BOUND.sub(NBSP, unicodedata.normalize("NFC", text)))
    return "".join(
        fonts.REPLACEMENT if unicodedata.category(char) == "Cs" else char
        for char in text
        if unicodedata.category(char) not in {"Cc", "Cf", "Co"}
    )


def pieces(text: str, face: str, book: Book) -> list[tuple[str, str]]:
    """Cut clean text into (face, text) so that every character has a glyph; what none holds is noted."""
    found: list[tuple[str, list[str]]] = []
    for char in text:
        holder = fonts.face_for(char, face)
        if holder is None:
            book.missing.add(char)
            char, holder = fonts.REPLACEMENT, fonts.face_for(fonts.REPLACEMENT, face) or fonts.LAST_RESORT
        if found and (found[-1][0] == holder or (char == " " and holder == face)):
            found[-1][1].append(char)
        else:
            found.append((holder, [char]))
    return [(holder, "".join(chars)) for holder, chars in found]


def _spelled(text: str, face: str, book: Book) -> str:
    """Escape clean text: the only function that lets words into a paragraph."""
    return "".join(
        escape(part) if holder == face else f'<font name="{holder}">{escape(part)}</font>'
        for holder, part in pieces(text, face, book)
    )


def _span(inner: str, tag: Tag, book: Book) -> str:
    return f'<onDraw name="tag" label="{book.open_inline(tag)}"/>{inner}<onDraw name="tag" label="-"/>'


def _with_ordinals(text: str, face: str, size: float, book: Book) -> str:
    """Raise the letters of « 1er », read as one word."""
    out, place = [], 0
    for match in _FIRST.finditer(text):
        raised = f'1<super rise="{size * 0.33:.2f}" size="{size * 0.66:.2f}">er</super>'
        out += [
            _spelled(text[place : match.start()], face, book),
            _span(raised, Tag("Span", actual="1er"), book),
        ]
        place = match.end()
    return "".join(out) + _spelled(text[place:], face, book)


def digest_lines(text: str) -> list[str]:
    """Return a hash in groups of eight, four groups to a line that does not break."""
    groups = [text[start : start + _DIGEST_GROUP] for start in range(0, len(text), _DIGEST_GROUP)]
    return [NBSP.join(groups[start : start + 4]) for start in range(0, len(groups), 4)]


def _digest(text: str, face: str, size: float, book: Book) -> str:
    inner = (
        f'<font size="{size * DIGEST_SCALE:.2f}">{_spelled(" ".join(digest_lines(text)), face, book)}</font>'
    )
    return _span(inner, Tag("Span", actual=text), book)


def _one(run: Run, text: str, face: str, size: float, book: Book, *, french: bool) -> str:
    if run.strong or run.alert:
        face_now = fonts.STRONG.get(face, face)
    elif run.emphasis:
        face_now = fonts.EMPHASIS.get(face, face)
    else:
        face_now = face
    if run.digest:
        inner = _digest(text, face_now, size, book)
    elif french and not run.lang:
        inner = _with_ordinals(text, face_now, size, book)
    else:
        inner = _spelled(text, face_now, book)
    if face_now != face:
        inner = f'<font name="{face_now}">{inner}</font>'
    if run.alert:
        inner = f'<font color="{MAPLE}">{inner}</font>'
    if run.lang:
        inner = _span(inner, Tag("Span", lang=run.lang), book)
    if run.link and text.strip() and allowed_link(run.link):
        tag = Tag("Link")
        key = book.link(tag, run.link, " ".join(text.split()))
        inner = _span(f'<a href="{key}" color="{RIVER}"><u>{inner}</u></a>', tag, book)
    return inner


def _bound(texts: list[str]) -> list[str]:
    """Bind the last two words of a paragraph, so that a last line never holds a short word alone."""
    whole = "".join(texts)
    place = whole.rstrip().rfind(" ")
    if place < 1 or len(whole) < 2 * _WIDEST_BOND:
        return texts
    start = whole.rfind(" ", 0, place) + 1
    if len(whole) - start > _WIDEST_BOND:
        return texts
    for index, text in enumerate(texts):
        if place < len(text):
            texts[index] = text[:place] + NBSP + text[place + 1 :]
            break
        place -= len(text)
    return texts


def markup(content: Content, face: str, size: float, book: Book, *, french: bool, bind: bool = False) -> str:
    """Return the markup of a content set in a face; what the runs hold can never be markup itself."""
    marked = runs(content)
    texts = [clean(run.text) for run in marked]
    if bind:
        texts = _bound(texts)
    return "".join(
        _one(run, text, face, size, book, french=french) for run, text in zip(marked, texts, strict=True)
    )
