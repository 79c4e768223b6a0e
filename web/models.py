"""What a person keeps of lists: views by address and name, and the exports a worker makes."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from web import clock


class SavedView(models.Model):
    """A view of a list under a name: the address is the view, so it can be given to anybody."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    table = models.CharField(max_length=40)  # the name of the list
    part = models.CharField(max_length=40, blank=True)  # which one, when there are several
    name = models.CharField(max_length=80)
    query = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()
        ordering = ["table", "part", "name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "table", "part", "name"], name="saved_view_once")
        ]

    def __str__(self) -> str:
        return self.name


class ExportStatus(models.TextChoices):
    """Where an export is; a work row, no subject of the engine."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    REFUSED = "refused"  # the right to the list is gone
    FAILED = "failed"


class Export(models.Model):
    """A list to write out of the request, for one person: claimed by a worker under a lease."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    table = models.CharField(max_length=40)
    part = models.CharField(max_length=40, blank=True)
    query = models.TextField(blank=True)
    language = models.CharField(max_length=10)
    format = models.CharField(max_length=4)
    status = models.CharField(max_length=10, choices=ExportStatus.choices, default=ExportStatus.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now, db_index=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    path = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    rights = models.CharField(max_length=64, blank=True)  # digest of what the person held when it was written
    keys = models.BinaryField(default=bytes)  # keys of the rows in the file, packed

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["user", "created_at"], name="export_of_person")]

    def __str__(self) -> str:
        return f"{self.table} {self.format}"

    @property
    def is_live(self) -> bool:
        """Waits or runs."""
        return self.status in (ExportStatus.WAITING, ExportStatus.RUNNING)


class Pulse(models.Model):
    """That work is done: a row the worker writes for each message of the timetable that it consumed."""

    name = models.CharField(max_length=40, primary_key=True)
    beaten_at = models.DateTimeField()
    lag_ms = models.PositiveIntegerField(default=0)  # from the timetable's sending to the worker's hand

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
