"""A village alone in the reference call: mandate claimed, form written, filed, judged, scored, decided, accepted."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from accounts import places
from accounts.models import User
from applications import fields
from applications.models import Dossier
from grants.models import BudgetLine, Decision, Volet
from review.models import Assignment
from tests import factories
from tests.applications.checked import confirm_all
from tests.applications.filled import PDF
from tests.browser import hand, reference, stage
from tests.browser.steps import evened, follow, press, sees
from workflows.engine import fire

VILLAGE = "31056"
TITLE = "Trouver les fuites avant le dégel"
BY_HAND = (
    "projet",
    "resultats",
    "budget",
    "pieces",
)  # sections written on the screen; the others by the verb
FILES = ("resolution", "price_evidence")


@pytest.fixture
def windows(site: str, page_as: Any, look: Any, travel: Any, work: Any, mail_to: Any) -> stage.Windows:
    """The call is open; a clerk has an account and nothing else."""
    factories.make_org(VILLAGE)
    places.forget()
    made = reference.ReferenceStage(reference.make_reference(), travel, {}, {})
    BudgetLine.objects.filter(volet=made.flin.volet).update(amount=200_000)
    Volet.objects.filter(pk=made.flin.volet.pk).update(reserves=[])
    made.signatories["A"] = factories.make_user(
        "greffe@adstock.example", given_name="Line", family_name="Gagné"
    )
    return stage.Windows(site, made, page_as, look, work, mail_to)


def test_from_the_claim_to_the_acceptance(windows: stage.Windows, tmp_path: Any) -> None:
    """Each role opens its own page; what other journeys show is told by a verb."""
    the_clerk_claims_and_begins(windows)
    the_form_is_written_and_filed(windows, tmp_path)
    the_ministry_confirms_the_mandate(windows)
    the_analyst_judges(windows)
    three_people_score(windows)
    the_committee_meets(windows)
    the_decision_is_signed(windows)
    the_village_accepts(windows)


def clerk(windows: stage.Windows) -> User:
    """Who began."""
    return windows.made.signatories["A"]


def the_clerk_claims_and_begins(windows: stage.Windows) -> None:
    """The village found by its name, the mandate asked, the draft in the second volet at once."""
    start = f"/appels/{windows.made.call.code}/commencer/"
    page = windows.at("applicant A", start)
    page.get_by_label("Nom de la municipalité").fill("adstock")
    press(page, "Chercher")
    follow(page, re.compile("Demander mon mandat"))
    page.get_by_label(re.compile("ign")).first.check()
    press(page, "Me rattacher")
    page.goto(f"{windows.site}{start}")
    sees(page, "mandat à confirmer")
    page.locator(f"input[type=radio][value='{windows.made.flin.volet.pk}'], input[value='V2']").first.check()
    windows.look(page, "village, start")
    press(page, re.compile("Commencer la demande"))
    windows.made.dossiers["A"] = Dossier.objects.get(created_by=clerk(windows))
    assert windows.made.dossier("A").volet.code == "V2"


def the_form_is_written_and_filed(windows: stage.Windows, folder: Any) -> None:
    """Tables, files, pledges and the budget by hand; the aid is explained; one sentence signs."""
    dossier, town = windows.made.dossier("A"), factories.make_org(VILLAGE)
    answers = {**reference.answers_of(dossier, town, TITLE), **{slot: f"{slot}.pdf" for slot in FILES}}
    for slot in FILES:
        (folder / f"{slot}.pdf").write_bytes(PDF)
    sections = fields.sections(dossier.edition.content, "V2")
    mine = {one.code for each in sections if each.code in BY_HAND for one in each.questions}
    reference.write(
        dossier,
        {code: value for code, value in answers.items() if code not in FILES},
        clerk(windows),
        leaving=[*mine, *FILES],
    )
    page = windows.at("applicant A")
    for section in (one for one in sections if one.code in BY_HAND):
        page.goto(f"{windows.site}/dossiers/{dossier.pk}/sections/{section.code}/")
        for question in section.questions:
            if answers.get(question.code) is not None:
                hand.write(page, question, answers[question.code], folder)
        if section.code == "budget":
            sees(page, "Comment l’aide est calculée", "Règle CUMUL" if "CUMUL" in page.content() else "80 %")
        windows.look(page, f"village, {section.code}")
        page.locator("nav.pager button[name=then]").last.click()
        page.wait_for_url(re.compile(rf"(?<!/{section.code})/$"))
    page.goto(f"{windows.site}/dossiers/{dossier.pk}/verification/")
    sees(page, "Aucun point ne bloque le dépôt", "Mandat à confirmer")
    windows.look(page, "village, check")
    page.locator("input[name=phrase]").fill("je dépose pour Adstock")
    press(page, "Déposer la demande")
    page.wait_for_url("**/accuse/1/")
    windows.made.dossiers["A"] = windows.made.dossier("A")
    sees(page, "Votre demande est reçue.", windows.number("A"))
    windows.work()
    assert windows.number("A") in windows.received("A")[0].papers[0]


def the_ministry_confirms_the_mandate(windows: stage.Windows) -> None:
    """Until then completeness cannot close."""
    page = windows.at("manager", "/mandats/")
    sees(page, "Adstock")
    follow(page, re.compile("Examiner"))
    press(page, "Confirmer le mandat")
    windows.work()


def the_analyst_judges(windows: stage.Windows) -> None:
    """Past the closing: complete; fourteen rules beside their evidence; the aid kept."""
    made = windows.made
    windows.wait_until(made.call.closes_at + timedelta(days=2))
    fire(made.dossier("A"), "advance", actor=made.flin.analyst, outcome="complet")
    page = windows.at("analyst", f"/dossiers/{windows.pk('A')}/admissibilite/")
    sees(page, *[f"E{n:02d}" for n in range(1, 15)], "Confirmer l’aide calculée")
    windows.look(page, "village, rules")
    confirm_all(made.dossier("A"), made.flin.analyst)
    page.reload()
    press(page, re.compile("Confirmer l’aide calculée"))
    sees(page, "La sélection utilise ce montant")
    assert made.dossier("A").confirmed_aid == reference.AID
    fire(made.dossier("A"), "advance", actor=made.flin.analyst, outcome="admissible")


def three_people_score(windows: stage.Windows) -> None:
    """Reading and scoring on one screen, seven criteria; the others' sheets by the verb."""
    made: Any = windows.made
    made.seat()
    for judge in made.judges:
        made.offer("A", judge)
    first = Assignment.objects.get(reviewer=made.judges[0])
    windows.people["judge"] = made.judges[0]
    page = windows.at("judge", f"/evaluations/{first.pk}/")
    sees(page, TITLE, "C1", "C7")
    windows.look(page, "village, sheet")
    for judge in made.judges:
        made.score("A", judge, "4.5")
    fire(made.dossier("A"), "advance", actor=made.flin.secretary, outcome="complete")


