"""The funded list: what anybody may read once it is public, and nothing a minute before, through any door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from accounts.models import Region
from grants import editions
from grants.models import Award, AwardTheme, Call, Decision, DecisionLine
from grants.models.decision import PAID
from search import words
from web.formats import tr
from workflows import providers


@dataclass(frozen=True)
class RegionTotal:
    """Projects and dollars of a region; `share` is the width of its bar, out of 90."""

    code: str
    name: str
    projects: int
    dollars: int
    share: int


@dataclass(frozen=True)
class Totals:
    """Sums of a list: projects, dollars, different bodies."""

    projects: int
    dollars: int
    bodies: int


def published(now: datetime) -> QuerySet[Award]:
    """The funded list with what its rows show; the content of a call is never read for it."""
    return Award.objects.published(now).select_related("call", "volet")


def search(rows: QuerySet[Award], text: str) -> QuerySet[Award]:
    """Each word is in the title, the municipality, its MRC, the summary or the number; a name from its beginning."""
    for word in words.wanted(text):
        found = Q(search_words__contains=f" {word.stem} ")
        if word.may_start:
            found |= Q(beneficiary_sort__startswith=word.folded)
            found |= Q(beneficiary_sort__contains=f" {word.folded}")
        rows = rows.filter(found)
    return rows


def region_names() -> dict[str, str]:
    """Names of the regions by code."""
    return dict(Region.objects.values_list("code", "name"))


def by_region(rows: QuerySet[Award], names: Mapping[str, str]) -> list[RegionTotal]:
    """Totals by region, the largest first."""
    grouped = rows.order_by().values("region_code").annotate(projects=Count("pk"), dollars=Sum("amount"))
    found = sorted(grouped, key=lambda one: (-one["dollars"], one["region_code"]))
    most = found[0]["dollars"] if found else 1
    return [
        RegionTotal(
            code=one["region_code"],
            name=names.get(one["region_code"], one["region_code"] or "—"),
            projects=one["projects"],
            dollars=one["dollars"],
            share=max(1, round(90 * one["dollars"] / most)),
        )
        for one in found
    ]


def public_decisions(now: datetime) -> QuerySet[Decision]:
    """Released decisions whose list is public now."""
    return Decision.objects.filter(state="released", released_at__isnull=False, publish_at__lte=now)


def refused_lines(now: datetime, calls: Iterable[int] | None = None) -> QuerySet[DecisionLine]:
    """Lines that refuse and stand, of released decisions whose list is public; none that a later list grants."""
    lines = DecisionLine.objects.filter(voided_at__isnull=True, decision__in=public_decisions(now))
    granted = lines.filter(outcome__in=PAID)
    rows = lines.filter(outcome="rejected").exclude(dossier_id__in=granted.values("dossier_id"))
    return rows if calls is None else rows.filter(decision__call_id__in=list(calls))


def funded(rows: QuerySet[Award]) -> Totals:
    """Sums of a list."""
    found = rows.order_by().aggregate(
        projects=Count("pk"), dollars=Sum("amount"), bodies=Count("organisation", distinct=True)
    )
    return Totals(found["projects"], found["dollars"] or 0, found["bodies"])


def funded_by_call(now: datetime, calls: Iterable[int]) -> dict[int, Totals]:
    """Sums of the list of each call."""
    rows = Award.objects.published(now).filter(call_id__in=list(calls)).order_by().values("call_id")
    found = rows.annotate(
        projects=Count("pk"), dollars=Sum("amount"), bodies=Count("organisation", distinct=True)
    )
    return {one["call_id"]: Totals(one["projects"], one["dollars"], one["bodies"]) for one in found}


def refused(now: datetime, calls: Iterable[Call]) -> tuple[int, int]:
    """What was not retained in calls whose list is public: a number and a sum, never a name.

    Refusals for eligibility are counted with the others, and not before: their count alone says nothing.
    """
    keys = [one.pk for one in calls if one.pk]
    if not keys:
        return 0, 0
    decided = refused_lines(now, keys).aggregate(count=Count("pk"), dollars=Sum("requested"))
    early: tuple[int, int] = providers.fact("grants.Call", "refused_without_decision", keys)
    return decided["count"] + early[0], (decided["dollars"] or 0) + early[1]


def decided_calls(now: datetime) -> list[Call]:
    """Calls of which a decision is public, latest first; `listed_at`: the instant of its list, `letters_said_at`."""
    first = public_decisions(now).filter(call_id=OuterRef("pk")).order_by("publish_at", "pk")
    return list(
        Call.objects.public()
        .annotate(listed_at=Subquery(first.values("publish_at")[:1]))
        .filter(listed_at__isnull=False)
        .order_by("-listed_at", "code")
    )


def places(now: datetime) -> list[tuple[str, str, str]]:
    """Where funded projects are: region, MRC and its name, each once."""
    rows = Award.objects.published(now).order_by("region_code", "mrc_name", "mrc_code")
    return list(rows.values_list("region_code", "mrc_code", "mrc_name").distinct())


def themes(now: datetime) -> list[tuple[str, Any]]:
    """Themes of the funded projects, with the words of the latest call that names them."""
    rows = AwardTheme.objects.filter(award__in=Award.objects.published(now)).order_by("award__publish_at")
    return sorted(dict(rows.values_list("code", "label").distinct()).items())


def theme_labels(award: Award) -> list[str]:
    """The themes of a project in words."""
    return [tr(one["label"]) for one in award.themes]


@dataclass(frozen=True)
class PublicPledge:
    """An indicator that a funded project pledges, as it was told when the award was made."""

    label: Any
    unit: Any
    baseline: int
    target: int
    by: date


def pledges(award: Award) -> list[PublicPledge]:
    """The indicators that a funded project pledges; none where its call asked for none."""
    told = award.public.get("indicators") or {}
    return [
        PublicPledge(
            one["label"], one["unit"], one["baseline"], one["target"], date.fromisoformat(one["date"])
        )
        for one in told.get("pledges", [])
    ]


def public_targets(award: Award) -> list[Any]:
    """The public targets that a funded project is tied to, as labels."""
    told = award.public.get("indicators") or {}
    return [one["label"] for one in told.get("targets", [])]


def public_answers(award: Award) -> dict[str, Any]:
    """The answers that may be published, by role: nothing else of a dossier ever reaches a public page."""
    return {role: award.public.get(role) for role in editions.PUBLIC_ROLES if award.public.get(role)}
