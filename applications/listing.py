"""The list of dossiers: columns, filters, search and counts, for staff and for applicants; readable outcome only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    DateTimeField,
    F,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Region
from accounts.names import fold
from applications import standing
from applications.grouping import Group, process_with
from applications.models import Dossier
from applications.querysets import ANY, HIDDEN, reach_of
from web import clock, formats
from web.http import whole
from web.lists import Choice, Column, Filter, Search, State
from workflows.schema import Face

FAR = datetime(9999, 1, 1, tzinfo=UTC)
STATES = ("draft", "with_applicant", "waitlisted", "accepted", "rejected", "withdrawn")


def rows_for(user: Any, now: datetime, face: Face, *, is_asked: bool = True) -> QuerySet[Dossier]:
    """What this person may see, with what lists read; before the closing staff see number and body only.

    One statement asks what the others can leave out (`reach_of`), so that they are short; not `is_asked`, they
    leave nothing out.
    """
    reach = reach_of(user, now) if is_asked else ANY
    seen: Any = Dossier.objects.visible_to(user, reach=reach)
    rows = seen.with_readable_outcome(user, now, reach=reach)
    if face == "staff":
        rows = rows.filed()
    aid: Any = Coalesce(F("confirmed_aid"), F("aid"), output_field=BigIntegerField())
    if face == "staff":
        aid = Case(When(call__closes_at__lt=now, then=aid), default=Value(0), output_field=BigIntegerField())
    found = rows.select_related("call", "volet", "edition__definition", "analyst").defer("edition__body")
    return found.annotate(shown_aid=aid, due_sort=_due(face))  # type: ignore[no-any-return]


def _due(face: Face) -> Any:
    """The instant that is expected next, far away where there is none: the lists sort by it."""
    if face == "applicant":
        cases = [
            When(readable_state="draft", then=F("call__closes_at")),
            When(readable_state="with_applicant", then=F("due_at")),
        ]
    else:
        is_checked = ~Q(readable_stage=HIDDEN) & Q(
            secret=False, readable_state__in=["in_progress", "with_applicant"]
        )
        cases = [When(is_checked, then=F("due_at"))]
    known = Case(*cases, default=Value(FAR), output_field=DateTimeField())
    return Coalesce(known, Value(FAR), output_field=DateTimeField())


# --- filters ------------------------------------------------------------------------------------------
def filters(found: Sequence[Group], face: Face) -> list[Filter]:
    """Where, call, region, analyst; a filter with one choice only is not offered."""
    offered = [_stages(found, face), _calls(found)]
    if face == "staff":
        offered += [_regions(found), _analysts(found)]
    kept = [one for one in offered if len(one.choices) > 1]  # type: ignore[arg-type]
    return [*kept, *_opened_by_a_number()] if face == "staff" else kept


def _opened_by_a_number() -> list[Filter]:
    """What only a number of the cockpit asks for: the rows of one day, those whose instant has passed."""
    late = Choice("oui", gettext_lazy("Échéance passée"))
    return [
        Filter("depot", gettext_lazy("Déposé le"), (), _apply_days, parse=_day),
        Filter(
            "retard",
            gettext_lazy("Retard"),
            (),
            lambda rows, values: rows.filter(due_sort__lt=clock.now()),
            parse=lambda value: late if value == late.value else None,
        ),
    ]


def _day(value: str) -> Choice | None:
    """A day of the address, as Québec counts days."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return Choice(value, formats.date_long(day)) if 2000 <= day.year <= 2100 else None


def _apply_days(rows: Any, values: Sequence[str]) -> Any:
    wanted = Q(pk__in=[])
    for value in values:
        start = datetime.combine(date.fromisoformat(value), time(), tzinfo=clock.EASTERN)
        wanted |= Q(last_filed_at__gte=start, last_filed_at__lt=start + timedelta(days=1))
    return rows.filter(wanted)


@dataclass(frozen=True)
class Tally:
    """What the cockpit of a call counts in one statement: filed each day, waiting past its instant, drafts."""

    by_day: dict[date, int]
    late: int
    drafts: int


