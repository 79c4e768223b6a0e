"""The rows of a budget: costs and sources of funding, with the columns that the call asks for.

The value is `{"lines": [{"id", "category", "description", "amount"}], "funding": [{"id", "source", "kind", "public",
"amount"}]}`, whole dollars. A call's `budget.json` may ask for more: of a cost its `year` (`years`), its net `tax`
(`with_tax`), its `partner`, `qc:31056`, empty for the lead (`by_partner`) and the part `asked` as eligible, null for
all of it (`with_asked`); of a source its public `level`, empty when it is not public (`levels`), and whether it is
`confirmed` (`with_confirmed`). A row without them reads as the first year, no tax, the lead, all of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import override as language
from django.utils.translation import pgettext

from accounts import places
from applications.typed import YES, BadAnswer, line, tidy, whole_number
from web import formats

if TYPE_CHECKING:
    from django.http import QueryDict

    from applications.fields import Question

MOST = 100  # rows of a part
SUMS = ("amount", "tax", "asked")
TYPED = ("description", "source", *SUMS)  # a row without any of these is blank
KEY = re.compile(r"[a-z][a-z0-9_-]{0,19}:[A-Za-z0-9_-]{1,20}")


@dataclass(frozen=True)
class Grid:
    """The columns that a call asks for beyond the plain ones."""

    years: int = 0
    by_partner: bool = False
    with_tax: bool = False
    with_asked: bool = False
    with_confirmed: bool = False
    levels: tuple[tuple[str, Any], ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """Names of the cells of a cost, in the order of the page."""
        more = (("year",) if self.years else (), ("tax",) if self.with_tax else ())
        last = (("partner",) if self.by_partner else (), ("asked",) if self.with_asked else ())
        return ("category", "description", *more[0], "amount", *more[1], *last[0], *last[1])

    @property
    def funding(self) -> tuple[str, ...]:
        """Names of the cells of a source."""
        counted = "level" if self.levels else "public"
        return ("source", "kind", counted, *(("confirmed",) if self.with_confirmed else ()), "amount")

    @property
    def choices(self) -> list[int]:
        """The years of the project."""
        return list(range(1, self.years + 1))


def grid_of(question: Question) -> Grid:
    """The columns of a question of type `budget`."""
    asked = question.frame
    return Grid(
        years=int(asked.get("years") or 0),
        by_partner=bool(asked.get("by_partner")),
        with_tax=bool(asked.get("with_tax")),
        with_asked=bool(asked.get("with_asked")),
        with_confirmed=bool(asked.get("with_confirmed")),
        levels=tuple((str(one["code"]), one["label"]) for one in asked.get("levels") or ()),
    )


# --- read -------------------------------------------------------------------------------------------------
def from_post(question: Question, post: QueryDict) -> dict[str, Any]:
    """The rows that a page without script sent: ids under `CODE.lines`, then `CODE.lines.ID.amount` …"""
    gone, grid = set(post.getlist(f"{question.code}.remove")), grid_of(question)
    return {
        part: [
            {"id": key, **{name: post.get(f"{question.code}.{part}.{key}.{name}", "") for name in names}}
            for key in dict.fromkeys(post.getlist(f"{question.code}.{part}"))
            if key not in gone
        ]
        for part, names in (("lines", grid.lines), ("funding", grid.funding))
    }


def as_typed(question: Question, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The rows with the keys wanted and nothing else, amounts read where they can be, blank rows dropped."""
    typed: dict[str, Any] = {}
    grid = grid_of(question)
    for part, names in (("lines", grid.lines), ("funding", grid.funding)):
        rows: list[dict[str, Any]] = []
        seen: set[str] = set()
        sent = raw.get(part)
        for place, data in enumerate((sent if isinstance(sent, list) else [])[: MOST + 1], 1):
            given = data if isinstance(data, Mapping) else {}
            row = {name: _cell(name, given.get(name)) for name in names}
            if all(row[name] is None or not str(row[name]).strip() for name in names if name in TYPED):
                continue
            if grid.levels and part == "funding":
                row["public"] = bool(row["level"]) or _cell("public", given.get("public"))
            rows.append({"id": _fresh(str(given.get("id") or ""), place, part, seen), **row})
        typed[part] = rows
    return typed


def _cell(name: str, value: Any) -> Any:
    if name in ("public", "confirmed"):
        return value is True or str(value).lower() in YES
    if name in SUMS:
        given = value if isinstance(value, int) else tidy("" if value is None else value)[:40]
        try:
            return whole_number(given) if given != "" else None
        except BadAnswer:
            return str(given)
    if name == "year":
        return int(str(value)) if str(value).isascii() and str(value).isdigit() and len(str(value)) < 4 else 1
    return line(value, 300)


