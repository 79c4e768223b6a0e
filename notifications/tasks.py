"""Jobs: each fetches what is due and calls one function. Celery carries nothing but the wake-up."""

from __future__ import annotations

from celery import shared_task

from notifications import documents, mail, reminders


@shared_task
def draw_and_send() -> int:
    """Draw the documents that wait, then send the messages that are due."""
    return documents.draw_due() + mail.send_due()


@shared_task
def remind() -> int:
    """Write the reminders of the day."""
    return reminders.write_due()
