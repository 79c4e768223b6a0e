"""Middleware of the edge: arrival and number of a request, then what every answer must say."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from web import session
from web.clock import is_trusted_peer, received_at

Next = Callable[[HttpRequest], HttpResponseBase]

SAFE_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)


class ArrivalMiddleware:
    """First of all: stamp the arrival before any work, and number the request."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Stamp, number, answer."""
        received_at(request)
        number = request_id(request)
        request.request_id = number  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=number)
        response = self.get_response(request)
        response.headers["X-Request-ID"] = number
        return response


GIVEN = "default-src 'none'; sandbox"  # a file that is given runs nothing, wherever it is opened


class SignInMiddleware(LoginRequiredMiddleware):
    """Ask to sign in; what a form sent without a session comes back to the page it was on, not to its address."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        """An address that takes forms alone would answer an empty page to who has just signed in."""
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        came = urlsplit(request.headers.get("Referer", ""))
        known = came.netloc == request.get_host() and came.path
        return redirect_to_login(f"{came.path}?{came.query}".rstrip("?") if known else reverse("home"))


class NoStoreMiddleware:
    """After authentication: a session slides, nothing of a person is stored or leaks elsewhere."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, then set the headers a view did not choose itself."""
        response = self.get_response(request)
        headers = response.headers
        if is_private(request, response):
            headers["Cache-Control"] = "no-store"
        headers.setdefault("X-Content-Type-Options", "nosniff")
        if headers.get("Content-Disposition", "").startswith("attachment"):
            headers.setdefault("Content-Security-Policy", GIVEN)
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Prolong the session of somebody at work; asking how long it lasts is no work."""
        match = request.resolver_match
        if request.user.is_authenticated and match is not None and match.url_name != "session":
            session.slide(request)


class RefusedMethodMiddleware:
    """An address that only receives forms answers a person who reads it with a page, not with a blank."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and give a blank 405 its page where a person reads."""
        response = self.get_response(request)
        blank = response.status_code == 405 and not getattr(response, "content", b"")
        if not blank or "text/html" not in request.headers.get("Accept", "text/html"):
            return response
        page = render(request, "405.html", {"back_href": came_from(request)}, status=405)
        if "Allow" in response.headers:
            page.headers["Allow"] = response.headers["Allow"]
        return page


def came_from(request: HttpRequest) -> str:
    """The page of ours that holds the button, "" when it is not known or is this very address."""
    came = urlsplit(request.headers.get("Referer", ""))
    if came.netloc != request.get_host() or came.path in ("", request.path):
        return ""
    return f"{came.path}?{came.query}".rstrip("?")


def is_private(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Tell whether an answer may hold something of a person (an unread session stays unread)."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return True
    if request.method not in ("GET", "HEAD"):
        return True
    return bool(response.cookies)


def request_id(request: HttpRequest) -> str:
    """The number given by our proxy, else a new one."""
    told = request.META.get("HTTP_X_REQUEST_ID", "")
    if told and SAFE_ID.fullmatch(told) and is_trusted_peer(request.META.get("REMOTE_ADDR", "")):
        return str(told)
    return uuid.uuid4().hex
