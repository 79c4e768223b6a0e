"""A refusal that an applicant asks to have looked at again, by somebody who took no part in it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from applications.models import Attachment, Dossier
from grants.models import Call, Decision
from review.lifecycle.reconsideration import ReconsiderationLifecycle, ReconsiderationState
from review.querysets import ReconsiderationQuerySet
from workflows.models import Event
from workflows.schema import Face


class Gate(models.TextChoices):
    """Where the dossier was refused."""

    ELIGIBILITY = "eligibility"  # countersigned before the review
    DECISION = "decision"  # by the line of a decision of the authority


class Ground(models.TextChoices):
    """Why the applicant asks."""

    PROCEDURE = "procedure"
    FACT = "fact"


class Answer(models.TextChoices):
    """What was decided."""

    MAINTAINED = "maintained"
    REVERSED = "reversed"


class Effect(models.TextChoices):
    """What a reversed refusal leads to."""

    REOPENED = "reopened"  # the dossier goes on in the process
    MONEY = "money"  # a decision of its own grants it


class Reconsideration(ReconsiderationLifecycle):
    """One request on one refusal; the dossier stays refused until the answer is carried out."""

    lock_rank = 45

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="reconsiderations")
    refusal = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")  # the act that refused it
    gate = models.CharField(max_length=12, choices=Gate.choices)
    ground = models.CharField(max_length=12, choices=Ground.choices)
    words = models.TextField()
    file = models.ForeignKey(Attachment, null=True, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    until = models.DateTimeField(null=True)  # end of the delay; none while the letter has not left
    # admission
    admitted_at = models.DateTimeField(null=True)
    dismissal = models.CharField(max_length=12, blank=True)  # late, no_ground
    dismissal_words = models.TextField(blank=True)
    # answer
    reconsiderer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="reconsiderations"
    )
    named_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=12, choices=Answer.choices, blank=True)
    motives = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    returned_words = models.TextField(blank=True)  # why the countersigner gave the answer back
    countersigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    effect = models.CharField(max_length=12, choices=Effect.choices, blank=True)
    decision = models.OneToOneField(
        Decision, null=True, on_delete=models.PROTECT, related_name="reconsideration"
    )

    objects = ReconsiderationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["refusal"], name="reconsideration_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=ReconsiderationState.values), name="reconsideration_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="closed") | ~models.Q(answer=""),
                name="reconsideration_closed_with_answer",
            ),
        ]

    def __str__(self) -> str:
        return self.dossier.number

    @property
    def call(self) -> Call:
        """The call of the dossier."""
        return self.dossier.call

    def chain_code(self) -> str:
        """Events of a reconsideration are in the chain of its call."""
        return self.dossier.call.code

    def face_for(self, user: Any) -> Face:
        """People of the municipality read the applicant's face, whatever else they are."""
        return self.dossier.face_for(user)

    @property
    def is_reversed(self) -> bool:
        """Whether the refusal falls."""
        return self.answer == Answer.REVERSED
