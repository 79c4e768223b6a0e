"""The words of a file, read once, kept beside it for search."""

from django.db import models

from applications.models.attachment import Attachment


class WordingState(models.TextChoices):
    """How far the file was read."""

    READ = "read"
    CUT = "cut"  # up to a limit of pages, letters or time
    UNREADABLE = "unreadable"  # broken, locked or too big: found by its name only


class Wording(models.Model):
    """What a file says, once it was scanned clean; a file never changes, so this never does."""

    attachment = models.OneToOneField(
        Attachment, on_delete=models.CASCADE, primary_key=True, related_name="wording"
    )
    state = models.CharField(max_length=12, choices=WordingState.choices)
    text = models.TextField(blank=True)
    read_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"words of file {self.attachment_id}"
