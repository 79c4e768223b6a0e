"""Files of a dossier, each with the digest made at upload and the state of its scan."""

from django.conf import settings
from django.db import models

from applications.models.dossier import Dossier


class ScanState(models.TextChoices):
    """What the scanner said; « not scanned » is never « clean »."""

    NOT_SCANNED = "not_scanned"  # no scanner is set
    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"  # withheld
    FAILED = "failed"  # the scanner could not answer


class Attachment(models.Model):
    """One file in one slot; replacing keeps the earlier one."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="attachments")
    slot = models.CharField(max_length=60)  # code of the question of type file
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()  # bytes
    digest = models.CharField(max_length=71)  # sha256:…
    path = models.CharField(max_length=200)  # in the default storage, never shown
    scan = models.CharField(max_length=12, choices=ScanState.choices)
    scanned_at = models.DateTimeField(null=True)
    scanned_by = models.CharField(max_length=120, blank=True)  # program and signatures that gave the verdict
    scan_note = models.CharField(max_length=300, blank=True)  # what was found, or why it cannot be scanned
    scan_tries = models.PositiveSmallIntegerField(default=0)  # times the scanner did not answer
    scan_due_at = models.DateTimeField(null=True)  # not before: the scanner was away
    scan_lease_until = models.DateTimeField(null=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    upload_key = models.CharField(
        max_length=64, blank=True
    )  # of the sending page: a retry finds the same row

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["dossier", "slot"], name="attachment_by_slot"),
            models.Index(
                fields=["uploaded_at"],
                condition=models.Q(scan__in=["waiting", "not_scanned"]),
                name="attachment_to_scan",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "upload_key"], condition=~models.Q(upload_key=""), name="upload_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}/{self.slot}: {self.name}"

    @property
    def why_failed(self) -> str:
        """Why it could not be scanned, as its sender reads it; "" for any other file."""
        return self.scan_note if self.scan == ScanState.FAILED else ""

    @property
    def scan_shown(self) -> str:
        """The state as pages say it: a file that waits for a scanner that is away has words of its own."""
        return "away" if self.scan == ScanState.WAITING and self.scan_tries else str(self.scan)
