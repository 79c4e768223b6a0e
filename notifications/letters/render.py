"""Rendering: a document of the model in, the bytes of a PDF out. The same document gives the same bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Final

from .document import Document, Letter, Report
from .finish import finish
from .layout import FRAME_LATER, HEIGHT, TOP_LATER, new_canvas, sheet, template
from .story import compose
from .tags import Book

_LEAST_SECOND: Final = 0.4  # of the page: a second page that holds only a signature looks like a mistake


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered document: bytes, pages, and the characters that no face holds (a person must look)."""

    pdf: bytes
    pages: int
    missing: frozenset[str]


def _draw(document: Document, *, dense: bool, lift: float = 0) -> tuple[bytes, Book, float]:
    """Draw, and say how much of the last page is filled."""
    book = Book()
    story = compose(document, book, sheet(dense=dense))
    target = io.BytesIO()
    made: Any = template(document, target, lift=lift)
    made.build(story, canvasmaker=new_canvas(book, document))
    return target.getvalue(), book, HEIGHT - TOP_LATER - float(made.frame._y)


def _balanced(document: Letter, raw: bytes, book: Book, filled: float) -> tuple[bytes, Book]:
    """Draw a letter whose second page holds little again, with the first one ending higher."""
    wanted = _LEAST_SECOND * FRAME_LATER
    if filled >= wanted:
        return raw, book
    again, again_book, _filled = _draw(document, dense=False, lift=wanted - filled)
    return (again, again_book) if again_book.pages == 2 else (raw, book)


def render_checked(document: Document, *, seal: bool = False) -> Rendered:
    """Render and say what a caller must know before sending: pages and missing characters.

    With `seal` the file holds an empty field for a seal (`letters.seal` fills it).
    """
    raw, book, filled = _draw(document, dense=False)
    if isinstance(document, Letter) and book.pages == 2:
        tight, tight_book, _filled = _draw(document, dense=True)
        if tight_book.pages == 1:
            raw, book = tight, tight_book
        else:
            raw, book = _balanced(document, raw, book, filled)
    outline = isinstance(document, Report) and document.outline
    pdf = finish(raw, document, book, outline=outline, seal=seal)
    return Rendered(pdf, book.pages, frozenset(book.missing))


def render(document: Document, *, seal: bool = False) -> bytes:
    """Return the document as a PDF valid for PDF/UA-1 and PDF/A-2a."""
    return render_checked(document, seal=seal).pdf
