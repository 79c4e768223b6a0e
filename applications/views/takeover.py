"""An answer of an earlier dossier taken over by its button, where nothing is written yet."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import OperationalError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from applications import fields
from applications.actions import answers
from applications.earlier import Earlier
from applications.fields import Question
from applications.models import Dossier
from web import clock


def take(request: HttpRequest, dossier: Dossier, asked: Iterable[Question], taken: list[str]) -> list[str]:
    """Save the earlier answer to the question that the post names, note it in `taken`; sentences of what failed."""
    wanted = request.POST.get("take", "")
    question = next((one for one in asked if one.code == wanted), None)
    if question is None or dossier.state != "draft":
        return []
    offered = Earlier(dossier, request.user).of(question)
    row = dossier.answers.filter(question=wanted).first()
    if offered is None or not fields.is_blank(row.value if row else None):
        return []
    try:
        answers.save_answer(
            dossier,
            question,
            offered.value,
            actor=request.user,
            seen_version=row.version if row else 0,
            received_at=clock.received_at(request),
        )
    except OperationalError:
        return [_("Le serveur est occupé : réessayez dans un instant.")]
    taken.append(wanted)
    return []
