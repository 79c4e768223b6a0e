"""Files of a dossier: received with their digest, replaced, removed; scanned or withheld."""

from __future__ import annotations

import hashlib
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from errno import errorcode
from typing import IO, Any
from uuid import uuid4

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError
from django.utils.translation import gettext as _

from applications import parsing, scanning, uploads
from applications.actions.answers import answers_open, question_in, require_writer, why_closed
from applications.fields import Question
from applications.models import Attachment, Dossier
from applications.models.attachment import ScanState
from applications.scanning import BadFile
from web import clock, formats
from web.waking import wake
from workflows.actors import Actor
from workflows.engine import NotVisible, Refused, locked, record, unit

log = logging.getLogger(__name__)
FILES = 20  # in one slot
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Stored:
    """A file in the storage, not yet in a dossier."""

    path: str
    name: str
    media: str
    size: int
    digest: str


def add_file(
    dossier: Dossier,
    slot: Question | str,
    upload: File[bytes],
    *,
    actor: Any,
    upload_key: str = "",
    received_at: datetime | None = None,
) -> Attachment:
    """Receive a file: its type and size are checked on the way to the storage, its digest made there.

    The same `upload_key` (a retry of the same page) gives the same row. Refused carries sentences. The instant
    that counts is that of arrival of the request, not of its last byte.
    """
    require_writer(dossier, actor)
    question = question_in(dossier, slot)
    if question.type != "file":
        raise NotVisible(f"no slot {question.code!r} in {dossier!r}")
    again = _received(dossier, upload_key)
    if again is not None:
        return again
    at = received_at or clock.now()
    if question.code not in answers_open(dossier, actor, at):
        raise Refused([why_closed(dossier, at)])
    stored = store(question, upload)
    try:
        return _attach(dossier, question, stored, actor, upload_key[:64], at)
    except BaseException as fault:
        default_storage.delete(stored.path)
        twin = _received(dossier, upload_key) if isinstance(fault, IntegrityError) else None
        if twin is not None:
            return twin
        raise


def _received(dossier: Dossier, upload_key: str) -> Attachment | None:
    rows = (
        dossier.attachments.filter(upload_key=upload_key[:64]) if upload_key else dossier.attachments.none()
    )
    return rows.first()


def _attach(
    dossier: Dossier, question: Question, stored: Stored, actor: Any, upload_key: str, at: datetime
) -> Attachment:
    """The row and its event, under the lock of the dossier."""
    now = clock.now()
    with unit(locks=[dossier]) as held:
        row: Dossier = locked(held, dossier)
        require_writer(row, actor)
        if question.code not in answers_open(row, actor, at):
            raise Refused([why_closed(row, at)])
        present = row.attachments.filter(slot=question.code, removed_at__isnull=True)
        if not question.multiple:
            present.update(removed_at=now)
        elif present.count() >= FILES:
            raise Refused([_("Cette question reçoit au plus %(n)s fichiers.") % {"n": FILES}])
        made = row.attachments.create(
            slot=question.code,
            name=stored.name,
            content_type=stored.media,
            size=stored.size,
            digest=stored.digest,
            path=stored.path,
            scan=scanning.initial_state(),
            uploaded_by=actor,
            uploaded_at=now,
            upload_key=upload_key,
        )
        record(
            row,
            "file_added",
            actor=actor,
            slot=question.code,
            file=made.pk,
            digest=made.digest,
            size=made.size,
        )
        if not scanning.is_off():
            wake("applications.scan")
    return made


