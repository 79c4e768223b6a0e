"""The funded list as a list: its columns, its filters, what a file of it holds besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation, Scheme
from accounts.names import fold
from grants import classes, publication
from grants.models import Award, AwardTheme, Call
from web import formats, lists
from web.formats import tr

LICENCE = "CC BY 4.0"
LICENCE_HREF = "https://creativecommons.org/licenses/by/4.0/deed.fr"
LICENCE_HREF_EN = "https://creativecommons.org/licenses/by/4.0/"
DEFAULT_SORT = "municipalite"
MAP = "carte"
DRAWN = (("aide", gettext_lazy("Aide en dollars")),)
MOST_BODIES = 20
# What anybody may read of where a project stands.
STATES = {
    "offered": gettext_lazy("Aide offerte"),
    "confirmed": gettext_lazy("Aide confirmée"),
    "signed": gettext_lazy("Convention signée"),
    "in_progress": gettext_lazy("En réalisation"),
    "reported": gettext_lazy("Rapport final déposé"),
    "closed": gettext_lazy("Terminé"),
}


@dataclass(frozen=True)
class Scope:
    """What the list is made from at an instant, read once a page."""

    now: datetime
    regions: Mapping[str, str]
    calls: Sequence[Call]
    places: Sequence[tuple[str, str, str]]
    themes: Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class Menu:
    """A filter as a menu: groups of choices, with what is taken."""

    key: str
    label: lists.Label
    every: str
    groups: list[tuple[str, list[tuple[str, str, bool]]]]
    active: bool


def scope(now: datetime) -> Scope:
    """Regions, calls, places and themes of what is public now."""
    return Scope(
        now,
        publication.region_names(),
        publication.decided_calls(now),
        publication.places(now),
        publication.themes(now),
    )


def address(number: str) -> str:
    """The permanent address of a project, in the reader's language."""
    return f"{settings.SITE_URL}{reverse('project', args=[number])}"


def geo_code(body: Organisation) -> str:
    """The code géographique of a municipality or the code of an MRC; bodies without one have nothing."""
    return body.code if body.scheme in (Scheme.QC, Scheme.MRC) else ""


# --- columns ------------------------------------------------------------------------------------------
def columns(found: Scope) -> list[lists.Column]:
    """Columns of the page; the call only when there are several."""
    made = [
        lists.Column(
            "projet",
            gettext_lazy("Projet"),
            lambda row: row.title,
            sort="title_sort",
            href=lambda row: reverse("project", args=[row.dossier_number]),
            head=True,
        ),
        lists.Column(
            "municipalite", gettext_lazy("Municipalité"), lambda row: row.beneficiary, sort="beneficiary_sort"
        ),
        lists.Column(
            "region",
            gettext_lazy("Région"),
            lambda row: found.regions.get(row.region_code, ""),
            sort="region_code",
        ),
        lists.Column("appel", gettext_lazy("Appel"), lambda row: row.call.code),
        lists.Column("themes", gettext_lazy("Thèmes"), lambda row: ", ".join(publication.theme_labels(row))),
        lists.Column("aide", gettext_lazy("Aide"), lambda row: row.amount, kind="money", sort="amount"),
    ]
    return [one for one in made if len(found.calls) > 1 or one.key != "appel"]


def with_details(chosen: lists.Selection, found: Scope) -> lists.Selection:
    """The same rows for a file: the columns of the page, then those of each project's page, then the licence."""
    shown = {one.key for one in chosen.columns}
    more = [one for one in _details(found) if one.key not in shown]
    return replace(chosen, columns=[*chosen.columns, *more])


def file_columns(found: Scope) -> list[lists.Column]:
    """The columns of the whole file."""
    shown = columns(found)
    return [*shown, *(one for one in _details(found) if one.key not in {each.key for each in shown})]


def _details(found: Scope) -> list[lists.Column]:
    """What each project's page says besides the list."""
    day = formats.local(found.now).date()
    sizes = {code: classes.size_label(code) for code in classes.SIZE_CODES}
    return [
        lists.Column("appel", _("Appel"), lambda row: row.call.code),
        lists.Column("numero", _("Numéro"), lambda row: row.dossier_number),
        lists.Column("code", _("Code géographique"), lambda row: geo_code(row.organisation)),
        lists.Column("mrc", _("MRC"), lambda row: row.mrc_name),
        lists.Column("taille", _("Taille"), lambda row: sizes.get(row.size, "")),
        lists.Column("volet", _("Volet"), lambda row: tr(row.volet.label)),
        lists.Column("resume", _("Résumé public"), lambda row: row.public.get("public_summary") or ""),
        lists.Column("couts", _("Coûts retenus"), lambda row: row.kept_costs or None, kind="money"),
        lists.Column("debut", _("Début"), lambda row: row.public.get("start") or ""),
        lists.Column("fin", _("Fin prévue"), lambda row: row.public.get("end") or ""),
        lists.Column("etat", _("État"), lambda row: STATES.get(row.state, "")),
        lists.Column("offert", _("Aide annoncée"), lambda row: row.letters_at, kind="date"),
        lists.Column("publie", _("Publié"), lambda row: row.publish_at, kind="date"),
        lists.Column("adresse", _("Adresse permanente"), lambda row: address(row.dossier_number)),
        lists.Column("a_jour", _("Données au"), lambda row: day, kind="date"),
        lists.Column("licence", _("Licence des données"), lambda row: LICENCE),
    ]


