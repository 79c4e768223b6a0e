"""The money of a reversed refusal: a decision of its own, with that one line."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from applications.models import Dossier
from grants.models import Decision, DecisionLine
from grants.models.decision import DecisionKind, LineOutcome
from review import selection
from review.deciding import head, waiting_case
from review.models import Reconsideration
from web import formats
from workflows.chain import canonical
from workflows.engine import Refused, locked, record, unit


def confirmed(dossier: Dossier) -> int:
    """The aid confirmed by the analyst, else the one computed at filing."""
    return int(dossier.aid if dossier.confirmed_aid is None else dossier.confirmed_aid)


def most(row: Reconsideration) -> int:
    """The most that may be offered now: the confirmed aid, within what the envelope has left."""
    line = row.dossier.volet.budget_line
    line.refresh_from_db()
    return max(0, min(confirmed(row.dossier), int(line.amount - line.committed)))


def draft_reconsideration(row: Reconsideration, amount: int, *, actor: Any) -> Decision:
    """The decision that grants what was refused; asking twice gives the same draft.

    It goes on as any other: proposed, signed, released; its line ends the dossier at its letters.
    """
    dossier = row.dossier
    with unit(locks=[row, dossier.volet.budget_line]) as held:
        mine: Reconsideration = locked(held, row)
        if mine.decision is not None:
            return mine.decision
        faults = _faults(mine, amount)
        if faults:
            raise Refused(faults)
        case = {**waiting_case(dossier.volet, most(mine)), "dossiers": []}
        case = _whole(case, dossier)
        made = head(
            dossier.call,
            dossier.volet,
            DecisionKind.RECONSIDERATION,
            canonical(case),
            canonical(selection.select(case)),
        )
        made.created_by, made.reason = actor, mine.motives
        made.save()
        _write_line(made, dossier, amount)
        mine.decision = made
        mine.save(update_fields=["decision"])
        record(made, "draft", actor=actor, kind=made.kind, lines=1, reconsideration=mine.pk)
    row.decision = made
    return made


def _faults(row: Reconsideration, amount: int) -> list[str]:
    if row.state != "closed" or row.effect != "money":
        return [_("Cette réponse n’appelle pas de décision d’aide.")]
    if row.dossier.state != "rejected":
        return [_("Le dossier n’est plus refusé : il n’y a rien à accorder.")]
    ceiling, asked = most(row), confirmed(row.dossier)
    if amount < 1 or amount > asked:
        return [
            _("Le montant doit être entre 1 $ et l’aide confirmée, %(sum)s.") % {"sum": formats.money(asked)}
        ]
    if amount > ceiling:
        return [_("Il reste %(sum)s à l’enveloppe du volet.") % {"sum": formats.money(ceiling)}]
    return []


def _whole(case: dict[str, Any], dossier: Dossier) -> dict[str, Any]:
    """A selection of nobody: the rule ranks no dossier here, and the line says by itself what is granted."""
    content = dossier.edition.content
    return {
        "partial_min": content["partial_min"],
        "aid_min": int(content["aid_min"]),
        "ties": list(content["ties"]),
        **case,
    }


def _write_line(decision: Decision, dossier: Dossier, amount: int) -> DecisionLine:
    asked = confirmed(dossier)
    outcome = LineOutcome.ACCEPTED if amount == asked else LineOutcome.PARTIAL
    before = (
        DecisionLine.objects.filter(dossier_id=dossier.pk, voided_at__isnull=True).order_by("-pk").first()
    )
    return DecisionLine.objects.create(
        decision=decision,
        dossier_id=dossier.pk,
        dossier_number=dossier.number,
        title=dossier.title,
        beneficiary=dossier.lead_name,
        region_code=dossier.region_code,
        position=1,
        score=before.score if before is not None else "",
        proposed=outcome,
        proposed_amount=amount,
        outcome=outcome,
        amount=amount,
        requested=asked,
        source="pool",
    )
