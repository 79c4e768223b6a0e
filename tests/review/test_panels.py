"""Panels: made, dated, followed; divergences settled; dossiers passed to the committee."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import QuerySet
from django.urls import reverse

from applications.models import Dossier
from review.actions import assignments
from review.actions import panels as acts
from review.models import Assignment, Consensus, Panel, Recusal
from tests import factories
from tests.review.conftest import make_house
from web import clock
from workflows.engine import NotAllowed, Refused, fire
from workflows.models import EventText


def test_the_secretary_makes_a_panel_for_a_volet(house, page):
    Panel.objects.all().delete()
    volet = house.flin.volet
    answer = page(
        house.secretary, "panel_create", data={"volet": volet.pk, "name": "Comité", "due": "2199-01-15"}
    )
    assert answer.status_code == 303
    panel = Panel.objects.get()
    assert (panel.volet, panel.state) == (volet, "open")
    assert page(house.secretary, "panel", panel.pk).status_code == 200
    with pytest.raises(Refused):
        acts.create_panel(volet.call, volet, "Autre", panel.due_at, actor=house.secretary)
    with pytest.raises(NotAllowed):
        acts.create_panel(volet.call, volet, "Autre", panel.due_at, actor=house.flin.analyst)


def test_another_date_moves_what_is_expected(house, page):
    row = house.give(house.dossier(), house.reviewers[0])
    assert page(house.secretary, "panel_date", house.panel.pk, data={"due": "2199-01-15"}).status_code == 303
    row.refresh_from_db()
    assert row.due_at.year == 2199
    assert page(house.secretary, "panel_date", house.panel.pk, data={"due": "2001-01-15"}).status_code == 422


def test_dossiers_pass_to_the_committee_when_their_sheets_are_in(house, page):
    full, half = house.dossier(1), house.dossier(2, "10043")
    house.sheet(full, house.reviewers[0])
    house.sheet(full, house.reviewers[1])
    house.sheet(half, house.reviewers[0])
    with pytest.raises(Refused, match="1 sur 2"):
        fire(half, "advance", actor=house.secretary, outcome="complete")
    assert page(house.secretary, "panel_close", house.panel.pk, data={}).status_code == 303
    stages = dict(Dossier.objects.values_list("number", "stage"))
    assert stages == {full.number: "comite", half.number: "evaluation"}
    assert page(house.chair, "panel_close", house.panel.pk, data={}).status_code == 404


def test_an_open_sheet_holds_the_dossier(house):
    dossier = house.dossier()
    for person in house.reviewers[:2]:
        house.sheet(dossier, person)
    house.give(dossier, house.reviewers[2])
    with pytest.raises(Refused, match="encore ouverte"):
        fire(dossier, "advance", actor=house.secretary, outcome="complete")


def test_a_divergence_waits_in_the_queue_until_it_is_settled(house, page):
    dossier = house.scored(1, "5 4 4", "3 4 4")
    assert dossier.number in page(house.chair, "panel", house.panel.pk).content.decode()
    shown = page(house.chair, "panel_dossier", house.panel.pk, dossier.pk).content.decode()
    assert "2,00" in shown
    address = (house.panel.pk, dossier.pk, "C1")
    assert (
        page(house.chair, "panel_consensus", *address, data={"score": "3.5", "text": ""}).status_code == 422
    )
    assert (
        page(house.chair, "panel_consensus", *address, data={"score": "3.7", "text": "x"}).status_code == 422
    )
    assert (
        page(house.chair, "panel_consensus", *address, data={"score": "3.5", "text": "Discuté."}).status_code
        == 303
    )
    dossier.refresh_from_db()
    assert (dossier.divergent, dossier.score) == (False, "76")  # C1 3.5: 28 + 28 + 20
    assert "Discuté." in page(house.chair, "panel_dossier", house.panel.pk, dossier.pk).content.decode()
    assert page(house.chair, "panel_consensus", *address, data={"act": "forget"}).status_code == 303
    dossier.refresh_from_db()
    assert (dossier.divergent, dossier.score) == (True, "80")


def test_the_mean_may_be_kept_with_a_reason(house):
    dossier = house.scored(1, "5 4 4", "3 4 4")
    acts.conclude(house.panel, dossier, "C1", "", "Écart compris, la moyenne dit juste.", actor=house.chair)
    dossier.refresh_from_db()
    assert (dossier.divergent, dossier.score) == (False, "80")
    assert Consensus.objects.get().score == ""


def test_a_reviewer_concludes_nothing(house, page):
    dossier = house.scored(1, "5 4 4", "3 4 4")
    with pytest.raises(NotAllowed):
        acts.conclude(house.panel, dossier, "C1", "4", "Non.", actor=house.reviewers[0])
    assert page(house.reviewers[0], "panel_dossier", house.panel.pk, dossier.pk).status_code == 404


def test_the_chair_reads_only_from_review_on(house):
    dossier = house.dossier()
    assert Dossier.objects.visible_to(house.chair).filter(pk=dossier.pk).exists()
    other = make_house("FLIN-AUTRE")
    assert not Dossier.objects.visible_to(other.chair).filter(pk=dossier.pk).exists()


@pytest.mark.parametrize("many", [1, 30])
def test_the_panel_page_costs_the_same(house, client, django_assert_max_num_queries, many):
    codes = list(factories.DIRECTORY)
    for n in range(many):
        row = house.dossier(n + 1, codes[n % len(codes)])
        house.give(row, house.reviewers[n % 3])
    client.force_login(house.chair)
    with django_assert_max_num_queries(30):
        assert client.get(reverse("panel", args=[house.panel.pk])).status_code == 200


def test_a_locked_panel_keeps_the_dossiers_that_it_judged(house, page):
    judged, apart = house.dossier(1), house.dossier(2, "10043")
    for person in house.reviewers[:2]:
        house.sheet(judged, person)
    QuerySet.update(Dossier.objects.all(), state="accepted")
    assert judged.number not in page(house.secretary, "panel", house.panel.pk).content.decode()
    QuerySet.update(Panel.objects.all(), state="locked")
    shown = page(house.secretary, "panel", house.panel.pk).content.decode()
    assert judged.number in shown
    assert apart.number not in shown


def test_a_refusal_does_not_name_a_dossier_to_somebody_recused_from_it(house):
    shut, other = house.scored(1, "5 4 4", "3 4 4"), house.scored(2, "5 4 4", "3 4 4")
    Recusal.objects.create(dossier=shut, user=house.chair, at=clock.now(), by=house.secretary, reason="x")
    with pytest.raises(Refused) as caught:
        fire(house.panel, "lock", actor=house.chair)
    said = str(caught.value)
    assert other.number in said
    assert shut.number not in said
    assert "1 que vous ne lisez pas" in said


def test_a_sheet_still_written_is_not_named_to_who_is_recused(house):
    open_one, other = house.dossier(1), house.dossier(2, "10043")
    for row in (open_one, other):
        house.sheet(row, house.reviewers[0], hand_in=False)
    Recusal.objects.create(dossier=open_one, user=house.chair, at=clock.now(), by=house.secretary, reason="x")
    with pytest.raises(Refused) as caught:
        fire(house.panel, "lock", actor=house.chair)
    assert open_one.number not in str(caught.value)
    assert f"Fiches encore ouvertes\u00a0: {other.number}, 1 que vous ne lisez pas" in str(caught.value)


def test_one_more_person_reads_sheets_that_diverge(house, page):
    apart, agreed = house.dossier(1), house.dossier(2, "10043")
    for dossier, first in ((apart, "5 4 4"), (agreed, "3 4 4")):
        house.sheet(dossier, house.reviewers[0], first)
        house.sheet(dossier, house.reviewers[1], "3 4 4")
    third = house.reviewers[2]
    assert third in assignments.others_for(house.panel, apart)
    assert not {one.pk for one in assignments.others_for(house.panel, apart)} & {
        one.pk for one in house.reviewers[:2]
    }
    assert (
        "Demander une autre lecture"
        in page(house.chair, "panel_dossier", house.panel.pk, apart.pk).content.decode()
    )
    assert third.name in page(house.chair, "panel_further", house.panel.pk, apart.pk).content.decode()
    data = {"person": third.pk, "due": (clock.today() + timedelta(days=5)).isoformat(), "text": ""}
    assert page(house.chair, "panel_further", house.panel.pk, apart.pk, data=data).status_code == 422
    data["text"] = "Deux lectures opposées de C1."
    refused = page(house.chair, "panel_further", house.panel.pk, agreed.pk, data=data)
    assert refused.status_code == 422
    assert "ne divergent pas" in refused.content.decode()
    assert page(house.chair, "panel_further", house.panel.pk, apart.pk, data=data).status_code == 303
    made = Assignment.objects.get(dossier=apart, reviewer=third)
    assert made.state == "offered"
    assert EventText.objects.get(event__subject_id=made.pk).text == data["text"]
    assert page(house.chair, "panel_further", house.panel.pk, apart.pk, data=data).status_code == 422
    assert Assignment.objects.filter(dossier=apart).count() == 3
    fire(made, "accept", actor=third)
    with pytest.raises(Refused, match="encore ouverte"):
        fire(apart, "advance", actor=house.secretary, outcome="complete")
