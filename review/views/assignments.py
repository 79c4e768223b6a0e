"""What a reviewer does: declares over the list in one pass, then reads and scores on one screen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from applications.taking import record_taken
from review import facts, rules
from review.actions import assignments as acts
from review.actions import sheets
from review.forms import DeclareForm
from review.models import Assignment, Sheet
from review.views.asking import assignment_or_404, me, require, say_refusals
from review.views.reading import sections_of
from web import clock, formats, tables
from web.http import see_other
from web.lists import Column
from workflows.engine import NotAllowed, NotVisible, Refused, available, fire
from workflows.pages import VerbPage, verb_page


@dataclass
class Asked:
    """One dossier of the pass on conflicts: the card, the hints, the form."""

    row: Assignment
    form: DeclareForm
    hints: list[str]


HINTS = {
    "same_municipality": lambda one: _("%(name)s est la municipalité où vous vivez.") % one,
    "same_mrc": lambda one: _("%(name)s est de la même MRC que vous.") % one,
    "employer_is_body": lambda one: _("%(name)s porte le nom de votre organisme, %(employer)s.") % one,
    "employer_is_supplier": lambda one: (
        _("Fournisseur nommé : %(name)s, comme votre organisme, %(employer)s.") % one
    ),
}


def hint_words(hints: list[dict[str, str]]) -> list[str]:
    """The hints of `review.conflicts` as sentences for the reviewer."""
    return [HINTS[one["code"]](one) for one in hints if one["code"] in HINTS]


DEFINITIONS = {
    "numero": gettext_lazy("Numéro du dossier."),
    "organisme": gettext_lazy("Organismes du dossier, celui qui porte la demande d’abord."),
    "projet": gettext_lazy("Titre du projet."),
    "situation": gettext_lazy("À déclarer, à l’examen, à noter, ou remise."),
    "attendu": gettext_lazy("Instant auquel la fiche est attendue."),
    "remise": gettext_lazy("Instant de la remise de la fiche."),
}


def situation(row: Assignment) -> str:
    """Where one's part is."""
    if row.state == "offered":
        return _("À l’examen") if row.declaration else _("À déclarer")
    return _("À noter") if row.sheet.state == "draft" else _("Remise")


def columns() -> list[Column]:
    """What is given to a person, by what may be read of it at any moment."""

    def handed(row: Assignment) -> Any:
        return row.sheet.handed_in_at if row.state == "accepted" and row.sheet.state != "draft" else None

    return [
        Column("numero", gettext_lazy("Dossier"), lambda row: row.card["number"], head=True),
        Column("organisme", gettext_lazy("Organisme"), lambda row: ", ".join(row.card["bodies"])),
        Column("projet", gettext_lazy("Projet"), lambda row: row.card["title"], cut=True),
        Column("situation", gettext_lazy("Situation"), situation),
        Column("attendu", gettext_lazy("Attendu"), lambda row: row.due_at, kind="datetime", sort="due_at"),
        Column("remise", gettext_lazy("Remise"), handed, kind="datetime"),
    ]


def mine_table(user: Any, part: str) -> tables.Table:
    """What is given to this person, by date."""
    require(rules.is_reviewer_anywhere(user))
    rows = Assignment.objects.own(user).select_related("sheet", "panel__call")
    record = partial(record_taken, path="panel__call")
    return tables.Table(rows, columns(), "attendu", record=record)


def mine(request: HttpRequest) -> HttpResponse:
    """What remains: to declare, to score, handed in; one statement whatever the number."""
    table = tables.build(me(request), "evaluations")
    rows = list(table.rows.order_by("due_at", "pk"))
    asked = [_asked(request, row) for row in rows if row.state == "offered" and not row.declaration]
    scored = [row for row in rows if row.state == "accepted"]
    context = {
        "asked": asked,
        "waiting": [row for row in rows if row.declaration == "to_examine"],
        "todo": [row for row in scored if row.sheet.state == "draft"],
        "done": [row for row in scored if row.sheet.state != "draft"],
        "now": clock.now(),
        "count": len(rows),
        "take": tables.take_of(request, table) if rows else None,
    }
    return render(request, "review/mine.html", context)


def _asked(request: HttpRequest, row: Assignment, data: Any = None) -> Asked:
    return Asked(row, DeclareForm(data, prefix=f"a{row.pk}"), hint_words(row.hints))


