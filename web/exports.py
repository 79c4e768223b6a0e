"""Lists taken away: CSV and XLSX of exactly the rows, order and columns on screen, in batches.

The values are those that the page formats: `Column.value`. A batch of rows is in memory, never the list.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import IO, Any

import xlsxwriter
from django.http import StreamingHttpResponse
from django.utils.text import slugify
from django.utils.translation import get_language, gettext, override

from web import clock, formats
from web.lists import Column, Kind, Selection

BATCH = 500
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {"csv": CSV_TYPE, "xlsx": XLSX_TYPE}
# A spreadsheet reads a cell that begins so as a formula or a command (the wide signs too, in some).
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LONGEST_CELL = 32_767
FIRST_DAY = date(1900, 3, 1)  # before it spreadsheets do not agree on days

Step = Callable[[Sequence[Any]], None]
WIDTHS: dict[str, int] = {
    "int": 12,
    "money": 14,
    "percent": 10,
    "date": 12,
    "datetime": 19,
    "bool": 10,
    "state": 24,
}


@dataclass(frozen=True)
class About:
    """What the sheet of definitions says of an export."""

    title: str
    who: str
    address: str
    at: datetime


# --- rows -----------------------------------------------------------------------------------------------
def batches(chosen: Selection, share: Sequence[str] = ()) -> Iterator[list[Any]]:
    """Rows in the order of the page: one statement read as it comes, shared rows read once."""
    if chosen.fixed is not None:
        yield from (list(chosen.fixed[at : at + BATCH]) for at in range(0, len(chosen.fixed), BATCH))
        return
    rows = chosen.ordered()
    tree = rows.query.select_related
    nested = tree if isinstance(tree, dict) else {}
    shared = [name for name in share if name in nested]
    if shared:
        kept = [path for name, under in nested.items() if name not in shared for path in _paths(name, under)]
        rows = rows.select_related(None)
        rows = rows.select_related(*kept) if kept else rows
    known: dict[str, dict[Any, Any]] = {name: {} for name in shared}
    found = rows.iterator(chunk_size=BATCH)
    while batch := list(islice(found, BATCH)):
        for name in shared:
            _attach(batch, name, nested[name], known[name])
        yield batch


def _paths(name: str, under: dict[str, Any]) -> list[str]:
    """The paths of `select_related` below a name."""
    return [name, *(f"{name}__{path}" for one in under for path in _paths(one, under[one]))]


def _attach(batch: list[Any], name: str, under: dict[str, Any], known: dict[Any, Any]) -> None:
    """Give rows what their foreign key leads to, reading what is not known yet."""
    field: Any = batch[0]._meta.get_field(name)
    missing = {key for row in batch if (key := getattr(row, field.attname)) is not None} - known.keys()
    if missing:
        rows = field.related_model._base_manager.filter(pk__in=missing)
        paths = [path for one in under for path in _paths(one, under[one])]
        known.update({row.pk: row for row in (rows.select_related(*paths) if paths else rows)})
    for row in batch:
        field.set_cached_value(row, known.get(getattr(row, field.attname)))


# --- CSV ------------------------------------------------------------------------------------------------
def harmless(text: str) -> str:
    """A text that a spreadsheet reads as a text."""
    text = text.replace("\x00", "").replace("\r\n", "\n")
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _decimal(value: Any) -> str:
    """A number without groups, with the reader's decimal sign."""
    if isinstance(value, Fraction):
        value = Decimal(value.numerator) / Decimal(value.denominator)
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return text if formats.language() == "en" else text.replace(".", ",")


def _instant(value: datetime) -> str:
    return formats.local(value).strftime("%Y-%m-%d %H:%M:%S")


def _day(value: date) -> str:
    return formats.local(value).date().isoformat() if isinstance(value, datetime) else value.isoformat()


PLAIN: dict[Kind, Callable[[Any], str]] = {
    "text": lambda value: harmless(formats.tr(value)),
    "int": _decimal,
    "money": _decimal,
    "percent": _decimal,
    "date": _day,
    "datetime": _instant,
    "state": lambda value: harmless(formats.tr(value.label)),
    "bool": lambda value: gettext("Oui") if value else gettext("Non"),
}


class _Line:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_chunks(chosen: Selection, share: Sequence[str] = (), step: Step | None = None) -> Iterator[bytes]:
    """The file in pieces: UTF-8 with its mark, semicolons, CRLF; the heads leave before the first row is read."""
    language = get_language()
    write = csv.writer(_Line(), delimiter=";", lineterminator="\r\n").writerow
    readers = [(column.value, PLAIN[column.kind]) for column in chosen.columns]
    with override(language):
        first: Any = write([harmless(str(column.label)) for column in chosen.columns])
    yield b"\xef\xbb\xbf" + first.encode()
    for batch in batches(chosen, share):
        with override(language):
            lines: Any = [write([_plain(value(row), plain) for value, plain in readers]) for row in batch]
        yield "".join(lines).encode("utf-8", "replace")
        if step:
            step(batch)


def _plain(value: Any, plain: Callable[[Any], str]) -> str:
    return "" if value is None or value == "" else plain(value)


