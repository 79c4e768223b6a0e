"""Lists by name: a page and an export call the same function, which builds the list anew for a person.

Each app registers its lists. Built for somebody who may not read it, a list does not exist (`Http404`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, QueryDict
from django.urls import reverse

from web.lists import (
    KEPT,
    PAGE,
    Column,
    Filter,
    Label,
    ListPage,
    Rows,
    Search,
    Selection,
    build_list,
    href,
    select,
)
from web.models import SavedView


@dataclass(frozen=True)
class Pack:
    """Another kind of file for the rows of a list (what hangs on them, say), written in pieces.

    `refuses` says in a sentence why these rows are too many, or nothing; `is_short` whether the file stays in the
    request; `stands` whether the file of these keys, begun at an instant, may still be given.
    """

    label: Label
    type: str
    refuses: Callable[[Rows], str]
    is_short: Callable[[Rows], bool]
    chunks: Callable[[Any, Sequence[int], Callable[[Sequence[Any]], None] | None], Iterator[bytes]]
    stands: Callable[[Sequence[int], datetime], bool]

    def of(
        self, user: Any, chosen: Selection, step: Callable[[Sequence[Any]], None] | None = None
    ) -> Iterator[bytes]:
        """The file of the rows of a view, in their order."""
        return self.chunks(user, list(chosen.ordered().values_list("pk", flat=True)), step)


@dataclass(frozen=True)
class Table:
    """A list as one person may read it, before the address narrows it.

    `share` names foreign keys that lead to few rows, read once an export instead of once a row; `record`
    writes that rows were taken away (person, rows, format); `found` is what the page reuses. A page that
    computes its rows (a ranking) gives them as `fixed`, in their `order` in words; `rows` are what they are of.
    """

    rows: Rows
    columns: Sequence[Column]
    default_sort: str
    filters: Sequence[Filter] | Callable[[], Sequence[Filter]] = ()
    search: Search | None = None
    size: int = 25
    bound: int = 1000
    share: Sequence[str] = ()
    record: Callable[[Any, Rows, str], None] | None = None
    packs: Mapping[str, Pack] = field(default_factory=dict)
    fixed: Sequence[Any] | None = None
    order: Label = ""
    found: Any = None
    key: str = ""
    part: str = ""

    def offered(self) -> Sequence[Filter]:
        """The filters; what they offer may cost a statement, so an export without any does not ask."""
        return self.filters() if callable(self.filters) else self.filters

    def select(self, asked: QueryDict) -> Selection:
        """Rows, order and columns of an address."""
        filters = self.offered() if asked.keys() - {*KEPT, PAGE} else ()
        made = select(Address(asked), self.rows, self.columns, filters, self.default_sort, search=self.search)
        return made if self.fixed is None else replace(made, fixed=self.fixed, sort_label=self.order)


@dataclass
class Address:
    """The address of a view without its request."""

    GET: QueryDict


Build = Callable[[Any, str], Table]


@dataclass(frozen=True)
class Kind:
    """A registered list: how it is called, built, and at which address it is drawn."""

    key: str
    title: Label
    build: Build
    page: Callable[[str], str]
    definitions: Mapping[str, Label]


_kinds: dict[str, Kind] = {}
_rights: dict[str, Callable[[Any], Iterable[Any]]] = {}


def register(
    key: str,
    title: Label,
    build: Build,
    page: str,
    *,
    definitions: Mapping[str, Label],
    has_parts: bool = False,
) -> None:
    """Give a list its name; `page` is the view that draws it, whose argument is the part when there are some.

    `definitions` says in one sentence what each column holds: an export is read far from the page.
    """

    def address(part: str) -> str:
        return reverse(page, args=[part] if has_parts else [])

    _kinds[key] = Kind(key, title, build, address, definitions)


def kinds() -> list[Kind]:
    """Every registered list."""
    return [_kinds[key] for key in sorted(_kinds)]


def kind_of(key: str) -> Kind | None:
    """A registered list."""
    return _kinds.get(key)


def build(user: Any, key: str, part: str = "") -> Table:
    """The list of this name for this person; 404 when there is none for him or her."""
    kind = _kinds.get(key)
    if kind is None:
        raise Http404
    made = kind.build(user, part)
    columns = [replace(one, help=kind.definitions.get(one.key, "")) for one in made.columns]
    return replace(made, columns=columns, key=key, part=part)


def draw(request: HttpRequest, table: Table) -> ListPage:
    """One page of a list, with what takes it away."""
    page = build_list(
        request,
        table.rows,
        table.columns,
        table.offered(),
        table.default_sort,
        search=table.search,
        size=table.size,
        bound=table.bound,
    )
    return replace(page, take=Take(table, page.selection, request.user)) if table.key else page


def take_of(request: HttpRequest, table: Table) -> Take:
    """What takes away a list that its page draws itself."""
    return Take(table, table.select(request.GET), request.user)


# --- what stands beside a list --------------------------------------------------------------------------
@dataclass(frozen=True)
class Kept:
    """A kept view as a list shows it."""

    pk: int
    name: str
    href: str
    current: bool


@dataclass
class Take:
    """Addresses of what can be done with a view: taken away, kept under a name."""

    table: Table
    chosen: Selection
    user: Any

    def _address(self, view: str) -> str:
        args = [self.table.key, self.table.part] if self.table.part else [self.table.key]
        return reverse(view, args=args) + href(self.chosen.params)

    @property
    def export_href(self) -> str:
        """Where the form of an export is sent."""
        return self._address("export")

    @property
    def keep_href(self) -> str:
        """Where the name of a view is sent."""
        return self._address("view_keep")

    @cached_property
    def views(self) -> list[Kept]:
        """The views this person kept of this list: one statement."""
        kind, here = _kinds[self.table.key], query_of(self.chosen)
        rows = SavedView.objects.filter(user_id=self.user.pk, table=self.table.key, part=self.table.part)
        return [
            Kept(row.pk, row.name, f"{kind.page(row.part)}?{row.query}", row.query == here)
            for row in rows.order_by("name")
        ]


def query_of(chosen: Selection) -> str:
    """The address of a view, without its page, as it is kept."""
    return urlencode({key: list(values) for key, values in chosen.params.items() if values}, doseq=True)


# --- rights ---------------------------------------------------------------------------------------------
def register_rights(name: str, read: Callable[[Any], Iterable[Any]]) -> None:
    """Add what an app knows of the rights of a person: a file made under others is made again."""
    _rights[name] = read


def rights_of(user: Any) -> str:
    """A digest of what this person holds now."""
    held = {name: sorted(str(one) for one in read(user)) for name, read in _rights.items()}
    return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()
