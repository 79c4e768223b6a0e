"""Feeding the index from what apps declared: some documents after an event, or all of them again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from search import interface
from search.declare import source_of
from search.models import Indexed

BATCH = 200


def refresh(label: str, keys: Sequence[int]) -> int:
    """Read these things again: write those that belong in the index, take the others out; how many were written."""
    documents = list(source_of(label).read(keys))
    interface.index(label, documents)
    present = {one.key for one in documents}
    interface.drop(label, [key for key in keys if key not in present])
    return len(documents)


def rebuild(label: str) -> tuple[int, int]:
    """Write everything again in place, then take out what is gone: (written, dropped); searches go on meanwhile."""
    before = set(Indexed.objects.filter(source=label).values_list("key", flat=True))
    written, seen = 0, set[int]()
    for batch in _batches(source_of(label).keys()):
        written += refresh(label, batch)
        seen.update(batch)
    gone = sorted(before - seen)
    interface.drop(label, gone)
    return written, len(gone)


def _batches(keys: Iterable[int]) -> Iterable[list[int]]:
    rest = iter(keys)
    while batch := list(islice(rest, BATCH)):
        yield batch
