"""Files in quarantine: a real scanner finds, clears or cannot take them; away, it makes them wait, never clean."""

from __future__ import annotations

import socket
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from applications import quarantine, scanning
from applications.actions.files import add_file
from applications.models import Attachment, CompletionRequest, Dossier
from notifications.models import Message
from tests import services
from tests.applications import filled
from tests.applications.checked import signed_in
from tests.fixtures_calls import Flin
from web import clock
from workflows import deliveries
from workflows.models import Event

pytestmark = pytest.mark.django_db
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE" + b"!$H+H*"
BAD = filled.PDF.replace(b"%PDF-1.7\n", b"%PDF-1.7\n%" + EICAR + b"\n")


@pytest.fixture
def scanner(settings: Any) -> str:
    """The real one."""
    settings.FILE_SCANNER = services.clamav()
    return str(settings.FILE_SCANNER)


@pytest.fixture
def away(settings: Any) -> str:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.FILE_SCANNER = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    return str(settings.FILE_SCANNER)


def received(
    ready: Dossier, signatory: User, data: bytes = filled.PDF, name: str = "resolution.pdf"
) -> Attachment:
    upload = SimpleUploadedFile(name, data, content_type="application/pdf")
    return add_file(ready, "resolution", upload, actor=signatory)


def address(row: Attachment) -> str:
    return f"/dossiers/{row.dossier_id}/pieces/{row.pk}/fichier/"


def given(client: Client, row: Attachment) -> bytes:
    """The bytes of a file that is given."""
    answer: Any = client.get(address(row))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


@pytest.mark.clamav
def test_quarantined_then_clean_then_given(scanner: str, ready: Dossier, signatory: User) -> None:
    Attachment.objects.update(scan="clean")
    row = received(ready, signatory)
    assert row.scan == "waiting"
    client = signed_in(signatory)
    kept = client.get(address(row))
    assert kept.status_code == 409
    assert "en cours d’analyse" in kept.content.decode()
    assert quarantine.run_due() >= 1
    row.refresh_from_db()
    assert row.scan == "clean"
    assert row.scanned_by.startswith("ClamAV")
    assert row.scanned_at is not None
    assert given(client, row) == filled.PDF
    told = Event.objects.get(verb="applications.dossier.file_scanned")
    assert told.data["file"] == row.pk
    assert told.actor == "system:scanner"
    assert not quarantine.due().filter(pk=row.pk).exists()


@pytest.mark.clamav
def test_infected_after_filing_is_withheld_and_asked_for_again(
    scanner: str, flin: Flin, ready: Dossier, signatory: User
) -> None:
    Attachment.objects.filter(dossier=ready).update(scan="clean")
    row = received(ready, signatory, BAD)
    filled.file_now(ready, signatory)
    ready.refresh_from_db()
    filed_at = ready.filed_at
    with time_machine.travel(flin.call.closes_at + timedelta(days=1), tick=False):
        quarantine.run_due()
        row.refresh_from_db()
        ready.refresh_from_db()
        assert row.scan == "infected"
        assert "Eicar" in row.scan_note
        assert ready.state == "with_applicant"
        assert ready.filed_at == filed_at
        request = CompletionRequest.objects.get(dossier=ready)
        assert request.asked_by is None
        assert [one.question for one in request.items.all()] == ["resolution"]
        assert signed_in(signatory).get(address(row)).status_code == 409
        assert signed_in(flin.analyst).get(address(row)).status_code == 404
        page = signed_in(flin.analyst).get(f"/dossiers/{ready.pk}/completude/")
        assert "Demandés par l’analyse des fichiers" in page.content.decode()
        quarantine.run_due()
    assert CompletionRequest.objects.filter(dossier=ready).count() == 1


