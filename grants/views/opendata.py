"""Open data: the page of the files, the list as 360Giving JSON, the dictionary, the entry of a catalogue."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grants import addresses, funded, publication
from grants.models import Call
from grants.opendata import catalogue, dictionary, giving
from web import clock, exports
from web.formats import language
from web.lists import Column, href

JSON_TYPE = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Offer:
    """A file: what it holds, its form, where it is, how many rows."""

    title: str
    kind: str
    href: str
    rows: int | None


@login_not_required
@require_safe
def open_data(request: HttpRequest) -> HttpResponse:
    """Every file with its date, rows and licence."""
    now = clock.now()
    calls = publication.decided_calls(now)
    counted = publication.funded_by_call(now, [one.pk for one in calls])
    every = sum(one.projects for one in counted.values())
    context = {
        "offers": _offers(calls, {key: one.projects for key, one in counted.items()}, every),
        "described": [
            Offer(_("Dictionnaire des données"), "CSV", reverse("dictionary_file"), len(dictionary.MEANINGS)),
            Offer(_("Description du CSV, pour les programmes (CSVW)"), "JSON", reverse("csvw"), None),
            Offer(_("Fiche de catalogue (DCAT)"), "JSON-LD", reverse("catalogue"), None),
        ],
        "listed": bool(counted),
        "today": now,
        "licence": funded.LICENCE,
        "licence_href": licence_href(),
        "both": addresses.both(request),
        "crumbs": [(_("Projets soutenus"), reverse("projects")), (_("Données ouvertes"), "")],
    }
    return render(request, "grants/open_data.html", context)


def _offers(calls: list[Call], counted: dict[int, int], every: int) -> list[Offer]:
    """All of it, then each call, in two forms; a call whose every offer fell has no row and no file."""
    if not every:
        return []
    csv, made = reverse("projects_file"), []
    made.append(Offer(_("Projets soutenus, tous les appels"), "CSV", csv, every))
    made.append(
        Offer(_("Projets soutenus, tous les appels"), _("JSON (360Giving 1.4)"), reverse("giving"), every)
    )
    for one in calls:
        if counted.get(one.pk):
            title, rows = _("Projets soutenus, appel %(code)s") % {"code": one.code}, counted[one.pk]
            made.append(Offer(title, "CSV", f"{csv}{href({'appel': [one.code]})}", rows))
            address = reverse("call_giving", args=[one.code])
            made.append(Offer(title, _("JSON (360Giving 1.4)"), address, rows))
    return made


@login_not_required
@require_safe
def projects_giving(request: HttpRequest) -> StreamingHttpResponse:
    """Everything that is public now."""
    return _giving(clock.now(), None)


@login_not_required
@require_safe
def call_giving(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """What is public now of a call: while nothing is, there is no file."""
    return _giving(clock.now(), get_object_or_404(Call.objects.public(), code=code))


def _giving(now: datetime, call: Call | None) -> StreamingHttpResponse:
    if not giving.rows(now, call).exists():
        raise Http404
    answer = StreamingHttpResponse(giving.stream(now, call), content_type=JSON_TYPE)
    name = exports.file_name("-".join([_("projets-soutenus"), *([call.code] if call else [])]), "json")
    _name(answer, name)
    return answer


def _columns() -> list[Column]:
    """The columns of the CSV."""
    return funded.file_columns(funded.scope(clock.now()))


@login_not_required
@require_safe
def dictionary_page(request: HttpRequest) -> HttpResponse:
    """The dictionary to read."""
    context = {
        "entries": dictionary.entries(_columns()),
        "today": clock.now(),
        "licence": funded.LICENCE,
        "licence_href": licence_href(),
        "both": addresses.both(request),
        "crumbs": [(_("Données ouvertes"), reverse("open_data")), (_("Dictionnaire"), "")],
    }
    return render(request, "grants/dictionary.html", context)


@login_not_required
@require_safe
def dictionary_file(request: HttpRequest) -> HttpResponse:
    """The dictionary as a table, both languages."""
    answer = HttpResponse(dictionary.table(_columns), content_type=exports.CSV_TYPE)
    _name(answer, "dictionnaire-projets-soutenus.csv")
    return answer


@login_not_required
@require_safe
def csvw(request: HttpRequest) -> HttpResponse:
    """The CSV described for machines."""
    return _json(dictionary.metadata(_columns()), "application/csvm+json; charset=utf-8")


@login_not_required
@require_safe
def dcat(request: HttpRequest) -> HttpResponse:
    """The entry of a catalogue."""
    return _json(catalogue.dataset(clock.now()), "application/ld+json; charset=utf-8")


def licence_href() -> str:
    """The words of the licence, in the reader's language."""
    return funded.LICENCE_HREF_EN if language() == "en" else funded.LICENCE_HREF


def _json(data: dict[str, Any], kind: str) -> HttpResponse:
    return HttpResponse(json.dumps(data, ensure_ascii=False, indent=1), content_type=kind)


def _name(answer: HttpResponseBase, name: str) -> None:
    """A file to keep, with its licence."""
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Link"] = f'<{licence_href()}>; rel="license"'
