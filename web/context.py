"""What every template may use: the head of the page, without a statement of its own."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from web import clock, formats, nav, session


def other_address(request: HttpRequest, code: str) -> str:
    """The same page, filters included, in the other language (answer to a form: the page the form was on)."""
    path = request.get_full_path() if request.method in ("GET", "HEAD") else _came_from(request)
    there = translate_url(path, code)
    if there != path:
        return there
    parts = urlsplit(path)
    bare = parts.path.removeprefix("/en") or "/"
    moved = f"/en{bare}" if code == "en" else bare
    return f"{moved}?{parts.query}" if parts.query else moved


def _came_from(request: HttpRequest) -> str:
    """The page of this site that sent a form, else the address it was sent to."""
    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc != request.get_host() or not parts.path.startswith("/") or parts.path.startswith("//"):
        return request.path
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def site(request: HttpRequest) -> dict[str, Any]:
    """The demo flag, the reader's language, the way to the other one, and the navigation of each face."""
    here = formats.language(get_language())
    there = "en" if here == "fr" else "fr-ca"
    return {
        "demo": settings.DEMO,
        "lang": here,
        "html_lang": "fr-CA" if here == "fr" else "en-CA",
        "other_lang": there[:2],
        "other_name": "English" if here == "fr" else "Français",
        "other_href": SimpleLazyObject(lambda: other_address(request, there)),
        "home_href": "/" if here == "fr" else "/en/",
        "now": SimpleLazyObject(clock.now),
        "nav_public": SimpleLazyObject(lambda: nav.links("public", request)),
        "nav_applicant": SimpleLazyObject(lambda: nav.links("applicant", request)),
        "nav_staff": SimpleLazyObject(lambda: nav.links("staff", request)),
        "nav_footer": SimpleLazyObject(nav.footer_links),
        "session_left": SimpleLazyObject(lambda: session.seconds_left(request)),
    }
