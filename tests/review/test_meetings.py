"""Meetings of a committee: opened, quorum, recusals, order, conclusions, closing; minutes signed by two persons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from grants.models import Edition
from notifications import codec, minutes
from notifications.letters.render import render
from review.actions import meetings as acts
from review.actions import panels as panel_acts
from review.models import Item, Meeting, Panel, Recusal
from tests import factories
from tests.notifications.letters import judge
from tests.review.conftest import House, make_house
from web import clock
from workflows.chain import canonical
from workflows.engine import NotAllowed, Refused, fire

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(db: None, settings: Any) -> House:
    """A call whose committee needs three voting members, an odd number."""
    settings.SECOND_FACTOR = False
    made = make_house()
    edition = made.flin.call.edition
    assert edition is not None
    body = {**edition.content, "committee": {"quorum": 3, "odd": True}}
    Edition.objects.filter(pk=edition.pk).update(body=canonical(body))
    made.panel = Panel.objects.get(pk=made.panel.pk)
    return made


def opened(house: House) -> Meeting:
    return acts.open_meeting(
        house.panel, clock.today(), "Salle 3", house.chair, house.secretary, actor=house.secretary
    )


def present(house: House, meeting: Meeting, *people: Any) -> None:
    acts.set_present(meeting, [one.pk for one in people], actor=house.secretary)


def agree(house: House, meeting: Meeting) -> None:
    for one in meeting.items.all():
        acts.conclude_item(meeting, one, "Discuté.", True, actor=house.chair)


def test_the_widest_spread_comes_first_and_items_move(house: House, page: Any) -> None:
    house.scored(1, "4 4 4")
    apart = house.scored(2, "5 4 4", "3 4 4")
    meeting = opened(house)
    assert meeting.items.all()[0].dossier_id == apart.pk
    last = list(meeting.items.all())[-1]
    data = {"item": last.pk, "way": "up"}
    assert page(house.chair, "meeting_order", meeting.pk, data=data).status_code == 303
    assert meeting.items.first() == last
    assert page(house.chair, "meeting_order", meeting.pk, data=data).status_code == 303  # first already
    assert page(house.reviewers[0], "meeting", meeting.pk).status_code == 404
    with pytest.raises(NotAllowed):
        acts.set_present(meeting, [], actor=house.reviewers[0])


def test_nothing_locks_without_a_closed_meeting_that_had_quorum(house: House) -> None:
    first = house.scored(1, "4 4 4")
    with pytest.raises(Refused, match="séance"):
        fire(house.panel, "lock", actor=house.chair)
    meeting = opened(house)
    with pytest.raises(Refused, match="déjà ouverte"):
        opened(house)
    present(house, meeting, *house.reviewers[:2])
    agree(house, meeting)
    with pytest.raises(Refused, match="Quorum"):
        fire(meeting, "close", actor=house.chair)
    present(house, meeting, *house.reviewers, house.chair)
    with pytest.raises(Refused, match="impair"):
        fire(meeting, "close", actor=house.chair)
    present(house, meeting, *house.reviewers)
    late = house.scored(2, "3 3 3")
    with pytest.raises(Refused, match=late.number):
        fire(meeting, "close", actor=house.chair)
    assert acts.add_missing(meeting, actor=house.secretary) == 1
    agree(house, meeting)
    row = Recusal.objects.create(
        dossier=first, user=house.reviewers[0], at=clock.now(), by=house.secretary, reason="Parent"
    )
    with pytest.raises(Refused, match="récusées"):
        fire(meeting, "close", actor=house.chair)
    row.delete()
    fire(meeting, "close", actor=house.chair)
    with pytest.raises(Refused, match="close"):
        present(house, meeting, *house.reviewers)
    fire(Panel.objects.get(pk=house.panel.pk), "lock", actor=house.chair)


def test_a_divergence_is_answered_before_the_item_is_agreed(house: House, page: Any) -> None:
    apart = house.scored(1, "5 4 4", "3 4 4")
    meeting = opened(house)
    item = Item.objects.get(meeting=meeting)
    done = {"note": "Longue discussion.", "is_agreed": "on"}
    assert page(house.secretary, "meeting_item", meeting.pk, item.pk, data=done).status_code == 422
    panel_acts.conclude(house.panel, apart, "C1", "", "Les deux lectures se tiennent.", actor=house.chair)
    assert page(house.secretary, "meeting_item", meeting.pk, item.pk, data=done).status_code == 303
    item.refresh_from_db()
    assert item.agreed_at is not None
    shown = page(house.secretary, "meeting_screen", meeting.pk, item.pk).content.decode()
    assert apart.number in shown
    assert not any(one.name in shown for one in house.reviewers)


def test_a_recused_chair_does_not_see_the_item(house: House, page: Any) -> None:
    shut, other = house.scored(1, "4 4 4"), house.scored(2, "3 3 3")
    meeting = opened(house)
    Recusal.objects.create(dossier=shut, user=house.chair, at=clock.now(), by=house.secretary, reason="x")
    shown = page(house.chair, "meeting", meeting.pk).content.decode()
    assert shut.number not in shown
    assert other.number in shown
    item = meeting.items.get(dossier=shut)
    assert page(house.chair, "meeting_item", meeting.pk, item.pk).status_code == 404
    assert "quitte la séance" in page(house.secretary, "meeting", meeting.pk).content.decode()


def locked(house: House) -> Meeting:
    house.scored(1, "4 4 4")
    apart = house.scored(2, "5 4 4", "3 4 4")
    panel_acts.conclude(house.panel, apart, "C1", "4", "Besoin mieux établi.", actor=house.chair)
    meeting = opened(house)
    present(house, meeting, *house.reviewers)
    agree(house, meeting)
    fire(meeting, "close", actor=house.chair)
    fire(Panel.objects.get(pk=house.panel.pk), "lock", actor=house.chair)
    return Meeting.objects.get(pk=meeting.pk)


def test_two_persons_sign_what_they_read_then_the_minutes_exist(house: House, page: Any) -> None:
    meeting = locked(house)
    panel = Panel.objects.get(pk=house.panel.pk)
    told = json.loads(meeting.body)
    assert told["ranking"] == panel.recommendation.digest
    assert told["items"][0]["moves"] or told["items"][1]["moves"]
    assert minutes.for_panel(panel) is None
    address = (meeting.pk, "sign")
    assert "Besoin mieux établi." in page(house.chair, "meeting_verb", *address).content.decode()
    good = {"password": factories.PASSWORD, "digest": meeting.digest}
    wrong = {**good, "digest": "sha256:" + "0" * 64}
    assert page(house.chair, "meeting_verb", *address, data=wrong).status_code == 422
    assert page(house.chair, "meeting_verb", *address, data={**good, "password": "non"}).status_code == 422
    assert page(house.chair, "meeting_verb", *address, data=good).status_code == 303
    assert page(house.chair, "meeting_verb", *address, data=good).status_code == 422  # once
    assert minutes.for_panel(panel) is None
    assert page(house.flin.manager, "meeting_verb", *address, data=good).status_code == 404
    assert page(house.secretary, "meeting_verb", *address, data=good).status_code == 303
    document = minutes.for_panel(Panel.objects.get(pk=panel.pk))
    assert document is not None
    for word in ("Besoin mieux établi.", "Salle 3", "Discuté.", meeting.digest.removeprefix("sha256:")[:8]):
        assert word in document.content
    assert render(codec.loads(document.content), seal=False).startswith(b"%PDF")


@pytest.mark.verapdf
def test_signed_minutes_are_accessible_and_archivable(house: House, tmp_path: Path) -> None:
    meeting = locked(house)
    for person in (house.chair, house.secretary):
        fire(Meeting.objects.get(pk=meeting.pk), "sign", actor=person, digest=meeting.digest)
    document = minutes.for_panel(Panel.objects.get(pk=house.panel.pk))
    assert document is not None
    made = tmp_path / "minutes.pdf"
    made.write_bytes(render(codec.loads(document.content), seal=False))
    assert judge.faults([made]) == {"minutes.pdf": []}


def test_a_call_without_committee_locks_as_before(db: None) -> None:
    plain = make_house("FLIN-SANS")
    plain.scored(1, "4 4 4")
    fire(plain.panel, "lock", actor=plain.chair)
    assert (
        minutes.for_panel(Panel.objects.select_related("recommendation").get(pk=plain.panel.pk)) is not None
    )


@pytest.mark.parametrize("many", [1, 12])
def test_the_page_of_a_meeting_costs_the_same(
    house: House, client: Any, django_assert_max_num_queries: Any, many: int
) -> None:
    for n in range(many):
        house.scored(n + 1, "4 4 4")
    meeting = opened(house)
    client.force_login(house.secretary)
    with django_assert_max_num_queries(26):
        assert client.get(reverse("meeting", args=[meeting.pk])).status_code == 200
