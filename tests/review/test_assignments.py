"""Assignment by hand, declarations, recusals: who may, and every door shut at the next request."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import QuerySet
from django.urls import reverse

from accounts import permissions
from applications.models import Dossier
from review.actions import assignments as acts
from review.models import Assignment, Recusal, Sheet
from tests import factories
from tests.review.conftest import SECRET_WORD
from web import clock
from workflows.engine import NotAllowed, Refused, fire, record
from workflows.models import Event

DUE = timedelta(days=10)


def due():
    return clock.now() + DUE


def test_the_secretary_gives_a_dossier(house):
    dossier = house.dossier()
    row = acts.offer(house.panel, dossier, house.reviewers[0], due(), actor=house.secretary)
    assert row.state == "offered"
    assert row.card["number"] == dossier.number
    assert row.card["bodies"] == ["Adstock"]
    assert row.card["suppliers"] == ["Capteurs du Nord inc.", "Logiciels Boréal"]
    event = Event.objects.get(verb="review.assignment.offer")
    assert event.subject_id == row.pk
    assert event.chain == house.flin.call.code


def test_the_manager_too_a_reviewer_not(house):
    dossier = house.dossier()
    acts.offer(house.panel, dossier, house.reviewers[0], due(), actor=house.flin.manager)
    with pytest.raises(NotAllowed):
        acts.offer(house.panel, dossier, house.reviewers[1], due(), actor=house.reviewers[0])


def test_never_who_checked_it(house):
    dossier = house.dossier()
    factories.make_staff("reviewer", house.panel, house.flin.analyst)
    QuerySet(Dossier).filter(pk=dossier.pk).update(stage="completude")
    dossier.refresh_from_db()
    record(dossier, "note", actor=house.flin.analyst)
    QuerySet(Dossier).filter(pk=dossier.pk).update(stage="evaluation")
    with pytest.raises(Refused, match="vérifié"):
        acts.offer(house.panel, dossier, house.flin.analyst, due(), actor=house.secretary)


def test_never_a_member_of_a_body(house):
    dossier = house.dossier()
    factories.make_member(house.reviewers[0], factories.make_org("31056"), "drafter")
    with pytest.raises(Refused, match="membre"):
        acts.offer(house.panel, dossier, house.reviewers[0], due(), actor=house.secretary)


def test_never_somebody_outside_the_panel_nor_twice(house):
    dossier = house.dossier()
    with pytest.raises(Refused, match="comité"):
        acts.offer(house.panel, dossier, factories.make_user(), due(), actor=house.secretary)
    house.give(dossier, house.reviewers[0], accept=False)
    with pytest.raises(Refused, match="déjà"):
        acts.offer(house.panel, dossier, house.reviewers[0], due(), actor=house.secretary)


def test_hints_are_kept(house):
    person = house.reviewers[0]
    person.home = factories.make_org("31084")
    person.workplace = "Logiciels Boréal"
    person.save()
    row = house.give(house.dossier(), person, accept=False)
    assert {one["code"] for one in row.hints} == {"same_mrc", "employer_is_supplier"}


def test_the_grid_gives_what_is_ticked(house, page):
    first, second = house.dossier(1), house.dossier(2, "10043")
    a, b = house.reviewers[:2]
    shown = page(house.secretary, "panel_grid", house.panel.pk)
    assert shown.status_code == 200
    assert f"{first.pk}-{a.pk}" in shown.content.decode()
    pairs = [f"{first.pk}-{a.pk}", f"{second.pk}-{b.pk}", "9-9", "x"]
    day = f"{due():%Y-%m-%d}"
    answer = page(house.secretary, "panel_grid", house.panel.pk, data={"pair": pairs, "due": day})
    assert answer.status_code == 303
    assert {(one.dossier, one.reviewer) for one in Assignment.objects.all()} == {(first, a), (second, b)}
    assert page(a, "panel_grid", house.panel.pk).status_code == 404


def test_the_pass_on_conflicts_shows_cards_only(house, page):
    dossier = house.dossier()
    house.give(dossier, house.reviewers[0], accept=False)
    text = page(house.reviewers[0], "my_assignments").content.decode()
    assert dossier.number in text
    assert SECRET_WORD not in text
    row = Assignment.objects.get()
    assert SECRET_WORD not in page(house.reviewers[0], "assignment", row.pk).content.decode()
    assert not Dossier.objects.visible_to(house.reviewers[0]).exists()


def test_one_pass_answers_them_all(house, page):
    person = house.reviewers[0]
    rows = [
        house.give(house.dossier(n, code), person, accept=False)
        for n, code in enumerate(factories.DIRECTORY, 1)
        if n < 5
    ]
    answers = ("none", "to_examine", "conflict", "decline")
    data = {}
    for row, answer in zip(rows, answers, strict=True):
        data |= {f"a{row.pk}-answer": answer, f"a{row.pk}-text": "" if answer == "none" else "Un motif."}
    data[f"a{rows[3].pk}-text"] = ""
    assert page(person, "declare_conflicts", data=data).status_code == 422
    assert {one.state for one in Assignment.objects.all()} == {"offered"}
    data[f"a{rows[3].pk}-text"] = "Pas le temps."
    assert page(person, "declare_conflicts", data=data).status_code == 303
    found = [(one.state, one.declaration) for one in Assignment.objects.order_by("pk")]
    assert found == [
        ("accepted", "none"),
        ("offered", "to_examine"),
        ("recused", "conflict"),
        ("declined", ""),
    ]
    assert Recusal.objects.get().dossier == rows[2].dossier
    text = page(person, "my_assignments").content.decode()
    assert rows[2].dossier.number not in text
    assert rows[3].dossier.number not in text


def test_a_declaration_to_examine_is_judged(house, page):
    row = house.give(house.dossier(), house.reviewers[0], accept=False)
    fire(row, "refer", actor=house.reviewers[0], text="Mon cousin y travaille.")
    assert not Dossier.objects.visible_to(house.reviewers[0]).exists()
    with pytest.raises(Refused):
        fire(row, "accept", actor=house.reviewers[0])
    answer = page(house.chair, "assignment_verb", row.pk, "clear", data={"text": "Cousin éloigné."})
    assert answer.status_code == 303
    row.refresh_from_db()
    assert (row.state, row.declaration) == ("accepted", "none")
    assert Dossier.objects.visible_to(house.reviewers[0]).exists()


def test_a_recusal_shuts_every_door_at_the_next_request(house, page):
    dossier, person = house.dossier(), house.reviewers[0]
    row = house.give(dossier, person)
    house.sheet(dossier, person, "4 4 4", hand_in=False)
    assert SECRET_WORD in page(person, "assignment", row.pk).content.decode()
    assert page(person, "assignment_verb", row.pk, "hand_back", data={"text": "Ma sœur."}).status_code == 303
    for name, args in (
        ("assignment", (row.pk,)),
        ("assignment_verb", (row.pk, "hand_back")),
        ("dossier", (dossier.pk,)),
    ):
        assert page(person, name, *args).status_code == 404, name
    assert page(person, "assignment_save", row.pk, data={"score_C1": "1"}).status_code == 404
    assert dossier.number not in page(person, "my_assignments").content.decode()
    assert not Assignment.objects.visible_to(person).exists()
    assert not Sheet.objects.visible_to(person).exists()
    sheet = Sheet.objects.get()
    assert (sheet.state, sheet.scores["C1"]) == ("excluded", "4")
    assert Recusal.objects.get().snapshot == dossier.snapshot


def test_the_sheet_of_somebody_recused_no_longer_counts(house):
    dossier = house.dossier()
    house.sheet(dossier, house.reviewers[0], "5 5 5")
    house.sheet(dossier, house.reviewers[1], "3 3 3")
    dossier.refresh_from_db()
    assert (dossier.sheets_done, dossier.score, dossier.divergent) == (2, "80", True)
    row = Assignment.objects.get(reviewer=house.reviewers[0])
    fire(row, "recuse", actor=house.chair, text="Lien appris.")
    dossier.refresh_from_db()
    assert (dossier.sheets_done, dossier.score, dossier.divergent) == (1, "", False)
    assert Sheet.objects.get(assignment=row).state == "excluded"
    house.sheet(dossier, house.reviewers[2], "4 4 4")
    dossier.refresh_from_db()
    assert (dossier.sheets_done, dossier.score) == (2, "70")


def test_deny_wins_over_a_staff_role_and_never_over_ones_own_municipality(house):
    dossier = house.dossier()
    factories.make_staff("reviewer", house.panel, house.secretary)
    acts.recuse_person(house.panel, dossier, house.secretary, "Parenté.", actor=house.chair)
    assert not Dossier.objects.visible_to(house.secretary).exists()
    clerk = factories.make_user()
    factories.make_member(clerk, factories.make_org("31056"))
    acts.recuse_person(house.panel, dossier, clerk, "Greffier.", actor=house.chair)
    assert Dossier.objects.visible_to(clerk).exists()


def test_a_recused_chair_sees_neither_dossier_nor_line(house, page):
    dossier = house.scored(1, "4 4 4")
    other = house.scored(2, "3 3 3")
    fire_free = house.secretary
    acts.recuse_person(house.panel, dossier, house.chair, "Conseillère.", actor=fire_free)
    text = page(house.chair, "ranking", house.panel.pk).content.decode()
    assert dossier.number not in text
    assert other.number in text
    assert dossier.number not in page(house.chair, "panel", house.panel.pk).content.decode()
    assert page(house.chair, "panel_dossier", house.panel.pk, dossier.pk).status_code == 404
    with pytest.raises(Refused, match="récusation"):
        fire(house.panel, "lock", actor=house.chair)


def test_a_recused_chair_of_the_municipality_keeps_the_applicant_face_only(house, page):
    dossier = house.scored(1, "4 4 4", code="31056")
    factories.make_member(house.chair, factories.make_org("31056"))
    acts.recuse_person(house.panel, dossier, house.chair, "Mairesse.", actor=house.secretary)
    assert Dossier.objects.visible_to(house.chair).exists()
    assert page(house.chair, "panel_dossier", house.panel.pk, dossier.pk).status_code == 404
    for name in ("panel", "ranking"):
        assert dossier.number not in page(house.chair, name, house.panel.pk).content.decode()


def test_taken_back_then_given_again(house, page):
    dossier, person = house.dossier(), house.reviewers[0]
    row = house.give(dossier, person)
    assert (
        page(house.secretary, "assignment_verb", row.pk, "withdraw", data={"text": "Surcharge."}).status_code
        == 303
    )
    assert page(person, "assignment", row.pk).status_code == 404
    acts.offer(house.panel, dossier, person, due(), actor=house.secretary)
    assert page(person, "assignment", row.pk).status_code == 200
    assert Event.objects.filter(verb="review.assignment.offer").count() == 2


def test_a_role_taken_back_closes_at_once(house, page):
    row = house.give(house.dossier(), house.reviewers[0])
    permissions.revoke_role(house.reviewers[0], "reviewer", house.panel, actor=house.flin.manager)
    assert page(house.reviewers[0], "assignment", row.pk).status_code == 404


def test_strangers_see_nothing(house, page):
    row = house.give(house.dossier(), house.reviewers[0])
    stranger = factories.make_user()
    for name, args in (
        ("my_assignments", ()),
        ("assignment", (row.pk,)),
        ("panels", ()),
        ("panel", (house.panel.pk,)),
        ("panel_grid", (house.panel.pk,)),
        ("ranking", (house.panel.pk,)),
        ("panel_dossier", (house.panel.pk, row.dossier_id)),
        ("panel_create", ()),
    ):
        assert page(stranger, name, *args).status_code == 404, name
    assert page(house.reviewers[1], "assignment", row.pk).status_code == 404
    assert page(house.reviewers[1], "panel", house.panel.pk).status_code == 404


@pytest.mark.parametrize("many", [1, 30])
def test_lists_cost_the_same_for_one_row_and_for_thirty(house, client, django_assert_max_num_queries, many):
    codes = list(factories.DIRECTORY)
    for n in range(many):
        row = house.dossier(n + 1, codes[n % len(codes)])
        house.give(row, house.reviewers[0], accept=bool(n % 2))
    client.force_login(house.reviewers[0])
    with django_assert_max_num_queries(10):
        assert client.get(reverse("my_assignments")).status_code == 200
    client.force_login(house.secretary)
    with django_assert_max_num_queries(10):
        assert client.get(reverse("panels")).status_code == 200
    with django_assert_max_num_queries(12):
        assert client.get(reverse("panel_grid", args=[house.panel.pk]), {"vue": "tous"}).status_code == 200
