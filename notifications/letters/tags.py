"""The tagging layer: a tree of tags built with the story, and a canvas that only adds marks to it.

A drawing without a tag is an artifact; a text without a tag is a fault and raises.
"""

# ruff: noqa: N802, N803, N815 -- the names of ReportLab's own methods are overridden

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, NamedTuple, cast

from reportlab.pdfbase.pdfdoc import PDFString
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.textobject import PDFTextObject

from .document import allowed_link


class UntaggedText(RuntimeError):
    """Some text was drawn that no tag holds."""


class Mark(NamedTuple):
    """A marked content: its page, from 1, and its number on that page."""

    page: int
    mcid: int


class LinkBox(NamedTuple):
    """An annotation: its page, from 1, and its place among the annotations of that page."""

    page: int
    place: int


@dataclass(eq=False, slots=True)
class Tag:
    """An element of the structure. ``repeat`` marks a text drawn again on later pages: real only once."""

    kind: str
    kids: list[Tag | Mark | LinkBox] = field(default_factory=list)
    lang: str = ""
    alt: str = ""
    actual: str = ""
    scope: Literal["", "Row", "Column"] = ""
    numbering: Literal["", "Disc", "Decimal"] = ""
    box: tuple[float, float, float, float] | None = None
    repeat: bool = False
    drawn: bool = False
    attached: bool = False

    def add(self, kind: str, **more: Any) -> Tag:
        """Add a child and return it."""
        child = Tag(kind, attached=True, **more)
        self.kids.append(child)
        return child


class OutlineEntry(NamedTuple):
    """A heading as the outline shows it."""

    level: int
    title: str
    page: int
    top: float


@dataclass(eq=False, slots=True)
class Book:
    """What one rendering gathers: the tree, the inline tags, the links, the outline and the glyphs missed."""

    root: Tag = field(default_factory=lambda: Tag("Document"))
    inline: list[Tag] = field(default_factory=list)
    links: list[tuple[Tag, str, str]] = field(default_factory=list)
    outline: list[OutlineEntry] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    pages: int = 0

    def open_inline(self, tag: Tag) -> str:
        """Keep an inline tag and return the label that opens it."""
        self.inline.append(tag)
        return str(len(self.inline) - 1)

    def link(self, tag: Tag, target: str, words: str) -> str:
        """Keep a link and return the key written in the paragraph: an address never goes there."""
        self.links.append((tag, target, words))
        return f"tag:{len(self.links) - 1}"


class TaggedText(PDFTextObject):
    """A text object that opens and closes marked content as its text comes, inside BT."""

    _canvas: TagCanvas
    _code: list[str]

    def __init__(self, canvas: TagCanvas, x: float, y: float, stack: list[Tag] | None) -> None:
        super().__init__(canvas, x, y)
        self.stack = stack
        self._current: Tag | None = None

    def _textOut(self, text: str, TStar: int = 0) -> None:
        if self.stack is not None:
            if TStar and (text or self._current) and not text.endswith(" "):
                text += " "
            if text:
                self._enter(self.stack)
        super()._textOut(text, TStar)  # type: ignore[misc]  # the stubs leave it out

    def _enter(self, stack: list[Tag]) -> None:
        if self._current is stack[-1]:
            return
        self._leave()
        for parent, child in pairwise(stack):
            if not child.attached:
                parent.kids.append(child)
                child.attached = True
        self._current = stack[-1]
        mcid = self._canvas.mark(stack[-1])
        self._code.append(f"/{stack[-1].kind} <</MCID {mcid}>> BDC")

    def _leave(self) -> None:
        if self._current is not None:
            self._code.append("EMC")
            self._current = None

    def getCode(self) -> str:
        """Close what is open and return the operators."""
        self._leave()
        return str(super().getCode())


def _inline_mark(canvas: TagCanvas, kind: str, label: str) -> None:
    """Open or close an inline tag, called by the paragraph being drawn."""
    stack = canvas._curr_tx_info["tx"].stack
    if stack is None:
        return
    if label == "-":
        stack.pop()
    else:
        stack.append(canvas.book.inline[int(label)])