# --- filters ------------------------------------------------------------------------------------------
def filters(found: Scope, asked: QueryDict) -> list[lists.Filter]:
    """Every filter of the page, with the values that the list holds."""
    here = {region for region, _code, _name in found.places}
    regions = sorted(
        ((code, found.regions.get(code, code)) for code in here if code), key=lambda one: fold(one[1])
    )
    mrcs = {code: name for _region, code, name in found.places if code}
    return [
        lists.Filter("region", gettext_lazy("Région"), _choices(regions), _among("region_code")),
        lists.Filter("mrc", gettext_lazy("MRC"), _choices(mrcs.items()), _among("mrc_code")),
        lists.Filter(
            "appel",
            gettext_lazy("Appel"),
            _choices((one.code, f"{tr(one.title)} ({one.code})") for one in found.calls),
            _among("call__code"),
        ),
        lists.Filter(
            "theme",
            gettext_lazy("Thème"),
            _choices(
                sorted(((code, tr(label)) for code, label in found.themes), key=lambda one: fold(one[1]))
            ),
            _of_themes,
        ),
        lists.Filter(
            "taille",
            gettext_lazy("Taille"),
            _choices((code, classes.size_label(code)) for code in classes.SIZE_CODES),
            _among("size"),
        ),
        lists.Filter(
            "aide",
            gettext_lazy("Aide"),
            _choices((band.code, classes.amount_label(band)) for band in classes.AMOUNTS),
            _of_amounts,
        ),
        lists.Filter("organisme", gettext_lazy("Organisme"), lambda: _bodies(found.now, asked), _of_bodies),
        # How the map is coloured: it leaves every row.
        lists.Filter(MAP, gettext_lazy("Carte"), _choices(DRAWN), lambda rows, _values: rows),
    ]


def _choices(pairs: Any) -> list[lists.Choice]:
    return [lists.Choice(value, label) for value, label in pairs]


def _among(name: str) -> Any:
    def apply(rows: QuerySet[Award], values: Sequence[str]) -> QuerySet[Award]:
        return rows.filter(**{f"{name}__in": list(values)})

    return apply


def _of_themes(rows: QuerySet[Award], values: Sequence[str]) -> QuerySet[Award]:
    """A project of two themes asked for is one row."""
    return rows.filter(pk__in=AwardTheme.objects.filter(code__in=list(values)).values("award"))


def _of_amounts(rows: QuerySet[Award], values: Sequence[str]) -> QuerySet[Award]:
    wanted = Q()
    for band in classes.AMOUNTS:
        if band.code in values:
            wanted |= Q(amount__gte=band.low) & (Q() if band.high is None else Q(amount__lte=band.high))
    return rows.filter(wanted)


def body_key(body: Organisation) -> str:
    """An organisation in an address: `qc-31056`."""
    return f"{body.scheme}-{body.code}"


def _bodies(now: datetime, asked: QueryDict) -> list[lists.Choice]:
    """The organisations that the address names, if they are on the list: nothing is read when it names none."""
    wanted = Q(pk__in=[])
    for value in asked.getlist("organisme")[:MOST_BODIES]:
        scheme, _dash, code = value.replace("\x00", "").partition("-")
        wanted |= Q(scheme=scheme[:10], code=code[:20])
    if not asked.getlist("organisme"):
        return []
    rows = Organisation.objects.filter(wanted, pk__in=Award.objects.published(now).values("organisation"))
    return [lists.Choice(body_key(one), one.name) for one in rows]


def _of_bodies(rows: QuerySet[Award], values: Sequence[str]) -> QuerySet[Award]:
    wanted = Q()
    for value in values:
        scheme, _dash, code = value.partition("-")
        wanted |= Q(organisation__scheme=scheme, organisation__code=code)
    return rows.filter(wanted)


# --- menus --------------------------------------------------------------------------------------------
def menus(shown: lists.ListPage, found: Scope) -> list[Menu]:
    """The filters as menus, calls when there are several; MRCs under their region, those of a chosen one alone."""
    every = {
        "region": _("Toutes les régions"),
        "mrc": _("Toutes les MRC"),
        "appel": _("Tous les appels"),
        "theme": _("Tous les thèmes"),
        "taille": _("Toutes les tailles"),
        "aide": _("Tous les montants"),
    }
    made = []
    for facet in shown.facets:
        if facet.key in every and (facet.key != "appel" or len(found.calls) > 1):
            taken = [(choice.value, tr(choice.label), is_taken) for choice, is_taken in facet.choices]
            groups = _by_region(taken, found, shown) if facet.key == "mrc" else [("", taken)]
            made.append(Menu(facet.key, facet.label, every[facet.key], groups, bool(facet.active)))
    return made


def _by_region(
    taken: list[tuple[str, str, bool]], found: Scope, shown: lists.ListPage
) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    regions = shown.selection.params.get("region", [])
    grouped: dict[str, list[tuple[str, str, bool]]] = {}
    home = {code: region for region, code, _name in found.places}
    for one in taken:
        region = home.get(one[0], "")
        if not regions or region in regions or one[2]:
            grouped.setdefault(found.regions.get(region, ""), []).append(one)
    return sorted(grouped.items(), key=lambda group: fold(group[0]))
