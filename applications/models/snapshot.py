"""What was filed, frozen: everyone but the drafters reads the latest snapshot, never live answers."""

from django.conf import settings
from django.db import models

from applications.models.dossier import Dossier


class SnapshotKind(models.TextChoices):
    """Why a version was frozen."""

    FILING = "filing"
    COMPLETION = "completion"


class Snapshot(models.Model):
    """One frozen version: canonical text (answers, files with digests, facts, bodies, budget) and its SHA-256."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="snapshots")
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=SnapshotKind.choices)
    edition = models.ForeignKey("grants.Edition", on_delete=models.PROTECT, related_name="+")
    text = models.TextField()  # canonical JSON, hashed as stored
    since = models.JSONField(
        default=dict
    )  # budget and facts without the bodies that left since; beside the text
    digest = models.CharField(max_length=71)
    code = models.CharField(max_length=19, unique=True)  # of the receipt, four groups of four
    received_at = models.DateTimeField()  # instant that counts for the deadline
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submit_key = models.CharField(max_length=64)  # of the check page: a second click lands here

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["dossier", "version"], name="snapshot_version_once"),
            models.UniqueConstraint(fields=["dossier", "submit_key"], name="submit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} v{self.version}"
