"""The whole dossier as a PDF, for whoever reads its content on its page, and for nobody else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from applications import rules
from applications.views import dossier as pages
from applications.views import frame
from notifications import whole
from workflows.engine import record


@require_safe
def dossier_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The version asked for (`?version=2`), the latest one by default; a read by the ministry is recorded."""
    seen = frame.read(request, pk, "content")
    snapshot = pages.snapshot_of(seen)
    made = whole.Copy(seen.dossier, snapshot, pages.snapshot_edition(seen, snapshot), pages.scans(seen))
    content = whole.pdf(made)
    if request.method == "GET" and not rules.is_applicant(seen.dossier, request.user):
        record(
            seen.dossier,
            "pdf",
            actor=request.user,  # type: ignore[arg-type]
            snapshot_version=snapshot.version,
            digest=snapshot.digest,
        )
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{whole.file_name(made)}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