def _fresh(name: str, place: int, part: str, seen: set[str]) -> str:
    """A stable id for a row, one of its kind."""
    wanted = re.sub(r"[^A-Za-z0-9_-]", "", tidy(name))[:20] or f"{part[0]}{place}"
    while wanted in seen:
        wanted += "x"
    seen.add(wanted)
    return wanted


def clean(question: Question, raw: Any) -> dict[str, Any] | None:
    """Costs and sources in order, blank rows dropped, or BadAnswer that names the row and what it lacks."""
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            raw = None
    if not isinstance(raw, Mapping) or not all(
        isinstance(raw.get(one, []), list) for one in ("lines", "funding")
    ):
        raise BadAnswer(_("Le budget n’a pas pu être lu : rechargez la page."))
    typed, grid = as_typed(question, raw), grid_of(question)
    if len(typed["lines"]) > MOST or len(typed["funding"]) > MOST:
        raise BadAnswer(_("Un budget compte au plus %(n)s lignes.") % {"n": MOST})
    lines = [_line(question, grid, row, n) for n, row in enumerate(typed["lines"], 1)]
    funding = [_source(question, grid, row, n) for n, row in enumerate(typed["funding"], 1)]
    return {"lines": lines, "funding": funding} if lines or funding else None


def _line(question: Question, grid: Grid, row: dict[str, Any], place: int) -> dict[str, Any]:
    said = _("Dépense %(n)s") % {"n": place} + "\u00a0: "
    if row["category"] not in {one.code for one in question.categories}:
        raise BadAnswer(said + _("choisissez la catégorie."))
    if not row["description"].strip():
        raise BadAnswer(said + _("décrivez la dépense."))
    read = {**row, **_sums(row, said)}
    if grid.years and not 1 <= row["year"] <= grid.years:
        raise BadAnswer(said + _("choisissez l’année, de 1 à %(n)s.") % {"n": grid.years})
    if row.get("partner") and not KEY.fullmatch(row["partner"]):
        raise BadAnswer(said + _("choisissez l’organisme dans la liste."))
    whole = cost(read)
    if read.get("asked") is not None and read["asked"] > (whole or 0):
        words = _("le montant demandé comme admissible dépasse la dépense (%(sum)s).")
        raise BadAnswer(said + words % {"sum": formats.money(whole or 0)})
    return read


def _source(question: Question, grid: Grid, row: dict[str, Any], place: int) -> dict[str, Any]:
    said = _("Financement %(n)s") % {"n": place} + "\u00a0: "
    if row["kind"] not in {one.code for one in question.kinds}:
        raise BadAnswer(said + _("choisissez la nature."))
    if not row["source"].strip():
        raise BadAnswer(said + _("nommez la source."))
    read = {**row, **_sums(row, said)}
    if row.get("level") and row["level"] not in {code for code, _label in grid.levels}:
        raise BadAnswer(said + _("choisissez d’où vient l’argent public."))
    read["public"] = row["public"] is True and row["kind"] != "own"
    return read


def _sums(row: Mapping[str, Any], said: str) -> dict[str, Any]:
    """The sums of a row as whole dollars; only the amount must be there."""
    found: dict[str, Any] = {}
    for name in SUMS:
        value = row.get(name)
        if name == "amount" and value in (None, ""):
            raise BadAnswer(said + _("inscrivez le montant."))
        if name in row:
            try:
                found[name] = None if value in (None, "") else whole_number(value)
            except BadAnswer as fault:
                raise BadAnswer(f"{said}{fault}") from None
    return found


# --- sums -------------------------------------------------------------------------------------------------
def cost(row: Mapping[str, Any]) -> int | None:
    """Dollars of a cost, its net tax among them; None while its amount cannot be read."""
    amount, tax = row.get("amount"), row.get("tax")
    if not _is_money(amount) or not (tax is None or _is_money(tax)):
        return None
    return int(amount or 0) + int(tax or 0)


def costs(value: Any) -> list[tuple[Mapping[str, Any], int]]:
    """The costs whose sum can be read, each with its dollars."""
    rows = value.get("lines", []) if isinstance(value, Mapping) else []
    read = [(row, cost(row)) for row in rows]
    return [(row, dollars) for row, dollars in read if dollars is not None]


