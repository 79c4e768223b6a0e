"""The whole dossier as a PDF: the words of its page, for the same persons, tagged, with its outline."""

from __future__ import annotations

import re
from pathlib import Path

import pikepdf
import pytest
from django.test import Client
from django.utils import translation

from accounts.models import Organisation, User
from applications.actions.files import mark_infected
from applications.models import Dossier
from notifications import whole
from tests import factories
from tests.applications import filled
from tests.applications.checked import closed, filed, signed_in
from tests.applications.conftest import _own_files, adstock, signatory
from tests.fixtures_calls import Flin, flin
from tests.notifications.letters.reading import elements, folded, page_words, spoken, structure, tool
from workflows.engine import fire
from workflows.models import Event

__all__ = ["_own_files", "adstock", "closed", "filed", "flin", "signatory"]

HOSTILE = "<b>Iridium</b> & <img src='/etc/passwd'/> </para> {0} %s"


@pytest.fixture
def ready(flin: Flin, adstock: Organisation, signatory: User) -> Dossier:
    """A draft that may be filed, words planted in its answers."""
    planted = {"need": f"Premier Osmium.\n\n{HOSTILE}", "summary": "Résumé Rhodium."}
    return filled.make_filled(flin.call, adstock, signatory, **planted)


def taken(client: Client, dossier: Dossier, folder: Path, query: str = "", *, en: bool = False) -> Path:
    """The PDF as a browser gets it."""
    answer = client.get(f"{'/en' if en else ''}/dossiers/{dossier.pk}/dossier.pdf{query}")
    assert answer.status_code == 200
    path = folder / "dossier.pdf"
    path.write_bytes(answer.content)
    return path


def test_it_says_what_was_filed_in_order(closed: Dossier, flin: Flin, tmp_path: Path) -> None:
    path = taken(signed_in(flin.analyst), closed, tmp_path)
    words, snapshot = spoken(path), closed.snapshot
    assert snapshot is not None
    for said in (
        closed.number,
        closed.title,
        "Municipalité",
        "heure de l’Est",
        "Premier Osmium.",
        folded(HOSTILE),
        "Résumé Rhodium.",
        "Débitmètres",
        "Total des coûts",
        "40 000 $",
        "Total du financement",
        "8 000 $",
        "Aide calculée",
        "resolution.pdf",
        "non analysé",
        snapshot.code,
    ):
        assert folded(said).replace("\xa0", " ") in words, said
    digests = words.replace(" ", "")
    assert snapshot.digest.removeprefix("sha256:") in digests
    assert closed.attachments.get().digest.removeprefix("sha256:") in digests
    order = [words.index(one) for one in ("1. ", "Premier Osmium", "Total des coûts", "Pièces déposées")]
    assert order == sorted(order)
    _is_well_made(path, closed)
    snapshot.dossier.call.language = "en"
    copy = whole.Copy(snapshot.dossier, snapshot, closed.edition.content, {})
    with translation.override("fr-ca"):
        made = whole.compose(copy)
    assert made.language == "en"
    assert "$40,000" in str(made.body)
    assert any("The project and the need" in str(block) for block in made.body)


def _is_well_made(path: Path, closed: Dossier) -> None:
    """Tagged, with an outline, its pages counted."""
    pages = int(re.search(r"Pages:\s+(\d+)", tool("pdfinfo", str(path)))[1])  # type: ignore[index]
    assert f"Page 1 de {pages}" in page_words(path, 1)
    assert f"Page {pages} de {pages}" in page_words(path, pages)
    levels = [int(name[1]) for name, _words in structure(path) if re.fullmatch(r"H\d", name)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    with pikepdf.open(path) as pdf, pdf.open_outline() as outline:
        assert outline.root[0].title == closed.title
        parts = [item.title for item in outline.root[0].children]
        assert parts[0].startswith("1. ")
        assert parts[-3:] == ["Calcul de l’aide", "Pièces déposées", "Authenticité"]
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr-CA"
        assert str(pdf.docinfo.Title) == closed.title
        for name, element in elements(pdf):
            if name == "TH":
                assert str(element.A.Scope) in {"/Row", "/Column"}
            if name == "Table":
                assert str(element.K[0].S) in {"/Caption", "/TBody"}


def test_the_same_bytes_at_every_stage_and_a_read_is_recorded(
    closed: Dossier, flin: Flin, signatory: User, tmp_path: Path
) -> None:
    mine = taken(signed_in(signatory), closed, tmp_path).read_bytes()
    assert not Event.objects.filter(verb="applications.dossier.pdf").exists()
    assert taken(signed_in(flin.analyst), closed, tmp_path, en=True).read_bytes() == mine
    event = Event.objects.get(verb="applications.dossier.pdf")
    fire(closed, "advance", actor=flin.analyst, outcome="complet")
    assert taken(signed_in(signatory), closed, tmp_path).read_bytes() == mine
    assert event.actor == f"user:{flin.analyst.pk}"
    assert event.data["snapshot_version"] == 1
    page = signed_in(flin.manager).get(f"/dossiers/{closed.pk}/fichiers/").content.decode()
    assert "Dossier entier en PDF" in page
    assert "emporté" not in signed_in(signatory).get(f"/dossiers/{closed.pk}/historique/").content.decode()


def test_it_exists_for_those_who_read_the_page_and_nobody_else(
    ready: Dossier, flin: Flin, signatory: User
) -> None:
    assert signed_in(signatory).get(f"/dossiers/{ready.pk}/dossier.pdf").status_code == 404  # a draft
    filed = ready
    filled.file_now(filed, signatory)
    filed.refresh_from_db()
    answer = signed_in(signatory).get(f"/dossiers/{filed.pk}/dossier.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="{filed.number}-v1.pdf"'
    assert "no-store" in answer["Cache-Control"]
    assert "sandbox" in answer["Content-Security-Policy"]
    url = f"/dossiers/{filed.pk}/dossier.pdf"
    assert Client().get(url).status_code == 302
    for user in (factories.make_user(), flin.analyst, flin.manager):  # the call is open still
        assert signed_in(user).get(url).status_code == 404
    assert signed_in(signatory).get(f"{url}?version=2").status_code == 404
    assert signed_in(signatory).post(url).status_code == 405


def test_an_earlier_version_says_so_and_a_withheld_file_too(
    filed: Dossier, signatory: User, tmp_path: Path
) -> None:
    filed.answers.filter(question="need").update(value="Seconde version, Palladium.")
    filled.file_now(filed, signatory, key="cle-2")
    mark_infected(filed.attachments.get(), actor=signatory)
    client = signed_in(signatory)
    assert "Palladium" in spoken(taken(client, filed, tmp_path))
    old = spoken(taken(client, filed, tmp_path, "?version=1"))
    assert "Palladium" not in old
    assert "Premier Osmium." in old
    assert "Ceci n’est pas la version en vigueur" in old
    assert "logiciel malveillant" in old
