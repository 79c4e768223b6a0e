"""The lists of dossiers under their name: one function for the page and for exports; what is taken away is recorded."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from applications import listing, packing
from applications.grouping import groups
from grants.models import Call
from web import clock, home, tables
from web.lists import Rows
from workflows.engine import record, unit
from workflows.schema import Face

DEFINITIONS = {
    "numero": _("Numéro donné au premier dépôt, dans l’ordre des dépôts de l’appel."),
    "organisme": _("Organisme qui porte la demande, nommé comme au répertoire."),
    "projet": _("Titre du projet à la dernière version déposée; lisible à la clôture de l’appel."),
    "etape": _("Où en est le dossier, tel que vous pouvez le lire à l’instant de l’export."),
    "reste": _("Temps qui reste avant la date attendue de l’étape."),
    "aide": _(
        "Aide confirmée par l’analyse, sinon celle calculée au dépôt; lisible à la clôture de l’appel."
    ),
    "depot": _("Instant du dernier dépôt."),
    "analyste": _("Personne qui suit le dossier."),
    "appel": _("Appel à projets du dossier."),
    "volet": _("Volet de l’appel dans lequel la demande est faite."),
    "mandat": _("Oui quand le mandat de la personne signataire reste à confirmer."),
    "echeance": _("Fermeture de l’appel pour un brouillon, date des compléments demandés sinon."),
}

FILES = tables.Pack(
    _("Fichiers (ZIP)"),
    "application/zip",
    packing.why_too_much,
    packing.is_short,
    packing.chunks,
    packing.still_stands,
)


def dossiers(user: Any, part: str) -> tables.Table:
    """Filed dossiers of one's calls for staff, those of one's municipality for applicants."""
    now = clock.now()
    face: Face = "staff" if home.is_staff(user) else "applicant"
    rows = listing.rows_for(user, now, face)
    found = cache(lambda: groups(rows))
    is_staff = face == "staff"
    return tables.Table(
        rows,
        listing.staff_columns(now) if is_staff else listing.applicant_columns(now),
        "reste" if is_staff else "-depot",
        lambda: listing.filters(found(), face),
        listing.search(user, now, face),
        share=("call", "volet", "edition", "analyst"),
        record=record_taken,
        packs={"zip": FILES} if is_staff else {},
        found=(face, found),
    )


def record_taken(user: Any, rows: Rows, kind: str, *, path: str = "call") -> None:
    """Write in the chain of each call (at the end of `path`) that rows of it were taken away, and how many."""
    counted = dict(
        rows.select_related(None)
        .order_by()
        .values(f"{path}_id")
        .annotate(taken=Count("pk"))
        .values_list(f"{path}_id", "taken")
    )
    if not counted:
        return
    calls = list(Call.objects.filter(pk__in=counted).order_by("pk"))
    with unit():
        for call in calls:
            record(
                call,
                "export",
                actor=user,
                list=rows.model._meta.model_name,
                format=kind,
                rows=counted[call.pk],
            )
