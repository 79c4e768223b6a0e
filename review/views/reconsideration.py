"""A reconsideration: asked by a signatory, admitted, confided, answered, countersigned; money where it is due."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from applications import scanning, uploads
from applications.actions import files
from applications.models import Dossier
from grants.rules import DECISION_ROLES, holds_anywhere, is_manager, on_calls
from review import granting, reconsidering
from review.actions import reconsiderations as acts
from review.models import Reconsideration
from review.reconsideration_forms import AmountForm, AskForm
from web import formats, tables
from web.clock import received_at
from web.lists import Column, State
from workflows.engine import NotAllowed, NotVisible, Offer, Refused, available, record
from workflows.pages import VerbPage, verb_page
from workflows.vocabulary import timeline

MAIN = ("admit", "name_reconsiderer", "decide", "countersign")


def _row(request: HttpRequest, pk: int) -> Reconsideration:
    """The reconsideration as this person may see it; what is not visible does not exist."""
    rows = Reconsideration.objects.visible_to(request.user).select_related(
        "dossier__call__programme",
        "dossier__volet",
        "dossier__edition__definition",
        "refusal",
        "file",
        "asked_by",
        "reconsiderer",
        "countersigned_by",
        "decision",
    )
    return get_object_or_404(rows, pk=pk)


def _base(face: str) -> str:
    return "base_staff.html" if face == "staff" else "base_applicant.html"


# --- asking -----------------------------------------------------------------------------------------------
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """What can be asked, until when, and the form; a request already made is shown instead."""
    rows = Dossier.objects.all().applicant_side(request.user)
    dossier = get_object_or_404(rows.select_related("call", "volet", "edition__definition"), pk=pk)
    refusal = reconsidering.refusal_of(dossier)
    if refusal is None or not reconsidering.may_ask(dossier, request.user):
        raise Http404
    known = reconsidering.latest(dossier, request.user)
    if known is not None and known.refusal_id == refusal.event.pk:
        return redirect("reconsideration", pk=known.pk)
    against = reconsidering.against(dossier, refusal, received_at(request))
    posted = request.method == "POST"
    form = AskForm(request.POST if posted else None, request.FILES if posted else None)
    if posted and uploads.was_stopped(request):
        form.add_error("file", uploads.too_much())
    if posted and form.is_valid():
        try:
            made = acts.ask(
                dossier,
                ground=form.cleaned_data["ground"],
                words=form.cleaned_data["words"],
                upload=form.cleaned_data["file"],
                actor=request.user,
                received_at=received_at(request),
            )
        except (NotVisible, NotAllowed):
            raise Http404 from None
        except Refused as refused:
            against = list(refused.reasons)
        else:
            messages.success(request, _("Votre demande de réexamen est reçue."))
            return redirect("reconsideration", pk=made.pk)
    context = {
        "dossier": dossier,
        "call": dossier.call,
        "form": form,
        "refusal": refusal,
        "against": against,
        "back": reverse("dossier", args=[pk]),
    }
    return render(request, "review/reconsideration_ask.html", context, status=422 if posted else 200)


# --- the list ---------------------------------------------------------------------------------------------
DEFINITIONS = {
    "number": gettext_lazy("Numéro du dossier dont le refus est en réexamen."),
    "organisation": gettext_lazy("Organisme responsable du dossier."),
    "call": gettext_lazy("Appel à projets du dossier."),
    "gate": gettext_lazy("Refus avant ou après l’évaluation."),
    "ground": gettext_lazy("Motif invoqué par l’organisme."),
    "state": gettext_lazy("Où en est la demande de réexamen."),
    "asked": gettext_lazy("Instant où la demande a été reçue."),
    "until": gettext_lazy("Fin du délai pour demander le réexamen."),
    "closed": gettext_lazy("Instant de la réponse, ou du constat d’irrecevabilité."),
}


def reconsiderations_table(user: Any, part: str) -> tables.Table:
    """Every request of one's calls, the latest first."""
    if not holds_anywhere(user, *DECISION_ROLES):
        raise Http404
    rows = Reconsideration.objects.visible_to(user).filter(
        on_calls(user, *DECISION_ROLES, path="dossier__call")
    )
    return tables.Table(
        rows.select_related("dossier__call"),
        [
            Column("number", _("Dossier"), lambda row: row.dossier.number, head=True, href=_href),
            Column("organisation", _("Organisme"), lambda row: row.dossier.lead_name),
            Column("call", _("Appel"), lambda row: row.dossier.call.code),
            Column("gate", _("Décision visée"), lambda row: reconsidering.gate_words(row.gate)),
            Column("ground", _("Motif invoqué"), lambda row: reconsidering.ground_words(row.ground)),
            Column(
                "state",
                _("État"),
                lambda row: State(*reconsidering.state_of(row, "staff")),
                kind="state",
                sort="state",
            ),
            Column("asked", _("Reçue"), lambda row: row.asked_at, kind="datetime", sort="asked_at"),
            Column("until", _("Fin du délai"), lambda row: row.until, kind="datetime"),
            Column("closed", _("Réponse"), lambda row: row.closed_at, kind="datetime"),
        ],
        "-asked",
    )


def _href(row: Reconsideration) -> str:
    return reverse("reconsideration", args=[row.pk])


