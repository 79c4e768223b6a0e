"""The reference call from filing to its last letter: what each letter must say, and what whole dossiers cost."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import filing as filing_of
from applications import snapshots
from grants import editions
from grants.reading import folder, read_source
from notifications import documents, mail
from notifications.models import Document
from notifications.storage import read_pdf
from review import carrying, deciding
from review.actions import reconsiderations
from tests import factories, fixtures_ti
from tests.fixtures_ti import STRONG, WEAK, Ti
from web import clock
from workflows import deliveries
from workflows.engine import fire

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 25, 14, 0, tzinfo=UTC)
WHY = "Le devis joint ne porte ni date ni nom de fournisseur."
FACT = "Le rapport financier de l’exercice 2024 n’a pas été transmis malgré deux rappels."
GROUND = "La somme du volet n’est pas celle que l’appel avait publiée."
MOTIVE = "La somme publiée est bien celle de la décision."
GIVEN_UP = "Le conseil a changé ses priorités."
NOTHING = {"small": 0, "north": 0}
DOSSIERS = (
    ("silent", "P001", "V2", "02005"),
    ("barred", "P043", "V2", "31056"),
    ("low", "P016", "V1", "10070"),
    ("winner", "P061", "V1", "14050"),
    ("partial", "P027", "V1", "31045"),
    ("waits", "P065", "V1", "93080"),
)
# JALON_LETTERS=FOLDER keeps each letter as a PDF to look at.
FOLDER = os.environ.get("JALON_LETTERS", "")


@pytest.fixture
def _django_db_helper() -> None:
    """The world below holds the transaction, not each test."""


def work() -> None:
    """Deliveries and drawings until nothing is due."""
    while deliveries.run_due() + carrying.carry_out() + documents.draw_due(500) + mail.send_due(500):
        pass


CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "PRAGMA", "SET ")


def statements(ask: Any) -> list[str]:
    """What an act asks of the database, transaction control left out."""
    with CaptureQueriesContext(connection) as made:
        ask()
    return [one["sql"] for one in made.captured_queries if not one["sql"].startswith(CONTROL)]


@dataclass
class World:
    """The call with every request ended at its gate, and the statements counted on the way."""

    ti: Ti
    counted: dict[str, list[str]] = field(default_factory=dict)

    def page(self, what: str, person: Any, name: str, *args: Any, json: Any = None, **sent: Any) -> None:
        """Count a page (read once before, so that caches are warm) or a post."""
        client, url = Client(), reverse(name, args=args)
        client.force_login(person)

        def ask() -> None:
            if json is not None:
                answer = client.post(url, json, content_type="application/json")
            else:
                answer = client.post(url, sent) if sent else client.get(url)
            assert answer.status_code < 400, (what, url, answer.status_code)

        if not sent and json is None:
            ask()
        self.counted[what] = statements(ask)


def filing(world: World) -> None:
    """Six requests, whole; what the pages of a draft cost."""
    ti = world.ti
    for name, project, volet, town in DOSSIERS:
        made = ti.draft(name, project, volet, town)
        person = ti.signatories[name]
        if name == "silent":
            for one in editions.sections(made.edition.content):
                world.page(f"section {one['code']}", person, "section", made.pk, one["code"])
            for code in ("need", "budget", "maturity", "indicators"):
                kept = made.answers.get(question=code)
                told = {"value": kept.value, "seen": kept.version, "client": "page", "n": 1}
                world.page(f"autosave {code}", person, "answer", made.pk, code, json=told)
            world.page("check page", person, "check", made.pk)
            world.page("draft, its page", person, "dossier", made.pk)
        shown, row = snapshots.shown(ti.dossier(name)), ti.dossier(name)
        world.counted[f"submit {volet}"] = statements(
            lambda row=row, person=person, shown=shown: filing_of.submit(
                row, actor=person, digest=shown.digest, submit_key=row.pk, received_at=clock.now()
            )
        )


def reviewing(world: World) -> None:
    """Two stopped before the review, four scored, ranked and decided; what the pages of the ministry cost."""
    ti, staff = world.ti, world.ti.staff
    silent = ti.dossier("silent")
    for name in ("completeness", "dossier", "dossier_content", "dossier_files", "dossier_history"):
        world.page(f"analyst {name}", staff["analyst"], name, silent.pk)
    world.page("list of the analyst", staff["analyst"], "dossiers")
    fire(silent, "send_back", actor=staff["analyst"], items={"price_evidence": WHY})
    ti.complete("barred")
    world.page("rules side by side", staff["analyst"], "eligibility", ti.dossiers["barred"].pk)
    ti.confirm("barred", {"E08": FACT}, E08="no")
    fire(ti.dossier("barred"), "advance", actor=staff["analyst"], outcome="inadmissible")
    world.page("countersignature", staff["manager"], "countersign", ti.dossiers["barred"].pk)
    fire(ti.dossier("barred"), "reject", actor=staff["manager"], outcome="confirme")
    ti.admit("low", "winner", "partial", "waits")
    ti.seat("V1")
    given = ti.give("low", ti.reviewers[2])
    world.page("read and score", ti.reviewers[2], "assignment", given.pk)
    told = {"score-C1": "3", "comment-C1": "Lu."}
    world.page("autosave of a sheet", ti.reviewers[2], "assignment_save", given.pk, **told)
    fire(given, "withdraw", actor=staff["secretary"], text="Donné par erreur.")
    for name, mark, marks in (("low", "3", {"C4": "2"}), ("winner", "4.5", {}), ("partial", "4", {})):
        ti.score(name, mark, **marks)
    ti.score("waits", "3.5")
    world.page("list of the reviewer", ti.reviewers[0], "my_assignments")
    world.page("ranking", staff["chair"], "ranking", ti.panels["V1"].pk)
    ti.lock("V1")


def deciding_and_answering(world: World) -> None:
    """Signed, released, one given up before its letter; a silence noted; a refusal asked again and answered."""
    ti, staff = world.ti, world.ti.staff
    decision = ti.decide("V1")
    world.page("decision", staff["authority"], "decision", decision.pk)
    world.page("decisions", staff["manager"], "decisions")
    work()
    fire(ti.dossier("winner"), "withdraw", actor=ti.signatories["winner"], text=GIVEN_UP)
    due = ti.dossier("silent").due_at
    assert due is not None
    ti.to(max(decision.letters_at, due) + timedelta(minutes=1))
    fire(ti.dossier("silent"), "advance", actor=staff["analyst"], outcome="silence")
    fire(ti.dossier("silent"), "reject", actor=staff["manager"], outcome="confirme")
    work()
    world.page("refused, its page", ti.signatories["low"], "dossier", ti.dossiers["low"].pk)
    row = reconsiderations.ask(ti.dossier("low"), actor=ti.signatories["low"], ground="fact", words=GROUND)
    fresh = factories.make_staff("analyst", ti.call, email="nouvelle@ministere.example")
    second = factories.make_staff("authority", ti.call.programme, email="autre@ministere.example")
    fire(row, "admit", actor=staff["manager"])
    fire(row, "name_reconsiderer", actor=staff["manager"], person=fresh.pk)
    fire(row, "decide", actor=fresh, answer="maintained", motives=MOTIVE)
    fire(row, "countersign", actor=second)
    work()
    until = ti.call.waiting_valid_until
    assert until is not None
    ti.to(datetime.combine(until + timedelta(days=1), time(15), UTC))
    volet = ti.call.volets.select_related("budget_line", "call").get(code="V1")
    end = deciding.draft_waiting_end(volet, actor=staff["manager"])
    ti.sign(end)
    work()


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The whole call, once for the file."""
    from django.conf import settings

    kept = settings.STORAGES["default"]
    where = {**kept, "OPTIONS": {**kept.get("OPTIONS", {}), "location": str(tmp_path_factory.mktemp("ti"))}}
    with (
        time_machine.travel(NOW, tick=False) as travel,
        django_db_blocker.unblock(),
        override_settings(STORAGES={**settings.STORAGES, "default": where}, SECOND_FACTOR=False),
        transaction.atomic(),
    ):
        move = lambda at: travel.move_to(at, tick=False)  # noqa: E731
        made = World(fixtures_ti.stage(move, code="TI-2026", envelopes={"V1": 49_550}, reserves=NOTHING))
        filing(made)
        made.ti.close()
        reviewing(made)
        deciding_and_answering(made)
        yield made
        transaction.set_rollback(True)


