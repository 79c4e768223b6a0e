"""Queues of rows that workers take: each app declares its own, one page and one check read them all.

What is told of a row is its queue, its kind, its id, instants and the class of its fault; never a word that somebody
wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db.models import CharField, Count, DateTimeField, F, Max, Min, Model, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from django.utils.functional import Promise

from web import clock
from web.models import Pulse

Label = str | Promise
CAUSE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,59}")
WORK = "work"  # the pulse of the worker
ALIVE = timedelta(minutes=2)  # a pulse is beaten each 30 seconds
LATELY = timedelta(hours=24)
NONE = Q(pk__lt=0)


@dataclass(frozen=True)
class Queue:
    """One kind of work as rows. States are filters; `due` and `done` are columns of instants."""

    code: str
    label: Label
    model: type[Model]
    waiting: Q
    running: Q
    failed: Q
    due: str
    done: str
    kinds: Mapping[str, Label] = field(default_factory=dict)
    kind: Combinable | None = None  # which of the kinds a row is
    held: Q = NONE  # a person has it wait
    error: str | Combinable = "error"
    tries: str = "tries"
    retry: Callable[[int], bool] | None = None  # put one failed row back in line; False when it did not fail
    progress: tuple[str, str] | None = None  # columns: how much is done, of how much
    lease: str = "lease_until"

    def rows(self) -> QuerySet[Any]:
        """Every row of the queue."""
        found: QuerySet[Any] = self.model._base_manager.all()
        return found

    def kind_label(self, kind: str) -> Label:
        """The words for a kind; a kind that nobody described is shown by its code."""
        return self.kinds.get(kind, kind)


@dataclass(frozen=True)
class Stand:
    """How a kind of a queue stands."""

    queue: Queue
    kind: str
    waiting: int
    held: int
    running: int
    failed: int
    done: int
    oldest: datetime | None
    last: datetime | None

    @property
    def label(self) -> Label:
        """The words for its kind."""
        return self.queue.kind_label(self.kind)

    @property
    def is_late(self) -> bool:
        """Something has been due for more than a quarter of an hour."""
        return self.oldest is not None and clock.now() - self.oldest > timedelta(minutes=15)


_queues: dict[str, Queue] = {}


def register(queue: Queue) -> None:
    """Declare a queue, from `AppConfig.ready`."""
    if queue.code in _queues and _queues[queue.code].model is not queue.model:
        raise ImproperlyConfigured(f"queue {queue.code!r} is declared twice")
    _queues[queue.code] = queue


def queues() -> list[Queue]:
    """Every declared queue, by code."""
    return [_queues[code] for code in sorted(_queues)]


def find(code: str) -> Queue | None:
    """The queue of this code."""
    return _queues.get(code)


# --- reading --------------------------------------------------------------------------------------------
def stands(only: Queue | None = None) -> list[Stand]:
    """How every kind of every queue stands: one statement. A queue where nothing happens is told with zeros."""
    wanted = [only] if only is not None else queues()
    parts = [_counted(queue) for queue in wanted]
    rows: Iterable[Any] = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    found = [
        Stand(
            _queues[code], str(kind), waiting, held, running, failed, done, _instant(oldest), _instant(last)
        )
        for code, kind, waiting, held, running, failed, done, oldest, last in rows
    ]
    seen = {one.queue.code for one in found}
    found += [Stand(queue, "", 0, 0, 0, 0, 0, None, None) for queue in wanted if queue.code not in seen]
    return sorted(found, key=lambda one: (one.queue.code, one.kind))


def _instant(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _counted(queue: Queue) -> QuerySet[Any, Any]:
    """One line a kind: counts by state, the oldest that is due, the last that was done."""
    now = clock.now()
    lately = Q(**{f"{queue.done}__gte": now - LATELY})
    due = queue.waiting & Q(**{f"{queue.due}__lte": now})
    rows = queue.rows().filter(queue.waiting | queue.held | queue.running | queue.failed | lately)
    kind = Cast(queue.kind, CharField()) if queue.kind is not None else Value("", CharField())
    counted: QuerySet[Any, Any] = (
        rows.order_by()
        .annotate(of_queue=Value(queue.code, CharField()), of_kind=kind)
        .values("of_queue", "of_kind")
        .annotate(
            n_waiting=Count("pk", filter=queue.waiting),
            n_held=Count("pk", filter=queue.held),
            n_running=Count("pk", filter=queue.running),
            n_failed=Count("pk", filter=queue.failed),
            n_done=Count("pk", filter=lately),
            at_oldest=Min(queue.due, filter=due, output_field=DateTimeField()),
            at_last=Max(queue.done, filter=lately, output_field=DateTimeField()),
        )
        .values_list(
            "of_queue",
            "of_kind",
            "n_waiting",
            "n_held",
            "n_running",
            "n_failed",
            "n_done",
            "at_oldest",
            "at_last",
        )
    )
    return counted


@dataclass(frozen=True)
class Item:
    """One row of a queue, as it may be told."""

    pk: int
    kind: Label
    tries: int
    at: datetime | None
    cause: str = ""
    done: int = 0
    total: int = 0


def items(queue: Queue, which: Q, limit: int, after: int = 0) -> list[Item]:
    """Rows of a queue, oldest first, `limit` at most and one statement."""
    rows = queue.rows().filter(which)
    if after:
        rows = rows.filter(pk__gt=after)
    columns: dict[str, Any] = {"item_at": F(queue.due), "item_tries": F(queue.tries)}
    columns["item_error"] = F(queue.error) if isinstance(queue.error, str) else queue.error
    if queue.kind is not None:
        columns["item_kind"] = queue.kind
    if queue.progress is not None:
        columns["item_done"], columns["item_total"] = (F(name) for name in queue.progress)
    found = rows.order_by("pk").annotate(**columns).values("pk", *columns)[:limit]
    return [
        Item(
            pk=row["pk"],
            kind=queue.kind_label(str(row.get("item_kind", ""))),
            tries=row["item_tries"],
            at=row["item_at"],
            cause=cause_of(row["item_error"]),
            done=row.get("item_done", 0),
            total=row.get("item_total", 0),
        )
        for row in found
    ]


def cause_of(error: str) -> str:
    """The class or the code of a fault; what follows it may carry an address or a name and is not told."""
    found = CAUSE.match(error)
    return found[0] if found else ""


def beaten_at() -> datetime | None:
    """The last instant at which a worker took a message of the timetable."""
    return Pulse.objects.filter(name=WORK).values_list("beaten_at", flat=True).first()


# --- a queue that nobody declared -----------------------------------------------------------------------
def undeclared() -> Sequence[str]:
    """Models whose rows are taken under a lease, yet of no declared queue."""
    known = {(queue.model, queue.lease) for queue in _queues.values()}
    return [
        f"{model._meta.label}.{column.name}"
        for model in apps.get_models()
        for column in model._meta.concrete_fields
        if column.name.endswith("lease_until") and (model, column.name) not in known
    ]


def queues_are_declared(**kwargs: Any) -> list[checks.CheckMessage]:
    """A system check: work that waits is seen by the technical administrator."""
    return [
        checks.Error(
            f"{name} is a lease, but its queue is not declared",
            hint="Call web.jobs.register(Queue(…)) in the `ready` of its app.",
            id="web.E001",
        )
        for name in undeclared()
    ]
