"""How intake, check and countersign behave: what each blocks, what happens on entry."""

from __future__ import annotations

from typing import Any

from applications import checking
from web import calendar
from workflows.stages import Check, Countersign, Intake, blocks, on_enter


@blocks.register
def _intake_blocks(kind: Intake, dossier: Any) -> list[str]:
    """Filing has its own guards."""
    return []


@on_enter.register
def _enter_intake(kind: Intake, dossier: Any, actor: Any) -> None:
    """The applicant writes: nothing to prepare."""


@blocks.register
def _check_blocks(kind: Check, dossier: Any) -> list[str]:
    """Completeness waits for the mandate and for clean files; rules are judged by outcome."""
    return checking.against_check(dossier)


@on_enter.register
def _enter_check(kind: Check, dossier: Any, actor: Any) -> None:
    """Date the work; where rules are judged, propose a finding a rule and the computed aid."""
    if dossier.call.eligibility_until is not None:
        dossier.due_at = calendar.at_closing(dossier.call.eligibility_until)
    if checking.judges_rules(checking.present_stage(dossier)):
        is_new = checking.propose(dossier) > 0
        if is_new or dossier.confirmed_aid is None:
            dossier.confirmed_aid = dossier.aid


@blocks.register
def _countersign_blocks(kind: Countersign, dossier: Any) -> list[str]:
    """Another person looks: the guard on persons is enough."""
    return []


@on_enter.register
def _enter_countersign(kind: Countersign, dossier: Any, actor: Any) -> None:
    """The findings are there already."""
