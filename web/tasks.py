"""Wake-up calls: one function; the rows hold the work."""

from __future__ import annotations

from celery import shared_task

from web import discarding, export_jobs


@shared_task(name="web.export")
def export() -> None:
    """Make the exports that wait; run often, and by anybody who wants to wake a worker."""
    export_jobs.run_due()


@shared_task(name="web.wipe_exports")
def wipe_exports() -> None:
    """Remove exports after seven days, and files whose row was deleted after two."""
    export_jobs.wipe()
    discarding.erase_due()
