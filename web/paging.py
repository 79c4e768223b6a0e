"""Keyset pages: previous and next cost the same at any depth, and no statement skips rows.

A cursor holds the sort value and the key of the row at an edge of the page, with the place of that row, so
that the page can say « 26 à 50 » without counting what comes before.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import F, Model, Q, QuerySet

Row = TypeVar("Row")
ORDER = "page_order"
LIMIT = 2_000_000_000


@dataclass(frozen=True)
class Cursor:
    """An edge: read the rows after it, or before it when `backward`; `place` is the edge row's own place."""

    backward: bool
    value: str
    pk: str
    place: int

    def token(self) -> str:
        """The cursor as it is written in an address."""
        raw = json.dumps([int(self.backward), self.value, self.pk, self.place], ensure_ascii=False)
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def read_cursor(token: str) -> Cursor | None:
    """The cursor of an address, or nothing when it is not one of ours."""
    if not token or len(token) > 2000:
        return None
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        backward, value, pk, place = json.loads(raw)
    except (ValueError, binascii.Error, TypeError, RecursionError):
        return None
    if not (isinstance(value, str) and isinstance(pk, str) and type(place) is int and 1 <= place <= LIMIT):
        return None
    if "\x00" in value or "\x00" in pk or backward not in (0, 1):
        return None
    return Cursor(bool(backward), value, pk, place)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows with the places of the first and the last, and the cursors of the pages beside."""

    rows: list[Row]
    first: int
    last: int
    previous: Cursor | None
    next: Cursor | None


def count_up_to(queryset: QuerySet[Any], bound: int) -> tuple[int, bool]:
    """The number of rows, and whether it stops at the bound (« plus de 1 000 »): work never grows past it."""
    found = queryset.order_by().values("pk")[: bound + 1].count()
    return (bound, True) if found > bound else (found, False)


def page_of(
    queryset: QuerySet[Any], *, sort: str, descending: bool, size: int, cursor: Cursor | None = None
) -> Page[Any]:
    """One page of a queryset ordered by a NOT NULL expression, then by key, in the same direction."""
    order, ordered = sort, queryset
    if "__" in sort or sort == "pk":  # of another table; what the rows hold is named once
        order, ordered = ORDER, queryset.annotate(**{ORDER: F(sort)})
    edge = _edge(ordered, order, cursor) if cursor else None
    if cursor is None or edge is None:
        return _forward(ordered, order, descending, size, 1)
    beside = ordered.filter(_beyond(edge, order, greater=descending == cursor.backward))
    if cursor.backward:
        page = _backward(beside, order, descending, size, cursor.place)
    else:
        page = _forward(beside, order, descending, size, cursor.place + 1)
    return page if page.rows else _forward(ordered, order, descending, size, 1)


def _edge(queryset: QuerySet[Any], order: str, cursor: Cursor) -> tuple[Any, Any] | None:
    """The two values of a cursor with the types of their columns."""
    made = queryset.query.annotations.get(order)
    field: Any = made.output_field if made is not None else queryset.model._meta.get_field(order)
    try:
        value = field.to_python(cursor.value)
        key = queryset.model._meta.pk.to_python(cursor.pk)
    except (ValidationError, ValueError, ArithmeticError):
        return None
    return value, key


def _beyond(edge: tuple[Any, Any], order: str, *, greater: bool) -> Q:
    """Rows past the edge; the first condition lets an index start at the right place."""
    value, key = edge
    way = "gt" if greater else "lt"
    past = Q(**{f"{order}__{way}": value}) | Q(**{f"pk__{way}": key})
    return Q(**{f"{order}__{way}e": value}) & past


def _forward(queryset: QuerySet[Any], order: str, descending: bool, size: int, first: int) -> Page[Any]:
    """The page that starts at this place."""
    sign = "-" if descending else ""
    found = list(queryset.order_by(f"{sign}{order}", f"{sign}pk")[: size + 1])
    rows = found[:size]
    last = first + len(rows) - 1
    before = _cursor(rows[0], order, first, backward=True) if rows and first > 1 else None
    after = _cursor(rows[-1], order, last, backward=False) if len(found) > size else None
    return Page(rows, first if rows else 0, max(last, 0), before, after)


def _backward(queryset: QuerySet[Any], order: str, descending: bool, size: int, place: int) -> Page[Any]:
    """The page that ends just before this place."""
    sign = "" if descending else "-"
    found = list(queryset.order_by(f"{sign}{order}", f"{sign}pk")[: size + 1])
    rows = found[:size][::-1]
    more = len(found) > size
    first = max(place - len(rows), 2) if more else 1
    last = first + len(rows) - 1
    before = _cursor(rows[0], order, first, backward=True) if more else None
    after = _cursor(rows[-1], order, last, backward=False) if rows else None
    return Page(rows, first if rows else 0, max(last, 0), before, after)


def _cursor(row: Model, order: str, place: int, *, backward: bool) -> Cursor:
    """The cursor at a row."""
    value = getattr(row, order)
    if value is None:
        raise ValueError("A list is sorted by a NOT NULL column only.")
    text = value.isoformat() if isinstance(value, (date, datetime)) else str(value)
    return Cursor(backward, text, str(row.pk), place)
