"""Reads of people, organisations and memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.db import models

from accounts.names import fold
from web import clock

if TYPE_CHECKING:
    from accounts.models import Invitation, Membership, Organisation, RoleProposal, User  # noqa: F401


class UserManager(BaseUserManager["User"]):
    """Makes people; there is no way to make a superuser."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a person; without a password, one that only a reset can open."""
        user: User = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Find by mail address, whatever its case."""
        return self.get(email=(username or "").strip().lower())

    def active(self) -> models.QuerySet[User]:
        """People who may sign in."""
        return self.filter(is_active=True)


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations."""

    def standing(self) -> Self:
        """Still in the directory (or created on request)."""
        return self.filter(gone_at__isnull=True)

    def applicants(self) -> Self:
        """Those that may apply."""
        return self.standing().filter(is_applicant=True)

    def named(self, text: str) -> Self:
        """Accent and case do not count; each word must be found; a code is found whole."""
        words = fold(text).split()
        if not words:
            return self.none()
        found = self.all()
        for word in words:
            found = found.filter(models.Q(sort_name__contains=word) | models.Q(code=word))
        first = words[0]
        exact = models.Case(
            models.When(sort_name=" ".join(words), then=0),
            models.When(sort_name__startswith=first, then=1),
            default=2,
            output_field=models.IntegerField(),
        )
        return found.select_related("region", "territory").order_by(exact, "sort_name", "mrc_name", "code")

    def visible_to(self, user: Any) -> Self:
        """The directory is public; the people of an organisation are not (see `managed_by`)."""
        return self.all()

    def of_member(self, user: Any) -> Self:
        """Organisations for which this person acts, confirmed or not."""
        return self.filter(
            memberships__user=user,
            memberships__status__in=["claimed", "confirmed"],
            memberships__user__is_active=True,
        )

    def signed_by(self, user: Any) -> Self:
        """Organisations whose confirmed signatory is this person."""
        return self.filter(
            memberships__user=user,
            memberships__role="signatory",
            memberships__status="confirmed",
            memberships__user__is_active=True,
        )


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships."""

    def open(self) -> Self:
        """Claimed or confirmed, of people who may sign in."""
        return self.filter(status__in=["claimed", "confirmed"], user__is_active=True)

    def claimed(self) -> Self:
        """« Mandat à confirmer »."""
        return self.filter(status="claimed", user__is_active=True)

    def confirmed(self) -> Self:
        """Confirmed and standing."""
        return self.filter(status="confirmed", user__is_active=True)

    def signatories(self) -> Self:
        """Those who sign."""
        return self.filter(role="signatory")

    def of(self, user: Any) -> Self:
        """Those of one person."""
        return self.filter(user=user) if user is not None and user.is_authenticated else self.none()

    def with_names(self) -> Self:
        """With what a list shows."""
        return self.select_related("user", "organisation", "organisation__region", "organisation__territory")


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations."""

    def standing(self) -> Self:
        """Neither accepted, nor cancelled, nor expired."""
        return self.filter(accepted_at__isnull=True, cancelled_at__isnull=True, expires_at__gt=clock.now())


class RoleProposalQuerySet(models.QuerySet["RoleProposal"]):
    """Roles that wait for a second manager."""

    def waiting(self) -> Self:
        """Not decided yet, oldest first."""
        return self.filter(decided_at__isnull=True).order_by("proposed_at", "pk")
