"""The one interface of search: index, drop, find. The backend is chosen by the setting `SEARCH_BACKEND`.

Search never answers alone: `find` gives what stands on the right of `pk__in`, and the caller cuts it with its own
row filter. Counts, facets, excerpts, order and pages are made from what is left after that cut, never before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from search import postgresql, sqlite, words
from search.declare import Document, Zone
from search.models import Indexed
from search.words import Word

HEAD: tuple[Zone, ...] = ("head",)


class Backend(Protocol):
    """What a backend does."""

    def index(self, source: str, documents: Sequence[Document]) -> None:
        """Write documents, replacing older versions."""

    def drop(self, source: str, keys: Sequence[int]) -> None:
        """Take documents out."""

    def find(self, source: str, wanted: Sequence[Word], *, head_only: bool) -> Any:
        """Keys of the documents that hold every word, as the right side of `pk__in`."""

    def rank(
        self, source: str, wanted: Sequence[Word], keys: Sequence[int], *, head_only: bool
    ) -> dict[int, float]:
        """How well some documents answer, from these documents alone."""


def backend() -> Backend:
    """The backend in use."""
    if settings.SEARCH_BACKEND != "database":
        raise ImproperlyConfigured(f"SEARCH_BACKEND: unknown backend {settings.SEARCH_BACKEND!r}")
    return cast(Backend, postgresql if connection.vendor == "postgresql" else sqlite)


def index(source: str, documents: Iterable[Document]) -> None:
    """Write documents; an older version never replaces a newer one."""
    if rows := list(documents):
        backend().index(source, rows)


def drop(source: str, keys: Iterable[int]) -> None:
    """Take documents out."""
    if rows := list(keys):
        backend().drop(source, rows)


def find(source: str, text: str, *, head_only: bool = False) -> Any:
    """Keys of the documents that hold every word of a text, for `pk__in`; every sign in it is harmless.

    `head_only` looks into what may be read before the content is.
    """
    asked = words.wanted(text)
    return backend().find(source, asked, head_only=head_only) if asked else []


def rank(source: str, text: str, keys: Sequence[int], *, head_only: bool = False) -> dict[int, float]:
    """How well documents answer a text: their own words weigh, nothing of any other document.

    `head_only` for those whose content is not readable yet: it moves no row either.
    """
    asked = words.wanted(text)
    return backend().rank(source, asked, keys, head_only=head_only) if asked and keys else {}


def texts(source: str, keys: Sequence[int]) -> Mapping[int, Indexed]:
    """The indexed texts of documents, to cut excerpts from."""
    return {row.key: row for row in Indexed.objects.filter(source=source, key__in=keys)}