def words(ti: Ti, kind: str, name: str) -> str:
    """The words of the last letter of a kind, spaces evened out."""
    found = Document.objects.filter(dossier=ti.dossiers[name].pk, kind=kind).order_by("-pk")[0]
    data = read_pdf(found)
    if FOLDER:
        Path(FOLDER, f"{kind}-{name}.pdf").write_bytes(data)
    read = subprocess.run(["pdftotext", "-q", "-", "-"], input=data, capture_output=True, check=True)
    return " ".join(read.stdout.decode().split())


RECOURSE = (
    r"demander le réexamen de cette décision d’ici le \d+ \w+ 2026, soit 30 jours",
    "erreur de procédure ou de fait",
    "Étienne Kistabish",
    "reexamen@territoires.example",
    "Protecteur du citoyen",
)
CONTACT = ("Maude Lévesque-Roy", "418 555-0116", "programme@territoires.example")
# Section 2.4 of the reference, letter by letter: what each must contain, as regular expressions of its PDF.
MENTIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("L1", "winner"): (
        "TI-2026-0004",
        r"le 25 mars 2026 à 10 h 00 min 00 s, heure de l’Est",
        r"resolution\.pdf",
        r"(?:[0-9a-f]{8} ){7}[0-9a-f]{8}",
        "La suite",
        *CONTACT,
    ),
    ("L2", "silent"): (
        "Joignez les preuves de prix",
        re.escape(WHY),
        r"au plus tard le lundi 13 avril 2026 à 16 h 30, heure de l’Est",
        "Sans réponse à cette date, la demande pourra être refusée",
        "Répondez en ligne, dans votre dossier",
        *CONTACT,
    ),
    ("L3", "barred"): (
        "E08 L’organisme respecte ses engagements",
        r"article 3\.3",
        re.escape(FACT),
        "Pièces et renseignements examinés",
        "Registre des entreprises non admissibles",
        "contresignés",
        *RECOURSE,
        *CONTACT,
    ),
    ("L3", "silent"): (
        r"article 5\.3",
        "Aucune réponse n’est parvenue dans le délai accordé, jusqu’au lundi 13 avril 2026 à 16 h 30",
        "Joignez les preuves de prix",
        re.escape(WHY),
        *RECOURSE,
        *CONTACT,
    ),
    ("L4", "winner"): (
        "Rien à cliquer en vain",
        r"d’au plus 32 550 \$ \(trente-deux mille cinq cent cinquante dollars\)",
        r"au taux de 90 % sur des coûts admissibles retenus de 46 500 \$",
        "Conditions avant le premier versement • la convention",
        r"comptent à partir du 29 mars 2026",
        "ne s’engage à rien au-delà du montant maximal",
        "signée par les deux parties dans les 60 jours",
        "confidentielle jusqu’à l’annonce publique, le mercredi 8 avril 2026",
        "Toute communication sur le projet mentionne ensuite l’aide du ministère",
        *CONTACT,
    ),
    ("L5", "low"): (
        r"57,00 sur 100, sous le seuil de 60",
        r"Critère C4, « Données, sécurité, vie privée et éthique » : 40,00 %, sous le seuil de 60 %",
        r"C4 Données, sécurité, vie privée et éthique 40,00 % 60 % non atteint",
        r"C1 Pertinence et besoin de la population 60,00 % 50 % atteint",
        r"C7 Montage financier et pérennité 60,00 % – sans seuil",
        r"a obtenu 57,00 sur 100, pour un seuil de 60",
        r"la note la plus basse a obtenu 80,00",
        r"a reçu 4 demandes, pour un total de 129 930 \$; la somme disponible était de 49 550 \$",
        "Points forts • " + STRONG,
        "Points à renforcer • " + WEAK,
        "conseiller régional",
        "votre dimension la plus faible est : Gouvernance",
        "Cybersécurité : les gestes de base",
        "Prochain appel prévu",
        *RECOURSE,
        *CONTACT,
    ),
    ("L6", "waits"): (
        "inscrite au rang 1 de la liste d’attente",
        "Elle y reste jusqu’au 2 décembre 2026",
        "Une offre vous sera faite si de l’argent redevient disponible",
        *RECOURSE,
        *CONTACT,
    ),
    ("L7", "partial"): (
        r"d’au plus 17 000 \$ \(dix-sept mille dollars\), sur les 19 760 \$",
        r"Part offerte 86 %",
        r"À retrancher du projet ou à trouver ailleurs 2 760 \$",
        "dites ce qui change dans son étendue",
        r"d’ici le \w+ \d+ avril 2026 à 10 h 30",
        "Sans réponse à cette date, l’offre prend fin",
        *CONTACT,
    ),
    ("L8", "low"): (
        "Erreur de fait",
        re.escape(GROUND),
        "la décision est maintenue",
        re.escape(MOTIVE),
        "Protecteur du citoyen",
        *CONTACT,
    ),
    ("L12", "winner"): (
        r"a pris fin le dimanche 29 mars 2026",
        "retrait demandé par l’organisme",
        re.escape(GIVEN_UP.rstrip(".")),
        r"Sommes libérées : 32 550 \$",
        *CONTACT,
    ),
    ("L5", "waits"): (
        "La demande atteint les seuils",
        "La liste d’attente a pris fin le 2 décembre 2026",
        r"la note la plus basse a obtenu 80,00",
        "Formations suggérées par votre autodiagnostic",
        "réexamen",
        *CONTACT,
    ),
}
NEVER = {"L5": (r"\brang\b", "Aubert", "Bianca", "Lectrice"), "L6": ("Lectrice",), "L3": ("Camille Analyst",)}


@pytest.mark.parametrize(("kind", "name"), list(MENTIONS), ids=lambda one: str(one))
def test_a_letter_says_all_that_it_must(kind: str, name: str, world: World) -> None:
    read = words(world.ti, kind, name)
    for said in (*MENTIONS[kind, name], "Document fictif"):
        assert re.search(said.replace("\u00a0", " "), read), f"{said!r} is not in: {read}"
    for unsaid in NEVER.get(kind, ()):
        assert not re.search(unsaid, read), f"{unsaid!r} is in: {read}"


def test_every_letter_of_the_call_is_read_here() -> None:
    assert {kind for kind, _name in MENTIONS} == {one["kind"] for one in read_source(folder("ti"))["letters"]}


# --- statements -------------------------------------------------------------------------------------------
# Lists take ten; pages of a dossier and acts fifteen.
MOST = {"list": 10, "decisions": 10}


def test_whole_dossiers_ask_no_more_than_small_ones(world: World) -> None:
    assert len(world.counted) > 30
    over = {
        what: [one[:160] for one in found]
        for what, found in world.counted.items()
        if len(found) > MOST.get(what.split(" ")[0], 15)
    }
    assert not over, {what: len(found) for what, found in over.items()}
