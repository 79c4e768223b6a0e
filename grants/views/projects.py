"""The funded list: filters in the address, totals by region, one page a project."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from grants import publication
from grants.models import Award, Call
from web import clock, lists
from web.formats import tr

STATES = {
    "offered": gettext_lazy("Aide offerte"),
    "confirmed": gettext_lazy("Aide confirmée"),
    "signed": gettext_lazy("Convention signée"),
    "in_progress": gettext_lazy("En réalisation"),
    "reported": gettext_lazy("Rapport final déposé"),
    "closed": gettext_lazy("Terminé"),
}


def _columns(names: dict[str, str], *, several: bool) -> list[lists.Column]:
    """Columns of the public list; the call only when there are several."""
    columns = [
        lists.Column(
            "projet",
            gettext_lazy("Projet"),
            lambda row: row.title,
            href=lambda row: reverse("project", args=[row.dossier_number]),
            head=True,
        ),
        lists.Column(
            "municipalite", gettext_lazy("Municipalité"), lambda row: row.beneficiary, sort="beneficiary_sort"
        ),
        lists.Column(
            "region", gettext_lazy("Région"), lambda row: names.get(row.region_code, ""), sort="region_code"
        ),
        lists.Column("appel", gettext_lazy("Appel"), lambda row: row.call.code),
        lists.Column("themes", gettext_lazy("Thèmes"), lambda row: ", ".join(publication.theme_labels(row))),
        lists.Column("aide", gettext_lazy("Aide"), lambda row: row.amount, kind="money", sort="amount"),
    ]
    return [one for one in columns if several or one.key != "appel"]


def _in(field: str) -> Any:
    def apply(rows: QuerySet[Any], values: Sequence[str]) -> QuerySet[Any]:
        return rows.filter(**{f"{field}__in": list(values)})

    return apply


def _filters(calls: list[Call], regions: list[tuple[str, str]]) -> list[lists.Filter]:
    return [
        lists.Filter(
            "region", gettext_lazy("Région"), [lists.Choice(*one) for one in regions], _in("region_code")
        ),
        lists.Filter(
            "appel",
            gettext_lazy("Appel"),
            [lists.Choice(one.code, tr(one.title)) for one in calls],
            _in("call__code"),
        ),
    ]


@login_not_required
@require_safe
def projects(request: HttpRequest) -> HttpResponse:
    """Projects funded and public now, with their totals by region."""
    now = clock.now()
    names = publication.region_names()
    calls = publication.published_calls(now)
    rows = publication.published(now)
    regions = [(code, names[code]) for code in sorted(names, key=lambda code: names[code])]
    shown = lists.build_list(
        request,
        rows,
        _columns(names, several=len(calls) > 1),
        _filters(calls, regions),
        "municipalite",
        search=lists.Search(gettext_lazy("Municipalité, MRC ou mot du projet"), publication.search),
    )
    chosen = shown.selection
    wanted = chosen.params.get("appel", [])
    scope = [one for one in calls if not wanted or one.code in wanted]
    context = {
        "list": shown,
        "calls": calls,
        "scope": scope,
        "totals": publication.totals(chosen.rows, now, [one.pk for one in scope]),
        "regions": publication.by_region(chosen.rows, names),
        "names": regions,
        "region_chosen": (chosen.params.get("region") or [""])[0],
        "call_chosen": (wanted or [""])[0],
    }
    return render(request, "grants/projects.html", context)


@login_not_required
@require_safe
def project(request: HttpRequest, number: str) -> HttpResponse:
    """One funded project, at a permanent address."""
    now = clock.now()
    award: Award = get_object_or_404(publication.published(now), dossier_number=number)
    answers = publication.public_answers(award)
    context = {
        "award": award,
        "answers": answers,
        "themes": publication.theme_labels(award),
        "start": _day(answers.get("start")),
        "end": _day(answers.get("end")),
        "region": publication.region_names().get(award.region_code, ""),
        "state": STATES.get(award.state, award.state),
        "rate": (award.amount * 100 + award.kept_costs // 2) // award.kept_costs
        if award.kept_costs
        else None,
        "crumbs": [(_("Projets soutenus"), reverse("projects")), (award.dossier_number, "")],
    }
    return render(request, "grants/project.html", context)


def _day(value: Any) -> date | None:
    """A day as an answer writes it."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
