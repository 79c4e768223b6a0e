"""Kinds of stage: small frozen things; what each blocks and does on entry is given by the app that owns it.

    @blocks.register
    def _(kind: Review, dossier) -> list[str]: …

registered by importing the owning app's `stages.py` from its `AppConfig.ready`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class Kind:
    """A kind of stage: its code in definitions, and whether what happens in it is secret to applicants."""

    code: str = ""
    is_secret: bool = False


@dataclass(frozen=True)
class Intake(Kind):
    """The applicant writes and files."""

    code: str = "intake"


@dataclass(frozen=True)
class Check(Kind):
    """One person of the ministry checks and may ask for what is missing."""

    code: str = "check"


@dataclass(frozen=True)
class Countersign(Kind):
    """Another person confirms what the stage before proposed."""

    code: str = "countersign"


@dataclass(frozen=True)
class Review(Kind):
    """Reviewers score; it closes when the sheets are complete."""

    code: str = "review"
    is_secret: bool = True


@dataclass(frozen=True)
class Panel(Kind):
    """The committee proposes."""

    code: str = "panel"
    is_secret: bool = True


@dataclass(frozen=True)
class Decision(Kind):
    """The authority decides; the ends are fired when its decision is released."""

    code: str = "decision"
    is_secret: bool = True


@dataclass(frozen=True)
class Appeal(Kind):
    """A refusal is looked at again by other persons."""

    code: str = "appeal"


KINDS: dict[str, Kind] = {
    kind.code: kind for kind in (Intake(), Check(), Countersign(), Review(), Panel(), Decision(), Appeal())
}
USED = ("intake", "check", "countersign", "review", "panel", "decision")


def kind_of(code: str) -> Kind:
    """The kind of that code."""
    try:
        return KINDS[code]
    except KeyError:
        raise ImproperlyConfigured(f"there is no kind of stage {code!r}") from None


@singledispatch
def blocks(kind: Kind, dossier: Any) -> list[str]:
    """What stands against closing a stage of this kind, as sentences."""
    raise ImproperlyConfigured(f"no app says what a stage of kind {kind.code!r} blocks")


@singledispatch
def on_enter(kind: Kind, dossier: Any, actor: Any) -> None:
    """What happens when a dossier enters a stage of this kind, inside the verb that brought it there."""
    raise ImproperlyConfigured(f"no app says what happens on entry of a stage of kind {kind.code!r}")


def missing() -> list[str]:
    """Kinds in use for which no app gave the behaviour."""
    hooks: tuple[Callable[..., Any], ...] = (blocks, on_enter)
    return [
        f"{code} ({hook.__name__})"
        for code in USED
        for hook in hooks
        if hook.dispatch(type(KINDS[code])) is hook.dispatch(object)  # type: ignore[attr-defined]
    ]
