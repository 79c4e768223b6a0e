"""Asking that a refusal be looked at again: by a signatory, once, within the delay, with a file or without."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from applications import scanning
from applications.actions.files import Stored, store
from applications.fields import Question
from applications.models import Attachment, Dossier
from review.models import Reconsideration
from review.models.reconsideration import Ground
from review.reconsidering import against, may_ask, refusal_of
from web import clock
from web.waking import wake
from workflows.engine import NotAllowed, NotVisible, Refused, locked, record, unit

SLOT = "reexamen"  # no question of a form: the file goes with the request alone
ACCEPTED = (".pdf", ".docx", ".odt", ".jpg", ".jpeg", ".png")
LONGEST = 6000


def slot() -> Question:
    """What the file of a request may be."""
    return Question(SLOT, "file", _("Pièce à l’appui"), accept=ACCEPTED, max_mb=20)


def ask(
    dossier: Dossier,
    *,
    ground: str,
    words: str,
    actor: Any,
    upload: File[bytes] | None = None,
    received_at: datetime | None = None,
) -> Reconsideration:
    """Write the request and tell it in the history of the dossier; the instant that counts is that of arrival."""
    at = received_at or clock.now()
    _require(dossier, actor)
    faults = _faults(ground, words) or against(dossier, refusal_of(dossier), at)
    if faults:
        raise Refused(faults)
    stored = store(slot(), upload) if upload is not None else None
    try:
        made = _write(dossier, ground, words.strip(), stored, actor, at)
    except BaseException:
        if stored is not None:
            default_storage.delete(stored.path)
        raise
    if stored is not None and not scanning.is_off():
        wake("applications.scan")
    return made


def _require(dossier: Dossier, actor: Any) -> None:
    if not Dossier.objects.applicant_side(actor).filter(pk=dossier.pk).exists():
        raise NotVisible(f"{dossier!r} is not of user {actor.pk}")
    if not may_ask(dossier, actor):
        raise NotAllowed("a signatory of the dossier asks")


def _faults(ground: str, words: str) -> list[str]:
    found = []
    if ground not in Ground.values:
        found.append(_("Choisissez le motif : une erreur de procédure ou une erreur de fait."))
    if not words.strip():
        found.append(_("Expliquez en quoi il y a erreur."))
    return found


def _write(
    dossier: Dossier, ground: str, words: str, stored: Stored | None, actor: Any, at: datetime
) -> Reconsideration:
    """The row, its file and its two events, under the lock of the dossier."""
    with unit(locks=[dossier]) as held:
        row: Dossier = locked(held, dossier)
        _require(row, actor)
        refusal = refusal_of(row)
        faults = against(row, refusal, at)
        if faults or refusal is None:
            raise Refused(faults)
        file = _attach(row, stored, actor) if stored is not None else None
        made = Reconsideration.objects.create(
            state="asked",
            dossier=row,
            refusal=refusal.event,
            gate=refusal.gate,
            ground=ground,
            words=words,
            file=file,
            asked_by=actor,
            asked_at=at,
            until=refusal.until,
        )
        record(made, "ask", actor=actor, text=words, dossier=row.number, ground=ground)
        record(row, "reconsideration", actor=actor, step="asked", reconsideration=made.pk, ground=ground)
    return made


def _attach(dossier: Dossier, stored: Stored, actor: Any) -> Attachment:
    made: Attachment = dossier.attachments.create(
        slot=SLOT,
        name=stored.name,
        content_type=stored.media,
        size=stored.size,
        digest=stored.digest,
        path=stored.path,
        scan=scanning.initial_state(),
        uploaded_by=actor,
        uploaded_at=clock.now(),
    )
    record(dossier, "file_added", actor=actor, slot=SLOT, file=made.pk, digest=made.digest, size=made.size)
    return made
