"""Panels: coverage, late reviewers, divergences as a queue, consensus, recusals, and the way to the committee."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import BooleanField, Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from applications.models import Dossier
from applications.taking import record_taken
from grants.models import Volet
from grants.rules import calls_with
from review import facts, rules
from review.actions import assignments as acts
from review.actions import panels as panel_acts
from review.forms import DueForm, PanelForm
from review.models import Assignment, Panel, Sheet
from review.querysets import not_recused
from review.views.asking import me, panel_or_404, require, say_refusals, visible_panel
from web import clock, formats, tables
from web.http import see_other, whole
from web.lists import Choice, Column, Filter, State
from workflows.engine import NotAllowed, NotVisible, Refused, available
from workflows.pages import VerbPage, verb_page

WORDS = {"open": gettext_lazy("Ouvert"), "locked": gettext_lazy("Verrouillé")}


def panel_columns() -> list[Column]:
    """Columns of the list of panels."""
    return [
        Column(
            "name",
            gettext_lazy("Comité"),
            lambda one: formats.tr(one.name),
            sort="code",
            href=lambda one: reverse("panel" if one.follows else "ranking", args=[one.pk]),
            head=True,
        ),
        Column("call", gettext_lazy("Appel"), lambda one: one.call.code, sort="call__code"),
        Column("due", gettext_lazy("Fiches attendues"), lambda one: one.due_at, kind="date", sort="due_at"),
        Column("dossiers", gettext_lazy("Dossiers"), lambda one: one.dossiers, kind="int"),
        Column("sheets", gettext_lazy("Fiches remises"), lambda one: one.sheets, kind="int"),
        Column(
            "state",
            gettext_lazy("État"),
            lambda one: State("closed" if one.state == "locked" else "in_progress", WORDS[one.state]),
            kind="state",
            sort="state",
        ),
    ]


PANELS = {
    "name": gettext_lazy("Nom du comité."),
    "call": gettext_lazy("Appel à projets dont le comité évalue un volet."),
    "due": gettext_lazy("Jour où les fiches sont attendues."),
    "dossiers": gettext_lazy("Nombre de dossiers passés à l’évaluation dans ce volet."),
    "sheets": gettext_lazy("Nombre de fiches remises."),
    "state": gettext_lazy("Verrouillé quand le classement est figé."),
}


def panels_table(user: Any, part: str) -> tables.Table:
    """The panels that this person sits on, prepares or audits."""
    seen = Panel.objects.visible_to(user)
    require(
        rules.is_reviewer_anywhere(user)
        or rules.is_panel_staff_anywhere(user)
        or bool(calls_with(user, "authority"))
    )
    counted = Dossier.objects.filter(
        volet_id=OuterRef("volet_id"), sheets_done__gte=0, secret=True
    ).order_by()
    total = counted.values("volet_id").annotate(n=Count("pk")).values("n")
    handed = Sheet.objects.filter(state="handed_in", assignment__panel_id=OuterRef("pk")).order_by()
    sheets = handed.values("assignment__panel_id").annotate(n=Count("pk")).values("n")
    rows = seen.annotate(
        dossiers=Subquery(total),
        sheets=Subquery(sheets),
        follows=Exists(Panel.objects.followed_by(user).filter(pk=OuterRef("pk"))),
    ).select_related("call")
    return tables.Table(rows, panel_columns(), "due", share=("call",))


def index(request: HttpRequest) -> HttpResponse:
    """The panels that this person sits on, prepares or audits."""
    user = me(request)
    page = tables.draw(request, tables.build(user, "comites"))
    may_create = bool(calls_with(user, *rules.STAFF))
    return render(request, "review/panels.html", {"list": page, "may_create": may_create})


def create(request: HttpRequest) -> HttpResponseBase:
    """A panel for a volet that has none."""
    calls = calls_with(me(request), *rules.STAFF)
    require(bool(calls))
    volets = Volet.objects.filter(call_id__in=calls, panels__isnull=True).select_related("call")
    initial = {"name": _("Comité d’évaluation")}
    form = PanelForm(request.POST or None, volets=volets, initial=initial)
    if request.method == "POST" and form.is_valid():
        volet = form.cleaned_data["volet"]
        try:
            made = panel_acts.create_panel(
                volet.call, volet, form.cleaned_data["name"], form.due_at(), actor=me(request)
            )
        except Refused as said:
            form.add_error(None, " ".join(said.reasons))
        else:
            messages.success(request, _("Comité créé. Nommez-en maintenant les membres."))
            return see_other("panel", made.pk)
    return render(
        request,
        "review/panel_form.html",
        {"form": form, "title": _("Créer un comité"), "back": reverse("panels"), "none": not volets.exists()},
        status=422 if form.is_bound else 200,
    )


def date(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Another date for the sheets."""
    row = panel_or_404(request, pk)
    require(rules.is_panel_staff(me(request), row))
    form = DueForm(request.POST or None, initial={"due": formats.local(row.due_at).date()})
    if request.method == "POST" and form.is_valid():
        try:
            panel_acts.change_due(row, form.due_at(), actor=me(request))
        except Refused as said:
            form.add_error("due", " ".join(said.reasons))
        else:
            messages.success(request, _("Date changée pour toutes les fiches à remettre."))
            return see_other("panel", row.pk)
    context = {
        "form": form,
        "title": _("Changer la date des fiches"),
        "back": reverse("panel", args=[row.pk]),
    }
    return render(request, "review/panel_form.html", context, status=422 if form.is_bound else 200)


