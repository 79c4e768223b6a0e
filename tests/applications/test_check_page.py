"""The check page: what it shows is what is filed, once; a change between reading and signing is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation, User
from applications.actions.answers import save_answer
from applications.models import Dossier, Snapshot
from tests import factories
from tests.applications.filled import file_now
from tests.fixtures_calls import Flin

pytestmark = pytest.mark.django_db
PHRASE = "Je dépose pour adstock"


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the page."""
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', page))


def read(client: Client, dossier: Dossier) -> dict[str, str]:
    return fields_of(client.get(f"/dossiers/{dossier.pk}/verification/").content.decode())


def sign(client: Client, dossier: Dossier, sent: dict[str, str], phrase: str = PHRASE) -> Any:
    return client.post(f"/dossiers/{dossier.pk}/deposer/", {**sent, "phrase": phrase})


def test_filed_once_whatever_the_clicks(client: Client, ready: Dossier, signatory: User) -> None:
    client.force_login(signatory)
    sent = read(client, ready)
    first, second = sign(client, ready, sent), sign(client, ready, sent)
    assert first.status_code == second.status_code == 303
    assert first["Location"] == second["Location"] == f"/dossiers/{ready.pk}/accuse/1/"
    snapshot = Snapshot.objects.get()
    assert snapshot.digest == sent["digest"]
    assert snapshot.filed_by == signatory


def test_a_change_since_the_page_was_read_is_named_and_nothing_is_filed(
    client: Client, ready: Dossier, signatory: User
) -> None:
    client.force_login(signatory)
    sent = read(client, ready)
    save_answer(ready, "title", "Un autre titre", actor=signatory, seen_version=1)
    answer = sign(client, ready, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Quel est le titre du projet?" in page
    assert "La réponse a changé" in page
    assert not Snapshot.objects.exists()
    assert sign(client, ready, fields_of(page)).status_code == 303


def test_a_list_of_prints_that_arrives_cut_names_nothing(
    client: Client, ready: Dossier, signatory: User
) -> None:
    client.force_login(signatory)
    sent = read(client, ready)
    save_answer(ready, "title", "Un autre titre", actor=signatory, seen_version=1)
    cut = sent["prints"][: len(sent["prints"]) // 2]
    for prints in (cut, "", sent["prints"].rpartition(" ")[0]):
        page = sign(client, ready, {**sent, "prints": prints}).content.decode()
        assert "La demande a changé depuis la page de vérification" in page
        assert "La réponse a changé" not in page
    assert "La réponse a changé" in sign(client, ready, sent).content.decode()


def test_the_phrase_must_be_written(client: Client, ready: Dossier, signatory: User) -> None:
    client.force_login(signatory)
    answer = sign(client, ready, read(client, ready), "oui")
    assert answer.status_code == 422
    assert "je dépose pour Adstock" in answer.content.decode()
    assert not Snapshot.objects.exists()


def test_blockers_lead_to_their_question_and_the_button_says_why(
    client: Client, ready: Dossier, signatory: User
) -> None:
    client.force_login(signatory)
    save_answer(ready, "data", "", actor=signatory, seen_version=1)
    page = client.get(f"/dossiers/{ready.pk}/verification/").content.decode()
    assert f"/dossiers/{ready.pk}/sections/donnees/?revoir=1#q-data" in page
    assert 'aria-disabled="true"' in page
    assert sign(client, ready, fields_of(page)).status_code == 422


def test_a_drafter_reads_but_does_not_sign(client: Client, ready: Dossier, adstock: Organisation) -> None:
    drafter = factories.make_user()
    factories.make_member(drafter, adstock, "drafter")
    client.force_login(drafter)
    page = client.get(f"/dossiers/{ready.pk}/verification/").content.decode()
    assert 'name="phrase"' not in page
    assert "La personne signataire" in page
    assert sign(client, ready, fields_of(page)).status_code == 403
    assert not Snapshot.objects.exists()


def test_the_closing_instant_is_in_and_the_next_second_is_out(
    client: Client, ready: Dossier, signatory: User
) -> None:
    closing = ready.call.closes_at
    with time_machine.travel(closing, tick=False):
        client.force_login(signatory)
        sent = read(client, ready)
        assert sent["digest"]
    with time_machine.travel(closing + timedelta(seconds=1), tick=False):
        answer = sign(client, ready, sent)
        assert answer.status_code == 422
        assert "L’appel est fermé" in answer.content.decode()
    with time_machine.travel(closing, tick=False):
        assert sign(client, ready, sent).status_code == 303


def test_filed_again_before_the_closing_keeps_its_number(
    client: Client, ready: Dossier, signatory: User
) -> None:
    file_now(ready, signatory)
    ready.refresh_from_db()
    number = ready.number
    client.force_login(signatory)
    save_answer(ready, "title", "Nouveau titre", actor=signatory, seen_version=1)
    answer = sign(client, ready, read(client, ready))
    assert answer["Location"].endswith("/accuse/2/")
    ready.refresh_from_db()
    assert (ready.number, ready.title) == (number, "Nouveau titre")


def counted(act: Callable[[], Any]) -> list[str]:
    """The statements of a request, the session and the person included, transaction control not."""
    with CaptureQueriesContext(connection) as told:
        act()
    words = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return [one["sql"][:240] for one in told.captured_queries if not one["sql"].startswith(words)]


def test_statements_are_bounded(client: Client, ready: Dossier, signatory: User) -> None:
    client.force_login(signatory)
    read(client, ready)
    told = counted(lambda: read(client, ready))
    assert len(told) <= 12, "\n".join(told)


def test_statements_of_the_whole_request_that_files(client: Client, ready: Dossier, signatory: User) -> None:
    """The session and the person included."""
    client.force_login(signatory)
    sent = read(client, ready)
    answers: list[Any] = []
    told = counted(lambda: answers.append(sign(client, ready, sent)))
    assert answers[0].status_code == 303
    assert len(told) <= 15, "\n".join(told)
    again = counted(lambda: answers.append(sign(client, ready, sent)))
    assert answers[1]["Location"] == answers[0]["Location"]
    assert len(again) <= 15, "\n".join(again)


def test_strangers_cannot_sign(client: Client, ready: Dossier, signatory: User, flin: Flin) -> None:
    client.force_login(signatory)
    sent = read(client, ready)
    for user in (factories.make_user(), flin.analyst):
        stranger = Client()
        stranger.force_login(user)
        assert sign(stranger, ready, sent).status_code == 404
        assert sign(stranger, ready, sent, "autre chose").status_code == 404
    assert sign(client, ready, sent).status_code == 303
    stranger = Client()
    stranger.force_login(factories.make_user())
    assert sign(stranger, ready, sent).status_code == 404
    assert Snapshot.objects.count() == 1
