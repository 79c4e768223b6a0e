"""A piece of long work with its progress: letters of a decision, a message to all applicants of a call."""

from django.conf import settings
from django.db import models

from grants.models import Call


class Batch(models.Model):
    """Progress n of m; items carry the batch; `stopped_at` holds what has not begun."""

    call = models.ForeignKey(Call, null=True, on_delete=models.CASCADE, related_name="batches")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120, unique=True)  # decision:12:letters …
    total = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key

    def chain_code(self) -> str:
        """Events about it are in the chain of its call."""
        return self.call.code if self.call is not None else "site"
