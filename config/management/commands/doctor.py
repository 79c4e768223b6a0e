"""`manage.py doctor`: what is set, what answers, and for each thing that does not, how to mend it. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils import timezone

from config import probes, reach
from config.probes import Finding
from notifications.certificate import sealer
from notifications.letters.seal import SealTrouble

REMEDY = {
    "database": "start PostgreSQL and look at DATABASE_URL and DATABASE_PASSWORD_FILE",
    "cache": "start Redis and look at REDIS_URL; with the cache in the database: manage.py createcachetable",
    "migrations": "manage.py migrate",
    "triggers": "manage.py migrate installs them again",
    "pulse": "start worker and beat (docs/operations.md, « A worker stuck »)",
    "queue": "start the worker, or one more (docs/operations.md, « A worker stuck »)",
    "deliveries": "restart the worker; nothing is lost (docs/operations.md, « A worker stuck »)",
    "messages": "look at the mail server and the worker (docs/operations.md, « Mail refused »)",
    "scanner": "start ClamAV and look at FILE_SCANNER (docs/operations.md, « Scanner away »)",
    "index": "start Elasticsearch and look at ELASTICSEARCH_URL (docs/operations.md, « Index away »)",
    "mail": "look at EMAIL_URL and the network (docs/operations.md, « Mail refused »)",
    "disk": "free room in DATA_DIR (docs/operations.md, « A full disk »)",
}


@dataclass(frozen=True)
class Line:
    """One line: well or not, what, and the remedy."""

    well: bool
    what: str
    remedy: str = ""


def places() -> Iterator[Line]:
    """Folders that must be written to, and static files."""
    folder = Path(settings.DATA_DIR)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tried = folder / f".doctor-{timezone.now().timestamp():.0f}"
        tried.write_bytes(b"")
        tried.unlink()
        yield Line(well=True, what="DATA_DIR can be written to")
    except OSError as trouble:
        yield Line(
            well=False,
            what=f"DATA_DIR cannot be written to ({type(trouble).__name__})",
            remedy="let the user of the process write there, or free room (docs/operations.md, « A full disk »)",
        )
    if settings.PRODUCTION:
        there = (Path(settings.STATIC_ROOT) / "staticfiles.json").exists()
        yield Line(there, "static files collected", "manage.py collectstatic --noinput")


def seal() -> Iterator[Line]:
    """The certificate that seals documents, when the ministry has one."""
    try:
        given = sealer() is not None
    except SealTrouble as trouble:
        remedy = (
            "put a valid certificate and its key in SEAL_CERTIFICATE_FILE and SEAL_KEY_FILE (docs/letters.md)"
        )
        yield Line(well=False, what=f"seal of documents: {trouble}", remedy=remedy)
    except DatabaseError:
        yield Line(well=True, what="seal of documents: not looked at, the database does not tell")
    else:
        state = "a valid certificate" if given else "no certificate is set, documents leave unsealed"
        yield Line(well=True, what=f"seal of documents: {state}")


def keys() -> Iterator[Line]:
    """Earlier keys are for the days of a rotation."""
    if settings.SECRET_KEY_FALLBACKS:
        yield Line(
            well=False,
            what=f"SECRET_KEY_FALLBACKS holds {len(settings.SECRET_KEY_FALLBACKS)} earlier keys",
            remedy="manage.py reseal, then take them out (docs/operations.md, « Rotate a key »)",
        )
    else:
        yield Line(well=True, what="one SECRET_KEY, no earlier one")


def neighbours() -> Iterator[Line]:
    """Versions of what answers."""
    if settings.REDIS_URL:
        version = reach.redis(settings.REDIS_URL)
        yield Line(bool(version), f"Redis {version or 'does not answer'}", REMEDY["cache"])


def told(finding: Finding) -> Line:
    """A finding of health as a line."""
    figure = "" if finding.figure is None else f" {finding.figure}"
    with_ = f" ({finding.with_})" if finding.with_ else ""
    return Line(finding.well, f"{finding.code}: {finding.said}{figure}{with_}", REMEDY[finding.code])


class Command(BaseCommand):
    """The settings in force, then everything they name."""

    help = "Says what is set and reachable, and how to mend what is not."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """One line each; exit 1 when a line has a remedy to follow."""
        kind = "production" if settings.PRODUCTION else "demonstration" if settings.DEMO else "development"
        self.stdout.write(f"Settings of {kind}, {connection.vendor}:")
        sections: tuple[Callable[[], Iterator[Line]], ...] = (keys, places, neighbours, seal)
        lines = [line for section in sections for line in section()]
        lines += [told(one) for one in probes.look((*probes.READY, *probes.WORK_DONE, *probes.AROUND))]
        for line in lines:
            remedy = "" if line.well else f": {line.remedy}"
            self.stdout.write(f"  {'ok  ' if line.well else 'MEND'}  {line.what}{remedy}")
        wrong = sum(not line.well for line in lines)
        if wrong:
            raise CommandError(f"{wrong} things to mend")
