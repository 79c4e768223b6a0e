"""Races on PostgreSQL with real threads and commits: one effect, one event, no fork."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from tests.workflows.sample.models import Drawer, Folder
from workflows import engine
from workflows.models import Event
from workflows.trail import verify_chain

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("rows")]


def together(count: int, act: Callable[[int], Any]) -> list[Any]:
    """Run an act in threads that start at once; answers or the faults of the engine."""
    gate = Barrier(count)

    def one(place: int) -> Any:
        try:
            gate.wait()
            return act(place)
        except engine.EngineError as fault:
            return fault
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_twenty_submits_have_one_effect(folder: Folder, owner: Any) -> None:
    answers = together(20, lambda place: engine.fire(Folder.objects.get(), "submit", actor=owner))
    assert sum(isinstance(answer, Event) for answer in answers) == 1
    assert sum(isinstance(answer, engine.Refused) for answer in answers) == 19
    stored = Folder.objects.get()
    assert (stored.submits, stored.number, stored.version) == (1, 1, 1)
    assert Event.objects.count() == 1


def test_folders_filed_at_once_get_each_a_number_and_one_chain(owner: Any) -> None:
    folders = [Folder.objects.create(owner=owner, title="Titre") for _ in range(12)]
    together(12, lambda place: engine.fire(folders[place], "submit", actor=owner))
    assert sorted(Folder.objects.values_list("number", flat=True)) == list(range(1, 13))
    assert verify_chain("TI-2026") == {"ok": True, "events": 12, "head": Event.objects.get(n=12).hash}


def test_verbs_that_touch_one_drawer_never_deadlock(owner: Any) -> None:
    drawer = Drawer.objects.create()
    folders = [Folder.objects.create(owner=owner, title="Titre", drawer=drawer) for _ in range(8)]
    answers = together(8, lambda place: engine.fire(folders[place], "classify", actor=owner))
    assert all(isinstance(answer, Event) for answer in answers)
    assert Drawer.objects.get().count == 8
    assert get_user_model().objects.count() == 1
    assert verify_chain("site")["ok"]
    assert verify_chain("TI-2026")["ok"]
