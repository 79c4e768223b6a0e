"""The calls on which somebody holds a role, as a list: drawn, and taken away."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from grants import callpage
from grants.models import Call
from web import clock, tables
from web.formats import tr
from web.lists import Column, State

CALLS = "appels-suivis"
WORDS = {
    "title": gettext_lazy("Titre de l’appel."),
    "code": gettext_lazy("Code de l’appel."),
    "state": gettext_lazy("Où en est l’appel, de sa préparation à sa fin."),
    "closes": gettext_lazy("Instant de la clôture."),
    "letters": gettext_lazy("Instant où partent les lettres."),
    "publish": gettext_lazy("Instant de la publication."),
}


def register() -> None:
    """Called once, when the site starts."""
    tables.register(CALLS, gettext_lazy("Appels"), calls_table, "manage_calls", definitions=WORDS)


def calls_table(user: Any, part: str) -> tables.Table:
    """The calls of this person, the nearest closing first; no such list for who has none."""
    rows = Call.objects.managed_by(user).with_edition()
    if not rows.exists():
        raise Http404
    now = clock.now()
    columns = [
        Column(
            "title",
            gettext_lazy("Appel"),
            lambda call: tr(call.title),
            head=True,
            href=lambda call: reverse("manage_call", args=[call.code]),
        ),
        Column("code", gettext_lazy("Code"), lambda call: call.code, sort="code"),
        Column(
            "state", gettext_lazy("État"), lambda call: State(*callpage.state_of(call, now)), kind="state"
        ),
        Column(
            "closes",
            gettext_lazy("Clôture"),
            lambda call: call.closes_at,
            kind="datetime",
            sort="closes_at",
        ),
        Column("letters", gettext_lazy("Lettres"), lambda call: call.letters_at, kind="datetime"),
        Column("publish", gettext_lazy("Liste publique"), lambda call: call.publish_at, kind="datetime"),
    ]
    return tables.Table(rows, columns, "closes")


@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """Calls on which this person holds a role."""
    page = tables.draw(request, tables.build(request.user, CALLS))
    return render(request, "grants/manage_calls.html", {"list": page})
