"""Answers that save themselves: no letter lost to network, session, busy server, colleague or closing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from playwright.sync_api import Page, expect

from accounts.models import User
from applications.actions.answers import history, save_answer
from applications.actions.drafts import start_dossier
from applications.models import Dossier
from grants.models import Call
from tests import factories
from tests.applications.filled import PDF, signatory_of
from tests.browser import steps
from tests.fixtures_calls import make_flin
from web import clock

Opener = Callable[..., Page]


@pytest.fixture
def signatory(site: str) -> User:
    return signatory_of(factories.make_org("31056"))


@pytest.fixture
def draft(site: str, signatory: User) -> Dossier:
    return start_dossier(make_flin().call, factories.make_org("31056"), actor=signatory)[0]


def at(dossier: Dossier, code: str = "projet") -> str:
    return f"/dossiers/{dossier.pk}/sections/{code}/"


def line(page: Page, code: str) -> Any:
    return page.locator(f"#q-{code} [data-line]")


def held(dossier: Dossier, code: str) -> Any:
    return dossier.answers.filter(question=code).values_list("value", flat=True).first()


def wait_for(dossier: Dossier, code: str, value: Any) -> None:
    """Until the answer is stored."""
    until = time.monotonic() + 15
    while held(dossier, code) != value and time.monotonic() < until:
        time.sleep(0.1)
    assert held(dossier, code) == value


def test_what_was_typed_before_the_script_came_is_saved(
    page_as: Opener, draft: Dossier, signatory: User, site: str
) -> None:
    page = page_as(signatory)
    kept: list[Any] = []
    page.route("**/js/autosave*.js", lambda route: kept.append(route))
    page.goto(f"{site}{at(draft)}", wait_until="commit")
    page.locator("#title").fill("Écrit avant tout script")
    page.locator("[name=themes]").first.check()
    while not kept:
        page.wait_for_timeout(50)
    kept[0].continue_()
    wait_for(draft, "title", "Écrit avant tout script")
    expect(line(page, "title")).to_contain_text("Enregistré à")
    expect(line(page, "themes")).to_contain_text("Enregistré à")


def test_a_pause_saves_and_the_caret_stays(page_as: Opener, draft: Dossier, signatory: User) -> None:
    page = page_as(signatory, at(draft))
    page.locator("#title").press_sequentially("Lacs sous veille", delay=20)
    expect(line(page, "title")).to_contain_text("Enregistré à")
    assert page.evaluate("document.activeElement.id") == "title"
    page.locator("#title").press_sequentially(", été")
    page.keyboard.press("Control+s")
    wait_for(draft, "title", "Lacs sous veille, été")
    expect(page.locator("#vie-rail")).to_contain_text("1 de 4")
    assert page.evaluate("Object.keys(sessionStorage).length") == 0
    page.reload()
    expect(page.locator("#title")).to_have_value("Lacs sous veille, été")


def test_the_network_fails_and_comes_back(
    page_as: Opener, draft: Dossier, signatory: User, look: Any
) -> None:
    page = page_as(signatory, at(draft))
    page.context.set_offline(True)
    page.fill("#need", "Écrit dans le train")
    expect(line(page, "need")).to_contain_text("le réseau ne répond pas")
    expect(page.locator("#echec")).to_contain_text("Le réseau ne répond pas.")
    look(page, "réseau coupé")
    assert "Écrit dans le train" in page.evaluate("Object.values(sessionStorage).join()")
    page.context.set_offline(False)
    expect(line(page, "need")).to_contain_text("Enregistré à")
    expect(page.locator("#echec")).to_be_hidden()
    assert held(draft, "need") == "Écrit dans le train"
    assert page.evaluate("Object.keys(sessionStorage).length") == 0


def test_a_dead_session_keeps_the_text_and_sends_it_after_sign_in(
    page_as: Opener, draft: Dossier, signatory: User, site: str
) -> None:
    page = page_as(signatory, at(draft))
    page.context.clear_cookies()
    page.fill("#need", "Écrit après la fin de la session")
    expect(line(page, "need")).to_contain_text("votre session est finie")
    expect(page.locator("#echec")).to_contain_text("Se connecter")
    other = page.context.new_page()
    steps.sign_in(other, site, signatory)
    other.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(line(page, "need")).to_contain_text("Enregistré à")
    expect(page.locator("#need")).to_have_value("Écrit après la fin de la session")
    assert held(draft, "need") == "Écrit après la fin de la session"


def test_a_locked_database_only_makes_it_wait(page_as: Opener, draft: Dossier, signatory: User) -> None:
    page = page_as(signatory, at(draft))
    taken, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Dossier.objects.select_for_update().get(pk=draft.pk)
            taken.set()
            leave.wait(20)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait(10)
    page.locator("#need").press_sequentially("Pendant que la base est prise")
    expect(line(page, "need")).to_have_text("Enregistrement…")
    page.locator("#need").press_sequentially(", et la suite")
    page.wait_for_timeout(2000)
    leave.set()
    thread.join()
    wait_for(draft, "need", "Pendant que la base est prise, et la suite")
    expect(page.locator("#need")).to_have_value("Pendant que la base est prise, et la suite")


def test_two_people_write_one_answer(page_as: Opener, draft: Dossier, signatory: User, look: Any) -> None:
    maude = factories.make_user(given_name="Maude", family_name="Gélinas")
    factories.make_member(maude, factories.make_org("31056"), "drafter")
    first, second = page_as(signatory, at(draft)), page_as(maude, at(draft))
    second.fill("#need", "Le texte de Maude.")
    expect(line(second, "need")).to_contain_text("Enregistré à")
    first.fill("#need", "Mon texte.")
    expect(first.locator("#q-need [data-compare]")).to_contain_text("Le texte de Maude.")
    expect(first.locator("#q-need [data-mine]")).to_contain_text("Mon texte.")
    expect(first.locator("#need")).to_have_value("Mon texte.")
    assert held(draft, "need") == "Le texte de Maude."
    look(first, "deux textes")
    steps.press(first, "Mettre les deux à la suite")
    expect(line(first, "need")).to_contain_text("Enregistré à")
    assert held(draft, "need") == "Le texte de Maude.\n\nMon texte."


def test_the_other_text_is_taken_and_mine_stays_in_the_versions(
    page_as: Opener, draft: Dossier, signatory: User
) -> None:
    maude = factories.make_user(given_name="Maude", family_name="Gélinas")
    factories.make_member(maude, factories.make_org("31056"), "drafter")
    page = page_as(signatory, at(draft))
    save_answer(draft, "need", "Le texte de Maude.", actor=maude)
    page.fill("#need", "Mon texte.")
    expect(page.locator("#q-need [data-compare]")).to_contain_text("Le texte de Maude.")
    steps.press(page, "Prendre celui-ci")
    expect(page.locator("#need")).to_have_value("Le texte de Maude.")
    expect(line(page, "need")).to_contain_text("Enregistré à")
    assert held(draft, "need") == "Le texte de Maude."
    assert "Mon texte." in [one.value for one in history(draft, "need")]
    page.fill("#need", "Le texte de Maude, et la suite.")
    wait_for(draft, "need", "Le texte de Maude, et la suite.")


def test_a_budget_never_sent_is_back_after_an_accident(
    page_as: Opener, draft: Dossier, signatory: User
) -> None:
    page = page_as(signatory, at(draft, "budget"))
    page.route("**/reponses/**", lambda route: route.abort())
    row = page.locator("[data-grid=lines] tbody tr").first
    row.locator("[data-cell=category]").select_option("training")
    row.locator("[data-cell=description]").fill("Jamais parti")
    row.locator("[data-cell=amount]").fill("12500")
    expect(line(page, "budget")).to_contain_text("le réseau ne répond pas")
    page.unroute("**/reponses/**")
    page.reload()
    row = page.locator("[data-grid=lines] tbody tr").first
    expect(row.locator("[data-cell=description]")).to_have_value("Jamais parti")
    expect(row.locator("[data-cell=amount]")).to_have_value("12\u00a0500")
    expect(row.locator("[data-cell=category]")).to_have_value("training")
    expect(line(page, "budget")).to_contain_text("Enregistré à")
    assert [(one["description"], one["amount"]) for one in held(draft, "budget")["lines"]] == [
        ("Jamais parti", 12500)
    ]


def test_after_the_closing_the_text_stays(
    page_as: Opener, draft: Dossier, signatory: User, look: Any
) -> None:
    page = page_as(signatory, at(draft))
    Call.objects.filter(pk=draft.call_id).update(closes_at=clock.now())
    page.fill("#need", "Une minute trop tard")
    expect(line(page, "need")).to_contain_text("L’appel est fermé")
    expect(page.locator("#need")).to_have_value("Une minute trop tard")
    look(page, "trop tard")
    assert held(draft, "need") is None


def test_an_accident_in_the_tab_loses_nothing(page_as: Opener, draft: Dossier, signatory: User) -> None:
    page = page_as(signatory, at(draft))
    page.route("**/reponses/**", lambda route: route.abort())
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    page.fill("#need", "Jamais parti")
    expect(line(page, "need")).to_contain_text("le réseau ne répond pas")
    page.unroute("**/reponses/**")
    page.reload()
    assert asked == ["beforeunload"]
    expect(page.locator("#need")).to_have_value("Jamais parti")
    wait_for(draft, "need", "Jamais parti")


def test_a_spreadsheet_pasted_and_cents_cut(
    page_as: Opener, draft: Dossier, signatory: User, look: Any
) -> None:
    page = page_as(signatory, at(draft, "budget"))
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text/plain", "Honoraires\\tEFVP\\t8 500,75 $\\nFormation\\tTrois personnes\\t$6,000.00\\n");
          document.querySelector("[data-grid=lines] [data-cell=category]")
            .dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    expect(page.locator("[data-notice]")).to_contain_text("Les cents ont été retranchés")
    expect(page.locator("#vie-calcul")).to_contain_text("14\u00a0500\u00a0$")
    rows = held(draft, "budget")["lines"]
    assert [(row["description"], row["amount"]) for row in rows] == [
        ("EFVP", 8500),
        ("Trois personnes", 6000),
    ]
    look(page, "budget")
    page.reload()
    page.locator("[data-grid=lines] [data-cell=amount]").first.fill("9000")
    wait_for(draft, "budget", {**held(draft, "budget"), "lines": [{**rows[0], "amount": 9000}, rows[1]]})


def test_several_files_at_once_and_one_of_a_wrong_kind(
    page_as: Opener, draft: Dossier, signatory: User, tmp_path: Any
) -> None:
    names = ("prix-1.pdf", "prix-2.pdf", "photo.heic")
    for name in names:
        (tmp_path / name).write_bytes(PDF)
    page = page_as(signatory, at(draft, "budget"))
    page.locator("#q-price_evidence input[type=file]").set_input_files([tmp_path / name for name in names])
    expect(page.locator("#q-price_evidence [data-files]")).to_contain_text("prix-1.pdf")
    expect(page.locator("#q-price_evidence [data-files]")).to_contain_text("prix-2.pdf")
    expect(page.locator("#q-price_evidence [data-queue]")).to_contain_text("n’est pas reçu ici")
    expect(page.locator("#q-price_evidence [data-files]")).to_contain_text(steps.scan_word())
    assert draft.attachments.count() == 2


def test_the_whole_of_it_without_a_script(
    page_as: Opener, draft: Dossier, signatory: User, look: Any
) -> None:
    page = page_as(signatory, at(draft), java_script_enabled=False)
    page.fill("#title", "Sans aucun script")
    steps.press(page, "Enregistrer", exact=True)
    expect(page.locator("main")).to_contain_text("Tout est enregistré.")
    assert held(draft, "title") == "Sans aucun script"
    page.fill("#title", "x" * 130)
    steps.press(page, "Continuer")
    expect(page.locator("#erreurs")).to_contain_text("130")
    expect(page.locator("#title")).to_have_value("x" * 130)
