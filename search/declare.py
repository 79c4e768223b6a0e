"""What an app says of what can be found: the documents of a model, by zone, and how they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.core.exceptions import ImproperlyConfigured

Zone = Literal["head", "title", "summary", "body", "files"]
# What a word weighs by where it stands. `head` is what a list shows before anything may be read.
# Words of files are found, and weigh nothing: a long file is not a better answer.
WEIGHTS: dict[Zone, float] = {"head": 1.0, "title": 1.0, "summary": 0.4, "body": 0.1}
ZONES: tuple[Zone, ...] = ("head", "title", "summary", "body")


@dataclass(frozen=True)
class Document:
    """One thing that can be found; a newer version is never replaced by an older one.

    `revision` tells apart two readings of one version (the words of its files came later). `places` are what a
    search may be narrowed to (`call:3`), `at` orders documents, the greatest first; both for an index outside.
    """

    key: int
    version: int = 1
    head: str = ""
    title: str = ""
    summary: str = ""
    body: str = ""
    files: str = ""
    revision: int = 0
    places: tuple[str, ...] = ()
    at: int = 0


class Away(Exception):
    """The index outside does not answer, or is not there yet; the database does."""


class Unfit(Away):
    """It answers, and refuses what is asked: waiting will not mend it."""


@dataclass(frozen=True)
class Source:
    """A kind of thing: every key that belongs in the index, and the documents of some keys."""

    label: str
    keys: Callable[[], Iterable[int]]
    read: Callable[[Sequence[int]], Iterable[Document]]


_sources: dict[str, Source] = {}


def declare(source: Source) -> None:
    """Say that things of this kind can be found; called once by its app, when the site starts."""
    known = _sources.get(source.label)
    if known is not None and known != source:
        raise ImproperlyConfigured(f"search source {source.label!r} is declared twice")
    _sources[source.label] = source


def source_of(label: str) -> Source:
    """The declared source of that label."""
    if label not in _sources:
        raise ImproperlyConfigured(f"search source {label!r} is not declared")
    return _sources[label]


def sources() -> list[Source]:
    """Every declared source, by label."""
    return [_sources[label] for label in sorted(_sources)]
