"""A letter, a receipt or minutes: its frozen content, its PDF, its code, and the instant at which it left."""

from django.db import models

from applications.models import Dossier
from grants.models import Call, LetterText
from notifications.models.batch import Batch
from notifications.querysets import DocumentQuerySet
from review.models import Panel
from workflows.models import Event


class DocumentState(models.TextChoices):
    """Where a document is."""

    COMPOSED = "composed"  # content frozen, PDF to draw
    DRAWN = "drawn"
    PARKED = "parked"  # could not be drawn: a person looks
    VOID = "void"  # its line was voided before it left


class Document(models.Model):
    """One document, single by `key`; « authentic » is answered only once `left_at` has come."""

    key = models.CharField(max_length=120, unique=True)  # line:8:L4:1, event:301:L1:1 …
    kind = models.CharField(max_length=8)  # L1 … L12, or PV: the minutes of a panel
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="documents")
    dossier = models.ForeignKey(Dossier, null=True, on_delete=models.PROTECT, related_name="documents")
    panel = models.ForeignKey(Panel, null=True, on_delete=models.PROTECT, related_name="documents")
    event = models.ForeignKey(Event, null=True, on_delete=models.PROTECT, related_name="+")
    line_id = models.BigIntegerField(null=True, db_index=True)  # of a decision
    text = models.ForeignKey(LetterText, null=True, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=5)
    title = models.CharField(max_length=300)
    content = models.TextField()  # canonical JSON of the document model
    code = models.CharField(max_length=19, unique=True)
    state = models.CharField(max_length=10, choices=DocumentState.choices, default=DocumentState.COMPOSED)
    readable_at = models.DateTimeField(null=True)  # embargo: applicants read it from then on, if released
    left_at = models.DateTimeField(null=True)
    pdf_path = models.CharField(max_length=200, blank=True)
    pdf_digest = models.CharField(max_length=71, blank=True)
    unsealed_digest = models.CharField(max_length=71, blank=True)  # of the same file before its seal
    sealed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    drawn_at = models.DateTimeField(null=True)
    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="documents")
    tries = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(dossier__isnull=True) ^ models.Q(panel__isnull=True),
                name="document_of_dossier_or_panel",
            )
        ]
        indexes = [
            models.Index(
                fields=["sealed_at"], condition=models.Q(sealed_at__isnull=False), name="document_sealed"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.dossier_id or self.panel_id}"

    def chain_code(self) -> str:
        """Events about it are in the chain of its call."""
        return self.call.code
