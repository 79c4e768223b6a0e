"""A call for projects and everything that it is made of: data, versioned, never code."""

import json
from functools import lru_cache
from typing import Any

from django.db import models

from accounts.permissions import RoleBase
from grants.lifecycle.call import CallLifecycle, CallState
from grants.models.programme import Programme
from grants.querysets import CallQuerySet
from grants.roles import CALL_ROLES, PROGRAMME_ROLES
from workflows.models import Definition


class Call(CallLifecycle):
    """One call: its calendar is here, everything else that a dossier is filed under is in its edition."""

    lock_rank = 1  # before everything else; no verb of a dossier takes it

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="calls")
    code = models.SlugField(max_length=40, unique=True)
    title = models.JSONField()
    summary = models.JSONField()
    language = models.CharField(max_length=5, default="fr")  # of dossiers and letters
    edition = models.ForeignKey("grants.Edition", null=True, on_delete=models.PROTECT, related_name="+")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(db_index=True)
    questions_until = models.DateTimeField(null=True)
    eligibility_until = models.DateField(null=True)
    review_until = models.DateTimeField(null=True)
    panel_on = models.DateField(null=True)
    decision_on = models.DateField(null=True)
    letters_at = models.DateTimeField()
    publish_at = models.DateTimeField()
    confirm_days = models.PositiveSmallIntegerField(default=15)  # to confirm a partial offer
    reconsideration_days = models.PositiveSmallIntegerField(default=30)
    waiting_valid_until = models.DateField(null=True)
    contact_name = models.CharField(max_length=120)
    contact_phone = models.CharField(max_length=40)
    contact_email = models.EmailField()
    recourse_contact = models.JSONField(default=dict)  # name, function, email, address
    fictional = models.BooleanField(default=False)

    objects = CallQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [(code, label) for code, label in (*CALL_ROLES, *PROGRAMME_ROLES)]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=CallState.values), name="call_state_known"),
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")), name="call_closes_after_opening"
            ),
            models.CheckConstraint(
                condition=models.Q(publish_at__gte=models.F("letters_at")),
                name="call_published_after_letters",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def chain_code(self) -> str:
        """Events of a call are in its own chain."""
        return self.code


class CallRole(RoleBase):
    """Role of a person on one call."""

    content_object = models.ForeignKey(Call, on_delete=models.CASCADE)


class Edition(models.Model):
    """Frozen configuration of a call: volets, form, eligibility rules, budget rules, grid, tags, public texts.

    `body` is canonical JSON text and `digest` its SHA-256; a dossier keeps the edition it was filed under.
    Keys: volets, form, rules, budget, grid, tags, norms, faq, documents (shapes in docs/calls.md).
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="editions")
    version = models.PositiveIntegerField()
    definition = models.ForeignKey(Definition, on_delete=models.PROTECT, related_name="+")
    body = models.TextField()
    digest = models.CharField(max_length=71)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["call", "version"], name="edition_once")]

    def __str__(self) -> str:
        return f"{self.call_id} v{self.version}"

    @property
    def content(self) -> dict[str, Any]:
        """The body as data, to be read only (parsed once for each digest)."""
        return _parsed(self.body)


@lru_cache(maxsize=64)
def _parsed(body: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(body)
    return content


class Volet(models.Model):
    """A strand of a call: form limits, rates, sheets required, budget line and panel hang on it."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="volets")
    code = models.SlugField(max_length=20)
    label = models.JSONField()
    position = models.PositiveSmallIntegerField()
    aid_min = models.PositiveBigIntegerField()
    aid_max = models.PositiveBigIntegerField()
    months = models.PositiveSmallIntegerField()
    sheets_required = models.PositiveSmallIntegerField()
    reserves: Any = models.JSONField(default=list)  # [{"name", "amount", "tag", "label"}], in order

    class Meta:
        default_permissions = ()
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["call", "code"], name="volet_once")]

    def __str__(self) -> str:
        return f"{self.call_id}/{self.code}"


class BudgetLine(models.Model):
    """Envelope of a volet, in dollars; `committed` never exceeds `amount`, in the database."""

    lock_rank = 70

    volet = models.OneToOneField(Volet, on_delete=models.CASCADE, related_name="budget_line")
    amount = models.PositiveBigIntegerField()
    committed = models.PositiveBigIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(committed__gte=0) & models.Q(committed__lte=models.F("amount")),
                name="budget_never_over",
            )
        ]

    def __str__(self) -> str:
        return f"{self.volet_id}: {self.committed}/{self.amount}"


class LetterText(models.Model):
    """Text of a letter of a call, versioned; placeholders are an allow-list of names."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="letter_texts")
    kind = models.CharField(max_length=8)  # L1, L2 …
    language = models.CharField(max_length=5)
    version = models.PositiveIntegerField()
    subject = models.CharField(max_length=200)
    body = models.JSONField()  # list of blocks: {"p": "…"}, {"h": "…"}, {"list": ["…"]}, {"slot": "reasons"}
    created_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["call", "kind", "language", "version"], name="letter_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.kind} v{self.version}"
