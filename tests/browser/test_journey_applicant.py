"""J1: a clerk claims a town, drafts, is confirmed, invites; two people write; it is filed, changed, filed, closed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from applications.models import Dossier
from tests import factories
from tests.applications.filled import PDF
from tests.browser import steps
from tests.browser.steps import evened, follow, is_saved, press, scan_word, sees, upload
from tests.fixtures_calls import Flin, make_flin

CLERK, COLLEAGUE = "greffe@adstock.example", "loisirs@adstock.example"
LONG_PASSWORD = "trois-ponts-et-une-riviere"


@dataclass
class Town:
    """What the steps of the journey share."""

    site: str
    flin: Flin
    page_as: Callable[..., Page]
    look: Callable[[Page, str], None]
    work: Callable[[], None]
    mail_to: Callable[[str], list[steps.Mail]]
    folder: Path

    @property
    def dossier(self) -> Dossier:
        """The dossier of the town, as it is now."""
        return Dossier.objects.get(bodies__organisation__code="31056")

    @property
    def section(self) -> str:
        """Where its sections are."""
        return f"{self.site}/dossiers/{self.dossier.pk}/sections"


@pytest.fixture
def town(site: str, travel: Any, page_as: Any, look: Any, work: Any, mail_to: Any, tmp_path: Path) -> Town:
    """The call is open for ten days; Adstock is in the directory."""
    flin = make_flin(closes=(travel.now() + timedelta(days=10)).replace(microsecond=0))
    factories.make_org("31056")
    (tmp_path / "resolution.pdf").write_bytes(PDF)
    (tmp_path / "resolution-2.pdf").write_bytes(PDF + b"%\n")
    (tmp_path / "photo.txt").write_text("pas un PDF", encoding="utf-8")
    return Town(site, flin, page_as, look, work, mail_to, tmp_path)


def test_from_the_claim_to_the_closing(town: Town, travel: steps.Travel) -> None:
    clerk = open_account(town)
    claim(town, clerk)
    begin(town, clerk)
    confirm(town)
    colleague = invite(town, clerk)
    write_together(town, clerk, colleague)
    fill_the_rest(town, clerk)
    check_and_sign(town, clerk, colleague)
    read_receipt(town, clerk)
    change_and_file_again(town, clerk)
    after_closing(town, travel)


def open_account(town: Town) -> Page:
    """From the public page of the call to an account of one's own."""
    page = town.page_as(None, f"/appels/{town.flin.call.code}/")
    town.look(page, "j1 appel")
    follow(page, re.compile("Commencer|Déposer une demande"))
    town.look(page, "j1 connexion")
    press(page, "Se connecter")
    town.look(page, "j1 connexion erreur")
    follow(page, "Créer un compte")
    press(page, re.compile("Créer"))
    town.look(page, "j1 inscription erreur")
    page.get_by_label("Prénom").fill("Line")
    page.get_by_label("Nom", exact=True).fill("Gagné")
    page.get_by_label("Courriel professionnel").fill(CLERK)
    page.get_by_label("Mot de passe").fill(LONG_PASSWORD)
    press(page, re.compile("Créer"))
    town.look(page, "j1 inscription code")
    town.work()
    code = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", town.mail_to(CLERK)[0].text, re.MULTILINE)
    assert code, town.mail_to(CLERK)[0].text
    page.get_by_label("Code reçu").fill(code[1])
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url(re.compile("commencer|accueil"))
    return page


def claim(town: Town, page: Page) -> None:
    """Find one's town and act for it at once."""
    page.goto(f"{town.site}/appels/{town.flin.call.code}/commencer/")
    town.look(page, "j1 commencer vide")
    page.get_by_label("Nom de la municipalité").fill("introuvable")
    press(page, "Chercher")
    sees(page, "Aucune municipalité ne porte le nom")
    town.look(page, "j1 commencer introuvable")
    page.get_by_label("Nom de la municipalité").fill("adstock")
    press(page, "Chercher")
    town.look(page, "j1 commencer trouve")
    follow(page, re.compile("Demander mon mandat"))
    town.look(page, "j1 rattachement")
    page.get_by_label(re.compile("ign")).first.check()
    press(page, "Me rattacher")
    town.look(page, "j1 rattache")


