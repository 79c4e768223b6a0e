"""How many dossiers a body may file in a call: its counters, and the guard of filing. The limits are data."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from applications import rules
from workflows.engine import held_rows


def entries_of(dossier: Any) -> Any:
    """Counters of every body of the dossier (its key alone is read) in its call: the first lock. No table is joined."""
    own = apps.get_model("applications", "Dossier")._default_manager.filter(pk=dossier.pk)
    bodies = apps.get_model("applications", "Body")._default_manager.filter(dossier_id=dossier.pk)
    return apps.get_model("applications", "Entry")._default_manager.filter(
        call_id__in=own.values("call_id"), organisation_id__in=bodies.values("organisation_id")
    )


def lead_limit_holds(dossier: Any, actor: Any, data: dict[str, Any]) -> str | None:
    """An organisation files as lead at most as often as the call allows."""
    if dossier.state != "draft":
        return None
    limit = int(dossier.edition.content.get("limits", {}).get("leads", 1))
    leads = {body.organisation_id for body in rules.bodies_of(dossier, lead_only=True)}
    for entry in held_rows("applications.Entry") or entries_of(dossier):
        if entry.call_id != dossier.call_id or entry.organisation_id not in leads:
            continue
        if entry.leads >= limit:
            return _("Votre organisme a déjà déposé le nombre de demandes permis dans cet appel (%(n)s).") % {
                "n": limit
            }
        if entry.leads:
            return _volet_is_free(dossier, leads)
    return None


def _volet_is_free(dossier: Any, leads: set[int]) -> str | None:
    """As lead, at most as many filings in a volet as the call allows; the entry is locked, so nobody files beside."""
    most = dossier.edition.content.get("limits", {}).get("leads_per_volet")
    if not most:
        return None
    rows = type(dossier)._default_manager.filter(
        call_id=dossier.call_id,
        volet_id=dossier.volet_id,
        bodies__role="lead",
        bodies__organisation_id__in=leads,
    )
    if rows.exclude(state__in=("draft", "withdrawn")).count() < int(most):
        return None
    return _("Votre organisme a déjà déposé, dans ce volet, le nombre de demandes permis (%(n)s).") % {
        "n": most
    }
