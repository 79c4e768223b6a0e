"""A database held by somebody else for ten seconds: an answer waits or is told to come back, and is never lost."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from accounts.models import User
from applications.actions.answers import history
from applications.actions.drafts import start_dossier
from applications.models import Dossier
from tests import factories
from tests.applications import filled
from tests.fixtures_calls import make_flin

pytestmark = pytest.mark.django_db(transaction=True)
TEN = 10.0


@pytest.fixture
def signatory(transactional_db: None) -> User:
    return filled.signatory_of(factories.make_org("31056"))


@pytest.fixture
def draft(signatory: User, client: Client) -> Dossier:
    client.force_login(signatory)
    return start_dossier(make_flin().call, factories.make_org("31056"), actor=signatory)[0]


def _hold(dossier: Dossier, taken: threading.Event, leave: threading.Event) -> None:
    """The writer of SQLite, or the row on PostgreSQL, in a connection of its own."""
    if connection.vendor == "sqlite":
        other = sqlite3.connect(str(connection.settings_dict["NAME"]), timeout=20, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        taken.set()
        leave.wait(30)
        other.rollback()
        other.close()
        return
    with transaction.atomic():
        Dossier.objects.select_for_update().get(pk=dossier.pk)
        taken.set()
        leave.wait(30)
    connection.close()


@contextmanager
def held(dossier: Dossier, seconds: float = 30) -> Iterator[threading.Event]:
    """The database is taken, for so many seconds or until the end."""
    taken, leave = threading.Event(), threading.Event()
    thread = threading.Thread(target=_hold, args=(dossier, taken, leave))
    timer = threading.Timer(seconds, leave.set)
    thread.start()
    try:
        assert taken.wait(10)
        timer.start()
        yield leave
    finally:
        leave.set()
        thread.join()
        timer.cancel()


@contextmanager
def impatient() -> Iterator[None]:
    """This connection gives up a lock after a fifth of a second."""
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 200" if is_sqlite else "SET lock_timeout = '200ms'")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 20000" if is_sqlite else "RESET lock_timeout")


def send(client: Client, dossier: Dossier, text: str, n: int, seen: int = 0) -> Any:
    body = json.dumps({"value": text, "seen": seen, "client": "page", "n": n})
    return client.post(f"/dossiers/{dossier.pk}/reponses/need/", body, content_type="application/json")


def value(dossier: Dossier) -> Any:
    return dossier.answers.filter(question="need").values_list("value", flat=True).first()


def test_ten_seconds_make_an_answer_wait(client: Client, draft: Dossier) -> None:
    began = time.monotonic()
    with held(draft, TEN):
        answer = send(client, draft, "Pendant que la base est prise", 1)
    assert time.monotonic() - began > TEN - 1
    assert (answer.status_code, answer.json()["status"]) == (200, "saved")
    assert value(draft) == "Pendant que la base est prise"


def test_an_impatient_server_says_so_and_the_retry_saves(client: Client, draft: Dossier) -> None:
    with held(draft), impatient():
        answer = send(client, draft, "Pendant que la base est prise", 1)
        assert answer.status_code == 503
        assert "nous réessayons" in answer.json()["line"]
        assert value(draft) is None
    assert send(client, draft, "Pendant que la base est prise", 2).json()["status"] == "saved"
    assert value(draft) == "Pendant que la base est prise"


def test_without_a_script_the_page_comes_back_with_the_text(client: Client, draft: Dossier) -> None:
    sent = {"seen-title": 0, "title": "Un titre gardé", "seen-need": 0, "need": "Un texte gardé"}
    with held(draft), impatient():
        answer = client.post(f"/dossiers/{draft.pk}/sections/projet/", sent)
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "Le serveur est occupé" in page
    assert "Un titre gardé" in page
    assert "Un texte gardé" in page


def test_out_of_order_twice_and_from_a_dead_session(client: Client, draft: Dossier) -> None:
    assert send(client, draft, "deux", 2).json()["status"] == "saved"
    assert send(client, draft, "un", 1).json()["status"] == "late"
    assert send(client, draft, "deux", 2).json()["status"] == "unchanged"
    client.logout()
    dead = send(client, draft, "trois", 3)
    assert (dead.status_code, dead.json()["status"]) == (401, "session")
    assert value(draft) == "deux"


def test_after_filing_and_after_the_draft_is_gone(client: Client, draft: Dossier, signatory: User) -> None:
    filled.fill(draft, signatory)
    filled.file_now(draft, signatory)
    said = send(client, draft, "Changé après le dépôt", 1, seen=1).json()
    assert said["status"] == "saved"  # until the closing; the filing stands
    assert "Changé" not in Dossier.objects.get().snapshot.text  # type: ignore[union-attr]
    assert [one.value for one in history(draft, "need")] == [filled.ANSWERS["need"]]
    assert (
        client.post("/dossiers/999999/reponses/need/", "{}", content_type="application/json").status_code
        == 404
    )
