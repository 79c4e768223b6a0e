"""Who asks, and what a refusal says."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from workflows.engine import Refused


def me(request: HttpRequest) -> User:
    """The person signed in, out of the request's lazy wrapping (every page that calls it requires one)."""
    user = request.user
    return cast(User, getattr(user, "_wrapped", user) if user.pk else user)


def sentence(refusal: Refused) -> str:
    """The reasons of a refusal, as one text."""
    return " ".join(refusal.reasons)


def back_to(request: HttpRequest) -> str:
    """Where the address or the form asks to go afterwards, when it is on this site; else nothing."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    hosts, secure = {request.get_host()}, request.is_secure()
    return wanted if wanted and url_has_allowed_host_and_scheme(wanted, hosts, secure) else ""
