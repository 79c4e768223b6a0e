"""What documents add to the pages of the floors below: the letters of a dossier, the PDF of a receipt."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from applications.snapshots import content_of
from notifications.models import Document
from notifications.models.document import DocumentState
from web import clock
from workflows import providers
from workflows.models import Event

REFUSALS = ("L3", "L5")


def letters_panel(dossier: Any, user: Any) -> dict[str, Any] | None:
    """The letters and receipts of a dossier that this person may read now."""
    rows = (
        Document.objects.visible_to(user, clock.now())
        .filter(dossier_id=dossier.pk)
        .order_by("created_at", "id")
    )
    found = list(rows)
    if not found:
        return None
    return {"template": "notifications/letters_panel.html", "documents": found}


def whole_panel(dossier: Any, user: Any) -> dict[str, Any] | None:
    """What may be taken away of a filed dossier: all of it as a PDF, its files as a ZIP."""
    if dossier.snapshot is None:
        return None
    files = content_of(dossier.snapshot)["files"]
    return {"template": "notifications/whole_panel.html", "dossier": dossier, "count": len(files)}


def receipt_pdf(snapshot: Any) -> dict[str, Any]:
    """The PDF of a filing: its address, and whether it is there."""
    row = Document.objects.filter(code=snapshot.code).first()
    if row is None:
        return {"url": "", "ready": False}
    return {"url": reverse("document_pdf", args=[row.pk]), "ready": row.state == DocumentState.DRAWN}


def refusal_letters(events: Iterable[Event]) -> dict[int, datetime | None]:
    """When the letter of each refusal left, by the key of its act: nothing while it waits, no key without a letter."""
    acts = {event.pk: event.data.get("line") for event in events}
    lines = {line: pk for pk, line in acts.items() if isinstance(line, int)}
    rows = Document.objects.filter(
        Q(event__in=list(acts)) | Q(line_id__in=list(lines)), kind__in=REFUSALS
    ).exclude(state=DocumentState.VOID)
    found: dict[int, datetime | None] = {}
    for event, line, left_at in rows.order_by("pk").values_list("event_id", "line_id", "left_at"):
        found[lines.get(line, event)] = left_at
    return found


def register() -> None:
    """Give them to the floors below."""
    providers.register_panel("applications.Dossier", whole_panel, "whole", order=30)
    providers.register_panel("applications.Dossier", letters_panel, "letters", order=40)
    providers.register_fact("applications.Dossier", refusal_letters, "refusal_letters")
    providers.register_fact("applications.Snapshot", receipt_pdf, "receipt_pdf")
