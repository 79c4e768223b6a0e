"""Waking a worker after commit: a broker that is down never breaks a request, the sweep comes anyway."""

from __future__ import annotations

import logging
from time import monotonic

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)
SILENCE = 30.0  # seconds without asking a broker that did not answer
_silent_until = [0.0]


def wake(task: str) -> None:
    """Ask for a task soon, by its name; what it finds to do is in its rows."""

    def publish() -> None:
        if monotonic() < _silent_until[0]:
            return
        try:
            current_app.send_task(task, retry=False, ignore_result=True)
        except Exception as error:  # noqa: BLE001 (the sweep does it)
            _silent_until[0] = monotonic() + SILENCE
            log.info("no broker (%s): the sweep will do %s", type(error).__name__, task)

    transaction.on_commit(publish, robust=True)
