"""Files in quarantine: a real scanner finds, clears or cannot take them; away, it makes them wait, never clean."""

from __future__ import annotations

import io
import socket
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from applications import parsing, quarantine, scanning
from applications.actions.answers import question_in
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

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
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
def test_a_big_file_that_does_not_open_is_never_clean(scanner: str, ready: Dossier, signatory: User) -> None:
    row = received(ready, signatory, b"%PDF-1.7\n" + b"0" * (parsing.AT_ONCE + 1))
    quarantine.run_due()
    row.refresh_from_db()
    assert row.scan == "failed"
    assert not scanning.is_readable(row.scan)
    assert "abîmé" in row.scan_note
    client = signed_in(signatory)
    assert "abîmé" in client.get(address(row)).content.decode()
    code = question_in(ready, "resolution").section
    assert "abîmé" in client.get(f"/dossiers/{ready.pk}/sections/{code}/").content.decode()


@pytest.mark.clamav
def test_what_goes_past_the_scanners_limits_is_never_clean(scanner: str) -> None:
    """Twenty packages, each in another: deeper than it looks."""
    data = b"a"
    for _turn in range(20):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as made:
            made.writestr("a.zip", data)
        data = packed.getvalue()
    with pytest.raises(quarantine.Unscannable):
        quarantine.scan(io.BytesIO(data))


def test_the_address_that_production_ships_is_one_the_worker_reads(settings: Any) -> None:
    for address in (COMPOSE["services"]["worker"]["environment"]["FILE_SCANNER"], "127.0.0.1:9"):
        settings.FILE_SCANNER = address
        with pytest.raises(quarantine.Away):
            quarantine.version()


def test_the_scanner_that_production_ships_takes_every_upload(settings: Any) -> None:
    lines = (ROOT / "deploy" / "clamd.conf").read_text(encoding="utf-8").splitlines()
    given = dict(line.split() for line in lines if line and not line.startswith("#"))
    most = {
        "StreamMaxLength": settings.FILE_MAX_BYTES,
        "MaxFileSize": parsing.MOST_PART,
        "MaxScanSize": parsing.MOST_UNPACKED + settings.FILE_MAX_BYTES,
    }
    for name, size in most.items():
        assert int(given[name].removesuffix("M")) * 1_048_576 > size, name
    assert given["AlertExceedsMax"] == "yes"
    assert int(given["MaxScanTime"]) < quarantine.TIMEOUT * 1000
    assert "./deploy/clamd.conf:/etc/clamav/clamd.conf:ro" in COMPOSE["services"]["clamav"]["volumes"]


def test_one_file_that_cannot_be_read_never_stops_the_others(
    away: str, ready: Dossier, signatory: User, settings: Any
) -> None:
    Attachment.objects.update(scan="clean")
    settings.FILE_SCANNER = "http://nobody"  # a fault that nothing foresaw
    row = received(ready, signatory)
    assert quarantine.run_due() == 0
    row.refresh_from_db()
    assert (row.scan, row.scan_tries, row.scan_lease_until) == ("waiting", 1, None)


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
