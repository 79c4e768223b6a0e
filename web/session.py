"""How long a session still lasts: it slides while the person works, and the page can say when it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from web import clock

STAMP = "seen_at"
# The session is written again at most once in this share of its life.
SHARE = 24


Witness = Callable[[HttpRequest, Any], None]
_witnesses: list[Witness] = []


def register_witness(witness: Witness) -> None:
    """Add a function `(request, user)` that is told when a session begins or is prolonged."""
    if witness not in _witnesses:
        _witnesses.append(witness)


def _present() -> int:
    return int(clock.now().timestamp())


def touch(request: HttpRequest, user: Any = None) -> None:
    """Start the life of the session again."""
    request.session[STAMP] = _present()
    for witness in _witnesses:
        witness(request, user if user is not None else request.user)


def slide(request: HttpRequest) -> None:
    """Prolong the session of somebody at work, without a write on each request."""
    stamp = request.session.get(STAMP)
    if stamp is None or _present() - stamp >= settings.SESSION_COOKIE_AGE // SHARE:
        touch(request)


def seconds_left(request: HttpRequest) -> int:
    """Seconds before the session ends; 0 for somebody who is not signed in."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return 0
    stamp = request.session.get(STAMP)
    spent = _present() - stamp if stamp is not None else 0
    return max(0, settings.SESSION_COOKIE_AGE - spent)


def on_sign_in(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """Stamp the session at sign-in, in the write that creates it."""
    if request is not None and hasattr(request, "session"):
        touch(request, user)
