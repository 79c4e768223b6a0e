"""The files of a dossier in one ZIP, for whoever reads them one by one on its page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from applications import packing
from applications.views import frame
from applications.views.dossier import snapshot_of


@require_safe
def dossier_zip(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The files of the version asked for (`?version=2`), the latest one by default, with their list."""
    seen = frame.read(request, pk, "files")
    snapshot = snapshot_of(seen)
    given: Any = packing.chunks_of(request.user, seen.dossier, snapshot) if request.method == "GET" else []
    response = StreamingHttpResponse(given, content_type="application/zip")
    name = packing.safe_part(f"{seen.dossier.number or pk}-v{snapshot.version}.zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
