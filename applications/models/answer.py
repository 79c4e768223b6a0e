"""Answers: one row per question with its version, and the history of each until filing + 30 days."""

from typing import Any

from django.conf import settings
from django.db import models

from applications.models.dossier import Dossier


class Answer(models.Model):
    """The answer to one question; a repeated group is one answer whose rows carry stable ids."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="answers")
    question = models.CharField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    value: Any = models.JSONField(null=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()
    client = models.CharField(
        max_length=64, blank=True
    )  # writer's page and its counter: late or double arrivals
    client_n = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["dossier", "question"], name="answer_once")]

    def __str__(self) -> str:
        return f"{self.dossier_id}/{self.question} v{self.version}"


class AnswerVersion(models.Model):
    """An earlier text of an answer, so that nothing typed is lost."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    value: Any = models.JSONField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["answer", "version"], name="answer_version_once")]

    def __str__(self) -> str:
        return f"{self.answer_id} v{self.version}"
