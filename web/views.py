"""The only pages of this app: the session's remaining time, and what a throttled person reads."""

from __future__ import annotations

import sys

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from web import formats, guides, session
from web import home as registry
from web.http import see_other


@login_not_required
@require_http_methods(["GET", "POST"])
def session_view(request: HttpRequest) -> HttpResponse:
    """GET says how many seconds remain, POST starts the session again (and goes back, without script)."""
    if request.method == "POST" and request.user.is_authenticated:
        session.touch(request)
        if "application/json" not in request.headers.get("Accept", ""):
            return see_other(back_to(request))
    answer = JsonResponse({"left": session.seconds_left(request)})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def back_to(request: HttpRequest) -> str:
    """The page one comes from, when it is ours."""
    origin = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(origin, {request.get_host()}, require_https=request.is_secure()):
        return origin
    return "/"


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page of a person slowed down; a throttled view returns it."""
    return render(request, "429.html", status=429)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page of a request that could not be read: too long a text, too many fields, a broken form."""
    return render(request, "400.html", {"too_long": isinstance(exception, RequestDataTooBig)}, status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of a fault, with the number of the request; without the database when that is what is away."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    french = formats.language(get_language()) == "fr"
    context = {
        "request_id": getattr(request, "request_id", ""),
        "html_lang": "fr-CA" if french else "en-CA",
        "home_href": "/" if french else "/en/",
    }
    page = render_to_string("503.html" if away else "500.html", context)
    answer = HttpResponse(page, status=503 if away else 500, headers={"Cache-Control": "no-store"})
    if away:
        answer.headers["Retry-After"] = "60"
    return answer


def home(request: HttpRequest) -> HttpResponse:
    """« Ce qui vous attend »: what this person has to do, in every role held, oldest first."""
    groups = registry.todos(request.user)
    face = "staff" if registry.is_staff(request.user) else "applicant"
    context = {
        "groups": groups,
        "first": groups[0].todos[0] if groups else None,
        "hints": [] if groups else registry.hints(request.user),
        "base": f"base_{face}.html",
    }
    return render(request, "pages/home.html", context)


@login_not_required
@require_safe
def help_index(request: HttpRequest) -> HttpResponse:
    """The guides, one a role, for everybody."""
    return render(request, "pages/help.html", {"guides": guides.guides(), "base": _base_of(request)})


@login_not_required
@require_safe
def help_guide(request: HttpRequest, slug: str) -> HttpResponse:
    """One guide; each section has its anchor, the same in both languages."""
    found = guides.guide(slug)
    if found is None:
        raise Http404
    context = {"guide": found, "guides": guides.guides(), "base": _base_of(request)}
    return render(request, "pages/guide.html", context)


def _base_of(request: HttpRequest) -> str:
    """The frame of the person who reads a page that is for all."""
    if not request.user.is_authenticated:
        return "base_public.html"
    return "base_staff.html" if registry.is_staff(request.user) else "base_applicant.html"
