"""Tables of a form (indicators, risks, schedule, places …): columns are data, rows have ids that last.

The value is `{"rows": [{"id": "r1", COLUMN: value, …}]}`. A cell is a text, a whole number, a day, a boolean, a code
of a choice or a municipality; what cannot be read as its column wants stays as typed until it is corrected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from applications import municipality, typed
from applications.typed import BadAnswer
from web import formats

if TYPE_CHECKING:
    from django.http import QueryDict

    from applications.fields import Question

WORDY = 120  # characters from which a cell takes several lines
MOST = 60  # rows, unless the question says less
NUMBERS = ("number", "money")
KINDS = ("text", "long_text", "number", "money", "date", "choice", "yes_no", "municipality")


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    code: str
    label: Any
    type: str = "text"
    required: bool = False
    max_chars: int = 300
    choices: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return formats.tr(self.label)

    @property
    def is_wordy(self) -> bool:
        """Whether its cells want more than a line."""
        return self.type == "long_text" or (self.type == "text" and self.max_chars >= WORDY)

    @property
    def is_number(self) -> bool:
        """Whether its cells are whole numbers."""
        return self.type in NUMBERS


@dataclass(frozen=True)
class Table:
    """A table in words, as pages, letters and files show it."""

    columns: tuple[tuple[str, bool], ...]  # label, is it a number
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        return "\n".join("; ".join(cell for cell in row if cell) for row in self.rows)

    @property
    def labelled(self) -> list[list[tuple[str, str]]]:
        """The rows, each cell after the label of its column."""
        heads = [label for label, _is_number in self.columns]
        return [list(zip(heads, row, strict=True)) for row in self.rows]

    def __bool__(self) -> bool:
        return bool(self.rows)


def columns_of(data: Any) -> tuple[Column, ...]:
    """The columns of a question of a call's files."""
    return tuple(
        Column(
            code=str(one["code"]),
            label=one["label"],
            type=str(one.get("type", "text")),
            required=bool(one.get("required")),
            max_chars=int(one.get("max_chars") or (2000 if one.get("type") == "long_text" else 300)),
            choices=tuple((str(each["code"]), each["label"]) for each in one.get("choices") or ()),
        )
        for one in data or ()
    )


# --- read -------------------------------------------------------------------------------------------------
def from_post(question: Question, post: QueryDict) -> dict[str, Any]:
    """The rows that a page without script sent."""
    gone = set(post.getlist(f"{question.code}.remove"))
    return {
        "rows": [
            {
                "id": key,
                **{
                    one.code: post.get(f"{question.code}.rows.{key}.{one.code}", "")
                    for one in question.columns
                },
            }
            for key in dict.fromkeys(post.getlist(f"{question.code}.rows"))
            if key not in gone
        ]
    }


