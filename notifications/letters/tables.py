"""Tables of data: tags, widths of columns, rules, and a head that comes back on every page."""

from __future__ import annotations

from typing import Any, NamedTuple

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable
from reportlab.platypus import Table as Grid

from . import text
from .blocks import P
from .document import Cell, CellContent, Content, Table, plain, runs
from .fonts import SANS, SANS_STRONG
from .layout import FRAME_LATER, INK, MEASURE, RIVER, RULE, Sheet
from .tags import Book, Tag

GUTTER = 11.0
_KEPT_WHOLE = 0.45


class Setting(NamedTuple):
    """What setting a table needs from its document."""

    book: Book
    sheet: Sheet
    french: bool

    def p(self, content: Content, style: ParagraphStyle, tag: Tag, *, bind: bool = False, **more: Any) -> P:
        """Return a paragraph of a content in a style, held by the tag."""
        words = text.markup(content, style.fontName, style.fontSize, self.book, french=self.french, bind=bind)
        return P(words, style, tag=tag, **more)


def _parts(cell: CellContent) -> tuple[Content, str]:
    return (cell.content, cell.note) if isinstance(cell, Cell) else (cell, "")


def _natural(cell: CellContent, face: str, size: float) -> float:
    content, note = _parts(cell)
    width = stringWidth(text.clean(plain(content)), face, size)
    if any(run.digest for run in runs(content)):
        small = size * text.DIGEST_SCALE
        width = max(
            stringWidth(line, face, small) for line in text.digest_lines(text.clean(plain(content))) or [""]
        )
    return max(width, stringWidth(text.clean(note), SANS, 8.25)) + 1


def _longest_word(table: Table, index: int) -> float:
    """Return the width under which a word of the column would be cut."""
    cells = [_parts(row[index]) for row in table.rows]
    said = [(word, 9.0) for content, _note in cells for word in text.clean(plain(content)).split(" ")]
    said += [(word, 8.25) for _content, note in cells for word in text.clean(note).split(" ")]
    return max((stringWidth(word, SANS_STRONG, size) for word, size in said), default=0.0) + GUTTER + 1


def _widths(table: Table) -> list[float]:
    """Share the measure: figures keep what they need, words share the rest, nobody is starved."""
    count = len(table.columns)
    wanted = []
    for index, column in enumerate(table.columns):
        cells = [_natural(row[index], SANS, 9) for row in table.rows]
        cells += [_natural(table.total[index], SANS_STRONG, 9)] if table.total else []
        cells += [_natural(column.title, SANS_STRONG, 8.5)] if table.show_head else []
        wanted.append(max(cells, default=20) + (GUTTER if index < count - 1 else 0))
    if not table.show_head and count == 2:
        least = 0.27 if table.caption else 0.4  # rows that follow one another under headings keep one line
        label = min(max(wanted[0] * 1.12, least * MEASURE), 0.4 * MEASURE)
        return [label, MEASURE - label]
    fixed = {index for index, column in enumerate(table.columns) if column.kind in {"amount", "digest"}}
    if sum(wanted[index] for index in fixed) > 0.72 * MEASURE:
        fixed = set()
    room = MEASURE - sum(wanted[index] for index in fixed)
    free = [index for index in range(count) if index not in fixed]
    if sum(wanted[index] for index in free) <= room or not free:
        spare = (MEASURE - sum(wanted)) / sum(wanted)
        return [width * (1 + spare) for width in wanted]
    widths = list(wanted)
    floor = {index: min(_longest_word(table, index), wanted[index]) for index in free}
    if sum(floor.values()) > room:
        floor = dict.fromkeys(free, 0.0)
    room -= sum(floor.values())
    for rank, index in enumerate(sorted(free, key=lambda one: (wanted[one] - floor[one], one))):
        more = min(wanted[index] - floor[index], room / (len(free) - rank))
        widths[index] = floor[index] + more
        room -= more
    return widths


def _body_cell(
    setting: Setting, cell: CellContent, style: ParagraphStyle, tag: Tag
) -> Flowable | list[Flowable]:
    content, note = _parts(cell)
    if not note:
        return setting.p(content, style, tag, bind=True)
    return [setting.p(content, style, tag.add("P")), setting.p(note, setting.sheet.cell_note, tag.add("P"))]


