"""Measures, styles and page templates: US Letter, one column of 148 mm, two densities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from . import fonts, text
from .document import Document
from .fixed import WORDS
from .fonts import SANS, SANS_STRONG, SERIF, SERIF_STRONG
from .tags import Book, TagCanvas

WIDTH, HEIGHT = LETTER
LEFT: Final = 36 * mm
RIGHT: Final = 32 * mm
BOTTOM: Final = 21 * mm
TOP_FIRST: Final = 16 * mm
TOP_LATER: Final = 26 * mm
FOOT: Final = 13 * mm
HEAD: Final = 16 * mm
MEASURE: Final = WIDTH - LEFT - RIGHT
FRAME_LATER: Final = HEIGHT - TOP_LATER - BOTTOM
QR_SIZE: Final = 18 * mm

INK = HexColor("#17212b")
SLATE = HexColor("#52606d")
RIVER = HexColor(text.RIVER)
RIVER_PALE = HexColor("#9cc3c6")
RULE = HexColor("#c5cacf")

_FOOT_SIZE: Final = 7.75
_DOT: Final = "\u00a0\u00a0·\u00a0\u00a0"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The styles of one density, and the spaces that are not styles."""

    body: ParagraphStyle
    line: ParagraphStyle
    title: ParagraphStyle
    subject: ParagraphStyle
    h2: ParagraphStyle
    chapter: ParagraphStyle
    h3: ParagraphStyle
    item: ParagraphStyle
    label: ParagraphStyle
    label_number: ParagraphStyle
    ministry: ParagraphStyle
    unit: ParagraphStyle
    mode: ParagraphStyle
    caption: ParagraphStyle
    cell: ParagraphStyle
    cell_amount: ParagraphStyle
    cell_strong: ParagraphStyle
    cell_amount_strong: ParagraphStyle
    cell_name: ParagraphStyle
    cell_note: ParagraphStyle
    head: ParagraphStyle
    head_amount: ParagraphStyle
    small: ParagraphStyle
    small_strong: ParagraphStyle
    after_head: float
    after_block: float
    signing: float
    cell_pad: tuple[float, float]
    dense: bool


def _style(name: str, face: str, size: float, leading: float, **more: Any) -> ParagraphStyle:
    settings: dict[str, Any] = {
        "textColor": INK,
        "allowWidows": 0,
        "allowOrphans": 0,
        "splitLongWords": 1,
    } | more
    return ParagraphStyle(name, fontName=face, fontSize=size, leading=leading, **settings)


@cache
def sheet(*, dense: bool) -> Sheet:
    """Return the styles; the dense ones exist so that a letter of one page stays on one page."""
    size, leading, after = (9.8, 14.0, 8.0) if dense else (10.75, 15.25, 9.0)
    nested: dict[str, Any] = {"leftIndent": 15, "spaceAfter": 2.5 if dense else 4}
    return Sheet(
        body=_style("body", SERIF, size, leading, spaceAfter=after),
        line=_style("line", SERIF, size, leading if dense else 14.5),
        title=_style("title", SERIF_STRONG, 18, 22, spaceAfter=9),
        subject=_style("subject", SERIF_STRONG, size, leading + 0.5, spaceBefore=3, spaceAfter=12),
        h2=_style("h2", SANS_STRONG, 10.25, 14, textColor=RIVER, spaceBefore=9.5, spaceAfter=3.5),
        chapter=_style("chapter", SERIF_STRONG, 13, 17, textColor=RIVER, spaceBefore=15, spaceAfter=5),
        h3=_style("h3", SANS_STRONG, 9.25, 13, spaceBefore=8, spaceAfter=2.5),
        item=_style("item", SERIF, size, leading, **nested),
        label=_style("label", SERIF, size, leading),
        label_number=_style("label-number", SERIF, size, leading, alignment=TA_RIGHT),
        ministry=_style("ministry", SANS_STRONG, 11.5, 14.5),
        unit=_style("unit", SANS, 9, 13, textColor=SLATE),
        mode=_style("mode", SANS, 8.25, 12, textColor=SLATE, spaceAfter=5),
        caption=_style("caption", SANS_STRONG, 9, 12, spaceBefore=4, spaceAfter=3),
        cell=_style("cell", SANS, 9, 12),
        cell_amount=_style("cell-amount", SANS, 9, 12, alignment=TA_RIGHT),
        cell_strong=_style("cell-strong", SANS_STRONG, 9, 12),
        cell_amount_strong=_style("cell-amount-strong", SANS_STRONG, 9, 12, alignment=TA_RIGHT),
        cell_name=_style("cell-name", SANS_STRONG, 9, 12, textColor=SLATE),
        cell_note=_style("cell-note", SANS, 8.25, 11.5, textColor=SLATE),
        head=_style("head", SANS_STRONG, 8.5, 12, textColor=SLATE),
        head_amount=_style("head-amount", SANS_STRONG, 8.5, 12, textColor=SLATE, alignment=TA_RIGHT),
        small=_style("small", SANS, 8.25, 11.5, textColor=SLATE),
        small_strong=_style("small-strong", SANS_STRONG, 8.25, 11.5, textColor=SLATE),
        after_head=(5 if dense else 11) * mm,
        after_block=(3.8 if dense else 8.5) * mm,
        signing=(9 if dense else 13) * mm,
        cell_pad=(2.2, 3.1) if dense else (3.1, 4.3),
        dense=dense,
    )


