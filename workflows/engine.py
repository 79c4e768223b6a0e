"""The engine: the only way to a verb, an event and the lock order of the house.

Locks are taken before the first guard, in one total order by `lock_rank`: entry 10 → panel 20 → decision 30 →
dossier 40 → assignment, review 50 → award 60 → budget line 70 → head of chain 90.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from workflows.actors import (
    Actor,
    Person,
    SystemActor,
    actor_text,
    behalf_text,
    declare_system_actor,
)
from workflows.exceptions import (
    EngineError,
    NotAllowed,
    NotLocked,
    NotVisible,
    OutsideEngine,
    Refused,
    Stale,
)
from workflows.ledger import Pending, check_data, new_event, take_heads, write
from workflows.lifecycle import LockTarget, Subject, Verb, verbs_of
from workflows.loading import Past, bulk_load
from workflows.models import ChainHead, Event

__all__ = [
    "EngineError",
    "NotAllowed",
    "NotLocked",
    "NotVisible",
    "Offer",
    "OutsideEngine",
    "Past",
    "Refused",
    "Stale",
    "SystemActor",
    "available",
    "bulk_load",
    "declare_system_actor",
    "fire",
    "has_acted",
    "held_rows",
    "locked",
    "next_number",
    "record",
    "unit",
]

SubjectT = TypeVar("SubjectT", bound=Subject)


@dataclass(frozen=True)
class Offer:
    """A verb as a page shows it: allowed, or greyed with its reasons."""

    verb: str
    label: str
    help: str
    reasons: tuple[str, ...]
    form: str | None
    needs_reason: bool = False

    @property
    def is_allowed(self) -> bool:
        """Tell whether nothing stands against it."""
        return not self.reasons


@dataclass
class Unit:
    """One transaction of the engine: the rows it holds and the events it will write."""

    rows: dict[tuple[str, Any], models.Model] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)
    heads: dict[str, ChainHead] = field(default_factory=dict)
    is_broken: bool = False

    def take(self, targets: Iterable[LockTarget]) -> None:
        """Lock every declared row, in the order of the house."""
        grouped = _by_model(targets)
        for model in sorted(grouped, key=lambda one: (_rank(one), one._meta.label)):
            rows = model._base_manager.filter(grouped[model]).order_by("pk")
            beside = getattr(model, "lock_with", ())
            rows = (
                rows.select_related(*beside) if beside else rows
            )  # without a name it would follow every key
            for row in rows.select_for_update(of=("self",), no_key=True):
                self.rows[_key(row)] = row

    def require(self, targets: Iterable[LockTarget]) -> None:
        """Raise unless every one of these rows is already held."""
        for target in targets:
            if target is None:
                continue
            if isinstance(target, models.QuerySet):
                keys = [(target.model._meta.label, pk) for pk in target.values_list("pk", flat=True)]
            else:
                keys = [_key(target)]
            for key in keys:
                if key not in self.rows:
                    raise NotLocked(f"{key[0]} {key[1]} is not in the locks of the outer verb or unit")

    def add(
        self, event: Event, data: dict[str, Any], text: str, *, from_state: str = "", to_state: str = ""
    ) -> Event:
        """Keep an event for the end of the unit."""
        event.from_state, event.to_state = from_state, to_state
        self.pending.append(Pending(event, check_data(data), text))
        return event

    def finish(self) -> None:
        """Write the events of the unit together, the heads of their chains last."""
        if self.is_broken:
            raise EngineError("a verb or a unit failed half-way inside this one: it cannot be committed")
        if self.pending or self.heads:
            write(self.pending, self.heads)


_current: ContextVar[Unit | None] = ContextVar("workflows_unit", default=None)


def _key(row: models.Model) -> tuple[str, Any]:
    return row._meta.label, row.pk


def _rank(model: type[models.Model]) -> int:
    rank = getattr(model, "lock_rank", None)
    if not isinstance(rank, int):
        raise ImproperlyConfigured(f"{model._meta.label} is locked but has no lock_rank")
    return rank


def _by_model(targets: Iterable[LockTarget]) -> dict[type[models.Model], Q]:
    """The rows to lock, as one filter a model."""
    ids: dict[type[models.Model], set[Any]] = {}
    chosen: dict[type[models.Model], Q] = {}
    for target in targets:
        if isinstance(target, models.QuerySet):
            keys: Any = target.order_by().values("pk")
            if target.query.is_sliced:
                keys = list(target.values_list("pk", flat=True))
            rows = Q(pk__in=keys)
            chosen[target.model] = chosen[target.model] | rows if target.model in chosen else rows
        elif target is not None:
            ids.setdefault(type(target), set()).add(target.pk)
    for model, wanted in ids.items():
        rows = Q(pk__in=wanted)
        chosen[model] = chosen[model] | rows if model in chosen else rows
    return chosen


@contextmanager
def _joined(targets: Iterable[LockTarget]) -> Iterator[tuple[Unit, bool]]:
    """The running unit with these rows already held, or a new one that locks them."""
    running = _current.get()
    if running is not None and transaction.get_connection().in_atomic_block:
        running.require(targets)
        yield running, True
        return
    opened = Unit()
    token = _current.set(opened)
    try:
        with transaction.atomic():
            opened.take(targets)
            yield opened, False
            opened.finish()
    finally:
        _current.reset(token)


@contextmanager
def unit(*, locks: Iterable[LockTarget] = ()) -> Iterator[Unit]:
    """Group several `fire` and `record` in one transaction, with every row they touch declared.

    Locked instances: `with unit(locks=[line]) as held: line = locked(held, line)`, or refresh them.
    """
    with _joined(list(locks)) as (held, _is_inner), _changing(held):
        yield held


def locked(held: Unit, row: models.Model) -> Any:
    """The locked, fresh copy of a row that was declared in the locks of the unit."""
    if _key(row) not in held.rows:
        raise NotLocked(f"{row!r} is not in the locks of the unit")
    return held.rows[_key(row)]


def held_rows(label: str) -> list[Any]:
    """The rows of a model (`applications.Entry`) that the running unit has locked, for its guards to use."""
    held = _current.get()
    return [] if held is None else [row for (model, _pk), row in held.rows.items() if model == label]


@contextmanager
def _changing(held: Unit) -> Iterator[None]:
    """From here on a failure must undo the whole unit, even if somebody swallows it."""
    try:
        yield
    except BaseException:
        held.is_broken = True
        raise


def fire(subject: Subject, verb: str, *, actor: Actor, seen: int | None = None, **data: Any) -> Event:
    """Ask for a verb: lock, check who and whether, move the state, write one event and its deliveries.

    Raises NotVisible, NotAllowed, Stale (when `seen` is not the present version) or Refused with the reasons.
    An event fired inside a unit gets its number and hash when the unit ends.
    """
    declared = _declared(subject, verb)
    code = actor_text(actor)
    with _joined(declared.targets(subject, actor, data)) as (held, is_inner):
        row = held.rows.get(_key(subject))
        if not isinstance(row, Subject):
            raise NotVisible(f"{subject!r} does not exist any more")
        if row._firing is not None:
            raise OutsideEngine(f"{row._firing} of {row!r} fires {verb} on itself")
        if is_inner:
            row.refresh_from_db()
        _check(row, declared, actor, seen, data)
        with _changing(held):
            event = _apply(held, row, declared, actor, code, data)
    _copy(row, subject)
    return event


def record(
    subject: models.Model,
    verb: str,
    *,
    actor: Actor,
    text: str = "",
    behalf: Person | None = None,
    **data: Any,
) -> Event:
    """Write an event for a fact that moves no state; `text` is kept beside the chain."""
    event = new_event(subject, verb, actor_text(actor), behalf_text(actor, behalf))
    subject.__dict__.pop("_acted", None)
    with _joined([]) as (held, _is_inner), _changing(held):
        return held.add(event, _with_stage(subject, data), text)


def available(subject: Subject, user: Person, *, is_seen: bool = False) -> list[Offer]:
    """The verbs this person may ask for in the present state, with what stands against each.

    `is_seen` says that this very request read the row through `visible_to`, so that it is not asked twice.
    """
    if not is_seen and not _is_visible(subject, user):
        return []
    return [
        Offer(
            verb=one.name,
            label=str(one.label),
            help=str(one.help),
            reasons=tuple(one.reasons(subject, user, {})),
            form=one.form,
            needs_reason=one.needs_reason,
        )
        for one in verbs_of(type(subject)).values()
        if one.is_from(subject.state) and one.who(subject, user)
    ]


def next_number(chain_code: str) -> int:
    """The next number of a chain's counter; takes its head, so every other lock is taken before."""
    held = _current.get()
    if held is None:
        raise OutsideEngine("a number is given inside a unit only")
    head = take_heads([chain_code], held.heads)[chain_code]
    head.counter += 1
    return head.counter


