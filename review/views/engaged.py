"""What is promised on the envelopes: the lines of signed decisions that stand, with their sum."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.taking import record_taken
from grants.models import DecisionLine, Volet
from grants.models.decision import PAID
from grants.rules import DECISION_ROLES, calls_with, on_calls
from review.querysets import recused_dossiers
from review.views.asking import me, require
from web import formats, tables
from web.lists import Choice, Column, Filter, State

COMMITTED = ("signed", "released")
POOL = "pool"
DEFINITIONS = {
    "numero": gettext_lazy("Numéro du dossier."),
    "organisme": gettext_lazy("Organisme à qui l’aide est promise."),
    "projet": gettext_lazy("Titre du projet à la décision."),
    "montant": gettext_lazy("Montant engagé sur l’enveloppe du volet."),
    "source": gettext_lazy("Part de l’enveloppe d’où vient le montant : le fonds commun ou une réserve."),
    "decision": gettext_lazy("Décision signée qui porte la ligne."),
    "etat": gettext_lazy("Engagée sous embargo, ou déjà annoncée à l’organisme."),
}


def engaged(user: Any) -> QuerySet[DecisionLine]:
    """Lines that hold money now, for those who know decisions; never of a dossier the person is recused of."""
    rows = DecisionLine.objects.filter(
        on_calls(user, *DECISION_ROLES, path="decision__call"),
        decision__state__in=COMMITTED,
        voided_at__isnull=True,
        outcome__in=PAID,
    )
    return rows.exclude(award__freed__gt=0).exclude(dossier_id__in=recused_dossiers(user))


def columns(names: dict[tuple[int, str], Any]) -> list[Column]:
    """The columns of what is promised."""

    def source(line: Any) -> str:
        return formats.tr(names.get((line.decision.volet_id, line.source), _("Fonds commun")))

    def state(line: Any) -> State:
        return State("accepted", _("Annoncé")) if line.executed_at else State("waitlisted", _("Sous embargo"))

    return [
        Column(
            "numero",
            gettext_lazy("Numéro"),
            lambda one: one.dossier_number,
            sort="dossier_number",
            href=_page,
        ),
        Column(
            "organisme", gettext_lazy("Organisme"), lambda one: one.beneficiary, sort="beneficiary", head=True
        ),
        Column("projet", gettext_lazy("Projet"), lambda one: one.title, cut=True, typed=True),
        Column("montant", gettext_lazy("Montant"), lambda one: one.amount, kind="money", sort="amount"),
        Column("source", gettext_lazy("Source"), source, sort="source"),
        Column(
            "decision",
            gettext_lazy("Décision"),
            lambda one: f"{one.decision.call.code} nᵒ {one.decision.number}",
            sort="decision_id",
            href=lambda one: reverse("decision", args=[one.decision_id]),
        ),
        Column("etat", gettext_lazy("État"), state, kind="state"),
    ]


def _page(line: Any) -> str:
    return reverse("dossier", args=[line.dossier_id])


def filters(volets: Sequence[Volet]) -> list[Filter]:
    """Call, volet, and the part of the envelope that pays."""
    calls = {one.call.code: one.call.title for one in volets}
    sources = {POOL: _("Fonds commun")}
    for one in volets:
        sources |= {reserve["name"]: formats.tr(reserve["label"]) for reserve in one.reserves}
    return [
        Filter(
            "appel",
            gettext_lazy("Appel"),
            [Choice(code, f"{formats.tr(title)} ({code})") for code, title in sorted(calls.items())],
            lambda rows, values: rows.filter(decision__call__code__in=values),
        ),
        Filter(
            "volet",
            gettext_lazy("Volet"),
            [Choice(str(one.pk), f"{formats.tr(one.label)} ({one.call.code})") for one in volets],
            lambda rows, values: rows.filter(decision__volet_id__in=values),
        ),
        Filter(
            "source",
            gettext_lazy("Source"),
            [Choice(name, label) for name, label in sources.items()],
            lambda rows, values: rows.filter(source__in=values),
        ),
    ]


def engaged_table(user: Any, part: str) -> tables.Table:
    """What is promised, in one's calls."""
    require(bool(calls_with(user, *DECISION_ROLES)))
    volets = list(
        Volet.objects.filter(on_calls(user, *DECISION_ROLES))
        .select_related("call")
        .order_by("call__code", "position")
    )
    names = {(one.pk, reserve["name"]): reserve["label"] for one in volets for reserve in one.reserves}
    return tables.Table(
        engaged(user).select_related("decision__call"),
        columns(names),
        "-montant",
        filters(volets),
        share=("decision",),
        record=partial(record_taken, path="decision__call"),
    )


def engagements(request: HttpRequest) -> HttpResponse:
    """The lines behind « engagé », with their sum."""
    page = tables.draw(request, tables.build(me(request), "engagements"))
    dollars = int(page.selection.rows.order_by().aggregate(total=Sum("amount"))["total"] or 0)
    context = {
        "list": page,
        "dollars": dollars,
        "extra": formats.money(dollars),
        "decisions_href": reverse("decisions"),
    }
    return render(request, "review/engaged.html", context)
