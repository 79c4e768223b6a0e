"""The funded list: filters in the address, totals that follow them, its file, one page a project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from grants import addresses, classes, funded, publication
from grants.models import Award
from grants.opendata import atlas, plain
from grants.views.opendata import licence_href
from web import clock, exports, lists
from web.formats import language

SEARCH = lists.Search(gettext_lazy("Municipalité, MRC ou mots du projet"), publication.search)
# Filters that leave the calls whole: what was refused may be told beside what was funded.
WHOLE = frozenset({"appel", "tri", "col", "densite", funded.MAP})
FIRST = frozenset({"region", "mrc", "appel"})


def _asked(request: HttpRequest, found: funded.Scope) -> dict[str, Any]:
    """What the page and its file are made from: the same rows, columns and filters."""
    return {
        "queryset": publication.published(found.now),
        "columns": funded.columns(found),
        "filters": funded.filters(found, request.GET),
        "default_sort": funded.DEFAULT_SORT,
        "search": SEARCH,
    }


@login_not_required
@require_safe
def projects(request: HttpRequest) -> HttpResponseBase:
    """Projects funded and public now, with the totals of what the filters leave."""
    found = funded.scope(clock.now())
    shown = lists.build_list(request, **_asked(request, found))
    chosen = shown.selection
    wanted = chosen.params.get("appel", [])
    calls = [one for one in found.calls if not wanted or one.code in wanted]
    menus = funded.menus(shown, found)
    first = [one for one in menus if one.key in FIRST]
    rest = [one for one in menus if one.key not in FIRST]
    regions = publication.by_region(chosen.rows, found.regions)
    measure = atlas.DOLLARS if chosen.params.get(funded.MAP) else atlas.PROJECTS
    # How the map is coloured narrows nothing: it is not among the filters to take away.
    shown.chips[:] = [chip for chip in shown.chips if f"{chip.group}" != _("Carte")]
    context = {
        "list": shown,
        "lines": [(line, foreign(row)) for line, row in zip(shown.lines, shown.objects, strict=True)],
        "calls": found.calls,
        "scope": calls,
        "totals": publication.funded(chosen.rows),
        "regions": atlas.every_region(regions),
        "atlas": atlas.draw(regions, measure, chosen.params.get("region", []), _to_region(chosen.params)),
        "region_hrefs": {code: _to_region(chosen.params)(code) for code in atlas.shapes()["regions"]},
        "taken_regions": chosen.params.get("region", []),
        "measures": [
            (
                _("Nombre de projets"),
                lists.href({**chosen.params, funded.MAP: []}),
                measure == atlas.PROJECTS,
            ),
            (
                _("Aide en dollars"),
                lists.href({**chosen.params, funded.MAP: ["aide"]}),
                measure == atlas.DOLLARS,
            ),
        ],
        "refused": publication.refused(found.now, calls) if set(chosen.params) <= WHOLE else (0, 0),
        "menus": first,
        "more_menus": rest,
        "more_open": any(one.active for one in rest) or "tri" in chosen.params,
        "bodies": chosen.params.get("organisme", []),
        "file_href": f"{reverse('projects_file')}{lists.href(chosen.params)}",
        "today": found.now,
        "licence": funded.LICENCE,
        "licence_href": licence_href(),
        "both": addresses.both(request),
    }
    return render(request, "grants/projects.html", context)


@login_not_required
@require_safe
def projects_file(request: HttpRequest) -> HttpResponseBase:
    """The rows of the page, all of them, in its order: its columns, then what each project's page says."""
    found = funded.scope(clock.now())
    asked = _asked(request, found)
    asked["queryset"] = asked["queryset"].select_related("organisation")
    chosen = lists.select(request, **asked)
    chosen = funded.with_details(chosen, found)
    answer = exports.csv_response(chosen, _("projets-soutenus"), share=("call", "volet"))
    answer.headers["Link"] = f'<{licence_href()}>; rel="license"'
    return answer


@login_not_required
@require_safe
def project(request: HttpRequest, number: str) -> HttpResponseBase:
    """One funded project, at a permanent address."""
    now = clock.now()
    rows = publication.published(now).select_related("organisation")
    award: Award = get_object_or_404(rows, dossier_number=number)
    answers = publication.public_answers(award)
    start, end = plain.dates(award)
    region = publication.region_names().get(award.region_code, "")
    others = publication.published(now).filter(organisation=award.organisation).count() - 1
    context = {
        "award": award,
        "answers": answers,
        "typed_in": foreign(award),
        "themes": publication.theme_labels(award),
        "targets": publication.public_targets(award),
        "pledges": publication.pledges(award),
        "start": start,
        "end": end,
        "geo_code": funded.geo_code(award.organisation),
        "told": plain.sentences(award, region),
        "region": region,
        "size": classes.size_label(award.size),
        "state": funded.STATES.get(award.state, award.state),
        "rate": plain.rate(award),
        "others": others,
        "body_href": f"{reverse('projects')}{lists.href({'organisme': [funded.body_key(award.organisation)]})}",
        "permanent": funded.address(award.dossier_number),
        "today": now,
        "licence": funded.LICENCE,
        "licence_href": licence_href(),
        "both": addresses.both(request),
        "crumbs": [(_("Projets soutenus"), reverse("projects")), (award.dossier_number, "")],
    }
    return render(request, "grants/project.html", context)


def foreign(award: Award) -> str:
    """The language in which a municipality wrote, when it is not the reader's."""
    written = language(award.call.language)
    return "" if written == language() else {"fr": "fr-CA", "en": "en-CA"}[written]


def _to_region(params: lists.Params) -> Callable[[str], str]:
    """The address of the same view in a region, or in all of them for the one that is alone."""

    def to(code: str) -> str:
        alone = params.get("region") == [code]
        return lists.href({**params, "region": [] if alone else [code], "mrc": []}) or "?"

    return to
