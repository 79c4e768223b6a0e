"""Self-diagnosis and public targets in a form: saved by themselves, the result drawn at once, without script too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from applications.actions.answers import save_answer
from applications.actions.drafts import start_dossier
from applications.models import Dossier
from tests import factories
from tests.applications import framed
from tests.applications.filled import signatory_of
from tests.browser.test_tables import held, wait_for

Opener = Callable[..., Page]


@pytest.fixture
def signatory(site: str) -> User:
    return signatory_of(factories.make_org("31056"))


@pytest.fixture
def draft(site: str, signatory: User) -> Dossier:
    call = framed.make_call()
    dossier = start_dossier(call, factories.make_org("31056"), actor=signatory)[0]
    value = framed.levels(call, mobilite=1, modes_de_vie=4)
    del value["answers"]["mb4"]
    save_answer(dossier, "maturite", value, actor=signatory)
    return dossier


def address(dossier: Dossier) -> str:
    return f"/dossiers/{dossier.pk}/sections/reperes/"


def test_chosen_saved_and_drawn_at_once(page_as: Opener, draft: Dossier, signatory: User, look: Any) -> None:
    page = page_as(signatory, address(draft))
    result = page.locator("#resultat-maturite")
    expect(result).to_contain_text("3 énoncés sur 4")
    expect(result.locator("svg polygon")).to_have_count(4)  # the rings alone
    page.get_by_role("group", name="La flotte et le déneigement sont suivis.").get_by_role("radio").nth(
        0
    ).focus()
    page.keyboard.press("Space")
    assert wait_for(draft, "maturite", lambda value: "mb4" in value["answers"])["answers"]["mb4"] == 0
    expect(result.locator("svg polygon")).to_have_count(5)
    expect(result.locator("h2")).to_contain_text("Votre résultat")
    expect(result).to_contain_text("Relever l’état des routes")
    page.get_by_label("Villes et territoires intelligents").check()
    table = page.locator("#q-cibles table")
    table.locator("select").first.select_option("citoyens-beneficiaires")
    table.locator("[data-cell=baseline]").first.fill("0")
    table.locator("[data-cell=target]").first.fill("3 100")
    table.locator("[data-cell=source]").first.fill("Registre")
    table.locator("[data-cell=source]").first.blur()
    kept = wait_for(
        draft,
        "cibles",
        lambda value: bool(value) and any(one["source"] == "Registre" for one in value["pledges"]),
    )
    assert kept["targets"] == ["territoires"]
    assert kept["pledges"][0]["target"] == 3100
    look(page, "maturity")
    page.reload()
    expect(page.get_by_label("Villes et territoires intelligents")).to_be_checked()
    expect(page.locator('[name="maturite.answers.mb4"][value="0"]')).to_be_checked()


def test_without_script_the_button_saves_and_the_result_is_on_the_page(
    page_as: Opener, draft: Dossier, signatory: User
) -> None:
    page = page_as(signatory, address(draft), java_script_enabled=False)
    page.locator('[name="maturite.answers.mb4"][value="4"]').check()
    page.get_by_role("button", name="Ajouter une ligne").last.click()
    assert held(draft, "maturite")["answers"]["mb4"] == 4
    expect(page.locator("#resultat-maturite h2")).to_contain_text("sur 4")
