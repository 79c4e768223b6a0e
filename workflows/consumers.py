"""Who reads events: each consumer gets its own delivery of each event it wants."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from workflows.models import Event


@dataclass(frozen=True)
class Consumer:
    """A declared reader of events; `loads` tells whether a bulk load may address it."""

    name: str
    wants: Callable[[Event], bool]
    handle: Callable[[Event], None]
    loads: bool = False


_consumers: dict[str, Consumer] = {}


def register_consumer(
    name: str, wants: Callable[[Event], bool], handle: Callable[[Event], None], *, loads: bool = False
) -> None:
    """Declare a reader. `handle` may run twice for one event: its rows are single by a unique key.

    `loads=True` lets `bulk_load` address it (search, letters); a reader that sends mail never says so.
    """
    if name in _consumers and _consumers[name].handle is not handle:
        raise ImproperlyConfigured(f"consumer {name!r} is registered twice")
    _consumers[name] = Consumer(name, wants, handle, loads)


def forget_consumer(name: str) -> None:
    """Undo a registration (tests)."""
    _consumers.pop(name, None)


def consumer(name: str) -> Consumer | None:
    """The consumer of that name, if it is registered here."""
    return _consumers.get(name)


def readers(event: Event, only: Collection[str] | None = None) -> list[str]:
    """Names of the consumers that want this event."""
    return [
        one.name
        for one in _consumers.values()
        if (only is None or (one.name in only and one.loads)) and one.wants(event)
    ]
