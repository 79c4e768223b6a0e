"""Money that comes back when a dossier withdraws: its line is voided before its letter, its award ended after it."""

from __future__ import annotations

from typing import Any

from grants.lifecycle.award import AwardState
from grants.lifecycle.decision import COMMITTED
from grants.models import Award, BudgetLine, Decision, DecisionLine
from workflows.engine import SystemActor, fire


def standing_lines(dossier_id: int) -> Any:
    """Lines of signed decisions about a dossier that were neither voided nor carried out."""
    return DecisionLine.objects.filter(
        dossier_id=dossier_id,
        voided_at__isnull=True,
        executed_at__isnull=True,
        decision__state__in=COMMITTED,
    )


def open_awards(dossier_id: int) -> Any:
    """Awards of a dossier that still hold money before any agreement."""
    return Award.objects.filter(dossier_id=dossier_id, state__in=[AwardState.OFFERED, AwardState.CONFIRMED])


def locks_of(dossier_id: int) -> list[Any]:
    """What a withdrawal must lock: decisions of its lines, its awards, the budget lines of both."""
    decisions = Decision.objects.filter(pk__in=standing_lines(dossier_id).values("decision_id"))
    awards = open_awards(dossier_id)
    volets = set(decisions.values_list("volet_id", flat=True)) | set(
        awards.values_list("volet_id", flat=True)
    )
    return [decisions, awards, BudgetLine.objects.filter(volet_id__in=sorted(volets))]


def free(dossier_id: int, cause: str, *, actor: Any) -> int:
    """Void the lines of a dossier inside the running unit; dollars freed. Awards are declined by their own verb."""
    behalf = actor if not isinstance(actor, SystemActor) else actor.behalf
    freed = 0
    for line in standing_lines(dossier_id).select_related("decision"):
        freed += line.amount
        fire(line.decision, "void_line", actor=SystemActor("withdrawal", behalf), line=line.pk, cause=cause)
    return freed
