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


def test_an_infected_file_is_not_there_for_anybody_else(
    client: Client, ready: Dossier, signatory: User, flin: Flin
) -> None:
    file_now(ready, signatory)
    mark_infected(ready.attachments.get(), actor=signatory)
    with time_machine.travel(ready.call.closes_at + timedelta(days=1), tick=False):
        client.force_login(flin.analyst)
        assert client.get(url(ready)).status_code == 404
        client.force_login(signatory)
        answer = client.get(url(ready))
    assert answer.status_code == 409
    assert "retenu" in answer.content.decode()


def big(size: int, name: str = "releve.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF + b"0" * size, content_type="application/pdf")


def test_a_file_past_the_limit_never_reaches_the_disk(client: Client, draft: Dossier, settings: Any) -> None:
    settings.FILE_MAX_BYTES = 100_000
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    answer = add(client, draft, big(300_000))
    assert answer.status_code == 422
    assert "releve.pdf" in answer.json()["line"]
    assert "Réduisez-le" in answer.json()["line"]
    assert not draft.attachments.exists()
    assert add(client, draft, pdf()).status_code == 200


def test_far_past_the_limit_the_request_is_cut_with_a_sentence(
    client: Client, draft: Dossier, settings: Any
) -> None:
    settings.FILE_MAX_BYTES = 100_000
    answer = add(client, draft, big(2_000_000))
    assert answer.status_code == 413
    assert "trop gros" in answer.json()["line"]


def test_a_file_too_big_loses_nothing_that_was_typed_after_it(
    client: Client, draft: Dossier, settings: Any
) -> None:
    settings.FILE_MAX_BYTES = 100_000
    sent = {"resolution": big(300_000), "seen-resolution_number": 0, "resolution_number": "2026-02-034"}
    answer = client.post(f"/dossiers/{draft.pk}/sections/engagement/", sent)
    assert answer.status_code == 422
    assert "releve.pdf" in answer.content.decode()
    assert draft.answers.get(question="resolution_number").value == "2026-02-034"
    sent = {"seen-resolution_number": 1, "resolution_number": "2026-02-035", "resolution": big(2_000_000)}
    answer = client.post(f"/dossiers/{draft.pk}/sections/engagement/", sent)
    assert answer.status_code == 413
    assert "trop gros" in answer.content.decode()
    assert draft.answers.get(question="resolution_number").value == "2026-02-035"
