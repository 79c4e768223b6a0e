"""The pulse: what proves that messages are consumed, not that a process exists."""

from __future__ import annotations

from time import time
from typing import Any

from celery import shared_task

from web import clock
from web.models import Pulse

WORK = "work"
LONGEST = 2_000_000_000  # milliseconds that the column can hold


@shared_task(name="config.pulse", bind=True)
def pulse(self: Any) -> None:
    """Write that this message of the timetable came through the queue, and how long it took."""
    sent = (self.request.headers or {}).get("sent_at") or self.request.get("sent_at")
    lag = int((time() - sent) * 1000) if isinstance(sent, float | int) else 0
    facts = {"beaten_at": clock.now(), "lag_ms": min(max(lag, 0), LONGEST)}
    Pulse.objects.update_or_create(name=WORK, defaults=facts)
