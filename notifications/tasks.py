"""Jobs: each fetches what is due and calls one function. Celery carries nothing but the wake-up."""

from __future__ import annotations

from time import monotonic

from celery import shared_task

from notifications import documents, mail, reminders

SECONDS = 25  # the next wake-up of the timetable is 30 seconds away
AT_ONCE = 20  # drawn, then sent: a batch moves on all along, and stops where it is asked to


@shared_task
def draw_and_send() -> int:
    """Draw the documents that wait and send the messages that are due, a few of each in turn."""
    end, done = monotonic() + SECONDS, 0
    while monotonic() < end:
        now = documents.draw_due(AT_ONCE) + mail.send_due(AT_ONCE)
        if not now:
            break
        done += now
    return done


@shared_task
def remind() -> int:
    """Write the reminders of the day."""
    return reminders.write_due()
