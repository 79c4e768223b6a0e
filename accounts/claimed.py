"""Claims that wait: read for the ministry's screens and the homes of both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from accounts import hooks, rules
from accounts.models import Membership, RoleProposal
from accounts.querysets import MembershipQuerySet
from web import home

FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Claim:
    """A claim with the nearest closing of what its author began."""

    membership: Membership
    closing: datetime | None

    @property
    def pk(self) -> int:
        """Whose claim it is."""
        return self.membership.pk


def claims_waiting() -> MembershipQuerySet:
    """Every mandate to confirm, oldest first; one whose account is suspended waits too, and is shown as such."""
    return Membership.objects.filter(status="claimed").with_names().order_by("created_at", "pk")


def nearest_first(claims: Iterable[Membership]) -> list[Claim]:
    """Nearest closing first, then oldest first."""
    rows = list(claims)
    closings = hooks.closings(rows)
    found = [Claim(row, closings.get(row.pk)) for row in rows]
    return sorted(found, key=lambda one: (one.closing or FAR, one.membership.created_at, one.membership.pk))


def closing_of(claim: Membership) -> datetime | None:
    """The nearest closing of what this claimant began."""
    return hooks.closings([claim]).get(claim.pk)


def base_for(user: Any) -> str:
    """The face of a page that both sides read."""
    return "base_staff.html" if home.is_staff(user) else "base_applicant.html"


def todos(user: Any) -> Iterable[home.Todo]:
    """Mandates to confirm and roles to approve: what awaits a manager, or a signatory."""
    if not rules.is_present(user):
        return
    manages = rules.is_manager(user)
    if manages:
        rows = claims_waiting().filter(user__is_active=True).exclude(user=user)
    else:
        signed = Membership.objects.confirmed().signatories().of(user).values("organisation")
        rows = claims_waiting().filter(organisation__in=signed).exclude(user=user)
    for one in nearest_first(rows):
        yield home.Todo(
            group=_("Mandats à confirmer"),
            who=one.membership.organisation.name,
            text=one.membership.user.name,
            url=reverse("claim", args=[one.membership.pk]),
            since=one.membership.created_at,
            due=one.closing,
            note=one.membership.organisation.place,
            act=_("Confirmer ou refuser"),
            state="warn",
            rank=5 if manages else 10,  # before anything else in a manager's home
            order=one.closing or FAR,
        )
    if manages:
        yield from _proposals(user)


def _proposals(user: Any) -> Iterable[home.Todo]:
    """Roles proposed by another manager of the same thing."""
    from accounts.actions.roles import resolve, shown_name

    waiting = (
        RoleProposal.objects.waiting().exclude(proposed_by=user).exclude(user=user).select_related("user")
    )
    for row in waiting:
        obj = resolve(row)
        if obj is not None and rules.may_give_role(user, obj):
            yield home.Todo(
                group=_("Rôles à approuver"),
                who=row.user.name,
                text=shown_name(obj, None),
                url=reverse("object_roles", args=[row.target_model, row.target_id]),
                since=row.proposed_at,
                act=_("Approuver ou refuser"),
                state="now",
                rank=20,
            )


def hint(user: Any) -> home.Hint | None:
    """Somebody who acts for nobody yet."""
    if not rules.is_present(user) or home.is_staff(user):
        return None
    if Membership.objects.open().of(user).exists():
        return None
    return home.Hint(
        _("Vous n’êtes rattaché à aucun organisme."), reverse("claim_search"), _("Trouver ma municipalité")
    )


def technical_hint(view: str, text: Any, label: Any) -> Callable[[Any], home.Hint | None]:
    """Where the technical administrator goes when nothing waits; nothing while the page is not installed."""

    def found(user: Any) -> home.Hint | None:
        if not rules.is_technical_admin(user) or rules.is_ministry(user):
            return None
        try:
            return home.Hint(text, reverse(view), label, alone=True)
        except NoReverseMatch:
            return None

    return found
