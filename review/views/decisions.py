"""Decisions: prepared by the manager, signed or returned by the authority, released by both; offers answered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.rules import is_member
from grants.models import Award, Decision, DecisionLine, Volet
from grants.rules import DECISION_ROLES, calls_with, holds_anywhere, is_manager, on_calls
from review import deciding
from review.decision_forms import InstantsForm, LineForm
from review.ledger import ledger
from review.models import Panel
from review.querysets import recused_dossiers
from review.views.approvals import approvals_of
from web import tables
from web.clock import now
from web.formats import tr
from web.home import is_staff
from web.lists import Column, State
from workflows.engine import Refused, available
from workflows.pages import VerbPage, verb_page
from workflows.vocabulary import timeline

SIGNS = {
    "draft": "draft",
    "proposed": "waitlisted",
    "returned": "warn",
    "signed": "now",
    "released": "accepted",
}


def state_of(decision: Decision) -> State:
    """The state of a decision in words; a released one whose letters left says so."""
    words = {
        "draft": _("En préparation"),
        "proposed": _("Proposée à l’autorité"),
        "returned": _("Renvoyée"),
        "signed": _("Signée, à libérer"),
        "released": _("Libérée, sous embargo"),
    }
    label = words[decision.state]
    if decision.state == "released" and decision.letters_at <= now():
        label = _("Publiée") if decision.publish_at <= now() else _("Lettres parties")
    return State(SIGNS[decision.state], label)


def kind_words(decision: Decision) -> str:
    """Why the decision is taken."""
    return {
        "main": _("Sélection"),
        "waiting_list": _("Liste d’attente"),
        "correction": _("Correction"),
        "reconsideration": _("Réexamen"),
    }[decision.kind]


DEFINITIONS = {
    "number": gettext_lazy("Appel et numéro de la décision."),
    "call": gettext_lazy("Appel à projets de la décision."),
    "volet": gettext_lazy("Volet dont la décision engage l’enveloppe."),
    "kind": gettext_lazy("Sélection, liste d’attente, correction ou réexamen."),
    "state": gettext_lazy("Où en est la décision, de sa préparation à sa publication."),
    "letters": gettext_lazy("Instant où partent les lettres."),
    "publish": gettext_lazy("Instant de la publication."),
}


def decisions_table(user: Any, part: str) -> tables.Table:
    """Every decision of one's calls."""
    if not holds_anywhere(user, *DECISION_ROLES):
        raise Http404
    rows = Decision.objects.visible_to(user).select_related("call", "volet")
    return tables.Table(
        rows,
        [
            Column("number", _("Décision"), _name, head=True, href=_href, sort="created_at"),
            Column("call", _("Appel"), lambda d: d.call.code),
            Column("volet", _("Volet"), lambda d: tr(d.volet.label)),
            Column("kind", _("Nature"), kind_words),
            Column("state", _("État"), state_of, kind="state", sort="state"),
            Column("letters", _("Lettres"), lambda d: d.letters_at, kind="datetime", sort="letters_at"),
            Column("publish", _("Publication"), lambda d: d.publish_at, kind="datetime"),
        ],
        "-number",
        share=("call", "volet"),
    )


def decisions(request: HttpRequest) -> HttpResponse:
    """Every decision of my calls, and what can be prepared."""
    page = tables.draw(request, tables.build(request.user, "decisions"))
    managed = on_calls(request.user, "manager")
    decided = set(Decision.objects.filter(managed, kind="main").values_list("volet_id", flat=True))
    context = {
        "list": page,
        "title": _("Décisions"),
        "noun": _("décisions"),
        "ready": Panel.objects.filter(managed, state="locked")
        .exclude(volet__in=decided)
        .select_related("call", "volet"),
        "waiting": deciding.money_back(Volet.objects.filter(managed)),
        "ended": deciding.past_their_list(Volet.objects.filter(managed)),
    }
    return render(request, "review/decisions.html", context)


def _name(decision: Decision) -> str:
    return f"{decision.call.code} {_('nᵒ')} {decision.number}"


def _href(decision: Decision) -> str:
    return reverse("decision", args=[decision.pk])


@require_POST
def decision_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Draft the decision of a locked panel."""
    panel = get_object_or_404(Panel.objects.filter(call__in=calls_with(request.user, "manager")), pk=pk)
    return _drafted(request, lambda: deciding.draft_main(panel, actor=request.user))


@require_POST
def decision_waiting_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Draft a decision that offers returned money to the waiting list."""
    volets = Volet.objects.filter(call__in=calls_with(request.user, "manager")).select_related(
        "budget_line", "call"
    )
    volet = get_object_or_404(volets, pk=pk)
    return _drafted(request, lambda: deciding.draft_waiting_list(volet, actor=request.user))


