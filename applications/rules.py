"""Who may what with a dossier: persons only, never a state."""

from __future__ import annotations

from typing import Any

from accounts.models import Membership
from accounts.rules import is_present
from applications import facts
from grants.rules import has_call_role, roles_in_call
from workflows import providers

# Roles of the ministry that read filed dossiers of a call.
READERS = frozenset({"analyst", "second_analyst", "secretary", "manager", "authority", "auditor"})


def memberships(user: Any) -> dict[int, Membership]:
    """Open memberships of a person by organisation; one statement a request."""
    if not is_present(user):
        return {}
    cache: dict[int, Membership] | None = user.__dict__.get("_memberships_read")
    if cache is None:
        rows = Membership.objects.filter(user_id=user.pk, status__in=["claimed", "confirmed"])
        cache = {row.organisation_id: row for row in rows}
        user.__dict__["_memberships_read"] = cache
    return cache


def forget_memberships(user: Any) -> None:
    """Drop what was read of a person, so that the next question asks the database."""
    user.__dict__.pop("_memberships_read", None)


def read_under_lock(dossier: Any, user: Any) -> None:
    """The bodies of a locked dossier with what this person holds in each, fresh, in one statement."""
    forget_memberships(user)
    bodies = facts.bodies_of(dossier, held_by=user)
    dossier.__dict__["_held"] = {
        user.pk: {
            body.organisation_id: Membership(
                pk=body.held_pk,
                user_id=user.pk,
                organisation_id=body.organisation_id,
                role=body.held_role,
                status=body.held_status,
            )
            for body in bodies
            if body.held_pk is not None
        }
    }


def held_in(dossier: Any, user: Any) -> dict[int, Membership]:
    """Open memberships of a person by organisation: those read under the lock when there are."""
    under_lock: dict[int, dict[int, Membership]] = dossier.__dict__.get("_held", {})
    return under_lock[user.pk] if user.pk in under_lock else memberships(user)


def bodies_of(dossier: Any, *, lead_only: bool = False) -> list[Any]:
    """The bodies of a dossier, read through their rows."""
    rows = facts.bodies_of(dossier)
    return [body for body in rows if body.role == "lead"] if lead_only else rows


def is_applicant(dossier: Any, user: Any) -> bool:
    """Acts for a body of the dossier: mandate confirmed, or the claimant who began it."""
    mine = held_in(dossier, user)
    for body in bodies_of(dossier):
        held = mine.get(body.organisation_id)
        if held is not None and (held.status == "confirmed" or dossier.created_by_id == user.pk):
            return True
    return False


def may_write(dossier: Any, user: Any) -> bool:
    """Drafters and signatories of the lead."""
    mine = held_in(dossier, user)
    for body in bodies_of(dossier, lead_only=True):
        held = mine.get(body.organisation_id)
        if held is not None and (held.status == "confirmed" or dossier.created_by_id == user.pk):
            return True
    return False


def may_sign(dossier: Any, user: Any) -> bool:
    """The signatory of the lead, or the claimant signatory who began it (« mandat à confirmer »)."""
    mine = held_in(dossier, user)
    for body in bodies_of(dossier, lead_only=True):
        held = mine.get(body.organisation_id)
        if held is None or held.role != "signatory":
            continue
        if held.status == "confirmed" or dossier.created_by_id == user.pk:
            return True
    return False


def is_reader(dossier: Any, user: Any) -> bool:
    """Reads filed dossiers of the call for the ministry."""
    return is_present(user) and not READERS.isdisjoint(roles_in_call(user, dossier.call))


def has_stage_role(dossier: Any, user: Any, role: str) -> bool:
    """Holds the role that a stage names; `signatory` is of the lead, panel roles are asked of the floor above.

    A person shut out of the dossier (recused) holds none, member of that municipality or not.
    """
    if role == "signatory":
        return may_sign(dossier, user)
    if role == "chair":
        holds = bool(providers.fact("applications.Dossier", "is_chair", dossier, user))
    else:
        holds = has_call_role(user, dossier.call, role)
    return holds and not is_shut_out(dossier, user)


def is_shut_out(dossier: Any, user: Any) -> bool:
    """Whether an app above shuts this person out of the dossier; asked once for a row in hand."""
    asked: dict[int, bool] = dossier.__dict__.setdefault("_shut_out", {})
    if user.pk not in asked:
        asked[user.pk] = providers.is_denied(dossier, user)
    return asked[user.pk]


def is_call_manager(dossier: Any, user: Any) -> bool:
    """Manages the call."""
    return has_call_role(user, dossier.call, "manager")
