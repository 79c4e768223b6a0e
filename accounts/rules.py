"""Who may what with people and organisations: persons only, never a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from accounts import permissions, proofs
from accounts.models.membership import Membership

if TYPE_CHECKING:
    from accounts.models import Organisation

SIGNING = ("manager", "authority", "second_analyst")  # roles whose acts bind: release, sign, countersign
TWO_MANAGERS = frozenset({"authority"})  # roles that one manager proposes and another approves


def is_present(user: Any) -> bool:
    """Signed in, and not suspended."""
    return bool(user is not None and user.is_authenticated and user.is_active)


def is_technical_admin(user: Any) -> bool:
    """Creates, suspends and unlocks accounts; gives no role, sees no dossier."""
    return is_present(user) and bool(user.is_technical_admin)


def is_ministry(user: Any) -> bool:
    """Holds a role of the ministry on anything."""
    return is_present(user) and permissions.holds_anywhere(user)


def is_manager(user: Any) -> bool:
    """Manages a programme or a call."""
    return is_present(user) and permissions.holds_anywhere(user, permissions.MANAGER)


def is_member(user: Any, organisation: Organisation) -> bool:
    """Acts for the organisation, mandate confirmed."""
    return (
        is_present(user)
        and Membership.objects.confirmed().of(user).filter(organisation=organisation).exists()
    )


def is_signatory(user: Any, organisation: Organisation) -> bool:
    """Confirmed signatory of the organisation."""
    mine = Membership.objects.confirmed().signatories().of(user)
    return is_present(user) and mine.filter(organisation=organisation).exists()


def may_manage_people(user: Any, organisation: Organisation) -> bool:
    """Invites, removes, hands over: the confirmed signatory."""
    return is_signatory(user, organisation)


def may_decide_claim(user: Any, membership: Membership) -> bool:
    """The ministry, or a confirmed signatory; never the claimant."""
    if not is_present(user) or user.pk == membership.user_id:
        return False
    return is_manager(user) or is_signatory(user, membership.organisation)


def may_remove(user: Any, membership: Membership) -> bool:
    """Oneself, the signatory, or the ministry (a person who left)."""
    if not is_present(user):
        return False
    return (
        user.pk == membership.user_id or is_manager(user) or may_manage_people(user, membership.organisation)
    )


def may_give_role(user: Any, obj: models.Model) -> bool:
    """Only managers of the thing, or of what it stands under, give roles on it."""
    return is_present(user) and permissions.is_manager_of(user, obj)


def needs_second_factor(user: Any) -> bool:
    """Holds a role that signs, releases or countersigns, on a site that asks for a second factor."""
    return proofs.is_asked() and is_present(user) and permissions.holds_anywhere(user, *SIGNING)
