"""The one way by which this app asks for a secret message; the app of messages gives the sender.

Nothing is sent here, nor inside a request: the sender writes a row, encrypted, that a worker takes. No part of a
message is logged or recorded in an event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.utils.translation import get_language, override

# kind → the facts that its text may use
KINDS: dict[str, tuple[str, ...]] = {
    "password_reset": ("link",),
    "sign_in_code": ("code",),
    "email_code": ("code",),
    "account_exists": ("link",),
    "unknown_account": ("link",),
    "account_created": ("link", "by"),
    "factor_on": ("link",),
    "factor_off": ("link",),
    "factor_reset": ("link", "reason"),
    "recovery_used": ("link", "left"),
    "invitation": ("link", "by", "role", "thing", "until"),
}


@dataclass(frozen=True)
class SecretMessage:
    """What is to be sent to one address: its kind, its language and its facts, secrets among them."""

    kind: str
    to: str
    language: str
    user_id: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict, repr=False)


Sender = Callable[[SecretMessage], None]
_senders: list[Sender] = []


def register_sender(sender: Sender) -> None:
    """Give the function that stores a secret message; the last one registered is the one used."""
    _senders[:] = [sender]


def send_secret(kind: str, *, to: str, language: str, user_id: int | None = None, **facts: str) -> None:
    """Ask for a secret message; refused when its kind or a fact is unknown, or when nobody stores messages."""
    allowed = KINDS.get(kind)
    if allowed is None or set(facts) - set(allowed):
        raise ImproperlyConfigured(f"secret message {kind!r} with facts {sorted(facts)} is not declared")
    if not _senders:
        raise ImproperlyConfigured("no sender of secret messages is registered")
    _senders[0](SecretMessage(kind, to, language, user_id, facts))


def address(view: str, *args: Any, language: str | None = None) -> str:
    """Absolute address of a page in the reader's language, from the settings and never from the request."""
    with override("en" if (language or get_language() or "fr").startswith("en") else "fr-ca"):
        return settings.SITE_URL + reverse(view, args=args)


def here() -> str:
    """The two letters of the language of this request."""
    return "en" if (get_language() or "fr").startswith("en") else "fr"
