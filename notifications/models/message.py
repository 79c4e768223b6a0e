"""A message: written in the transaction of the act, sent by a worker, once."""

from django.conf import settings
from django.db import models

from applications.models import Dossier
from grants.models import Call
from notifications.models.batch import Batch
from notifications.models.document import Document
from workflows.models import Event


class Mode(models.TextChoices):
    """How a message leaves."""

    AT_ONCE = "at_once"
    HELD = "held"  # staff read it in the outbox and release it
    SECRET = "secret"  # body encrypted until sent, then wiped


class MessageState(models.TextChoices):
    """Where a message is."""

    HELD = "held"
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"  # the server never answered: shown, not blindly repeated
    PARKED = "parked"
    CANCELLED = "cancelled"


class Message(models.Model):
    """One message to one address, single by `key`, with a fixed Message-ID."""

    key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=60)  # line of the catalogue
    mode = models.CharField(max_length=10, choices=Mode.choices)
    state = models.CharField(max_length=10, choices=MessageState.choices, db_index=True)
    call = models.ForeignKey(Call, null=True, on_delete=models.PROTECT, related_name="messages")
    dossier = models.ForeignKey(Dossier, null=True, on_delete=models.PROTECT, related_name="messages")
    event = models.ForeignKey(Event, null=True, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="messages"
    )
    to_name = models.CharField(max_length=200, blank=True)
    to_email = models.EmailField()
    language = models.CharField(max_length=5)
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    sealed_body = models.BinaryField(default=b"")  # of secret messages, wiped when sent
    documents = models.ManyToManyField(Document, related_name="messages", blank=True)
    message_id = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)  # not before
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)  # written before the last line goes to the server
    error = models.TextField(blank=True)
    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="messages")

    class Meta:
        default_permissions = ()
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} → {self.to_email}"

    def chain_code(self) -> str:
        """Events about it are in the chain of its call."""
        return self.call.code if self.call is not None else "site"
