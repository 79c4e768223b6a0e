"""The flowables that carry tags: a paragraph that may be split, a figure, and the two painters."""

# ruff: noqa: N802, N803 -- the names of ReportLab's own methods are overridden

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import segno
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, Paragraph

from . import text
from .document import Bars
from .fonts import SANS, SANS_STRONG
from .layout import INK, RIVER, RULE, SLATE
from .tags import OutlineEntry, Tag, TagCanvas, TaggedText, UntaggedText


class P(Paragraph):
    """A paragraph with its tag. Both halves of a split share the tag and what is open in it.

    ``label`` is drawn beside the first line; ``entry`` is what the outline says; ``need`` is the height
    wanted below the top of the paragraph, so that a heading never stays alone at the foot of a page.
    """

    canv: TagCanvas

    def __init__(
        self,
        text: str | None,
        style: ParagraphStyle,
        bulletText: str | None = None,
        frags: Any = None,
        caseSensitive: int = 1,
        encoding: str = "utf8",
        *,
        tag: Tag | None = None,
        label: P | None = None,
        entry: tuple[int, str] | None = None,
    ) -> None:
        super().__init__(cast("str", text), style, bulletText, frags, caseSensitive, encoding)
        self.tag = tag
        self.stack = [tag] if tag is not None else None
        self.label = label
        self.entry = entry
        self.need = 0.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:
        """Say the height, or one that does not fit when what follows would not fit either."""
        width, height = super().wrap(aW, aH)
        if self.need > aH >= height:
            return width, self.need
        return width, height

    def split(self, aW: float, aH: float) -> list[Flowable]:
        """Split between lines; the first half keeps label and entry."""
        if self.need > aH:
            return []
        halves = super().split(aW, aH)
        if len(halves) == 2:
            for half in halves:
                if isinstance(half, P):
                    half.tag, half.stack = self.tag, self.stack
            first, second = halves
            if isinstance(first, P):
                first.label, first.entry = self.label, self.entry
            if hasattr(self, "spaceAfter"):
                second.spaceAfter = self.spaceAfter
        return halves

    def beginText(self, x: float, y: float) -> TaggedText:
        """Return a text object that writes into the tag."""
        return TaggedText(self.canv, x, y, None if self.canv.inside else self.stack)

    def draw(self) -> None:
        """Draw the paragraph; the repeated head of a table is real only once."""
        tag, canvas = self.tag, self.canv
        if tag is None:
            raise UntaggedText("a paragraph was drawn without a tag")
        if tag.repeat and tag.drawn:
            with canvas.artifact():
                super().draw()
            return
        if self.entry is not None:
            top = canvas.absolutePosition(0, self.height)[1]
            canvas.book.outline.append(OutlineEntry(*self.entry, canvas.getPageNumber(), top))
        if self.label is not None:
            width = max(12.0, self.label.minWidth())  # « 10. » goes out to the left, it never breaks
            _, height = self.label.wrapOn(canvas, width, self.height)
            self.label.drawOn(canvas, self.style.leftIndent - 3 - width, self.height - height)
        super().draw()
        tag.drawn = True


Painter = Callable[[TagCanvas, float, float], None]


class Drawing(Flowable):
    """A figure: one marked content with the box it fills."""

    canv: TagCanvas

    def __init__(self, width: float, height: float, tag: Tag, painter: Painter) -> None:
        super().__init__()
        self.width, self.height, self.tag, self.painter = width, height, tag, painter
        self.need = height

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:
        """Say the size, which is fixed."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw the figure inside its mark."""
        x, y = self.canv.absolutePosition(0, 0)
        self.tag.box = (x, y, x + self.width, y + self.height)
        with self.canv.figure(self.tag):
            self.painter(self.canv, self.width, self.height)


def qr(payload: str) -> Painter:
    """Return the painter of a QR code: one path of ink, whole rows of modules at a time."""

    def paint(canvas: TagCanvas, width: float, height: float) -> None:
        matrix = segno.make(payload, error="m", micro=False, mask=2, boost_error=False).matrix
        side = width / len(matrix)
        path = canvas.beginPath()
        for number, row in enumerate(matrix):
            start = None
            for place, dark in enumerate((*row, 0)):
                if dark and start is None:
                    start = place
                elif not dark and start is not None:
                    path.rect(start * side, height - (number + 1) * side, (place - start) * side, side)
                    start = None
        canvas.setFillColor(INK)
        canvas.drawPath(path, stroke=0, fill=1)

    return paint


BAR_ROW = 17.0


def bars(chart: Bars) -> Painter:
    """Return the painter of horizontal bars: name, bar on its track, value."""
    full = max(chart.full, 1)

    def paint(canvas: TagCanvas, width: float, height: float) -> None:
        track_left, track = width * 0.42, width * 0.44
        for number, bar in enumerate(chart.bars):
            base = height - (number + 1) * BAR_ROW + 5
            canvas.setFillColor(INK)
            canvas.words(0, base, text.pieces(_short(bar.label) + " ", SANS, canvas.book), 8.5)
            canvas.setFillColor(RULE)
            canvas.rect(track_left, base + 2, track, 1.2, stroke=0, fill=1)
            canvas.setFillColor(RIVER)
            length = track * min(max(bar.value, 0), full) / full
            canvas.rect(track_left, base - 1, length, 7.2, stroke=0, fill=1)
            canvas.setFillColor(SLATE)
            shown = text.pieces(text.clean(bar.shown) + " ", SANS_STRONG, canvas.book)
            canvas.words(width + stringWidth(" ", SANS_STRONG, 8.5), base, shown, 8.5, right=True)

    return paint


def _short(label: str) -> str:
    label = text.clean(label)
    return label if len(label) <= 38 else label[:37].rstrip() + "…"