@require_POST
def decision_waiting_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Draft the decision that ends a waiting list which is no longer valid."""
    volets = Volet.objects.filter(call__in=calls_with(request.user, "manager")).select_related(
        "budget_line", "call"
    )
    volet = get_object_or_404(volets, pk=pk)
    return _drafted(request, lambda: deciding.draft_waiting_end(volet, actor=request.user))


def _drafted(request: HttpRequest, draft: Any) -> HttpResponse:
    try:
        made = draft()
    except Refused as refused:
        messages.error(request, " ".join(refused.reasons))
        return redirect("decisions")
    return redirect("decision", pk=made.pk)


def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """One page: lines, sums against envelope and reserves, departures, regions, hash; and what can be done."""
    found = _decision(request, pk)
    lines, withheld = _lines(found, request.user)
    offers = available(found, request.user)  # type: ignore[arg-type]
    editable = found.state in deciding.EDITABLE and is_manager(request.user, found.call)
    correctable = (
        found.state in ("signed", "released")
        and found.letters_at > now()
        and is_manager(request.user, found.call)
    )
    context = {
        "decision": found,
        "state": state_of(found),
        "kind": kind_words(found),
        "ledger": ledger(found, lines),
        "verbs": [_verb(found, offer) for offer in offers],
        "approvals_asked": approvals_of(found, lines, request.user),
        "approvals": found.approvals.select_related("user").order_by("at", "id"),
        "editable": editable,
        "correctable": correctable,
        "withheld": withheld,
        "obstacles": found.line_obstacles() if not withheld else [],
        "awards": Award.objects.filter(line__in=lines).select_related("organisation"),
    }
    return render(request, "review/decision.html", context)


def _decision(request: HttpRequest, pk: int) -> Decision:
    rows = Decision.objects.visible_to(request.user).select_related(
        "call__programme", "call__edition", "volet", "supersedes"
    )
    return get_object_or_404(rows, pk=pk)


def _shut(user: Any) -> set[int]:
    """Keys of the dossiers from which this person is recused."""
    return {row["dossier_id"] for row in recused_dossiers(user)}


def _lines(found: Decision, user: Any) -> tuple[list[DecisionLine], int]:
    """The lines this person reads, and how many are withheld: those of dossiers he or she is recused from."""
    rows, shut = list(found.lines.all()), _shut(user)
    kept = [row for row in rows if row.dossier_id not in shut]
    return kept, len(rows) - len(kept)


def _award(request: HttpRequest, pk: int) -> Award:
    """An offer; a recused person reads it only for his or her own municipality."""
    rows = Award.objects.visible_to(request.user).select_related("call", "volet__budget_line", "organisation")
    found = get_object_or_404(rows, pk=pk)
    if found.dossier_id in _shut(request.user) and not is_member(request.user, found.organisation):
        raise Http404
    return found


def _verb(found: Decision, offer: Any) -> dict[str, Any]:
    return {
        "name": offer.verb,
        "label": offer.label,
        "href": reverse("decision_verb", args=[found.pk, offer.verb]),
        "reason": " ".join(offer.reasons),
        "style": "main" if offer.verb in ("propose", "sign", "ask_release", "release") else "",
    }


def decision_verb(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Propose, sign with the password, return with a reason, release."""
    found = _decision(request, pk)
    page = VerbPage(
        back=reverse("decision", args=[pk]),
        template="review/decision_verb.html",
        context={
            "ledger": ledger(found, _lines(found, request.user)[0]),
            "decision": found,
            "subject": _name(found),
        },
    )
    return verb_page(request, found, verb, page)


def decision_line(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """Depart from the rule on one line: in place while it is prepared, by a correction once it is signed."""
    found = _decision(request, pk)
    if not is_manager(request.user, found.call):
        raise PermissionDenied
    row = get_object_or_404(
        DecisionLine.objects.exclude(dossier_id__in=_shut(request.user)).select_related("decision__call"),
        pk=line,
        decision=found,
        voided_at=None,
    )
    initial = {"outcome": row.outcome, "amount": row.amount, "reason": row.departure_reason}
    form = LineForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            target = _change(found, row, data, request.user)
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(None, reason)
        else:
            messages.success(request, _("La ligne est changée."))
            return redirect("decision", pk=target)
    context = {
        "decision": found,
        "line": row,
        "form": form,
        "correcting": found.state not in deciding.EDITABLE,
    }
    return render(request, "review/decision_line.html", context, status=422 if form.errors else 200)


def _change(found: Decision, row: DecisionLine, data: dict[str, Any], user: Any) -> int:
    """Do the change; the page to show next."""
    if found.state in deciding.EDITABLE:
        deciding.edit_line(row, data["outcome"], data["amount"], data["reason"], actor=user)
        return int(found.pk)
    change = deciding.Change(row, data["outcome"], data["amount"], data["reason"])
    return int(deciding.draft_correction(found, [change], actor=user).pk)


def decision_instants(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose when letters leave and when the list is public."""
    found = _decision(request, pk)
    if not is_manager(request.user, found.call):
        raise PermissionDenied
    form = InstantsForm(
        request.POST or None, initial={"letters_at": found.letters_at, "publish_at": found.publish_at}
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            deciding.set_instants(found, data["letters_at"], data["publish_at"], actor=request.user)
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(None, reason)
        else:
            messages.success(request, _("Les instants sont changés."))
            return redirect("decision", pk=pk)
    context = {"decision": found, "form": form}
    return render(request, "review/decision_instants.html", context, status=422 if form.errors else 200)


# --- offers ---------------------------------------------------------------------------------------
def award(request: HttpRequest, pk: int) -> HttpResponse:
    """An offer as its beneficiary and the ministry see it."""
    found = _award(request, pk)
    offers = available(found, request.user)  # type: ignore[arg-type]
    verbs = [
        {
            "name": offer.verb,
            "label": offer.label,
            "href": reverse("award_verb", args=[pk, offer.verb]),
            "reason": " ".join(offer.reasons),
            "style": "main" if offer.verb == "confirm" else "",
        }
        for offer in offers
    ]
    events = timeline(found, request.user, face="staff" if is_staff(request.user) else "applicant")
    context = {"award": found, "verbs": verbs, "base": _base(request), "events": events}
    return render(request, "review/award.html", context)


def award_verb(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Confirm an offer, or give it up."""
    found = _award(request, pk)
    page = VerbPage(
        back=reverse("award", args=[pk]), base=_base(request), context={"subject": found.dossier_number}
    )
    return verb_page(request, found, verb, page)


def _base(request: HttpRequest) -> str:
    return "base_staff.html" if is_staff(request.user) else "base_applicant.html"
