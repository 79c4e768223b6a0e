"""Registry of the navigation: each app adds its entries in `AppConfig.ready`, the head shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

Face = Literal["public", "applicant", "staff"]
Label = str | Promise


def everybody(user: Any) -> bool:
    """The predicate of an entry shown to all."""
    return True


def signed_in(user: Any) -> bool:
    """The predicate of an entry shown once somebody is signed in."""
    return bool(user is not None and user.is_authenticated)


@dataclass(frozen=True)
class Entry:
    """One entry of a navigation: a label, a view, who sees it, on which face, and in which place."""

    label: Label
    url_name: str
    face: Face
    predicate: Callable[[Any], bool] = everybody
    order: int = 50
    prefixes: tuple[str, ...] = field(default=())

    def href(self) -> str:
        """The address in the reader's language, empty when the view is not installed."""
        try:
            return reverse(self.url_name)
        except NoReverseMatch:
            return ""


@dataclass(frozen=True)
class Link:
    """An entry as it is written on a page."""

    label: Label
    href: str
    current: bool


_entries: dict[Face, list[Entry]] = {"public": [], "applicant": [], "staff": []}
_footer: list[Entry] = []


def register(
    label: Label,
    url_name: str,
    *,
    face: Face,
    predicate: Callable[[Any], bool] = everybody,
    order: int = 50,
    prefixes: tuple[str, ...] = (),
) -> None:
    """Add an entry to the head of a face; the same view twice on a face replaces the first.

    `prefixes` are view names (or their beginnings) for which the entry is the current one.
    """
    kept = [entry for entry in _entries[face] if entry.url_name != url_name]
    kept.append(Entry(label, url_name, face, predicate, order, prefixes))
    _entries[face] = sorted(kept, key=lambda entry: entry.order)


def register_footer(label: Label, url_name: str, *, order: int = 50) -> None:
    """Add a link to the foot of the public and applicant pages."""
    kept = [entry for entry in _footer if entry.url_name != url_name]
    kept.append(Entry(label, url_name, "public", everybody, order))
    _footer[:] = sorted(kept, key=lambda entry: entry.order)


def links(face: Face, request: HttpRequest) -> list[Link]:
    """What this person sees in the head of this face."""
    user = getattr(request, "user", None)
    seen = [(entry, entry.href()) for entry in _entries[face] if entry.predicate(user)]
    near = (href for entry, href in seen if href and _is_current(entry, href, request))
    current = max(near, key=len, default="")
    return [Link(entry.label, href, href == current) for entry, href in seen if href]


def footer_links() -> list[Link]:
    """The links of the foot."""
    return [Link(entry.label, href, current=False) for entry in _footer if (href := entry.href())]


def _is_current(entry: Entry, href: str, request: HttpRequest) -> bool:
    """The page itself, a view of its family, or an address below it (the home has nothing below)."""
    if request.path == href:
        return True
    match = getattr(request, "resolver_match", None)
    name = match.view_name if match else ""
    if name and any(name.startswith(prefix) for prefix in entry.prefixes):
        return True
    return href.count("/") > 2 - (not href.startswith("/en/")) and request.path.startswith(href)