def tally(rows: Any, call: Any, now: datetime) -> Tally:
    """Count the filed dossiers of a call that a person sees, and its drafts, which nobody there reads."""
    drafts = Dossier.objects.filter(call=call, state="draft").order_by()
    by_day = (
        rows.select_related(None)
        .order_by()
        .annotate(
            day=TruncDate("last_filed_at", tzinfo=clock.EASTERN),
            drafts=Coalesce(Subquery(drafts.values("call_id").annotate(n=Count("pk")).values("n")), 0),
        )
    )
    late = Count("pk", filter=Q(due_sort__lt=now))
    counted = list(by_day.values("day", "drafts").annotate(n=Count("pk"), late=late).order_by("day"))
    return Tally(
        {row["day"]: row["n"] for row in counted if row["day"]},
        sum(row["late"] for row in counted),
        counted[0]["drafts"] if counted else drafts.count(),
    )


def search_filters(found: Sequence[Group], face: Face) -> list[Filter]:
    """The facets of search: where, region, call."""
    return [_stages(found, face), _regions(found), _calls(found)]


def _tally(found: Sequence[Group], key: Callable[[Group], Any]) -> Counter[Any]:
    counted: Counter[Any] = Counter()
    for one in found:
        counted[key(one)] += one.n
    return counted


def situation(group: Group) -> str:
    """What the « where » filter reads: a state that says all, else the stage."""
    return group.state if group.state != "in_progress" else f"etape-{group.stage}"


def _stages(found: Sequence[Group], face: Face) -> Filter:
    return Filter("etape", gettext_lazy("Étape"), situations(found, face), _apply_stages)


def situations(found: Sequence[Group], face: Face) -> list[Choice]:
    """Where dossiers are, in the order of the process, each with how many."""
    known = [process_with(digest) for digest in dict.fromkeys(one.process for one in found)]
    counted = _tally(found, situation)
    order: dict[str, Any] = {"draft": standing.WORDS["draft"]} if "draft" in counted else {}
    for process in known:
        for code in process.stages:
            order.setdefault(f"etape-{code}", process.stages[code].labels.of(face))
        order.setdefault(f"etape-{HIDDEN}", standing.neutral_label(process))
    order.update({state: standing.WORDS[state] for state in STATES[1:]})
    return [Choice(code, label, counted[code]) for code, label in order.items() if counted[code]]


def _apply_stages(rows: Any, values: Sequence[str]) -> Any:
    wanted = Q(readable_state__in=[one for one in values if one in STATES])
    stages = [one.removeprefix("etape-") for one in values if one.startswith("etape-")]
    if stages:
        wanted |= Q(readable_state="in_progress", readable_stage__in=stages)
    return rows.filter(wanted)


def _calls(found: Sequence[Group]) -> Filter:
    counted = _tally(found, lambda one: one.code)
    titles = {one.code: one.title for one in found}
    choices = [
        Choice(
            code, _("%(title)s (%(code)s)") % {"title": formats.tr(titles[code]), "code": code}, counted[code]
        )
        for code in sorted(counted)
    ]
    return Filter(
        "appel", gettext_lazy("Appel"), choices, lambda rows, values: rows.filter(call__code__in=values)
    )


_names_of_regions: dict[str, str] = {}


def region_names(codes: Iterable[str]) -> dict[str, str]:
    """Names of regions, kept: they are seventeen and hardly ever change."""
    if any(code and code not in _names_of_regions for code in codes):
        _names_of_regions.update(Region.objects.values_list("code", "name"))
    return _names_of_regions


def _regions(found: Sequence[Group]) -> Filter:
    counted = _tally(found, lambda one: one.region)
    names = region_names(counted)
    ranked = sorted((code for code in counted if code), key=lambda code: fold(str(names.get(code, code))))
    choices = [Choice(code, names.get(code, code), counted[code]) for code in ranked]
    return Filter(
        "region", gettext_lazy("Région"), choices, lambda rows, values: rows.filter(region_code__in=values)
    )


def _analysts(found: Sequence[Group]) -> Filter:
    counted = _tally(found, lambda one: one.analyst)
    names = {one.analyst_sort: (one.analyst, one.analyst_name) for one in found if one.analyst}
    choices = [Choice(str(pk), name, counted[pk]) for _key, (pk, name) in sorted(names.items())]
    if counted[None]:
        choices.insert(0, Choice("personne", _("Personne encore"), counted[None]))
    return Filter("analyste", gettext_lazy("Responsable"), choices, _apply_analysts)


def _apply_analysts(rows: Any, values: Sequence[str]) -> Any:
    wanted = Q(analyst_id__in=[key for one in values if (key := whole(one)) is not None])
    if "personne" in values:
        wanted |= Q(analyst__isnull=True)
    return rows.filter(wanted)


