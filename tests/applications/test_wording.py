"""Words of attachments: read once they are clean, under limits, found by those who may read the dossier."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
import zlib
from copy import deepcopy
from typing import Any

import docx
import pytest
from django.core.files.storage import default_storage
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen import canvas

from accounts.models import User
from applications import extracting, wording
from applications.actions import files
from applications.models import Attachment, Dossier, Snapshot
from applications.models.attachment import ScanState
from applications.models.wording import Wording
from grants.models import Edition
from search.models import Indexed
from tests.applications import filled
from tests.applications.checked import signed_in
from web import clock
from workflows import deliveries
from workflows.actors import SystemActor

SCANNER = SystemActor("scanner")


def pdf(*pages: str, password: str = "") -> bytes:
    """A PDF with a line a page."""
    made = io.BytesIO()
    page = canvas.Canvas(made, encrypt=password or None)
    for text in pages:
        page.drawString(72, 700, text)
        page.showPage()
    page.save()
    return made.getvalue()


def word(*paragraphs: str, cell: str = "") -> bytes:
    """A DOCX with paragraphs and a table."""
    made, document = io.BytesIO(), docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if cell:
        document.add_table(rows=1, cols=1).cell(0, 0).text = cell
    document.save(made)
    return made.getvalue()


def bomb(megabytes: int) -> bytes:
    """A PDF of a few kilobytes whose one page swells."""
    zeros = zlib.compressobj(9)
    packed = b"".join(zeros.compress(b"0 " * (1 << 19)) for _ in range(megabytes)) + zeros.flush()
    body = [
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Count 1 /Kids [3 0 R]>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] /Contents 4 0 R /Resources <<>>>>",
        b"<</Length %d /Filter /FlateDecode>>\nstream\n%b\nendstream" % (len(packed), packed),
    ]
    made, places = b"%PDF-1.7\n", []
    for number, one in enumerate(body, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(made)
    return made + b"xref\n0 5\n0000000000 65535 f \n" + table + (
        b"trailer\n<</Size 5 /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
    )  # fmt: skip


def program(data: bytes, kind: str) -> dict[str, Any]:
    """What the program says of a file."""
    command = [sys.executable, "-m", "applications.extracting", kind]
    done = subprocess.run(command, input=data, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


# --- the program --------------------------------------------------------------------------------------
def test_words_of_a_pdf_and_of_a_docx() -> None:
    assert program(pdf("La patinoire", "se refroidit"), ".pdf") == {
        "text": "La patinoire\nse refroidit", "state": "read", "why": "",
    }  # fmt: skip
    said = program(word("L’été, la glace", "fond.", cell="Trois compresseurs"), ".docx")
    assert said["text"].split("\n") == ["L’été, la glace", "fond.", "Trois compresseurs"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", ".pdf"),
        (b"%PDF-1.7 rien", ".pdf"),
        (pdf("Patinoire", password="secret"), ".pdf"),
        (b"PK\x03\x04", ".docx"),
        (word("Patinoire")[:-400], ".docx"),
    ],
    ids=["empty", "torn", "locked", "no zip", "cut"],
)
def test_what_cannot_be_read_is_said(data: bytes, kind: str) -> None:
    said = program(data, kind)
    assert (said["state"], said["text"]) == ("unreadable", "")


def test_a_zip_that_swells_is_not_unpacked() -> None:
    made = io.BytesIO(word("Patinoire"))
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/media/image1.bin", b"\0" * (extracting.UNPACKED + 1))
    assert len(made.getvalue()) < 1_000_000
    assert program(made.getvalue(), ".docx")["why"] == "Unreadable"


def test_a_page_that_swells_ends_only_the_program() -> None:
    data = bomb(400)
    assert len(data) < 2_000_000
    said = program(data, ".pdf")
    assert said["text"].strip("0 \n") == ""


def test_a_long_file_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extracting, "CHARACTERS", 20)
    assert extracting.words_of(pdf("La patinoire", "se refroidit", "encore"), ".pdf") == (
        "La patinoire\nse refr", True,
    )  # fmt: skip
    monkeypatch.setattr(extracting, "PAGES", 1)
    assert extracting.words_of(pdf("Un", "Deux"), ".pdf")[0] == "Un"


@given(st.text(max_size=80))
@settings(max_examples=25, deadline=None)
def test_any_text_comes_back_without_signs_that_a_database_refuses(text: str) -> None:
    clean = "".join(one for one in text if one.isprintable())
    said, _is_cut = extracting.words_of(word(clean), ".docx")
    assert "\x00" not in said
    said.encode()  # no half of a pair
    assert said.split() == extracting.NOISE.sub(" ", clean).split()


def test_the_program_says_how_it_is_used() -> None:
    command = [sys.executable, "-m", "applications.extracting", ".exe"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


# --- in the index -------------------------------------------------------------------------------------
pytestmark_db = pytest.mark.django_db


def drain() -> None:
    while deliveries.run_due("search"):
        pass


def found(user: User, text: str) -> set[int]:
    rows = Dossier.objects.visible_to(user).matching(text, user, clock.now())
    return set(rows.values_list("pk", flat=True))


def with_words(dossier: Dossier, signatory: User, text: str) -> Attachment:
    """The file of the resolution replaced by one that says something."""
    files.add_file(dossier, "resolution", filled.pdf(data=pdf(text)), actor=signatory)
    return dossier.attachments.get(slot="resolution", removed_at=None)


@pytestmark_db
def test_words_of_a_file_are_found_once_it_is_clean(ready: Dossier, signatory: User) -> None:
    row = with_words(ready, signatory, "Les compresseurs de la patinoire")
    filled.file_now(ready, signatory)
    drain()
    assert row.scan == ScanState.NOT_SCANNED
    assert not found(signatory, "compresseur patinoire")
    assert not Wording.objects.exists()
    files.mark_scanned(row, ScanState.CLEAN, actor=SCANNER)
    drain()
    assert found(signatory, "compresseur patinoire") == {ready.pk}
    assert found(signatory, "compresseur debitmetre") == {ready.pk}  # one word in a file, one in an answer
    page = signed_in(signatory).get("/recherche/?q=compresseur").content.decode()
    assert "<mark>compresseurs</mark>" in page
    assert "Dans un fichier\u00a0:" in page
    read_at = Wording.objects.get(pk=row.pk).read_at
    default_storage.delete(row.path)
    filled.save_answer(ready, "need", "Autre besoin.", actor=signatory, seen_version=1)
    filled.file_now(ready, signatory, key="cle-2")
    drain()
    assert Wording.objects.get(pk=row.pk).read_at == read_at  # read once
    assert found(signatory, "compresseur patinoire") == {ready.pk}


@pytestmark_db
def test_a_file_found_infected_later_leaves_the_index(ready: Dossier, signatory: User) -> None:
    row = with_words(ready, signatory, "Les compresseurs")
    filled.file_now(ready, signatory)
    files.mark_scanned(row, ScanState.CLEAN, actor=SCANNER)
    drain()
    assert found(signatory, "compresseur")
    files.mark_infected(row, actor=SCANNER)
    drain()
    assert not found(signatory, "compresseur")
    assert Indexed.objects.get().files == ""


@pytestmark_db
def test_only_files_that_were_filed_and_that_all_may_read(ready: Dossier, signatory: User) -> None:
    old = with_words(ready, signatory, "Ancienne tuyauterie")
    files.remove_file(old, actor=signatory)
    row = with_words(ready, signatory, "Les compresseurs")
    filled.file_now(ready, signatory)
    late = with_words(ready, signatory, "Zamboni neuve")
    for one in (old, row, late):
        files.mark_scanned(one, ScanState.CLEAN, actor=SCANNER)
    drain()
    assert found(signatory, "compresseur")
    assert not found(signatory, "tuyauterie")
    assert not found(signatory, "zamboni")
    content = deepcopy(ready.edition.content)
    for part in content["form"]["sections"]:
        for question in part["questions"]:
            if question["code"] == "resolution":
                question["sensitivity"] = "personal"
    Edition.objects.filter(pk=Snapshot.objects.get().edition_id).update(body=json.dumps(content))
    files.mark_scanned(row, ScanState.FAILED, actor=SCANNER)
    files.mark_scanned(row, ScanState.CLEAN, actor=SCANNER)
    drain()
    assert not found(signatory, "compresseur")


@pytestmark_db
def test_a_file_that_cannot_be_read_is_found_by_its_name_only(ready: Dossier, signatory: User) -> None:
    row = ready.attachments.get(slot="resolution", removed_at=None)
    default_storage.delete(row.path)
    filled.file_now(ready, signatory)
    files.mark_scanned(row, ScanState.CLEAN, actor=SCANNER)
    drain()
    assert Wording.objects.get().state == "unreadable"
    assert found(signatory, "resolution.pdf") == {ready.pk}
    assert wording.extract(row) == Wording.objects.get()
