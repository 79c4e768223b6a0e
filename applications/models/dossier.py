"""A dossier, the bodies that carry it, and the counters of an organisation in a call."""

from typing import Any

from django.conf import settings
from django.db import models

from accounts.models import Organisation
from applications import rules, telling
from applications.lifecycle import DossierLifecycle, DossierState
from applications.querysets import DossierQuerySet
from applications.reopening import Reopening
from grants.models import Call, Edition, Volet
from workflows.schema import Face


class Entry(models.Model):
    """An organisation in a call: counters that hold its limits, and the first lock of every verb."""

    lock_rank = 10

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="entries")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="entries")
    drafts = models.PositiveSmallIntegerField(default=0)
    leads = models.PositiveSmallIntegerField(default=0)  # filed as lead and not withdrawn
    partners = models.PositiveSmallIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["call", "organisation"], name="entry_once")]

    def __str__(self) -> str:
        return f"{self.call_id}/{self.organisation_id}"


class Dossier(Reopening, DossierLifecycle):
    """One application. What lists show is kept here, in the transaction of the act that changes it."""

    lock_rank = 40
    lock_with = (
        "call",
        "volet",
        "edition__definition",
        "snapshot",
    )  # what its verbs read, in the same statement

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="dossiers")
    volet = models.ForeignKey(Volet, on_delete=models.PROTECT, related_name="dossiers")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=60, blank=True, db_index=True)  # given at the first filing
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    # shown in lists, copied from answers of the latest filing (of the draft until then)
    title = models.CharField(max_length=300, blank=True)
    lead_name = models.CharField(max_length=200, blank=True)
    lead_sort = models.CharField(max_length=200, blank=True, db_index=True)  # folded
    region_code = models.CharField(max_length=2, blank=True, db_index=True)
    population = models.PositiveIntegerField(null=True)  # of the lead at filing; null = unknown
    tags = models.JSONField(default=list)  # typed conditions of the call that hold: small, north …
    requested = models.PositiveBigIntegerField(default=0)  # dollars asked
    aid = models.PositiveBigIntegerField(default=0)  # dollars computed, of the bodies that stand
    kept_costs = models.PositiveBigIntegerField(default=0)
    confirmed_aid = models.PositiveBigIntegerField(null=True)  # confirmed by the analyst; what selection uses
    filed_at = models.DateTimeField(null=True)  # first filing
    last_filed_at = models.DateTimeField(null=True)
    sort_at = models.DateTimeField(db_index=True)  # last filing, or creation: never null, for keyset pages
    snapshot = models.ForeignKey(
        "applications.Snapshot", null=True, on_delete=models.PROTECT, related_name="+"
    )
    secret = models.BooleanField(
        default=False
    )  # at or after the first panel stage: stage and outcome are hidden
    stage_since = models.DateTimeField(null=True)
    due_at = models.DateTimeField(
        null=True, db_index=True
    )  # of the completion request in force, or the stage
    analyst = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )  # who follows it
    mandate_unconfirmed = models.BooleanField(default=False)
    end_cause = models.CharField(max_length=40, blank=True)  # applicant, ministry, claim_refused …
    # review figures
    sheets_done = models.PositiveSmallIntegerField(default=0)
    score = models.CharField(max_length=40, blank=True)  # exact fraction of the standing sheets
    divergent = models.BooleanField(default=False)

    objects = DossierQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["call", "sort_at", "id"], name="dossier_by_filing"),
            models.Index(  # the lists count by all of these at once
                fields=["call", "state", "stage", "region_code", "analyst", "edition"],
                name="dossier_by_stage",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=DossierState.values), name="dossier_state_known"
            ),
            models.UniqueConstraint(
                fields=["call", "number"], condition=~models.Q(number=""), name="dossier_number_once"
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"brouillon {self.pk}"

    def is_own(self, user: Any) -> bool:
        """Of a body this person acts for: no deny reaches the applicant side, so no other row need be asked."""
        rules.read_under_lock(self, user)
        return rules.is_applicant(self, user)

    def chain_code(self) -> str:
        """Events of a dossier are in the chain of its call."""
        return self.call.code

    def face_for(self, user: Any) -> Face:
        """The face that this person reads."""
        return telling.face_for(self, user)

    def hides(self, event: Any, user: Any) -> bool:
        """Tell whether an event is kept from this person."""
        return telling.hides(self, event, user)


class BodyRole(models.TextChoices):
    """Part of an organisation in a dossier."""

    LEAD = "lead"
    PARTNER = "partner"


class Confirmation(models.TextChoices):
    """Whether the organisation stands behind its part."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class Body(models.Model):
    """An organisation in a dossier: visibility, submission and letters go through these rows."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="bodies")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bodies")
    role = models.CharField(max_length=10, choices=BodyRole.choices)
    position = models.PositiveSmallIntegerField(default=0)
    share = models.PositiveBigIntegerField(default=0)  # dollars of cost
    confirmation = models.CharField(max_length=12, choices=Confirmation.choices, default=Confirmation.PENDING)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(null=True)
    resolution = models.JSONField(default=dict)  # number, date, kind final | provisional
    part = models.CharField(max_length=200, blank=True)  # what it does in the project
    asked_at = models.DateTimeField(null=True)  # when a partner was last asked to confirm
    reason = models.TextField(blank=True)  # why it declined or left
    left_at = models.DateTimeField(null=True)  # after the filing
    weighed = models.TextField(blank=True)  # what the analyst concluded of a departure
    weighed_at = models.DateTimeField(null=True)
    weighed_as = models.CharField(max_length=12, blank=True)  # kept, ineligible, noted
    reminded_at = models.DateTimeField(null=True)  # when the lead last reminded a partner

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["dossier", "organisation"], name="body_once"),
            models.UniqueConstraint(
                fields=["dossier"], condition=models.Q(role="lead"), name="one_lead_a_dossier"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}/{self.organisation_id} {self.role}"
