"""Celery application: messages carry ids only, the rows hold the work; the timetable is static."""

import os
from time import time
from typing import Any

import structlog
from celery import Celery, Task
from celery.app.log import Logging
from celery.signals import worker_ready


class Log(Logging):  # type: ignore[misc]
    """The worker and the timetable write through LOGGING of the settings, like the web."""

    def setup_logging_subsystem(self, *args: Any, **kwargs: Any) -> bool:
        """Nothing of Celery's own: the settings have said all."""
        return True


class Woken(Task):  # type: ignore[misc]
    """A task whose log lines carry its name and the request that woke it."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run with the number of the request that asked."""
        asked = self.request
        if asked.called_directly:
            return super().__call__(*args, **kwargs)
        structlog.contextvars.clear_contextvars()
        number = (asked.headers or {}).get("request_id") or asked.get("request_id") or asked.id
        structlog.contextvars.bind_contextvars(request_id=number, task=self.name, task_id=asked.id)
        try:
            return super().__call__(*args, **kwargs)
        finally:
            structlog.contextvars.clear_contextvars()


class Jalon(Celery):  # type: ignore[misc]
    """The application: a message says which request sent it, and when."""

    log_cls = Log
    task_cls = Woken

    def send_task(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Send with the number of the present request; nothing else of it goes along."""
        headers = {"sent_at": time(), **(kwargs.get("headers") or {})}
        if number := structlog.contextvars.get_contextvars().get("request_id"):
            headers["request_id"] = number
        return super().send_task(name, *args, **{**kwargs, "headers": headers})


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Jalon("jalon")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "pulse": {"task": "config.pulse", "schedule": 30.0, "options": {"expires": 120}},
    "deliveries": {"task": "workflows.sweep", "schedule": 30.0, "options": {"expires": 25}},
    "documents and messages": {
        "task": "notifications.tasks.draw_and_send",
        "schedule": 30.0,
        "options": {"expires": 25},
    },
    "decisions carried out": {"task": "review.tasks.carry_out", "schedule": 30.0, "options": {"expires": 25}},
    "offers that lapse": {"task": "review.tasks.lapse", "schedule": 60.0, "options": {"expires": 55}},
    "reminders": {"task": "notifications.tasks.remind", "schedule": 900.0, "options": {"expires": 800}},
    "search index": {"task": "search.keep", "schedule": 60.0, "options": {"expires": 55}},
    "files scanned": {"task": "applications.scan", "schedule": 30.0, "options": {"expires": 25}},
    "exports": {"task": "web.export", "schedule": 30.0, "options": {"expires": 25}},
    "exports wiped": {"task": "web.wipe_exports", "schedule": 3600.0, "options": {"expires": 3000}},
    "history of answers": {
        "task": "applications.drop_history",
        "schedule": 21600.0,
        "options": {"expires": 3600},
    },
}


def catch_up(sender: Any, **kwargs: Any) -> None:
    """A worker that comes back does not wait for the timetable: what is due each minute is looked at now."""
    for entry in app.conf.beat_schedule.values():
        if entry["schedule"] <= 60:
            sender.app.send_task(entry["task"], ignore_result=True, expires=25)


worker_ready.connect(catch_up, weak=False, dispatch_uid="config.catch_up")
