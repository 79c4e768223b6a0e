"""Taking a list away: at once when it is short, else by a worker, with a page that says how far it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from web import clock, export_jobs, exports, home, tables
from web.http import see_other
from web.models import Export, ExportStatus
from web.paging import count_up_to

AT_ONCE = {"csv": 2000, "xlsx": 1000}  # rows that stay under a second
MOST_COUNTED = 20_000
SHOWN = 50


@require_POST
def export(request: HttpRequest, key: str, part: str = "") -> HttpResponseBase:
    """The list at this address, as a file."""
    kind = request.POST.get("format", "csv")
    table = tables.build(request.user, key, part)
    chosen, pack = table.select(request.GET), table.packs.get(kind)
    if kind not in exports.TYPES and pack is None:
        raise Http404
    query = tables.query_of(chosen)
    if pack is not None and (said := pack.refuses(chosen.rows)):
        messages.error(request, said)
        return see_other(export_jobs.about(key, table.part, query, request.user).address)
    total, more = count_up_to(chosen.rows, AT_ONCE.get(kind, MOST_COUNTED))
    if pack is not None:
        more = not pack.is_short(chosen.rows)
    if more:
        try:
            job = export_jobs.ask(request.user, table, query, get_language() or "fr-ca", kind, total)
        except export_jobs.TooMany:
            messages.error(request, _("Trois exports sont déjà en cours : attendez-en un, ou annulez-le."))
            return see_other("exports")
        return see_other("export_job", job.pk)
    if table.record is not None:
        table.record(request.user, chosen.rows, kind)
    about = export_jobs.about(key, table.part, query, request.user)
    if pack is not None:
        return streamed(pack.of(request.user, chosen), pack.type, exports.file_name(about.title, kind))
    if kind == "csv":
        return exports.csv_response(chosen, about.title, table.share)
    target = TemporaryFile()  # noqa: SIM115 (the answer closes it)
    exports.write_xlsx(chosen, target, about, table.share)
    target.seek(0)
    name = exports.file_name(about.title, kind)
    return FileResponse(target, as_attachment=True, filename=name, content_type=exports.XLSX_TYPE)


def streamed(pieces: Iterable[bytes], kind: str, name: str) -> StreamingHttpResponse:
    """An answer written as it is made."""
    answer = StreamingHttpResponse(pieces, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _own(request: HttpRequest) -> Any:
    """One's own exports: those of others do not exist."""
    owner: Any = request.user
    return Export.objects.filter(user_id=owner.pk)


def _base(request: HttpRequest) -> str:
    return "base_staff.html" if home.is_staff(request.user) else "base_applicant.html"


def _shown(job: Export) -> dict[str, Any]:
    """A job as its page shows it: how far, how fast, how long still, until when the file is kept."""
    kind = tables.kind_of(job.table)
    spent = (clock.now() - job.started_at).total_seconds() if job.started_at and job.done else 0
    rate = int(job.done / spent) if spent > 0 else 0
    rest = max(job.total - job.done, 0)
    return {
        "job": job,
        "title": kind.title if kind else job.table,
        "source": f"{kind.page(job.part)}?{job.query}" if kind else "",
        "rate": rate if job.status == ExportStatus.RUNNING else 0,
        "left": timedelta(seconds=max(rest // rate, 1))
        if rate and job.status == ExportStatus.RUNNING
        else None,
        "until": job.created_at + export_jobs.KEPT,
    }


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The exports of the last seven days."""
    rows = [_shown(job) for job in _own(request).defer("keys").order_by("-created_at", "-pk")[:SHOWN]]
    return render(request, "web/exports.html", {"rows": rows, "base": _base(request)})


@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an export is; reads itself again with a script, by a link without."""
    found = get_object_or_404(_own(request).defer("keys"), pk=pk)
    return render(request, "web/export.html", {**_shown(found), "base": _base(request)})


@require_safe
def fetch(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, when its owner may still read all that is in it; else it is made anew."""
    found = get_object_or_404(_own(request), pk=pk, status=ExportStatus.DONE)
    if not export_jobs.is_still_allowed(found, request.user):
        export_jobs.again(found)
        messages.warning(
            request, _("Vos accès ont changé depuis : le fichier est refait avec ceux d’aujourd’hui.")
        )
        return see_other("export_job", found.pk)
    kind = tables.kind_of(found.table)
    name = exports.file_name(str(kind.title) if kind else found.table, found.format)
    stored = default_storage.open(found.path)
    return FileResponse(
        stored,
        as_attachment=True,
        filename=name,
        content_type=exports.TYPES.get(found.format, "application/zip"),
    )


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop an export under way."""
    found = get_object_or_404(_own(request).defer("keys"), pk=pk)
    if export_jobs.cancel(found):
        messages.success(request, _("L’export est annulé."))
    return see_other("export_job", found.pk)
