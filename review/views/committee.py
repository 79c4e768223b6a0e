"""One dossier before the committee: sheets side by side, spreads, consensus, recusals."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from applications.models import Dossier
from review import facts, ranking, rules
from review.actions import assignments as acts
from review.actions import panels as panel_acts
from review.forms import ConsensusForm, FurtherForm, RecuseForm
from review.models import Assignment, Consensus, Panel, Sheet
from review.views.asking import dossier_or_404, me, panel_or_404, require
from web import clock, formats
from web.http import see_other
from workflows.engine import Refused, available


def dossier(request: HttpRequest, pk: int, dossier: int) -> HttpResponse:
    """Sheets side by side, spreads, consensus; who was given the dossier."""
    row = panel_or_404(request, pk)
    require(rules.may_follow(me(request), row))
    found = dossier_or_404(request, row, dossier)
    scored = ranking.score_dossier(found)
    sheets = list(
        Sheet.objects.visible_to(me(request))
        .filter(assignment__dossier=found)
        .select_related("assignment__reviewer")
        .order_by("assignment_id")
    )
    given = Assignment.objects.visible_to(me(request)).filter(dossier=found)
    context = {
        "panel": row,
        "dossier": found,
        "scored": scored["result"],
        "score": facts.two_decimals((scored["result"]["score"] or {}).get("exact", "")),
        "rows": _criteria(found, scored, sheets),
        "total": _total(scored["result"], sheets),
        "sheets": sheets,
        "given": [
            (one, available(one, me(request)))
            for one in given.select_related("reviewer", "panel__call", "sheet").order_by("pk")
        ],
        "may_judge": rules.may_judge(me(request), row) and row.state == "open",
        "is_staff": rules.is_panel_staff(me(request), row),
        "in_review": row.process().stages[found.stage].kind.code == "review" if found.stage else False,
        "stage": row.process().label(found.stage),
    }
    return render(request, "review/panel_dossier.html", context)


def _criteria(found: Dossier, scored: dict[str, Any], sheets: list[Sheet]) -> list[dict[str, Any]]:
    """One line a criterion: each sheet's mark, the mean, the spread, the consensus."""
    result, agreed = scored["result"], {one.criterion: one for one in found.consensus.select_related("by")}
    spreads = {one["on"]: one["spread"] for one in result["divergences"]}
    rows = []
    for one in facts.grid_of(found)["criteria"]:
        code = one["id"]
        counted = [Fraction(s.scores[code]) for s in sheets if s.state == "handed_in" and code in s.scores]
        mean = str(sum(counted, Fraction(0)) / len(counted)) if counted else ""
        told = result["criteria"][code]
        rows.append(
            {
                "code": code,
                "label": one["label"],
                "threshold": one["threshold"] or "",
                "marks": [(s.assignment.reviewer.name, _shown(s, code)) for s in sheets],
                "comments": [(s, s.comments.get(code, "")) for s in sheets if s.comments.get(code, "")],
                "mean": facts.two_decimals(mean),
                "percent": formats.percent(told["percent"]["rounded"], places=2) if told["percent"] else "–",
                "passes": told["passes"],
                "spread": facts.two_decimals(spreads[code]) if code in spreads else "",
                "consensus": agreed.get(code),
                "shown_consensus": facts.shown_mark(agreed[code].score) if code in agreed else "",
            }
        )
    return rows


def _shown(sheet: Sheet, code: str) -> str:
    """The mark of a sheet on a criterion, nothing of one that is still written."""
    return facts.shown_mark(sheet.scores.get(code, "")) if sheet.state != "draft" else "–"


def _total(result: dict[str, Any], sheets: list[Sheet]) -> dict[str, Any]:
    spreads = {one["on"]: one["spread"] for one in result["divergences"]}
    return {
        "marks": [(one.assignment.reviewer.name, facts.two_decimals(one.total)) for one in sheets],
        "spread": facts.two_decimals(spreads["total"]) if "total" in spreads else "",
    }


