"""Reads of documents and messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q


class DocumentQuerySet(models.QuerySet[Any]):
    """Documents; a letter of a decision is a secret until its instant, for everybody the secret does not name."""

    def visible_to(self, user: Any, now: datetime) -> DocumentQuerySet:
        """Documents of dossiers this person sees, embargo applied; a void one is shown to nobody but staff."""
        from applications.models import Dossier
        from grants.rules import on_calls
        from workflows import providers

        shut = Dossier.objects.filter(providers.denied("applications.Dossier", user))
        keepers = on_calls(user, "manager", "authority", "secretary", "auditor") & ~Q(dossier__in=shut)
        seen = self.filter(dossier__in=Dossier.objects.visible_to(user))
        open_to_all = Q(line_id__isnull=True, kind__in=OPEN_KINDS) | Q(
            left_at__isnull=False, left_at__lte=now
        )
        return seen.filter(open_to_all | keepers).exclude(~keepers, state="void")


OPEN_KINDS = ("L1", "L2", "L12")
