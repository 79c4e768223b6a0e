"""The full form attacked while somebody writes: the text afterwards is the one typed, character for character."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from accounts import places
from accounts.models import User
from applications.actions.answers import history
from applications.actions.drafts import start_dossier
from applications.models import Dossier
from tests import factories
from tests.applications.filled import signatory_of
from tests.browser import reference, steps
from tests.browser.test_tables import held, wait_for

Opener = Callable[..., Page]
LINE = '  L’été à Saint-Ludger\u202f: 7\u00a0% d’«\u00a0eau\u00a0» perdue 👩🏽\u200d🔧 <b>&amp;</b> \\n "où" œ\u0153…  '
TEXT = f"{LINE}\n\n\tDeuxième ligne,\u00a0après un vide\n— fin 🚰\n"
ANSWERS = "**/reponses/**"
# What leaves arrives; what comes back is lost.
DEAF = """() => {
  const real = window.fetch;
  window.fetch = async (...all) => { await real(...all); throw new TypeError("lost"); };
}"""


@pytest.fixture
def signatory(site: str) -> User:
    return signatory_of(factories.make_org("31056"))


@pytest.fixture
def draft(site: str, signatory: User) -> Dossier:
    flin, town = reference.make_reference(), factories.make_org("31056")
    places.forget()
    return start_dossier(flin.call, town, actor=signatory, volet=flin.volet)[0]


def at(dossier: Dossier, code: str = "realisation") -> str:
    return f"/dossiers/{dossier.pk}/sections/{code}/"


def said(page: Page, code: str) -> Any:
    return page.locator(f"#q-{code} [data-line]")


def cell(page: Page, code: str, column: str, row: int = 0) -> Any:
    return page.locator(f"#q-{code} tbody tr").nth(row).locator(f"[data-cell={column}]")


def type_all(page: Page) -> None:
    """A long text, a short one, a table."""
    page.locator("#governance").fill(TEXT)
    page.locator("#suppliers").fill(LINE)
    cell(page, "schedule", "step").fill(LINE)
    cell(page, "schedule", "starts").fill("2027-02-01")


def is_all_there(page: Page, dossier: Dossier) -> None:
    """In the boxes, in the table of answers, and in the boxes of a page read again."""
    assert wait_for(dossier, "governance", lambda value: value == TEXT)
    assert wait_for(dossier, "suppliers", lambda value: value == LINE)
    rows = wait_for(dossier, "schedule", lambda value: bool(value) and bool(value["rows"][0]["starts"]))
    assert (rows["rows"][0]["step"], rows["rows"][0]["starts"]) == (LINE, "2027-02-01")
    for code in ("governance", "suppliers", "schedule"):
        expect(said(page, code)).to_contain_text("Enregistré")
    for _reading in range(2):
        assert page.locator("#governance").input_value() == TEXT
        assert page.locator("#suppliers").input_value() == LINE
        assert cell(page, "schedule", "step").input_value() == LINE
        page.wait_for_function("Object.keys(sessionStorage).length === 0")
        page.reload()


def quiet(page: Page, url: str) -> Page:
    """A page of the same window whose answers may fail."""
    made = page.context.new_page()
    made.on("dialog", lambda dialog: dialog.accept())
    made.goto(url)
    return made


def test_answers_that_are_slow_then_fail_then_come_back(
    page_as: Opener, draft: Dossier, signatory: User, site: str
) -> None:
    page = quiet(page_as(signatory), f"{site}{at(draft)}")
    slow: list[Route] = []
    failing: list[bool] = []

    def hold(route: Route) -> None:
        if failing:
            route.fulfill(status=500, body="<h1>Panne</h1>")
        else:
            slow.append(route)

    page.route(ANSWERS, hold)
    page.locator("#governance").fill("Un début, ")
    expect(said(page, "governance")).to_have_text("Enregistrement…")
    while not slow:
        page.wait_for_timeout(50)
    type_all(page)  # while the first one is on its way
    failing.append(True)
    for one in slow:
        one.continue_()
    expect(said(page, "governance")).to_contain_text("le serveur est occupé")
    expect(page.locator("#echec")).to_contain_text("Le serveur")
    page.unroute(ANSWERS)
    page.context.set_offline(True)
    page.locator("#echec [data-retry]").first.click()
    expect(said(page, "governance")).to_contain_text("le réseau ne répond pas")
    page.context.set_offline(False)
    is_all_there(page, draft)


def test_an_answer_that_arrived_but_was_never_heard_of(
    page_as: Opener, draft: Dossier, signatory: User, site: str
) -> None:
    """The server keeps it, the page does not know: one is not told afterwards that somebody else wrote."""
    page = quiet(page_as(signatory), f"{site}{at(draft)}")
    page.evaluate(DEAF)
    page.locator("#governance").fill("Un début, ")
    expect(said(page, "governance")).to_contain_text("le réseau ne répond pas")
    assert wait_for(draft, "governance", lambda value: value == "Un début, ")
    page.route(ANSWERS, lambda route: route.abort())
    type_all(page)
    expect(said(page, "suppliers")).to_contain_text("le réseau ne répond pas")
    page.unroute(ANSWERS)
    page.reload()
    is_all_there(page, draft)


def test_the_session_ends_in_the_middle(page_as: Opener, draft: Dossier, signatory: User, site: str) -> None:
    page = page_as(signatory, at(draft))
    page.locator("#governance").fill("Un début, ")
    expect(said(page, "governance")).to_contain_text("Enregistré")
    page.context.clear_cookies()
    type_all(page)
    page.locator("#suppliers").focus()
    for code in ("governance", "suppliers", "schedule"):
        expect(said(page, code)).to_contain_text("votre session est finie")
    other = page.context.new_page()
    steps.sign_in(other, site, signatory)
    other.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    is_all_there(page, draft)


def test_back_and_forward_at_once(page_as: Opener, draft: Dossier, signatory: User, site: str) -> None:
    page = page_as(signatory, at(draft, "inclusion"))
    page.locator("#footprint").fill(TEXT)
    page.locator("main nav.pager button[value=realisation]").click()
    page.wait_for_url("**/realisation/")
    page.go_back()
    page.wait_for_url("**/inclusion/")
    assert page.locator("#footprint").input_value() == TEXT
    assert held(draft, "footprint") == TEXT
    page.go_forward()
    page.wait_for_url("**/realisation/")
    type_all(page)
    page.go_back()  # before the pause is over
    page.wait_for_url("**/inclusion/")
    page.go_forward()
    page.wait_for_url("**/realisation/")
    is_all_there(page, draft)


def test_two_people_on_one_question_of_each_kind(
    page_as: Opener, draft: Dossier, signatory: User, look: Any
) -> None:
    """Both texts are on the screen; what is not kept is in the versions."""
    maude = factories.make_user(given_name="Maude", family_name="Gélinas")
    factories.make_member(maude, factories.make_org("31056"), "drafter")
    mine, theirs = page_as(signatory, at(draft)), page_as(maude, at(draft))
    theirs.locator("#governance").fill(TEXT)
    cell(theirs, "schedule", "step").fill("Appel d’offres de Maude")
    theirs.locator("#start").fill("2027-03-01")
    theirs.locator("#start").blur()
    for code in ("governance", "schedule", "start"):
        expect(said(theirs, code)).to_contain_text("Enregistré")
    mine.locator("#governance").fill(LINE)
    cell(mine, "schedule", "step").fill("Appel d’offres à moi")
    mine.locator("#start").fill("2027-04-01")
    mine.locator("#start").blur()
    texts = {
        "governance": (LINE, TEXT),
        "schedule": ("Appel d’offres à moi", "Appel d’offres de Maude"),
        "start": ("2027-04-01", "1er mars 2027"),
    }
    for code, (own, other) in texts.items():
        place = mine.locator(f"#q-{code} [data-compare]")
        expect(place.locator("[data-other]")).to_contain_text(other)
        expect(place.locator("[data-mine]")).to_contain_text(own)
    assert mine.locator("#q-governance [data-other]").text_content() == TEXT
    look(mine, "two texts of each kind")
    mine.locator("#q-schedule [data-choose=other]").click()
    expect(cell(mine, "schedule", "step")).to_have_value("Appel d’offres de Maude")
    mine.locator("#q-governance [data-choose=both]").click()
    mine.locator("#q-start [data-choose=mine]").click()
    assert wait_for(draft, "governance", lambda value: value == f"{TEXT}\n\n{LINE}")
    assert wait_for(draft, "start", lambda value: value == "2027-04-01")
    assert "Appel d’offres à moi" in str([one.value for one in history(draft, "schedule")])
    assert "2027-03-01" in [one.value for one in history(draft, "start")]
    for code in texts:
        expect(said(mine, code)).to_contain_text("Enregistré")
