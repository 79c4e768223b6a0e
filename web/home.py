"""The home of every role: « what awaits me », oldest first, from providers that each app registers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from web.nav import Label


@dataclass(frozen=True)
class Todo:
    """One thing that waits for this person.

    `since` orders the list (oldest first); `due` is the instant it is expected by; `order`, when given, is
    the instant that places it in its group; `state` is one of the signs of the look (warn, now, in_progress,
    waitlisted …); `group` is the heading it stands under.
    """

    group: Label
    who: str
    text: Label
    url: str
    since: datetime
    due: datetime | None = None
    note: str = ""
    act: Label = ""
    state: str = "now"
    rank: int = 50
    order: datetime | None = None


@dataclass(frozen=True)
class Group:
    """Things of one kind, oldest first."""

    label: Label
    state: str
    todos: list[Todo]
    total: int


@dataclass(frozen=True)
class Hint:
    """What to do when nothing waits: one sentence and one way out."""

    text: Label
    url: str
    label: Label
    alone: bool = False  # the role has nothing to do with calls: they are not proposed beside it


Provider = Callable[[Any], Iterable[Todo]]
_providers: dict[str, Provider] = {}
_staff: list[Callable[[Any], bool]] = []
_hints: list[Callable[[Any], Hint | None]] = []
SHOWN = 12


def register_todo(name: str, provider: Provider) -> None:
    """Add a source of things to do; the same name replaces the earlier one."""
    _providers[name] = provider


def register_staff(predicate: Callable[[Any], bool]) -> None:
    """Add a test that tells whether this person works for the ministry or on a panel (staff face)."""
    _staff.append(predicate)


def is_staff(user: Any) -> bool:
    """Tell whether any app knows this person as staff; everybody else gets the applicant's face."""
    return any(predicate(user) for predicate in _staff)


def register_hint(hint: Callable[[Any], Hint | None]) -> None:
    """Add a source of hints for an empty home."""
    _hints.append(hint)


def hints(user: Any) -> list[Hint]:
    """Ways out of an empty home."""
    return [found for hint in _hints if (found := hint(user)) is not None]


def todos(user: Any) -> list[Group]:
    """Everything that awaits this person, grouped, the most pressing group first."""
    gathered: dict[str, list[Todo]] = {}
    for name in sorted(_providers):
        for todo in _providers[name](user):
            gathered.setdefault(str(todo.group), []).append(todo)
    groups = []
    for items in gathered.values():
        items.sort(key=lambda todo: (todo.order or todo.due or todo.since, todo.since, todo.url))
        groups.append(
            (items[0].rank, items[0].since, Group(items[0].group, items[0].state, items[:SHOWN], len(items)))
        )
    groups.sort(key=lambda entry: (entry[0], entry[1]))
    return [group for _, _, group in groups]
