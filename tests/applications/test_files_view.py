"""Files: received once for a key, given as attachments to those who may, reads of the ministry recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Organisation, User
from applications.actions.drafts import start_dossier
from applications.actions.files import mark_infected
from applications.models import Dossier
from tests import factories
from tests.applications.filled import PDF, file_now, pdf
from tests.fixtures_calls import Flin
from workflows.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(flin: Flin, adstock: Organisation, signatory: User, client: Client) -> Dossier:
    client.force_login(signatory)
    return start_dossier(flin.call, adstock, actor=signatory)[0]


def add(client: Client, dossier: Dossier, upload: Any, key: str = "k") -> Any:
    sent = {"file": upload, "upload_key": key}
    return client.post(
        f"/dossiers/{dossier.pk}/pieces/resolution/", sent, headers={"Accept": "application/json"}
    )


def url(dossier: Dossier) -> str:
    return f"/dossiers/{dossier.pk}/pieces/{dossier.attachments.latest('pk').pk}/fichier/"


def test_a_retry_makes_one_file(client: Client, draft: Dossier) -> None:
    assert "resolution.pdf" in add(client, draft, pdf()).json()["html"]
    assert add(client, draft, pdf()).status_code == 200
    assert draft.attachments.count() == 1


def test_a_wrong_type_is_refused_with_a_sentence(client: Client, draft: Dossier) -> None:
    answer = add(
        client, draft, SimpleUploadedFile("resolution.pdf", b"<html>", content_type="application/pdf")
    )
    assert answer.status_code == 422
    assert answer.json()["line"]
    assert add(Client(), draft, pdf()).status_code == 401
    assert not draft.attachments.exists()


def test_a_file_is_an_attachment_that_runs_nothing(client: Client, draft: Dossier) -> None:
    add(client, draft, pdf())
    answer = client.get(url(draft))
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert not Event.objects.filter(verb="applications.dossier.file_read").exists()


def test_strangers_get_nothing_and_staff_wait_for_the_closing(
    client: Client, ready: Dossier, signatory: User, flin: Flin
) -> None:
    file_now(ready, signatory)
    client.force_login(factories.make_user())
    assert client.get(url(ready)).status_code == 404
    client.force_login(flin.analyst)
    assert client.get(url(ready)).status_code == 404
    with time_machine.travel(ready.call.closes_at + timedelta(days=1), tick=False):
        client.force_login(flin.analyst)
        answer = client.get(url(ready))
        assert answer.status_code == 200
        b"".join(answer.streaming_content)
    event = Event.objects.get(verb="applications.dossier.file_read")
    assert event.actor == f"user:{flin.analyst.pk}"


def test_an_infected_file_is_withheld_with_a_sentence(
    client: Client, draft: Dossier, signatory: User
) -> None:
    add(client, draft, pdf())
    mark_infected(draft.attachments.get(), actor=signatory)
    answer = client.get(url(draft))
    assert answer.status_code == 409
    assert "retenu" in answer.content.decode()
    assert "Content-Disposition" not in answer


def test_a_removed_file_leaves_its_slot(client: Client, draft: Dossier) -> None:
    add(client, draft, pdf())
    row = draft.attachments.get()
    answer = client.post(
        f"/dossiers/{draft.pk}/pieces/{row.pk}/retirer/", headers={"Accept": "application/json"}
    )
    assert "resolution.pdf" not in answer.json()["html"]
