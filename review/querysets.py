"""Reads of review: who sees which panels, assignments, sheets; who is shut out of which dossiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db.models import Q

from grants.rules import DECISION_ROLES, on_calls
from review.rules import MEMBERS, panels_with
from workflows.lifecycle import SubjectQuerySet

if TYPE_CHECKING:
    from review.models import Assignment, Meeting, Panel, Reconsideration, Sheet  # noqa: F401

FOLLOWERS = ("secretary", "manager", "auditor")
READERS = ("secretary", "manager", "authority", "auditor")
LIVE = ("offered", "accepted")
# Roles of the ministry among which an answer to a reconsideration is asked for (the auditor changes nothing).
ANSWERING = ("analyst", "second_analyst", "secretary", "manager", "authority")


def is_present(user: Any) -> bool:
    """A signed-in, active person."""
    return user is not None and user.is_authenticated and user.is_active


def recused_dossiers(user: Any) -> Any:
    """Keys of the dossiers from which a person is shut out now."""
    recusal: Any = apps.get_model("review", "Recusal")
    return recusal._default_manager.filter(user_id=user.pk, lifted_at__isnull=True).values("dossier_id")


def not_recused(user: Any) -> Q:
    """Dossiers of which the person is not recused: also where his or her own municipality's stay visible."""
    return ~Q(pk__in=recused_dossiers(user))


def denied_dossiers(user: Any) -> Q:
    """What the deny provider of dossiers gives: every dossier of which the person is recused."""
    return Q(pk__in=recused_dossiers(user)) if is_present(user) else Q(pk__in=[])


def reading_dossiers(user: Any) -> Q:
    """What the allow provider of dossiers gives: own assignments once accepted, and what a chair presides."""
    if not is_present(user):
        return Q(pk__in=[])
    assignment: Any = apps.get_model("review", "Assignment")
    panels = panels_with(user)
    if not panels:
        return Q(pk__in=[])
    own = assignment._default_manager.filter(
        reviewer_id=user.pk, state="accepted", declaration="none", panel_id__in=panels
    )
    return Q(pk__in=own.values("dossier_id")) | presided_dossiers(user)


def presided(user: Any) -> list[tuple[int, list[str]]]:
    """Volet and open stages of each panel that a person chairs, read once a request (kept with the roles read)."""
    chaired = frozenset(panels_with(user, "chair"))
    if not chaired:
        return []
    known: tuple[frozenset[int], list[tuple[int, list[str]]]] | None = user.__dict__.get("_presided")
    if known is None or known[0] != chaired:
        panel: Any = apps.get_model("review", "Panel")
        rows = panel._default_manager.filter(pk__in=chaired).select_related("call__edition__definition")
        known = (chaired, [(row.volet_id, row.open_stages()) for row in rows])
        user.__dict__["_presided"] = known
    return known[1]


def presided_dossiers(user: Any) -> Q:
    """Dossiers of the panels that a person chairs, from their entry in review on."""
    found = Q(pk__in=[])
    for volet, stages in presided(user):
        found |= Q(volet_id=volet, stage__in=stages)
    return found


class PanelQuerySet(SubjectQuerySet["Panel"]):
    """Panels."""

    def visible_to(self, user: Any) -> Self:
        """Their members; those who prepare, read or audit them on the call."""
        if not is_present(user):
            return self.none()
        return self.filter(Q(pk__in=panels_with(user)) | on_calls(user, *READERS, path="call"))

    def followed_by(self, user: Any) -> Self:
        """Those whose progress this person follows: chair, secretary, manager, auditor."""
        if not is_present(user):
            return self.none()
        return self.filter(Q(pk__in=panels_with(user, "chair")) | on_calls(user, *FOLLOWERS, path="call"))


class AssignmentQuerySet(SubjectQuerySet["Assignment"]):
    """Assignments."""

    def visible_to(self, user: Any) -> Self:
        """Own ones while they stand; all those of a panel for those who follow it; never those of a recusal."""
        if not is_present(user):
            return self.none()
        own = Q(reviewer_id=user.pk, state__in=LIVE, panel_id__in=panels_with(user))
        followed = Q(panel_id__in=panels_with(user, "chair")) | on_calls(user, *FOLLOWERS, path="panel__call")
        return self.filter(own | followed).exclude(dossier_id__in=recused_dossiers(user))

    def own(self, user: Any) -> Self:
        """What is given to this person and still stands."""
        return self.visible_to(user).filter(reviewer_id=user.pk, state__in=LIVE)


class SheetQuerySet(SubjectQuerySet["Sheet"]):
    """Score sheets."""

    def visible_to(self, user: Any) -> Self:
        """One's own; those handed in, for who follows the panel and for reviewers who handed in theirs."""
        if not is_present(user):
            return self.none()
        members = panels_with(user, *MEMBERS)
        own = Q(
            assignment__reviewer_id=user.pk, assignment__state="accepted", assignment__panel_id__in=members
        )
        followed = Q(state__in=("handed_in", "excluded")) & (
            Q(assignment__panel_id__in=panels_with(user, "chair"))
            | on_calls(user, *FOLLOWERS, path="assignment__panel__call")
        )
        mine = self.model._default_manager.filter(
            assignment__reviewer_id=user.pk, assignment__state="accepted", state="handed_in"
        )
        beside = Q(
            state="handed_in",
            assignment__panel_id__in=members,
            assignment__dossier_id__in=mine.values("assignment__dossier_id"),
        )
        return self.filter(own | followed | beside).exclude(assignment__dossier_id__in=recused_dossiers(user))

    def standing(self) -> Self:
        """Those that count."""
        return self.filter(state="handed_in")


class MeetingQuerySet(SubjectQuerySet["Meeting"]):
    """Meetings of committees."""

    def visible_to(self, user: Any) -> Self:
        """Who follows the panel: its chair, the secretary, the manager, the auditor."""
        if not is_present(user):
            return self.none()
        chaired = Q(panel_id__in=panels_with(user, "chair"))
        return self.filter(chaired | on_calls(user, *FOLLOWERS, path="panel__call"))


class ReconsiderationQuerySet(SubjectQuerySet["Reconsideration"]):
    """Reconsiderations: the applicants, those who know decisions, and whoever answers; reviewers never."""

    def visible_to(self, user: Any) -> Self:
        """Own organisations'; those of one's calls, recusals left out; the one that this person must answer."""
        if not is_present(user):
            return self.none()
        dossiers: Any = apps.get_model("applications", "Dossier")
        own = Q(dossier__in=dossiers._default_manager.applicant_side(user).values("pk"))
        staff = on_calls(user, *DECISION_ROLES, path="dossier__call")
        asked = Q(reconsiderer_id=user.pk) & on_calls(user, *ANSWERING, path="dossier__call")
        return self.filter(own | ((staff | asked) & ~Q(dossier_id__in=recused_dossiers(user))))
