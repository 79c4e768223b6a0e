"""Words of attachments: read in a worker, once, when the file was scanned clean, for the search of filed dossiers."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage

from applications import scanning
from applications.models import Attachment, Dossier
from applications.models.attachment import ScanState
from applications.models.wording import Wording, WordingState
from applications.snapshots import content_of
from web import clock
from workflows.exceptions import NotNow

READ = (".pdf", ".docx")
SECONDS = 30  # for one file, the start of the program included
SECONDS_AT_ONCE = 90  # then the delivery is tried again for what is left; a lease is longer
MOST = 400_000  # letters of all the files of a dossier

logger = logging.getLogger(__name__)


def extract(attachment: Attachment) -> Wording | None:
    """Read a file that is clean and of a kind that is read, once; nothing otherwise."""
    if attachment.scan != ScanState.CLEAN or scanning.extension(attachment.name) not in READ:
        return None
    known = Wording.objects.filter(pk=attachment.pk).first()
    if known is not None:
        return known
    said = _read(attachment)
    given = {"state": said["state"], "text": said["text"], "read_at": clock.now()}
    return Wording.objects.get_or_create(attachment=attachment, defaults=given)[0]


def prepare(dossier_id: int) -> None:
    """Read the files of the latest filed version that were not read yet; `NotNow` when there are too many at once."""
    dossier = Dossier.objects.filter(pk=dossier_id, snapshot__isnull=False).select_related("snapshot").first()
    if dossier is None or dossier.snapshot is None:
        return
    keys = [one["id"] for one in content_of(dossier.snapshot)["files"]]
    rows = dossier.attachments.filter(pk__in=keys, scan=ScanState.CLEAN, wording__isnull=True).order_by("pk")
    end = monotonic() + SECONDS_AT_ONCE
    for row in rows:
        if monotonic() > end:
            raise NotNow("files remain to be read")
        extract(row)


def texts(keys: Iterable[int]) -> Mapping[int, str]:
    """What these files say: those that are clean now and were read."""
    clean = Wording.objects.filter(pk__in=list(keys), attachment__scan=ScanState.CLEAN).exclude(text="")
    return dict(clean.values_list("pk", "text"))


def joined(found: Sequence[str]) -> str:
    """The words of several files, up to a bound."""
    return "\n".join(found)[:MOST]


def _read(attachment: Attachment) -> Mapping[str, Any]:
    """Ask the program that reads; whatever becomes of it, an answer."""
    lost = {"text": "", "state": WordingState.UNREADABLE}
    command = [sys.executable, "-m", "applications.extracting", scanning.extension(attachment.name)]
    try:
        with default_storage.open(attachment.path) as stored, tempfile.TemporaryFile() as given:
            for piece in stored.chunks():
                given.write(piece)
            given.seek(0)
            done = subprocess.run(
                command, stdin=given, capture_output=True, timeout=SECONDS, check=False,
                cwd=settings.BASE_DIR, env={"PYTHONHASHSEED": "0"},
            )  # fmt: skip
    except FileNotFoundError:
        logger.warning("file %s is not in the storage: its words are not read", attachment.pk)
        return lost
    except subprocess.TimeoutExpired:
        logger.warning("file %s took too long to read", attachment.pk)
        return lost
    if done.returncode:
        logger.warning("the reader of file %s ended with %s", attachment.pk, done.returncode)
        return lost
    said: dict[str, Any] = json.loads(done.stdout)
    return said
