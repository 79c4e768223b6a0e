"""Races of a meeting on PostgreSQL with real threads: closed once, each signature once, one set of minutes."""

from __future__ import annotations

from typing import Any

import pytest

from grants.models import Edition
from review.actions import meetings as acts
from review.models import Meeting, Panel
from tests.review.conftest import House, make_house
from tests.review.test_races import person, together
from web import clock
from workflows.chain import canonical
from workflows.engine import fire
from workflows.models import Event
from workflows.trail import verify_chain

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house(transactional_db: None, settings: Any) -> House:
    """A committee that meets with a quorum of three."""
    settings.SECOND_FACTOR = False
    made = make_house()
    edition = made.flin.call.edition
    assert edition is not None
    body = {**edition.content, "committee": {"quorum": 3, "odd": True}}
    Edition.objects.filter(pk=edition.pk).update(body=canonical(body))
    made.panel = Panel.objects.get(pk=made.panel.pk)
    return made


def verbs(answers: list[Any]) -> list[str]:
    return [one.verb for one in answers if isinstance(one, Event)]


def test_closed_once_then_signed_once_by_each(house: House) -> None:
    house.scored(1, "4 4 4")
    chair, secretary = house.chair, house.secretary
    meeting = acts.open_meeting(house.panel, clock.today(), "Salle 3", chair, secretary, actor=secretary)
    acts.set_present(meeting, [one.pk for one in house.reviewers], actor=secretary)
    for item in meeting.items.all():
        acts.conclude_item(meeting, item, "Discuté.", True, actor=chair)

    def close(place: int) -> Any:
        return fire(Meeting.objects.get(pk=meeting.pk), "close", actor=person((chair, secretary)[place % 2]))

    assert verbs(together(6, close)) == ["review.meeting.close"]
    fire(Panel.objects.get(pk=house.panel.pk), "lock", actor=chair)
    digest = Meeting.objects.get(pk=meeting.pk).digest

    def sign(place: int) -> Any:
        row = Meeting.objects.get(pk=meeting.pk)
        return fire(row, "sign", actor=person((chair, secretary)[place % 2]), digest=digest)

    assert verbs(together(8, sign)) == ["review.meeting.sign"] * 2
    held = Meeting.objects.get(pk=meeting.pk)
    assert {one.user_id for one in held.signatures.all()} == {chair.pk, secretary.pk}
    assert verify_chain(house.flin.call.code)["ok"]
