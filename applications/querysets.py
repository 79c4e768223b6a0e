"""Reads of dossiers: `visible_to` is the one row filter of pages, files, exports and search."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import BooleanField, Case, CharField, Exists, F, OuterRef, Q, Subquery, Value, When

from accounts.models import Membership
from accounts.rules import is_present
from applications.rules import READERS
from grants.models import Decision, DecisionLine
from grants.rules import DECISION_ROLES, holds_beside, on_calls
from search import interface
from workflows import providers
from workflows.lifecycle import SubjectQuerySet

if TYPE_CHECKING:
    from applications.models import Dossier  # noqa: F401

LABEL = "applications.Dossier"
# States that a line of a decision leads to.
TOLD = {"accepted": ("accepted", "partial"), "waitlisted": ("waitlisted",), "rejected": ("rejected",)}
UNSETTLED = ("in_progress", "waitlisted", "rejected")  # a line may yet end them: a reversed refusal too
HIDDEN = "hidden"  # readable stage and outcome while the truth is a secret for this person


def own_dossiers(user: Any) -> Q:
    """Dossiers of the bodies this person acts for, read from the mandates; those begun on one to confirm."""
    held = Membership.objects.filter(user_id=user.pk, organisation__bodies__isnull=False)
    mine = held.filter(status="confirmed").values("organisation__bodies__dossier")
    claimed = held.filter(status="claimed").values("organisation__bodies__dossier")
    return Q(pk__in=mine) | Q(created_by_id=user.pk, pk__in=claimed)


def open_to(user: Any, now: datetime) -> Q:
    """Dossiers whose content this person may read once they are visible: one's own, others from the closing on."""
    return Q(call__closes_at__lt=now) | own_dossiers(user)


@dataclass(frozen=True)
class Reach:
    """What can be left out of the statements of a list, asked once a request; by default nothing can.

    `is_swept`: every decision whose letters may be read by now was carried out. `acts_for_none`: the person holds no
    mandate. `is_shut_out_of_none`: no app above shuts the person out of anything. `knows_all`: what this person sees
    is of calls whose decisions he or she knows, so that nothing of it is a secret.
    """

    is_swept: bool = False
    acts_for_none: bool = False
    is_shut_out_of_none: bool = False
    knows_all: bool = False


def reach_of(user: Any, now: datetime) -> Reach:
    """Ask it, in one statement."""
    if not is_present(user):
        return Reach()
    due = Decision.objects.filter(released_at__isnull=False, letters_at__lte=now, executed_at__isnull=True)
    held = Membership.objects.filter(user_id=user.pk, status__in=["claimed", "confirmed"])
    dossiers = apps.get_model("applications", "Dossier")._default_manager
    shut = dossiers.filter(providers.denied(LABEL, user))
    let_in = dossiers.filter(providers.allowed(LABEL, user))
    person = get_user_model()._default_manager.filter(pk=user.pk).order_by()
    row = person.values_list(~Exists(due), ~Exists(held), ~Exists(shut), ~Exists(let_in)).first()
    if row is None:
        return Reach()
    is_swept, acts_for_none, is_shut_out_of_none, is_let_in_by_roles_alone = row
    known = acts_for_none and is_shut_out_of_none and is_let_in_by_roles_alone
    return Reach(
        is_swept, acts_for_none, is_shut_out_of_none, known and holds_beside(user, READERS, DECISION_ROLES)
    )


ANY = Reach()


class DossierQuerySet(SubjectQuerySet["Dossier"]):
    """Dossiers."""

    def applicant_side(self, user: Any) -> Self:
        """Dossiers of the bodies this person acts for; the claimant sees only what he or she began."""
        return self.filter(own_dossiers(user)) if is_present(user) else self.none()

    def visible_to(self, user: Any, *, reach: Reach = ANY) -> Self:
        """Own municipality's; filed ones for staff of the call; those an app above lets in; deny applied last."""
        if not is_present(user):
            return self.none()
        let_in = (on_calls(user, *READERS) | providers.allowed(LABEL, user)) & ~Q(state="draft")
        if not reach.is_shut_out_of_none:
            let_in &= ~providers.denied(LABEL, user)
        return self.filter(let_in if reach.acts_for_none else own_dossiers(user) | let_in)

    def filed(self) -> Self:
        """Everything but drafts."""
        return self.exclude(state="draft")

    def with_readable_content(self, user: Any, now: datetime) -> Self:
        """Annotate content_readable: the municipality reads its own, everybody else from the closing on."""
        is_open = Case(When(open_to(user, now), then=True), default=False, output_field=BooleanField())
        return self.annotate(content_readable=is_open)

    def matching(self, words: str, user: Any, now: datetime) -> Self:
        """Filed versions that hold every word; where content is not readable yet, in number and body only.

        It narrows rows that are already those of this person: the index alone answers nobody.
        """
        in_head = Q(pk__in=interface.find(LABEL, words, head_only=True))
        return self.filter(pk__in=interface.find(LABEL, words)).filter(open_to(user, now) | in_head)

    def with_readable_outcome(self, user: Any, now: datetime, *, reach: Reach = ANY) -> Self:
        """Annotate readable_state, readable_stage and readable_outcome: what this person may read now.

        From the first panel stage on they are « hidden » until the outcome is readable (its decision released and
        its instant come), except for those who know the decision. A refusal for eligibility is readable at once.
        Where every decision whose instant has come was carried out (`reach.is_swept`), it reads rows alone; a
        `reach` that knows all is of rows narrowed by `visible_to`.
        """
        if reach.is_swept and reach.knows_all:
            nothing = Value(None, output_field=CharField())
            told_as_is = {f"readable_{name}": F(name) for name in ("state", "stage", "outcome")}
            return self.annotate(due_outcome=nothing, **told_as_is)
        knowers = on_calls(user, *DECISION_ROLES)
        if not reach.is_shut_out_of_none:
            knowers &= ~providers.denied(LABEL, user)
        readable = DecisionLine.objects.filter(
            dossier_id=OuterRef("pk"),
            voided_at__isnull=True,
            decision__released_at__isnull=False,
            decision__letters_at__lte=now,
        )
        # Decided and readable, though the sweep that carries decisions out has not passed yet.
        due = Subquery(
            readable.filter(executed_at__isnull=True).order_by("-decision_id").values("outcome")[:1]
        )
        waiting: Any = Case(When(state__in=UNSETTLED, then=due))
        is_open = knowers | ~Q(secret=True) | Exists(readable)
        is_over = is_open | Q(state="withdrawn")  # said at once; what the committee proposed stays a secret
        told = [When(due_outcome__in=outcomes, then=Value(state)) for state, outcomes in TOLD.items()]
        if reach.is_swept:
            waiting, told = Value(None, output_field=CharField()), []
        rows = self.annotate(due_outcome=waiting)
        settled = is_open if reach.is_swept else is_open & Q(due_outcome__isnull=True)
        return rows.annotate(
            readable_state=Case(
                *told, When(is_over, then=F("state")), default=Value("in_progress"), output_field=CharField()
            ),
            readable_stage=Case(
                When(is_open, then=F("stage")), default=Value(HIDDEN), output_field=CharField()
            ),
            readable_outcome=Case(
                When(settled, then=F("outcome")),
                default=Value(""),
                output_field=CharField(),
            ),
        )