# --- coverage -------------------------------------------------------------------------------------------
def coverage(panel: Panel, user: Any) -> QuerySet[Dossier]:
    """Dossiers of a panel with what its page counts, without those from which the person is recused."""
    live = panel.assignments.filter(dossier_id=OuterRef("pk"), state__in=["offered", "accepted"]).order_by()
    given = live.values("dossier_id").annotate(n=Count("pk")).values("n")
    held = Q(state="in_progress", stage__in=panel.open_stages())
    if panel.state == "locked":  # those that it judged stay on its page once they are decided
        judged = panel.assignments.filter(dossier_id=OuterRef("pk"), sheet__state="handed_in")
        held |= Q(Exists(judged), state__in=["accepted", "rejected", "waitlisted"])
    rows: QuerySet[Dossier] = Dossier.objects.visible_to(user).filter(
        not_recused(user), held, call_id=panel.call_id, volet_id=panel.volet_id
    )
    return rows.annotate(given=Subquery(given))


def dossier_columns(panel: Panel) -> list[Column]:
    """Columns of the coverage of a panel."""
    needed = panel.volet.sheets_required
    return [
        Column(
            "number",
            gettext_lazy("Numéro"),
            lambda one: one.number,
            sort="number",
            href=lambda one: reverse("panel_dossier", args=[panel.pk, one.pk]),
            head=True,
        ),
        Column("lead", gettext_lazy("Organisme"), lambda one: one.lead_name, sort="lead_sort"),
        Column("title", gettext_lazy("Projet"), lambda one: one.title, cut=True, typed=True),
        Column("given", gettext_lazy("Confié"), lambda one: one.given or 0, kind="int"),
        Column(
            "sheets",
            gettext_lazy("Fiches"),
            lambda one: State(
                "ok" if one.sheets_done >= needed else "warn",
                _("%(done)s sur %(needed)s") % {"done": one.sheets_done, "needed": needed},
            ),
            kind="state",
            sort="sheets_done",
        ),
        Column("score", pgettext_lazy("score", "Note"), lambda one: facts.two_decimals(one.score), dim=True),
        Column(
            "divergent",
            gettext_lazy("Écart"),
            lambda one: State("warn", _("Divergence")) if one.divergent else None,
            kind="state",
            sort="divergent",
        ),
        Column(
            "stage",
            gettext_lazy("Étape"),
            lambda one: formats.tr(panel.process().label(one.stage)),
            sort="stage",
        ),
    ]


def situations(needed: int) -> dict[str, Q]:
    """What the filter of the coverage and the numbers that open it ask for."""
    return {
        "pret": Q(sheets_done__gte=needed),
        "incomplet": Q(sheets_done__lt=needed),
        "divergent": Q(divergent=True),
        "sans": Q(given__isnull=True, sheets_done__lt=needed),
    }


def _filters(needed: int) -> list[Filter]:
    tests = situations(needed)
    words = (_("Fiches toutes remises"), _("Fiches manquantes"), _("Divergences"), _("Confié à personne"))
    choices = [Choice(key, label) for key, label in zip(tests, words, strict=True)]

    def apply(rows: Any, values: Any) -> Any:
        wanted = Q()
        for value in values:
            wanted |= tests[value]
        return rows.filter(wanted)

    return [Filter("vue", gettext_lazy("Situation"), choices, apply)]


