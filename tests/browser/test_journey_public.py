"""J8: anybody, without an account: list, filters, figures, file, page of a project, code of a letter."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from grants.models import Award, Decision
from tests.browser import stage
from tests.browser.steps import follow, misses, press, sees

TITLES = {
    "A": "Trouver les fuites avant le dégel",
    "B": "L’innovation numérique au bord du quai",
    "C": "Les collectes quand le bac est plein",
}
MARKS = {"A": "5 4 4", "B": "4 4 4", "C": "1 1 1"}


@pytest.fixture
def windows(site: str, page_as: Any, look: Any, travel: Any, work: Any, mail_to: Any) -> stage.Windows:
    """A and B are funded, C is refused; letters have left and the list has appeared."""
    made = stage.filed(travel, TITLES, pool=200_000, small=32_000)
    made.lock(MARKS)
    made.decide(days=2)
    found = stage.Windows(site, made, page_as, look, work, mail_to)
    work()
    found.wait_until(Decision.objects.get().letters_at)
    return found


def test_anybody_reads_the_funded_list(windows: stage.Windows, tmp_path: Path) -> None:
    """Every step, in the browser, by a visitor."""
    nothing_before_the_instant(windows)
    windows.wait_until(Decision.objects.get().publish_at)
    figures_follow_the_filters(windows)
    the_file_is_the_screen(windows, tmp_path)
    a_project_has_its_page(windows)
    dates_and_feed_are_public(windows)
    a_letter_is_checked(windows)


def nothing_before_the_instant(windows: stage.Windows) -> None:
    """Letters left, the list did not appear."""
    assert Award.objects.count() == 2
    page = windows.at("anonymous", "/projets/")
    sees(page, "Aucune liste publiée")
    windows.look(page, "no list yet")
    assert windows.number("A") not in windows.get("anonymous", "/projets/liste.csv")[1]


def rows(page: Page) -> list[list[str]]:
    """What the table shows, amounts without their signs."""
    lines = page.locator("table[aria-labelledby=liste]").locator("tbody tr").all()
    return [
        [cell.inner_text().replace("\u00a0", "").removesuffix("$") for cell in line.locator("th,td").all()]
        for line in lines
    ]


def figures_follow_the_filters(windows: stage.Windows) -> None:
    """All of it, then a region, then words; a chip takes a filter away."""
    first, second = windows.made.award("A"), windows.made.award("B")
    page = windows.at("anonymous", "/projets/")
    sees(page, "2 projets", TITLES["A"], TITLES["B"], "1 demande n’a pas été retenue")
    misses(page, TITLES["C"], windows.number("C"))
    windows.look(page, "funded list")
    page.get_by_label("Région", exact=True).select_option(first.region_code)
    press(page, "Appliquer")
    page.wait_for_url(f"**/projets/?*region={first.region_code}*")
    sees(page, "1 projet,", f"{first.amount:,}".replace(",", " "), "pour 1 organisme")
    misses(page, TITLES["B"])
    windows.look(page, "funded list of a region")
    page.get_by_role("link", name="retirer ce filtre").first.click()
    sees(page, "2 projets", TITLES["B"])
    page.get_by_label("Municipalité, MRC ou mots du projet").fill("innovations numeriques")
    press(page, "Chercher")
    sees(page, TITLES["B"], f"{second.amount:,}".replace(",", " "))
    misses(page, TITLES["A"])
    page.goto(f"{windows.site}/projets/?aide=500000-plus")
    sees(page, "Ces filtres ne se croisent nulle part")
    windows.look(page, "funded list, nothing left")


def the_file_is_the_screen(windows: stage.Windows, tmp_path: Path) -> None:
    """The same rows, the same columns, the same order."""
    page = windows.at("anonymous", "/projets/?tri=-projet")
    shown = rows(page)
    with page.expect_download() as waited:
        page.get_by_role("link", name="CSV, 2 lignes").click()
    waited.value.save_as(tmp_path / "liste.csv")
    head, *lines = csv.reader((tmp_path / "liste.csv").read_text("utf-8-sig").splitlines(), delimiter=";")
    assert head[0] == "Projet"
    assert len(shown) == 2
    assert [[cell.replace("\u00a0", "") for cell in line[: len(shown[0])]] for line in lines] == shown


def a_project_has_its_page(windows: stage.Windows) -> None:
    """From the list; light and dark; the same in English, where the words of the municipality stay."""
    page = windows.at("anonymous", "/projets/")
    follow(page, TITLES["A"])
    number = windows.number("A")
    sees(page, TITLES["A"], "Aide accordée, au plus", "Citer cette page", f"/projets/{number}/")
    windows.look(page, "project")
    page.emulate_media(color_scheme="dark")
    windows.look(page, "project, dark")
    page.goto(f"{windows.site}/projets/")
    windows.look(page, "funded list, dark")
    page.emulate_media(color_scheme="light")
    page.goto(f"{windows.site}/en/projets/{number}/")
    assert page.locator("h1").get_attribute("lang") == "fr-CA"
    sees(page, TITLES["A"])
    windows.look(page, "project in English")
    assert windows.get("anonymous", f"/projets/{windows.number('C')}/")[0] == 404


def dates_and_feed_are_public(windows: stage.Windows) -> None:
    """The list of calls gives the calendar and the feed."""
    page = windows.at("anonymous", "/appels/")
    sees(page, "Terminés", "2 projets soutenus")
    windows.look(page, "calls")
    for name in ("Dates de tous les appels, pour votre calendrier", "Fil des nouveaux appels"):
        href = page.get_by_role("link", name=name).get_attribute("href")
        answer = page.request.get(f"{windows.site}{href}")
        assert answer.ok
        assert windows.made.call.code in answer.text()


def a_letter_is_checked(windows: stage.Windows) -> None:
    """The code at the foot of a letter says that it is ours, and nothing of it."""
    page = windows.at("anonymous", "/verifier/")
    page.get_by_label("Code de vérification", exact=True).fill(windows.letters("A")[0].code)
    press(page, "Vérifier")
    sees(page, "Authentique")
    misses(page, TITLES["A"], windows.number("A"))
    windows.look(page, "letter checked")