def as_typed(question: Question, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The rows with the columns wanted and nothing else, cells read where they can be, blank rows dropped."""
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    sent = raw.get("rows")
    for place, data in enumerate((sent if isinstance(sent, list) else [])[: MOST + 1], 1):
        given = data if isinstance(data, Mapping) else {}
        cells = {one.code: _cell(one, given.get(one.code)) for one in question.columns}
        if all(_is_blank(cell) for cell in cells.values()):
            continue
        rows.append({"id": _fresh(str(given.get("id") or ""), place, seen), **cells})
    return {"rows": rows}


def clean(question: Question, raw: Any) -> dict[str, Any] | None:
    """The rows, each cell as its column wants; BadAnswer names the row and what to do. None when there is none."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("rows", []), list):
        raise BadAnswer(_("Le tableau n’a pas pu être lu : rechargez la page."))
    value = as_typed(question, raw)
    most = min(question.max_rows or MOST, MOST)
    if len(value["rows"]) > most:
        raise BadAnswer(_("Ce tableau compte au plus %(n)s lignes.") % {"n": most})
    for place, row in enumerate(value["rows"], 1):
        for column in question.columns:
            _check(column, row[column.code], place)
    if value["rows"]:
        _check_rows(question, value["rows"])
    return value if value["rows"] else None


def _check(column: Column, cell: Any, place: int) -> None:
    said = _("Ligne %(n)s, « %(column)s »") % {"n": place, "column": column} + "\u00a0: "
    if _is_blank(cell):
        if column.required:
            raise BadAnswer(said + _("inscrivez une réponse."))
        return
    try:
        _read(column, cell)
    except BadAnswer as fault:
        raise BadAnswer(said + str(fault)) from None


def _check_rows(question: Question, rows: list[dict[str, Any]]) -> None:
    if len(rows) < question.min_rows:
        raise BadAnswer(
            _("Il faut au moins %(least)s lignes : il y en a %(n)s.")
            % {"least": question.min_rows, "n": len(rows)}
        )
    for wanted in question.must_have:
        if all(row.get(wanted["column"]) != wanted["value"] for row in rows):
            column = next(one for one in question.columns if one.code == wanted["column"])
            raise BadAnswer(
                _("Ajoutez la ligne « %(name)s » : elle est demandée à tous.")
                % {"name": _label(column, str(wanted["value"]))}
            )


def _cell(column: Column, raw: Any) -> Any:
    """A cell as stored: read where it can be, else the words as they were typed."""
    if isinstance(raw, str) and not raw.strip():
        return None
    if raw is None or raw == {}:
        return None
    try:
        return _read(column, raw)
    except BadAnswer:
        return typed.tidy(raw)[: column.max_chars + 200] if not isinstance(raw, Mapping) else None


def _read(column: Column, raw: Any) -> Any:
    if column.type in NUMBERS:
        return typed.whole_number(raw)
    if column.type == "date":
        return typed.day(raw)
    if column.type == "yes_no":
        return typed.yes_or_no(raw)
    if column.type == "municipality":
        return municipality.clean(raw)
    if column.type == "choice":
        if str(raw) not in {code for code, _label in column.choices}:
            raise BadAnswer(_("choisissez une des réponses proposées."))
        return str(raw)
    text = typed.tidy(raw)
    if column.type == "text":
        text = text.replace("\n", " ")
    if typed.length(text) > column.max_chars:
        raise BadAnswer(_("%(n)s caractères au plus.") % {"n": formats.number(column.max_chars)})
    return text


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _fresh(name: str, place: int, seen: set[str]) -> str:
    wanted = re.sub(r"[^A-Za-z0-9_-]", "", name)[:20] or f"r{place}"
    while wanted in seen:
        wanted += "x"
    seen.add(wanted)
    return wanted


# --- shown ------------------------------------------------------------------------------------------------
def display(question: Question, value: Any, lang: str | None = None) -> Table:
    """The rows in words."""
    rows = value.get("rows", []) if isinstance(value, Mapping) else []
    return Table(
        tuple((formats.tr(one.label, lang), one.is_number) for one in question.columns),
        tuple(tuple(words(one, row.get(one.code), lang) for one in question.columns) for row in rows),
    )


def words(column: Column, cell: Any, lang: str | None = None) -> str:
    """A cell in words; what cannot be read is shown as typed."""
    if _is_blank(cell):
        return ""
    if column.type == "money" and type(cell) is int:
        return formats.money(cell, lang)
    if column.type == "number" and type(cell) is int:
        return formats.number(cell, lang=lang)
    if column.type == "municipality":
        return municipality.words(cell)
    if column.type == "choice":
        return _label(column, str(cell), lang)
    if isinstance(cell, bool):
        return pgettext("answer", "Oui") if cell else pgettext("answer", "Non")
    if column.type == "date":
        try:
            return formats.date_long(date.fromisoformat(str(cell)), lang)
        except ValueError:
            return str(cell)
    return str(cell)


def _label(column: Column, code: str, lang: str | None = None) -> str:
    found = next((label for known, label in column.choices if known == code), None)
    return formats.tr(found, lang) if found is not None else code


def in_boxes(question: Question, value: Any) -> list[tuple[str, dict[str, str]]]:
    """The id and the cells of each row, as the controls of a page hold them."""
    rows = value.get("rows", []) if isinstance(value, Mapping) else []
    return [
        (str(row["id"]), {one.code: _in_box(one, row.get(one.code)) for one in question.columns})
        for row in rows
    ]


def _in_box(column: Column, cell: Any) -> str:
    if column.is_number and type(cell) is int:
        return formats.number(cell)
    if column.type == "municipality":
        return municipality.words(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell or "")


def fact(question: Question, value: Any) -> list[str] | None:
    """What conditions read: the codes of the first column of choices, else the ids of the rows."""
    rows = value.get("rows", []) if isinstance(value, Mapping) else []
    chosen = next((one.code for one in question.columns if one.type == "choice"), "id")
    return [str(row[chosen]) for row in rows if row.get(chosen)] or None


def spoken(question: Question, value: Any) -> list[str]:
    """The words of a table that may be searched: texts as typed, choices in both languages, municipalities."""
    rows = value.get("rows", []) if isinstance(value, Mapping) else []
    found: list[str] = []
    for row in rows:
        for column in question.columns:
            cell = row.get(column.code)
            if _is_blank(cell) or column.type in ("number", "money", "date", "yes_no"):
                continue
            langs = ("fr", "en") if column.type == "choice" else ("fr",)
            found += [words(column, cell, lang) for lang in langs]
    return found
