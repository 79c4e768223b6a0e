"""Feeding the index from what apps declared: some documents after an event, or all of them again.

The database's own index is always kept. The index outside (`SEARCH_BACKEND=elasticsearch`) is fed apart, so that a
server that does not answer holds up nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from search import interface
from search.declare import Document, source_of
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


def refresh_outside(label: str, keys: Sequence[int]) -> int:
    """The same on the index outside; `Away` when it does not answer, to be done again later."""
    outside = interface.outside()
    if outside is None:
        return 0
    documents = list(source_of(label).read(keys))
    present = {one.key for one in documents}
    if documents:
        outside.index(label, documents)
    if gone := [key for key in keys if key not in present]:
        outside.drop(label, gone)
    return len(documents)


def rebuild_outside(label: str) -> int:
    """Fill a new index outside and let it take the place of the one that is asked; how many documents."""
    outside = interface.outside()
    return outside.rebuild(label, lambda: _documents(label)) if outside is not None else 0


def keep_outside(label: str) -> bool:
    """Fill the index outside when there is none, or one of an older mapping; True when it was filled."""
    outside = interface.outside()
    if outside is None or outside.is_current(label):
        return False
    rebuild_outside(label)
    return True


def _documents(label: str) -> Iterator[Sequence[Document]]:
    for batch in _batches(source_of(label).keys()):
        yield list(source_of(label).read(batch))


def _batches(keys: Iterable[int]) -> Iterable[list[int]]:
    rest = iter(keys)
    while batch := list(islice(rest, BATCH)):
        yield batch
