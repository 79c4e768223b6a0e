"""Who acts for an organisation: claimed, confirmed, then ended one way or another."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.organisation import Organisation
from accounts.querysets import MembershipQuerySet


class MembershipRole(models.TextChoices):
    """What a person does for an organisation; whoever signs may also draft."""

    DRAFTER = "drafter", _("Rédaction")
    SIGNATORY = "signatory", _("Signature")


class MembershipStatus(models.TextChoices):
    """Where a membership is."""

    CLAIMED = "claimed", _("Mandat à confirmer")
    CONFIRMED = "confirmed", _("Mandat confirmé")
    REFUSED = "refused", _("Mandat refusé")
    REVOKED = "revoked", _("Accès retiré")
    ENDED = "ended", _("Mandat terminé")


OPEN_STATUSES = (MembershipStatus.CLAIMED, MembershipStatus.CONFIRMED)


class Membership(models.Model):
    """One person acting for one organisation; a closed one is kept, a new one may follow it."""

    lock_rank = 5  # taken before the dossiers that a refusal withdraws

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=MembershipRole.choices)
    status = models.CharField(max_length=10, choices=MembershipStatus.choices)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=1000, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"],
                condition=models.Q(status__in=["claimed", "confirmed"]),
                name="membership_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=MembershipStatus.values), name="membership_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=MembershipRole.values), name="membership_role_known"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "status"]),
            models.Index(fields=["status", "created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.organisation_id} {self.status}"

    @property
    def is_open(self) -> bool:
        """Claimed or confirmed."""
        return self.status in OPEN_STATUSES

    @property
    def is_confirmed(self) -> bool:
        """The mandate was confirmed and still stands."""
        return self.status == MembershipStatus.CONFIRMED

    @property
    def is_signatory(self) -> bool:
        """May sign, once confirmed or « mandat à confirmer »."""
        return self.role == MembershipRole.SIGNATORY

    def chain_code(self) -> str:
        """Events of a membership are in the chain of the site."""
        return "site"