def has_acted(subject: models.Model, user: Person, stages: Collection[str] = ()) -> bool:
    """Tell whether this person did something on the subject, in one of these stages when some are named.

    Outside a unit the answer is kept on the copy in hand, until that copy acts: a page offers many verbs.
    """
    known: dict[Any, bool] = subject.__dict__.setdefault("_acted", {}) if _current.get() is None else {}
    key = (user.pk, *sorted(stages))
    if key not in known:
        done = Event.objects.filter(
            subject_type=subject._meta.label_lower, subject_id=subject.pk, actor=f"user:{user.pk}"
        )
        known[key] = (done.filter(stage__in=stages) if stages else done).exists()
    return known[key]


def _declared(subject: Subject, verb: str) -> Verb:
    try:
        return verbs_of(type(subject))[verb]
    except KeyError:
        raise ImproperlyConfigured(f"{type(subject).__name__} has no verb {verb!r}") from None


def _is_visible(subject: Subject, user: Person) -> bool:
    rows: Any = type(subject)._default_manager
    return bool(user.is_active) and rows.visible_to(user).filter(pk=subject.pk).exists()


def _check(row: Subject, declared: Verb, actor: Actor, seen: int | None, data: dict[str, Any]) -> None:
    """Visibility, who, version, state and guards, in that order, under the lock."""
    if isinstance(actor, SystemActor):
        if actor.code not in declared.system:
            raise NotAllowed(f"system:{actor.code} may not {declared.name}")
    else:
        if not (actor.is_active and row.is_own(actor)) and not _is_visible(row, actor):
            raise NotVisible(f"{row!r} is not visible to user {actor.pk}")
        if not declared.who(row, actor):
            raise NotAllowed(f"user {actor.pk} may not {declared.name} {row!r}")
    if seen is not None and seen != row.version:
        raise Stale(row, seen, row.version)
    if not declared.is_from(row.state):
        raise Refused([_("Cette action n’est plus possible : la situation a changé entre-temps.")])
    reasons = declared.reasons(row, actor, data) + declared.unproven(row, actor, data)
    if declared.needs_reason and not str(data.get("text", "")).strip():
        reasons.append(_("Indiquez le motif."))
    if reasons:
        raise Refused(reasons)


