"""Drawing: a worker claims a composed document, draws its PDF from the frozen content and marks it."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import Q

from notifications import codec
from notifications.letters.render import render
from notifications.models import Document
from notifications.models.document import DocumentState
from notifications.storage import write_pdf
from web import clock

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
TRIES = 3


def draw_due(limit: int = 100) -> int:
    """Draw what waits; returns how many were drawn."""
    now = clock.now()
    waiting = Document.objects.filter(state=DocumentState.COMPOSED).filter(
        Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    )
    drawn = 0
    for pk in list(waiting.order_by("id").values_list("pk", flat=True)[:limit]):
        drawn += draw_one(pk)
    return drawn


def draw_one(pk: int) -> int:
    """Claim one document and draw it; the same content gives the same bytes, so a second time changes nothing."""
    now = clock.now()
    claimed = (
        Document.objects.filter(pk=pk, state=DocumentState.COMPOSED)
        .filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))
        .update(lease_until=now + LEASE)
    )
    if not claimed:
        return 0
    document = Document.objects.get(pk=pk)
    row = Document.objects.filter(pk=pk, state=DocumentState.COMPOSED)
    try:
        path, digest = write_pdf(document, render(codec.loads(document.content)))
    except Exception as error:  # one poisoned letter parks alone
        log.exception("document %s could not be drawn", pk)
        tries = document.tries + 1
        state = DocumentState.PARKED if tries >= TRIES else DocumentState.COMPOSED
        row.update(state=state, tries=tries, lease_until=None, error=f"{type(error).__name__}: {error}"[:500])
        return 0
    row.update(
        state=DocumentState.DRAWN,
        pdf_path=path,
        pdf_digest=digest,
        drawn_at=clock.now(),
        lease_until=None,
        error="",
    )
    return 1
