"""Facts of a dossier: what its directory rows, its answers and its computed budget say; missing stays missing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, FilteredRelation, Prefetch, Q, prefetch_related_objects

from applications import budget, budget_rows, diagnosis, fields, municipality, partners, pledges, tables
from grants import editions
from web import formats
from workflows.casefile import BadInput
from workflows.engine import held_rows

Answers = Mapping[str, Any]
MEMBERED = ("mrc", "regional")  # kinds whose rate is the mean of their municipalities


# --- bodies -----------------------------------------------------------------------------------------------
def bodies_of(dossier: Any, *, held_by: Any = None) -> list[Any]:
    """The bodies of a dossier with their organisations, the lead first; read once.

    `held_by`, on the first reading, adds to each the open membership of a person (`held_pk`, `held_role`, …).
    """
    rows = dossier._meta.get_field("bodies").related_model._default_manager
    wanted = rows.select_related("organisation__region").order_by("position", "pk")
    if held_by is not None:
        mine = Q(
            organisation__memberships__user_id=held_by.pk,
            organisation__memberships__status__in=["claimed", "confirmed"],
        )
        wanted = wanted.annotate(held=FilteredRelation("organisation__memberships", condition=mine)).annotate(
            held_pk=F("held__pk"), held_role=F("held__role"), held_status=F("held__status")
        )
    prefetch_related_objects([dossier], Prefetch("bodies", queryset=wanted))
    return sorted(dossier.bodies.all(), key=lambda one: (one.role != "lead", one.position, one.pk))


def lead_of(dossier: Any) -> Any:
    """The organisation that carries the dossier, None when there is none."""
    return next((one.organisation for one in bodies_of(dossier) if one.role == "lead"), None)


def body_facts(body: Any) -> dict[str, Any]:
    """A body as it is frozen: who it is, where, how many people, its share."""
    one = body.organisation
    return {
        "scheme": one.scheme,
        "code": one.code,
        "name": one.name,
        "role": body.role,
        "kind": one.kind,
        "designation": one.designation_code,
        "population": one.known_population,
        "region": one.region_id,
        "region_name": one.region.name,
        "mrc": one.mrc_code,
        "mrc_name": one.mrc_name,
        "language_regime": one.language_regime,
        "share": body.share,
        **_part(body),
    }


def _part(body: Any) -> dict[str, Any]:
    """What a partner does and confirmed; the lead says it by filing."""
    if body.role == "lead":
        return {}
    return {"part": body.part, "confirmation": body.confirmation, "resolution": dict(body.resolution)}


def _members(organisation: Any) -> list[dict[str, Any]]:
    """Municipalities whose mean makes the rate of an MRC."""
    if organisation.kind not in MEMBERED or not organisation.mrc_code:
        return []
    rows = type(organisation)._default_manager.filter(
        mrc_code=organisation.mrc_code, kind="municipality", gone_at__isnull=True
    )
    return [{"code": one.code, "population": one.known_population} for one in rows.order_by("code")]


# --- budget -----------------------------------------------------------------------------------------------
def budget_of(dossier: Any, answers: Answers) -> dict[str, Any]:
    """`{"input", "result"}` of `applications.budget` for these answers; {} when the call computes no aid."""
    content = dossier.edition.content
    code = editions.answer_code(content, "budget")
    if not code:
        return {}
    case = budget_case(dossier, answers.get(code), answers.get(editions.answer_code(content, "amount")))
    try:
        return {"input": case, "result": budget.compute(case)}
    except BadInput:
        return {"input": case, "result": {}}


def budget_case(dossier: Any, rows: Any, asked: Any) -> dict[str, Any]:
    """The case of `applications.budget`: rules of the edition, limits of the volet, bodies, costs, funding."""
    content = dossier.edition.content
    strand = editions.strand(content, dossier.volet.code)
    typed = rows if isinstance(rows, dict) and "lines" in rows else {"lines": [], "funding": []}
    categories = {one["code"]: one for one in content["budget"]["categories"]}
    costs = [
        {
            "id": row["id"],
            "amount": dollars,
            "eligible": bool(categories[row["category"]]["eligible"]),
            "administration": bool(categories[row["category"]]["administration"]),
            **({"asked": min(row["asked"], dollars)} if _is_money(row.get("asked")) else {}),
        }
        for row, dollars in budget_rows.costs(typed)
        if row["category"] in categories
    ]
    funding = [
        {"id": row["id"], "kind": row["kind"], "public": bool(row["public"]), "amount": row["amount"]}
        for row in typed["funding"]
        if _is_money(row["amount"]) and row["kind"] in budget.KINDS
    ]
    return {
        **editions.budget_rules(content),
        "aid": {"min": strand["aid_min"], "max": strand["aid_max"]},
        "bodies": _shares(bodies_of(dossier), sum(cost["amount"] for cost in costs)),
        "costs": costs,
        "funding": funding,
        "requested": asked if _is_money(asked) else None,
    }


def _shares(bodies: Iterable[Any], total: int) -> list[dict[str, Any]]:
    """Bodies with their part of the costs: what no partner carries is the lead's."""
    rows = [one for one in bodies if partners.stands(one)]
    others = sum(body.share for body in rows if body.role != "lead")
    return [
        {
            "code": f"{body.organisation.scheme}:{body.organisation.code}",
            "population": body.organisation.known_population,
            "share": body.share if body.role != "lead" else max(total - others, 1),
            "members": _members(body.organisation),
        }
        for body in rows
    ]


