"""What the dossiers of a call pledge to public targets, added up: by target, by indicator, people served once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from accounts.models.organisation import COUNTED_ELSEWHERE
from applications import pledges, taking, territories
from applications.models import Body, Dossier, Pledge, Tie
from applications.querysets import open_to
from applications.territories import Directory, Served
from grants import frames
from grants.models import Call
from web import clock, formats, tables
from web.lists import Choice, Column, Filter, Rows

KEY = "engagements-cibles"
WORDS = {
    "numero": gettext_lazy("Numéro du dossier qui s’engage."),
    "organisme": gettext_lazy("Organisme qui porte la demande."),
    "indicateur": gettext_lazy("Indicateur du catalogue de l’appel."),
    "cible": gettext_lazy("Cible publique que cet indicateur fait avancer."),
    "depart": gettext_lazy("Valeur de départ."),
    "arrivee": gettext_lazy("Valeur que le projet s’engage à atteindre."),
    "changement": gettext_lazy("Valeur à atteindre moins valeur de départ."),
    "date": gettext_lazy("Jour où la valeur doit être atteinte."),
}


def register() -> None:
    """Called once, when the site starts."""
    tables.register(
        KEY, gettext_lazy("Engagements"), table, "manage_targets", definitions=WORDS, has_parts=True
    )


# --- the rows ---------------------------------------------------------------------------------------------
def dossiers(user: Any, call: Call, now: datetime) -> QuerySet[Dossier]:
    """Filed dossiers of a call whose content this person reads; those that were withdrawn count for nothing."""
    rows = Dossier.objects.visible_to(user).filed().filter(open_to(user, now), call=call)
    return rows.exclude(state="withdrawn")


def table(user: Any, part: str) -> tables.Table:
    """The pledges of the versions in force of a call, for those who hold a role on it."""
    call = Call.objects.managed_by(user).with_edition().filter(code=part).first()
    if call is None:
        raise Http404
    now = clock.now()
    frame = frames.of_type(call.edition.content, "targets") if call.edition else {}
    rows = Pledge.objects.filter(snapshot__in=dossiers(user, call, now).values("snapshot_id"))
    return tables.Table(
        rows.select_related("snapshot__dossier"),
        columns(frame),
        "organisme",
        lambda: filters(user, call, now, frame),
        record=lambda user, rows, kind: taking.record_taken(user, rows, kind, path="snapshot__dossier__call"),
        found=(call, frame),
    )


def columns(frame: frames.Frame) -> list[Column]:
    """What the page and its files show of a pledge."""
    catalogue, known = frames.indicators(frame), frames.targets(frame)
    return [
        Column("numero", gettext_lazy("Dossier"), lambda row: row.snapshot.dossier.number,
               sort="snapshot__dossier__number", head=True,
               href=lambda row: reverse("dossier", args=[row.snapshot.dossier_id])),
        Column("organisme", gettext_lazy("Organisme"), lambda row: row.snapshot.dossier.lead_name,
               sort="snapshot__dossier__lead_sort"),
        Column("indicateur", gettext_lazy("Indicateur"), lambda row: words(catalogue, row.indicator), sort="indicator"),
        Column("cible", gettext_lazy("Cible publique"),
               lambda row: target_of(catalogue, known, row.indicator), dim=True),
        Column("depart", gettext_lazy("Départ"), lambda row: row.baseline, kind="int", sort="baseline"),
        Column("arrivee", gettext_lazy("Cible"), lambda row: row.target, kind="int", sort="target"),
        Column("changement", gettext_lazy("Changement"), lambda row: row.target - row.baseline, kind="int"),
        Column("date", gettext_lazy("Atteinte le"), lambda row: row.by, kind="date", sort="by"),
    ]  # fmt: skip


def words(catalogue: Mapping[str, Any], code: str) -> str:
    """An indicator with its unit; its code when the call no longer has it."""
    found = catalogue.get(code)
    return f"{formats.tr(found['label'])} ({formats.tr(found['unit'])})" if found else code


def target_of(catalogue: Mapping[str, Any], known: Mapping[str, Any], code: str) -> str:
    """The public target that an indicator moves."""
    found = known.get(str((catalogue.get(code) or {}).get("target")))
    return formats.tr(found["label"]) if found else ""


def filters(user: Any, call: Call, now: datetime, frame: frames.Frame) -> list[Filter]:
    """Filed or funded, by volet, by target."""

    def funded(rows: Rows, values: Sequence[str]) -> Rows:
        mine: Any = dossiers(user, call, now)
        won = mine.with_readable_outcome(user, now).filter(readable_state="accepted")
        return rows.filter(snapshot__in=won.values("snapshot_id")) if "soutenus" in values else rows

    def tied(rows: Rows, values: Sequence[str]) -> Rows:
        return rows.filter(snapshot__in=Tie.objects.filter(target__in=values).values("snapshot_id"))

    volets = [Choice(one.code, formats.tr(one.label)) for one in call.volets.all()]
    return [
        Filter("dossiers", gettext_lazy("Dossiers"), [Choice("soutenus", _("Soutenus"))], funded),
        Filter("volet", gettext_lazy("Volet"), volets,
               lambda rows, values: rows.filter(snapshot__dossier__volet__code__in=values)),
        Filter("cible", gettext_lazy("Cible publique"),
               [Choice(code, formats.tr(one["label"])) for code, one in frames.targets(frame).items()], tied),
    ]  # fmt: skip


# --- the sums ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class TargetSum:
    """A public target: dossiers tied to it, and the people of their territories."""

    label: str
    path: str
    dossiers: int
    served: Served
    share: Fraction | None


@dataclass(frozen=True)
class IndicatorSum:
    """An indicator: what the dossiers pledge together."""

    label: str
    target: str
    dossiers: int
    baseline: int
    goal: int
    change: str


@dataclass(frozen=True)
class Sums:
    """Everything the page adds up."""

    dossiers: int
    served: Served
    share: Fraction | None
    frameworks: list[tuple[str, str, list[TargetSum]]]
    indicators: list[IndicatorSum]


def directory() -> Directory:
    """Every territory and body, in one statement."""
    rows = Organisation.objects.values_list(
        "pk", "kind", "mrc_code", "population", "designation_code", "land_id", "gone_at"
    )
    return Directory(
        territories.Place(
            pk,
            kind,
            mrc,
            people if people and code not in COUNTED_ELSEWHERE else None,
            land,
            gone is not None,
        )
        for pk, kind, mrc, people, code, land, gone in rows
    )


def sums(rows: Any, frame: frames.Frame) -> Sums:
    """Pledges added up: four statements, whatever the number of dossiers."""
    versions = rows.select_related(None).order_by().values("snapshot_id")
    bodies: dict[int, set[int]] = {}
    carried = Body.objects.filter(dossier__snapshot__in=versions).exclude(confirmation="declined")
    for dossier, organisation in carried.values_list("dossier_id", "organisation_id"):
        bodies.setdefault(dossier, set()).add(organisation)
    ties = list(Tie.objects.filter(snapshot__in=versions).values_list("target", "snapshot__dossier_id"))
    land = directory()
    grouped = territories.by_group(ties, bodies)
    served = land.served(one for each in bodies.values() for one in each)
    return Sums(
        dossiers=len(bodies),
        served=served,
        share=land.share(served),
        frameworks=[
            (
                formats.tr(one["label"]),
                formats.tr(one["source"]),
                [_target_sum(each, ties, grouped, land) for each in one["targets"]],
            )
            for one in frame.get("frameworks") or ()
        ],
        indicators=_indicator_sums(rows, frame),
    )


def _target_sum(
    target: Mapping[str, Any],
    ties: Sequence[tuple[str, int]],
    grouped: Mapping[str, set[int]],
    land: Directory,
) -> TargetSum:
    code = str(target["code"])
    served = land.served(grouped.get(code, ()))
    count = sum(1 for tied, _dossier in ties if tied == code)
    return TargetSum(
        formats.tr(target["label"]), pledges.target_words(target), count, served, land.share(served)
    )


def _indicator_sums(rows: Any, frame: frames.Frame) -> list[IndicatorSum]:
    """By indicator, in the order of the catalogue; those that it no longer has come last."""
    catalogue, known = frames.indicators(frame), frames.targets(frame)
    found = rows.select_related(None).order_by().values("indicator")
    told = found.annotate(n=Count("snapshot"), low=Sum("baseline"), high=Sum("target"))
    order = {code: place for place, code in enumerate(catalogue)}
    return [
        IndicatorSum(
            words(catalogue, one["indicator"]),
            target_of(catalogue, known, one["indicator"]),
            one["n"],
            one["low"],
            one["high"],
            pledges.signed(one["high"] - one["low"]),
        )
        for one in sorted(told, key=lambda one: (order.get(one["indicator"], len(order)), one["indicator"]))
    ]
