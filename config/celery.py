"""Celery application: messages carry ids only, the rows hold the work; the timetable is static."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("jalon")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "deliveries": {"task": "workflows.sweep", "schedule": 30.0, "options": {"expires": 25}},
    "documents and messages": {
        "task": "notifications.tasks.draw_and_send",
        "schedule": 30.0,
        "options": {"expires": 25},
    },
    "decisions carried out": {"task": "review.tasks.carry_out", "schedule": 30.0, "options": {"expires": 25}},
    "offers that lapse": {"task": "review.tasks.lapse", "schedule": 60.0, "options": {"expires": 55}},
    "reminders": {"task": "notifications.tasks.remind", "schedule": 900.0, "options": {"expires": 800}},
    "exports": {"task": "web.export", "schedule": 30.0, "options": {"expires": 25}},
    "exports wiped": {"task": "web.wipe_exports", "schedule": 3600.0, "options": {"expires": 3000}},
    "history of answers": {
        "task": "applications.drop_history",
        "schedule": 21600.0,
        "options": {"expires": 3600},
    },
}