@require_POST
def declare(request: HttpRequest) -> HttpResponseBase:
    """Do the whole pass; what lacks a reason comes back with everything that was written."""
    require(rules.is_reviewer_anywhere(me(request)))
    rows = Assignment.objects.own(me(request)).filter(state="offered", declaration="")
    asked = [
        _asked(request, row, request.POST)
        for row in rows.select_related("panel__call").order_by("due_at", "pk")
    ]
    valid = [one.form.is_valid() for one in asked]
    if not all(valid):
        return render(
            request, "review/mine.html", {"asked": asked, "faulty": True, "count": len(asked)}, status=422
        )
    answers = [
        acts.Declaration(
            one.row, acts.ANSWERS[one.form.cleaned_data["answer"]], one.form.cleaned_data["text"]
        )
        for one in asked
        if one.form.cleaned_data["answer"]
    ]
    refused = acts.declare(answers, actor=me(request))
    say_refusals(request, refused)
    done = len(answers) - len(refused)
    if done:
        messages.success(request, _("Réponses enregistrées : %(n)s.") % {"n": done})
    elif not refused:
        messages.info(request, _("Aucune réponse n’était cochée."))
    return see_other("my_assignments")


def assignment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Declare when it is offered; read and score once accepted; who follows the panel gets its page."""
    row = assignment_or_404(request, pk)
    if row.reviewer_id != me(request).pk:
        return see_other("panel_dossier", row.panel_id, row.dossier_id)
    if row.state == "offered":
        context = {"asked": [] if row.declaration else [_asked(request, row)], "waiting": [row], "one": True}
        context["waiting"] = [row] if row.declaration else []
        return render(request, "review/mine.html", {**context, "count": 1})
    require(row.state == "accepted")
    sheet = sheets.sheet_of(Sheet.objects.visible_to(me(request)).get(assignment_id=row.pk).pk)
    if request.method == "POST":
        return _write(request, sheet)
    return _page(request, sheet)


def _written(request: HttpRequest, sheet: Sheet) -> sheets.Written:
    """The part of the sheet that a page sends."""
    posted = request.POST
    codes = [one["id"] for one in facts.grid_of(sheet.assignment.dossier)["criteria"]]
    return sheets.Written(
        scores={code: posted[f"score_{code}"] for code in codes if f"score_{code}" in posted},
        comments={code: posted[f"comment_{code}"] for code in codes if f"comment_{code}" in posted},
        strengths=posted.get("strengths"),
        weaknesses=posted.get("weaknesses"),
    )


def _write(request: HttpRequest, sheet: Sheet) -> HttpResponseBase:
    """Save, and hand in when asked; a refusal shows its sentences with all that was written kept."""
    row = sheet.assignment
    act = request.POST.get("act", "save")
    try:
        if sheet.state == "draft":
            sheet = sheets.save(sheet, _written(request, sheet), actor=me(request))
        if act == "hand_in":
            fire(sheet, "hand_in", actor=me(request))
            messages.success(request, _("Fiche remise pour %(number)s.") % {"number": row.card["number"]})
            return see_other("my_assignments")
    except (NotVisible, NotAllowed):
        raise Http404 from None
    except Refused as said:
        return _page(request, sheet, said.reasons, 422)
    messages.success(request, _("Enregistré à %(time)s.") % {"time": formats.time(sheet.updated_at)})
    return see_other("assignment", row.pk)


@require_POST
def autosave(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is written as one goes; answers in JSON, in words ready to be shown."""
    row = assignment_or_404(request, pk)
    require(row.reviewer_id == me(request).pk and row.state == "accepted")
    sheet = sheets.sheet_of(row.sheet.pk)
    try:
        sheet = sheets.save(sheet, _written(request, sheet), actor=me(request))
    except NotAllowed:
        raise Http404 from None
    except Refused as said:
        return JsonResponse({"refused": list(said.reasons)}, status=409)
    grid = facts.grid_of(sheet.assignment.dossier)
    total, done = sheets.provisional(grid, sheet.scores)
    words = _("Enregistré à %(time)s") % {"time": formats.time(sheet.updated_at)}
    return JsonResponse({"saved": words, "total": total, "done": done})


@dataclass
class Mark:
    """One mark of the scale, with its anchor where one is written."""

    value: str
    shown: str
    anchor: Any
    between: str
    taken: bool


@dataclass
class Criterion:
    """One criterion on the score page."""

    code: str
    label: Any
    help: Any
    weight: int
    threshold: str
    marks: list[Mark]
    score: str
    comment: str
    wants: bool
    current: bool


def _criteria(grid: Any, sheet: Sheet, current: str) -> list[Criterion]:
    found = []
    for one in grid["criteria"]:
        code = one["id"]
        score = sheet.scores.get(code, "")
        marks = [_mark(one, value, score) for value in facts.marks(grid)]
        found.append(
            Criterion(
                code,
                one["label"],
                one.get("help") or "",
                one["weight"],
                one["threshold"] or "",
                marks,
                facts.shown_mark(score),
                sheet.comments.get(code, ""),
                facts.wants_comment(grid, score),
                code == current,
            )
        )
    return found


