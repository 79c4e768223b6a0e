"""The queue of files to scan, as the technical administrator sees it: no name of a file, no dossier."""

from __future__ import annotations

from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from applications import scanning
from applications.models import Attachment
from applications.models.attachment import ScanState
from web import clock, jobs, waking


def register() -> None:
    """Called once, when the site starts; without a scanner nothing waits."""
    new = Q(scan=ScanState.WAITING, scan_tries=0)
    if not scanning.is_off():
        new |= Q(scan=ScanState.NOT_SCANNED, scan_tries=0)
    away = Q(scan=ScanState.WAITING, scan_tries__gt=0, scan_lease_until__isnull=True)
    jobs.register(
        jobs.Queue(
            "scans",
            _("Fichiers à analyser"),
            Attachment,
            waiting=new & Q(scan_lease_until__isnull=True),
            running=Q(scan_lease_until__isnull=False),
            failed=away,
            due="uploaded_at",
            done="scanned_at",
            error=Value("ScannerAway"),
            tries="scan_tries",
            retry=retry,
            lease="scan_lease_until",
        )
    )


def retry(pk: int) -> bool:
    """Ask the scanner again now about a file that waits because it did not answer."""
    away = Attachment.objects.filter(pk=pk, scan=ScanState.WAITING, scan_tries__gt=0)
    changed = away.update(scan_due_at=clock.now(), scan_lease_until=None)
    if changed:
        waking.wake("applications.scan")
    return bool(changed)
