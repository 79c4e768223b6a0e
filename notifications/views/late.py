"""Who is late on what: reviewers, municipalities, releases whose instant passed."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from applications.models import CompletionRequest, Dossier
from grants.models import Call, Decision
from grants.rules import calls_with
from notifications import drafting
from review.models import Assignment
from web import clock


def late(request: HttpRequest) -> HttpResponse:
    """One page for the manager and the secretary."""
    calls = calls_with(request.user, "manager", "secretary")
    if not calls:
        raise Http404
    mine = Call.objects.filter(pk__in=calls_with(request.user, "manager")).exclude(state="draft")
    context = {
        "sections": [section for section in _sections(request.user, calls) if section["rows"]],
        "calls": mine.order_by("-closes_at", "code"),
    }
    return render(request, "notifications/late.html", context)


def _sections(user: Any, calls: set[int]) -> list[dict[str, Any]]:
    now = clock.now()
    seen = Dossier.objects.visible_to(user)
    sheets = (
        Assignment.objects.filter(
            panel__call__in=calls,
            panel__state="open",
            due_at__lt=now,
            state__in=["offered", "accepted"],
            dossier__in=seen,
        )
        .exclude(sheet__state="handed_in")
        .select_related("reviewer", "dossier")
        .order_by("due_at", "id")
    )
    answers = (
        CompletionRequest.objects.filter(dossier__call__in=calls, closed_at__isnull=True, dossier__in=seen)
        .select_related("dossier")
        .order_by("due_at", "id")
    )
    releases = Decision.objects.filter(call__in=calls, state="signed", letters_at__lt=now).select_related(
        "call"
    )
    return [
        {
            "title": _("Évaluations en retard"),
            "rows": [
                _row(str(a.reviewer), a.dossier, a.due_at, drafting.address_of(a.dossier)) for a in sheets
            ],
        },
        {
            "title": _("Compléments attendus"),
            "rows": [
                _row(r.dossier.lead_name, r.dossier, r.due_at, drafting.address_of(r.dossier))
                for r in answers
            ],
        },
        {
            "title": _("Décisions signées dont l’instant est passé sans libération"),
            "rows": [_row(f"#{d.number}", d, d.letters_at, drafting.address_of(d)) for d in releases],
        },
    ]


def _row(who: str, about: Any, due: Any, url: str) -> dict[str, Any]:
    return {"who": who, "about": str(about), "due": due, "url": url}
