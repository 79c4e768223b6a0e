"""From the document model to the story: blocks, letter, report, and the end that holds together."""

from __future__ import annotations

from typing import Any

from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer
from reportlab.platypus import Table as Grid

from . import text
from .blocks import BAR_ROW, Drawing, P, bars, qr
from .document import (
    Block,
    Content,
    Document,
    Figure,
    Heading,
    Item,
    ItemList,
    Letter,
    Letterhead,
    Paragraph,
    Qr,
    Report,
    Run,
    Signature,
    Table,
    Verification,
)
from .fixed import WORDS
from .fonts import SANS
from .layout import FRAME_LATER, MEASURE, QR_SIZE, RULE, Sheet
from .tables import Setting, set_table
from .tags import Book, Tag

_TAIL_LINES = 3
_LONG_PARAGRAPH = 8
_QR_ROOM = QR_SIZE + 4.4 * mm
_NAME_ROOM = 65 * mm


class Composer:
    """Makes the flowables of one document and its tree of tags, in reading order."""

    def __init__(self, document: Document, book: Book, sheet: Sheet) -> None:
        self.document, self.book, self.sheet = document, book, sheet
        self.words = WORDS[document.language]
        self.setting = Setting(book, sheet, document.language == "fr")
        book.root.lang = self.words.tag

    def p(self, content: Content, style: ParagraphStyle, tag: Tag, *, bind: bool = False, **more: Any) -> P:
        """Return a tagged paragraph."""
        return self.setting.p(content, style, tag, bind=bind, **more)

    def lines(self, lines: tuple[str, ...], style: ParagraphStyle, tag: Tag) -> P:
        """Return lines kept as lines in one paragraph."""
        french = self.document.language == "fr"
        face, size = style.fontName, style.fontSize
        made = [text.markup(line, face, size, self.book, french=french) for line in lines if line.strip()]
        return P("<br/>".join(made), style, tag=tag)

    # blocks -----------------------------------------------------------------------------------------

    def heading(self, block: Heading, parent: Tag) -> list[Flowable]:
        """Return a heading of the body."""
        is_chapter = isinstance(self.document, Report) and self.document.outline
        large = self.sheet.chapter if is_chapter else self.sheet.h2
        style = large if block.level == 2 else self.sheet.h3
        entry = (block.level, " ".join(text.clean(block.text).split()))
        return [self.p(block.text, style, parent.add(f"H{block.level}"), entry=entry)]

    def items(self, block: ItemList, parent: Tag, depth: int = 0) -> list[Flowable]:
        """Return the items of a list, each with its label."""
        tag = parent.add("L", numbering="Decimal" if block.ordered else "Disc")
        made: list[Flowable] = []
        for number, entry in enumerate(block.items, start=1):
            item = entry if isinstance(entry, Item) else Item(entry)
            held = tag.add("LI")
            label_style = self.sheet.label_number if block.ordered else self.sheet.label
            mark = f"{number}." if block.ordered else ("\u00a0•" if depth == 0 else "\u00a0–")
            label = self.p(mark, label_style, held.add("Lbl"))
            body = held.add("LBody")
            style = self.sheet.item
            if depth:
                style = ParagraphStyle(f"{style.name}-{depth}", parent=style, leftIndent=15 * (depth + 1))
            made.append(self.p(item.content, style, body.add("P"), bind=True, label=label))
            if item.inner is not None and depth < 3:
                made += self.items(item.inner, body, depth + 1)
        if depth == 0 and made:
            made[-1].spaceAfter = self.sheet.body.spaceAfter
        return made

    def figure(self, block: Figure, parent: Tag) -> list[Flowable]:
        """Return a drawing."""
        tag = parent.add("Figure", alt=text.clean(block.alt))
        if isinstance(block.painter, Qr):
            drawing = Drawing(QR_SIZE, QR_SIZE, tag, qr(block.painter.payload))
        else:
            drawing = Drawing(MEASURE, BAR_ROW * len(block.painter.bars), tag, bars(block.painter))
        drawing.spaceBefore, drawing.spaceAfter = 4, 11
        return [drawing]

    def block(self, block: Block, parent: Tag) -> list[Flowable]:
        """Return the flowables of a block."""
        match block:
            case Heading():
                return self.heading(block, parent)
            case Paragraph():
                return [self.p(block.content, self.sheet.body, parent.add("P"), bind=True)]
            case Table():
                return set_table(self.setting, block, parent)
            case ItemList():
                return self.items(block, parent)
            case Figure():
                return self.figure(block, parent)

    def body(self, blocks: tuple[Block, ...], parent: Tag) -> list[Flowable]:
        """Return all blocks; a heading goes over the page with the beginning of what it announces."""
        made = [self.block(block, parent) for block in blocks]
        need, after = 0.0, None
        for block, flowables in zip(reversed(blocks), reversed(made), strict=True):
            first = flowables[0] if flowables else None
            announces = isinstance(block, Heading) or (
                isinstance(block, Paragraph) and isinstance(after, ItemList)
            )
            if announces and isinstance(first, P):
                _, height = first.wrap(MEASURE, 10**6)
                if isinstance(block, Paragraph):
                    first.spaceAfter = self.sheet.item.spaceAfter
                    announces = height <= 4 * first.style.leading
                if announces and height + need < FRAME_LATER * 0.7:
                    first.need = height + first.style.spaceAfter + need
            need, after = _wanted(first), block
        return [flowable for flowables in made for flowable in flowables]

    # ends -------------------------------------------------------------------------------------------

    def signatures(self, signatures: tuple[Signature, ...], parent: Tag) -> list[Flowable]:
        """Return room to sign and the names, two in a row."""
        made: list[Flowable] = []
        for start in range(0, len(signatures), 2):
            row = [
                self.lines((one.name, one.function), self.sheet.line, parent.add("P"))
                for one in signatures[start : start + 2]
            ]
            made += [Spacer(1, self.sheet.signing), _side_by_side(row, [MEASURE / 2] * len(row))]
        return made

    def notes(self, parent: Tag) -> list[Flowable]:
        """Return enclosures, copies and the person to ask, in small print."""
        document, words = self.document, self.words
        rows: list[tuple[str, Content]] = []
        if isinstance(document, Letter):
            rows += [(words.enclosures, "; ".join(document.enclosures))] if document.enclosures else []
            rows += [(words.copies, "; ".join(document.copies))] if document.copies else []
        if document.contact is not None:
            contact = document.contact
            mail = Run(contact.mail, link=f"mailto:{contact.mail}")
            said = [part for part in (contact.name, contact.telephone) if part]
            content: Content = (", ".join(said) + (", " if said and contact.mail else ""), mail)
            rows.append((words.contact, content))
        if not rows:
            return []
        made: list[Flowable] = [Spacer(1, 5 * mm)]
        for name, content in rows:
            tag = parent.add("P")
            gap = words.colon if isinstance(content, tuple) else text.NBSP * 3
            joined: Content = (name, gap, *(content if isinstance(content, tuple) else (content,)))
            made.append(self.p(joined, self.sheet.small, tag))
        return made

    def check(
        self, check: Verification, parent: Tag, *, short: bool = False
    ) -> tuple[Flowable, list[Flowable]]:
        """Return the QR code and the words that say how to check."""
        words = self.words
        title = words.verify_letter if isinstance(self.document, Letter) else words.verify_report
        held = parent.add("Div")
        head = self.p(check.title or title, self.sheet.small_strong, held.add("P"))
        shown = check.address.split("://", 1)[-1].partition("?")[0]
        said: Content = (
            words.verify_before,
            Run(check.code, strong=True),
            words.verify_middle,
            Run(shown, link=check.address),
            words.verify_scan + ("" if short else words.verify_private),
        )
        told = self.p(said, self.sheet.small, held.add("P"))
        figure = held.add("Figure", alt=words.qr_alt.format(address=check.address))
        return Drawing(QR_SIZE, QR_SIZE, figure, qr(check.address)), [head, told]

    def verification(self, check: Verification, parent: Tag) -> Flowable:
        """Return the check under a rule, over the whole measure."""
        drawing, told = self.check(check, parent)
        grid = _side_by_side([drawing, told], [_QR_ROOM, MEASURE - _QR_ROOM], top=2.5 * mm, rule=True)
        grid.spaceBefore = 6 * mm
        return grid

    def signature_and_check(self, signature: Signature, check: Verification, parent: Tag) -> list[Flowable]:
        """Return one signature with the check on its right: the room to sign is the height of the code."""
        names = self.lines((signature.name, signature.function), self.sheet.line, parent.add("P"))
        drawing, told = self.check(check, parent, short=True)
        widths = [_NAME_ROOM, _QR_ROOM, MEASURE - _NAME_ROOM - _QR_ROOM]
        grid = _side_by_side([names, drawing, told], widths)
        grid.setStyle([("VALIGN", (0, 0), (0, 0), "BOTTOM"), ("RIGHTPADDING", (0, 0), (0, 0), 8)])
        return [Spacer(1, 4), grid]

    def end(self, body: list[Flowable], closing: str, parent: Tag) -> list[Flowable]:
        """Hold the last words, the closing, the signature and the check together on one page."""
        document = self.document
        kept = _last_words(body)
        if closing:
            kept.append(self.p(closing, self.sheet.body, parent.add("P"), bind=True))
        signed, check = document.signatures, document.verification
        if self.sheet.dense and len(signed) == 1 and check is not None:
            kept += self.signature_and_check(signed[0], check, parent) + self.notes(parent)
        else:
            kept += self.signatures(signed, parent) + self.notes(parent)
            kept += [self.verification(check, parent)] if check is not None else []
        return [KeepTogether(kept)] if kept else []

    # documents --------------------------------------------------------------------------------------

    def letterhead(self, head: Letterhead) -> list[Flowable]:
        """Return who writes."""
        made: list[Flowable] = [self.p(head.ministry, self.sheet.ministry, self.book.root.add("P"))]
        if head.unit:
            made.append(self.p(head.unit, self.sheet.unit, self.book.root.add("P")))
        return [*made, Spacer(1, self.sheet.after_head)]

    def letter(self, letter: Letter) -> list[Flowable]:
        """Return the story of a letter, in the order of the OQLF."""
        root, sheet = self.book.root, self.sheet
        made = self.letterhead(letter.letterhead)
        made += [self.p(letter.place_and_date, sheet.line, root.add("P")), Spacer(1, sheet.after_block)]
        if letter.mode:
            made.append(self.p(letter.mode, sheet.mode, root.add("P")))
        lines = tuple(line.replace("  ", text.NBSP * 2) for line in letter.recipient.lines)
        made += [self.lines(lines, sheet.line, root.add("P")), Spacer(1, sheet.after_block)]
        if letter.reference:
            reference = self.words.reference.format(reference=letter.reference)
            made.append(self.p(reference, sheet.line, root.add("P")))
        subject = self.words.subject.format(subject=letter.subject)
        made.append(self.p(subject, sheet.subject, root.add("H1"), bind=True))
        made.append(self.p(letter.salutation, sheet.body, root.add("P")))
        body = self.body(letter.body, root)
        end = self.end(body, letter.closing, root)
        return [*made, *body, *end]

    def report(self, report: Report) -> list[Flowable]:
        """Return the story of a report: title, blocks, end."""
        root = self.book.root
        made = self.letterhead(report.letterhead)
        entry = (1, " ".join(text.clean(report.title).split()))
        made.append(self.p(report.title, self.sheet.title, root.add("H1"), entry=entry))
        body = self.body(report.body, root)
        end = self.end(body, "", root)
        return [*made, *body, *end]


