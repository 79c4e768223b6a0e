"""The page of a call that adds up what its dossiers pledge to public targets."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from applications import contribution
from grants.views.frame import frame
from web import clock, tables


@require_safe
def targets(request: HttpRequest, code: str) -> HttpResponse:
    """Sums by target and by indicator, people served once, then every pledge."""
    table = tables.build(request.user, contribution.KEY, code)
    call, found = table.found
    page = tables.draw(request, table)
    context = frame(
        request,
        call,
        "manage_targets",
        list=page,
        has_targets=bool(found),
        is_open=call.closes_at is not None and call.closes_at < clock.now(),
        sums=contribution.sums(page.selection.rows, found) if found else None,
    )
    return render(request, "applications/manage_targets.html", context)
