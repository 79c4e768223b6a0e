"""Wake-up calls: an id, one function; the rows hold the work."""

from __future__ import annotations

from time import monotonic

from celery import shared_task

from workflows import deliveries

SWEEP_SECONDS = 45
SWEEP_BATCH = 50


@shared_task(name="workflows.deliver")
def deliver(event_id: int) -> None:
    """Do what is due for one event."""
    deliveries.run_due(event_id=event_id)


@shared_task(name="workflows.sweep")
def sweep() -> None:
    """Do whatever is due; run every minute, and by anybody who wants to wake a worker."""
    end = monotonic() + SWEEP_SECONDS
    while monotonic() < end and deliveries.run_due(limit=SWEEP_BATCH) == SWEEP_BATCH:
        pass
