"""What a list leaves out of its statements changes no row and no word of it, whoever reads, before and after."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from applications import listing
from applications.querysets import ANY, Reach, reach_of
from review.models import Recusal
from tests.permissions.world import World
from web import clock

pytestmark = pytest.mark.django_db
SHOWN = ("pk", "readable_state", "readable_stage", "readable_outcome", "shown_aid", "due_sort")


def read(person: Any, now: datetime, face: Any, *, is_asked: bool) -> list[tuple[Any, ...]]:
    rows = listing.rows_for(person, now, face, is_asked=is_asked)
    return list(rows.order_by("pk").values_list(*SHOWN))


@pytest.mark.parametrize("days", [0, 400], ids=["now", "once every decision is due"])
def test_it_changes_nothing_of_what_anybody_reads(days: int, kept: World) -> None:
    now = clock.now() + timedelta(days=days)
    seen = 0
    for role, person in kept.people.items():
        for face in ("staff", "applicant"):
            whole = read(person, now, face, is_asked=False)
            assert read(person, now, face, is_asked=True) == whole, (role, face)
            seen += len(whole)
    assert seen > 50


def test_each_part_is_asked_of_the_database(kept: World) -> None:
    now, found = clock.now(), {}
    for role, person in kept.people.items():
        found[role] = reach_of(person, now)
        if person is None or not person.is_active:
            assert found[role] == ANY
            continue
        held = person.memberships.filter(status__in=["claimed", "confirmed"])
        recused = Recusal.objects.filter(user=person, lifted_at__isnull=True)
        assert found[role].acts_for_none is not held.exists(), role
        assert found[role].is_shut_out_of_none is not recused.exists(), role
    shapes = {(one.acts_for_none, one.is_shut_out_of_none) for one in found.values()}
    assert {(True, True), (True, False), (False, True)} <= shapes, Reach.__doc__
