"""Approvals from outside: written on a line by the manager, their document read by who knows the decision."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from applications import uploads
from grants import bands
from grants.models import Decision, DecisionLine
from grants.rules import is_manager
from review import approving, deciding
from review.decision_forms import ReferenceForm
from review.models import ApprovalFile
from review.querysets import recused_dossiers
from workflows.engine import Refused, record


def approvals_of(decision: Decision, lines: list[DecisionLine], user: Any) -> list[dict[str, Any]]:
    """Lines whose sum asks for an approval, with what is written of it."""
    edition = decision.call.edition
    known = bands.bands_of(edition.content) if edition is not None else ()
    may = decision.state in deciding.EDITABLE and is_manager(user, decision.call)
    found = []
    for line in lines:
        band = bands.asked_of(line, known) if line.voided_at is None else None
        if band is None:
            continue
        kept = line.reference if bands.is_referenced(line, band) else {}
        document = (
            reverse("decision_reference_file", args=[decision.pk, line.pk])
            if line.reference.get("document")
            else ""
        )
        found.append(
            {
                "line": line,
                "band": band,
                "kept": kept,
                "on": date.fromisoformat(kept["date"]) if kept else None,
                "document": document if kept else "",
                "href": reverse("decision_reference", args=[decision.pk, line.pk]) if may else "",
            }
        )
    return found


def _line(request: HttpRequest, pk: int, line: int) -> DecisionLine:
    decisions = Decision.objects.visible_to(request.user).filter(pk=pk)
    shut = [row["dossier_id"] for row in recused_dossiers(request.user)]
    rows = DecisionLine.objects.filter(decision__in=decisions, voided_at=None)
    return get_object_or_404(
        rows.exclude(dossier_id__in=shut).select_related("decision__call__edition"), pk=line
    )


def reference(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """Write who approved, under which number, when, and by which document."""
    row = _line(request, pk, line)
    if not is_manager(request.user, row.decision.call):
        raise PermissionDenied
    edition = row.decision.call.edition
    band = bands.asked_of(row, bands.bands_of(edition.content) if edition is not None else ())
    if band is None:
        raise Http404
    kept = row.reference
    initial = {"body": kept.get("body", ""), "number": kept.get("number", ""), "on": kept.get("date") or None}
    form = ReferenceForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and uploads.was_stopped(request):
        form.add_error("file", uploads.too_much())
    elif request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            approving.refer(row, data["body"], data["number"], data["on"], data["file"], actor=request.user)
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(None, reason)
        else:
            messages.success(request, _("L’autorisation est inscrite sur la ligne."))
            return redirect("decision", pk=pk)
    context = {"decision": row.decision, "line": row, "band": band, "form": form, "kept": kept}
    return render(request, "review/decision_reference.html", context, status=422 if form.errors else 200)


@require_safe
def reference_file(request: HttpRequest, pk: int, line: int) -> HttpResponseBase:
    """The document of an approval, always as an attachment; its reading is recorded."""
    row = _line(request, pk, line)
    found = row.reference.get("document") or {}
    file = get_object_or_404(
        ApprovalFile.objects.filter(line__decision__call=row.decision.call), pk=found.get("file")
    )
    try:
        opened = default_storage.open(file.path)
    except FileNotFoundError:
        raise Http404 from None
    record(row.decision, "file_read", actor=request.user, file=file.pk, digest=file.digest)  # type: ignore[arg-type]
    answer = FileResponse(opened, as_attachment=True, filename=file.name, content_type=file.content_type)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
