"""Events and their chains, deliveries, and versioned definitions of processes."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from workflows.exceptions import EngineError

START = "sha256:" + "0" * 64
SITE = "site"


class ChainHead(models.Model):
    """The last link of a chain, locked last; also the counter that numbers a call's dossiers."""

    lock_rank = 90

    code = models.CharField(max_length=60, unique=True)
    n = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=71, default=START)
    counter = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.code} {self.n}"


class Event(models.Model):
    """One fact, written once: `line` is the canonical text that was hashed, the columns only find it."""

    chain = models.CharField(max_length=60)
    n = models.PositiveBigIntegerField()
    at = models.DateTimeField(db_index=True)
    verb = models.CharField(max_length=120)
    subject_type = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    actor = models.CharField(max_length=60)
    behalf = models.CharField(max_length=60, blank=True, default="")
    request = models.CharField(max_length=64, blank=True, default="")
    from_state = models.CharField(max_length=50, blank=True, default="")
    to_state = models.CharField(max_length=50, blank=True, default="")
    stage = models.CharField(max_length=60, blank=True, default="")
    line = models.TextField()
    hash = models.CharField(max_length=71)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "n"], name="workflows_event_chain_n")]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="workflows_event_subject"),
            models.Index(fields=["actor", "id"], name="workflows_event_actor"),
            models.Index(fields=["verb", "id"], name="workflows_event_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.chain} {self.n} {self.verb}"

    @property
    def data(self) -> dict[str, Any]:
        """The data of the line: ids, codes, integers and digests."""
        data: dict[str, Any] = json.loads(self.line)["data"]
        return data

    @property
    def subject(self) -> str:
        """The subject as the line writes it."""
        return f"{self.subject_type}:{self.subject_id}"

    @property
    def words(self) -> str:
        """The personal words said with the event, or nothing when there are none or they were erased."""
        beside = getattr(self, "beside", None)
        return beside.text if isinstance(beside, EventText) else ""


class EventText(models.Model):
    """Personal words beside the chain: erasing the row leaves the chain whole."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="beside")
    salt = models.BinaryField(max_length=16)
    text = models.TextField()

    def __str__(self) -> str:
        return f"text of event {self.event_id}"


class Delivery(models.Model):
    """One event for one reader: lease, tries and mark are here, so that an event row never changes."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    consumer = models.CharField(max_length=40)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    failed = models.BooleanField(default=False)
    error = models.TextField(blank=True, default="")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["event", "consumer"], name="workflows_delivery_event_consumer")
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="workflows_delivery_waiting",
                condition=Q(done_at__isnull=True, failed=False),
            ),
            models.Index(
                fields=["consumer", "id"], name="workflows_delivery_failed", condition=Q(failed=True)
            ),
            models.Index(fields=["done_at"], name="workflows_delivery_done"),
        ]

    def __str__(self) -> str:
        return f"{self.consumer} of event {self.event_id}"


class Definition(models.Model):
    """One version of a process as canonical JSON text; frozen once published."""

    code = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    body = models.TextField()
    digest = models.CharField(max_length=71)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="workflows_definition_code_version")
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to change a published version (a trigger holds the same rule)."""
        if self.pk and Definition.objects.filter(pk=self.pk, published_at__isnull=False).exists():
            raise EngineError(f"definition {self} is published: a change is a new version")
        super().save(*args, **kwargs)

    @property
    def content(self) -> dict[str, Any]:
        """The body as data."""
        content: dict[str, Any] = json.loads(self.body)
        return content
