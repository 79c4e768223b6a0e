"""An award: what was granted at that moment, copied, so that no later edit of a dossier changes it."""

from typing import Any

from django.db import models
from django.db.models import F

from accounts.models import Organisation
from accounts.names import fold
from grants import classes, editions
from grants.lifecycle.award import AwardLifecycle, AwardState
from grants.models.call import BudgetLine, Call, Volet
from grants.models.decision import DecisionLine
from grants.querysets import AwardQuerySet
from search import words


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
    # What the public list filters, sorts and searches on: told once, when the award is made (`describe`).
    mrc_code = models.CharField(max_length=4, blank=True)
    mrc_name = models.CharField(max_length=120, blank=True)
    size = models.CharField(max_length=16, default=classes.UNKNOWN)  # of the municipality, a class
    themes: Any = models.JSONField(default=list)  # [{"code", "label": {"fr", "en"}}]
    title_sort = models.CharField(max_length=300, blank=True)
    beneficiary_sort = models.CharField(max_length=200, blank=True)
    search_words = models.TextField(blank=True)
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
        indexes = [
            models.Index(fields=["beneficiary_sort", "id"], name="award_by_beneficiary"),
            models.Index(fields=["title_sort", "id"], name="award_by_title"),
            models.Index(fields=["amount", "id"], name="award_by_amount"),
            models.Index(fields=["region_code", "mrc_code"], name="award_by_place"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=AwardState.values), name="award_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_number}: {self.amount}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new award tells what the list filters on; later edits of a municipality never change it."""
        is_new = self._state.adding
        if is_new:
            self.describe()
        super().save(*args, **kwargs)
        if is_new:
            AwardTheme.objects.bulk_create(
                AwardTheme(award=self, code=one["code"], label=one["label"]) for one in self.themes
            )

    def describe(self) -> None:
        """Place, size, themes and words, from the beneficiary and the public answers."""
        body, asked = self.organisation, self.public.get("themes") or []
        place = body.territory
        self.mrc_code = place.code if place else ""
        self.mrc_name = body.mrc_name or (place.name if place else "")
        self.size = classes.size_of(body.kind, body.known_population)
        self.themes = editions.named_themes(
            self.call.edition.content if self.call.edition else None,
            asked if isinstance(asked, list) else [asked],
        )
        self.title_sort, self.beneficiary_sort = fold(self.title)[:300], fold(self.beneficiary)[:200]
        told = (self.title, self.beneficiary, self.mrc_name, self.dossier_number)
        self.search_words = classes.between_spaces(
            words.stems(" ".join((*told, str(self.public.get("public_summary") or ""))))
        )

    def chain_code(self) -> str:
        """Events of an award are in the chain of its call."""
        return self.call.code

    def give_back(self) -> int:
        """Free the money on the budget line, under the lock of the verb; dollars freed."""
        self.freed = self.amount
        BudgetLine.objects.filter(volet=self.volet_id).update(committed=F("committed") - self.amount)
        return self.amount


class AwardTheme(models.Model):
    """A theme of a funded project, as its call named it."""

    award = models.ForeignKey(Award, on_delete=models.CASCADE, related_name="theme_rows")
    code = models.CharField(max_length=60, db_index=True)
    label = models.JSONField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["award", "code"], name="award_theme_once")]

    def __str__(self) -> str:
        return f"{self.award_id}: {self.code}"
