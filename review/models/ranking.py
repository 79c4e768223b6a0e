"""What the committee concluded: consensus scores with reasons, and the recommendation, frozen with its hash."""

from django.conf import settings
from django.db import models

from applications.models import Dossier
from review.models.panel import Panel


class Consensus(models.Model):
    """A score agreed in committee on one criterion; it replaces the mean, the sheets are never altered."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="consensus")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="consensus")
    criterion = models.CharField(max_length=20)
    score = models.CharField(max_length=10)  # decimal text on the step of the scale
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["dossier", "criterion"], name="consensus_once")]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.criterion}"


class Recommendation(models.Model):
    """Ranking and proposals of a panel at its lock: input and result of the selection rule, as canonical text."""

    panel = models.OneToOneField(Panel, on_delete=models.PROTECT, related_name="recommendation")
    scoring = models.TextField()  # canonical JSON: per dossier, input and result of review.scoring
    input = models.TextField()  # canonical JSON given to review.selection
    result = models.TextField()  # canonical JSON it gave
    digest = models.CharField(max_length=71)
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.panel_id} {self.digest[:20]}"