def search(user: Any, now: datetime, face: Face) -> Search:
    """What search finds, a piece of the number or of the body's name; for its people, the title of a draft too."""

    def apply(rows: Any, words: str) -> Any:
        typed = Q()
        for word in words.split():
            title = Q(state="draft", title__icontains=word) if face == "applicant" else Q(pk__in=[])
            name = Q(lead_sort__contains=folded) if (folded := fold(word)) else Q(pk__in=[])
            typed &= Q(number__icontains=word) | name | title
        found = Dossier.objects.matching(words, user, now).values("pk")
        return rows.filter(Q(pk__in=found) | typed)

    return Search(gettext_lazy("Numéro, organisme, mot du projet"), apply)


# --- columns ------------------------------------------------------------------------------------------
def page_of(dossier: Any) -> str:
    """The page of a row."""
    return reverse("dossier", args=[dossier.pk])


def left(dossier: Any, now: datetime) -> State | None:
    """The days that remain before what is expected; a sign when it presses."""
    if dossier.due_sort >= FAR:
        return None
    gap = formats.days_between(now, dossier.due_sort)
    if dossier.due_sort <= now:
        return State("ko", _("en retard"))
    words = formats.days(gap) if gap else formats.duration(dossier.due_sort - now)
    return State("warn" if gap <= 3 else "info", words)


def staff_columns(now: datetime) -> list[Column]:
    """Dense: number, body, project, stage, what remains, aid, filing, who follows it."""

    def title(row: Any) -> str:
        return str(row.title) if row.call.closes_at < now else _("Lisible à la clôture de l’appel")

    def aid(row: Any) -> int | None:
        return int(row.shown_aid) if row.call.closes_at < now else None

    return [
        Column("numero", gettext_lazy("Numéro"), lambda row: row.number, sort="number", href=page_of),
        Column(
            "organisme", gettext_lazy("Organisme"), lambda row: row.lead_name, sort="lead_sort", head=True
        ),
        Column("projet", gettext_lazy("Projet"), title, cut=True),
        Column("etape", gettext_lazy("Étape"), lambda row: standing.sign_of(row, "staff"), kind="state"),
        Column("reste", gettext_lazy("Reste"), lambda row: left(row, now), kind="state", sort="due_sort"),
        Column("aide", gettext_lazy("Aide"), aid, kind="money", sort="shown_aid"),
        Column(
            "depot",
            gettext_lazy("Déposé"),
            lambda row: row.last_filed_at,
            kind="datetime",
            sort="sort_at",
            dim=True,
        ),
        Column("analyste", gettext_lazy("Responsable"), lambda row: str(row.analyst or ""), dim=True),
        Column("appel", gettext_lazy("Appel"), lambda row: row.call.code, hidden_by_default=True),
        Column("volet", gettext_lazy("Volet"), lambda row: row.volet.label, hidden_by_default=True),
        Column(
            "mandat",
            gettext_lazy("Mandat à confirmer"),
            lambda row: row.mandate_unconfirmed,
            kind="bool",
            hidden_by_default=True,
        ),
    ]


def applicant_columns(now: datetime) -> list[Column]:
    """Airy: the project, where it is, until when."""

    def expected(row: Any) -> datetime | None:
        if row.readable_state == "draft":
            return row.call.closes_at  # type: ignore[no-any-return]
        return row.due_at if row.readable_state == "with_applicant" else None

    return [
        Column(
            "projet",
            gettext_lazy("Projet"),
            lambda row: row.title or _("Sans titre encore"),
            href=page_of,
            head=True,
            typed=True,
        ),
        Column("numero", gettext_lazy("Numéro"), lambda row: row.number, sort="number"),
        Column("organisme", gettext_lazy("Organisme"), lambda row: row.lead_name, sort="lead_sort"),
        Column("appel", gettext_lazy("Appel"), lambda row: row.call.title),
        Column("etape", gettext_lazy("Étape"), lambda row: standing.sign_of(row, "applicant"), kind="state"),
        Column("echeance", gettext_lazy("À faire avant"), expected, kind="datetime", sort="due_sort"),
        Column(
            "depot",
            gettext_lazy("Déposé"),
            lambda row: row.last_filed_at,
            kind="datetime",
            sort="sort_at",
            dim=True,
        ),
    ]