def compose(document: Document, book: Book, sheet: Sheet) -> list[Flowable]:
    """Return the story of the document; the tree of tags grows in the book."""
    composer = Composer(document, book, sheet)
    return composer.letter(document) if isinstance(document, Letter) else composer.report(document)


def _wanted(first: Flowable | None) -> float:
    """Return the height under a heading that makes it worth its place: two lines, or what a block asks.

    Three lines go together: one alone may stay neither above nor below.
    """
    need = float(getattr(first, "need", 0.0))
    if need or not isinstance(first, P):
        return need
    _, height = first.wrap(MEASURE, 10**6)
    return min(height, 2 * first.style.leading) if height > 3.5 * first.style.leading else height


def _last_words(body: list[Flowable]) -> list[Flowable]:
    """Take from the body what must stand above a closing: the last paragraph, or its last lines."""
    index = len(body) - 1
    while index >= 0 and not isinstance(body[index], P):
        if not isinstance(body[index], Spacer):
            return []
        index -= 1
    if index < 0:
        return []
    last = body[index]
    if not isinstance(last, P) or last.need:
        return []
    tail = body[index:]
    del body[index:]
    _, height = last.wrap(MEASURE, 10**6)
    leading = last.style.leading
    if height > _LONG_PARAGRAPH * leading:
        halves = last.split(MEASURE, height - _TAIL_LINES * leading + 0.01)
        if len(halves) == 2:
            body.append(halves[0])
            return [halves[1], *tail[1:]]
    if body and isinstance(body[-1], P) and body[-1].need:
        tail.insert(0, body.pop())
    return tail


def _side_by_side(cells: list[Any], widths: list[float], *, top: float = 0, rule: bool = False) -> Grid:
    """Return a row that only places things: it is no table for a reader, so it has no tag."""
    grid = Grid([cells], colWidths=widths, hAlign="LEFT")
    commands: list[tuple[Any, ...]] = [
        ("FONT", (0, 0), (-1, -1), SANS, 9),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), top),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
    ]
    if rule:
        commands.append(("LINEABOVE", (0, 0), (-1, 0), 0.35, RULE))
    grid.setStyle(commands)
    return grid
