"""Self-diagnosis and targets in a dossier: answered, drawn, frozen, read, added up on the page of the call."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Organisation
from applications import pledges, snapshots, territories
from applications.actions.answers import save_answer
from applications.actions.drafts import start_dossier
from applications.models import Body, Dossier, Pledge, Tie
from applications.territories import Directory, Place
from grants.actions.calls import check_source
from notifications import whole
from notifications.letters.document import Table
from review.views import reading as review_reading
from tests import factories
from tests.applications import filled, framed
from tests.permissions.test_statements import MORE, statements, twin

pytestmark = pytest.mark.django_db


def mrc(code: str, name: str) -> Organisation:
    """The MRC of a municipality that is there."""
    near = Organisation.objects.filter(mrc_code=code).first()
    assert near is not None
    return Organisation.objects.create(
        scheme="mrc", code=code, name=name, kind="mrc", region=near.region, mrc_code=code, mrc_name=name
    )


def more_like(dossier: Dossier) -> None:
    """As many filed dossiers again, of the same bodies, with what they pledge."""
    assert dossier.snapshot is not None
    bodies, shot = list(dossier.bodies.all()), dossier.snapshot
    rows = [*shot.pledges.all(), *shot.ties.all()]
    for place in range(MORE):
        one = twin(dossier, number=f"PLUS-{place}", snapshot=None)
        for body in bodies:
            twin(body, dossier=one)
        copy = twin(shot, dossier=one, code=f"PLUS-{place}")
        for row in rows:
            twin(row, snapshot=copy)
        Dossier.objects.filter(pk=one.pk).update(snapshot=copy)


def test_a_dossier_from_its_answers_to_the_sums_of_its_call(client: Client) -> None:
    call = framed.make_call()
    manager = factories.make_user("manager@ministere.example")
    adstock, thetford = factories.make_org("31056"), factories.make_org("31084")
    signatory = filled.signatory_of(adstock)
    first, _new = start_dossier(call, adstock, actor=signatory)
    client.force_login(signatory)
    address = f"/dossiers/{first.pk}/sections/reperes/"

    page = client.get(address).content.decode()
    assert page.count('type="radio" name="maturite.answers.') == 120
    assert "Une dimension a son niveau dès que" in page
    sent = {f"maturite.answers.{code}": "1" for code in ("ec1", "ec2", "ec3", "ec4")}
    client.post(address, {"seen-maturite": 0, "maturite.done_on": "", **sent})
    page = client.get(address).content.decode()
    assert '<td class="n">1,0</td>' in page
    assert "Acheter du numérique" in page  # suggested beside the plan
    assert "Il reste 20 énoncés sans niveau choisi." in client.get(address + "?revoir=1").content.decode()

    diagnosis = framed.levels(call, mobilite=0, gouvernance=4)
    save_answer(first, "maturite", diagnosis, actor=signatory, seen_version=1)
    live = client.get(address + "etat/").content.decode()
    assert "Votre résultat : 2,0 sur 4" in live.replace("\xa0", " ")
    assert "<polygon" in live
    assert "style=" not in live
    value = framed.pledged(
        900, framed.pledge("heures-gagnees", 100, 40), targets=("territoires", "sans-papier")
    )
    filled.fill(first, signatory, cibles=value)
    shot = filled.file_now(first, signatory)
    rows = Pledge.objects.filter(snapshot=shot).order_by("indicator")
    assert list(rows.values_list("indicator", "baseline", "target")) == [
        ("citoyens-beneficiaires", 0, 900), ("heures-gagnees", 100, 40),
    ]  # fmt: skip
    assert snapshots.content_of(shot)["facts"]["maturite_on"] == diagnosis["done_on"]
    told = snapshots.public_by_role(shot)["indicators"]
    assert [one["code"] for one in told["pledges"]] == ["citoyens-beneficiaires", "heures-gagnees"]
    assert "Registre" not in str(told)

    mayor = filled.signatory_of(thetford)
    second, _new = start_dossier(call, thetford, actor=mayor)
    filled.fill(second, mayor, maturite=diagnosis, cibles=framed.pledged(5000))
    filled.file_now(second, mayor, key="cle-2")
    Body.objects.create(
        dossier=second, organisation=mrc("310", "Les Appalaches"), role="partner", confirmation="confirmed"
    )

    client.force_login(manager)
    here = f"/gestion/appels/{call.code}/cibles/"
    assert "Le contenu des dossiers se lit à partir de la clôture" in client.get(here).content.decode()
    with time_machine.travel(call.closes_at + timedelta(days=1)):
        client.force_login(manager)
        page = client.get(here).content.decode().replace("\xa0", " ")
        people = 3198 + 27075  # Adstock and Thetford Mines are members of the MRC: each counted once
        assert "30 273" in page
        assert "+5 900" in page
        assert "−60" in page
        assert "2 territoires, chacun compté une fois" in page
        assert sum(one.known_population or 0 for one in (adstock, thetford)) == people
        alone = client.get(here + "?cible=sans-papier").content.decode().replace("\xa0", " ")
        assert "3 198" in alone
        assert "30 273" not in alone.split("Engagements")[0]
        none = client.get(here + "?dossiers=soutenus").content.decode()
        assert "Aucune ligne dans cette vue" in none
        asked = len(statements(client, here))
        second.refresh_from_db()
        more_like(second)
        assert len(statements(client, here)) == asked <= 12
        out = client.post(f"/exporter/engagements-cibles/{call.code}/", {"format": "csv"})
        lines = list(csv.reader(out.getvalue().decode("utf-8-sig").splitlines(), delimiter=";"))
        assert len(lines) == 1 + 2 + 2 + 2 * MORE
        assert lines[0][:3] == ["Dossier", "Organisme", "Indicateur"]
        row = next(one for one in lines if one[0] == first.number and one[4] == "100")
        assert row[2:] == [
            "Heures gagnées par l’équipe municipale (heures par an)", "", "100", "40", "-60", "2028-06-30",
        ]  # fmt: skip
        page = client.get(f"/dossiers/{first.pk}/demande/").content.decode()
        assert "Contexte, jamais noté" in page
        assert "Heures gagnées" in page
    assert call.edition is not None
    first.refresh_from_db()
    copy = whole.Copy(first, shot, call.edition.content, {})
    report = whole.compose(copy)
    captions = [block.caption for block in report.body if isinstance(block, Table)]
    assert {"Où en êtes-vous?", "Mobilité", "Cibles et indicateurs"} <= set(captions)
    assert "jamais noté" in str(report.body)
    assert whole.pdf(copy).startswith(b"%PDF")
    read = review_reading._answer(framed.SECTION["questions"][0], diagnosis, [], call.edition.content)
    assert read.grid is not None
    assert read.grid.overall == "2,0"


def test_a_later_version_replaces_what_was_pledged(client: Client) -> None:
    call = framed.make_call()
    adstock = factories.make_org("31056")
    signatory = filled.signatory_of(adstock)
    dossier, _new = start_dossier(call, adstock, actor=signatory)
    diagnosis = framed.levels(call)
    filled.fill(dossier, signatory, maturite=diagnosis, cibles=framed.pledged(10))
    filled.file_now(dossier, signatory)
    save_answer(dossier, "cibles", framed.pledged(70), actor=signatory, seen_version=1)
    filled.file_now(dossier, signatory, key="encore")
    dossier.refresh_from_db()
    assert Pledge.objects.count() == 4
    assert sorted(dossier.snapshot.pledges.values_list("target", flat=True)) == [4, 70]
    assert Tie.objects.filter(snapshot=dossier.snapshot).count() == 1


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("maturity",), None, "besoin du fichier maturity.json"),
        (("targets", "indicators", 0, "target"), "ailleurs", "cible inconnue"),
        (("targets", "indicators", 0, "unit"), {"fr": "gens"}, "en français et en anglais"),
        (("maturity", "dimensions", 0, "statements", 0, "levels"), [], "cinq niveaux"),
        (("maturity", "paths", 0, "dimension"), "ailleurs", "dimension ou nombre d’heures"),
        (("maturity", "dimensions", 1, "code"), "economie", "donné deux fois"),
        (("grid", "criteria", 0, "questions"), ["maturite"], "jamais noté"),
        (("form", "sections", -1, "questions", 2, "suggest"), "autre", "rien à proposer"),
        (("form", "sections", -1, "questions", 1, "max_targets"), 0, "ne peut pas être"),
        (("form", "sections", -1, "questions", 1, "min_pledges"), 99, "plus de cibles ou d’indicateurs"),
    ],
)
def test_a_fault_of_the_files_is_a_sentence(path: tuple[Any, ...], value: Any, words: str) -> None:
    source = framed.source()
    *way, last = path
    place: Any = source
    for one in way:
        place = place[one]
    place[last] = value
    assert any(words in one for one in check_source(source)), check_source(source)


def test_the_files_have_no_fault() -> None:
    assert check_source(framed.source()) == []


# --- territories ------------------------------------------------------------------------------------------
@st.composite
def directories(draw: st.DrawFn) -> tuple[list[Place], list[int]]:
    count = draw(st.integers(1, 12))
    kinds = st.sampled_from(["municipality", "municipality", "mrc", "council", "land", "regie"])
    places = [
        Place(
            pk,
            draw(kinds),
            draw(st.sampled_from(["", "100", "200"])),
            draw(st.one_of(st.none(), st.integers(1, 9))),
            draw(st.one_of(st.none(), st.integers(0, count))),
            draw(st.booleans()),
        )
        for pk in range(count)
    ]
    return places, draw(st.lists(st.integers(0, count - 1), max_size=20))


@given(directories())
def test_each_territory_counts_once(given_case: tuple[list[Place], list[int]]) -> None:
    places, bodies = given_case
    counted: list[Place] = []
    for body in bodies:
        one = next(place for place in places if place.pk == body)
        members = [
            p for p in places if p.kind == "municipality" and p.mrc and p.mrc == one.mrc and not p.is_gone
        ]
        land = [p for p in places if one.land is not None and p.pk == one.land]
        mine = (
            members
            if one.kind in territories.MEMBERED and members
            else [one]
            if one.kind == "mrc"
            else land or [one]
        )
        counted += [place for place in mine if place not in counted]
    found = Directory(places).served(bodies)
    assert found.places == len(counted)
    assert found.people == sum(place.people or 0 for place in counted)
    assert found.unknown == sum(place.people is None for place in counted)
    assert Directory(places).served([*bodies, *bodies]) == found


def test_signs() -> None:
    assert [pledges.signed(n, "fr") for n in (1250, 0, -40)] == ["+1\xa0250", "0", "\u221240"]
