"""A letter or a receipt as PDF, through the same filter as the page of its dossier; the minutes of a panel."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from notifications import minutes
from notifications.models import Document
from notifications.models.document import DocumentState
from notifications.storage import read_pdf
from review import rules
from review.views.asking import require, visible_panel
from web import clock
from workflows.engine import record

NOT_DRAWN = (DocumentState.COMPOSED, DocumentState.PARKED)


def document_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF as a download; 404 for whom it does not exist (yet)."""
    document = get_object_or_404(
        Document.objects.visible_to(request.user, clock.now()).select_related("call", "dossier"), pk=pk
    )
    if document.state in NOT_DRAWN:
        return _preparing(request, document)
    if not document.dossier.bodies.filter(organisation__memberships__user=request.user).exists():
        record(document, "read", actor=request.user, kind=document.kind)  # type: ignore[arg-type]
    return _download(document, f"{document.dossier.number or document.dossier_id}-{document.kind}.pdf")


def minutes_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The minutes of a locked panel, for who reads its recommendation whole; their reading is recorded."""
    user: Any = request.user
    panel = visible_panel(user, pk)
    require(rules.may_read_minutes(user, panel) and not minutes.is_shut_out(user, panel))
    document = minutes.for_panel(panel)
    if document is None:
        raise Http404
    if document.state in NOT_DRAWN:
        return _preparing(request, document)
    record(document, "read", actor=user, kind=document.kind)
    return _download(document, f"{panel.call.code}-{panel.code}-{document.kind}.pdf")


def _preparing(request: HttpRequest, document: Document) -> HttpResponse:
    """The page that stands in until the worker has drawn the file."""
    said = _("Le document se prépare : il sera là dans quelques secondes.")
    if document.state == DocumentState.PARKED:
        said = _("Le document n’a pas encore pu être préparé. Le ministère le voit; revenez plus tard.")
    base = "base_staff.html" if document.panel_id else "base_applicant.html"
    context = {"document": document, "message": said, "base": base}
    return render(request, "notifications/preparing.html", context, status=202)


def _download(document: Document, name: str) -> HttpResponse:
    """The file, never shown inside a page."""
    response = HttpResponse(read_pdf(document), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
