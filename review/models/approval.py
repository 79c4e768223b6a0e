"""The document of an approval from outside (decree, order, resolution of a board), kept for the line that it allows."""

from django.conf import settings
from django.db import models

from grants.models import DecisionLine


class ApprovalFile(models.Model):
    """A file received with the reference of a line; another one replaces it on the line, none is erased."""

    line = models.ForeignKey(DecisionLine, on_delete=models.PROTECT, related_name="approval_files")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()  # bytes
    digest = models.CharField(max_length=71)  # sha256:…
    path = models.CharField(max_length=200)  # in the default storage, never shown
    scanned_by = models.CharField(max_length=120, blank=True)  # empty where no scanner is set
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.line_id}: {self.name}"