def csv_response(chosen: Selection, name: str, share: Sequence[str] = ()) -> StreamingHttpResponse:
    """The answer that streams a list as CSV."""
    answer = StreamingHttpResponse(csv_chunks(chosen, share), content_type=CSV_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{file_name(name, "csv")}"'
    return answer


def file_name(title: str, kind: str) -> str:
    """`dossiers-2026-03-27.csv`."""
    return f"{slugify(title) or 'liste'}-{clock.today().isoformat()}.{kind}"


# --- XLSX -----------------------------------------------------------------------------------------------
class _Book:
    """A workbook written row by row: cells keep their type, texts are never formulas."""

    def __init__(self, target: IO[bytes]) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "remove_timezone": True,
        }
        self.book: Any = xlsxwriter.Workbook(target, options)
        english = formats.language() == "en"
        self.head = self.book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.looks: dict[str, Any] = {
            "int": self.book.add_format({"num_format": "#,##0"}),
            "money": self.book.add_format({"num_format": '"$"#,##0.##' if english else '#,##0 "$"'}),
            "percent": self.book.add_format({"num_format": "0.0%"}),
            "date": self.book.add_format({"num_format": "yyyy-mm-dd"}),
            "datetime": self.book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }

    def cell(self, sheet: Any, line: int, place: int, kind: Kind, value: Any) -> None:
        """Write one typed value."""
        if value is None or value == "":
            return
        if kind == "bool":
            sheet.write_boolean(line, place, bool(value))
        elif kind in ("int", "money", "percent"):
            amount = Fraction(value) / 100 if kind == "percent" else value
            sheet.write_number(line, place, amount, self.looks[kind])
        elif kind in ("date", "datetime"):
            self._date(sheet, line, place, kind, value)
        else:
            text = formats.tr(value.label if kind == "state" else value)
            sheet.write_string(line, place, text.replace("\x00", "")[:LONGEST_CELL])

    def _date(self, sheet: Any, line: int, place: int, kind: Kind, value: date) -> None:
        local = formats.local(value).replace(tzinfo=None) if isinstance(value, datetime) else value
        day = local.date() if isinstance(local, datetime) else local
        if day < FIRST_DAY:
            sheet.write_string(line, place, PLAIN[kind](value))
        else:
            sheet.write_datetime(line, place, day if kind == "date" else local, self.looks[kind])


def write_xlsx(
    chosen: Selection, target: IO[bytes], about: About, share: Sequence[str] = (), step: Step | None = None
) -> int:
    """Write the workbook: the rows, then a sheet that defines columns and says what was asked; how many rows."""
    made, count = _Book(target), 0
    sheet = made.book.add_worksheet(_sheet_name(about.title))
    for place, column in enumerate(chosen.columns):
        sheet.set_column(place, place, _width(column))
    for place, column in enumerate(chosen.columns):
        sheet.write_string(0, place, str(column.label), made.head)
    sheet.freeze_panes(1, 0)
    for batch in batches(chosen, share):
        for row in batch:
            count += 1
            for place, column in enumerate(chosen.columns):
                made.cell(sheet, count, place, column.kind, column.value(row))
        if step:
            step(batch)
    if count:
        sheet.autofilter(0, 0, count, len(chosen.columns) - 1)
    _definitions(made, chosen, about, count)
    made.book.close()
    return count


def _sheet_name(title: str) -> str:
    """A title without the signs that a sheet refuses."""
    return "".join(" " if sign in "[]:*?/\\'" else sign for sign in title).strip()[:31] or gettext("Liste")


def _width(column: Column) -> int:
    if column.kind != "text":
        return WIDTHS[column.kind]
    return 50 if column.cut else 36 if column.head else 24


def _definitions(made: _Book, chosen: Selection, about: About, count: int) -> None:
    """The second sheet."""
    name = gettext("Définitions")
    sheet = made.book.add_worksheet(name if name != _sheet_name(about.title) else f"{name} 2")
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 2, 80)
    line = 0
    for label, value in _asked(chosen, about):
        sheet.write_string(line, 0, label)
        sheet.write_string(line, 1, value[:LONGEST_CELL])
        line += 1
    sheet.write_string(line, 0, gettext("Nombre de lignes"))
    sheet.write_number(line, 1, count, made.looks["int"])
    sheet.write_string(line + 1, 0, gettext("Exporté le"))
    made.cell(sheet, line + 1, 1, "datetime", about.at)
    line += 3
    for place, label in enumerate((gettext("Colonne"), gettext("Genre"), gettext("Définition"))):
        sheet.write_string(line, place, label, made.head)
    for below, column in enumerate(chosen.columns, line + 1):
        sheet.write_string(below, 0, str(column.label))
        sheet.write_string(below, 1, kind_words(column.kind))
        sheet.write_string(below, 2, str(column.help))


def _asked(chosen: Selection, about: About) -> list[tuple[str, str]]:
    """What was asked for, in words."""
    sorting = gettext("décroissant") if chosen.descending else gettext("croissant")
    order = f"{chosen.sort_label}, {sorting}" if chosen.fixed is None else str(chosen.sort_label)
    told = [
        (gettext("Liste"), about.title),
        (gettext("Adresse"), about.address),
        (gettext("Exporté par"), about.who),
        (gettext("Ordre"), order),
    ]
    return told + [(str(chip.group), chip.label) for chip in chosen.chips]


def kind_words(kind: Kind) -> str:
    """The type of a column, in words."""
    return {
        "text": gettext("Texte"),
        "int": gettext("Nombre"),
        "money": gettext("Montant en dollars"),
        "percent": gettext("Pourcentage"),
        "date": gettext("Date"),
        "datetime": gettext("Date et heure, heure de l’Est"),
        "state": gettext("État"),
        "bool": gettext("Oui ou non"),
    }[kind]
