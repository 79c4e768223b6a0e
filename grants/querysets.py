"""Reads of grants: who sees which calls, decisions and awards."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db.models import OuterRef, Prefetch, Q, Subquery

from grants import rules
from workflows.lifecycle import SubjectQuerySet

if TYPE_CHECKING:
    from grants.models import Award, Call, Decision  # noqa: F401

PUBLIC_STATES = ("published", "archived")
# What an award never published again once it is in one of these.
GONE = ("declined", "lapsed", "terminated")


class CallQuerySet(SubjectQuerySet["Call"]):
    """Calls."""

    def public(self) -> Self:
        """Those everybody reads."""
        return self.filter(state__in=PUBLIC_STATES)

    def visible_to(self, user: Any) -> Self:
        """Published ones for everybody, drafts for those who hold a role on them."""
        return self.filter(Q(state__in=PUBLIC_STATES) | rules.on_calls(user, path=""))

    def managed_by(self, user: Any, *roles: str) -> Self:
        """Those on which this person holds a role of the ministry (one of these when some are named)."""
        return self.filter(rules.on_calls(user, *roles, path=""))

    def open_at(self, now: datetime) -> Self:
        """Those that take dossiers now, nearest closing first."""
        return self.filter(state="published", opens_at__lte=now, closes_at__gte=now).order_by(
            "closes_at", "code"
        )

    def coming_at(self, now: datetime) -> Self:
        """Published, not open yet."""
        return self.filter(state="published", opens_at__gt=now).order_by("opens_at", "code")

    def closed_at(self, now: datetime) -> Self:
        """Closed or archived, latest first."""
        return self.public().filter(Q(closes_at__lt=now) | Q(state="archived")).order_by("-closes_at", "code")

    def with_public_dates(self, now: datetime) -> Self:
        """With what its first public decision made of its calendar; nothing while no list is public.

        `said_letters_at` and `said_publish_at`: a decision under embargo leaves no trace here.
        """
        decision = self.model._meta.get_field("decisions").related_model
        first = decision._default_manager.filter(
            call=OuterRef("pk"), state="released", released_at__isnull=False, publish_at__lte=now
        ).order_by("publish_at", "pk")
        return self.annotate(
            said_letters_at=Subquery(first.values("letters_at")[:1]),
            said_publish_at=Subquery(first.values("publish_at")[:1]),
        )

    def with_edition(self) -> Self:
        """With what a page of calls shows."""
        from web import clock

        rows = self.with_public_dates(clock.now())
        volets = self.model._meta.get_field("volets").related_model
        with_money = volets._default_manager.select_related("budget_line")
        return rows.select_related("programme", "edition").prefetch_related(Prefetch("volets", with_money))


class DecisionQuerySet(SubjectQuerySet["Decision"]):
    """Decisions."""

    def visible_to(self, user: Any) -> Self:
        """Those who know the decision before it is readable; everybody else reads its letters and the list."""
        return self.filter(rules.on_calls(user, *rules.DECISION_ROLES))


class AwardQuerySet(SubjectQuerySet["Award"]):
    """Awards."""

    def published(self, now: datetime) -> Self:
        """The funded list: released, its public instant past, and still standing."""
        return self.filter(
            publish_at__lte=now,
            line__decision__released_at__isnull=False,
            line__voided_at__isnull=True,
            call__state__in=PUBLIC_STATES,
        ).exclude(state__in=GONE)

    def readable(self, now: datetime) -> Self:
        """Those whose letters may have left."""
        return self.filter(letters_at__lte=now, line__decision__released_at__isnull=False)

    def visible_to(self, user: Any) -> Self:
        """Staff who know the decision; confirmed members of the beneficiary once the letters may have left."""
        from web import clock

        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        own = Q(
            organisation__memberships__user=user,
            organisation__memberships__status="confirmed",
            letters_at__lte=clock.now(),
            line__decision__released_at__isnull=False,
        )
        return self.filter(rules.on_calls(user, *rules.DECISION_ROLES) | own).distinct()
