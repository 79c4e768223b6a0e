"""Who is late on what: reviewers, municipalities, releases whose instant passed; each list whole, by call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import CompletionRequest, Dossier
from applications.taking import record_taken
from grants.models import Call, Decision
from grants.rules import calls_with, on_calls
from review.models import Assignment
from review.querysets import recused_dossiers
from web import clock, formats, tables
from web.formats import tr
from web.lists import Choice, Column, Filter, ListPage, State

CHASERS = ("manager", "secretary")
FIRST = 8  # rows of each kind on the page of all delays
DEFINITIONS = {
    "qui": gettext_lazy("Personne ou organisme de qui quelque chose est attendu."),
    "quoi": gettext_lazy("Dossier ou décision dont il s’agit."),
    "appel": gettext_lazy("Appel à projets."),
    "attendu": gettext_lazy("Instant auquel c’était attendu."),
    "reste": gettext_lazy("Temps qui reste, ou depuis quand l’instant est passé."),
    "ecrire": gettext_lazy("Adresse à laquelle écrire."),
}


@dataclass(frozen=True)
class Kind:
    """One kind of delay: its words, its rows, and how a row is told."""

    title: Any
    empty: Any
    help: Any
    call_path: str
    who: Callable[[Any], str]
    about: Callable[[Any], str]
    page: Callable[[Any], str]
    due: str


def _dossier_page(row: Any) -> str:
    return reverse("dossier", args=[row.dossier_id])


KINDS = {
    "fiches": Kind(
        gettext_lazy("Fiches d’évaluation en retard"),
        gettext_lazy("Aucune fiche n’est en retard"),
        gettext_lazy("Une fiche paraît ici quand sa date est passée et qu’elle n’est pas remise."),
        "panel__call",
        lambda row: str(row.reviewer),
        lambda row: f"{row.dossier.number} {row.dossier.title}",
        lambda row: reverse("panel_dossier", args=[row.panel_id, row.dossier_id]),
        "due_at",
    ),
    "complements": Kind(
        gettext_lazy("Compléments attendus"),
        gettext_lazy("Aucun complément n’est attendu"),
        gettext_lazy("Une demande de compléments paraît ici tant que l’organisme n’y a pas répondu."),
        "dossier__call",
        lambda row: row.dossier.lead_name,
        lambda row: f"{row.dossier.number} {row.dossier.title}",
        _dossier_page,
        "due_at",
    ),
    "liberations": Kind(
        gettext_lazy("Décisions à libérer, instant passé"),
        gettext_lazy("Aucune décision n’attend sa libération"),
        gettext_lazy("Une décision signée paraît ici quand l’instant de ses lettres passe sans libération."),
        "call",
        lambda row: _("Décision nᵒ %(n)s") % {"n": row.number},
        lambda row: row.call.code,
        lambda row: reverse("decision", args=[row.pk]),
        "letters_at",
    ),
}


def rows_of(user: Any, kind: str) -> QuerySet[Any]:
    """Rows of a kind in the calls that this person chases, never those of a dossier he or she is shut out of."""
    mine = on_calls(user, *CHASERS, path=KINDS[kind].call_path)
    now = clock.now()
    if kind == "liberations":
        return Decision.objects.filter(mine, state="signed", letters_at__lt=now).select_related("call")
    seen = Dossier.objects.visible_to(user).exclude(pk__in=recused_dossiers(user)).values("pk")
    if kind == "complements":
        rows = CompletionRequest.objects.filter(mine, closed_at__isnull=True, dossier__in=seen)
        return rows.select_related("dossier__call")
    given = Assignment.objects.filter(
        mine, panel__state="open", due_at__lt=now, state__in=["offered", "accepted"], dossier__in=seen
    )
    return given.exclude(sheet__state="handed_in").select_related("reviewer", "dossier", "panel__call")


def columns(kind: Kind) -> list[Column]:
    """Who, on what, in which call, since when, and where to write."""
    now = clock.now()

    def due(row: Any) -> Any:
        return getattr(row, kind.due)

    def left(row: Any) -> State:
        return State("ko" if due(row) <= now else "info", formats.due_in(due(row), now))

    found = [
        Column("qui", gettext_lazy("Qui"), kind.who, head=True),
        Column("quoi", gettext_lazy("Quoi"), kind.about, href=kind.page, cut=True),
        Column("appel", gettext_lazy("Appel"), lambda row: _call_of(row, kind).code),
        Column("attendu", gettext_lazy("Attendu"), due, kind="datetime", sort=kind.due),
        Column("reste", gettext_lazy("Depuis"), left, kind="state"),
    ]
    if kind is KINDS["fiches"]:
        found.append(_write_to())
    return found


def _write_to() -> Column:
    """The address of a reviewer, as a link that opens a letter."""
    return Column(
        "ecrire",
        gettext_lazy("Écrire"),
        lambda row: row.reviewer.email,
        href=lambda row: f"mailto:{row.reviewer.email}?subject={row.dossier.number}",
    )


def _call_of(row: Any, kind: Kind) -> Any:
    for name in kind.call_path.split("__"):
        row = getattr(row, name)
    return row


def late_table(key: str, user: Any, part: str) -> tables.Table:
    """One kind of delay, in one's calls."""
    if not calls_with(user, *CHASERS):
        raise Http404
    kind = KINDS[key]
    by_call = Filter(
        "appel",
        gettext_lazy("Appel"),
        lambda: [Choice(code, f"{tr(title)} ({code})") for code, title in _codes(user)],
        lambda rows, values: rows.filter(**{f"{kind.call_path}__code__in": values}),
    )
    record = partial(record_taken, path=kind.call_path)
    return tables.Table(rows_of(user, key), columns(kind), "attendu", [by_call], record=record, found=kind)


def _codes(user: Any) -> list[tuple[str, Any]]:
    found = Call.objects.filter(pk__in=calls_with(user, *CHASERS))
    return list(found.order_by("code").values_list("code", "title"))


def late_list(request: HttpRequest, kind: str) -> HttpResponse:
    """One kind of delay, whole."""
    table = tables.build(request.user, f"retards-{kind}")
    page: ListPage = tables.draw(request, table)
    context = {"list": page, "kind": table.found, "title": table.found.title, "noun": _("lignes")}
    return render(request, "notifications/late_list.html", context)


def late(request: HttpRequest) -> HttpResponse:
    """Every kind of delay on one page, the oldest first, for the manager and the secretary."""
    if not calls_with(request.user, *CHASERS):
        raise Http404
    mine = Call.objects.filter(pk__in=calls_with(request.user, "manager")).exclude(state="draft")
    sections = [_section(request.user, kind) for kind in KINDS]
    context = {
        "sections": [section for section in sections if section["total"]],
        "none": [section for section in sections if not section["total"]],
        "calls": mine.order_by("-closes_at", "code"),
    }
    return render(request, "notifications/late.html", context)


def _section(user: Any, key: str) -> dict[str, Any]:
    """The first rows of a kind, and how many there are."""
    kind, rows = KINDS[key], rows_of(user, key)
    shown = list(rows.order_by(kind.due, "pk")[: FIRST + 1])
    total = rows.count() if len(shown) > FIRST else len(shown)
    told = [
        {"who": kind.who(row), "about": kind.about(row), "due": getattr(row, kind.due), "url": kind.page(row)}
        for row in shown[:FIRST]
    ]
    return {"kind": kind, "rows": told, "total": total, "href": reverse(f"late_{key}")}
