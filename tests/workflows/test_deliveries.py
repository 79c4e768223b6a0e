"""Deliveries: one a reader, claimed once, tried again, parked alone, woken without the broker."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Lock
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.workflows.sample.models import Folder
from workflows import deliveries, engine, tasks
from workflows.exceptions import NotNow
from workflows.models import Delivery, Event
from workflows.signals import event_recorded


@pytest.fixture
def taken() -> list[int]:
    return []


@pytest.fixture
def reader(taken: list[int]) -> Callable[[Event], None]:
    deliveries.register_consumer(
        "reader", lambda event: event.verb.endswith("noted"), lambda e: taken.append(e.n)
    )
    return taken.append


def note(folder: Folder, owner: Any, count: int = 1) -> None:
    for _ in range(count):
        engine.record(folder, "noted", actor=owner)


@pytest.mark.django_db
def test_each_reader_gets_what_it_wants(folder: Folder, owner: Any, reader: Any, taken: list[int]) -> None:
    engine.fire(folder, "submit", actor=owner)
    note(folder, owner, 2)
    assert Delivery.objects.count() == 2
    assert deliveries.run_due() == 2
    assert taken == [2, 3]
    assert deliveries.run_due() == 0
    assert Delivery.objects.filter(done_at__isnull=False, lease_until__isnull=True).count() == 2


@pytest.mark.django_db
def test_a_poisoned_delivery_waits_longer_each_time_then_parks_alone(folder: Folder, owner: Any) -> None:
    def handle(event: Event) -> None:
        if event.n == 1:
            raise ValueError("poison")

    deliveries.register_consumer("reader", lambda event: True, handle)
    note(folder, owner, 2)
    assert deliveries.run_due() == 2
    row = Delivery.objects.get(done_at__isnull=True)
    assert (row.tries, row.error, row.failed) == (1, "ValueError: poison", False)
    assert row.due_at > timezone.now()
    for _ in range(deliveries.MAX_TRIES - 1):
        Delivery.objects.filter(pk=row.pk).update(due_at=timezone.now())
        deliveries.run_due()
    row.refresh_from_db()
    assert row.failed
    Delivery.objects.filter(pk=row.pk).update(due_at=timezone.now())
    assert deliveries.run_due() == 0
    assert deliveries.retry([row]) == 1
    assert deliveries.run_due() == 1


@pytest.mark.django_db
def test_a_worker_that_dies_loses_its_lease_and_the_work_is_done_again(
    folder: Folder, owner: Any, reader: Any, taken: list[int]
) -> None:
    note(folder, owner)
    dead = deliveries.claim()
    assert dead is not None
    assert deliveries.claim() is None
    assert deliveries.run_due() == 0
    Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert deliveries.run_due() == 1
    assert taken == [1]
    assert Delivery.objects.get().tries == 2


@pytest.mark.django_db
def test_what_waits_for_a_server_is_never_parked_and_costs_one_try(folder: Folder, owner: Any) -> None:
    tried: list[int] = []
    is_away = True

    def handle(event: Event) -> None:
        tried.append(event.n)
        if is_away:
            raise NotNow("the server is stopped", is_for_all=True)

    deliveries.register_consumer("reader", lambda event: True, handle)
    note(folder, owner, 30)
    assert deliveries.run_due() == 1
    assert deliveries.waits("reader")
    for _ in range(3 * deliveries.MAX_TRIES):
        Delivery.objects.filter(pk=Delivery.objects.exclude(error="").get().pk).update(due_at=timezone.now())
        assert deliveries.run_due() == 1
    row = Delivery.objects.exclude(error="").get()
    assert (row.failed, row.error) == (False, "NotNow: the server is stopped")
    assert row.due_at <= timezone.now() + deliveries.LONGEST_WAIT
    assert set(tried) == {1}
    is_away = False
    Delivery.objects.update(due_at=timezone.now())
    assert deliveries.run_due() == 30
    assert not deliveries.waits("reader")
    assert set(tried) == set(range(1, 31))


@pytest.mark.django_db
def test_an_unknown_reader_is_kept_for_later(folder: Folder, owner: Any, reader: Any) -> None:
    note(folder, owner)
    deliveries.forget_consumer("reader")
    assert deliveries.run_due() == 1
    assert "LookupError" in Delivery.objects.get().error


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_breaks_no_request(
    rows: None, folder: Folder, owner: Any, reader: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def down(*args: Any, **kwargs: Any) -> None:
        asked.append(1)
        raise ConnectionError("no broker")

    asked: list[int] = []
    monkeypatch.setattr(deliveries._silence, "until", 0.0)
    monkeypatch.setattr(tasks.deliver, "apply_async", down)
    monkeypatch.setattr(tasks.sweep, "apply_async", down)
    heard: list[Event] = []

    def wake(events: list[Event], **kwargs: Any) -> None:
        heard.extend(events)
        deliveries.nudge([event.pk for event in events])
        deliveries.nudge()

    event_recorded.connect(wake)
    try:
        note(folder, owner)
    finally:
        event_recorded.disconnect(wake)
    assert [event.n for event in heard] == [1]
    assert "the sweep will find" in caplog.text
    assert asked == [1]
    tasks.sweep()
    assert Delivery.objects.get().done_at is not None


@pytest.mark.postgres
def test_threads_claim_each_delivery_once(rows: None, folder: Folder, owner: Any) -> None:
    taken: list[int] = []
    guard, gate = Lock(), Barrier(6)

    def handle(event: Event) -> None:
        with guard:
            taken.append(event.n)

    deliveries.register_consumer("reader", lambda event: True, handle)
    note(folder, owner, 30)

    def work(_place: int) -> int:
        try:
            gate.wait()
            return deliveries.run_due(limit=100)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    deliveries.run_due()
    assert sorted(taken) == list(range(1, 31))
    assert Delivery.objects.filter(tries=1, done_at__isnull=False).count() == 30