def begin(town: Town, page: Page) -> None:
    """The draft begins while the mandate waits; its only reader is who began it."""
    page.goto(f"{town.site}/appels/{town.flin.call.code}/commencer/")
    sees(page, "mandat à confirmer")
    town.look(page, "j1 commencer")
    press(page, re.compile("Commencer la demande"))
    town.look(page, "j1 section vide")
    page.get_by_label("Quel est le titre du projet?").fill("Trouver les fuites avant le dégel")
    page.get_by_label("Résumez le projet").fill("Des débitmètres dans quatre zones du réseau d’aqueduc.")
    page.get_by_label("Environnement").check()
    is_saved(page, "themes")
    is_saved(page, "summary")
    page.goto(f"{town.site}/appels/{town.flin.call.code}/commencer/")
    follow(page, re.compile("Reprendre"))
    page.goto(f"{town.site}/dossiers/{town.dossier.pk}/verification/")
    sees(page, "Mandat à confirmer", "points bloquent le dépôt")
    town.look(page, "j1 verification bloquee")
    page.goto(f"{town.site}/dossiers/")
    town.look(page, "j1 mes dossiers")
    page.goto(f"{town.site}/accueil/")
    town.look(page, "j1 accueil")


def confirm(town: Town) -> None:
    """The ministry confirms, from its home."""
    page = town.page_as()
    steps.sign_in(page, town.site, town.flin.manager)
    sees(page, "Adstock")
    town.look(page, "j1 accueil gestion")
    page.goto(f"{town.site}/mandats/")
    town.look(page, "j1 mandats")
    follow(page, re.compile("Examiner"))
    press(page, "Refuser le mandat")
    town.look(page, "j1 mandat sans motif")
    press(page, "Confirmer le mandat")
    town.look(page, "j1 mandats vide")
    sees(page, "Aucun mandat n’attend")
    town.work()
    assert "confirm" in town.mail_to(CLERK)[0].subject


def invite(town: Town, clerk: Page) -> Page:
    """The signatory invites; the colleague opens the link of the message and accepts."""
    clerk.goto(f"{town.section}/projet/")
    follow(clerk, "Inviter une personne de la municipalité")
    press(clerk, "Inviter")
    town.look(clerk, "j1 personnes erreur")
    clerk.get_by_label("Courriel professionnel").fill(COLLEAGUE)
    press(clerk, "Inviter")
    sees(clerk, COLLEAGUE)
    town.look(clerk, "j1 personnes")
    town.work()
    link = next(one for one in town.mail_to(COLLEAGUE)[0].links if "/invitation/" in one)
    page = town.page_as()
    page.goto(link)
    town.look(page, "j1 invitation")
    press(page, re.compile("Créer mon compte"))
    town.look(page, "j1 invitation erreur")
    page.get_by_label("Prénom").fill("Denis")
    page.get_by_label("Nom", exact=True).fill("Roy")
    page.get_by_label("Mot de passe").fill(LONG_PASSWORD)
    press(page, re.compile("Créer mon compte"))
    page.wait_for_url(re.compile("accueil|personnes|organisations|dossiers"))
    town.look(page, "j1 invitation acceptee")
    return page


def write_together(town: Town, clerk: Page, colleague: Page) -> None:
    """Both write one answer: two texts are offered, none is lost."""
    for page in (clerk, colleague):
        page.goto(f"{town.section}/projet/")
    need = "À quel besoin de la population le projet répond-il?"
    clerk.get_by_label(need).fill("Le tiers de l’eau est perdu.")
    is_saved(clerk, "need")
    colleague.get_by_label(need).fill("Un bris sur trois survient au dégel.")
    place = colleague.locator("#q-need [data-compare]")
    expect(place).to_contain_text("Line Gagné a écrit ici")
    expect(place).to_contain_text("Le tiers de l’eau est perdu.")
    expect(place).to_contain_text("Un bris sur trois survient au dégel.")
    assert colleague.get_by_label(need).input_value() == "Un bris sur trois survient au dégel."
    town.look(colleague, "j1 deux textes")
    press(colleague, "Mettre les deux à la suite, pour les fondre")
    is_saved(colleague, "need")
    colleague.reload()
    kept = colleague.get_by_label(need).input_value()
    assert "Le tiers de l’eau est perdu." in kept
    assert "Un bris sur trois survient au dégel." in kept
    colleague.goto(f"{town.site}/dossiers/{town.dossier.pk}/reponses/need/versions/")
    sees(colleague, "Line Gagné", "Denis Roy")
    town.look(colleague, "j1 versions")


