"""What is well and what is not: one finding each, in codes and figures, without any content."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from config import reach
from config.tasks import WORK
from notifications.models import Message
from notifications.models.message import MessageState
from web import clock
from web.models import Pulse
from workflows import deliveries, triggers

LONGEST_SILENCE = timedelta(minutes=2)  # of the pulse, beaten each 30 seconds
LONGEST_WAIT = timedelta(minutes=15)  # of a delivery or a message that is due
LEAST_DISK = 1024  # MiB


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `said` is a code; `figure` counts seconds, rows or MiB; not `needed`: told, not counted."""

    code: str
    well: bool
    said: str = "ok"
    figure: int | None = None
    needed: bool = True
    with_: str = ""  # what it runs with: sqlite, postgresql, redis, folder …

    def public(self) -> dict[str, str | int | None]:
        """For the details of the endpoints."""
        return {"code": self.code, "status": self.said, "figure": self.figure, "with": self.with_ or None}


# --- ready: this process can answer ----------------------------------------------------------------


def database() -> Finding:
    """The database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except (DatabaseError, OSError):
        connection.close()
        return Finding("database", well=False, said="away", with_=connection.vendor)
    return Finding("database", well=True, with_=connection.vendor)


def shared_cache() -> Finding:
    """The cache keeps what it is told."""
    kind = "redis" if settings.REDIS_URL else "database"
    try:
        cache.set("health", "1", 10)
        kept = cache.get("health") == "1"
    except Exception:  # noqa: BLE001 (each backend has faults of its own)
        kept = False
    return Finding("cache", kept, "ok" if kept else "away", with_=kind)


def migrations() -> Finding:
    """The tables are those of this version."""
    executor = MigrationExecutor(connection)
    left = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return Finding("migrations", not left, "missing" if left else "ok", left)


def trail_triggers() -> Finding:
    """The trail is protected by the database itself."""
    absent = len(triggers.missing(connection))
    return Finding("triggers", not absent, "missing" if absent else "ok", absent)


# --- work: messages are consumed, what is due leaves -----------------------------------------------


def pulse() -> Finding:
    """The worker consumed a message of the timetable lately."""
    row = Pulse.objects.filter(name=WORK).first()
    kind = "redis" if settings.REDIS_URL else "folder"
    if row is None:
        return Finding("pulse", well=False, said="never", with_=kind)
    silence = clock.now() - row.beaten_at
    return _late("pulse", silence, LONGEST_SILENCE, kind)


def queue() -> Finding:
    """How long the last message of the timetable waited for a worker."""
    row = Pulse.objects.filter(name=WORK).first()
    lag = timedelta(milliseconds=row.lag_ms if row else 0)
    return _late("queue", lag, LONGEST_SILENCE)


def work_due() -> Finding:
    """The oldest delivery of an event that is due."""
    oldest = deliveries.due().values_list("due_at", flat=True).first()
    return _late("deliveries", _age(oldest), LONGEST_WAIT)


def messages_due() -> Finding:
    """The oldest message that is due and has not left."""
    now = clock.now()
    waiting = Message.objects.filter(state=MessageState.WAITING, due_at__lte=now).order_by("due_at")
    return _late("messages", _age(waiting.values_list("due_at", flat=True).first()), LONGEST_WAIT)


def _age(instant: datetime | None) -> timedelta:
    return clock.now() - instant if instant else timedelta()


def _late(code: str, waited: timedelta, limit: timedelta, with_: str = "") -> Finding:
    well = waited <= limit
    return Finding(code, well, "ok" if well else "late", int(waited.total_seconds()), with_=with_)


# --- neighbours: told, never a reason to take the site away ----------------------------------------


def scanner() -> Finding:
    """The antivirus; files wait for it, nothing else does."""
    if settings.FILE_SCANNER == "none":
        return Finding("scanner", well=True, said="off", needed=False, with_="none")
    version = reach.clamav()
    return Finding("scanner", bool(version), "ok" if version else "away", needed=False, with_="clamav")


def index() -> Finding:
    """The search index; the database answers without it."""
    url = getattr(settings, "ELASTICSEARCH_URL", "")
    if settings.SEARCH_BACKEND == "database" or not url:
        return Finding("index", well=True, needed=False, with_=connection.vendor)
    health = reach.elasticsearch(url)
    well = health in {"green", "yellow"}
    return Finding("index", well, "ok" if well else "away", needed=False, with_="elasticsearch")


def mail() -> Finding:
    """The mail server; messages wait for it."""
    if not settings.EMAIL_URL:
        return Finding("mail", well=True, needed=False, with_="folder")
    well = bool(reach.smtp(settings.EMAIL_HOST, settings.EMAIL_PORT))
    return Finding("mail", well, "ok" if well else "away", needed=False, with_="smtp")


def disk() -> Finding:
    """Room for files."""
    folder = Path(settings.DATA_DIR)
    free = shutil.disk_usage(folder if folder.exists() else "/").free // 2**20
    return Finding("disk", free >= LEAST_DISK, "ok" if free >= LEAST_DISK else "full", free, needed=False)


PROBES: dict[str, Callable[[], Finding]] = {
    "cache": shared_cache,
    "migrations": migrations,
    "triggers": trail_triggers,
    "pulse": pulse,
    "queue": queue,
    "deliveries": work_due,
    "messages": messages_due,
    "scanner": scanner,
    "index": index,
    "mail": mail,
    "disk": disk,
}
READY = ("cache", "migrations", "triggers")
WORK_DONE = ("pulse", "queue", "deliveries", "messages")
AROUND = ("scanner", "index", "mail", "disk")


def look(names: Iterable[str]) -> list[Finding]:
    """The database first; without it nothing else is asked of it."""
    first = database()
    return [first, *map(_looked, names)] if first.well else [first]


def _looked(name: str) -> Finding:
    """One finding; a table that is not there yet, or a database that goes away meanwhile, is a finding too."""
    try:
        return PROBES[name]()
    except DatabaseError:
        return Finding(name, well=False, said="away", needed=name not in AROUND)
