"""The ZIP of files: what is in it, what is not and why, names that harm nothing, reads recorded once."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Organisation, User
from applications import packing
from applications.actions.files import mark_infected
from applications.models import Attachment, Dossier
from tests import factories
from tests.applications.checked import closed, filed, signed_in
from tests.applications.filled import PDF, file_now, make_filled, pdf
from tests.fixtures_calls import Flin
from web import clock, export_jobs
from web.models import Export
from workflows.models import Event

__all__ = ["closed", "filed"]

pytestmark = pytest.mark.django_db


def opened(data: bytes) -> tuple[zipfile.ZipFile, list[list[str]]]:
    """A ZIP that is whole, and the lines of its list."""
    found = zipfile.ZipFile(io.BytesIO(data))
    assert found.testzip() is None
    text = found.read(packing.LIST).decode("utf-8-sig")
    return found, list(csv.reader(io.StringIO(text), delimiter=";"))[1:]


def of(user: User, dossier: Dossier, query: str = "") -> tuple[zipfile.ZipFile, list[list[str]]]:
    """The ZIP of a dossier as a browser gets it."""
    answer = signed_in(user).get(f"/dossiers/{dossier.pk}/pieces.zip{query}")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("attachment")
    return opened(b"".join(answer.streaming_content))  # type: ignore[attr-defined]


def test_one_dossier(ready: Dossier, flin: Flin, signatory: User) -> None:
    url = f"/dossiers/{ready.pk}/pieces.zip"
    assert signed_in(signatory).get(url).status_code == 404  # a draft
    Attachment.objects.update(name="Été = fuite:\t..\\..\\x.pdf")
    file_now(ready, signatory)
    ready.refresh_from_db()
    row = ready.attachments.get()
    found, lines = of(signatory, ready)
    (path, last) = found.namelist()
    assert last == packing.LIST
    assert path == f"{ready.number}/resolution/x.pdf"
    assert found.read(path) == PDF
    assert lines[0][2] == path
    assert lines[0][5] == "sha256:" + hashlib.sha256(PDF).hexdigest() == row.digest
    assert lines[0][6] == "joint, empreinte vérifiée"
    assert not Event.objects.filter(verb="applications.dossier.zip").exists()
    for user in (flin.analyst, factories.make_user()):
        assert signed_in(user).get(url).status_code == 404
    assert signed_in(signatory).get(f"{url}?version=9").status_code == 404
    with time_machine.travel(ready.call.closes_at + timedelta(days=1), tick=False):
        of(flin.analyst, ready)
        assert signed_in(flin.analyst).head(url).status_code == 200
        event = Event.objects.get(verb="applications.dossier.zip")
        assert event.actor == f"user:{flin.analyst.pk}"
        assert event.data["files"] == [row.pk]
        page = signed_in(flin.auditor).get(f"/dossiers/{ready.pk}/fichiers/").content.decode()
        assert "Tous les fichiers (ZIP)" in page


def test_what_is_withheld_gone_or_changed_is_told(closed: Dossier, signatory: User, settings: Any) -> None:
    row = closed.attachments.get()
    from django.core.files.storage import default_storage

    with default_storage.open(row.path, "wb") as file:
        file.write(b"%PDF-1.7 autre")
    found, lines = of(signatory, closed)
    assert len(found.namelist()) == 2
    assert "n’est plus celle du dépôt" in lines[0][6]
    default_storage.delete(row.path)
    found, lines = of(signatory, closed)
    assert found.namelist() == [packing.LIST]
    assert "n’est pas disponible" in lines[0][6]
    mark_infected(row, actor=signatory)
    found, lines = of(signatory, closed)
    assert found.namelist() == [packing.LIST]
    assert "logiciel malveillant" in lines[0][6]
    assert lines[0][3] == row.name
    settings.FILE_SCANNER = "tcp://127.0.0.1:9"
    for scan, words in {"waiting": "pas encore reconnu sain", "failed": "pas pu être analysé"}.items():
        Attachment.objects.update(scan=scan)
        found, lines = of(signatory, closed)
        assert found.namelist() == [packing.LIST]
        assert words in lines[0][6]
        assert "malveillant" not in lines[0][6]


def test_several_dossiers(
    closed: Dossier, flin: Flin, signatory: User, adstock: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.make_org("10043")
    person = factories.make_user()
    factories.make_member(person, other, "signatory")
    with time_machine.travel(closed.call.closes_at - timedelta(days=1), tick=False):
        second = make_filled(flin.call, other, person)
        file_now(second, person)
    monkeypatch.setattr(packing, "BATCH", 1)
    keys, steps = [second.pk, closed.pk, 999_999], []
    data = b"".join(packing.chunks(flin.analyst, keys, steps.append))
    found, lines = opened(data)
    assert [line[0] for line in lines] == [Dossier.objects.get(pk=pk).number for pk in keys[:2]]
    assert len(found.namelist()) == 3
    assert [[one.pk for one in step] for step in steps] == [[second.pk], [closed.pk], []]
    assert Event.objects.filter(verb="applications.dossier.zip").count() == 2
    assert packing.is_short(Dossier.objects.all())
    monkeypatch.setattr(packing, "MOST_AT_ONCE", 1)
    assert not packing.is_short(Dossier.objects.all())
    # before the closing the ministry reads no content; a stranger finds nothing at all
    with time_machine.travel(closed.call.closes_at - timedelta(hours=1), tick=False):
        found, lines = opened(b"".join(packing.chunks(flin.analyst, keys)))
        assert found.namelist() == [packing.LIST]
        assert {line[6] for line in lines} == {"absent : le contenu se lit à la fermeture de l’appel"}
        assert all(not any(line[1:6]) for line in lines)
    assert opened(b"".join(packing.chunks(factories.make_user(), keys)))[1] == []


def test_the_files_of_a_view_at_once_or_by_a_worker(
    closed: Dossier, flin: Flin, signatory: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, url = signed_in(flin.manager), "/exporter/dossiers/"
    assert "Fichiers (ZIP)" in client.get("/dossiers/").content.decode()
    answer = client.post(url, {"format": "zip"})
    found, lines = opened(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert found.namelist() == [f"{closed.number}/resolution/resolution.pdf", packing.LIST]
    nothing = client.post(f"{url}?q=introuvable", {"format": "zip"})
    assert opened(b"".join(nothing.streaming_content))[1] == []  # type: ignore[attr-defined]
    assert signed_in(signatory).post(url, {"format": "zip"}).status_code == 404
    monkeypatch.setattr(packing, "MOST", 1)
    told = client.post(url, {"format": "zip"}, follow=True)
    assert "un ZIP en porte" in told.content.decode()
    monkeypatch.setattr(packing, "MOST", 10**9)
    monkeypatch.setattr(packing, "DOSSIERS_AT_ONCE", 0)
    page = client.post(url, {"format": "zip"})
    assert page.status_code == 303
    assert export_jobs.run_due() == 1
    job = Export.objects.get()
    assert (job.status, job.done) == ("done", 1)
    answer = client.get(f"/exports/{job.pk}/fichier/")
    assert opened(b"".join(answer.streaming_content))[1] == lines  # type: ignore[attr-defined]
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):  # the file was a danger after all
        mark_infected(closed.attachments.get(), actor=signatory)
        assert client.get(f"/exports/{job.pk}/fichier/").status_code == 303
        assert export_jobs.run_due() == 1
        answer = client.get(f"/exports/{job.pk}/fichier/")
        found, lines = opened(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert found.namelist() == [packing.LIST]
    assert "logiciel malveillant" in lines[0][6]


def test_twins_are_numbered(flin: Flin, ready: Dossier, signatory: User) -> None:
    from applications.actions.files import add_file
    from applications.fields import questions

    many = next(one for one in questions(ready.edition.content) if one.type == "file" and one.multiple)
    for number, name in enumerate(("Devis.pdf", "devis.PDF", "=devis.pdf")):
        add_file(ready, many, pdf(name), actor=signatory, upload_key=f"k{number}")
    file_now(ready, signatory)
    found, lines = of(signatory, ready)
    names = [name.rpartition("/")[2] for name in found.namelist() if f"/{many.code}/" in name]
    assert names == ["Devis.pdf", "devis (2).PDF", "=devis.pdf"]
    assert any(line[3] == "'=devis.pdf" for line in lines)


@given(st.text(max_size=300))
def test_a_part_of_a_path_is_one_part(name: str) -> None:
    part = packing.safe_part(name)
    assert part not in ("", ".", "..")
    assert not set(part) & set('/\\:*?"<>|\x00')
    assert part[0] not in ". "
    assert part[-1] not in ". "
    assert len(part) <= packing.LONGEST + 21
    assert part.split(".")[0].lower() not in packing.RESERVED
