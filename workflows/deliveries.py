"""Work that events cause: rows claimed under a lease, tried again later and later, parked in the end."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from time import monotonic

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from workflows.consumers import consumer as find_consumer
from workflows.consumers import forget_consumer, register_consumer
from workflows.exceptions import NotNow
from workflows.models import Delivery

__all__ = [
    "LEASE",
    "MAX_TRIES",
    "claim",
    "due",
    "forget_consumer",
    "nudge",
    "perform",
    "register_consumer",
    "retry",
    "run_due",
    "waits",
]

LEASE = timedelta(minutes=5)
MAX_TRIES = 8
SILENCE = 30.0  # seconds without asking a broker that did not answer
MOST_MESSAGES = 20  # beyond, one sweep wakes for all
FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=1)
LONGEST_WAIT = timedelta(minutes=1)  # for what is away and comes back

logger = logging.getLogger(__name__)


class _Silence:
    """Until when this process does not ask the broker again."""

    until = 0.0


_silence = _Silence()


def due(consumer: str | None = None, event_id: int | None = None) -> QuerySet[Delivery]:
    """Deliveries that a worker may take now, oldest first."""
    now = timezone.now()
    rows = Delivery.objects.filter(done_at__isnull=True, failed=False, due_at__lte=now).filter(
        Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    )
    if consumer is not None:
        rows = rows.filter(consumer=consumer)
    if event_id is not None:
        rows = rows.filter(event_id=event_id)
    return rows.order_by("due_at", "id")


def claim(consumer: str | None = None, event_id: int | None = None) -> Delivery | None:
    """Take one due delivery for the length of a lease, or nothing; no two workers get the same one."""
    if not due(consumer, event_id).exists():
        return None
    with transaction.atomic():
        waiting = due(consumer, event_id)
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True, of=("self",))
        row = waiting.first()
        if row is None:
            return None
        lease = timezone.now() + LEASE
        taken = due(consumer, event_id).filter(pk=row.pk).update(lease_until=lease, tries=F("tries") + 1)
        if not taken:
            return None
    row.lease_until, row.tries = lease, row.tries + 1
    return row


def perform(row: Delivery) -> bool:
    """Hand a claimed delivery to its consumer and mark it; a fault is kept with the row and tried later."""
    reader = find_consumer(row.consumer)
    try:
        if reader is None:
            raise LookupError(f"no consumer {row.consumer!r} is registered")
        reader.handle(row.event)
    except NotNow as fault:
        logger.warning("delivery %s to %s waits: %s", row.pk, row.consumer, fault)
        _postpone(row, fault)
        if fault.is_for_all:
            _hold(row.consumer)
        return False
    except Exception as fault:
        logger.exception("delivery %s to %s failed", row.pk, row.consumer)
        _postpone(row, fault)
        return False
    Delivery.objects.filter(pk=row.pk, done_at__isnull=True).update(
        done_at=timezone.now(), lease_until=None, failed=False, error=""
    )
    return True


def _postpone(row: Delivery, fault: Exception) -> None:
    """Keep the fault; try again later, or park the row alone; what waits for somebody is never parked."""
    is_away = isinstance(fault, NotNow)
    delay = min(FIRST_DELAY * 2 ** (row.tries - 1), LONGEST_WAIT if is_away else LONGEST_DELAY)
    Delivery.objects.filter(pk=row.pk, tries=row.tries, done_at__isnull=True).update(
        lease_until=None,
        due_at=timezone.now() + delay,
        tries=min(row.tries, MAX_TRIES - 1) if is_away else row.tries,
        failed=row.tries >= MAX_TRIES and not is_away,
        error=f"{type(fault).__name__}: {fault}"[:500],
    )


def _hold(consumer: str) -> None:
    """Let the others of a consumer wait with the one just tried: a server that is away costs one try."""
    until = timezone.now() + LONGEST_WAIT
    waiting = Delivery.objects.filter(consumer=consumer, done_at__isnull=True, failed=False, lease_until=None)
    waiting.filter(due_at__lt=until).update(due_at=until)


def retry(rows: Iterable[Delivery] | QuerySet[Delivery]) -> int:
    """Put parked deliveries back in line, at once; a done one stays done."""
    keys = [row.pk for row in rows]
    return Delivery.objects.filter(pk__in=keys, done_at__isnull=True).update(
        failed=False, tries=0, due_at=timezone.now(), lease_until=None
    )


def run_due(consumer: str | None = None, limit: int = 100, event_id: int | None = None) -> int:
    """Do what is due, at most `limit` deliveries; tells how many were tried."""
    tried = 0
    while tried < limit:
        row = claim(consumer, event_id)
        if row is None:
            break
        perform(row)
        tried += 1
    return tried


def waits(consumer: str) -> bool:
    """True while a delivery to this consumer was tried in vain: what it keeps is behind."""
    rows = Delivery.objects.filter(done_at__isnull=True, failed=False, consumer=consumer)
    return rows.exclude(error="").exists()


def nudge(event_ids: Iterable[int] = ()) -> None:
    """Wake a worker after commit; a broker that is down never breaks a request, the sweep comes anyway."""
    wanted = list(event_ids)

    def publish() -> None:
        from workflows import tasks

        if monotonic() < _silence.until:
            return
        try:
            if not wanted or len(wanted) > MOST_MESSAGES:
                tasks.sweep.apply_async(ignore_result=True, retry=False)
                return
            for event_id in wanted:
                tasks.deliver.apply_async((event_id,), ignore_result=True, retry=False)
        except Exception:
            _silence.until = monotonic() + SILENCE
            logger.warning("no worker could be woken; the sweep will find what is due", exc_info=True)

    transaction.on_commit(publish)
