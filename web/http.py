"""Answers every app gives, and the numbers they are sent."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url


class SeeOther(HttpResponseRedirect):
    """After a form was received: read this page (303, whatever the method was)."""

    status_code = 303


def see_other(to: Any, *args: Any, **kwargs: Any) -> SeeOther:
    """Redirect with 303 to a view's name, an object's address or a path."""
    return SeeOther(resolve_url(to, *args, **kwargs))


def whole(text: str) -> int | None:
    """The whole number that a form or an address sent; None when it is none, or too large for any key."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None