def fitted(words: str, width: float, size: float) -> str:
    """Return the words, cut with an ellipsis when they are wider than the room."""
    if stringWidth(words, SANS, size) <= width:
        return words
    while words and stringWidth(words + "…", SANS, size) > width:
        words = words[:-1]
    return words.rstrip() + "…"


def _small(canvas: TagCanvas, x: float, y: float, words: str, *, right: bool = False) -> None:
    canvas.words(x, y, text.pieces(words, SANS, canvas.book), _FOOT_SIZE, right=right)


def _date(canvas: TagCanvas, right: float, y: float, words: str) -> None:
    """Write a date that ends at ``right``, the letters of « 1er » raised."""
    before, first, after = words.partition("1er ")
    if not first:
        _small(canvas, right, y, words, right=True)
        return
    _small(canvas, right, y, after, right=True)
    right -= stringWidth(" " + after, SANS, _FOOT_SIZE)
    canvas.words(right, y + 2.4, [(SANS, "er")], 5.4, right=True)
    _small(canvas, right - stringWidth("er", SANS, 5.4), y, before + "1", right=True)


def footer(document: Document) -> Callable[[TagCanvas, int, int], None]:
    """Return what writes the foot of a page once the number of pages is known."""
    fixed = WORDS[document.language]
    parts = [text.clean(document.reference)]
    if document.verification is not None:
        parts.append(fixed.code.format(code=document.verification.code))
    if document.notice:
        parts.append(text.clean(document.notice))
    line = _DOT.join(part for part in parts if part)

    def write(canvas: TagCanvas, number: int, total: int) -> None:
        canvas.setFillColor(SLATE)
        _small(canvas, LEFT, FOOT, fitted(line, MEASURE - 80, _FOOT_SIZE))
        _small(canvas, WIDTH - RIGHT, FOOT, fixed.page.format(number=number, total=total), right=True)

    return write


def _first_page(canvas: TagCanvas, _: Any) -> None:
    """Draw the staff of the letterhead, hung left of the text, and the foot."""
    stripe = 1.52 * mm
    with canvas.artifact():
        for step in range(5):
            canvas.setFillColor(RIVER_PALE if step % 2 else RIVER)
            top = HEIGHT - TOP_FIRST - 0.5 * mm - (step + 1) * stripe
            canvas.rect(LEFT - 6.6 * mm, top, 2.1 * mm, stripe, stroke=0, fill=1)
    canvas.doForm(f"foot{canvas.getPageNumber()}")


def _later_page(document: Document) -> Callable[[TagCanvas, Any], None]:
    parts = [document.organisation, document.kind] if document.organisation else [document.title]
    left = _DOT.join(text.clean(part) for part in parts if part)
    right = text.clean(document.date)

    def write(canvas: TagCanvas, _: Any) -> None:
        y = HEIGHT - HEAD
        with canvas.artifact():
            canvas.setFillColor(SLATE)
            room = MEASURE - stringWidth(right, SANS, _FOOT_SIZE) - 16
            _small(canvas, LEFT, y, fitted(left, room, _FOOT_SIZE))
            _date(canvas, WIDTH - RIGHT, y, right)
            canvas.setStrokeColor(RULE)
            canvas.setLineWidth(0.35)
            canvas.line(LEFT, y - 6, WIDTH - RIGHT, y - 6)
        canvas.doForm(f"foot{canvas.getPageNumber()}")

    return write


def _frame(top: float, lift: float = 0) -> Frame:
    return Frame(
        LEFT,
        BOTTOM + lift,
        MEASURE,
        HEIGHT - top - BOTTOM - lift,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )


def template(document: Document, target: Any, *, lift: float = 0) -> BaseDocTemplate:
    """Return the document template with its two kinds of pages; `lift` ends the first page so much higher."""
    fonts.register()
    made = BaseDocTemplate(
        target, pagesize=LETTER, initialFontName=SANS, initialFontSize=9, invariant=1, pageCompression=1
    )
    first, later = cast("Any", _first_page), cast("Any", _later_page(document))
    made.addPageTemplates(
        [
            PageTemplate("first", [_frame(TOP_FIRST, lift)], onPage=first, autoNextPageTemplate="later"),
            PageTemplate("later", [_frame(TOP_LATER)], onPage=later),
        ]
    )
    return made


def new_canvas(book: Book, document: Document) -> Callable[..., TagCanvas]:
    """Return the maker of canvases that the document template calls."""
    foot = footer(document)

    def make(*args: Any, **kwargs: Any) -> TagCanvas:
        return TagCanvas(*args, book=book, foot=foot, **kwargs)

    return make
