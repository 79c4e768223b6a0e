"""What review gives the floors below: things to do, the tab of a dossier, words of events."""

from __future__ import annotations

from applications.models import Dossier
from review import entries
from web import home
from workflows import providers
from workflows.engine import fire
from workflows.models import Event
from workflows.vocabulary import label_of


def texts(user):
    return {str(one.text) for group in home.todos(user) for one in group.todos}


def test_what_awaits_a_reviewer(house):
    first, second = house.dossier(1), house.dossier(2, "10043")
    house.give(first, house.reviewers[0], accept=False)
    house.give(second, house.reviewers[0])
    found = list(entries.reviewer_todos(house.reviewers[0]))
    assert [(one.who, str(one.act)) for one in found] == [
        (first.number, "Déclarer"),
        (second.number, "Noter"),
    ]
    house.sheet(second, house.reviewers[0])
    assert len(list(entries.reviewer_todos(house.reviewers[0]))) == 1
    assert "Projet 1" in texts(house.reviewers[0])


def test_what_awaits_the_panel(house):
    house.dossier(1)
    full = house.dossier(2, "10043")
    house.sheet(full, house.reviewers[0], "5 4 4")
    house.sheet(full, house.reviewers[1], "3 4 4")
    asked = house.give(house.dossier(3, "14050"), house.reviewers[2], accept=False)
    fire(asked, "refer", actor=house.reviewers[2], text="Ami.")
    said = texts(house.secretary)
    for words in ("Déclarations à examiner", "Divergences", "complets", "confiés à personne"):
        assert any(words in one for one in said), words
    said = texts(house.chair)
    assert any("Divergences" in one for one in said)
    assert not any("confiés à personne" in one for one in said)


def test_a_dossier_has_its_tab(house):
    row = house.give(house.dossier(), house.reviewers[0])
    dossier = Dossier.objects.get()
    tabs = {
        user: providers.tabs("applications.Dossier", dossier, user)
        for user in (house.secretary, house.reviewers[0])
    }
    assert [one.name for one in tabs[house.secretary]].count("review") == 1
    assert any(f"/evaluations/{row.pk}/" in one.href for one in tabs[house.reviewers[0]])


def test_events_have_words(house):
    house.give(house.dossier(), house.reviewers[0])
    said = {label_of(one) for one in Event.objects.filter(verb__startswith="review.assignment")}
    assert said == {
        "Dossier confié pour évaluation (FLIN-REVUE-0001)",
        "Aucun conflit déclaré, évaluation acceptée (FLIN-REVUE-0001)",
    }