def _row(
    setting: Setting, table: Table, cells: tuple[CellContent, ...], parent: Tag, *, total: bool
) -> list[Any]:
    sheet, row = setting.sheet, parent.add("TR")
    made = []
    for index, (cell, column) in enumerate(zip(cells, table.columns, strict=True)):
        names = column.kind == "header" or (total and index == 0)
        tag = row.add("TH", scope="Row") if names else row.add("TD")
        amount = column.kind == "amount"
        if total:
            style = sheet.cell_amount_strong if amount else sheet.cell_strong
        elif names and not table.show_head:
            style = sheet.cell_name
        else:
            style = sheet.cell_amount if amount else sheet.cell
        made.append(_body_cell(setting, cell, style, tag))
    return made


def _head(setting: Setting, table: Table, parent: Tag) -> list[Any]:
    row = parent.add("THead").add("TR")
    made = []
    for column in table.columns:
        style = setting.sheet.head_amount if column.kind == "amount" else setting.sheet.head
        made.append(setting.p(column.title, style, row.add("TH", scope="Column", repeat=True)))
    return made


def _commands(table: Table, sheet: Sheet) -> list[tuple[Any, ...]]:
    top, bottom = sheet.cell_pad
    first = 1 if table.show_head else 0
    commands: list[tuple[Any, ...]] = [
        ("FONT", (0, 0), (-1, -1), SANS, 9),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), GUTTER),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), top),
        ("BOTTOMPADDING", (0, 0), (-1, -1), bottom),
        ("LINEBELOW", (0, first), (-1, -1), 0.35, RULE),
    ]
    if table.show_head:
        commands += [("VALIGN", (0, 0), (-1, 0), "BOTTOM"), ("LINEBELOW", (0, 0), (-1, 0), 0.9, RIVER)]
    else:
        commands.append(("LINEABOVE", (0, 0), (-1, 0), 0.9, RIVER))
    if table.total:
        commands += [("LINEABOVE", (0, -1), (-1, -1), 0.9, INK), ("LINEBELOW", (0, -1), (-1, -1), 0, None)]
        commands = [c for c in commands if c[-1] is not None]
        commands[7] = ("LINEBELOW", (0, first), (-1, -2), 0.35, RULE)
        if len(table.rows) > 1:
            commands.append(("NOSPLIT", (0, -2), (-1, -1)))
    return commands


def _caption(setting: Setting, table: Table, tag: Tag) -> P | None:
    """Return the caption; a table without one is told by the heading above it."""
    if not table.caption:
        return None
    return setting.p(table.caption, setting.sheet.caption, tag.add("Caption"))


def set_table(setting: Setting, table: Table, parent: Tag) -> list[Flowable]:
    """Return the caption and the grid, tagged under the parent."""
    tag = parent.add("Table")
    caption = _caption(setting, table, tag)
    data = [_head(setting, table, tag)] if table.show_head else []
    body = tag.add("TBody")
    data += [_row(setting, table, row, body, total=False) for row in table.rows]
    if table.total:
        data.append(_row(setting, table, table.total, tag.add("TFoot"), total=True))
    if not data:
        return [caption] if caption is not None else []
    head = 1 if table.show_head and len(data) > 1 else 0
    grid = Grid(data, colWidths=_widths(table), repeatRows=head, hAlign="LEFT")
    grid.setStyle(_commands(table, setting.sheet))
    grid.spaceAfter = 11
    _, height = grid.wrap(MEASURE, 10**6)
    measured: Any = grid
    heights = [float(value) for value in measured._rowHeights]
    room = FRAME_LATER - (heights[0] if head else 0) - 4
    if max(heights) > room or (table.total and sum(heights[-2:]) > room):
        grid = Grid(data, colWidths=_widths(table), repeatRows=head, hAlign="LEFT", splitInRow=1)
        grid.setStyle([command for command in _commands(table, setting.sheet) if command[0] != "NOSPLIT"])
        grid.spaceAfter = 11
    kept = height if height <= _KEPT_WHOLE * FRAME_LATER else sum(heights[: head + 2])
    if caption is None:
        placed: Any = grid
        placed.need = min(kept + 1, _KEPT_WHOLE * FRAME_LATER)  # asked by the heading above it
        return [grid]
    _, above = caption.wrap(MEASURE, 10**6)
    caption.need = min(above + caption.style.spaceAfter + kept + 1, _KEPT_WHOLE * FRAME_LATER + above)
    return [caption, grid]