def _is_money(value: Any) -> bool:
    return type(value) is int and value >= 0


# --- facts ------------------------------------------------------------------------------------------------
def facts_of(
    dossier: Any,
    answers: Answers,
    files: Iterable[Mapping[str, Any]] = (),
    computed: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Facts that conditions of the call may read (`grants.facts`), those that are not known left out."""
    content = dossier.edition.content
    found: dict[str, Any] = {
        **_directory_facts(dossier),
        **of_bodies(bodies_of(dossier), answers.get(editions.answer_code(content, "resolution_number"))),
        "volet": dossier.volet.code,
        "closes_on": formats.local(dossier.call.closes_at).date().isoformat(),
        "months": _months(content, answers),
        "latest_end": _latest_end(content, dossier.call.closes_at),
        **_entries(dossier),
        **budget_facts(content, answers, budget_of(dossier, answers) if computed is None else computed),
    }
    named = list(files)
    for question in fields.questions(content, dossier.volet.code):
        value = answers.get(question.code)
        if question.type == "file":
            value = [one["name"] for one in named if one["slot"] == question.code] or None
        found[question.code] = fact(question, value)
        if question.type == "maturity":
            found[f"{question.code}_on"] = diagnosis.done_on(value)
    return {name: value for name, value in found.items() if value is not None}


def fact(question: fields.Question, value: Any) -> Any:
    """An answer as conditions read it; None when it is blank or cannot be read."""
    if fields.is_blank(value) or fields.is_raw(value):
        return None
    if question.type == "budget":
        return budget_rows.fact(value)
    if question.type in ("text", "long_text", "choice", "date", "multi_choice", "file"):
        return value
    if question.type == "rows":
        return tables.fact(question, value)
    if question.type == "municipality":
        return municipality.key(value)
    if question.type in ("maturity", "targets"):
        return diagnosis.fact(value) if question.type == "maturity" else pledges.fact(value)
    if question.type in ("money", "number"):
        return value if _is_money(value) else None
    return value if isinstance(value, bool) else None


def of_bodies(bodies: Iterable[Any], lead_number: Any) -> dict[str, Any]:
    """What rules read of the bodies that stand: who they are, who confirmed, whose resolution is entered."""
    rows = [one for one in bodies if partners.stands(one)]
    return {"bodies": [partners.key(one) for one in rows], **partners.facts_of(rows, lead_number)}


def _directory_facts(dossier: Any) -> dict[str, Any]:
    bodies = bodies_of(dossier)
    lead = next((one.organisation for one in bodies if one.role == "lead"), None)
    if lead is None:
        return {}
    return {
        "lead_kind": lead.kind,
        "designation": lead.designation_code or None,
        "population": lead.known_population,
        "region": lead.region_id,
        "mrc": lead.mrc_code or None,
        "language_regime": lead.language_regime,
    }


def budget_facts(content: Mapping[str, Any], answers: Answers, computed: Mapping[str, Any]) -> dict[str, Any]:
    """What rules read of a computed budget."""
    result = computed.get("result") or {}
    asked = answers.get(editions.answer_code(content, "amount"))
    found: dict[str, Any] = {"asked": asked if _is_money(asked) else None}
    if result and computed["input"]["costs"]:
        found |= {"aid": result["aid"], "kept_costs": result["kept"], "own": result["own"]}
        found["reductions"] = [str(one["code"]) for one in result["reductions"]]
        found["largest_line"] = max(cost["amount"] for cost in computed["input"]["costs"])
    return found


def day_of(content: Mapping[str, Any], answers: Answers, role: str) -> date | None:
    """The day that answers the question of a role, where it can be read."""
    value = answers.get(editions.answer_code(content, role))
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _months(content: Mapping[str, Any], answers: Answers) -> int | None:
    """Whole months from start to end, a month begun counts."""
    start, end = day_of(content, answers, "start"), day_of(content, answers, "end")
    if start is None or end is None or end < start:
        return None
    whole = (end.year - start.year) * 12 + end.month - start.month
    return max(whole + (1 if end.day > start.day else 0), 1)


def _entries(dossier: Any) -> dict[str, int]:
    """Filings of the lead as lead, and of the busiest partner as partner, this one counted; read where a rule asks."""
    if '"entries_as_' not in dossier.edition.body:
        return {}
    known: dict[str, int] | None = dossier.__dict__.get("_entries_read")
    if known is None:
        rows = [body for body in bodies_of(dossier) if partners.stands(body)]
        known = {"entries_as_lead": _as_lead(dossier, rows), "entries_as_partner": as_partner(dossier, rows)}
        dossier.__dict__["_entries_read"] = known
    return known


def _as_lead(dossier: Any, rows: Iterable[Any]) -> int:
    """The counter of the lead, read where it is locked already; a draft is counted as filed."""
    leads = {body.organisation_id for body in rows if body.role == "lead"}
    model = dossier._meta.apps.get_model("applications", "Entry")
    held = [one for one in held_rows("applications.Entry") or () if one.call_id == dossier.call_id]
    found = held or model._default_manager.filter(call_id=dossier.call_id, organisation_id__in=leads)
    filed = sum(int(one.leads) for one in found if one.organisation_id in leads)
    return filed + (1 if dossier.state == "draft" else 0)


def as_partner(dossier: Any, rows: Iterable[Any]) -> int:
    """Filings in which the busiest partner takes part, this one counted; 0 without partners."""
    keys = [body.organisation_id for body in rows if body.role != "lead"]
    if not keys:
        return 0
    others = dossier._meta.get_field("bodies").related_model._default_manager.filter(
        dossier__call_id=dossier.call_id, organisation_id__in=keys, role="partner"
    )
    filed = others.exclude(dossier_id=dossier.pk).exclude(dossier__state__in=("draft", "withdrawn"))
    found = list(filed.exclude(confirmation=partners.DECLINED).values_list("organisation_id", flat=True))
    return 1 + max(found.count(key) for key in keys)


def _latest_end(content: Mapping[str, Any], closes_at: datetime) -> str | None:
    """The last day of a project in this call, nothing when only the duration is limited."""
    days = content.get("limits", {}).get("end_days")
    return (formats.local(closes_at).date() + timedelta(days=int(days))).isoformat() if days else None


def judged(snapshot: Any) -> dict[str, Any]:
    """The facts that rules are judged over: those of a version, as departures since the filing changed them."""
    return {**filed(snapshot), **(snapshot.since or {}).get("facts", {})}


def filed(snapshot: Any) -> dict[str, Any]:
    """The facts frozen in a version, and the day of its filing.

    The day stands beside the text, never in it: the same dossier gives the same text on any day.
    """
    frozen = json.loads(snapshot.text).get("facts", {})
    at = snapshot.received_at if snapshot.kind == "filing" else snapshot.dossier.last_filed_at
    if at is None:
        return dict(frozen)
    day = formats.local(at).date()
    return {**frozen, "filed_on": day.isoformat(), "year_before_filing": _year_before(day).isoformat()}


def _year_before(day: date) -> date:
    """The same day of the year before; the 28th for a 29 February."""
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def tags_of(content: Mapping[str, Any], facts: Mapping[str, Any]) -> list[str]:
    """Codes of the call's tags whose condition holds (small, north …), in its order."""
    return [str(one["code"]) for one in content.get("tags", []) if fields.holds(one["when"], facts) is True]
