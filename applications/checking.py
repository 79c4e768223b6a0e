"""What checking does from inside the verbs of a dossier: asks, closes a request, proposes, says what is against.

Called by the lifecycle, so no model is imported here: rows are reached through the dossier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications import departures, eligibility, facts
from web import calendar, clock
from workflows import conditions, schema
from workflows.actors import SystemActor
from workflows.engine import record
from workflows.exceptions import Refused
from workflows.schema import Stage

INFECTED = "infected"


def present_stage(dossier: Any) -> Stage:
    """The stage a dossier is in."""
    return schema.parse(dossier.edition.definition.body).stage(dossier.stage)


def judges_rules(stage: Stage) -> bool:
    """Tell whether the eligibility rules are judged in this stage."""
    return stage.kind.code == "check" and "rules" in stage.uses


def asks_for_more(stage: Stage) -> bool:
    """Tell whether completeness is checked in this stage."""
    return stage.kind.code == "check" and stage.may_ask


def is_refusal(dossier: Any, stage: Stage, outcome: str) -> bool:
    """Tell whether an outcome proposes a refusal: it leads to a stage that another person countersigns."""
    process = schema.parse(dossier.edition.definition.body)
    found = {one.code: one for one in stage.outcomes}.get(outcome)
    if found is None or found.to is None:
        return False
    return process.stage(found.to).kind.code == "countersign"


# --- requests for completion --------------------------------------------------------------------------
def due_after(stage: Stage, start: datetime) -> datetime:
    """The instant at which the time to answer ends: 16 h 30, on a day the ministry works."""
    days = stage.delay.days if stage.delay else 15
    if stage.delay is not None and stage.delay.working:
        return calendar.due_in_working_days(start, days)
    return calendar.due_in_days(start, days)


def ask(
    dossier: Any,
    actor: Any,
    *,
    items: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    message: str = "",
    **_data: Any,
) -> dict[str, Any]:
    """Write the request and its items, each a question and why; the delay runs from now."""
    asked = {str(code): str(reason).strip() for code, reason in dict(items).items()}
    if not asked:
        raise Refused([_("Choisissez au moins une question à compléter.")])
    if not all(asked.values()):
        raise Refused([_("Dites pour chaque question choisie ce qui manque : la municipalité le lira.")])
    now = clock.now()
    due = due_after(present_stage(dossier), now)
    person = None if isinstance(actor, SystemActor) else actor
    request = dossier.completion_requests.create(
        asked_by=person, asked_at=now, due_at=due, message=message.strip()
    )
    for code, reason in asked.items():
        request.items.create(question=code, reason=reason)
    dossier.due_at = due
    if dossier.analyst_id is None:
        dossier.analyst = person
    said: dict[str, Any] = {"request": request.pk, "items": len(asked), "questions": sorted(asked)}
    return said | {"text": message.strip()} if message.strip() else said


def close_request(dossier: Any, *, answered: bool) -> None:
    """Close the open request, answered or not; nothing when there is none."""
    now = clock.now()
    for request in dossier.completion_requests.filter(closed_at__isnull=True):
        request.closed_at = now
        request.answered_at = now if answered else None
        request.save(update_fields=["closed_at", "answered_at"])


# --- findings -------------------------------------------------------------------------------------------
def propose(dossier: Any) -> int:
    """Judge the rules over the frozen facts of the latest snapshot; one finding a rule, made once."""
    snapshot = dossier.snapshot
    if snapshot is None:
        return 0
    known = set(snapshot.findings.values_list("rule", flat=True))
    rules = dossier.edition.content["rules"]
    model = snapshot.findings.model
    made = [
        model(
            snapshot=snapshot,
            rule=verdict["id"],
            proposed=verdict["result"],
            cause=verdict["cause"],
            missing=verdict["missing"],
        )
        for verdict in eligibility.judge({"rules": rules, "facts": facts.judged(snapshot)})
        if verdict["id"] not in known
    ]
    snapshot.findings.bulk_create(made)
    return len(made)


def facts_read(rule: Mapping[str, Any]) -> list[str]:
    """Names of the facts that a rule reads, in the order of its text."""
    read: dict[str, None] = {}
    whole = [rule["when"]] if rule.get("when") else []
    for data in [*whole, *(case["if"] for case in rule.get("cases", []))]:
        for name in sorted(conditions.facts_of(conditions.parse(data))):
            read.setdefault(name)
    return list(read)


def may_be_provisional(rule: Mapping[str, Any], roles: Mapping[str, str]) -> bool:
    """A resolution may be accepted for now; its final text is then asked before the award is signed."""
    return any(roles.get(name, "").startswith("resolution") for name in facts_read(rule))


def write_finding(dossier: Any, finding: Any, answer: str, note: str, actor: Any) -> None:
    """Write what a named person confirms of a rule, with its event; called inside a unit."""
    finding.confirmed, finding.note = answer, note
    finding.confirmed_by, finding.confirmed_at = actor, clock.now()
    finding.save(update_fields=["confirmed", "note", "confirmed_by", "confirmed_at"])
    if dossier.analyst_id is None:
        dossier.analyst = actor
        dossier.save(update_fields=["analyst"])
    data = {"rule": finding.rule, "answer": answer, "finding": finding.pk}
    record(dossier, "confirm_rule", actor=actor, text=note, **data)


def keep_aid(
    dossier: Any, amount: int, reason: str, actor: Any, *, costs: int | None = None, **more: Any
) -> None:
    """Write the aid that an analyst confirms, the costs it keeps, with its event; called inside a unit."""
    dossier.confirmed_aid = amount
    if costs is not None:
        dossier.kept_costs = costs
    dossier.save(update_fields=["confirmed_aid", "kept_costs"])
    record(dossier, "confirm_aid", actor=actor, text=reason, dollars=amount, computed=dossier.aid, **more)


# --- what stands against ----------------------------------------------------------------------------------
def against_check(dossier: Any) -> list[str]:
    """What stops a check stage whatever its outcome."""
    if not asks_for_more(present_stage(dossier)):
        return []
    said: list[str] = []
    if dossier.mandate_unconfirmed:
        said.append(
            _("Le mandat de la personne qui a déposé n’est pas confirmé : la gestion y répond d’abord.")
        )
    withheld = infected(dossier)
    if withheld:
        said.append(
            _("Un fichier est retenu parce qu’il porte un logiciel malveillant (%(names)s) : redemandez-le.")
            % {"names": ", ".join(withheld)}
        )
    return said


def infected(dossier: Any) -> list[str]:
    """Names of the filed files found infected and not replaced since (a page reads them once: `withheld`)."""
    known: list[str] | None = getattr(dossier, "withheld", None)
    if known is not None:
        return known
    rows = dossier.attachments.filter(scan=INFECTED, removed_at__isnull=True)
    return list(rows.values_list("name", flat=True))


def against(dossier: Any, outcome: str | None) -> list[str]:
    """What stops this very outcome of the present stage: rules left to confirm, a refusal without a « no »."""
    stage = present_stage(dossier)
    if outcome is None or not judges_rules(stage) or dossier.snapshot_id is None:
        return []
    findings = sorted(dossier.snapshot.findings.all(), key=lambda one: one.rule)
    refused = [one.rule for one in findings if one.confirmed == "no" and is_ineligible(dossier, one.rule)]
    if is_refusal(dossier, stage, outcome):
        return [] if refused else [_("Aucune règle n’est confirmée « non ».")]
    left = [one.rule for one in findings if not one.confirmed]
    said: list[str] = []
    if left:
        words = ngettext(
            "Il reste %(n)s règle à confirmer : %(rules)s.",
            "Il reste %(n)s règles à confirmer : %(rules)s.",
            len(left),
        )
        said.append(words % {"n": len(left), "rules": ", ".join(left)})
    gone = [one.organisation.name for one in departures.waiting(dossier, facts.bodies_of(dossier))]
    if gone:
        words = _("Le départ de %(names)s attend votre conclusion, à la page des partenaires.")
        said.append(words % {"names": ", ".join(gone)})
    if refused:
        said.append(_("Une règle est confirmée « non » : %(rules)s.") % {"rules": ", ".join(refused)})
    return said


def is_ineligible(dossier: Any, rule: str) -> bool:
    """Tell whether a « no » on this rule shuts the dossier out (a condition or a warning does not)."""
    for one in dossier.edition.content["rules"]:
        if one["id"] == rule:
            return bool(one["consequence"] == "ineligible")
    return False