COVERAGE = {
    "number": gettext_lazy("Numéro du dossier."),
    "lead": gettext_lazy("Organisme qui porte la demande."),
    "title": gettext_lazy("Titre du projet à la dernière version déposée."),
    "given": gettext_lazy("Nombre de personnes à qui le dossier est confié."),
    "sheets": gettext_lazy("Fiches remises, sur le nombre demandé par le volet."),
    "score": gettext_lazy("Moyenne des fiches qui tiennent, arrondie à deux décimales."),
    "divergent": gettext_lazy("Dit quand les fiches divergent au-delà du seuil."),
    "stage": gettext_lazy("Étape du dossier dans le processus."),
}


def coverage_table(user: Any, part: str) -> tables.Table:
    """The dossiers of a panel with what is missing."""
    row = visible_panel(user, whole(part) or 0)
    require(rules.may_follow(user, row))
    return tables.Table(
        coverage(row, user),
        dossier_columns(row),
        "number",
        _filters(row.volet.sheets_required),
        record=record_taken,
        found=row,
    )


def panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the panel stands: what is missing, who is late, what diverges."""
    table = tables.build(me(request), "couverture", str(pk))
    row, seen = table.found, coverage(table.found, me(request))
    needed = row.volet.sheets_required
    page = tables.draw(request, table)
    now = clock.now()
    given = Assignment.objects.visible_to(me(request)).filter(panel=row)
    is_late = Q(due_at__lt=now) & ~Q(sheet__state="handed_in")
    awaited = given.filter(state__in=["offered", "accepted"]).annotate(
        is_late=Case(When(is_late, then=True), default=False, output_field=BooleanField())
    )
    pressing = awaited.filter(Q(is_late=True) | Q(state="offered", declaration="to_examine"))
    waiting: list[Any] = list(pressing.select_related("reviewer").order_by("due_at", "pk"))
    counts = seen.aggregate(
        dossiers=Count("pk"),
        ready=Count("pk", filter=Q(sheets_done__gte=needed)),
        divergent=Count("pk", filter=Q(divergent=True)),
        alone=Count("pk", filter=Q(given__isnull=True, sheets_done__lt=needed)),
        closable=Count("pk", filter=_closable(row)),
    )
    context = {
        "panel": row,
        "list": page,
        "counts": counts,
        "figures": _figures(counts),
        "examined": [one for one in waiting if one.state == "offered" and one.declaration == "to_examine"],
        "late": [one for one in waiting if one.is_late],
        "divergent": seen.filter(divergent=True).order_by("number"),
        "offers": available(row, me(request)),
        "is_staff": rules.is_panel_staff(me(request), row),
        "is_secretary": rules.is_panel_secretary(me(request), row),
        "may_judge": rules.may_judge(me(request), row),
        "is_manager": "manager" in _roles(request, row),
        "may_rank": rules.may_read_ranking(me(request), row),
        "now": now,
        "members": acts.reviewers_of(row),
    }
    return render(request, "review/panel.html", context)


def _roles(request: HttpRequest, row: Panel) -> frozenset[str]:
    from grants.rules import roles_in_call

    return roles_in_call(me(request), row.call)


def _figures(counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"label": _("Dossiers"), "value": counts["dossiers"], "href": "?#couv"},
        {"label": _("Fiches toutes remises"), "value": counts["ready"], "href": "?vue=pret#couv"},
        {"label": _("Divergences à régler"), "value": counts["divergent"], "href": "?vue=divergent#couv"},
        {"label": _("Confiés à personne"), "value": counts["alone"], "href": "?vue=sans#couv"},
    ]


def _closable(row: Panel) -> Q:
    stages = [code for code, stage in row.process().stages.items() if stage.kind.code == "review"]
    return Q(stage__in=stages, sheets_done__gte=F("volet__sheets_required"))


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Pass every complete dossier to the committee."""
    row = panel_or_404(request, pk)
    require(rules.is_panel_secretary(me(request), row))
    rows = list(coverage(row, me(request)).filter(_closable(row)).order_by("number"))
    try:
        done, refused = panel_acts.close_reviews(row, rows, actor=me(request))
    except (NotAllowed, NotVisible):
        raise Http404 from None
    if done:
        messages.success(request, _("Dossiers passés au comité : %(n)s.") % {"n": len(done)})
    say_refusals(request, refused)
    return see_other("panel", row.pk)


def verb(request: HttpRequest, pk: int, verb: str) -> HttpResponseBase:
    """The lock, with what it does in words."""
    row = panel_or_404(request, pk)
    back = reverse("ranking", args=[row.pk])
    return verb_page(request, row, verb, VerbPage(back=back, context={"subject": formats.tr(row.name)}))
