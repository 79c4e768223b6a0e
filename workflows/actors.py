"""Who acts: a person, or a system actor that was declared with a label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured

Person: TypeAlias = AbstractBaseUser

_labels: dict[str, object] = {}


@dataclass(frozen=True)
class SystemActor:
    """The site acting by a rule of its own, on behalf of a person where there is one."""

    code: str
    behalf: Person | None = None

    is_active = True

    @property
    def label(self) -> str:
        """The words that a timeline shows."""
        return str(_labels[self.code])


Actor: TypeAlias = AbstractBaseUser | SystemActor


def declare_system_actor(code: str, label: object) -> None:
    """Make a system actor known; its code appears in events as `system:CODE`."""
    known = _labels.get(code)
    if known is not None and str(known) != str(label):
        raise ImproperlyConfigured(f"system actor {code!r} is declared twice")
    _labels[code] = label


def system_actor_label(code: str) -> str:
    """The label of a declared system actor, else its code."""
    return str(_labels.get(code, code))


def actor_text(actor: Actor) -> str:
    """The actor as events write it: `user:7` or `system:release`."""
    if isinstance(actor, SystemActor):
        if actor.code not in _labels:
            raise ImproperlyConfigured(f"system actor {actor.code!r} was never declared")
        return f"system:{actor.code}"
    if actor.pk is None:
        raise ImproperlyConfigured("an actor must be a stored person or a declared system actor")
    return f"user:{actor.pk}"


def behalf_text(actor: Actor, behalf: Person | None = None) -> str | None:
    """On whose behalf, as events write it, or nothing."""
    person = behalf or (actor.behalf if isinstance(actor, SystemActor) else None)
    return None if person is None else f"user:{person.pk}"
