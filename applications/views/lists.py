"""The list of dossiers, one page for staff and applicants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from applications.grouping import Group
from applications.models import Dossier
from applications.panels import Tab
from grants.rules import on_calls
from web import formats, tables
from workflows.schema import Face


def dossiers(request: HttpRequest) -> HttpResponse:
    """Filed dossiers of one's calls for staff, those of one's municipality for applicants."""
    table = tables.build(request.user, "dossiers")
    face, groups = table.found
    page, found = tables.draw(request, table), groups()
    context: dict[str, Any] = {
        "list": page,
        "views": views(request, found, face),
        "face": face,
        "base": "base_staff.html" if face == "staff" else "base_applicant.html",
        "total": sum(one.n for one in found),
        "drafts": _drafts(request.user) if face == "staff" else 0,
        "empty_title": _("Aucun dossier encore"),
        "empty_text": _("Les dossiers déposés dans vos appels s’afficheront ici dès leur dépôt.")
        if face == "staff"
        else _("Commencez une demande depuis la page d’un appel ouvert : elle s’affichera ici."),
    }
    return render(request, f"applications/list_{face}.html", context)


def views(request: HttpRequest, found: Sequence[Group], face: Face) -> list[Tab]:
    """Views that are asked for every day, each with its count; an empty one is left out."""
    if face != "staff":
        return []
    mine, kept = str(request.user.pk), {key: request.GET.getlist(key) for key in ("etape", "analyste")}
    wanted: list[tuple[Any, dict[str, list[str]], Callable[[Group], bool]]] = [
        (_("Tous"), {}, lambda one: True),
        (_("Confiés à moi"), {"analyste": [mine]}, lambda one: one.analyst == request.user.pk),
        (_("À personne encore"), {"analyste": ["personne"]}, lambda one: one.analyst is None),
        (_("Compléments demandés"), {"etape": ["with_applicant"]}, lambda one: one.state == "with_applicant"),
    ]
    shown: list[Tab] = []
    for label, params, holds in wanted:
        n = sum(one.n for one in found if holds(one))
        is_here = kept == {"etape": params.get("etape", []), "analyste": params.get("analyste", [])}
        if n or is_here:
            href = "?" + urlencode(params, doseq=True) if params else request.path
            shown.append(Tab(str(label), label, href, formats.number(n), is_here))
    return shown


def _drafts(user: Any) -> int:
    """How many drafts are under way in one's calls: staff read nothing else of them."""
    return int(Dossier.objects.filter(on_calls(user), state="draft").count())
