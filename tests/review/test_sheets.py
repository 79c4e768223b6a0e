"""Score sheets: private until handed in, guards as sentences, reopened until the panel locks, saved as one goes."""

from __future__ import annotations

import pytest

from review.actions import sheets
from review.models import Assignment, Sheet
from workflows.engine import NotAllowed, Refused, fire


def test_the_page_reads_and_scores(house, page):
    row = house.give(house.dossier(), house.reviewers[0])
    text = page(house.reviewers[0], "assignment", row.pk).content.decode()
    assert "Les riverains manquent" in text
    assert "Aucun besoin de la population" in text  # the anchor of 0
    assert "40\u00a0000\u00a0$" in text
    assert 'name="score_C1" value="4.5"' in text


def test_a_form_without_script_saves_then_hands_in(house, page):
    person = house.reviewers[0]
    row = house.give(house.dossier(), person)
    data = {"score_C1": "4", "score_C2": "2.5", "act": "save", "strengths": "Net."}
    assert page(person, "assignment", row.pk, data=data).status_code == 303
    sheet = Sheet.objects.get()
    assert (sheet.scores, sheet.strengths, sheet.state) == ({"C1": "4", "C2": "2.5"}, "Net.", "draft")
    refused = page(person, "assignment", row.pk, data={"act": "hand_in", "comment_C1": "Gardé quand même."})
    assert refused.status_code == 422
    said = refused.content.decode()
    assert "Notez le critère C4." in said
    assert "Écrivez un commentaire pour C2" in said
    assert "Gardé quand même." in said
    data = {"act": "hand_in", "score_C4": "5", "comment_C2": "Faible.", "comment_C4": "Parfait."}
    assert page(person, "assignment", row.pk, data=data).status_code == 303
    sheet.refresh_from_db()
    assert sheet.state == "handed_in"
    assert sheet.total == "149/2"  # 40×4/5 + 35×2.5/5 + 25×5/5


def test_autosave_answers_in_words(house, page):
    person = house.reviewers[0]
    row = house.give(house.dossier(), person)
    found = page(person, "assignment_save", row.pk, data={"score_C1": "3.5", "comment_C1": "Oui"}).json()
    assert found["total"] == "28,00"
    assert found["done"] == 1
    assert found["saved"].startswith("Enregistré à")
    assert page(person, "assignment_save", row.pk, data={"score_C1": "3.7"}).status_code == 409
    assert page(house.reviewers[1], "assignment_save", row.pk, data={"score_C1": "1"}).status_code == 404
    assert Sheet.objects.get().scores == {"C1": "3.5"}


def test_scores_are_private_until_handed_in(house, page):
    dossier, (first, second, _third) = house.dossier(), house.reviewers
    house.sheet(dossier, first, "4.5 4 4", hand_in=False)
    mine = house.sheet(dossier, second, "4 4 4", hand_in=False)
    for user in (second, house.chair, house.secretary):
        assert not Sheet.objects.visible_to(user).filter(assignment__reviewer=first).exists()
    fire(Sheet.objects.get(assignment__reviewer=first), "hand_in", actor=first)
    assert Sheet.objects.visible_to(house.chair).filter(assignment__reviewer=first).exists()
    assert not Sheet.objects.visible_to(second).filter(assignment__reviewer=first).exists()
    assert "Autre fiche" not in page(second, "assignment", mine.assignment_id).content.decode()
    fire(mine, "hand_in", actor=second)
    text = page(second, "assignment", mine.assignment_id).content.decode()
    assert "Autre fiche" in text
    assert first.name not in text


def test_handed_in_is_not_changed_but_reopened(house, page):
    person = house.reviewers[0]
    sheet = house.sheet(house.dossier(), person)
    with pytest.raises(Refused, match="rouvrez"):
        sheets.save(sheets.sheet_of(sheet.pk), sheets.Written(scores={"C1": "1"}), actor=person)
    with pytest.raises(Exception, match="may not"):
        fire(sheet, "reopen", actor=house.chair)
    assert page(person, "sheet_verb", sheet.assignment_id, "reopen", data={}).status_code == 303
    dossier = sheet.assignment.dossier
    dossier.refresh_from_db()
    assert (Sheet.objects.get().state, dossier.sheets_done) == ("draft", 0)


def test_nobody_else_writes_a_sheet(house):
    sheet = house.sheet(house.dossier(), house.reviewers[0], hand_in=False)
    with pytest.raises(NotAllowed):
        sheets.save(sheets.sheet_of(sheet.pk), sheets.Written(scores={"C1": "1"}), actor=house.reviewers[1])


def test_the_columns_of_the_dossier_follow(house):
    dossier = house.dossier()
    house.sheet(dossier, house.reviewers[0], "5 4 4")
    dossier.refresh_from_db()
    assert (dossier.sheets_done, dossier.score, dossier.divergent) == (1, "", False)
    house.sheet(dossier, house.reviewers[1], "3 4 4")
    dossier.refresh_from_db()
    assert (dossier.sheets_done, dossier.score, dossier.divergent) == (2, "80", True)


def test_the_sheet_keeps_the_snapshot_it_read(house):
    dossier = house.dossier()
    sheet = house.sheet(dossier, house.reviewers[0])
    assert sheet.snapshot == dossier.snapshot
    assert Assignment.objects.get().declaration == "none"