def fill_the_rest(town: Town, page: Page) -> None:
    """Section by section, until nothing blocks."""
    page.goto(f"{town.section}/solution/")
    page.get_by_label("Que ferez-vous, concrètement?").fill("Quatre débitmètres et trente enregistreurs.")
    page.get_by_label("Quelles retombées attendez-vous").fill("De 31 % à 18 % de pertes en deux ans.")
    is_saved(page, "results")
    town.look(page, "j1 section solution")
    press(page, re.compile("Continuer"))
    page.wait_for_url(re.compile("donnees"))
    page.get_by_label("Oui", exact=True).check()
    expect(page.locator("#q-privacy_state")).to_be_visible()
    town.look(page, "j1 section donnees")
    page.get_by_label("Non", exact=True).check()
    expect(page.locator("#q-privacy_state")).to_be_hidden()
    page.get_by_label("Comment les données seront-elles").fill("Les volumes seront publiés chaque mois.")
    is_saved(page, "data")
    fill_budget(town, page)
    fill_last(town, page)


def fill_budget(town: Town, page: Page) -> None:
    """Dates, the grid of costs, the aid."""
    page.goto(f"{town.section}/budget/")
    page.get_by_label("Quand les travaux commencent-ils?").fill("2027-01-11")
    page.get_by_label("Quand le projet se termine-t-il?").fill("2028-06-30")
    press(page, "Ajouter une dépense")
    page.get_by_label("Catégorie, ligne 1").select_option("equipment")
    page.get_by_label("Description, ligne 1").fill("Débitmètres")
    page.get_by_label("Montant, ligne 1").fill("40 000")
    press(page, "Ajouter une source")
    page.get_by_label("Source, ligne 1").fill("Municipalité")
    page.get_by_label("Nature, ligne 1").select_option("own")
    page.get_by_label("Montant, source 1").fill("8000")
    page.get_by_label("Montant, source 1").blur()
    is_saved(page, "budget")
    page.get_by_label("Quelle aide demandez-vous?").fill("32000")
    page.get_by_label("Quelle aide demandez-vous?").blur()
    is_saved(page, "requested")
    sees(page, "32 000 $")
    town.look(page, "j1 section budget")


def fill_last(town: Town, page: Page) -> None:
    """The resolution: a wrong file is told apart before it leaves; then the declaration."""
    page.goto(f"{town.section}/engagement/")
    page.get_by_label("Quel est le numéro de la résolution?").fill("2026-02-034")
    page.get_by_label("À quelle date a-t-elle été adoptée?").fill("2026-02-09")
    page.locator("#q-resolution input[type=file]").set_input_files(town.folder / "photo.txt")
    expect(page.locator("#q-resolution [data-queue]")).to_contain_text(
        "Ce type de fichier n’est pas reçu ici"
    )
    town.look(page, "j1 fichier refuse")
    press(page, "Annuler")
    upload(page, "resolution", town.folder / "resolution.pdf")
    sees(page, scan_word())
    page.get_by_label(re.compile("Je déclare")).check()
    is_saved(page, "declaration")
    is_saved(page, "resolution_date")
    sees(page, "Plus rien ne bloque le dépôt")
    town.look(page, "j1 section engagement")


def check_and_sign(town: Town, clerk: Page, colleague: Page) -> None:
    """The drafter reads; the signatory signs, and what changed meanwhile is shown before it counts."""
    url = f"{town.site}/dossiers/{town.dossier.pk}/verification/"
    colleague.goto(url)
    sees(colleague, "La personne signataire de la municipalité dépose la demande.")
    town.look(colleague, "j1 verification redaction")
    clerk.goto(url)
    sees(clerk, "Aucun point ne bloque le dépôt")
    town.look(clerk, "j1 verification")
    press(clerk, "Déposer la demande")
    sees(clerk, "Écrivez exactement : je dépose pour Adstock")
    town.look(clerk, "j1 verification phrase")
    colleague.goto(f"{town.section}/projet/")
    colleague.get_by_label("Quel est le titre du projet?").fill("Trouver les fuites avant le printemps")
    colleague.get_by_label("Quel est le titre du projet?").blur()
    is_saved(colleague, "title")
    clerk.get_by_label(re.compile("Pour signer")).fill("je dépose pour Adstock")
    press(clerk, "Déposer la demande")
    sees(clerk, "La demande n’est pas déposée", "Quel est le titre du projet?")
    town.look(clerk, "j1 verification changee")
    clerk.get_by_label(re.compile("Pour signer")).fill("je dépose pour Adstock")
    press(clerk, "Déposer la demande")
    clerk.wait_for_url(re.compile("/accuse/1/"))


