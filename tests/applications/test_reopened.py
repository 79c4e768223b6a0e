"""A request for completion on the municipality's pages: only the named questions, answered as a new version."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from applications.models import Dossier
from tests.applications.checked import closed, filed, later  # noqa: F401
from tests.applications.test_check_page import read, sign
from tests.fixtures_calls import Flin
from web import clock
from workflows.engine import fire

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(closed: Dossier, flin: Flin, signatory: User, client: Client) -> Dossier:  # noqa: F811
    """Two questions are asked again, until an instant."""
    fire(
        closed,
        "send_back",
        actor=flin.analyst,
        items=[("data", "Dites où sont hébergées les données."), ("resolution", "La page 2 manque.")],
        due_at=(clock.now() + timedelta(days=15)).replace(microsecond=0),
        message="",
    )
    closed.refresh_from_db()
    client.force_login(signatory)
    return closed


def test_only_the_named_questions_are_open_with_their_reason(client: Client, asked: Dossier) -> None:
    page = client.get(f"/dossiers/{asked.pk}/sections/donnees/").content.decode()
    assert "Dites où sont hébergées les données." in page
    assert 'data-question="data"' in page
    assert 'data-question="personal_data"' not in page
    assert "Section 1 de 2" in page
    assert client.get(f"/dossiers/{asked.pk}/sections/projet/").status_code == 404
    answer = client.post(
        f"/dossiers/{asked.pk}/reponses/title/",
        '{"value": "Autre", "seen": 1}',
        content_type="application/json",
    )
    assert answer.json()["status"] == "refused"


def test_answers_make_a_second_version_beside_the_first(client: Client, asked: Dossier) -> None:
    sent: dict[str, Any] = {"seen-data": 1, "data": "Au Québec, chez la MRC.", "then": "check"}
    assert client.post(f"/dossiers/{asked.pk}/sections/donnees/", sent).status_code == 303
    answer = sign(client, asked, read(client, asked))
    assert answer["Location"].endswith("/accuse/2/")
    assert "Vos compléments sont reçus." in client.get(answer["Location"]).content.decode()
    asked.refresh_from_db()
    assert (asked.state, asked.snapshots.count()) == ("in_progress", 2)


def test_after_the_due_instant_nothing_is_open(client: Client, asked: Dossier, signatory: User) -> None:
    with time_machine.travel(later(asked, seconds=1), tick=False):
        client.force_login(signatory)
        assert client.get(f"/dossiers/{asked.pk}/sections/donnees/").status_code == 303
        answer = client.post(f"/dossiers/{asked.pk}/sections/donnees/", {"seen-data": 1, "data": "Trop tard"})
        assert answer.status_code == 409
        assert "Trop tard" in answer.content.decode()
