"""What of its history a dossier tells to whom: acts of the secret stages stay with those who know them."""

from __future__ import annotations

from typing import Any

from applications import rules
from applications.querysets import HIDDEN
from grants.rules import DECISION_ROLES, has_call_role
from workflows import schema
from workflows.schema import Face

# Readings by the ministry and the committee: told to those who answer for them, and to nobody else.
READS = frozenset({"file_read", "pdf", "zip"})
# Facts that may be told whatever the stage; every other act of a secret stage is kept from those who do not know it.
PLAIN = frozenset(
    {
        "withdraw",
        "file_added",
        "file_removed",
        "file_infected",
        "file_scanned",
        *READS,
        "confirm_rule",
        "confirm_aid",
        "name_analyst",
        "partner_leave",
        "partner_weigh",
        "take_back",
    }
)
ENDS = frozenset({"accept", "waitlist", "reject", "grant"})
# A reconsideration, from its request to its answer: between the applicants and the ministry.
RECONSIDERED = frozenset({"reconsideration", "reopen"})
KEEPERS = ("manager", "auditor")


def face_for(dossier: Any, user: Any) -> Face:
    """People of the municipality read the applicant's face, whatever else they are."""
    return "applicant" if rules.is_applicant(dossier, user) else "staff"


def hides(dossier: Any, event: Any, user: Any) -> bool:
    """Tell whether this person does not read an event: who opened files, what the committee proposed."""
    verb = event.verb.rpartition(".")[2]
    if verb in READS:
        return not has_call_role(user, dossier.call, *KEEPERS)
    if verb in RECONSIDERED:
        return not (rules.is_applicant(dossier, user) or rules.is_reader(dossier, user))
    if event.stage not in schema.parse(dossier.edition.definition.body).secret or verb in PLAIN:
        return False
    if has_call_role(user, dossier.call, *DECISION_ROLES) and not rules.is_applicant(dossier, user):
        return False
    if verb in ENDS:
        return getattr(dossier, "readable_stage", HIDDEN) == HIDDEN
    return True
