"""Loading a past: the one exemption from `fire`, for seeds and imports; it announces nothing by mail."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction

from workflows import consumers
from workflows.actors import Actor, Person, actor_text, behalf_text
from workflows.ledger import Pending, chain_of, check_data, new_event, take_heads, write
from workflows.lifecycle import Subject
from workflows.models import ChainHead


@dataclass
class Past:
    """One fact of the past about a stored row; with `to` the row is left in that state."""

    subject: models.Model
    verb: str
    at: datetime
    actor: Actor
    source: str = ""
    to: str = ""
    stage: str | None = None
    outcome: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    behalf: Person | None = None


def bulk_load(past: Iterable[Past], *, readers: Collection[str] = (), chunk: int = 2000) -> int:
    """Write states, events and chain of a past in one go; deliveries only for `readers` that accept loads.

    Facts of one chain are given in their order. Rows may also be created straight in their last state.
    """
    for name in readers:
        reader = consumers.consumer(name)
        if reader is None or not reader.loads:
            raise ImproperlyConfigured(f"consumer {name!r} does not take a loaded past")
    count, batch = 0, list[Past]()
    with transaction.atomic():
        heads: dict[str, ChainHead] = {}
        facts = sorted(past, key=lambda fact: fact.at)
        take_heads({chain_of(fact.subject) for fact in facts}, heads)
        for start in range(0, len(facts), chunk):
            batch = facts[start : start + chunk]
            pending = [_pending(fact) for fact in batch]
            write(pending, heads, only=readers, announce=bool(readers))
            count += len(batch)
        _leave_states(facts)
    return count


def _pending(fact: Past) -> Pending:
    """A fact as an event to be sealed at its own instant."""
    event = new_event(fact.subject, fact.verb, actor_text(fact.actor), behalf_text(fact.actor, fact.behalf))
    event.from_state, event.to_state = fact.source, fact.to
    data = dict(fact.data)
    event.stage = str(data.get("stage", event.stage))
    if fact.stage is not None:
        data.setdefault("to_stage", fact.stage)
    if fact.outcome is not None:
        data.setdefault("outcome", fact.outcome)
    return Pending(event, check_data(data), fact.text, fact.at)


def _leave_states(facts: list[Past]) -> None:
    """Write the last state, stage and outcome of each subject, past the queryset that refuses them."""
    left: dict[type[Subject], dict[Any, Subject]] = {}
    for fact in facts:
        row = fact.subject
        if not isinstance(row, Subject):
            continue
        row = left.setdefault(type(row), {}).setdefault(row.pk, row)
        if fact.to:
            row.state = fact.to
        row.stage = row.stage if fact.stage is None else fact.stage
        row.outcome = row.outcome if fact.outcome is None else fact.outcome
        row.version += 1
    for model, rows in left.items():
        plain: models.QuerySet[Any] = models.QuerySet(model)
        plain.bulk_update(list(rows.values()), ["state", "stage", "outcome", "version"], batch_size=200)
