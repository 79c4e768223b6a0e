"""Exports out of the request: rows claimed under a lease, rights read when they run and when the file is fetched."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Sequence
from datetime import timedelta
from tempfile import TemporaryFile
from time import monotonic
from typing import IO, Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.http import Http404, QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from web import clock, exports, jobs, tables, waking
from web.models import Export, ExportStatus

LEASE = timedelta(minutes=2)
KEPT = timedelta(days=7)
MAX_TRIES = 3
MOST_LIVE = 3  # exports a person may have waiting or running
FOLDER = "exports"
TASK = "web.export"
BREATH = 0.5  # seconds between two marks of progress

log = logging.getLogger(__name__)


class Stopped(Exception):
    """Cancelled, or taken over by another worker."""


class TooMany(Exception):
    """This person has enough exports under way."""


# --- asking ---------------------------------------------------------------------------------------------
def ask(user: Any, table: tables.Table, query: str, language: str, kind: str, total: int) -> Export:
    """An export to be made by a worker; the same one asked twice is one."""
    own = Export.objects.filter(user_id=user.pk, status__in=[ExportStatus.WAITING, ExportStatus.RUNNING])
    same = own.filter(table=table.key, part=table.part, query=query, language=language, format=kind).first()
    if same is not None:
        return same
    if own.count() >= MOST_LIVE:
        raise TooMany
    made = Export.objects.create(
        user_id=user.pk,
        table=table.key,
        part=table.part,
        query=query,
        language=language,
        format=kind,
        total=total,
    )
    wake()
    return made


def wake() -> None:
    """Ask for a worker after commit."""
    waking.wake(TASK)


def cancel(job: Export) -> bool:
    """Stop an export that is not over; the worker sees it at its next mark."""
    live = Export.objects.filter(pk=job.pk, status__in=[ExportStatus.WAITING, ExportStatus.RUNNING])
    return bool(live.update(status=ExportStatus.CANCELLED, finished_at=clock.now(), lease_until=None))


# --- doing ----------------------------------------------------------------------------------------------
def due() -> QuerySet[Export]:
    """Exports that a worker may take now, oldest first."""
    now = clock.now()
    lost = Q(status=ExportStatus.RUNNING, lease_until__lte=now)
    return Export.objects.filter(Q(status=ExportStatus.WAITING) | lost).order_by("created_at", "pk")


def claim() -> Export | None:
    """Take one export for the length of a lease; no two workers get the same one."""
    for key in due().values_list("pk", flat=True)[:5]:
        now = clock.now()
        taken = (
            due()
            .filter(pk=key)
            .order_by()
            .update(
                status=ExportStatus.RUNNING,
                lease_until=now + LEASE,
                started_at=now,
                done=0,
                tries=F("tries") + 1,
            )
        )
        if taken:
            return Export.objects.defer("keys").get(pk=key)
    return None


def run_due(limit: int = 20) -> int:
    """Make what is due; tells how many were tried."""
    tried = 0
    while tried < limit and (job := claim()) is not None:
        perform(job)
        tried += 1
    return tried


def perform(job: Export) -> None:
    """Make one claimed export; a fault is kept with the row and tried again."""
    try:
        _make(job)
    except Stopped:
        return
    except (Http404, PermissionDenied):
        _end(job, ExportStatus.REFUSED)
    except Exception as fault:
        log.exception("export %s failed", job.pk)
        over = job.tries >= MAX_TRIES
        words = f"{type(fault).__name__}: {fault}"[:500]
        _end(job, ExportStatus.FAILED if over else ExportStatus.WAITING, error=words)


def retry(pk: int) -> bool:
    """Put one export that failed back in line; it is made under the rights that its person holds then."""
    failed = Export.objects.filter(pk=pk, status=ExportStatus.FAILED)
    changed = failed.update(status=ExportStatus.WAITING, tries=0, done=0, error="", finished_at=None)
    if changed:
        wake()
    return bool(changed)


QUEUE = jobs.Queue(
    "exports",
    _("Exports de listes"),
    Export,
    waiting=Q(status=ExportStatus.WAITING),
    running=Q(status=ExportStatus.RUNNING),
    failed=Q(status=ExportStatus.FAILED),
    due="created_at",
    done="finished_at",
    retry=retry,
    progress=("done", "total"),
)


def _mine(job: Export) -> QuerySet[Export]:
    """The row, while this claim holds."""
    return Export.objects.filter(pk=job.pk, status=ExportStatus.RUNNING, tries=job.tries)


def _end(job: Export, status: ExportStatus, **more: Any) -> int:
    over = None if status == ExportStatus.WAITING else clock.now()
    return _mine(job).update(status=status, finished_at=over, lease_until=None, **more)


def _person(job: Export) -> Any:
    """Whose export it is, as stored now; somebody whose account is closed has no list."""
    user = get_user_model()._default_manager.filter(pk=job.user_id, is_active=True).first()
    if user is None:
        raise Http404
    return user


class _Progress:
    """Counts rows, keeps their keys, marks the row from time to time and sees whether the claim still holds."""

    def __init__(self, job: Export) -> None:
        self.job, self.keys, self.marked = job, [], monotonic()  # type: tuple[Export, list[str], float]

    def __call__(self, batch: Sequence[Any]) -> None:
        self.keys += [str(row.pk) for row in batch]
        if monotonic() - self.marked >= BREATH:
            self.mark()

    def mark(self) -> None:
        """Write how far it is."""
        self.marked = monotonic()
        if not _mine(self.job).update(done=len(self.keys), lease_until=clock.now() + LEASE):
            raise Stopped


def _make(job: Export) -> None:
    """Build the list anew for its person, write it, keep it."""
    with override(job.language):
        user = _person(job)
        table = tables.build(user, job.table, job.part)
        rights = tables.rights_of(user)
        chosen = table.select(QueryDict(job.query))
        _mine(job).update(total=chosen.rows.order_by().values("pk").count())
        progress = _Progress(job)
        with TemporaryFile() as target:
            _write(job, user, table, chosen, target, progress)
            progress.mark()
            size = target.tell()
            target.seek(0)
            path = default_storage.save(f"{FOLDER}/{uuid4().hex}.{job.format}", File(target))
        with transaction.atomic():
            kept = _end(
                job,
                ExportStatus.DONE,
                path=path,
                size=size,
                rights=rights,
                total=len(progress.keys),
                done=len(progress.keys),
                keys=zlib.compress(",".join(progress.keys).encode()),
                error="",
            )
            if kept and table.record is not None:
                table.record(user, chosen.rows, job.format)
    if not kept:
        default_storage.delete(path)


def _write(
    job: Export, user: Any, table: tables.Table, chosen: Any, target: IO[bytes], progress: _Progress
) -> None:
    if (pack := table.packs.get(job.format)) is not None:
        for chunk in pack.of(user, chosen, progress):
            target.write(chunk)
    elif job.format == "csv":
        for chunk in exports.csv_chunks(chosen, table.share, progress):
            target.write(chunk)
    else:
        exports.write_xlsx(chosen, target, about(job.table, job.part, job.query, user), table.share, progress)


def about(key: str, part: str, query: str, user: Any) -> exports.About:
    """What the sheet of definitions says."""
    kind = tables.kind_of(key)
    if kind is None:
        raise Http404
    address = f"{kind.page(part)}?{query}" if query else kind.page(part)
    return exports.About(str(kind.title), str(user), address, clock.now())


# --- fetching and wiping --------------------------------------------------------------------------------
def is_still_allowed(job: Export, user: Any) -> bool:
    """Tell whether this person holds what he or she held, and still sees every row of the file."""
    with override(job.language):
        table = tables.build(user, job.table, job.part)
    if tables.rights_of(user) != job.rights:
        return False
    keys = zlib.decompress(job.keys).decode() if job.keys else ""
    seen = {str(key) for key in table.rows.order_by().values_list("pk", flat=True).iterator()}
    if keys and not seen.issuperset(keys.split(",")):
        return False
    pack = table.packs.get(job.format)
    stored = [int(key) for key in keys.split(",") if key]
    return pack is None or job.started_at is None or pack.stands(stored, job.started_at)


def again(job: Export) -> None:
    """Throw a file away and make it anew, under the rights of today."""
    _drop(job)
    Export.objects.filter(pk=job.pk, status=ExportStatus.DONE).update(
        status=ExportStatus.WAITING, path="", size=0, done=0, tries=0, finished_at=None, keys=b"", rights=""
    )
    wake()


def _drop(job: Export) -> None:
    if job.path:
        default_storage.delete(job.path)


def wipe() -> int:
    """Remove what was asked for more than seven days ago, files first; how many."""
    old = list(Export.objects.filter(created_at__lt=clock.now() - KEPT).defer("keys")[:500])
    for job in old:
        _drop(job)
    Export.objects.filter(pk__in=[job.pk for job in old]).delete()
    _drop_strays()
    return len(old)


def _drop_strays() -> None:
    """Remove files that no row knows: a worker may die between the file and its row."""
    if not default_storage.exists(FOLDER):
        return
    known = set(Export.objects.exclude(path="").values_list("path", flat=True))
    for name in default_storage.listdir(FOLDER)[1]:
        path = f"{FOLDER}/{name}"
        if path not in known and default_storage.get_modified_time(path) < clock.now() - LEASE:
            default_storage.delete(path)
