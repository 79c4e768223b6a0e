"""Jobs of review: each calls one function; the rows say what is due."""

from __future__ import annotations

from celery import shared_task

from review import carrying


@shared_task
def carry_out() -> int:
    """Carry out the decisions whose instant has come."""
    return carrying.carry_out()


@shared_task
def lapse() -> int:
    """Let unanswered offers fall."""
    return carrying.lapse()
