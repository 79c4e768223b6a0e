"""The project. Celery's application comes with it, so that web, commands and workers wake the same broker."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