def _apply(held: Unit, row: Subject, declared: Verb, actor: Actor, code: str, data: dict[str, Any]) -> Event:
    """Run the effect, save the row with its new state, keep the event for the end of the unit."""
    state, stage, outcome = row.state, row.stage, row.outcome
    event = new_event(row, declared.name, code, behalf_text(actor))
    before = row._column_values()
    row._firing = declared.name
    try:
        said: dict[str, Any] = dict(getattr(row, declared.name)(actor=actor, **data) or {})
    finally:
        row._firing = None
    row.version += 1
    row._engine_save(before)
    text = str(said.pop("text", "") or (data.get("text", "") if declared.needs_reason else ""))
    if stage or row.stage:
        said.setdefault("stage", stage)
    if row.stage != stage:
        said["to_stage"] = row.stage
    if row.outcome != outcome:
        said["outcome"] = row.outcome
    return held.add(event, said, text, from_state=state, to_state=row.state)


def _with_stage(subject: models.Model, data: dict[str, Any]) -> dict[str, Any]:
    """The data of a recorded fact with the stage in which it happened."""
    stage = getattr(subject, "stage", "") if isinstance(subject, Subject) else ""
    return {"stage": stage, **data} if stage else data


def _copy(row: Subject, subject: Subject) -> None:
    """Bring the caller's copy up to the locked one."""
    if row is subject:
        return
    subject.__dict__.pop("_acted", None)
    for column in row._meta.concrete_fields:
        if column.attname in row.__dict__:
            subject.__dict__[column.attname] = row.__dict__[column.attname]
    for relation in list(subject._state.fields_cache):
        del subject._state.fields_cache[relation]