def fact(value: Any) -> list[int] | None:
    """The sums of the costs, as conditions read them."""
    return [dollars for _row, dollars in costs(value)] or None


def _is_money(value: Any) -> bool:
    return type(value) is int and value >= 0


# --- to read ----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Cell:
    """A cell in words."""

    text: str
    is_sum: bool
    is_typed: bool  # a person wrote it, in the language of the dossier


@dataclass(frozen=True)
class Shown:
    """A part of a budget in words: its heads (label, is it a sum), its rows, and its total."""

    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    total: str
    words: int  # place of the column that a person wrote

    @property
    def cells(self) -> list[list[Cell]]:
        """The rows, each cell with what it is."""
        sums = [is_sum for _head, is_sum in self.heads]
        return [
            [Cell(text, sums[place], place == self.words) for place, text in enumerate(row)]
            for row in self.rows
        ]

    @property
    def span(self) -> int:
        """Columns before the total."""
        return len(self.heads) - 1


def display(question: Question, value: Mapping[str, Any], lang: str | None = None) -> dict[str, Any]:
    """`lines` and `funding` as `Shown`, None where there are none; `total` and `funding_total` as money."""
    grid = grid_of(question)
    names = _read(grid, value.get("lines", []))
    with language(formats.language(lang)):
        lines = [_words(question, grid, names, row, lang) for row in value.get("lines", [])]
        funding = [_words(question, grid, grid.funding, row, lang) for row in value.get("funding", [])]
        total = formats.money(sum(dollars for _row, dollars in costs(value)), lang)
        others = formats.money(
            sum(dollars for _row, dollars in costs({"lines": value.get("funding", [])})), lang
        )
        return {
            "lines": Shown(_heads(names), tuple(lines), total, 1) if lines else None,
            "funding": Shown(_heads(grid.funding), tuple(funding), others, 0) if funding else None,
            "total": total,
            "funding_total": others,
        }


def told(shown: Mapping[str, Any]) -> list[str]:
    """What `display` gave, a line of text a row, its sum last."""
    parts = [part for part in (shown["lines"], shown["funding"]) if part is not None]
    return [
        f"{', '.join(cell for cell in row[:-1] if cell)}\u00a0: {row[-1]}"
        for part in parts
        for row in part.rows
    ]


def _read(grid: Grid, rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The columns of a cost as it is read: those that nobody filled are left out, the sum of the cost comes last."""
    used = {name for row in rows for name in ("tax", "partner", "asked") if row.get(name)}
    names = tuple(one for one in grid.lines if one not in ("tax", "partner", "asked") or one in used)
    return (*names, "cost") if "tax" in used else (*(one for one in names if one != "amount"), "amount")


def _heads(names: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    labels = {
        "category": _("Catégorie"),
        "description": _("Description"),
        "year": _("Année"),
        "amount": _("Avant taxes") if "tax" in names else _("Montant"),
        "tax": _("Taxes nettes"),
        "partner": _("Organisme"),
        "asked": _("Demandé comme admissible"),
        "source": _("Source"),
        "kind": _("Nature"),
        "public": _("Argent public"),
        "level": _("Argent public"),
        "confirmed": _("Confirmé"),
        "cost": _("Coût"),
    }
    return tuple((str(labels[name]), name in (*SUMS, "cost")) for name in names)


def _words(
    question: Question, grid: Grid, names: tuple[str, ...], row: Mapping[str, Any], lang: str | None
) -> tuple[str, ...]:
    labels = {one.code: formats.tr(one.label, lang) for one in (*question.categories, *question.kinds)}
    levels = {code: formats.tr(label, lang) for code, label in grid.levels}

    def word(name: str) -> str:
        value = row.get(name)
        if name == "cost":
            return formats.money(cost(row), lang)
        if name in SUMS:
            return formats.money(value, lang) if _is_money(value) else str(value or "")
        if name in ("public", "confirmed"):
            return pgettext("answer", "Oui") if value else pgettext("answer", "Non")
        if name == "year":
            return str(value or 1)
        if name == "partner":
            return name_of(str(value or ""))
        if name == "level":
            return levels.get(str(value or ""), _("Oui") if row.get("public") else _("Non"))
        return labels.get(str(value or ""), str(value or "")) if name in ("category", "kind") else str(value)

    return tuple(word(name) for name in names)


def name_of(key: str) -> str:
    """The name of an organism by its key, as the directory has it; the lead when it is empty."""
    if not key:
        return _("Responsable")
    scheme, _sign, code = key.partition(":")
    found = places.of(scheme, code)
    return found.name if found else code
