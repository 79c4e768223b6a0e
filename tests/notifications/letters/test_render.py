"""What a reader, a screen reader and an archive find in the documents."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest

from notifications.letters import fonts
from notifications.letters.render import render, render_checked
from tests.notifications.letters.reading import (
    code_on,
    elements,
    faces,
    folded,
    page_words,
    source_words,
    spoken,
    structure,
    tool,
)
from tests.notifications.letters.samples import KINDS

OURS = set(fonts.FILES)
kinds = pytest.mark.parametrize("kind", sorted(KINDS))


@kinds
def test_structure_says_the_words_of_the_source_in_order(kind: str, files: dict[str, Path]) -> None:
    expected = source_words(KINDS[kind]())
    if kind == "refusal":  # one page, so the short words beside the code
        expected = expected.rsplit(" La page confirme", 1)[0]
    assert spoken(files[kind]) == expected


@kinds
def test_one_title_and_no_level_skipped(kind: str, files: dict[str, Path]) -> None:
    levels = [int(name[1]) for name, _ in structure(files[kind]) if re.fullmatch(r"H\d", name)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@kinds
def test_only_our_faces_all_embedded(kind: str, files: dict[str, Path]) -> None:
    assert faces(files[kind]) <= OURS - {fonts.LAST_RESORT}


@kinds
def test_two_renders_are_equal(kind: str, files: dict[str, Path]) -> None:
    assert render(KINDS[kind]()) == files[kind].read_bytes()


@pytest.mark.parametrize(("seed", "zone"), [("1", "Asia/Tokyo"), ("4242", "America/St_Johns")])
def test_same_bytes_in_another_process_and_time_zone(seed: str, zone: str, files: dict[str, Path]) -> None:
    program = (
        "import hashlib; from notifications.letters.render import render; "
        "from tests.notifications.letters.samples import KINDS; "
        "[print(k, hashlib.sha256(render(KINDS[k]())).hexdigest()) for k in sorted(KINDS, reverse=True)]"
    )
    environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone}
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=root, capture_output=True, text=True, check=True
    )
    told = dict(line.split() for line in done.stdout.splitlines())
    assert told == {kind: hashlib.sha256(path.read_bytes()).hexdigest() for kind, path in files.items()}


@kinds
def test_code_is_read_from_the_picture(kind: str, files: dict[str, Path]) -> None:
    document = KINDS[kind]()
    assert document.verification is not None
    assert code_on(files[kind], render_checked(document).pages) == document.verification.address


@kinds
def test_properties_agree_with_the_metadata(kind: str, files: dict[str, Path]) -> None:
    document = KINDS[kind]()
    with pikepdf.open(files[kind]) as pdf:
        packet = pdf.Root.Metadata.read_bytes().decode()
        info = pdf.docinfo
        assert str(info.Title) == folded(document.title)
        assert f'<rdf:li xml:lang="x-default">{folded(document.title)}</rdf:li>' in packet
        assert f"<rdf:li>{info.Author}</rdf:li>" in packet
        assert f"<pdf:Producer>{info.Producer}</pdf:Producer>" in packet
        assert f"<xmp:CreatorTool>{info.Creator}</xmp:CreatorTool>" in packet
        stamp = document.issued.strftime("%Y%m%d%H%M%S")
        assert str(info.CreationDate) == str(info.ModDate) == f"D:{stamp}+00'00'"
        assert packet.count(document.issued.strftime("%Y-%m-%dT%H:%M:%S+00:00")) == 2
        assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in packet
        assert "<pdfuaid:part>1</pdfuaid:part>" in packet
        assert str(pdf.Root.Lang) == ("fr-CA" if document.language == "fr" else "en-CA")


@kinds
def test_every_text_is_marked_and_known_to_the_tree(kind: str, files: dict[str, Path]) -> None:
    with pikepdf.open(files[kind]) as pdf:
        numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        tree = dict(zip(numbers[::2], numbers[1::2], strict=True))
        for index, page in enumerate(pdf.pages):
            assert page.obj.StructParents == index
            assert page.obj.Tabs == pikepdf.Name.S
            marks = list(_marks(page))
            assert marks == list(range(len(tree[index])))
            for place, annotation in enumerate(page.obj.get("/Annots", [])):
                element = tree[int(annotation.StructParent)]
                assert pikepdf.Name.Link == element.S
                assert any(
                    not isinstance(kid, int) and kid.get("/Obj", None) == annotation for kid in element.K
                ), place
                assert annotation.F == 4
                assert str(annotation.Contents)


def _marks(page: pikepdf.Page) -> list[int]:
    """Return the marks of a page in order, and fail on text outside any mark or on an empty mark."""
    found: list[int] = []
    open_marks: list[str] = []
    for instruction in pikepdf.parse_content_stream(page):
        operator = str(instruction.operator)
        if operator == "BDC":
            assert not open_marks, "a mark inside a mark"
            open_marks.append("tag")
            found.append(int(instruction.operands[1].MCID))
        elif operator == "BMC":
            assert not open_marks
            open_marks.append("artifact")
        elif operator == "EMC":
            open_marks.pop()
        elif operator in {"Tj", "TJ", "S", "f", "f*", "B", "Do"}:
            assert open_marks, f"{operator} outside any mark"
    assert not open_marks
    return found


@kinds
def test_tables_lists_and_figures_carry_what_a_screen_reader_needs(kind: str, files: dict[str, Path]) -> None:
    with pikepdf.open(files[kind]) as pdf:
        for name, element in elements(pdf):
            if name == "Table":
                assert pikepdf.Name.Caption == element.K[0].S
            elif name == "TH":
                assert str(element.A.Scope) in {"/Row", "/Column"}
            elif name == "Figure":
                assert str(element.Alt).strip()
                assert len(element.A.BBox) == 4
            elif name == "L":
                assert str(element.A.ListNumbering) in {"/Decimal", "/Disc"}
            elif name == "LI":
                assert [str(kid.S) for kid in element.K] == ["/Lbl", "/LBody"]


def test_foreign_words_and_hashes_keep_their_language_and_whole_form(files: dict[str, Path]) -> None:
    with pikepdf.open(files["acceptance"]) as pdf:
        spans = [element for name, element in elements(pdf) if name == "Span"]
        assert "en-CA" in {str(span.get("/Lang", "")) for span in spans}
        assert "1er" in {str(span.get("/ActualText", "")) for span in spans}
    with pikepdf.open(files["receipt"]) as pdf:
        digests = {str(element.get("/ActualText", "")) for name, element in elements(pdf) if name == "Span"}
        assert sum(len(digest) == 64 for digest in digests) == 4


def test_footers_count_the_pages_in_the_language_of_the_document(files: dict[str, Path]) -> None:
    assert "Page 1 de 2" in page_words(files["acceptance"], 1)
    assert "Page 2 de 2" in page_words(files["acceptance"], 2)
    assert "Code de vérification K7QF-2M9X-T4RD-8HW3" in page_words(files["acceptance"], 1)
    assert "Page 1 of 1" in page_words(files["english"], 1)
    assert "Verification code HJ42-99XW-A0BC-DE7F" in page_words(files["english"], 1)


def test_minutes_have_an_outline_and_letters_have_none(files: dict[str, Path]) -> None:
    with pikepdf.open(files["minutes"]) as pdf, pdf.open_outline() as outline:
        assert outline.root[0].title == "Procès-verbal du comité d’évaluation"
        assert [item.title[:2] for item in outline.root[0].children] == ["1.", "2.", "3.", "4."]
    with pikepdf.open(files["acceptance"]) as pdf:
        assert "/Outlines" not in pdf.Root


def test_a_refusal_that_fits_stays_on_one_page() -> None:
    assert render_checked(KINDS["refusal"]()).pages == 1


def test_the_paper_is_us_letter(files: dict[str, Path]) -> None:
    assert "612 x 792" in tool("pdfinfo", str(files["refusal"]))


def test_the_colour_profile_is_the_one_we_ship() -> None:
    profile = (fonts.FOLDER / "sRGB.icc").read_bytes()
    assert len(profile) == 588
    assert (
        hashlib.sha256(profile).hexdigest()
        == "81d313ce695fe3d921806c24018e87561b90127a69057797cfe20f9b508359b8"
    )
