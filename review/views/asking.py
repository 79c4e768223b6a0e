"""What the views of review share: the person, the rows he or she may see, refusals as pages."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from applications.models import Dossier
from review.models import Assignment, Panel
from review.querysets import not_recused


def me(request: HttpRequest) -> Any:
    """The person who asks."""
    return request.user


def panel_or_404(request: HttpRequest, pk: int) -> Panel:
    """A panel that this person sees."""
    return visible_panel(request.user, pk)


def visible_panel(user: Any, pk: int) -> Panel:
    """The same, for somebody who asks nothing now (a job that writes an export)."""
    rows = Panel.objects.visible_to(user)
    return get_object_or_404(
        rows.select_related(
            "call__edition__definition", "call__programme", "volet__budget_line", "recommendation__frozen_by"
        ),
        pk=pk,
    )


def assignment_or_404(request: HttpRequest, pk: int) -> Assignment:
    """An assignment that this person sees."""
    rows = Assignment.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("panel__call__edition__definition", "dossier", "reviewer"), pk=pk
    )


def dossier_or_404(request: HttpRequest, panel: Panel, pk: int) -> Dossier:
    """A dossier of the panel that this person sees, with its edition."""
    rows = Dossier.objects.visible_to(request.user).filter(
        not_recused(request.user),
        call_id=panel.call_id,
        volet_id=panel.volet_id,
        stage__in=panel.open_stages(),
    )
    found: Dossier = get_object_or_404(rows.select_related("edition", "volet", "snapshot", "call"), pk=pk)
    return found


def require(holds: bool) -> None:
    """404 unless it holds: what one may not see does not exist."""
    if not holds:
        raise Http404


def say_refusals(request: HttpRequest, sentences: Any) -> None:
    """Show what could not be done."""
    for sentence in sentences:
        messages.error(request, sentence)
