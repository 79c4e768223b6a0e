"""A meeting of the committee: who was there, in which order dossiers were discussed, what was agreed, who signed."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from applications.models import Dossier
from review.lifecycle.meeting import MeetingLifecycle, MeetingState
from review.models.panel import Panel
from review.querysets import MeetingQuerySet

PERSON = settings.AUTH_USER_MODEL


class Meeting(MeetingLifecycle):
    """One meeting of a panel; closed with its quorum, then frozen with the ranking and signed by two persons."""

    lock_rank = 25

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="meetings")
    held_on = models.DateField()
    place = models.CharField(max_length=200)
    chair = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    secretary = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    quorum = models.PositiveSmallIntegerField()  # voting members, as the call asked at the opening
    is_odd = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    body = models.TextField(blank=True)  # canonical JSON of what is signed, written by the lock of the panel
    digest = models.CharField(max_length=71, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=MeetingState.values), name="meeting_state_known"
            ),
            models.UniqueConstraint(
                fields=["panel"], condition=models.Q(state="open"), name="meeting_open_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(chair=models.F("secretary")), name="meeting_chair_is_not_secretary"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.panel_id} {self.held_on}"

    def chain_code(self) -> str:
        """Events of a meeting are in the chain of its call."""
        return self.panel.call.code


class Presence(models.Model):
    """A voting member, there or not."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    is_present = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.meeting_id}/{self.user_id}"


class Item(models.Model):
    """A dossier on the agenda of a meeting."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    note = models.TextField(blank=True)
    agreed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "dossier"], name="item_once")]

    def __str__(self) -> str:
        return f"{self.meeting_id}/{self.dossier_id}"


class Signature(models.Model):
    """One of the two persons who sign the minutes, on the hash of what was read."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="signatures")
    part = models.CharField(max_length=10, choices=[("chair", "chair"), ("secretary", "secretary")])
    user = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    digest = models.CharField(max_length=71)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["meeting", "part"], name="signature_part_once"),
            models.UniqueConstraint(fields=["meeting", "user"], name="signature_person_once"),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.part}"
