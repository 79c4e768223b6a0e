"""The funded list: what anybody may read once it is public, and nothing a minute before, through any door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery, Sum

from accounts.models import Region
from accounts.names import fold
from grants import editions
from grants.models import Award, Call, Decision, DecisionLine
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
    """Sums of a list: funded, and refused as counts and sums only."""

    projects: int
    dollars: int
    bodies: int
    refused: int
    refused_dollars: int


def published(now: datetime) -> QuerySet[Award]:
    """The funded list with what its rows show."""
    return (
        Award.objects.published(now)
        .select_related("call", "call__edition", "organisation", "volet")
        .annotate(beneficiary_sort=F("organisation__sort_name"))
    )


def search(rows: QuerySet[Award], text: str) -> QuerySet[Award]:
    """Each word is in the municipality, its MRC or the title of the project."""
    for word in text.split():
        folded = fold(word)
        rows = rows.filter(
            Q(title__icontains=word)
            | Q(organisation__sort_name__contains=folded or word)
            | Q(organisation__mrc_name__icontains=word)
            | Q(dossier_number__iexact=word)
        )
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


def refused_lines(now: datetime, calls: Iterable[int] | None = None) -> QuerySet[DecisionLine]:
    """Lines that refuse and stand, of released decisions whose list is public."""
    rows = DecisionLine.objects.filter(
        outcome="rejected",
        voided_at__isnull=True,
        decision__state="released",
        decision__released_at__isnull=False,
        decision__publish_at__lte=now,
    )
    return rows if calls is None else rows.filter(decision__call_id__in=list(calls))


def totals(rows: QuerySet[Award], now: datetime, calls: Iterable[int] | None = None) -> Totals:
    """Sums of a list and of what was refused in the same calls."""
    funded = rows.order_by().aggregate(
        projects=Count("pk"), dollars=Sum("amount"), bodies=Count("organisation", distinct=True)
    )
    refused = refused_lines(now, calls).aggregate(refused=Count("pk"), dollars=Sum("requested"))
    early, early_dollars = _refused_early(now, calls)
    return Totals(
        projects=funded["projects"],
        dollars=funded["dollars"] or 0,
        bodies=funded["bodies"],
        refused=refused["refused"] + early,
        refused_dollars=(refused["dollars"] or 0) + early_dollars,
    )


def _refused_early(now: datetime, calls: Iterable[int] | None) -> tuple[int, int]:
    """Refusals for eligibility, counted once a list of their call is public: their count says nothing before."""
    public = Decision.objects.filter(state="released", released_at__isnull=False, publish_at__lte=now)
    if calls is not None:
        public = public.filter(call_id__in=list(calls))
    keys = set(public.values_list("call_id", flat=True))
    if not keys:
        return 0, 0
    found: tuple[int, int] = providers.fact("grants.Call", "refused_without_decision", keys)
    return found


def published_calls(now: datetime) -> list[Call]:
    """Calls that have a public list, each with the instant of its first one (`listed_at`)."""
    rows = Award.objects.published(now).order_by()
    first = rows.filter(call_id=OuterRef("pk")).values("call_id").annotate(at=Min("publish_at")).values("at")
    calls = Call.objects.public().filter(pk__in=rows.values("call_id").distinct())
    return list(calls.annotate(listed_at=Subquery(first)).order_by("-listed_at", "code"))


def theme_labels(award: Award) -> list[str]:
    """The themes of a project in words; the codes are those of its call."""
    codes = award.public.get("themes") or []
    asked = editions.by_role(award.call.edition.content, "themes") if award.call.edition else None
    labels = {one["code"]: tr(one["label"]) for one in (asked or {}).get("choices", [])}
    return [labels.get(str(code), str(code)) for code in (codes if isinstance(codes, list) else [codes])]


def public_answers(award: Award) -> dict[str, Any]:
    """The answers that may be published, by role: nothing else of a dossier ever reaches a public page."""
    return {role: award.public.get(role) for role in editions.PUBLIC_ROLES if award.public.get(role)}
