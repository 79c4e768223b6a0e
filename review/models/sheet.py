"""A score sheet: scores and comments of one reviewer on one snapshot."""

from django.db import models

from review.lifecycle import SheetLifecycle, SheetState
from review.models.panel import Assignment
from review.querysets import SheetQuerySet


class Sheet(SheetLifecycle):
    """Own scores are private until handed in, and may be reopened until the panel locks."""

    lock_rank = 51

    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="sheet")
    snapshot = models.ForeignKey("applications.Snapshot", on_delete=models.PROTECT, related_name="sheets")
    scores = models.JSONField(default=dict)  # criterion → decimal text
    comments = models.JSONField(default=dict)  # criterion → text
    strengths = models.TextField(blank=True)  # for the applicant's letter
    weaknesses = models.TextField(blank=True)
    total = models.CharField(max_length=40, blank=True)  # exact fraction, points on 100
    handed_in_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    objects = SheetQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=SheetState.values), name="sheet_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id}: {self.total}"

    def chain_code(self) -> str:
        """Events of a sheet are in the chain of its call."""
        return self.assignment.panel.call.code
