"""A section without a script: saved by its button, errors with links, two texts side by side, closed kindly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Organisation, User
from applications.actions.answers import history, save_answer
from applications.actions.drafts import start_dossier
from applications.models import Dossier
from tests import factories
from tests.applications import filled
from tests.fixtures_calls import Flin

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(flin: Flin, adstock: Organisation, signatory: User, client: Client) -> Dossier:
    client.force_login(signatory)
    return start_dossier(flin.call, adstock, actor=signatory)[0]


def section(dossier: Dossier, code: str = "projet") -> str:
    return f"/dossiers/{dossier.pk}/sections/{code}/"


def value(dossier: Dossier, code: str) -> Any:
    return dossier.answers.filter(question=code).values_list("value", flat=True).first()


def test_the_page_shows_rail_blockers_and_whom_to_ask(client: Client, draft: Dossier) -> None:
    page = client.get(section(draft)).content.decode()
    assert "0 de 4" in page
    assert "points avant de déposer" in page
    assert draft.call.contact_name in page
    assert "heure de l’Est" in page
    assert 'data-question="title"' in page


def test_the_button_saves_what_the_page_carries_and_goes_on(client: Client, draft: Dossier) -> None:
    sent = {
        "seen-title": 0,
        "title": "Lacs sous veille",
        "seen-themes": 0,
        "themes": ["economie"],
        "then": "solution",
    }
    answer = client.post(section(draft), sent)
    assert (answer.status_code, answer["Location"]) == (303, section(draft, "solution"))
    assert value(draft, "title") == "Lacs sous veille"
    assert value(draft, "themes") == ["economie"]
    assert value(draft, "need") is None


def test_a_faulty_answer_is_kept_and_the_summary_links_to_it(client: Client, draft: Dossier) -> None:
    long = "a" * 121
    answer = client.post(section(draft), {"seen-title": 0, "title": long, "then": "solution"}, follow=True)
    page = answer.content.decode()
    assert value(draft, "title") == long
    assert 'href="#q-title"' in page
    assert long in page
    assert 'aria-invalid="true"' in page


def test_two_writers_get_both_texts_and_lose_none(
    client: Client, draft: Dossier, adstock: Organisation, signatory: User
) -> None:
    other = factories.make_user(given_name="Maude", family_name="Gélinas")
    factories.make_member(other, adstock, "drafter")
    save_answer(draft, "need", "Un texte.", actor=signatory)
    save_answer(draft, "need", "Le texte de Maude.", actor=other, seen_version=1)
    answer = client.post(
        section(draft), {"seen-need": 1, "need": "Mon texte.", "seen-title": 0, "title": "Titre"}
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Mon texte." in page
    assert "Le texte de Maude." in page
    assert "Maude Gélinas" in page
    assert value(draft, "title") == "Titre"
    assert value(draft, "need") == "Le texte de Maude."
    client.post(section(draft), {"seen-need": 2, "need": "Les deux fondus.", "choose-need": "mine"})
    assert value(draft, "need") == "Les deux fondus."


def test_choosing_the_other_text_keeps_mine_in_the_versions(
    client: Client, draft: Dossier, signatory: User
) -> None:
    save_answer(draft, "need", "L’autre.", actor=signatory)
    client.post(section(draft), {"seen-need": 1, "need": "Le mien.", "choose-need": "other"})
    assert value(draft, "need") == "L’autre."
    assert [one.value for one in history(draft, "need")] == ["Le mien.", "L’autre."]


def test_choosing_another_text_that_changed_again_shows_both_again(
    client: Client, draft: Dossier, signatory: User
) -> None:
    save_answer(draft, "need", "L’autre.", actor=signatory)
    save_answer(draft, "need", "L’autre, encore.", actor=signatory, seen_version=1)
    answer = client.post(section(draft), {"seen-need": 1, "need": "Le mien.", "choose-need": "other"})
    assert answer.status_code == 409
    assert "Le mien." in answer.content.decode()
    assert value(draft, "need") == "L’autre, encore."


def test_a_budget_goes_by_its_rows(client: Client, draft: Dossier) -> None:
    sent = {
        "seen-budget": 0,
        "budget.lines": ["l1", "l2"],
        "budget.lines.l1.category": "equipment",
        "budget.lines.l1.description": "Stations",
        "budget.lines.l1.amount": "52 000 $",
        "budget.funding": ["f1"],
    }
    client.post(section(draft, "budget"), sent)
    stored = value(draft, "budget")
    assert stored["lines"] == [
        {"id": "l1", "category": "equipment", "description": "Stations", "amount": 52000}
    ]
    page = client.get(section(draft, "budget")).content.decode().replace("\u00a0", " ")
    assert "41 600 $" in page  # 80 % of it, Adstock counting 3 198 people


def test_a_file_goes_with_the_button_and_leaves_with_its_own(client: Client, draft: Dossier) -> None:
    client.post(section(draft, "engagement"), {"resolution": filled.pdf(), "upload_key": "cle"})
    row = draft.attachments.get()
    page = client.get(section(draft, "engagement")).content.decode()
    assert "non analysé" in page
    client.post(section(draft, "engagement"), {"resolution": filled.pdf(), "upload_key": "cle"})
    assert draft.attachments.get() == row
    client.post(section(draft, "engagement"), {"remove": row.pk})
    row.refresh_from_db()
    assert row.removed_at is not None


def test_after_the_closing_the_text_stays_in_the_page(
    client: Client, draft: Dossier, signatory: User
) -> None:
    with time_machine.travel(draft.call.closes_at + timedelta(seconds=1), tick=False):
        client.force_login(signatory)
        answer = client.post(section(draft), {"seen-title": 0, "title": "Trop tard, mais gardé"})
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "Trop tard, mais gardé" in page
        assert "L’appel est fermé" in page
        assert client.get(section(draft))["Location"] == f"/dossiers/{draft.pk}/imprimer/"
        assert "L’appel est fermé" in client.get(f"/dossiers/{draft.pk}/", follow=True).content.decode()
    assert value(draft, "title") is None


def test_the_state_tells_questions_that_appear(client: Client, draft: Dossier, signatory: User) -> None:
    before = client.get(section(draft, "donnees") + "etat/").content.decode()
    save_answer(draft, "personal_data", "true", actor=signatory)
    after = client.get(section(draft, "donnees") + "etat/").content.decode()
    assert "privacy_state" not in before.partition("data-shown")[2]
    assert "privacy_state" in after.partition("data-shown")[2]


def test_nobody_else_opens_it(draft: Dossier, flin: Flin) -> None:
    for user, status in ((factories.make_user(), 404), (flin.analyst, 404)):
        stranger = Client()
        stranger.force_login(user)
        assert stranger.get(section(draft)).status_code == status
        assert stranger.post(section(draft), {"seen-title": 0, "title": "x"}).status_code == status


def test_resume_leads_to_the_unfinished_question_then_to_the_check(
    client: Client, ready: Dossier, signatory: User
) -> None:
    client.force_login(signatory)
    assert client.get(f"/dossiers/{ready.pk}/remplir/")["Location"] == f"/dossiers/{ready.pk}/verification/"
    save_answer(ready, "data", "", actor=signatory, seen_version=1)
    assert client.get(f"/dossiers/{ready.pk}/remplir/")["Location"].endswith("/sections/donnees/#q-data")


def test_statements_of_a_section_are_bounded(
    client: Client, ready: Dossier, signatory: User, django_assert_max_num_queries: Any
) -> None:
    client.force_login(signatory)
    with django_assert_max_num_queries(15):
        assert client.get(section(ready, "budget")).status_code == 200
