"""Files in quarantine: a worker scans them one by one, until each is known as clean, infected or not scannable.

A file that waits is a row; a worker takes it under a lease. A scanner that is away, hangs or refuses makes it wait
longer, never makes it clean. Filing waits for none of this.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import IO, Any
from urllib.parse import urlsplit

from clamav_client import clamd
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from applications import parsing, scanning, verifying
from applications.actions import files
from applications.models import Attachment
from applications.models.attachment import ScanState
from applications.scanning import BadFile
from web import clock
from workflows.actors import SystemActor
from workflows.engine import NotAllowed, Refused

LEASE = timedelta(minutes=3)
FIRST_WAIT = timedelta(seconds=30)  # after a scanner that did not answer; doubled each time
LONGEST_WAIT = timedelta(minutes=10)
TIMEOUT = 60  # seconds for one file
ROUND = 50

log = logging.getLogger(__name__)


class Away(Exception):
    """The scanner did not answer; the file waits."""


class Unscannable(Exception):
    """The scanner answered that it cannot take this file."""


def due() -> QuerySet[Attachment]:
    """Files that a worker may take now, oldest first; those received before a scanner was set are among them."""
    now = clock.now()
    free = Q(scan_lease_until=None) | Q(scan_lease_until__lte=now)
    ready = Q(scan_due_at=None) | Q(scan_due_at__lte=now)
    waiting = Attachment.objects.filter(scan__in=[ScanState.WAITING, ScanState.NOT_SCANNED])
    return waiting.filter(free, ready).order_by("uploaded_at", "pk")


def run_due(limit: int = ROUND) -> int:
    """Scan what is due; how many files got a verdict. A scanner that is away ends the round."""
    if scanning.is_off():
        return 0
    done = 0
    for _turn in range(limit):
        row = _claim()
        if row is None:
            break
        try:
            perform(row)
        except Away as away:
            _wait(row)
            log.warning("scanner away: %s", type(away.__cause__ or away).__name__)
            break
        except Exception as fault:  # noqa: BLE001 - one file never stops the others; it waits, and is tried again
            _wait(row)
            log.error("file %s could not be scanned: %s", row.pk, type(fault).__name__)
            continue
        done += 1
    return done


def _claim() -> Attachment | None:
    """Take one file for the length of a lease; no two workers get the same one."""
    for key in due().values_list("pk", flat=True)[:5]:
        if due().filter(pk=key).order_by().update(scan_lease_until=clock.now() + LEASE):
            return Attachment.objects.select_related("dossier__call", "dossier__edition__definition").get(
                pk=key
            )
    return None


def _wait(row: Attachment) -> None:
    pause = min(FIRST_WAIT * 2 ** min(row.scan_tries, 8), LONGEST_WAIT)
    Attachment.objects.filter(pk=row.pk, scan__in=[ScanState.WAITING, ScanState.NOT_SCANNED]).update(
        scan=ScanState.WAITING,
        scan_tries=F("scan_tries") + 1,
        scan_due_at=clock.now() + pause,
        scan_lease_until=None,
    )


def perform(row: Attachment) -> None:
    """Scan one file and write the verdict, in the language of the call; Away when there is none."""
    with override(row.dossier.call.language):
        _judge(row, SystemActor("scanner"))
    Attachment.objects.filter(pk=row.pk).update(scan_lease_until=None)


def _judge(row: Attachment, actor: SystemActor) -> None:
    by, found = "", ""
    try:
        with default_storage.open(row.path) as stored:
            by, found = scan(stored)
            if not found:
                parsing.check_apart(stored, row.name)
    except FileNotFoundError:
        files.mark_scanned(
            row, ScanState.FAILED, actor=actor, note=_("le fichier n’est plus dans la réserve du service")
        )
    except (Unscannable, BadFile) as refused:
        files.mark_scanned(row, ScanState.FAILED, actor=actor, by=by, note=str(refused))
    else:
        if found:
            _withhold(row, actor, by, found)
        else:
            files.mark_scanned(row, ScanState.CLEAN, actor=actor, by=by)


def _withhold(row: Attachment, actor: SystemActor, by: str, found: str) -> None:
    """Withheld in any case; asked for again where the dossier can be sent back."""
    try:
        verifying.withhold(row, actor=actor, by=by, note=found)
    except (Refused, NotAllowed) as refused:
        log.warning("file %s is withheld, not asked for again: %s", row.pk, type(refused).__name__)
        files.mark_infected(row, actor=actor, by=by, note=found)


def scan(stored: IO[bytes]) -> tuple[str, str]:
    """Ask the scanner: its program and signatures, and the name of what it found ("" for nothing)."""
    try:
        with _client(TIMEOUT) as client:
            by = str(client.version())
            stored.seek(0)
            verdict, name = client.instream(stored)["stream"]
    except clamd.BufferTooLongError as long:
        raise Unscannable(_("trop gros pour le service d’analyse")) from long
    except (clamd.ClamdError, OSError, KeyError, ValueError) as fault:
        raise Away from fault
    if verdict == "OK":
        return by, ""
    if verdict == "FOUND" and not str(name).startswith("Heuristics.Limits.Exceeded"):
        return by, str(name)
    raise Unscannable(_("trop complexe pour le service d’analyse"))


def version() -> str:
    """What the scanner says it is; Away when it does not answer."""
    try:
        with _client(2) as client:
            return str(client.version())
    except (clamd.ClamdError, OSError) as fault:
        raise Away from fault


@contextmanager
def _client(timeout: float) -> Iterator[Any]:
    """A line to the scanner, let go of whatever happens."""
    address = settings.FILE_SCANNER
    place = urlsplit(address if "://" in address else f"tcp://{address}")
    client: Any
    if place.scheme == "unix":
        client = clamd.ClamdUnixSocket(place.path, timeout=timeout)  # type: ignore[arg-type]  # a socket takes parts of a second
    elif place.scheme == "tcp" and place.hostname and place.port:
        client = clamd.ClamdNetworkSocket(place.hostname, place.port, timeout=timeout)
    else:
        raise ImproperlyConfigured(f"FILE_SCANNER: tcp://HOST:PORT or unix:///PATH, not {address!r}")
    try:
        yield client
    finally:
        if (line := getattr(client, "clamd_socket", None)) is not None:
            line.close()