def the_committee_meets(windows: stage.Windows) -> None:
    """Quorum and conclusion; the chair locks what is frozen."""
    made: Any = windows.made
    made.meet()
    meeting = made.panel.meetings.get()
    page = windows.at("secretary", f"/seances/{meeting.pk}/")
    sees(page, "quorum atteint", TITLE)
    windows.look(page, "village, meeting")
    fire(made.panel, "lock", actor=made.chair)


def the_decision_is_signed(windows: stage.Windows) -> None:
    """Released, and nothing of it is read before its instant."""
    decision = windows.made.decide()
    page = windows.at("authority", f"/decisions/{decision.pk}/")
    sees(page, TITLE, "80 000")
    windows.look(page, "village, decision")
    theirs = windows.at("applicant A", f"/dossiers/{windows.pk('A')}/")
    assert "Demande acceptée" not in theirs.content()
    windows.wait_until(Decision.objects.get().letters_at)


def the_village_accepts(windows: stage.Windows) -> None:
    """The letter says the sum in figures and in words; the offer is confirmed."""
    read = evened(windows.received("A")[0].papers[0])
    for said in (
        "80 000 $ (quatre-vingt mille dollars)",
        "confidentielle jusqu’à l’annonce",
        windows.number("A"),
    ):
        assert said in read, said
    page = windows.at("applicant A", f"/dossiers/{windows.pk('A')}/")
    sees(page, "Demande acceptée", "80 000 $")
    windows.look(page, "village, accepted")
    follow(page, "Voir l’offre")
    windows.look(page, "village, offer")
    follow(page, "Confirmer l’offre")
    press(page, "Confirmer l’offre")
    sees(page, "Confirmée")
    assert windows.made.award("A").state == "confirmed"
