"""Completeness and eligibility: what was asked for, what the rules propose, what a named analyst confirmed."""

from django.conf import settings
from django.db import models

from applications.models.dossier import Dossier
from applications.models.snapshot import Snapshot


class CompletionRequest(models.Model):
    """A request for completion: named questions open until an instant, and no others."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="completion_requests")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )  # nobody: the scanner found a file that cannot be given
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    message = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)  # answered, silent or withdrawn

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"], condition=models.Q(closed_at__isnull=True), name="one_open_request"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.asked_at:%F}"


class CompletionItem(models.Model):
    """One question (or slot of files) that is asked again, and why."""

    request = models.ForeignKey(CompletionRequest, on_delete=models.CASCADE, related_name="items")
    question = models.CharField(max_length=60)
    reason = models.TextField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["request", "question"], name="completion_item_once")]

    def __str__(self) -> str:
        return f"{self.request_id}/{self.question}"


class Finding(models.Model):
    """One eligibility rule on one snapshot: proposed by the rules, confirmed by a named analyst."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="findings")
    rule = models.CharField(max_length=20)
    proposed = models.CharField(max_length=8)  # yes, no, unknown, na
    cause = models.JSONField(null=True)
    missing = models.JSONField(default=list)
    confirmed = models.CharField(max_length=12, blank=True)  # yes, provisional, no, na
    note = models.TextField(blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["snapshot", "rule"], name="finding_once")]

    def __str__(self) -> str:
        return f"{self.snapshot_id} {self.rule}"
