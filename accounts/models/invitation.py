"""Invitations, and roles that wait for a second manager."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

from accounts.models.membership import MembershipRole
from accounts.models.organisation import Organisation
from accounts.querysets import InvitationQuerySet, RoleProposalQuerySet


class Target(models.Model):
    """The programme, call or panel that a role is on, by label and key (models above this app)."""

    target_model = models.CharField(max_length=60, blank=True)  # "grants.call"
    target_id = models.BigIntegerField(null=True)
    target_name = models.CharField(max_length=300, blank=True)  # as shown to the person

    class Meta:
        abstract = True


class Invitation(Target):
    """A letter of introduction to one address: an organisation, or a role on a programme, call or panel.

    Only the digest of its token is kept; the token travels in the secret message and nowhere else.
    """

    lock_rank = 6

    email = models.EmailField(max_length=254, db_index=True)
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="invitations"
    )
    role = models.CharField(max_length=40)
    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    cancelled_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=(
                    models.Q(organisation__isnull=False, target_model="", role__in=MembershipRole.values)
                    | (
                        models.Q(organisation__isnull=True, target_id__isnull=False)
                        & ~models.Q(target_model="")
                    )
                ),
                name="invitation_to_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.role}"

    def stands(self, now: datetime) -> bool:
        """Neither accepted, nor cancelled, nor expired."""
        return self.accepted_at is None and self.cancelled_at is None and now < self.expires_at

    def chain_code(self) -> str:
        """Events of an invitation are in the chain of the site."""
        return "site"


class RoleProposal(Target):
    """A role that two managers must give: proposed by one, approved (or refused) by another."""

    lock_rank = 7

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="role_proposals"
    )
    role = models.CharField(max_length=40)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved = models.BooleanField(null=True)

    objects = RoleProposalQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "target_model", "target_id"],
                condition=models.Q(decided_at__isnull=True),
                name="role_proposal_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("proposed_by")),
                name="role_proposal_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role} {self.target_name}"

    def chain_code(self) -> str:
        """Events of a proposal are in the chain of the site."""
        return "site"
