"""The one interface of search: index, drop, find; on the database's own index, always kept, and on one outside.

Search never answers alone: `find` and `look` give identifiers, and the caller cuts them with its own row filter.
Counts, facets, excerpts, order and pages are made from what is left after that cut, never before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models.functions import Substr

from search import postgresql, sqlite, words
from search.declare import Document, Zone
from search.models import Indexed
from search.words import Word

HEAD: tuple[Zone, ...] = ("head",)
BACKENDS = ("database", "elasticsearch")
READ_OF_FILES = 60_000  # letters of the files of a document that excerpts are cut from


class Backend(Protocol):
    """What a backend in the database does."""

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


class Hits(Protocol):
    """Some documents that hold every word."""

    @property
    def scores(self) -> dict[int, float]:
        """How well each answers, by key."""

    @property
    def score_at_head(self) -> float:
        """How well each of those answers, the rest of it unread."""

    @property
    def heads(self) -> frozenset[int]:
        """Those that hold every word at the head."""


class Outside(Protocol):
    """What an index outside the database does; each of them raises `Away` when it does not answer."""

    def index(self, source: str, documents: Sequence[Document]) -> None:
        """Write documents, replacing older versions."""

    def drop(self, source: str, keys: Sequence[int]) -> None:
        """Take documents out."""

    def rebuild(self, source: str, batches: Callable[[], Iterable[Sequence[Document]]]) -> int:
        """Fill a new index, then let it take the place of the other."""

    def is_current(self, source: str) -> bool:
        """True when it is there and made as today."""

    def hits(
        self, source: str, wanted: Sequence[Word], within: Sequence[Sequence[str]] = ()
    ) -> Iterator[Hits]:
        """Documents that hold every word, newest first, an answer at a time."""


def backend() -> Backend:
    """The index of the database in use."""
    if settings.SEARCH_BACKEND not in BACKENDS:
        raise ImproperlyConfigured(f"SEARCH_BACKEND: unknown backend {settings.SEARCH_BACKEND!r}")
    return cast(Backend, postgresql if connection.vendor == "postgresql" else sqlite)


def outside() -> Outside | None:
    """The index outside the database, where one is set; its client is not even loaded elsewhere."""
    if settings.SEARCH_BACKEND != "elasticsearch":
        return None
    from search import elastic

    return cast(Outside, elastic)


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


def look(source: str, text: str, within: Sequence[Sequence[str]] = ()) -> Iterator[Hits]:
    """The same from the index outside, newest first, an answer at a time; `within` narrows coarsely, by places."""
    asked, index_outside = words.wanted(text), outside()
    return index_outside.hits(source, asked, within) if asked and index_outside is not None else iter(())


def rank(source: str, text: str, keys: Sequence[int], *, head_only: bool = False) -> dict[int, float]:
    """How well documents answer a text: their own words weigh, nothing of any other document.

    `head_only` for those whose content is not readable yet: it moves no row either.
    """
    asked = words.wanted(text)
    return backend().rank(source, asked, keys, head_only=head_only) if asked and keys else {}


def texts(source: str, keys: Sequence[int]) -> Mapping[int, Indexed]:
    """The indexed texts of documents, to cut excerpts from."""
    rows = Indexed.objects.filter(source=source, key__in=keys).defer("files")
    return {row.key: row for row in rows}


def texts_of_files(source: str, keys: Sequence[int]) -> Mapping[int, str]:
    """The beginning of the words of their files."""
    rows = Indexed.objects.filter(source=source, key__in=keys).exclude(files="")
    return dict(rows.annotate(said=Substr("files", 1, READ_OF_FILES)).values_list("key", "said"))
