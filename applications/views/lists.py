"""The list of dossiers, one page for staff and applicants."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from applications import listing
from applications.models import Dossier
from grants.rules import on_calls
from web import clock, home
from web.lists import build_list
from workflows.schema import Face


def dossiers(request: HttpRequest) -> HttpResponse:
    """Filed dossiers of one's calls for staff, those of one's municipality for applicants."""
    now = clock.now()
    face: Face = "staff" if home.is_staff(request.user) else "applicant"
    rows = listing.rows_for(request.user, now, face)
    found = listing.groups(rows)
    columns = listing.staff_columns(now) if face == "staff" else listing.applicant_columns(now)
    page = build_list(
        request,
        rows,
        columns,
        listing.filters(found, face),
        default_sort="reste" if face == "staff" else "-depot",
        search=listing.search(now, face),
    )
    context: dict[str, Any] = {
        "list": page,
        "face": face,
        "base": "base_staff.html" if face == "staff" else "base_applicant.html",
        "total": sum(one.n for one in found),
        "drafts": _drafts(request.user) if face == "staff" else 0,
        "empty_title": _("Aucun dossier encore"),
        "empty_text": _("Les dossiers déposés dans vos appels s’afficheront ici dès leur dépôt.")
        if face == "staff"
        else _("Commencez une demande depuis la page d’un appel ouvert : elle s’affichera ici."),
    }
    return render(request, f"applications/list_{face}.html", context)


def _drafts(user: Any) -> int:
    """How many drafts are under way in one's calls: staff read nothing else of them."""
    return int(Dossier.objects.filter(on_calls(user), state="draft").count())
