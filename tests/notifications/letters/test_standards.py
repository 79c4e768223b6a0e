"""PDF/UA-1 and PDF/A-2a in one file, judged by veraPDF: every kind, in both languages, sealed or not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.db import transaction
from django.test import override_settings

from notifications.letters import document as d
from notifications.letters import fonts
from notifications.letters.render import render
from notifications.letters.seal import Sealer
from tests.notifications.certificates import pair
from tests.notifications.letters.judge import faults
from tests.notifications.letters.reading import elements, faces, folded, source_words, spoken, structure
from tests.notifications.letters.real import every_kind, papers_of_the_demo
from tests.notifications.letters.samples import KINDS
from tests.notifications.letters.test_hostile import hostile_letter, links, report, shifted

pytestmark = pytest.mark.django_db
LANGUAGES = ("fr", "en")


def _long() -> dict[str, d.Document]:
    """What is longer than anybody planned."""
    rows = tuple((f"Organisme {number}", "Un motif assez long. " * 6, f"{number} $") for number in range(60))
    columns = (d.Column("Organisme", "header"), d.Column("Motif"), d.Column("Somme", "amount"))
    table = d.Table("Longue liste", columns, rows, ("Total", "", "0 $"))
    words = d.Paragraph("Une phrase qui revient et qui ne dit rien de plus. " * 60)
    letter = replace(KINDS["acceptance"](), body=(words, d.Heading("Encore"), words, table, words))
    tall = d.Table("Réponses", (d.Column("Q", "header"), d.Column("R")), (("Une", "mot " * 2500),))
    return {"long-table": report(table), "long-letter": letter, "tall-row": report(tall)}


@pytest.fixture(scope="module")
def documents(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> dict[str, d.Document]:
    """Every document by name: the product's own in both languages, the samples, and the ones that mean harm."""
    from django.conf import settings

    place = str(tmp_path_factory.mktemp("files"))
    kept = settings.STORAGES["default"]
    own = {
        **settings.STORAGES,
        "default": {**kept, "OPTIONS": {**kept.get("OPTIONS", {}), "location": place}},
    }
    found: dict[str, d.Document] = {}
    for language in LANGUAGES:
        with django_db_blocker.unblock(), override_settings(STORAGES=own), transaction.atomic():
            found |= {f"{kind}-{language}": made for kind, made in every_kind(language).items()}
            transaction.set_rollback(True)
    found |= {f"sample-{kind}": make() for kind, make in KINDS.items()}
    return {**found, **_long(), "hostile": hostile_letter()}


