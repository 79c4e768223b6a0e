"""A letter or a receipt as PDF, through the same filter as the page of its dossier."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from notifications.models import Document
from notifications.models.document import DocumentState
from notifications.storage import read_pdf
from web import clock
from workflows.engine import record


def document_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF as a download; 404 for whom it does not exist (yet)."""
    document = get_object_or_404(
        Document.objects.visible_to(request.user, clock.now()).select_related("call", "dossier"), pk=pk
    )
    if document.state == DocumentState.PARKED or document.state == DocumentState.COMPOSED:
        context = {
            "document": document,
            "message": _("Le document se prépare : il sera là dans quelques secondes."),
        }
        return render(request, "notifications/preparing.html", context, status=202)
    if not document.dossier.bodies.filter(organisation__memberships__user=request.user).exists():
        record(document, "read", actor=request.user, kind=document.kind)  # type: ignore[arg-type]
    response = HttpResponse(read_pdf(document), content_type="application/pdf")
    name = f"{document.dossier.number or document.dossier_id}-{document.kind}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
