"""Carrying decisions out: at their instant, line by line, again as often as it takes, never twice."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError

from applications.models import Dossier, Entry
from grants.models import Award, Decision, DecisionLine
from grants.models.decision import PAID, LineOutcome
from web import clock
from workflows import schema
from workflows.engine import SystemActor, fire, record, unit

log = logging.getLogger(__name__)
RELEASE = "release"
LAPSE = "lapse"

VERB_OF = {
    LineOutcome.ACCEPTED: "accept",
    LineOutcome.PARTIAL: "accept",
    LineOutcome.WAITLISTED: "waitlist",
    LineOutcome.REJECTED: "reject",
}
END_OF = {"accept": "accepted", "waitlist": "waitlisted", "reject": "rejected"}
LETTER_OF = {
    LineOutcome.ACCEPTED: "L4",
    LineOutcome.PARTIAL: "L7",
    LineOutcome.WAITLISTED: "L6",
    LineOutcome.REJECTED: "L5",
}


def carry_out(limit: int = 500) -> int:
    """Carry out every line that is due; one that fails is tried again by the next sweep. Returns lines done."""
    done = 0
    due = Decision.objects.filter(state="released", letters_at__lte=clock.now(), executed_at__isnull=True)
    for decision in due.order_by("letters_at", "id"):
        lines = decision.standing().filter(executed_at__isnull=True).values_list("pk", flat=True)
        for pk in list(lines[:limit]):
            try:
                done += carry_line(pk)
            except (OperationalError, InterfaceError):  # the database went away: nothing else would do better
                raise
            except Exception:
                log.exception("line %s of decision %s was not carried out", pk, decision.pk)
        if not decision.standing().filter(executed_at__isnull=True).exists():
            Decision.objects.filter(pk=decision.pk, executed_at__isnull=True).update(executed_at=clock.now())
    return done


def carry_line(pk: int) -> int:
    """End one dossier as its line says and write its award, in one transaction; 1 when it was done now."""
    line = DecisionLine.objects.select_related("decision__call", "decision__volet").get(pk=pk)
    dossier = Dossier.objects.select_related("call", "volet", "edition__definition").get(pk=line.dossier_id)
    locks: list[Any] = [
        Entry.objects.filter(call=dossier.call, organisation__in=dossier.bodies.values("organisation")),
        line.decision,
        dossier,
    ]
    with unit(locks=locks):
        line.refresh_from_db()
        decision = Decision.objects.get(pk=line.decision_id)
        ready = decision.state == "released" and decision.letters_at <= clock.now()
        if line.executed_at is not None or line.voided_at is not None or not ready:
            return 0
        verb = VERB_OF[LineOutcome(line.outcome)]
        end = END_OF[verb]
        if verb == "accept" and decision.is_after_refusal():
            verb = "grant"
        behalf = (
            decision.approvals.filter(step="signed", cancelled_at__isnull=True).select_related("user").first()
        )
        actor = SystemActor(RELEASE, behalf.user if behalf is not None else None)
        fire(
            dossier,
            verb,
            actor=actor,
            outcome=outcome_code(dossier, end, LETTER_OF[LineOutcome(line.outcome)]),
            decision=decision.pk,
            line=line.pk,
        )
        if line.outcome in PAID:
            award = make_award(line, decision, dossier)
            record(award, "offer", actor=actor, dollars=award.amount, line=line.pk)
        line.executed_at = clock.now()
        line.save(update_fields=["executed_at"])
    return 1


def outcome_code(dossier: Dossier, end: str, letter: str) -> str:
    """The outcome of the decision stage that leads to this end with this letter (or to this end at all)."""
    process = schema.parse(dossier.edition.definition.body)
    found = [
        one
        for stage in process.stages.values()
        if stage.kind.code == "decision"
        for one in stage.outcomes
        if one.end == end
    ]
    exact = [one.code for one in found if one.letter == letter]
    return exact[0] if exact else found[0].code


def make_award(line: DecisionLine, decision: Decision, dossier: Dossier) -> Award:
    """The award of a line: title, beneficiary, amount and public answers are copied at this moment."""
    lead = dossier.bodies.select_related("organisation").get(role="lead")
    call = dossier.call
    partial = line.outcome == LineOutcome.PARTIAL
    return Award.objects.create(
        state="offered",
        call=call,
        volet=dossier.volet,
        line=line,
        dossier_id=dossier.pk,
        dossier_number=dossier.number,
        organisation=lead.organisation,
        beneficiary=dossier.lead_name,
        title=dossier.title,
        public=public_answers(dossier),
        region_code=dossier.region_code,
        amount=line.amount,
        requested=line.requested,
        kept_costs=dossier.kept_costs,
        partial=partial,
        source=line.source or "pool",
        letters_at=decision.letters_at,
        publish_at=decision.publish_at,
        confirm_by=decision.letters_at + timedelta(days=call.confirm_days) if partial else None,
    )


def public_answers(dossier: Dossier) -> dict[str, Any]:
    """Answers by role of the questions whose sensitivity is public, from the latest snapshot."""
    from applications import snapshots

    if dossier.snapshot is None:
        return {}
    public: dict[str, Any] = snapshots.public_by_role(dossier.snapshot)
    return public


def lapse() -> int:
    """Offers whose delay passed in silence fall, and their money returns."""
    fallen = 0
    now = clock.now()
    for award in Award.objects.filter(state="offered", confirm_by__lt=now).select_related(
        "volet__budget_line"
    ):
        try:
            fire(award, "lapse", actor=SystemActor(LAPSE))
            fallen += 1
        except Exception:
            log.exception("award %s did not lapse", award.pk)
    return fallen
