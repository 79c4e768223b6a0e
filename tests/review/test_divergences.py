"""The queue of divergences: what is in it, in which order, what was answered, for whom; one more reading at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from applications.models import Dossier
from review.actions import assignments as acts
from review.actions import panels as panel_acts
from review.models import Assignment, Panel, Recusal, Sheet
from review.views.divergences import queue
from tests import factories
from tests.review.conftest import House
from web import clock
from workflows.engine import Refused

pytestmark = pytest.mark.django_db


def apart(house: House, number: int, code: str, first: str = "5 4 4", second: str = "3 4 4") -> Dossier:
    row = house.dossier(number, code)
    house.sheet(row, house.reviewers[0], first)
    house.sheet(row, house.reviewers[1], second)
    row.refresh_from_db()
    return row


def further(house: House, row: Dossier, reader: Any, actor: Any = None) -> Assignment:
    due = clock.now() + timedelta(days=5)
    return acts.offer(house.panel, row, reader, due, actor=actor or house.chair, reason="À relire.")


def test_the_widest_comes_first_and_what_is_answered_last(house: House, page: Any) -> None:
    codes = list(factories.DIRECTORY)
    mild, wide = apart(house, 1, codes[0]), apart(house, 2, codes[1], "5 5 5", "1 1 1")
    answered, asked = apart(house, 3, codes[2]), apart(house, 4, codes[3])
    apart(house, 5, codes[4], "4 4 4", "4 4 4")
    panel_acts.conclude(house.panel, answered, "C1", "4", "Besoin mieux établi.", actor=house.chair)
    further(house, asked, house.reviewers[2])
    lines = queue(house.chair, house.panel.pk).lines
    assert [one.dossier.pk for one in lines] == [wide.pk, mild.pk, asked.pk, answered.pk]
    assert [one.may_further for one in lines] == [True, True, False, False]
    assert {one.on for one in lines[0].gaps} == {"C1", "C2", "C4", "total"}
    shown = page(house.chair, "panel_divergences", house.panel.pk).content.decode()
    for word in ("Besoin mieux établi.", "Lecture attendue", "Réglée", house.reviewers[2].name):
        assert word in shown
    manager = page(house.flin.manager, "panel_divergences", house.panel.pk).content.decode()
    assert "Conclure…" not in manager
    assert "Demander une autre lecture" not in manager
    assert page(house.reviewers[0], "panel_divergences", house.panel.pk).status_code == 404
    taken = page(house.chair, "export", "divergences", house.panel.pk, data={"format": "csv"})
    text = b"".join(taken.streaming_content if taken.streaming else [taken.content]).decode()
    assert wide.number in text
    assert "Besoin mieux établi." in text


def test_nothing_diverges_yet_and_no_recused_line(house: House, page: Any) -> None:
    assert "Aucune divergence" in page(house.chair, "panel_divergences", house.panel.pk).content.decode()
    row = apart(house, 1, "31056")
    Recusal.objects.create(dossier=row, user=house.chair, at=clock.now(), by=house.secretary, reason="x")
    assert row.number not in page(house.chair, "panel_divergences", house.panel.pk).content.decode()
    assert row.number in page(house.secretary, "panel_divergences", house.panel.pk).content.decode()


def test_an_answer_leads_back_to_the_queue(house: House, page: Any) -> None:
    row = apart(house, 1, "31056")
    place = f"{reverse('panel_divergences', args=[house.panel.pk])}#d{row.pk}"
    due = (clock.today() + timedelta(days=5)).isoformat()
    data = {"person": house.reviewers[2].pk, "due": due, "text": "Deux lectures opposées."}
    gone = page(house.chair, "panel_further", house.panel.pk, row.pk, data=data, query="?file=1")
    assert (gone.status_code, gone["Location"]) == (303, place)
    kept = {"score": "", "text": "Les deux lectures se tiennent."}
    gone = page(house.chair, "panel_consensus", house.panel.pk, row.pk, "C1", data=kept, query="?file=1")
    assert (gone.status_code, gone["Location"]) == (303, place)
    assert "moyenne maintenue" in page(house.chair, "panel_divergences", house.panel.pk).content.decode()


def test_one_more_reading_at_a_time(house: House) -> None:
    row = apart(house, 1, "31056")
    fourth = factories.make_staff("reviewer", house.panel, factories.make_user("r4@jury.example"))
    further(house, row, house.reviewers[2])
    with pytest.raises(Refused, match="déjà attendue"):
        further(house, row, fourth, house.secretary)
    assert Assignment.objects.filter(dossier=row).count() == 3


@pytest.mark.parametrize("many", [1, 30])
def test_the_queue_costs_the_same(
    house: House, client: Any, django_assert_max_num_queries: Any, many: int
) -> None:
    model = apart(house, 99, "31056")
    given = list(model.assignments.select_related("sheet"))
    codes = list(factories.DIRECTORY)
    for n in range(many):
        row = house.dossier(n + 1, codes[n % len(codes)], divergent=True)
        for one in given:
            plain = {field.attname: getattr(one, field.attname) for field in Assignment._meta.concrete_fields}
            plain |= {"id": None, "dossier_id": row.pk}
            copy = Assignment.objects.create(**plain)
            plain = {
                field.attname: getattr(one.sheet, field.attname) for field in Sheet._meta.concrete_fields
            }
            Sheet.objects.create(**(plain | {"id": None, "assignment_id": copy.pk}))
    client.force_login(house.secretary)
    address = reverse("panel_divergences", args=[house.panel.pk])
    client.get(address)
    panel = Panel.objects.get(pk=house.panel.pk)
    assert len(queue(house.secretary, panel.pk).lines) == many + 1
    with django_assert_max_num_queries(10) as asked:
        assert client.get(address).status_code == 200
    assert len(asked) == 8
