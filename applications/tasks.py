"""Jobs: each calls one function. Celery carries nothing but the wake-up."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from applications import quarantine
from applications.actions.answers import drop_history
from web import clock

HISTORY_DAYS = 30


@shared_task(name="applications.drop_history")
def drop_answer_history() -> int:
    """Earlier texts of answers live until filing + 30 days."""
    return drop_history(clock.now() - timedelta(days=HISTORY_DAYS))


@shared_task(name="applications.scan")
def scan_files() -> int:
    """Scan the files that wait."""
    return quarantine.run_due()
