"""Lists: one registry of columns serves the page and the export; a page costs two statements.

A list is a queryset already narrowed to what the person may see, columns that know how to read a row, and
filters from an allow-list. Nothing of an address ever becomes a keyword of the ORM.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext

from web import formats, paging
from web.cells import Cell, cell_of

Label = str | Promise
Kind = Literal["text", "int", "money", "percent", "date", "datetime", "state", "bool"]
Params = dict[str, list[str]]
Rows = QuerySet[Any]

NUMERIC = frozenset({"int", "money", "percent"})
SEARCH, SORT, COLUMN, PAGE, DENSITY = "q", "tri", "col", "page", "densite"
DENSITIES = ("serree", "aeree")
KEPT = (SEARCH, SORT, COLUMN, DENSITY)
LONGEST_SEARCH = 200
MOST_PARSED = 31


class Asked(Protocol):
    """What a list reads of a request: its address. A job has the address alone."""

    @property
    def GET(self) -> QueryDict:  # noqa: N802 (the name of Django)
        """The parameters of the address."""


@dataclass(frozen=True)
class State:
    """The value of a column of kind `state`: the sign of the look, and its word."""

    code: str
    label: Any


@dataclass(frozen=True)
class Column:
    """One column: `value` returns a typed value (the export's), the page formats it once by `kind`.

    `sort` is a NOT NULL column or annotation of the queryset; `href` makes the cell a link; `head` makes it
    the head of its row; `cut` lets a long text take two lines at most; `dim` is secondary; `typed` are
    words that somebody wrote, in French whatever the page; `help` defines it
    for those who read it elsewhere (the sheet of definitions of an export).
    """

    key: str
    label: Label
    value: Callable[[Any], Any]
    kind: Kind = "text"
    sort: str | None = None
    href: Callable[[Any], str] | None = None
    head: bool = False
    cut: bool = False
    dim: bool = False
    typed: bool = False
    hidden_by_default: bool = False
    help: Label = ""


@dataclass(frozen=True)
class Choice:
    """One value a filter accepts."""

    value: str
    label: Any
    count: int | None = None


@dataclass(frozen=True)
class Filter:
    """A facet: the values it accepts, and what they do to the queryset.

    `parse` reads a value that is not among the choices (a day, say) and gives nothing for one it refuses.
    """

    key: str
    label: Label
    choices: Sequence[Choice] | Callable[[], Sequence[Choice]]
    apply: Callable[[Rows, Sequence[str]], Rows]
    parse: Callable[[str], Choice | None] | None = None

    def accepted(self, asked: Sequence[str] = ()) -> Sequence[Choice]:
        """The choices, read once a request when they come from a function, and what is parsed of the address."""
        known = self.choices() if callable(self.choices) else self.choices
        if self.parse is None:
            return known
        read = [self.parse(value) for value in dict.fromkeys(asked[:MOST_PARSED])]
        return [*known, *(one for one in read if one is not None)]


@dataclass(frozen=True)
class Search:
    """The box of a list: what it looks into, in words, and how."""

    label: Label
    apply: Callable[[Rows, str], Rows]


@dataclass(frozen=True)
class Facet:
    """A filter as it is shown: each choice with whether it is taken."""

    key: str
    label: Label
    choices: list[tuple[Choice, bool]]
    active: int


@dataclass(frozen=True)
class Chip:
    """A filter that narrows the list, with the address that removes it."""

    group: Label
    label: str
    href: str


@dataclass(frozen=True)
class Head:
    """The head of a column."""

    key: str
    label: Label
    numeric: bool
    href: str
    sorted: str


@dataclass(frozen=True)
class Line:
    """A row, flat, formatted."""

    pk: str
    name: str
    cells: list[Cell]


@dataclass(frozen=True)
class Selection:
    """What a list shows, before pages: an export reads exactly this."""

    rows: Rows
    columns: list[Column]
    sort: str
    descending: bool
    sort_key: str
    params: Params
    facets: list[Facet]
    chips: list[Chip]
    search: str = ""
    density: str = ""
    sort_label: Label = ""
    fixed: Sequence[Any] | None = None  # rows that a page computes, in its own order

    def typed_row(self, row: Any) -> list[Any]:
        """The typed values of a row, in the order of the page's columns."""
        return [column.value(row) for column in self.columns]

    def ordered(self) -> Rows:
        """All rows in the order of the page."""
        sign = "-" if self.descending else ""
        return self.rows.order_by(f"{sign}{self.sort}", f"{sign}pk")


@dataclass(frozen=True)
class ListPage:
    """All a template needs; see `components/list.html`."""

    selection: Selection
    objects: list[Any]
    heads: list[Head]
    lines: list[Line]
    total: int
    more: bool
    place: str
    total_words: str
    previous_href: str
    next_href: str
    clear_href: str
    search_label: Label
    sorts: list[tuple[str, str, bool]]
    chooser: list[tuple[Column, bool]]
    kept_by_facets: list[tuple[str, str]] = field(default_factory=list)
    kept_by_search: list[tuple[str, str]] = field(default_factory=list)
    take: Any = None  # a `tables.Take`, for a list that has a name: exports and kept views

    @property
    def densities(self) -> list[tuple[str, str]]:
        """Each density with its address."""
        return [(one, href({**self.selection.params, DENSITY: [one]})) for one in DENSITIES]

    @property
    def facets(self) -> list[Facet]:
        """The filters beside the list; one that only an address can ask for is not offered."""
        return [one for one in self.selection.facets if one.choices]

    @property
    def chips(self) -> list[Chip]:
        """The filters at work."""
        return self.selection.chips

    @property
    def search(self) -> str:
        """What was looked for."""
        return self.selection.search


def href(params: Mapping[str, Sequence[str]]) -> str:
    """The address of a view of a list: the address is the view."""
    return "?" + urlencode({key: list(values) for key, values in params.items() if values}, doseq=True)


def select(
    request: Asked,
    queryset: Rows,
    columns: Sequence[Column],
    filters: Sequence[Filter] = (),
    default_sort: str = "",
    *,
    search: Search | None = None,
) -> Selection:
    """Read the address against the allow-lists: rows, order and columns, not yet cut into pages."""
    asked = request.GET
    params: Params = {}
    facets: list[Facet] = []
    chosen: list[tuple[Filter, list[Choice]]] = []
    words = asked.get(SEARCH, "").replace("\x00", "").strip()[:LONGEST_SEARCH] if search else ""
    if search and words:
        params[SEARCH] = [words]
        queryset = search.apply(queryset, words)
    for one in filters:
        accepted = one.accepted(asked.getlist(one.key))
        wanted = set(asked.getlist(one.key))
        taken = [choice for choice in accepted if choice.value in wanted]
        if taken:
            params[one.key] = [choice.value for choice in taken]
            queryset = one.apply(queryset, params[one.key])
            chosen.append((one, taken))
        facets.append(
            Facet(one.key, one.label, [(choice, choice in taken) for choice in accepted], len(taken))
        )
    sort_key, column, descending = _order(columns, asked.get(SORT, ""), default_sort)
    if sort_key != default_sort:
        params[SORT] = [sort_key]
    shown = [one for one in columns if one.head or one.key in asked.getlist(COLUMN)]
    if asked.getlist(COLUMN) and len(shown) < len(columns):
        params[COLUMN] = [one.key for one in shown]
    else:
        shown = [one for one in columns if not one.hidden_by_default]
    density = asked.get(DENSITY, "") if asked.get(DENSITY) in DENSITIES else ""
    if density:
        params[DENSITY] = [density]
    return Selection(
        rows=queryset,
        columns=shown,
        sort=column.sort or "pk",
        descending=descending,
        sort_key=sort_key,
        params=params,
        facets=facets,
        chips=_chips(params, chosen, search, words),
        search=words,
        density=density,
        sort_label=column.label,
    )


def build_list(
    request: HttpRequest,
    queryset: Rows,
    columns: Sequence[Column],
    filters: Sequence[Filter] = (),
    default_sort: str = "",
    *,
    search: Search | None = None,
    size: int = 25,
    bound: int = 1000,
) -> ListPage:
    """One page, in two statements whatever the length (`default_sort`: a column's key, `-key` down)."""
    chosen = select(request, queryset, columns, filters, default_sort, search=search)
    total, more = paging.count_up_to(chosen.rows, bound)
    page = paging.page_of(
        chosen.rows,
        sort=chosen.sort,
        descending=chosen.descending,
        size=size,
        cursor=paging.read_cursor(request.GET.get(PAGE, "")),
    )
    params = chosen.params
    here = {key: values for key, values in params.items() if key in (SORT, COLUMN, DENSITY)}
    return ListPage(
        selection=chosen,
        objects=page.rows,
        heads=[_head(column, chosen) for column in chosen.columns],
        lines=[_line(row, chosen.columns) for row in page.rows],
        total=total,
        more=more,
        place=_place(page, total, more),
        total_words=_total(total, more),
        previous_href=href({**params, PAGE: [page.previous.token()]}) if page.previous else "",
        next_href=href({**params, PAGE: [page.next.token()]}) if page.next else "",
        clear_href=href(here),
        search_label=search.label if search else "",
        sorts=_sorts(columns, chosen),
        chooser=[(column, column in chosen.columns) for column in columns],
        kept_by_facets=[(key, one) for key in KEPT for one in params.get(key, [])],
        kept_by_search=[
            (key, value) for key in (*(one.key for one in filters), DENSITY) for value in params.get(key, [])
        ],
    )


def _order(columns: Sequence[Column], asked: str, default: str) -> tuple[str, Column, bool]:
    """The sort asked for when a column allows it, else the list's own."""
    by_key = {column.key: column for column in columns if column.sort}
    for key in (asked, default):
        name = key.removeprefix("-")
        if name in by_key:
            return key, by_key[name], key.startswith("-")
    raise ValueError("A list needs a default sort among its columns.")


def _without(params: Params, key: str, value: str) -> Params:
    """The same view with one filter less, from its first page."""
    return {k: [one for one in values if (k, one) != (key, value)] for k, values in params.items()}


def _chips(
    params: Params, chosen: list[tuple[Filter, list[Choice]]], search: Search | None, words: str
) -> list[Chip]:
    """One chip a value at work."""
    chips = [
        Chip(one.label, formats.tr(choice.label), href(_without(params, one.key, choice.value)))
        for one, taken in chosen
        for choice in taken
    ]
    if search and words:
        quoted = gettext("« %(words)s »") % {"words": words}
        chips.insert(0, Chip(gettext("Recherche"), quoted, href(_without(params, SEARCH, words))))
    return chips


def _head(column: Column, chosen: Selection) -> Head:
    """The head of a column: a link that sorts, down on the second time."""
    numeric = column.kind in NUMERIC
    if not column.sort:
        return Head(column.key, column.label, numeric, "", "")
    mine = chosen.sort_key.removeprefix("-") == column.key
    target = f"-{column.key}" if mine and not chosen.descending else column.key
    way = ("descending" if chosen.descending else "ascending") if mine else ""
    return Head(column.key, column.label, numeric, href({**chosen.params, SORT: [target]}), way)


def _sorts(columns: Sequence[Column], chosen: Selection) -> list[tuple[str, str, bool]]:
    """The choices of « Trier par », for a phone and for those who prefer a list."""
    made: list[tuple[str, str, bool]] = []
    for column in columns:
        if column.sort:
            down = gettext("%(label)s, décroissant") % {"label": column.label}
            made.append((column.key, str(column.label), chosen.sort_key == column.key))
            made.append((f"-{column.key}", down, chosen.sort_key == f"-{column.key}"))
    return made


def _line(row: Any, columns: Sequence[Column]) -> Line:
    """Format a row once; the name of a row is its head, else its first cell."""
    cells = [cell_of(column, row) for column in columns]
    name = next((cell.text for cell in cells if cell.head), cells[0].text)
    return Line(str(row.pk), name, cells)


def _total(total: int, more: bool) -> str:
    """`214`, or « plus de 1 000 »."""
    return gettext("plus de %(n)s") % {"n": formats.number(total)} if more else formats.number(total)


def _place(page: paging.Page[Any], total: int, more: bool) -> str:
    """« 26 à 50 sur 214 »."""
    if not page.rows:
        return ""
    return gettext("%(first)s à %(last)s sur %(total)s") % {
        "first": formats.number(page.first),
        "last": formats.number(page.last),
        "total": _total(max(total, page.last), more),
    }