def index(request: HttpRequest) -> HttpResponse:
    """Every refusal of my calls that was asked again."""
    page = tables.draw(request, tables.build(request.user, "reexamens"))
    context = {"list": page, "title": _("Réexamens"), "noun": _("réexamens")}
    return render(request, "review/reconsiderations.html", context)


# --- reading ----------------------------------------------------------------------------------------------
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The request, where it is, its answer once this person may read it, and what can be done."""
    row = _row(request, pk)
    face = row.face_for(request.user)
    offers = available(row, request.user, is_seen=True) if face == "staff" else []  # type: ignore[arg-type]
    events = timeline(row, request.user, face="staff") if face == "staff" else []
    scan = row.file.scan_shown if row.file is not None else ""
    context = {
        **_told(row, face),
        "verbs": [*(_verb(row, offer) for offer in offers), *_money(row, request.user)],
        "events": [_line(one) for one in events],
        "file_words": scanning.words(scan) if scan else "",
    }
    return render(request, "review/reconsideration.html", context)


def _told(row: Reconsideration, face: str) -> dict[str, Any]:
    """What the page and the pages of verbs say of a request, for a face."""
    code, label = reconsidering.state_of(row, face)
    is_closed = row.state == "closed"
    return {
        "row": row,
        "dossier": row.dossier,
        "call": row.dossier.call,
        "face": face,
        "base": _base(face),
        "state": State(code, label),
        "ground": reconsidering.ground_words(row.ground),
        "dismissal": reconsidering.dismissal_words(row),
        "answer": reconsidering.answer_words(row) if face == "staff" or is_closed else "",
        "motives": row.motives if face == "staff" or is_closed else "",
        "follow_up": reconsidering.follow_up(row),
        "crumbs": [
            (_("Dossiers"), reverse("dossiers")),
            (row.dossier.number, reverse("dossier", args=[row.dossier_id])),
            (_("Réexamen"), ""),
        ],
    }


def _line(one: Any) -> dict[str, Any]:
    """An act as the timeline beside the page shows it."""
    who = ", ".join(part for part in (one.who, formats.time(one.at)) if part)
    return {"at": one.at, "text": one.label, "who": who, "state": "info"}


def _verb(row: Reconsideration, offer: Offer) -> dict[str, Any]:
    return {
        "name": offer.verb,
        "label": offer.label,
        "href": reverse("reconsideration_verb", args=[row.pk, offer.verb]),
        "reason": " ".join(offer.reasons),
        "style": "main" if offer.verb in MAIN else "",
    }


def _money(row: Reconsideration, user: Any) -> list[dict[str, Any]]:
    """For the manager: the decision that grants what was refused, to prepare or to open."""
    if row.effect != "money" or not is_manager(user, row.call):
        return []
    known = row.decision_id is not None
    href = (
        reverse("decision", args=[row.decision_id])
        if known
        else reverse("reconsideration_money", args=[row.pk])
    )
    label = _("Ouvrir la décision d’aide") if known else _("Préparer la décision d’aide…")
    return [{"name": "money", "label": label, "href": href, "reason": "", "style": "main"}]


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file that went with the request, always as an attachment; a read by the ministry is recorded."""
    row = _row(request, pk)
    if row.file is None:
        raise Http404
    try:
        opened = files.open_file(row.file)
    except (Refused, FileNotFoundError):
        raise Http404 from None
    if row.face_for(request.user) == "staff":
        record(row.dossier, "file_read", actor=request.user, file=row.file.pk, digest=row.file.digest)  # type: ignore[arg-type]
    response = FileResponse(
        opened, as_attachment=True, filename=row.file.name, content_type=row.file.content_type
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# --- acting -----------------------------------------------------------------------------------------------
def verb(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Admit, dismiss, confide, answer, send back, countersign."""
    row = _row(request, pk)
    face = row.face_for(request.user)
    if face != "staff":
        raise Http404
    shown = VerbPage(
        back=reverse("reconsideration", args=[pk]),
        base=_base(face),
        template="review/reconsideration_verb.html",
        context={**_told(row, face), "subject": _("Réexamen, %(number)s") % {"number": row.dossier.number}},
    )
    return verb_page(request, row, verb, shown)


def money(request: HttpRequest, pk: int) -> HttpResponse:
    """Prepare the decision that grants what was refused: an amount, within the confirmed aid and what is left."""
    row = _row(request, pk)
    is_due = row.state == "closed" and row.effect == "money"
    if not is_due or row.face_for(request.user) != "staff" or not is_manager(request.user, row.call):
        raise Http404
    if row.decision_id is not None:
        return redirect("decision", pk=row.decision_id)
    ceiling, asked = granting.most(row), granting.confirmed(row.dossier)
    posted = request.method == "POST"
    form = AmountForm(request.POST if posted else None, initial={"amount": ceiling or None})
    if posted and form.is_valid():
        try:
            made = granting.draft_reconsideration(row, form.cleaned_data["amount"], actor=request.user)
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error("amount", reason)
        else:
            return redirect("decision", pk=made.pk)
    context = {
        **_told(row, "staff"),
        "form": form,
        "ceiling": ceiling,
        "asked": asked,
        "back": reverse("reconsideration", args=[pk]),
    }
    return render(request, "review/reconsideration_money.html", context, status=422 if posted else 200)
