"""What of a dossier can be found: fed by filings, the latest version only, nothing personal."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from applications import search
from applications.models import Dossier, Snapshot
from applications.querysets import LABEL
from grants.models import Edition
from search.models import Indexed
from tests.applications import filled
from tests.applications.checked import closed, filed, signed_in
from tests.applications.conftest import _own_files, adstock, ready, signatory
from tests.fixtures_calls import Flin, flin, flin_at
from web import clock
from workflows import deliveries
from workflows.engine import fire
from workflows.models import Event

__all__ = ["_own_files", "adstock", "closed", "filed", "flin", "flin_at", "ready", "signatory"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _index_of_the_database(settings: Any) -> None:
    """These are its questions, whatever the settings; the index outside has its own tests (test_outside.py)."""
    settings.SEARCH_BACKEND = "database"


def found(user: User, text: str) -> set[int]:
    rows = Dossier.objects.visible_to(user).matching(text, user, clock.now())
    return set(rows.values_list("pk", flat=True))


def drain() -> None:
    while deliveries.run_due("search"):
        pass


def test_a_draft_is_found_once_it_is_filed(ready: Dossier, signatory: User) -> None:
    drain()
    assert not found(signatory, "débitmètres")
    filled.file_now(ready, signatory)
    assert not Indexed.objects.exists()  # after commit, by a worker
    drain()
    for text in (
        "debitmetre",
        "d'aqueduc",
        "Adstock",
        "environnement",
        "municipalité formation",
        "resolution.pdf",
    ):
        assert found(signatory, text) == {ready.pk}, text
    text = "2027-01-11 32000"
    assert not found(signatory, text)


def test_a_second_filing_replaces_the_first(filed: Dossier, signatory: User) -> None:
    drain()
    filled.save_answer(filed, "need", "La patinoire fond.", actor=signatory, seen_version=1)
    assert not found(signatory, "patinoire")  # typed, not filed
    filled.file_now(filed, signatory, key="cle-2")
    drain()
    assert found(signatory, "patinoires") == {filed.pk}
    assert not found(signatory, "tiers")
    row = Indexed.objects.get()
    assert row.version == 2
    search.handle(_event(filed))
    assert Indexed.objects.get().pk == row.pk  # the same event twice changes nothing


def _event(dossier: Dossier) -> Any:
    return Event.objects.filter(subject_id=dossier.pk, verb="applications.dossier.submit").first()


def test_a_withdrawn_dossier_stays_with_those_who_see_it(
    closed: Dossier, signatory: User, flin: Flin
) -> None:
    drain()
    assert found(flin.analyst, "débitmètres") == {closed.pk}
    fire(closed, "withdraw", actor=signatory, cause="applicant", text="Nous renonçons.")
    drain()
    assert found(flin.analyst, "débitmètres") == {closed.pk}
    page = signed_in(flin.analyst).get("/recherche/?q=debitmetres").content.decode()
    assert "Désisté" in page


def test_what_is_gone_is_dropped(filed: Dossier, signatory: User) -> None:
    drain()
    event = _event(filed)
    Dossier.objects.filter(pk=filed.pk).update(snapshot=None)
    search.handle(event)
    assert not Indexed.objects.exists()


def test_personal_answers_and_opinions_are_never_indexed(filed: Dossier, signatory: User) -> None:
    content = deepcopy(filed.edition.content)
    for part in content["form"]["sections"]:
        for question in part["questions"]:
            question["sensitivity"] = {"need": "personal", "results": "opinion"}.get(
                question["code"], question["sensitivity"]
            )
    Edition.objects.filter(pk=Snapshot.objects.get().edition_id).update(body=json.dumps(content))
    drain()
    assert found(signatory, "enregistreurs") == {filed.pk}  # business: read by everybody entitled
    assert not found(signatory, "tiers perdu")
    assert not found(signatory, "pertes deux ans")


def test_the_command_rebuilds(filed: Dossier, signatory: User, capsys: pytest.CaptureFixture[str]) -> None:
    Indexed.objects.create(source=LABEL, key=999_999, version=1, title="Vestige")
    call_command("reindex")
    assert "1 written, 1 dropped" in capsys.readouterr().out
    assert found(signatory, "débitmètres") == {filed.pk}


def test_the_box_is_in_the_head_and_an_empty_query_says_what_to_do(
    filed: Dossier, signatory: User, flin: Flin
) -> None:
    drain()
    for person in (signatory, flin.analyst):
        client: Client = signed_in(person)
        assert 'action="/recherche/"' in client.get("/dossiers/").content.decode()
        empty = client.get("/recherche/").content.decode()
        assert "Que cherchez-vous?" in empty
        assert 'id="seek"' not in empty
    english = signed_in(signatory).get("/en/recherche/?q=debitmetres")
    assert f'href="/en/dossiers/{filed.pk}/"' in english.content.decode()
    assert signed_in(signatory).post("/recherche/").status_code == 405
