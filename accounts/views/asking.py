"""Who asks, and what a refusal says."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from accounts.models import User
from workflows.engine import Refused


def me(request: HttpRequest) -> User:
    """The person signed in, out of the request's lazy wrapping (every page that calls it requires one)."""
    user = request.user
    return cast(User, getattr(user, "_wrapped", user) if user.pk else user)


def sentence(refusal: Refused) -> str:
    """The reasons of a refusal, as one text."""
    return " ".join(refusal.reasons)
