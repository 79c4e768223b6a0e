"""A cell: one typed value formatted once, as flat HTML, so that a template loops and includes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from web import clock, formats

if TYPE_CHECKING:
    from web.lists import Column


@dataclass(frozen=True)
class Cell:
    """What the template writes: `html` inside, `css` and `label` on the cell, `text` for those who ask."""

    text: str
    html: SafeString
    css: str
    label: Any
    head: bool


def _year() -> int:
    return clock.today().year


TEXTS: dict[str, Callable[[Any], str]] = {
    "text": formats.tr,
    "int": formats.number,
    "money": formats.money,
    "percent": formats.percent,
    "date": lambda value: formats.date_short(value, this_year=_year()),
    "datetime": lambda value: formats.datetime_short(value, this_year=_year()),
    "state": lambda value: formats.tr(value.label),
    "bool": lambda value: gettext("Oui") if value else gettext("Non"),
}
CLASSES = {
    "int": "n",
    "money": "n",
    "percent": "n",
    "date": "num",
    "datetime": "num",
}


def cell_of(column: Column, row: Any) -> Cell:
    """Read a row through a column and write the cell."""
    value = column.value(row)
    if value is None or value == "":
        return Cell("", SafeString(""), CLASSES.get(column.kind, ""), column.label, column.head)
    text = TEXTS[column.kind](value)
    html: SafeString = conditional_escape(text)
    if column.typed and formats.language() != "fr":
        html = format_html('<span lang="fr">{}</span>', text)
    if column.kind == "state":
        html = format_html('<span class="tag" data-s="{}">{}</span>', value.code, text)
    elif column.kind in ("date", "datetime"):
        html = format_html('<time datetime="{}">{}</time>', value.isoformat(), text)
    if column.href is not None and (address := column.href(row)):
        html = format_html('<a href="{}">{}</a>', address, html)
    css = CLASSES.get(column.kind, "num" if column.href and not (column.cut or column.head) else "")
    if column.cut:
        html = mark_safe(f"<span>{html}</span>")  # noqa: S308 - escaped above
        css = f"{css} cut".strip()
    if column.dim:
        css = f"{css} dim".strip()
    return Cell(text, html, css, column.label, column.head)
