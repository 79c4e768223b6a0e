"""Extension, content and parser agree: what acts by itself, hides other files or does not open is refused, in words."""

from __future__ import annotations

import contextlib
import io
import random
import zipfile
from typing import Any

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from applications import parsing
from applications.scanning import BadFile
from tests.applications import filled


def pdf(change: Any = None, password: str = "") -> bytes:
    """A PDF of one page, changed."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(72, 72)
    if change:
        change(writer)
    if password:
        writer.encrypt(password)
    writer.write(out)
    return out.getvalue()


def launching(writer: PdfWriter) -> None:
    """Runs a program when it opens."""
    action = DictionaryObject(
        {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("calc.exe")}
    )
    writer.root_object[NameObject("/OpenAction")] = action


def speaking(writer: PdfWriter) -> None:
    """Runs a script when it opens."""
    script = {
        NameObject("/S"): NameObject("/JavaScript"),
        NameObject("/JS"): TextStringObject("app.alert(1)"),
    }
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(script)


def marked(action: DictionaryObject, kind: str = "/Link") -> Any:
    """A mark on the first page that does something when somebody clicks."""

    def change(writer: PdfWriter) -> None:
        mark = {NameObject("/Subtype"): NameObject(kind), NameObject("/A"): action}
        writer.pages[0][NameObject("/Annots")] = ArrayObject([DictionaryObject(mark)])

    return change


def action(kind: str, **more: Any) -> DictionaryObject:
    return DictionaryObject(
        {NameObject("/S"): NameObject(kind), **{NameObject(f"/{k}"): v for k, v in more.items()}}
    )


def package(parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


def docx() -> bytes:
    out = io.BytesIO()
    made = Document()
    made.add_paragraph("Résolution 2026-02-034")
    made.save(out)
    return out.getvalue()


def docx_with(parts: dict[str, bytes]) -> bytes:
    """A real document, with more inside."""
    with zipfile.ZipFile(io.BytesIO(docx())) as real:
        kept = {name: real.read(name) for name in real.namelist()}
    return package(kept | parts)


def image(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, kind)
    return out.getvalue()


XLSX = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
ODT = {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<office/>"}
GOOD = {
    "a.pdf": pdf(),
    "b.pdf": filled.PDF,
    "lien.pdf": pdf(marked(action("/URI", URI=TextStringObject("https://jalon.example")))),
    "c.png": image(),
    "d.jpg": image("JPEG"),
    "e.docx": docx(),
    "f.xlsx": package(XLSX),
    "g.odt": package(ODT),
    "h.csv": "année;montant\n2026;80 000 $".encode("cp1252"),
    "i.txt": "L’Ange-Gardien <b>".encode(),
}
BAD = {
    "brise.pdf": (b"%PDF-1.7 autre", "abîmé"),
    "sans page.pdf": (filled.PDF.replace(b"/Count 1 /Kids [3 0 R]", b"/Count 0 /Kids []     "), "abîmé"),
    "clef.pdf": (pdf(password="secret"), "mot de passe"),
    "script.pdf": (pdf(speaking), "script"),
    "lance.pdf": (pdf(launching), "script"),
    "piece.pdf": (pdf(lambda w: w.add_attachment("x.exe", b"MZ")), "autres fichiers"),
    "clic.pdf": (pdf(marked(action("/JavaScript", JS=TextStringObject("app.alert(1)")))), "script"),
    "suite.pdf": (pdf(marked(action("/GoTo", Next=ArrayObject([action("/Launch")])))), "script"),
    "epingle.pdf": (pdf(marked(action("/GoTo"), "/FileAttachment")), "autres fichiers"),
    "coupe.png": (image()[:40], "abîmé"),
    "macro.docx": (docx_with({"word/vbaProject.bin": b"x"}), "macros"),
    "macro2.docx": (
        docx_with({"[Content_Types].xml": b"<T>application/vnd.ms-word.macroEnabled</T>"}),
        "macros",
    ),
    "ole.docx": (docx_with({"word/embeddings/oleObject1.bin": b"x"}), "autres fichiers"),
    "programme.docx": (docx_with({"word/media/x.exe": b"MZ"}), "autres fichiers"),
    "entite.docx": (docx_with({"word/document.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "abîmé"),
    "archive.docx": (package({"lettre.txt": b"x"}), "abîmé"),
    "bombe.xlsx": (package({**XLSX, "xl/worksheets/sheet1.xml": b"0" * 30_000_000}), "trop gros"),
    "types.docx": (
        docx_with({"[Content_Types].xml": b"<Types>" + random.Random(1).randbytes(1_200_000)}),
        "trop gros",
    ),
    "utf16.docx": (
        docx_with({"word/document.xml": '<?xml version="1.0"?><!DOCTYPE a><a/>'.encode("utf-16")}),
        "abîmé",
    ),
    "macro.odt": (package({**ODT, "Basic/Standard/Module1.xml": b"x"}), "macros"),
    "autre.ods": (package(ODT), "abîmé"),
    "nul.csv": (b"a;b\x00c", "abîmé"),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_opens_is_received(name: str) -> None:
    stored = io.BytesIO(GOOD[name])
    parsing.check(stored, name)
    assert stored.tell() == 0


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_is_refused_with_what_to_do(name: str) -> None:
    data, words = BAD[name]
    with pytest.raises(BadFile) as refused:
        parsing.check(io.BytesIO(data), name)
    assert words in str(refused.value)
    assert name in str(refused.value)


@pytest.mark.parametrize("name", ["b.pdf", "e.docx", "brise.pdf", "bombe.xlsx", "macro.docx"])
def test_a_process_of_its_own_says_the_same(name: str) -> None:
    stored = io.BytesIO(GOOD[name] if name in GOOD else BAD[name][0])
    said = []
    for check in (parsing.check, parsing.check_apart):
        try:
            check(stored, name)
            said.append("")
        except BadFile as refused:
            said.append(str(refused))
    assert said[0] == said[1]
    assert bool(said[0]) == (name in BAD)


def test_a_part_longer_than_the_scanner_reads_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MOST_PART", 500)
    with pytest.raises(BadFile, match="trop gros"):
        parsing.check(io.BytesIO(docx()), "a.docx")


def test_a_file_that_takes_for_ever_is_too_complex(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "PATIENCE", 0.01)
    with pytest.raises(BadFile, match="trop complexe"):
        parsing.check_apart(io.BytesIO(pdf()), "a.pdf")


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".xlsx", ".odt", ".ods", ".png", ".jpg", ".csv", ".txt"])
@given(data=st.data())
def test_any_bytes_are_received_or_refused_never_a_fault(suffix: str, data: st.DataObject) -> None:
    good = next((one for name, one in GOOD.items() if name.endswith(suffix)), package(ODT))
    cut = data.draw(st.integers(0, len(good)))
    noise = data.draw(st.binary(max_size=40))
    changed = good[:cut] + noise + good[cut + len(noise) :]
    with contextlib.suppress(BadFile):
        parsing.check(io.BytesIO(changed), f"x{suffix}")
