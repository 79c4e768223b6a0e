"""The engines of search under one face, for the contract: the database's own, and Elasticsearch when it answers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from django.conf import settings as django_settings
from django.test import override_settings

from search import elastic, feed, interface
from search.declare import Document
from search.models import Indexed
from tests import services


class Engine(Protocol):
    """What the contract asks of an engine; clean: it holds what it was given first and nothing was written since."""

    is_clean: bool

    def reset(self) -> None: ...

    def index(self, source: str, documents: Iterable[Document]) -> None: ...

    def drop(self, source: str, keys: Iterable[int]) -> None: ...

    def found(self, source: str, text: str, *, head_only: bool = False) -> set[int]: ...

    def rank(
        self, source: str, text: str, keys: list[int], *, head_only: bool = False
    ) -> dict[int, float]: ...

    def rebuild(self, source: str) -> int: ...

    def refresh(self, source: str, keys: list[int]) -> int: ...


class Database:
    """FTS5 or PostgreSQL, whichever the suite runs on; the transaction of a test takes its rows back."""

    is_clean = False

    def reset(self) -> None:
        """Nothing to do."""

    def index(self, source: str, documents: Iterable[Document]) -> None:
        interface.index(source, documents)

    def drop(self, source: str, keys: Iterable[int]) -> None:
        interface.drop(source, keys)

    def found(self, source: str, text: str, *, head_only: bool = False) -> set[int]:
        keys = interface.find(source, text, head_only=head_only)
        return set(Indexed.objects.filter(source=source, key__in=keys).values_list("key", flat=True))

    def rank(self, source: str, text: str, keys: list[int], *, head_only: bool = False) -> dict[int, float]:
        return interface.rank(source, text, keys, head_only=head_only)

    def rebuild(self, source: str) -> int:
        return feed.rebuild(source)[0]

    def refresh(self, source: str, keys: list[int]) -> int:
        return feed.refresh(source, keys)


class Elastic:
    """The real Elasticsearch; what was written is shown at once."""

    is_clean = False

    def reset(self) -> None:
        wipe()

    def index(self, source: str, documents: Iterable[Document]) -> None:
        self.is_clean = False
        self._there(source)
        elastic.index(source, list(documents))
        elastic.refresh(source)

    def drop(self, source: str, keys: Iterable[int]) -> None:
        self.is_clean = False
        elastic.drop(source, list(keys))
        elastic.refresh(source)

    def hits(self, source: str, text: str) -> Iterator[interface.Hits]:
        return interface.look(source, text)

    def found(self, source: str, text: str, *, head_only: bool = False) -> set[int]:
        return {key for one in self.hits(source, text) for key in (one.heads if head_only else one.scores)}

    def rank(self, source: str, text: str, keys: list[int], *, head_only: bool = False) -> dict[int, float]:
        best = {key: score for one in self.hits(source, text) for key, score in one.scores.items()}
        if head_only:
            best = {key: one.score_at_head for one in self.hits(source, text) for key in one.heads}
        return {key: best.get(key, 0.0) for key in keys}

    def rebuild(self, source: str) -> int:
        self.is_clean = False
        return feed.rebuild_outside(source)

    def refresh(self, source: str, keys: list[int]) -> int:
        written = feed.refresh_outside(source, keys)
        elastic.refresh(source)
        return written

    def _there(self, source: str) -> None:
        if not elastic.is_current(source):
            elastic.rebuild(source, lambda: iter(()))


@contextmanager
def elasticsearch(**more: Any) -> Iterator[Elastic]:
    """Search set to the real Elasticsearch, with indices of this process alone, wiped at the end."""
    name, address = f"test-{os.getpid()}", services.elasticsearch()
    kept = elastic.GRACE, elastic.SEARCH_SECONDS, elastic.FEED_SECONDS
    elastic.GRACE, elastic.SEARCH_SECONDS, elastic.FEED_SECONDS = (
        0.0,
        10.0,
        20.0,
    )  # a loaded machine is not away
    given = {"ELASTICSEARCH_URL": address, "ELASTICSEARCH_INDEX": name, **more}
    with override_settings(SEARCH_BACKEND="elasticsearch", **given):
        elastic.forget_silence()
        wipe()
        try:
            yield Elastic()
        finally:
            elastic.GRACE, elastic.SEARCH_SECONDS, elastic.FEED_SECONDS = kept
            with override_settings(ELASTICSEARCH_URL=address):
                wipe()
            elastic.forget_silence()


def wipe() -> None:
    """Take away every index of this process, by name."""
    server = elastic.client().options(ignore_status=404, request_timeout=20)
    for name in list(
        server.indices.get(index=f"{django_settings.ELASTICSEARCH_INDEX}-*", expand_wildcards="all").body
    ):
        server.indices.delete(index=name, ignore_unavailable=True)