def read_receipt(town: Town, page: Page) -> None:
    """Number and code at once; the PDF soon, the page says when; the code verifies."""
    dossier = town.dossier
    sees(page, "Votre demande est reçue.", dossier.number, dossier.snapshot.code, "se prépare")
    town.look(page, "j1 accuse")
    town.work()
    expect(page.get_by_role("link", name="Télécharger l’accusé (PDF)")).to_be_visible()
    href = page.get_by_role("link", name="Télécharger l’accusé (PDF)").get_attribute("href")
    paper = steps.read_pdf(page, f"{town.site}{href}")
    assert dossier.number in paper
    assert dossier.snapshot.code in paper
    assert evened("Trouver les fuites avant le printemps") in paper
    for address in (CLERK, "greffe@m31056.example"):
        assert dossier.number in town.mail_to(address)[0].subject
        assert dossier.snapshot.code in town.mail_to(address)[0].papers[0]
    anyone = town.page_as(None, "/verifier/")
    town.look(anyone, "j1 verifier")
    anyone.get_by_role("textbox", name="Code de vérification").fill("AAAA-AAAA-AAAA-AAAA")
    press(anyone, "Vérifier")
    sees(anyone, "Inconnu")
    town.look(anyone, "j1 verifier inconnu")
    anyone.get_by_role("textbox", name="Code de vérification").fill(dossier.snapshot.code.lower())
    press(anyone, "Vérifier")
    sees(anyone, "Authentique")
    steps.misses(anyone, dossier.number, "Adstock")
    town.look(anyone, "j1 verifier authentique")


def change_and_file_again(town: Town, page: Page) -> None:
    """Another text, another file; the earlier filing counts until then, the number stays."""
    number = town.dossier.number
    follow(page, "Voir la demande")
    sees(page, number)
    town.look(page, "j1 dossier depose")
    page.goto(f"{town.site}/dossiers/{town.dossier.pk}/historique/")
    town.look(page, "j1 historique")
    page.goto(f"{town.section}/projet/")
    sees(page, f"Votre dépôt {number} compte.")
    page.get_by_label("Résumez le projet").fill("Des débitmètres dans cinq zones du réseau d’aqueduc.")
    page.get_by_label("Résumez le projet").blur()
    is_saved(page, "summary")
    town.look(page, "j1 section apres depot")
    page.goto(f"{town.section}/engagement/")
    upload(page, "resolution", town.folder / "resolution-2.pdf")
    page.goto(f"{town.site}/dossiers/{town.dossier.pk}/verification/")
    page.get_by_label(re.compile("Pour signer")).fill("je dépose pour Adstock")
    town.look(page, "j1 verification de nouveau")
    press(page, "Déposer de nouveau")
    page.wait_for_url(re.compile("/accuse/2/"))
    sees(page, number, "resolution-2.pdf")
    town.work()
    page.goto(f"{town.site}/dossiers/{town.dossier.pk}/accuse/1/")
    sees(page, "version 1, remplacée depuis")
    town.look(page, "j1 accuse remplace")
    assert town.dossier.number == number


def after_closing(town: Town, travel: steps.Travel) -> None:
    """A second too late: refused kindly, and the words are still there."""
    clerk = User.objects.get(email=CLERK)
    travel.to(town.flin.call.closes_at - timedelta(minutes=10))
    page = town.page_as(clerk)
    page.goto(f"{town.section}/projet/")
    sign = town.page_as(clerk)
    sign.goto(f"{town.site}/dossiers/{town.dossier.pk}/verification/")
    travel.to(town.flin.call.closes_at + timedelta(seconds=1))
    page.get_by_label("Résumez le projet").fill("Une phrase écrite après la fermeture.")
    page.get_by_label("Résumez le projet").blur()
    expect(page.locator("#q-summary [data-line]")).to_contain_text(re.compile("ferm"))
    assert page.get_by_label("Résumez le projet").input_value() == "Une phrase écrite après la fermeture."
    town.look(page, "j1 section fermee")
    sign.get_by_label(re.compile("Pour signer")).fill("je dépose pour Adstock")
    press(sign, "Déposer de nouveau")
    sees(
        sign,
        "La demande n’est pas déposée",
        "L’appel est fermé depuis le",
        "Votre demande de dépôt est arrivée le",
    )
    assert sign.get_by_label(re.compile("Pour signer")).input_value() == "je dépose pour Adstock"
    town.look(sign, "j1 depot refuse")
    assert town.dossier.snapshot.version == 2
    sign.goto(f"{town.site}/dossiers/{town.dossier.pk}/verification/")
    town.look(sign, "j1 dossier ferme")
