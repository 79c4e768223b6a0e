"""Files of a dossier: received in their slot, read by whoever may, taken out."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from applications import rules, uploads
from applications.actions import answers, files
from applications.editor import slip_of
from applications.models import Attachment, Dossier
from applications.views.access import dossier_of, sentence
from web import clock
from web.http import see_other
from workflows.engine import NotAllowed, NotVisible, Refused, record


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _failed(line: str, status: int) -> JsonResponse:
    return JsonResponse({"line": line}, status=status)


def _slot(request: HttpRequest, dossier: Dossier, code: str, line: str) -> HttpResponseBase:
    """The files of a slot after an act: their lines for the script, the page again without it."""
    if not _wants_json(request):
        question = answers.question_in(dossier, code)
        return see_other(f"{reverse('section', args=[dossier.pk, question.section])}#q-{code}")
    rows = dossier.attachments.filter(slot=code, removed_at__isnull=True).order_by("pk")
    shown = {"files": [slip_of(row) for row in rows], "dossier": dossier, "is_open": True}
    html = render_to_string("applications/questions/slips.html", shown, request=request)
    return JsonResponse({"line": line, "html": html})


@login_not_required
@require_POST
def file_add(request: HttpRequest, pk: int, slot: str) -> HttpResponseBase:
    """Receive one file in a slot; the same key of the page never makes a second one."""
    if not request.user.is_authenticated:
        return _failed(_("Votre session est finie. Reconnectez-vous, puis réessayez."), 401)
    upload = request.FILES.get("file")
    if upload is None and uploads.was_stopped(request):
        return _failed(uploads.too_much(), 413)
    if upload is None:
        return _failed(_("Choisissez un fichier."), 400)
    try:
        dossier = dossier_of(request, pk, to_write=False)
        key = request.POST.get("upload_key", "")
        at = clock.received_at(request)
        row = files.add_file(dossier, slot, upload, actor=request.user, upload_key=key, received_at=at)
    except Refused as refused:
        return _failed(sentence(refused), 422)
    except (Http404, NotVisible, NotAllowed):
        return _failed(_("Ce dossier n’est pas accessible avec ce compte."), 404)
    except OperationalError:
        return _failed(_("Le serveur est occupé : réessayez."), 503)
    return _slot(request, dossier, slot, _("Reçu : %(name)s") % {"name": row.name})


@require_POST
def file_remove(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """Take a file out of its slot; a filed version keeps it."""
    dossier = dossier_of(request, pk)
    row = get_object_or_404(dossier.attachments, pk=file)
    try:
        files.remove_file(row, actor=request.user, received_at=clock.received_at(request))
    except Refused as refused:
        return _failed(sentence(refused), 422)
    return _slot(request, dossier, row.slot, _("Retiré : %(name)s") % {"name": row.name})


def _may_read(dossier: Dossier, row: Attachment, user: Any) -> bool:
    """The municipality reads its files; everybody else those of a filed version, once content is readable."""
    if rules.is_applicant(dossier, user):
        return True
    if row.pk not in _filed(dossier):
        return False
    from applications.lifecycle import content_is_readable

    return content_is_readable(dossier, user, {}) is None


def _filed(dossier: Dossier) -> set[int]:
    """Keys of the files of every filed version."""
    from applications.snapshots import content_of

    return {int(one["id"]) for snapshot in dossier.snapshots.all() for one in content_of(snapshot)["files"]}


@require_safe
def file(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """The bytes of a file, always as an attachment; a read by the ministry or the panel is recorded."""
    dossier = dossier_of(request, pk, to_write=False)
    row = get_object_or_404(Attachment.objects.filter(dossier=dossier), pk=file)
    if not _may_read(dossier, row, request.user):
        raise Http404
    try:
        opened = files.open_file(row)
    except Refused as refused:
        if not rules.is_applicant(dossier, request.user):
            raise Http404 from None
        return withheld(request, dossier, row, sentence(refused))
    except FileNotFoundError:
        return withheld(request, dossier, row, _("Ce fichier n’est pas disponible en ce moment."))
    if not rules.is_applicant(dossier, request.user):
        record(dossier, "file_read", actor=request.user, file=row.pk, digest=row.digest)  # type: ignore[arg-type]
    response = FileResponse(opened, as_attachment=True, filename=row.name, content_type=row.content_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def withheld(request: HttpRequest, dossier: Dossier, row: Attachment, why: str) -> HttpResponse:
    """A file that is not given, and why."""
    shown = {"dossier": dossier, "row": row, "why": why}
    return render(request, "applications/withheld.html", shown, status=409)
