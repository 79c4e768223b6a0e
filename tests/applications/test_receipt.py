"""The receipt, and what may be done with a draft: printed, copied, deleted."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from applications.models import Dossier
from tests import factories
from tests.applications.filled import file_now
from tests.fixtures_calls import Flin
from workflows.models import Event

pytestmark = pytest.mark.django_db


def test_the_receipt_is_there_at_once(client: Client, ready: Dossier, signatory: User) -> None:
    snapshot = file_now(ready, signatory)
    ready.refresh_from_db()
    client.force_login(signatory)
    place = Event.objects.get(verb="applications.dossier.submit")
    page = client.get(f"/dossiers/{ready.pk}/accuse/1/").content.decode()
    for wanted in (
        ready.number,
        snapshot.code,
        "heure de l’Est",
        " s, ",
        "resolution.pdf",
        place.hash,
    ):
        assert wanted.replace(" s, ", "\u00a0s, ") in page
    assert snapshot.digest.removeprefix("sha256:")[:4] in page
    assert "Modifier et déposer de nouveau" in page
    assert client.get(f"/dossiers/{ready.pk}/accuse/2/").status_code == 404
    assert client.get(f"/dossiers/{ready.pk}/accuse/1/etat/").status_code == 200


def test_an_earlier_receipt_says_that_it_was_replaced(
    client: Client, ready: Dossier, signatory: User
) -> None:
    file_now(ready, signatory)
    file_now(ready, signatory, key="cle-2")
    client.force_login(signatory)
    assert "remplacée depuis" in client.get(f"/dossiers/{ready.pk}/accuse/1/").content.decode()


def test_nobody_else_reads_it(client: Client, ready: Dossier, signatory: User, flin: Flin) -> None:
    file_now(ready, signatory)
    client.force_login(factories.make_user())
    assert client.get(f"/dossiers/{ready.pk}/accuse/1/").status_code == 404
    client.force_login(flin.analyst)
    assert client.get(f"/dossiers/{ready.pk}/accuse/1/").status_code == 403


def test_a_draft_prints_with_every_answer(client: Client, ready: Dossier, signatory: User) -> None:
    client.force_login(signatory)
    page = client.get(f"/dossiers/{ready.pk}/imprimer/").content.decode()
    assert "non analysé" in page
    assert "Brouillon" in page
    assert "Quatre débitmètres et trente enregistreurs." in page


def test_a_copy_carries_answers_and_no_declaration(client: Client, ready: Dossier, signatory: User) -> None:
    client.force_login(signatory)
    client.get(f"/dossiers/{ready.pk}/copier/")
    assert client.post(f"/dossiers/{ready.pk}/copier/").status_code == 303
    copy = Dossier.objects.exclude(pk=ready.pk).get()
    assert copy.answers.filter(question="need").exists()
    assert not copy.answers.filter(question="declaration").exists()


def test_deleting_asks_first_and_never_takes_a_filing(
    client: Client, ready: Dossier, signatory: User
) -> None:
    client.force_login(signatory)
    address = f"/dossiers/{ready.pk}/supprimer/"
    assert "définitif" in client.get(address).content.decode()
    assert client.post(address).status_code == 422
    file_now(ready, signatory)
    assert client.post(address, {"sure": "1"}).status_code == 303
    assert Dossier.objects.filter(pk=ready.pk).exists()


def test_a_draft_deleted_is_gone(client: Client, ready: Dossier, signatory: User) -> None:
    client.force_login(signatory)
    assert client.post(f"/dossiers/{ready.pk}/supprimer/", {"sure": "1"}).status_code == 303
    assert not Dossier.objects.exists()
