"""What apps above add to claims: dossiers to withdraw on a refusal, and which claims press."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accounts.models import Membership
    from workflows.actors import Actor
    from workflows.lifecycle import LockTarget


@dataclass(frozen=True)
class ClaimConfirmed:
    """What else a confirmation does: the rows it locks first, then its effect inside the same unit."""

    locks: Callable[[Membership], Iterable[LockTarget]]
    effect: Callable[..., Any]


@dataclass(frozen=True)
class ClaimRefused:
    """What else a refusal does: the rows it locks first, then its effect inside the same unit."""

    locks: Callable[[Membership], Iterable[LockTarget]]
    effect: Callable[..., Any]


_refused: dict[str, ClaimRefused] = {}
_confirmed: dict[str, ClaimConfirmed] = {}
_closing: list[Callable[[Iterable[Membership]], dict[int, datetime]]] = []


def register_claim_refused(
    name: str,
    locks: Callable[[Membership], Iterable[LockTarget]],
    effect: Callable[..., Any],
) -> None:
    """Add an effect of a refused claim: `effect(membership, actor=…, reason=…)`, in the unit of the refusal."""
    _refused[name] = ClaimRefused(locks, effect)


def register_claim_confirmed(
    name: str,
    locks: Callable[[Membership], Iterable[LockTarget]],
    effect: Callable[..., Any],
) -> None:
    """Add an effect of a confirmed claim: `effect(membership, actor=…)`, in the unit of the confirmation."""
    _confirmed[name] = ClaimConfirmed(locks, effect)


def confirmation_locks(membership: Membership) -> list[LockTarget]:
    """Every row that the effects of a confirmation touch."""
    return [row for hook in _confirmed.values() for row in hook.locks(membership)]


def apply_confirmation(membership: Membership, *, actor: Actor) -> None:
    """Run the effects of a confirmation."""
    for hook in _confirmed.values():
        hook.effect(membership, actor=actor)


def register_claim_closings(closings: Callable[[Iterable[Membership]], dict[int, datetime]]) -> None:
    """Give the nearest closing instant of what each claimant began, by key of membership."""
    _closing[:] = [closings]


def refusal_locks(membership: Membership) -> list[LockTarget]:
    """Every row that the effects of a refusal touch."""
    return [row for hook in _refused.values() for row in hook.locks(membership)]


def apply_refusal(membership: Membership, *, actor: Actor, reason: str) -> None:
    """Run the effects of a refusal."""
    for hook in _refused.values():
        hook.effect(membership, actor=actor, reason=reason)


def closings(claims: Iterable[Membership]) -> dict[int, datetime]:
    """The nearest closing for each claim, where there is one."""
    return _closing[0](claims) if _closing else {}
