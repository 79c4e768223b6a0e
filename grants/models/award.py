"""An award: what was granted at that moment, copied, so that no later edit of a dossier changes it."""

from django.db import models
from django.db.models import F

from accounts.models import Organisation
from grants.lifecycle.award import AwardLifecycle, AwardState
from grants.models.call import BudgetLine, Call, Volet
from grants.models.decision import DecisionLine
from grants.querysets import AwardQuerySet


class Award(AwardLifecycle):
    """Money promised to a dossier by a line of a decision, in dollars."""

    lock_rank = 60

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="awards")
    volet = models.ForeignKey(Volet, on_delete=models.PROTECT, related_name="awards")
    line = models.OneToOneField(DecisionLine, on_delete=models.PROTECT, related_name="award")
    dossier_id = models.BigIntegerField(db_index=True)
    dossier_number = models.CharField(max_length=60)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="awards")
    beneficiary = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    public = models.JSONField(
        default=dict
    )  # public answers by role at the award: summary, place, themes, dates …
    region_code = models.CharField(max_length=2, blank=True)
    amount = models.PositiveBigIntegerField()
    requested = models.PositiveBigIntegerField()
    kept_costs = models.PositiveBigIntegerField(default=0)
    partial = models.BooleanField(default=False)
    source = models.CharField(max_length=40)
    letters_at = models.DateTimeField()
    publish_at = models.DateTimeField(db_index=True)
    confirm_by = models.DateTimeField(null=True)
    freed = models.PositiveBigIntegerField(default=0)  # dollars given back when declined, lapsed or withdrawn

    objects = AwardQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=AwardState.values), name="award_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_number}: {self.amount}"

    def chain_code(self) -> str:
        """Events of an award are in the chain of its call."""
        return self.call.code

    def give_back(self) -> int:
        """Free the money on the budget line, under the lock of the verb; dollars freed."""
        self.freed = self.amount
        BudgetLine.objects.filter(volet=self.volet_id).update(committed=F("committed") - self.amount)
        return self.amount
