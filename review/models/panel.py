"""A panel, its members, the dossiers assigned to them and the conflicts they declare."""

from django.conf import settings
from django.db import models

from accounts.permissions import RoleBase
from applications.models import Dossier, Snapshot
from grants.models import Call, Volet
from grants.roles import PANEL_ROLES
from review.lifecycle import AssignmentLifecycle, AssignmentState, PanelLifecycle, PanelState
from review.querysets import AssignmentQuerySet, PanelQuerySet
from workflows import schema
from workflows.schema import Process

FROM_REVIEW_ON = ("review", "panel", "decision")


class Panel(PanelLifecycle):
    """The panel of a volet."""

    lock_rank = 20

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="panels")
    volet = models.ForeignKey(Volet, on_delete=models.PROTECT, related_name="panels")
    code = models.SlugField(max_length=40)
    name = models.JSONField()
    due_at = models.DateTimeField()  # sheets are expected by
    locked_at = models.DateTimeField(null=True)

    objects = PanelQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [(code, label) for code, label in PANEL_ROLES]
        constraints = [
            models.UniqueConstraint(fields=["call", "code"], name="panel_once"),
            models.CheckConstraint(condition=models.Q(state__in=PanelState.values), name="panel_state_known"),
        ]

    def __str__(self) -> str:
        return self.code

    def chain_code(self) -> str:
        """Events of a panel are in the chain of its call."""
        return self.call.code

    def process(self) -> Process:
        """The process of the call."""
        edition = self.call.edition
        assert edition is not None
        return schema.parse(edition.definition.body)

    def open_stages(self) -> list[str]:
        """Codes of the stages from review on: what a chair follows, what the ranking reads."""
        return [code for code, stage in self.process().stages.items() if stage.kind.code in FROM_REVIEW_ON]


class PanelRole(RoleBase):
    """Role of a person on a panel."""

    content_object = models.ForeignKey(Panel, on_delete=models.CASCADE)


class Assignment(AssignmentLifecycle):
    """A dossier given to a reviewer; `card` is all that is seen before the declaration on conflicts."""

    lock_rank = 50

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="assignments")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="assignments")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments"
    )
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    card = models.JSONField(default=dict)  # number, bodies, title, suppliers
    hints = models.JSONField(default=list)  # of review.conflicts, from facts
    declared_at = models.DateTimeField(null=True)
    declaration = models.CharField(max_length=12, blank=True)  # none, to_examine, conflict
    closed_reason = models.TextField(blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["reviewer", "state"], name="assignment_by_reviewer")]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "reviewer"], name="assignment_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=AssignmentState.values), name="assignment_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}/{self.reviewer_id}"

    def chain_code(self) -> str:
        """Events of an assignment are in the chain of its call."""
        return self.panel.call.code


class Recusal(models.Model):
    """A person who may see nothing of a dossier; deny wins over every staff role."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="recusals")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recusals")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    snapshot = models.ForeignKey(Snapshot, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "user"], condition=models.Q(lifted_at__isnull=True), name="recusal_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}/{self.user_id}"
