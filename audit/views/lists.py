"""The auditor's lists: calls, and the dossiers of a call in the state they had on a day; drawn and taken away."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from applications import taking
from audit import reading, rules
from audit.forms import DAY, end_of
from audit.reading import Then
from audit.views.frame import STATES, read, sign_of, stage_of
from grants.models import Call
from web import clock, formats, tables
from web.formats import tr
from web.http import see_other
from web.lists import Choice, Column, Filter

CALLS, DOSSIERS = "verification", "dossiers-verifies"
AS_OF = re.compile(r"(.+)_(\d{4}-\d{2}-\d{2})")  # the part that names a call as of a day
CALL_WORDS = {
    "code": gettext_lazy("Code de l’appel."),
    "title": gettext_lazy("Titre de l’appel."),
    "closes": gettext_lazy("Instant de la clôture."),
}
DOSSIER_WORDS = {
    "number": gettext_lazy("Numéro donné au premier dépôt."),
    "lead": gettext_lazy("Organisme qui porte la demande, nommé comme il l’est maintenant."),
    "state": gettext_lazy("État que le registre donne à la date de lecture."),
    "stage": gettext_lazy(
        "Étape du processus que le registre donne à la date de lecture, tant que rien n’est fini."
    ),
    "since": gettext_lazy("Instant de l’événement qui a mis le dossier dans cet état ou cette étape."),
    "version": gettext_lazy("Version déposée qui était en vigueur à la date de lecture."),
}


def register() -> None:
    """Called once, when the site starts."""
    tables.register(CALLS, gettext_lazy("Appels à vérifier"), calls_table, "audit", definitions=CALL_WORDS)
    tables.register(
        DOSSIERS,
        gettext_lazy("Dossiers tels qu’ils étaient"),
        dossiers_table,
        "audit_dossiers",
        definitions=DOSSIER_WORDS,
        has_parts=True,
    )


# --- calls -------------------------------------------------------------------------------------------------
def calls_table(user: Any, part: str) -> tables.Table:
    """The calls that a person audits."""
    if not rules.is_auditor_anywhere(user):
        raise Http404
    columns = [
        Column("code", _("Appel"), lambda one: one.code, head=True, href=_call_href, sort="code"),
        Column("title", _("Titre"), lambda one: tr(one.title)),
        Column("closes", _("Clôture"), lambda one: one.closes_at, kind="datetime", sort="closes_at"),
    ]
    return tables.Table(rules.audited_by(user), columns, "-closes")


def _call_href(call: Call) -> str:
    return reverse("audit_call", args=[call.code])


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The calls this person audits."""
    page = tables.draw(request, tables.build(request.user, CALLS))
    return render(
        request, "audit/index.html", {"list": page, "title": _("Vérification"), "noun": _("appels")}
    )


# --- dossiers ----------------------------------------------------------------------------------------------
def part_of(code: str, day: date | None) -> str:
    """The part that names the list: the call, and the day when it is not now."""
    return f"{code}_{day.isoformat()}" if day else code


def _split(part: str) -> tuple[str, date | None]:
    found = AS_OF.fullmatch(part)
    try:
        return (found[1], date.fromisoformat(found[2])) if found else (part, None)
    except ValueError:
        return part, None


def dossiers_table(user: Any, part: str) -> tables.Table:
    """Dossiers filed by then, each in the state it had."""
    code, day = _split(part)
    call = get_object_or_404(rules.audited_by(user).select_related("edition__definition"), code=code)
    at = min(end_of(day), clock.now()) if day else clock.now()
    told: dict[int, Then] = {}

    def then(row: Any) -> Then:
        if row.pk not in told:
            told[row.pk] = reading.then(row)
        return told[row.pk]

    def href(row: Any) -> str:
        query = f"?{DAY}={day.isoformat()}" if day else ""
        return reverse("audit_dossier", args=[code, row.pk]) + query

    columns = [
        Column("number", _("Dossier"), lambda row: row.number, head=True, href=href, sort="number"),
        Column("lead", _("Organisme"), lambda row: row.lead_name, sort="lead_sort"),
        Column("state", _("État d’alors"), lambda row: sign_of(then(row)), kind="state"),
        Column("stage", _("Étape d’alors"), lambda row: stage_of(call, then(row))),
        Column("since", _("Depuis"), lambda row: then(row).since, kind="datetime"),
        Column("version", _("Version"), lambda row: then(row).snapshot.get("version"), kind="int"),
    ]
    filters = [_state_filter(), *_day_filter(day)]
    rows = reading.dossiers_at(user, call, at)
    return tables.Table(rows, columns, "number", filters, record=taking.record_taken)


def _state_filter() -> Filter:
    def choices() -> list[Choice]:
        return [Choice(code, label) for code, label in STATES.items() if code != "draft"]

    return Filter("etat", _("État d’alors"), choices, lambda rows, codes: rows.filter(state_then__in=codes))


def _day_filter(day: date | None) -> Iterable[Filter]:
    """The day stays in the addresses of the list as a filter of its own."""
    if day is not None:
        only = [Choice(day.isoformat(), formats.date_long(day))]
        yield Filter(DAY, _("Lu au"), only, lambda rows, _taken: rows)


@require_safe
def dossiers(request: HttpRequest, code: str) -> HttpResponse:
    """The list of a call as of a day."""
    bare, day = _split(code)
    if day is not None and not rules.audited_by(request.user).filter(code=code).exists():
        asked = request.GET.copy()
        asked[DAY] = day.isoformat()
        return see_other(f"{reverse('audit_dossiers', args=[bare])}?{asked.urlencode()}")
    reader = read(request, code)
    page = tables.draw(request, tables.build(request.user, DOSSIERS, part_of(code, reader.day)))
    context = reader.context(
        "audit_dossiers",
        _("Dossiers"),
        list=page,
        title=_("Dossiers tels qu’ils étaient"),
        noun=_("dossiers"),
        empty_title=_("Aucun dossier n’était déposé"),
        empty_text=_(
            "Les dossiers paraissent ici dès leur dépôt, dans l’état qu’ils avaient à la date choisie."
        ),
        next_href=reverse("audit_call", args=[code]) + reader.query,
        next_label=_("Lire l’appel"),
    )
    return render(request, "audit/dossiers.html", context)