def consensus(request: HttpRequest, pk: int, dossier: int, criterion: str) -> HttpResponseBase:
    """Record what the committee agreed on a criterion (or on the total: the mean kept), or take it back."""
    row = panel_or_404(request, pk)
    found = dossier_or_404(request, row, dossier)
    require(rules.may_judge(me(request), row))
    grid = facts.grid_of(found)
    labels = {one["id"]: one["label"] for one in grid["criteria"]} | {"total": _("Total")}
    require(criterion in labels)
    known = Consensus.objects.filter(dossier=found, criterion=criterion).first()
    initial = {"score": known.score, "text": known.reason} if known else {}
    form = ConsensusForm(request.POST or None, grid=grid, criterion=criterion, initial=initial)
    back = _back(request, row, found)
    if request.method == "POST":
        try:
            if request.POST.get("act") == "forget":
                panel_acts.forget_conclusion(row, found, criterion, actor=me(request))
                return see_other(back)
            if form.is_valid():
                score, text = form.cleaned_data["score"], form.cleaned_data["text"]
                panel_acts.conclude(row, found, criterion, score, text, actor=me(request))
                messages.success(request, _("Conclusion du comité enregistrée."))
                return see_other(back)
        except Refused as said:
            form.add_error(None, " ".join(said.reasons))
    context = {
        "form": form,
        "title": _("Conclusion du comité sur %(what)s")
        % {"what": criterion if criterion != "total" else _("le total")},
        "lead": f"{found.number}, {found.title}. {formats.tr(labels[criterion])}",
        "back": back,
        "known": known,
    }
    return render(request, "review/panel_form.html", context, status=422 if form.is_bound else 200)


def _back(request: HttpRequest, row: Panel, found: Dossier) -> str:
    """Where an answer to a divergence leads back: the queue it was opened from, else the sheets side by side."""
    if request.GET.get("file"):
        return f"{reverse('panel_divergences', args=[row.pk])}#d{found.pk}"
    return reverse("panel_dossier", args=[row.pk, found.pk])


def recuse(request: HttpRequest, pk: int, dossier: int) -> HttpResponseBase:
    """Shut a member out of a dossier."""
    row = panel_or_404(request, pk)
    found = dossier_or_404(request, row, dossier)
    require(rules.may_judge(me(request), row))
    form = RecuseForm(request.POST or None, people=acts.reviewers_of(row).exclude(pk=me(request).pk))
    back = reverse("panel_dossier", args=[row.pk, found.pk])
    if request.method == "POST" and form.is_valid():
        try:
            acts.recuse_person(
                row, found, form.cleaned_data["person"], form.cleaned_data["text"], actor=me(request)
            )
        except Refused as said:
            form.add_error(None, " ".join(said.reasons))
        else:
            messages.success(request, _("Récusation enregistrée : le dossier est fermé pour cette personne."))
            return see_other(back)
    context = {
        "form": form,
        "title": _("Récuser une personne"),
        "lead": f"{found.number}, {found.title}",
        "back": back,
    }
    return render(request, "review/panel_form.html", context, status=422 if form.is_bound else 200)


def further(request: HttpRequest, pk: int, dossier: int) -> HttpResponseBase:
    """Give a dossier whose sheets diverge to one more member, before the committee."""
    row = panel_or_404(request, pk)
    found = dossier_or_404(request, row, dossier)
    require(rules.may_judge(me(request), row))
    people = acts.others_for(row, found)
    week = formats.local(max(row.due_at, clock.now() + timedelta(days=7))).date()
    chosen = User.objects.filter(pk__in=[one.pk for one in people]).order_by("sort_name")
    form = FurtherForm(request.POST or None, people=chosen, initial={"due": week})
    back = _back(request, row, found)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            acts.offer(row, found, data["person"], form.due_at(), actor=me(request), reason=data["text"])
        except Refused as said:
            form.add_error(None, " ".join(said.reasons))
        else:
            done = _(
                "Le dossier est aussi confié à %(name)s. Une fois acceptée, sa fiche est attendue avant le comité."
            )
            messages.success(request, done % {"name": data["person"].name})
            return see_other(back)
    context = {
        "form": form,
        "title": _("Demander une autre lecture"),
        "lead": f"{found.number}, {found.title}",
        "back": back,
    }
    return render(request, "review/panel_form.html", context, status=422 if form.is_bound else 200)