def store(question: Question, upload: File[bytes]) -> Stored:
    """Check, then stream to the storage, digesting on the way."""
    if isinstance(upload, uploads.Unkept):
        raise Refused([uploads.no_room()])
    name = scanning.safe_name(upload.name or "")
    limit = min(question.max_mb * MEGABYTE + MEGABYTE // 20, settings.FILE_MAX_BYTES)
    if upload.size > limit:
        raise Refused([_too_big(name, question)])
    chunks = upload.chunks()
    head = next(iter(chunks), b"")
    try:
        media = scanning.media_type(name, head[: scanning.HEAD], question.accept)
        if upload.size <= parsing.AT_ONCE:
            parsing.check(upload, name)
        elif scanning.is_off():  # nobody opens it later
            parsing.check_apart(upload, name)
    except BadFile as fault:
        raise Refused([str(fault)]) from None
    upload.seek(0)
    reader = _Digesting(upload, limit)
    wanted = f"dossiers/{clock.now():%Y/%m}/{uuid4().hex}"
    try:
        path = default_storage.save(wanted, reader)
    except OSError as fault:  # a full disk: no half file stays, and what was typed is kept
        log.error("a file could not be kept (%s)", errorcode.get(fault.errno or 0, type(fault).__name__))
        with suppress(OSError):
            default_storage.delete(wanted)
        raise Refused([uploads.no_room()]) from fault
    if reader.count > limit:
        default_storage.delete(path)
        raise Refused([_too_big(name, question)])
    return Stored(path, name, media, reader.count, f"sha256:{reader.sha256.hexdigest()}")


def _too_big(name: str, question: Question) -> str:
    most = formats.size(question.max_mb * MEGABYTE)
    words = _("« %(name)s » est trop gros : %(most)s au plus. Réduisez-le, ou envoyez-le en parties.")
    return words % {"name": name, "most": most}


class _Digesting(File):  # type: ignore[type-arg]
    """A file that digests and counts what the storage reads of it, and stops past the limit."""

    def __init__(self, upload: File[bytes], limit: int) -> None:
        super().__init__(upload, upload.name)
        self.source, self.limit = upload, limit
        self.sha256, self.count = hashlib.sha256(), 0

    def chunks(self, chunk_size: int | None = None) -> Any:
        """The chunks of the upload."""
        for chunk in self.source.chunks(chunk_size):
            self.sha256.update(chunk)
            self.count += len(chunk)
            if self.count > self.limit:
                return
            yield chunk


# --- afterwards -------------------------------------------------------------------------------------------
def remove_file(attachment: Attachment, *, actor: Any, received_at: datetime | None = None) -> None:
    """Take a file out of the dossier; a filed snapshot keeps it, and the bytes stay. A second click does nothing."""
    with unit(locks=[attachment.dossier]) as held:
        row: Dossier = locked(held, attachment.dossier)
        require_writer(row, actor)
        if attachment.slot not in answers_open(row, actor, received_at):
            raise Refused([why_closed(row, received_at)])
        gone = row.attachments.filter(pk=attachment.pk, removed_at__isnull=True).update(
            removed_at=clock.now()
        )
        if gone:
            record(row, "file_removed", actor=actor, slot=attachment.slot, file=attachment.pk)
    attachment.refresh_from_db()


def mark_scanned(
    attachment: Attachment, state: ScanState, *, actor: Actor, by: str = "", note: str = ""
) -> bool:
    """Write what the scanner said, and which program said it; False when it was known already."""
    with unit(locks=[attachment.dossier]) as held:
        row: Dossier = locked(held, attachment.dossier)
        known = {"scan": state, "scanned_at": clock.now(), "scanned_by": by[:120], "scan_note": note[:300]}
        if not row.attachments.filter(pk=attachment.pk).exclude(scan=state).update(**known):
            return False
        verb = "file_infected" if state == ScanState.INFECTED else "file_scanned"
        record(row, verb, actor=actor, slot=attachment.slot, file=attachment.pk, scan=str(state))
    attachment.refresh_from_db()
    return True


def mark_infected(attachment: Attachment, *, actor: Actor, by: str = "", note: str = "") -> bool:
    """Withhold a file; the filing stands, and completeness asks for it again."""
    return mark_scanned(attachment, ScanState.INFECTED, actor=actor, by=by, note=note)


def open_file(attachment: Attachment) -> IO[bytes]:
    """The bytes of a file that is not withheld."""
    if not scanning.is_readable(attachment.scan):
        raise Refused([scanning.why_unreadable(attachment.scan_shown)])
    opened: Any = default_storage.open(attachment.path)
    stream: IO[bytes] = opened
    return stream
