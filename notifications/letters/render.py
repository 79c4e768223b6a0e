"""Rendering: a document of the model in, the bytes of a PDF out. The same document gives the same bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass

from .document import Document, Letter, Report
from .finish import finish
from .layout import new_canvas, sheet, template
from .story import compose
from .tags import Book


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered document: bytes, pages, and the characters that no face holds (a person must look)."""

    pdf: bytes
    pages: int
    missing: frozenset[str]


def _draw(document: Document, *, dense: bool) -> tuple[bytes, Book]:
    book = Book()
    story = compose(document, book, sheet(dense=dense))
    target = io.BytesIO()
    template(document, target).build(story, canvasmaker=new_canvas(book, document))
    return target.getvalue(), book


def render_checked(document: Document, *, seal: bool = False) -> Rendered:
    """Render and say what a caller must know before sending: pages and missing characters.

    With `seal` the file holds an empty field for a seal (`letters.seal` fills it).
    """
    raw, book = _draw(document, dense=False)
    if isinstance(document, Letter) and book.pages == 2:
        tight, tight_book = _draw(document, dense=True)
        if tight_book.pages == 1:
            raw, book = tight, tight_book
    outline = isinstance(document, Report) and document.outline
    pdf = finish(raw, document, book, outline=outline, seal=seal)
    return Rendered(pdf, book.pages, frozenset(book.missing))


def render(document: Document, *, seal: bool = False) -> bytes:
    """Return the document as a PDF valid for PDF/UA-1 and PDF/A-2a."""
    return render_checked(document, seal=seal).pdf
