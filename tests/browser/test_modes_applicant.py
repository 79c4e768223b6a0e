"""J1 with scripts refused, with a browser that runs none, and by keyboard alone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser import keyboard, modes, steps
from tests.browser import test_journey_applicant as journey
from tests.browser.steps import follow, is_saved, press, scan_word, sees, upload
from tests.browser.test_journey_applicant import Town, town  # noqa: F401

NEED = "À quel besoin de la population le projet répond-il?"
MINE, THEIRS = "Un bris sur trois survient au dégel.", "Le tiers de l’eau est perdu."


@pytest.mark.parametrize("mode", [modes.REFUSED, modes.OFF])
def test_a_town_files_without_script(
    town: Town,  # noqa: F811
    page_as: Any,
    site: str,
    travel: steps.Travel,
    mode: str,
) -> None:
    """From the claim to the closing, every step by links and buttons that post."""
    town = replace(town, page_as=modes.opener(page_as, site, mode), look=modes.looker(mode))
    clerk = journey.open_account(town)
    journey.claim(town, clerk)
    journey.begin(town, clerk)
    journey.confirm(town)
    colleague = journey.invite(town, clerk)
    write_together(town, clerk, colleague)
    fill_the_rest(town, clerk)
    journey.check_and_sign(town, clerk, colleague)
    read_receipt(town, clerk)
    journey.change_and_file_again(town, clerk)
    after_closing(town, travel)


def write_together(town: Town, clerk: Page, colleague: Page) -> None:  # noqa: F811
    """Two texts are laid side by side on a page of their own, and the choice is a form."""
    for page in (clerk, colleague):
        page.goto(f"{town.section}/projet/")
    clerk.get_by_label(NEED).fill(THEIRS)
    is_saved(clerk, "need")
    colleague.get_by_label(NEED).fill(MINE)
    steps.save(colleague)
    sees(colleague, "Deux personnes ont écrit la même réponse", "Line Gagné", THEIRS, MINE)
    town.look(colleague, "j1 deux textes")
    colleague.get_by_label("Le texte à enregistrer").fill(f"{THEIRS}\n{MINE}")
    press(colleague, "Enregistrer ces choix")
    colleague.goto(f"{town.section}/projet/")
    assert colleague.get_by_label(NEED).input_value().split() == f"{THEIRS} {MINE}".split()


def fill_the_rest(town: Town, page: Page) -> None:  # noqa: F811
    """A question appears after the answer that asks it is saved; lines of the budget come and go by buttons."""
    page.goto(f"{town.section}/solution/")
    page.get_by_label("Que ferez-vous, concrètement?").fill("Quatre débitmètres et trente enregistreurs.")
    page.get_by_label("Quelles retombées attendez-vous").fill("De 31 % à 18 % de pertes en deux ans.")
    press(page, re.compile("Continuer"))
    page.wait_for_url(re.compile("donnees"))
    page.get_by_label("Oui", exact=True).check()
    press(page, re.compile("Continuer"))
    page.wait_for_url(re.compile("donnees/#q-privacy_state"))
    expect(page.locator("#q-privacy_state")).to_be_visible()
    page.get_by_label("Non", exact=True).check()
    page.get_by_label("Comment les données seront-elles").fill("Les volumes seront publiés chaque mois.")
    is_saved(page, "data")
    expect(page.locator("#q-privacy_state")).to_be_hidden()
    fill_budget(town, page)
    fill_last(town, page)


def fill_budget(town: Town, page: Page) -> None:  # noqa: F811
    """A line more, a line less; the sums come with the page."""
    page.goto(f"{town.section}/budget/")
    page.get_by_label("Quand les travaux commencent-ils?").fill("2027-01-11")
    page.get_by_label("Quand le projet se termine-t-il?").fill("2028-06-30")
    for n, (words, amount) in enumerate((("Débitmètres", "40 000"), ("Une ligne de trop", "9")), start=1):
        page.get_by_label(f"Catégorie, ligne {n}").select_option("equipment")
        page.get_by_label(f"Description, ligne {n}").fill(words)
        page.get_by_label(f"Montant, ligne {n}").fill(amount)
        press(page, "Ajouter une dépense")
        expect(page.get_by_label(f"Description, ligne {n + 1}")).to_have_value("")
    press(page, "Retirer la ligne 2")
    expect(page.get_by_label("Description, ligne 2")).to_have_value("")
    page.get_by_label("Source, ligne 1").fill("Municipalité")
    page.get_by_label("Nature, ligne 1").select_option("own")
    page.get_by_label("Montant, source 1").fill("8000")
    page.get_by_label("Quelle aide demandez-vous?").fill("32000")
    is_saved(page, "requested")
    sees(page, "32 000 $")
    town.look(page, "j1 section budget")


def fill_last(town: Town, page: Page) -> None:  # noqa: F811
    """A wrong file is refused in words, what was typed beside it is kept; then the right one."""
    page.goto(f"{town.section}/engagement/")
    page.get_by_label("Quel est le numéro de la résolution?").fill("2026-02-034")
    page.get_by_label("À quelle date a-t-elle été adoptée?").fill("2026-02-09")
    page.get_by_label(re.compile("Je déclare")).check()
    page.locator("#q-resolution input[type=file]").set_input_files(town.folder / "photo.txt")
    steps.save(page)
    sees(page, "Tout n’a pas été enregistré")
    town.look(page, "j1 fichier refuse")
    upload(page, "resolution", town.folder / "resolution.pdf")
    page.locator("#q-resolution").get_by_role("button", name="Retirer").click()
    expect(page.locator("#q-resolution [data-files]")).not_to_contain_text("resolution.pdf")
    upload(page, "resolution", town.folder / "resolution.pdf")
    sees(page, scan_word(), "Plus rien ne bloque le dépôt")
    town.look(page, "j1 section engagement")


def read_receipt(town: Town, page: Page) -> None:  # noqa: F811
    """The page that waits for its PDF has a link to be read again."""
    sees(page, "Votre demande est reçue.", town.dossier.number, town.dossier.snapshot.code, "se prépare")
    town.work()
    follow(page, "Actualiser")
    href = page.get_by_role("link", name="Télécharger l’accusé (PDF)").get_attribute("href")
    assert town.dossier.number in steps.read_pdf(page, f"{town.site}{href}")
    town.look(page, "j1 accuse")


def after_closing(town: Town, travel: steps.Travel) -> None:  # noqa: F811
    """A second too late: refused in words, with what was written."""
    clerk = User.objects.get(email=journey.CLERK)
    travel.to(town.flin.call.closes_at - timedelta(minutes=10))
    page, sign = town.page_as(clerk), town.page_as(clerk)
    page.goto(f"{town.section}/projet/")
    sign.goto(f"{town.site}/dossiers/{town.dossier.pk}/verification/")
    travel.to(town.flin.call.closes_at + timedelta(seconds=1))
    page.get_by_label("Résumez le projet").fill("Une phrase écrite après la fermeture.")
    steps.save(page)
    sees(page, "Tout n’a pas été enregistré", "L’appel est fermé depuis le")
    expect(page.get_by_label("Résumez le projet")).to_have_value("Une phrase écrite après la fermeture.")
    town.look(page, "j1 section fermee")
    sign.get_by_label(re.compile("Pour signer")).fill("je dépose pour Adstock")
    press(sign, "Déposer de nouveau")
    sees(sign, "La demande n’est pas déposée", "L’appel est fermé depuis le")
    town.look(sign, "j1 depot refuse")
    assert town.dossier.snapshot.version == 2


def test_a_town_files_by_keyboard(
    town: Town,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the public page of the call to the receipt without a pointer; the focus is seen at every stop."""
    town = replace(town, look=modes.looker(modes.KEYBOARD))
    keyboard.skips_to_the_content(town.page_as(None, f"/appels/{town.flin.call.code}/"))
    keyboard.by_keyboard(monkeypatch)
    clerk = journey.open_account(town)
    journey.claim(town, clerk)
    journey.begin(town, clerk)
    journey.confirm(town)
    colleague = journey.invite(town, clerk)
    journey.write_together(town, clerk, colleague)
    journey.fill_the_rest(town, clerk)
    journey.check_and_sign(town, clerk, colleague)
    journey.read_receipt(town, clerk)