class TagCanvas(Canvas):
    """A canvas that marks everything: text by its tag, drawings as artifacts."""

    _code: list[str]
    _pageNumber: int
    _annotationrefs: list[Any]
    _curr_tx_info: dict[str, Any]

    def __init__(
        self, *args: Any, book: Book, foot: Callable[[TagCanvas, int, int], None], **kwargs: Any
    ) -> None:
        self._depth = 0
        self._mcid = 0
        self.book = book
        self._foot = foot
        super().__init__(*args, **kwargs)
        self.setNamedCB("tag", cast("Any", _inline_mark))

    def mark(self, tag: Tag) -> int:
        """Give the next number of the page to the tag."""
        mcid, self._mcid = self._mcid, self._mcid + 1
        tag.kids.append(Mark(self._pageNumber, mcid))
        return mcid

    @property
    def inside(self) -> bool:
        """Whether an artifact or a figure is open: its parts need no mark of their own."""
        return self._depth > 0

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """Draw something that is no part of the text."""
        if self._depth == 0:
            self._code.append("/Artifact BMC")
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._code.append("EMC")

    @contextmanager
    def figure(self, tag: Tag) -> Iterator[None]:
        """Draw a figure as one marked content."""
        self._code.append(f"/{tag.kind} <</MCID {self.mark(tag)}>> BDC")
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            self._code.append("EMC")

    def drawText(self, aTextObject: PDFTextObject) -> None:
        """Draw a text object, which must carry a tag unless an artifact or a figure holds it."""
        if not self.inside and getattr(aTextObject, "stack", None) is None:
            raise UntaggedText("a text was drawn without a tag")
        super().drawText(aTextObject)

    def linkURL(self, url: str, rect: Any, relative: Any = 0, **kw: Any) -> None:  # type: ignore[override]
        """Put a link over a line of text; ``url`` is a key of the book, never an address."""
        if self.inside:
            return
        tag, target, words = self.book.links[int(url.removeprefix("tag:"))]
        if not allowed_link(target):
            raise ValueError("a link that is not allowed reached the canvas")
        kw.pop("kind", None)
        super().linkURL(target, rect, relative=relative, Contents=PDFString(words), F=4, **kw)
        tag.kids.append(LinkBox(self._pageNumber, len(self._annotationrefs) - 1))

    def words(
        self, x: float, y: float, pieces: list[tuple[str, str]], size: float, *, right: bool = False
    ) -> None:
        """Write pieces of (face, text) on one line, from ``x`` or up to it."""
        if right:
            x -= sum(stringWidth(text, face, size) for face, text in pieces)
        for face, text in pieces:
            self.setFont(face, size)
            self.drawString(x, y, text)
            x += stringWidth(text, face, size)

    def showPage(self) -> None:
        """End the page."""
        super().showPage()
        self._mcid = 0

    def save(self) -> None:
        """End the document: the total is known, so the footers can be written."""
        if self._code:
            self.showPage()
        total = self._pageNumber - 1
        self.book.pages = total
        for number in range(1, total + 1):
            self.beginForm(f"foot{number}")
            self._depth += 1
            self._foot(self, number, total)
            self._depth -= 1
            self.endForm()
        super().save()


def _as_artifact(name: str) -> Callable[..., None]:
    draw = getattr(Canvas, name)

    def drawing(self: TagCanvas, *args: Any, **kwargs: Any) -> None:
        if self.inside:
            draw(self, *args, **kwargs)
            return
        with self.artifact():
            draw(self, *args, **kwargs)

    return drawing


_DRAWINGS = (
    *("line", "lines", "grid", "rect", "roundRect", "circle", "ellipse", "bezier", "arc", "wedge"),
    *("drawPath", "doForm", "drawImage", "drawInlineImage"),
)
for _name in _DRAWINGS:
    setattr(TagCanvas, _name, _as_artifact(_name))
