"""People, organisations, memberships and invitations."""

from accounts.models.invitation import Invitation, RoleProposal
from accounts.models.membership import Membership, MembershipRole, MembershipStatus
from accounts.models.organisation import Organisation, OrganisationKind, Region, Scheme, Territory
from accounts.models.session import OpenSession
from accounts.models.user import User

__all__ = [
    "Invitation",
    "Membership",
    "MembershipRole",
    "MembershipStatus",
    "OpenSession",
    "Organisation",
    "OrganisationKind",
    "Region",
    "RoleProposal",
    "Scheme",
    "Territory",
    "User",
]