def _mark(criterion: Any, value: str, score: str) -> Mark:
    anchor = criterion["anchors"].get(value, "")
    low = value.partition(".")[0]
    between = "" if "." not in value else _("entre %(low)s et %(high)s") % {"low": low, "high": int(low) + 1}
    return Mark(value, facts.shown_mark(value), anchor, between, value == score)


def _page(request: HttpRequest, sheet: Sheet, reasons: Any = (), status: int = 200) -> HttpResponse:
    """Read on the left, score on the right."""
    row = sheet.assignment
    edition = row.dossier.edition.content
    grid = edition["grid"]
    codes = [one["id"] for one in grid["criteria"]]
    asked = request.GET.get("critere", "")
    current = asked if asked in codes else next((one for one in codes if not sheet.scores.get(one)), codes[0])
    total, done = sheets.provisional(grid, sheet.scores)
    own = Assignment.objects.own(me(request)).filter(state="accepted", sheet__state="draft")
    following = own.exclude(pk=row.pk).order_by("due_at", "pk").first()
    offers = available(sheet, me(request))
    context = {
        "row": row,
        "sheet": sheet,
        "is_open": sheet.state == "draft" and row.panel.state == "open",
        "criteria": _criteria(grid, sheet, current),
        "current": current,
        "sections": sections_of(sheet.snapshot, edition, current),
        "only": asked in codes,
        "total": total,
        "done": done,
        "left": own.count(),
        "following": following,
        "others": _others(request, sheet) if sheet.state == "handed_in" else [],
        "offers": {one.verb: one for one in offers},
        "reasons": reasons,
        "comment_rule": _comment_rule(grid.get("comment_required") or {}),
        "keys": _keys(grid),
        "save_url": reverse("assignment_save", args=[row.pk]),
    }
    return render(request, "review/score.html", context, status=status)


def _keys(grid: Any) -> dict[str, Any]:
    """The digits that score from the keyboard on this scale, and whether the comma gives a half."""
    marks = facts.marks(grid)
    digits = [one for one in marks if len(one) == 1]
    return {"low": digits[-1], "high": digits[0], "half": "." in "".join(marks)} if digits else {}


def _comment_rule(rule: Any) -> str:
    """When the grid asks for a comment, in words."""
    below, at = facts.shown_mark(rule.get("below") or ""), facts.shown_mark(rule.get("at") or "")
    if rule.get("below") and rule.get("at"):
        return _("(exigé sous %(below)s et pour %(at)s)") % {"below": below, "at": at}
    if rule.get("below"):
        return _("(exigé sous %(below)s)") % {"below": below}
    return _("(exigé pour %(at)s)") % {"at": at} if rule.get("at") else _("(facultatif)")


def _others(request: HttpRequest, sheet: Sheet) -> list[dict[str, Any]]:
    """Sheets of the others, once one's own is handed in: scores and comments, no names."""
    rows = (
        Sheet.objects.visible_to(me(request))
        .standing()
        .filter(assignment__dossier_id=sheet.assignment.dossier_id)
        .exclude(pk=sheet.pk)
        .order_by("pk")
    )
    codes = [one["id"] for one in facts.grid_of(sheet.assignment.dossier)["criteria"]]
    return [
        {
            "label": _("Autre fiche %(n)s") % {"n": place},
            "total": facts.two_decimals(one.total),
            "marks": [
                (code, facts.shown_mark(one.scores.get(code, "")), one.comments.get(code, ""))
                for code in codes
            ],
        }
        for place, one in enumerate(rows, start=1)
    ]


def verb(request: HttpRequest, pk: int, verb: str) -> HttpResponseBase:
    """Any verb of an assignment, with its reason."""
    row = assignment_or_404(request, pk)
    is_own = row.reviewer_id == me(request).pk
    back = (
        reverse("my_assignments") if is_own else reverse("panel_dossier", args=[row.panel_id, row.dossier_id])
    )
    answer = verb_page(request, row, verb, VerbPage(back=back, context={"subject": row.card["number"]}))
    return answer


@require_POST
def sheet_verb(request: HttpRequest, pk: int, verb: str) -> HttpResponseBase:
    """Hand in or reopen one's own sheet."""
    row = assignment_or_404(request, pk)
    require(row.reviewer_id == me(request).pk and row.state == "accepted" and verb in ("hand_in", "reopen"))
    sheet = sheets.sheet_of(row.sheet.pk)
    try:
        fire(sheet, verb, actor=me(request))
    except (NotVisible, NotAllowed):
        raise Http404 from None
    except Refused as said:
        return _page(request, sheet, said.reasons, 422)
    if verb == "reopen":
        messages.success(request, _("Fiche rouverte : elle ne compte plus tant que vous ne la remettez pas."))
    return see_other("assignment", row.pk)
