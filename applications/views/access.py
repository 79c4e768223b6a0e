"""How the pages of a municipality read their dossier."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from applications import rules
from applications.models import Dossier
from workflows.engine import Refused


def dossier_of(request: HttpRequest, pk: int, *, to_write: bool = True) -> Dossier:
    """The dossier as its people see it: 404 when it is not visible, 403 when it is not theirs to write."""
    rows: Any = Dossier.objects.visible_to(request.user).select_related(
        "call__programme", "call__edition", "volet", "edition__definition", "snapshot"
    )
    dossier: Dossier = get_object_or_404(rows, pk=pk)
    if to_write and not rules.may_write(dossier, request.user):
        raise PermissionDenied
    return dossier


def sentence(refused: Refused) -> str:
    """The reasons of a refusal in a line."""
    return " ".join(refused.reasons)


def name_of(dossier: Any) -> str:
    """What a dossier is called on its pages."""
    return str(dossier.title or dossier.number or dossier.lead_name)


def lead_of(dossier: Any) -> Any:
    """The organisation that carries it."""
    return next((body.organisation for body in rules.bodies_of(dossier, lead_only=True)), None)
