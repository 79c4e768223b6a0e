"""Writing events: heads of chains locked last and once, lines sealed, one delivery a reader."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction
from django.utils import timezone

from workflows import chain, consumers
from workflows.exceptions import NotLocked
from workflows.models import SITE, ChainHead, Delivery, Event, EventText
from workflows.signals import event_recorded

CODE = re.compile(r"[\w.:/+\-=]{0,200}")


@dataclass
class Pending:
    """An event of the running unit, to be sealed at its end; `event` is filled then."""

    event: Event
    data: dict[str, Any]
    text: str
    at: datetime | None = None


def check_data(value: object, where: str = "data") -> Any:
    """Give back the data of an event if it holds ids, codes, integers and digests only."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        if not CODE.fullmatch(str(value)):
            raise ImproperlyConfigured(f"{where} of an event holds words, not a code: use the key 'text'")
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [check_data(item, where) for item in items]
    if isinstance(value, dict):
        return {str(key): check_data(item, f"{where}.{key}") for key, item in value.items()}
    raise ImproperlyConfigured(f"{where} of an event cannot hold a {type(value).__name__}")


def chain_of(subject: models.Model) -> str:
    """The chain of a row: its call's, else the site's."""
    code = getattr(subject, "chain_code", None)
    return str(code()) if callable(code) else SITE


def new_event(subject: models.Model, verb: str, actor: str, behalf: str | None) -> Event:
    """An event about a row, not yet sealed; a bare verb gets the name of the subject's model."""
    label = subject._meta.label_lower
    if not isinstance(subject.pk, int):
        raise ImproperlyConfigured(f"an event needs a stored subject, not {subject!r}")
    request = str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]
    return Event(
        chain=chain_of(subject),
        verb=verb if verb.count(".") >= 2 else f"{label}.{verb}",
        subject_type=label,
        subject_id=subject.pk,
        actor=actor,
        behalf=behalf or "",
        request=request,
        stage=str(getattr(subject, "stage", "") or ""),
    )


def take_heads(codes: Iterable[str], held: dict[str, ChainHead]) -> dict[str, ChainHead]:
    """Lock the heads of these chains by code, creating those that are missing."""
    wanted = sorted(set(codes) - set(held))
    if not wanted:
        return held
    if held and wanted[0] < max(held):
        raise NotLocked(f"chain {wanted[0]!r} comes before {max(held)!r}: take both at once")
    found = {head.code: head for head in _locked_heads(wanted)}
    missing = [code for code in wanted if code not in found]
    if missing:
        ChainHead.objects.bulk_create([ChainHead(code=code) for code in missing], ignore_conflicts=True)
        found = {head.code: head for head in _locked_heads(wanted)}
    held.update(found)
    return held


def _locked_heads(codes: list[str]) -> models.QuerySet[ChainHead]:
    rows = ChainHead.objects.filter(code__in=codes).order_by("code")
    return rows.select_for_update(of=("self",), no_key=True)


def seal_event(item: Pending, head: ChainHead, now: datetime) -> None:
    """Give an event its place in its chain, its line and its hash."""
    event, salt = item.event, b""
    digest: str | None = None
    if item.text:
        salt = os.urandom(16)
        digest = chain.text_digest(salt, item.text)
    event.n, event.at = head.n + 1, item.at or now
    fields = {
        "v": 1,
        "chain": event.chain,
        "n": event.n,
        "at": event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "verb": event.verb,
        "subject": event.subject,
        "actor": event.actor,
        "behalf": event.behalf or None,
        "request": event.request,
        "from": event.from_state or None,
        "to": event.to_state or None,
        "data": item.data,
        "text": digest,
        "prev": head.head,
    }
    event.line, event.hash = chain.seal(fields)
    head.n, head.head = event.n, event.hash
    if digest is not None:
        event.beside = EventText(event=event, salt=salt, text=item.text)


def write(
    pending: list[Pending],
    heads: dict[str, ChainHead],
    *,
    only: Collection[str] | None = None,
    announce: bool = True,
) -> list[Event]:
    """Seal and store the events of a unit, their words and their deliveries; wake readers on commit."""
    held = set(heads)
    take_heads((item.event.chain for item in pending), heads)
    now = timezone.now()
    for item in pending:
        seal_event(item, heads[item.event.chain], now)
    events = [item.event for item in pending]
    touched = held | {event.chain for event in events}
    Event.objects.bulk_create(events, batch_size=2000)
    texts = [event.beside for event in events if "beside" in event._state.fields_cache]
    for text in texts:
        text.event_id = text.event.pk
    EventText.objects.bulk_create(texts, batch_size=2000)
    deliveries = [
        Delivery(event=event, consumer=name, due_at=now)
        for event in events
        for name in consumers.readers(event, only)
    ]
    Delivery.objects.bulk_create(deliveries, batch_size=2000)
    for code in sorted(touched):
        heads[code].save(update_fields=["n", "head", "counter"])
    if events and announce:
        transaction.on_commit(partial(event_recorded.send_robust, sender=Event, events=events))
    return events
