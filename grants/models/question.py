"""Questions about a call: as they arrived, and as everybody reads them with their answer, all at once."""

from django.conf import settings
from django.db import models

from grants.models.call import Call


class QuestionState(models.TextChoices):
    """Where a question is."""

    RECEIVED = "received"
    READY = "ready"  # worded and answered, not public yet
    PUBLISHED = "published"
    SET_ASIDE = "set_aside"  # answered in person, or already answered


class CallQuestion(models.Model):
    """One question: who asked it and how stays with the ministry, its public wording names nobody."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="questions")
    status = models.CharField(max_length=10, choices=QuestionState.choices, default=QuestionState.RECEIVED)
    text = models.TextField()  # as it arrived
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )  # nobody: it came by telephone or by mail
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    received_at = models.DateTimeField()
    wording = models.JSONField(default=dict)  # {"fr": …, "en": …}
    answer = models.JSONField(default=dict)
    reason = models.TextField(blank=True)  # why it was set aside
    published_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["call", "status"], name="question_of_call")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(published_at__isnull=True) ^ models.Q(status="published"),
                name="question_published_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.call_id}, question {self.pk}"

    def chain_code(self) -> str:
        """Events about it are in the chain of its call."""
        return self.call.code
