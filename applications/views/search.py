"""Search: one box over the dossiers that this person may see."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from applications import searching
from web import clock, home
from workflows.schema import Face


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What was looked for stays in the address: words, facets, order, page."""
    face: Face = "staff" if home.is_staff(request.user) else "applicant"
    context = {
        "list": searching.results(request.user, clock.now(), face, request.GET),
        "base": f"base_{face}.html",
        "face": face,
    }
    return render(request, "applications/search.html", context)
