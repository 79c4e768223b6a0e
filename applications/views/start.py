"""The start of a dossier: which municipality, and the draft that is already there before a new one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Membership, Organisation
from applications.actions import drafts
from applications.starting import Choice, choices
from applications.views.access import sentence
from grants.models import Call
from web import clock
from web.http import see_other, whole
from workflows.engine import NotAllowed, Refused

SHOWN = 12


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, code: str) -> HttpResponseBase:
    """Take up what exists, or begin for one municipality."""
    call = get_object_or_404(Call.objects.visible_to(request.user).select_related("edition"), code=code)
    said = ""
    if request.method == "POST":
        answer = _begin(request, call)
        if not isinstance(answer, str):
            return answer
        said = answer
    found = choices(request.user, call)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    others = _look(words, found) if words or not found else []
    shown = {
        "call": call,
        "choices": found,
        "words": words,
        "others": others[:SHOWN],
        "more": len(others) > SHOWN,
        "volets": list(call.volets.all()),
        "said": said,
        "is_open": call.opens_at <= clock.now() <= call.closes_at,
        "crumbs": [
            (_("Appels de projets"), reverse("calls")),
            (call.code, reverse("call", args=[call.code])),
            (_("Commencer"), ""),
        ],
    }
    return render(request, "applications/start.html", shown, status=422 if said else 200)


def _look(words: str, found: list[Choice]) -> list[Any]:
    """Municipalities by name, those of the person left out."""
    if not words:
        return []
    mine = [one.organisation.pk for one in found]
    rows: Any = Organisation.objects.applicants().named(words).exclude(pk__in=mine)
    return list(rows.select_related("region")[: SHOWN + 1])


def _begin(request: HttpRequest, call: Any) -> HttpResponseBase | str:
    """Start, or the sentence against it."""
    wanted = whole(request.POST.get("organisation", ""))
    held = Membership.objects.filter(user=request.user, status__in=["claimed", "confirmed"])  # type: ignore[misc]
    row = held.filter(organisation_id=wanted or 0).select_related("organisation").first()
    if row is None:
        return _("Choisissez une municipalité.")
    volet = call.volets.filter(code=request.POST.get("volet", "")).first()
    another = request.POST.get("another") == "1"
    try:
        dossier, is_new = drafts.start_dossier(
            call, row.organisation, actor=request.user, volet=volet, another=another
        )
    except Refused as refused:
        return sentence(refused)
    except NotAllowed:
        return _("Choisissez une municipalité pour laquelle vous agissez.")
    if not is_new:
        messages.info(request, _("Un brouillon existe déjà : le voici."))
    return see_other("dossier_edit", dossier.pk)