@pytest.fixture(scope="module")
def rendered(documents: dict[str, d.Document], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A file for each document without a seal."""
    folder = tmp_path_factory.mktemp("plain")
    for name, document in documents.items():
        (folder / f"{name}.pdf").write_bytes(render(document))
    return {name: folder / f"{name}.pdf" for name in documents}


@pytest.fixture(scope="module")
def sealed(documents: dict[str, d.Document], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A file for each document with its seal, one in two with an RSA key."""
    folder = tmp_path_factory.mktemp("sealed")
    sealers = [Sealer(one.key, one.certificate) for one in (pair(), pair(rsa_bits=2048))]
    for number, (name, document) in enumerate(documents.items()):
        data = sealers[number % 2].seal(render(document, seal=True))
        (folder / f"{name}-sealed.pdf").write_bytes(data)
    return {name: folder / f"{name}-sealed.pdf" for name in documents}


# --- the judge ------------------------------------------------------------------------------------------
def _spoiled(source: Path, folder: Path, name: str, spoil: Callable[[pikepdf.Pdf], None]) -> Path:
    made = folder / f"{name}.pdf"
    with pikepdf.open(source) as pdf:
        spoil(pdf)
        pdf.save(made, fix_metadata_version=False)
    return made


def _no_language(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Lang


def _no_alternative(pdf: pikepdf.Pdf) -> None:
    for name, element in elements(pdf):
        if name == "Figure":
            del element.Alt


def _no_scope(pdf: pikepdf.Pdf) -> None:
    for name, element in elements(pdf):
        if name == "TH":
            del element.A


def _no_contents(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        for one in page.obj.get("/Annots", []):
            del one.Contents


def _no_parents(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.StructTreeRoot.ParentTree


def _no_tabs(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        del page.obj.Tabs


def _no_title_shown(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.ViewerPreferences


def _no_colours(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents


def _level_skipped(pdf: pikepdf.Pdf) -> None:
    for name, element in elements(pdf):
        if name == "H2":
            element.S = pikepdf.Name.H4


BROKEN = (
    *(_no_language, _no_alternative, _no_scope, _no_contents, _no_parents, _no_tabs),
    *(_no_title_shown, _no_colours, _level_skipped),
)


def _by_hand(path: Path) -> None:
    """A page as ReportLab writes it alone."""
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path))
    canvas.drawString(72, 720, "Une page sans balise.")
    canvas.save()


@pytest.mark.verapdf
def test_every_document_is_accessible_and_archivable_and_the_judge_is_awake(
    rendered: dict[str, Path], sealed: dict[str, Path], tmp_path: Path
) -> None:
    good = [*rendered.values(), *sealed.values()]
    for name, data in papers_of_the_demo().items():
        good.append(tmp_path / f"{name}.pdf")
        good[-1].write_bytes(data)
    source = rendered["sample-acceptance"]
    bad = [_spoiled(source, tmp_path, spoil.__name__, spoil) for spoil in BROKEN]
    bad += [tmp_path / "by-hand.pdf", tmp_path / "cut.pdf"]
    _by_hand(bad[-2])
    bad[-1].write_bytes(source.read_bytes()[:-3000])
    found = faults([*good, *bad])
    assert len(found) == len(good) + len(bad)
    assert len(good) >= 60
    assert {one.name: found[one.name] for one in good if found[one.name]} == {}
    assert [one.name for one in bad if not found[one.name]] == []


# --- what the judge does not see ------------------------------------------------------------------------
def unseen_faults(path: Path) -> list[str]:
    """The two faults that veraPDF lets pass: a caption that is not first, and a title told in two ways."""
    told = []
    with pikepdf.open(path) as pdf:
        for name, element in elements(pdf):
            kids = [str(kid.S) for kid in element.get("/K", []) if not isinstance(kid, int) and "/S" in kid]
            if name == "Table" and "/Caption" in kids[1:]:
                told.append("a caption is not first")
        packet = pdf.Root.Metadata.read_bytes().decode()
        told += _titles(packet, str(pdf.docinfo.Title))
    return told


def _titles(packet: str, title: str) -> list[str]:
    from xml.etree import ElementTree as ET

    names = {"dc": "http://purl.org/dc/elements/1.1/", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}
    body = packet[packet.index("<x:xmpmeta") : packet.index("<?xpacket end")]
    said = [one.text for one in ET.fromstring(body).iterfind(".//dc:title/rdf:Alt/rdf:li", names)]
    return [] if said == [title] else [f"titles: {said}, {title}"]


def _caption_first_and_one_title(rendered: dict[str, Path], sealed: dict[str, Path], tmp_path: Path) -> None:
    for path in (*rendered.values(), *sealed.values()):
        assert unseen_faults(path) == [], path.name

    def caption_last(pdf: pikepdf.Pdf) -> None:
        for name, element in elements(pdf):
            if name == "Table":
                element.K = pikepdf.Array([*list(element.K)[1:], element.K[0]])

    def other_title(pdf: pikepdf.Pdf) -> None:
        pdf.docinfo.Title = pikepdf.String("Un autre titre")

    for spoil in (caption_last, other_title):
        assert unseen_faults(_spoiled(rendered["sample-acceptance"], tmp_path, spoil.__name__, spoil)) != []


def _words_are_those_of_the_source(
    documents: dict[str, d.Document], rendered: dict[str, Path], sealed: dict[str, Path]
) -> None:
    for name, document in documents.items():
        if name == "hostile":  # a name too long for a chart is cut on it; its words have a test of their own
            continue
        wanted = source_words(document)
        for path in (rendered[name], sealed[name])[: 2 if name.startswith("L") else 1]:
            said = spoken(path)
            short = wanted.rsplit(" La page confirme" if document.language == "fr" else " The page only", 1)[
                0
            ]
            assert said in (wanted, short), (path.name, first_difference(said, wanted))


def first_difference(said: str, wanted: str) -> tuple[str, str]:
    """Where two texts part."""
    at = next(
        (n for n, (a, b) in enumerate(zip(said, wanted, strict=False)) if a != b), min(len(said), len(wanted))
    )
    return said[max(0, at - 40) : at + 60], wanted[max(0, at - 40) : at + 60]


def _one_title_no_level_skipped_only_our_faces(rendered: dict[str, Path], sealed: dict[str, Path]) -> None:
    for path in (*rendered.values(), sealed["PV-fr"], sealed["L4-en"]):
        levels = [int(name[1]) for name, _ in structure(path) if re.fullmatch(r"H\d", name)]
        assert (levels.count(1), levels[0]) == (1, 1), path.name
        assert all(after - before <= 1 for before, after in pairwise(levels)), path.name
        assert faces(path) <= set(fonts.FILES), path.name


def _two_renders_are_equal(
    documents: dict[str, d.Document], rendered: dict[str, Path], sealed: dict[str, Path]
) -> None:
    for name, document in documents.items():  # the sealed file was drawn by another call
        assert sealed[name].read_bytes().startswith(render(document, seal=True)), name
    for name in ("PV-fr", "L3-en", "dossier-fr"):
        assert render(documents[name]) == rendered[name].read_bytes(), name


def _the_seal_is_a_named_field(sealed: dict[str, Path]) -> None:
    for path in sealed.values():
        with pikepdf.open(path) as pdf:
            [field] = pdf.Root.AcroForm.Fields
            assert str(field.TU).split(":")[0].strip() in {"Sceau électronique", "Electronic seal"}
            assert list(map(int, field.Rect)) == [0, 0, 0, 0]
            [form] = [element for name, element in elements(pdf) if name == "Form"]
            assert form.K[0].Obj.objgen == field.objgen
            assert str(field.V.SubFilter) == "/ETSI.CAdES.detached"
            assert int(pdf.Root.Perms.DocMDP.Reference[0].TransformParams.P) == 1


def _hostile_words_stay_words(rendered: dict[str, Path], sealed: dict[str, Path]) -> None:
    for path in (rendered["hostile"], sealed["hostile"]):
        said = spoken(path)
        assert said.count("<b>gras</b> <img") >= 18
        assert "javascript:alert(1)" in folded(said)
        live = [link for link in links(path) if link]
        assert set(live) == {"mailto:appel@jalon.example", "https://jalon.example/v/K7QF-2M9X-T4RD-8HW3"}


def test_what_the_judge_does_not_see(
    documents: dict[str, d.Document], rendered: dict[str, Path], sealed: dict[str, Path], tmp_path: Path
) -> None:
    """One test, so that the documents are made once however tests are shared out."""
    _caption_first_and_one_title(rendered, sealed, tmp_path)
    _words_are_those_of_the_source(documents, rendered, sealed)
    _one_title_no_level_skipped_only_our_faces(rendered, sealed)
    _two_renders_are_equal(documents, rendered, sealed)
    _the_seal_is_a_named_field(sealed)
    _hostile_words_stay_words(rendered, sealed)


@pytest.mark.verapdf
def test_a_signature_is_never_alone_at_any_height(tmp_path: Path) -> None:
    """Every 5 points of shift: valid, and the last words stand above the signature."""
    from tests.notifications.letters.reading import page_words

    heights = {
        24.25 * lines + 14.5 * address: (lines, address) for lines in range(7) for address in range(11)
    }
    files = []
    for step in range(0, 150, 5):
        lines, address = heights[min(heights, key=lambda height: abs(height - step))]
        files.append(tmp_path / f"shift-{step:03}.pdf")
        files[-1].write_bytes(render(shifted(8 + lines, address)))
        with pikepdf.open(files[-1]) as pdf:
            end = page_words(files[-1], len(pdf.pages))
        for wanted in ("toujours.", "Antoine Exemple", "Vérifier cette lettre", "mes salutations"):
            assert wanted in end, (step, wanted)
    assert {name: told for name, told in faults(files).items() if told} == {}
