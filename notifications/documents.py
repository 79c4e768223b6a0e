"""Drawing: a worker claims a composed document, draws its PDF from the frozen content, seals it and marks it."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta
from typing import Any

from django.db.models import Q

from notifications import certificate, codec
from notifications.letters.render import render
from notifications.letters.seal import SealTrouble
from notifications.models import Document
from notifications.models.document import DocumentState
from notifications.queues import GOING
from notifications.storage import write_pdf, write_sealed
from web import clock

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
TRIES = 3


def draw_due(limit: int = 100) -> int:
    """Draw what waits; returns how many were drawn."""
    _wake_unsealed()
    now = clock.now()
    waiting = Document.objects.filter(GOING, state=DocumentState.COMPOSED).filter(
        Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    )
    drawn = 0
    for pk in list(waiting.order_by("id").values_list("pk", flat=True)[:limit]):
        drawn += draw_one(pk)
    return drawn


def _wake_unsealed() -> None:
    """Documents parked for want of a seal wait no longer once one can be put."""
    parked = Document.objects.filter(state=DocumentState.PARKED, error__startswith=certificate.PREFIX)
    if not parked.exists():
        return
    try:
        certificate.sealer()
    except SealTrouble:
        return
    parked.update(state=DocumentState.COMPOSED, error="", lease_until=None)


def draw_one(pk: int) -> int:
    """Claim one document and draw it; the same content gives the same bytes, so a second time changes nothing."""
    now = clock.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    going = Document.objects.filter(GOING, pk=pk).values("pk")  # a batch that was stopped stops here
    claimed = (
        Document.objects.filter(free, pk__in=going, state=DocumentState.COMPOSED)
        .order_by()
        .update(lease_until=now + LEASE)
    )
    if not claimed:
        return 0
    document = Document.objects.get(pk=pk)
    row = Document.objects.filter(pk=pk, state=DocumentState.COMPOSED)
    try:
        made = _file_of(document)
    except SealTrouble as trouble:  # never an unsealed document in its place: it waits, and says why
        log.error("document %s waits for its seal: %s", pk, trouble)
        row.update(state=DocumentState.PARKED, lease_until=None, error=f"{certificate.PREFIX}{trouble}")
        return 0
    except Exception as error:  # one poisoned letter parks alone
        log.exception("document %s could not be drawn", pk)
        tries = document.tries + 1
        state = DocumentState.PARKED if tries >= TRIES else DocumentState.COMPOSED
        row.update(state=state, tries=tries, lease_until=None, error=f"{type(error).__name__}: {error}"[:500])
        return 0
    row.update(state=DocumentState.DRAWN, drawn_at=clock.now(), lease_until=None, error="", **made)
    return 1


def _file_of(document: Document) -> dict[str, Any]:
    """Draw and store the file, sealed when the ministry has a certificate; its path and digests."""
    sealer, content = certificate.sealer(), codec.loads(document.content)
    plain = render(content, seal=sealer is not None)
    if sealer is None:
        path, digest = write_pdf(document, plain)
        return {"pdf_path": path, "pdf_digest": digest}
    path, digest = write_sealed(document, plain, sealer.seal)
    before = f"sha256:{hashlib.sha256(plain).hexdigest()}"
    return {"pdf_path": path, "pdf_digest": digest, "unsealed_digest": before, "sealed_at": clock.now()}