@pytest.mark.clamav
def test_infected_before_the_closing_is_withheld_and_blocks_the_next_filing(
    scanner: str, ready: Dossier, signatory: User
) -> None:
    row = received(ready, signatory, BAD)
    filled.file_now(ready, signatory)
    quarantine.run_due()
    row.refresh_from_db()
    ready.refresh_from_db()
    assert row.scan == "infected"
    assert ready.state == "in_progress"
    page = signed_in(signatory).get(f"/dossiers/{ready.pk}/verification/").content.decode()
    assert "logiciel malveillant" in page
    while deliveries.run_due():
        pass
    told = Message.objects.get(kind="file_withheld", to_email=signatory.email)
    assert ready.number in told.body


@pytest.mark.clamav
def test_what_the_scanner_cannot_take_is_never_clean(
    scanner: str, ready: Dossier, signatory: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = received(ready, signatory)
    monkeypatch.setattr(quarantine.parsing, "check", _refuse)
    quarantine.run_due()
    row.refresh_from_db()
    assert row.scan == "failed"
    assert not scanning.is_readable(row.scan)
    assert "abîmé" in row.scan_note


def _refuse(stored: Any, name: str) -> None:
    raise scanning.BadFile("Il est abîmé.")


@pytest.mark.clamav
def test_a_stream_longer_than_the_scanner_takes_is_no_verdict_of_clean(scanner: str, tmp_path: Any) -> None:
    long = tmp_path / "long"
    with long.open("wb") as file:
        file.truncate(31 * 1024 * 1024)
    with long.open("rb") as stored, pytest.raises((quarantine.Unscannable, quarantine.Away)):
        quarantine.scan(stored)


def test_a_scanner_that_is_away_makes_it_wait_longer_and_longer(
    away: str, ready: Dossier, signatory: User
) -> None:
    Attachment.objects.update(scan="clean")
    row = received(ready, signatory)
    assert quarantine.run_due() == 0
    row.refresh_from_db()
    assert (row.scan, row.scan_tries) == ("waiting", 1)
    assert not quarantine.due().exists()
    page = signed_in(signatory).get(f"/dossiers/{ready.pk}/verification/").content.decode()
    assert "le service d’analyse ne répond pas" in page
    filled.file_now(ready, signatory)
    ready.refresh_from_db()
    assert ready.state == "in_progress"
    assert row.scan_due_at is not None
    first = row.scan_due_at - clock.now()
    with time_machine.travel(row.scan_due_at + timedelta(seconds=1), tick=False):
        assert quarantine.run_due() == 0
        row.refresh_from_db()
        assert row.scan_due_at - clock.now() > first


def test_a_scanner_that_hangs_is_left_and_the_file_waits(
    settings: Any, ready: Dossier, signatory: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "TIMEOUT", 0.3)
    Attachment.objects.update(scan="clean")
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        settings.FILE_SCANNER = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        row = received(ready, signatory)
        assert quarantine.run_due() == 0
    row.refresh_from_db()
    assert (row.scan, row.scan_tries, row.scan_lease_until) == ("waiting", 1, None)


@pytest.mark.clamav
def test_files_received_before_a_scanner_was_set_are_scanned_too(
    settings: Any, ready: Dossier, signatory: User
) -> None:
    row = ready.attachments.get()
    assert row.scan == "not_scanned"
    assert given(signed_in(signatory), row) == filled.PDF
    settings.FILE_SCANNER = services.clamav()
    assert signed_in(signatory).get(address(row)).status_code == 409
    quarantine.run_due()
    row.refresh_from_db()
    assert row.scan == "clean"


def test_nothing_is_scanned_without_a_scanner(ready: Dossier) -> None:
    assert quarantine.run_due() == 0
    assert set(ready.attachments.values_list("scan", flat=True)) == {"not_scanned"}


def test_two_workers_never_take_the_same_file(away: str, ready: Dossier, signatory: User) -> None:
    Attachment.objects.update(scan="clean")
    row = received(ready, signatory)
    assert quarantine._claim() == row
    assert quarantine._claim() is None
    with time_machine.travel(clock.now() + quarantine.LEASE + timedelta(seconds=1), tick=False):
        assert quarantine._claim() == row
