"""What a filed version pledges, one row an indicator, and the public targets it is tied to: read to be added up."""

from django.db import models

from applications.models.snapshot import Snapshot


class Pledge(models.Model):
    """A value of an indicator pledged by a version; only the version in force of a dossier counts."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="pledges")
    indicator = models.CharField(max_length=60, db_index=True)
    baseline = models.BigIntegerField()
    target = models.BigIntegerField()
    by = models.DateField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "indicator"], name="pledge_once"),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot_id} {self.indicator}"


class Tie(models.Model):
    """A version is tied to a public target."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="ties")
    target = models.CharField(max_length=60, db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "target"], name="tie_once"),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot_id} {self.target}"
