"""What apps above tell apps below: who is shut out or let in, and what a page of a thing shows.

An app that depends on a provider of an app above it *declares* it; the app above *registers* it from its
`AppConfig.ready`. A check fails when a declared one is missing: a forgotten import must never open a door.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q

QBuilder: TypeAlias = Callable[[Any], Q]
Predicate: TypeAlias = Callable[[Any, Any], bool]

NOBODY = Q(pk__in=[])


@dataclass(frozen=True)
class Provided:
    """A registered provider: what it gives, under which name, in which place among its like."""

    name: str
    gives: Callable[..., Any]
    order: int = 0


_declared: set[tuple[str, str, str]] = set()
_provided: dict[tuple[str, str], dict[str, Provided]] = {}


def _register(kind: str, label: str, name: str, gives: Callable[..., Any], order: int = 0) -> None:
    known = _provided.setdefault((kind, label.lower()), {})
    if name in known and known[name].gives is not gives:
        raise ImproperlyConfigured(f"{kind} {name!r} of {label} is registered twice")
    known[name] = Provided(name, gives, order)


def _of(kind: str, label: str) -> list[Provided]:
    return sorted(_provided.get((kind, label.lower()), {}).values(), key=lambda one: (one.order, one.name))


def declare(kind: str, label: str, name: str) -> None:
    """Say that some app must register this provider (kind: deny, deny_object, allow, tab, panel, fact …)."""
    _declared.add((kind, label.lower(), name))


def missing() -> list[str]:
    """Declared providers that nobody registered."""
    return [
        f"{kind} {name} of {label}"
        for kind, label, name in sorted(_declared)
        if name not in _provided.get((kind, label), {})
    ]


def register_deny(label: str, q_for: QBuilder, name: str) -> None:
    """Shut people out of rows of a model: `q_for(user)` tells which rows; applied last, wins over roles."""
    _register("deny", label, name, q_for)


def register_allow(label: str, q_for: QBuilder, name: str) -> None:
    """Let people see rows of a model for a reason that an app above knows (an assignment)."""
    _register("allow", label, name, q_for)


def register_object_deny(label: str, predicate: Predicate, name: str) -> None:
    """The same refusal for one row in hand: `predicate(row, user)`."""
    _register("deny_object", label, name, predicate)


def register_object_allow(label: str, predicate: Predicate, name: str) -> None:
    """The same permission for one row in hand: `predicate(row, user)`."""
    _register("allow_object", label, name, predicate)


def denied(label: str, user: Any) -> Q:
    """Rows of the model from which this person is shut out."""
    return _any("deny", label, user)


def allowed(label: str, user: Any) -> Q:
    """Rows of the model that apps above let this person see."""
    return _any("allow", label, user)


def _any(kind: str, label: str, user: Any) -> Q:
    _refuse_incomplete(kind, label)
    found = NOBODY
    for provider in _of(kind, label):
        found |= provider.gives(user)
    return found


def is_denied(row: Any, user: Any) -> bool:
    """Tell whether a person is shut out of a row in hand."""
    _refuse_incomplete("deny_object", row._meta.label)
    return any(provider.gives(row, user) for provider in _of("deny_object", row._meta.label))


def is_allowed(row: Any, user: Any) -> bool:
    """Tell whether an app above lets a person see a row in hand."""
    _refuse_incomplete("allow_object", row._meta.label)
    return any(provider.gives(row, user) for provider in _of("allow_object", row._meta.label))


def _refuse_incomplete(kind: str, label: str) -> None:
    """Never answer a question of rights while a declared provider is missing."""
    for wanted_kind, wanted_label, name in _declared:
        is_ours = (wanted_kind, wanted_label) == (kind, label.lower())
        if is_ours and name not in _provided.get((kind, label.lower()), {}):
            raise ImproperlyConfigured(f"{kind} {name!r} of {label} is declared but not registered")


def register_tab(label: str, tab: Callable[..., Any], name: str, order: int = 0) -> None:
    """Add a tab to the page of a model: `tab(row, user)` gives what the page's app draws, or None."""
    _register("tab", label, name, tab, order)


def register_panel(label: str, panel: Callable[..., Any], name: str, order: int = 0) -> None:
    """Add a panel to the page of a model: `panel(row, user)` gives a panel or None."""
    _register("panel", label, name, panel, order)


def register_fact(label: str, fact: Callable[..., Any], name: str) -> None:
    """Answer a question of an app below by name: `fact(row, …)`."""
    _register("fact", label, name, fact)


def tabs(label: str, row: Any, user: Any) -> list[Any]:
    """The tabs this person gets on the page of a row, in order."""
    return [tab for one in _of("tab", label) if (tab := one.gives(row, user)) is not None]


def panels(label: str, row: Any, user: Any) -> list[Any]:
    """The panels this person gets on the page of a row, in order."""
    return [panel for one in _of("panel", label) if (panel := one.gives(row, user)) is not None]


def fact(label: str, name: str, *args: Any, **kwargs: Any) -> Any:
    """Ask an app above a question that it registered under this name."""
    provider = _provided.get(("fact", label.lower()), {}).get(name)
    if provider is None:
        raise ImproperlyConfigured(f"fact {name!r} of {label} is not registered")
    return provider.gives(*args, **kwargs)
