"""The receipt: on screen at once, its PDF when the worker has made it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from applications import fields, rules, snapshots, standing
from applications.actions.answers import answers_open
from applications.models import Snapshot
from applications.views import frame
from applications.views.access import name_of
from web import formats
from workflows import providers, trail

FILINGS = ("applications.dossier.submit", "applications.dossier.resubmit")


def pdf_of(snapshot: Snapshot) -> dict[str, Any]:
    """Where the PDF is and whether it is ready, as the letters say."""
    try:
        found = providers.fact("applications.Snapshot", "receipt_pdf", snapshot)
    except ImproperlyConfigured:
        return {"url": "", "ready": False}
    return dict(found or {"url": "", "ready": False})


def _read(request: HttpRequest, pk: int, version: int) -> tuple[frame.Frame, Snapshot]:
    seen = frame.read(request, pk, "")
    if not rules.is_applicant(seen.dossier, request.user) and not seen.is_open:
        raise PermissionDenied
    rows = Snapshot.objects.filter(dossier=seen.dossier).select_related("edition", "filed_by")
    return seen, get_object_or_404(rows, version=version)


@require_safe
def receipt(request: HttpRequest, pk: int, version: int) -> HttpResponseBase:
    """Number, instant to the second, files and digests, code and place in the chain, what follows."""
    seen, snapshot = _read(request, pk, version)
    dossier = seen.dossier
    content = snapshots.content_of(snapshot)
    lead = next((one for one in content["bodies"] if one["role"] == "lead"), None)
    shown = {
        "base": seen.base,
        "dossier": dossier,
        "call": dossier.call,
        "snapshot": snapshot,
        "lead": lead,
        "files": content["files"],
        "asked": content["facts"].get("asked") or content["facts"].get("aid"),
        "place": trail.place_of(dossier, FILINGS, snapshot_version=version),
        "stages": standing.life(dossier, seen.face, seen.rows, seen.now),
        "pdf": pdf_of(snapshot),
        "is_latest": dossier.snapshot_id == snapshot.pk,
        "may_change": bool(answers_open(dossier, request.user)) and dossier.state == "in_progress",
        "first_section": next(iter(fields.sections(dossier.edition.content, dossier.volet.code))).code,
        "is_applicant": rules.is_applicant(dossier, request.user),
        "people": _told(snapshot, dossier),
        "stamp": hour_of(snapshot.received_at),
        "digest_words": words_of(snapshot.digest),
        "crumbs": [
            (_("Dossiers"), reverse("dossiers")),
            (dossier.number or name_of(dossier), reverse("dossier", args=[dossier.pk])),
            (_("Accusé de réception"), ""),
        ],
    }
    return render(request, "applications/receipt.html", shown)


@require_safe
def receipt_state(request: HttpRequest, pk: int, version: int) -> HttpResponseBase:
    """The line of the PDF, asked again until it is there."""
    _seen, snapshot = _read(request, pk, version)
    return render(request, "applications/receipt_pdf.html", {"pdf": pdf_of(snapshot), "snapshot": snapshot})


def hour_of(at: datetime) -> str:
    """The hour of a filing, to the second, as the stamp prints it."""
    words = formats.datetime_exact(at).rsplit(",", 1)[0]
    return words.rsplit(" à ", 1)[-1].rsplit(", at ", 1)[-1]


def words_of(digest: str) -> str:
    """A digest in groups of four, to be read aloud."""
    bare = digest.removeprefix("sha256:")
    return " ".join(bare[at : at + 4] for at in range(0, len(bare), 4))


def _told(snapshot: Snapshot, dossier: Any) -> list[str]:
    """Whom the receipt is sent to: signatory, drafter, and the municipality's own address."""
    found = [snapshot.filed_by.email]
    if dossier.created_by_id != snapshot.filed_by_id:
        found.append(dossier.created_by.email)
    own = [body.organisation.own_email for body in rules.bodies_of(dossier, lead_only=True)]
    return list(dict.fromkeys([*found, *(one for one in own if one)]))
