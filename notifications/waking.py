"""Waking the worker after commit; a broker that is down never breaks a request, the sweep comes anyway."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)


def wake() -> None:
    """Ask for drawing and sending soon."""

    def publish() -> None:
        try:
            current_app.send_task("notifications.tasks.draw_and_send", retry=False, ignore_result=True)
        except Exception as error:  # noqa: BLE001 (the sweep does it)
            log.info("no broker (%s): the sweep will send", type(error).__name__)

    transaction.on_commit(publish, robust=True)
