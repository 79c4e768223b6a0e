"""The ranking and its lock: ties shown, the line where money runs out, frozen equal to the cores."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from applications.models import Dossier
from grants.models import BudgetLine
from review import ranking, scoring, selection
from review.models import Recommendation, Sheet
from workflows.chain import canonical
from workflows.engine import NotAllowed, Refused, fire


@pytest.fixture
def ranked(house):
    """Four dossiers before the committee, an envelope for two, two of them tied."""
    BudgetLine.objects.filter(volet=house.panel.volet).update(amount=100_000)
    volet = house.panel.volet
    volet.reserves = []
    volet.save()
    house.scored(1, "4 4 4", confirmed_aid=40_000)
    house.scored(2, "5 4 2.5", "5 4 2.5", confirmed_aid=60_000)  # 80.5, under the threshold of C4
    house.scored(3, "4 4 4", confirmed_aid=60_000)
    house.scored(4, "3.5 3.5 3.5", confirmed_aid=30_000)
    house.panel.refresh_from_db()
    return house


def test_the_page_shows_scores_ties_and_the_line(ranked, page):
    text = page(ranked.chair, "ranking", ranked.panel.pk).content.decode()
    assert text.count("80,00") >= 2
    assert "À égalité; départagé par" in text
    assert "Ligne budgétaire" in text
    assert "Non recommandé" in text
    assert text.index("Projet 1") < text.index("Ligne budgétaire") < text.index("Projet 4")


def test_who_reads_the_ranking(ranked, page):
    pk = ranked.panel.pk
    flin = ranked.flin
    for user in (ranked.chair, flin.secretary, flin.manager, flin.authority, flin.auditor):
        assert page(user, "ranking", pk).status_code == 200
    for user in (ranked.reviewers[0], flin.analyst, flin.second_analyst):
        assert page(user, "ranking", pk).status_code == 404
    fire(ranked.panel, "lock", actor=ranked.chair)
    assert page(ranked.reviewers[0], "ranking", pk).status_code == 200
    assert page(flin.analyst, "ranking", pk).status_code == 404


def test_the_lock_freezes_what_the_cores_say(ranked):
    before = ranking.compute(ranked.panel)
    fire(ranked.panel, "lock", actor=ranked.chair)
    row = Recommendation.objects.get()
    assert row.result == canonical(selection.select(json.loads(row.input)))
    for one in json.loads(row.scoring)["dossiers"].values():
        assert one["result"] == scoring.score(one["input"])
    assert (row.scoring, row.input, row.result) == before.texts()
    assert row.digest == ranking.digest_of(row.scoring, row.input, row.result)
    found = {one.number[-1]: (one.stage, one.outcome) for one in Dossier.objects.all()}
    assert found == {
        "1": ("decision", "recommande"),
        "2": ("decision", "non_recommande"),
        "3": ("decision", "recommande"),
        "4": ("decision", "attente"),
    }
    frozen = ranking.frozen(ranked.panel)
    assert frozen is not None
    assert frozen.result == before.result


def test_only_the_chair_locks_once(ranked, page):
    for user in (ranked.flin.secretary, ranked.flin.manager):
        with pytest.raises(NotAllowed):
            fire(ranked.panel, "lock", actor=user)
    assert page(ranked.chair, "panel_verb", ranked.panel.pk, "lock", data={}).status_code == 303
    assert page(ranked.chair, "panel_verb", ranked.panel.pk, "lock", data={}).status_code == 404
    assert Recommendation.objects.count() == 1


def test_after_the_lock_nothing_reopens(ranked):
    fire(ranked.panel, "lock", actor=ranked.chair)
    sheet = Sheet.objects.first()
    with pytest.raises(Refused, match="verrouillé"):
        fire(sheet, "reopen", actor=sheet.assignment.reviewer)
    with pytest.raises(Refused, match="verrouillé"):
        fire(sheet.assignment, "recuse", actor=ranked.chair, text="Trop tard.")


def test_the_lock_says_all_that_is_missing(house):
    with pytest.raises(Refused, match="Aucun dossier"):
        fire(house.panel, "lock", actor=house.chair)
    done = house.scored(1, "5 4 4", "3 4 4")
    house.dossier(2, "10043")
    sheet = Sheet.objects.filter(assignment__dossier=done).first()
    fire(sheet, "reopen", actor=sheet.assignment.reviewer)
    with pytest.raises(Refused) as said:
        fire(house.panel, "lock", actor=house.chair)
    words = " ".join(said.value.reasons)
    assert "pas encore devant le comité" in words
    assert f"Fiches encore ouvertes\u00a0: {done.number}" in words
    assert "sans toutes leurs fiches" in words


def test_a_divergence_stops_the_lock(house):
    house.scored(1, "5 4 4", "3 4 4")
    with pytest.raises(Refused, match="Divergences"):
        fire(house.panel, "lock", actor=house.chair)


def test_nobody_advances_from_the_committee_but_by_the_lock(house):
    dossier = house.scored(1, "4 4 4")
    with pytest.raises(Refused, match="verrouillant"):
        fire(dossier, "advance", actor=house.chair, outcome="recommande")


@pytest.mark.parametrize("many", [1, 20])
def test_the_ranking_costs_the_same(house, client, django_assert_max_num_queries, many):
    for n in range(many):
        house.scored(n + 1, "4 4 4")
    client.force_login(house.flin.auditor)
    with django_assert_max_num_queries(10):
        assert client.get(reverse("ranking", args=[house.panel.pk])).status_code == 200
