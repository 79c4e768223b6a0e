"""Tables and municipalities of a form: typed, pasted from a spreadsheet, suggested, saved, without script too."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts import places
from accounts.models import User
from applications.actions.drafts import start_dossier
from applications.models import Dossier
from grants.actions.calls import Options, load_call, loader
from grants.reading import folder, read_source
from tests import factories
from tests.applications.filled import signatory_of
from tests.fixtures_calls import CALL_STAFF, STAFF
from web import clock
from workflows.engine import fire

Opener = Callable[..., Page]


def words(french: str) -> dict[str, str]:
    return {"fr": french, "en": french}


def asked(code: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
    none = dict.fromkeys(("help", "role", "show_when", "require_when"))
    return {
        **none,
        "code": code,
        "type": kind,
        "label": words(label),
        "sensitivity": "public",
        "required": True,
        **more,
    }


SECTION = {
    "code": "suivi",
    "title": words("Suivi"),
    "help": None,
    "questions": [
        asked("town", "municipality", "Où le service sera-t-il rendu?", prefill="municipality"),
        asked("challenge", "long_text", "Le défi", max_words=5),
        asked(
            "risks",
            "rows",
            "Les risques",
            min_rows=2,
            columns=[
                {"code": "risk", "type": "long_text", "required": True, "label": words("Risque")},
                {"code": "cost", "type": "money", "required": True, "label": words("Coût")},
                {
                    "code": "level",
                    "type": "choice",
                    "label": words("Importance"),
                    "choices": [
                        {"code": "low", "label": words("Faible")},
                        {"code": "high", "label": words("Forte")},
                    ],
                },
            ],
        ),
    ],
}


@pytest.fixture
def signatory(site: str) -> User:
    return signatory_of(factories.make_org("31056"))


@pytest.fixture
def draft(site: str, signatory: User) -> Dossier:
    source = read_source(folder("flin"))
    source["form"]["sections"].insert(0, SECTION)
    closes = (clock.now() + timedelta(days=20)).replace(microsecond=0)
    call = load_call(source, options=Options(code="TABLES", closes=closes)).call
    for role in STAFF:
        factories.make_staff(role, call.programme)
    for role in CALL_STAFF:
        factories.make_staff(role, call)
    fire(call, "publish", actor=loader(), past=True)
    call.refresh_from_db()
    places.forget()
    return start_dossier(call, factories.make_org("31056"), actor=signatory)[0]


def held(dossier: Dossier, code: str) -> Any:
    return dossier.answers.filter(question=code).values_list("value", flat=True).first()


def wait_for(dossier: Dossier, code: str, is_there: Callable[[Any], bool]) -> Any:
    until = time.monotonic() + 15
    while not is_there(held(dossier, code)) and time.monotonic() < until:
        time.sleep(0.1)
    found = held(dossier, code)
    assert is_there(found), found
    return found


def test_typed_pasted_and_suggested(page_as: Opener, draft: Dossier, signatory: User, look: Any) -> None:
    factories.make_org("10043")
    places.forget()
    page = page_as(signatory, f"/dossiers/{draft.pk}/sections/suivi/")
    expect(page.locator("#town")).to_have_value("Adstock (Les Appalaches), 31056")
    page.locator("#town").fill("")
    page.locator("#town").press_sequentially("rimou", delay=30)
    expect(page.locator("#town-noms option")).to_have_count(1)
    page.locator("#town").fill(page.locator("#town-noms option").first.get_attribute("value") or "")
    page.locator("#challenge").fill("L’eau du lac monte au printemps")
    expect(page.locator("#q-challenge-m")).to_contain_text("7 mots sur 5")
    table = page.locator("#q-risks")
    table.locator("textarea").first.focus()
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text/plain", "Gel tardif\\t1 250,75\\tForte\\nBris\\t300\\tfaible\\nPanne\\t4000\\t?");
          const how = {clipboardData: data, bubbles: true, cancelable: true};
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", how));
        }"""
    )
    expect(table.locator("tbody tr")).to_have_count(3)
    expect(table.locator("[data-notice]")).to_contain_text("3 lignes collées")
    rows = wait_for(draft, "risks", lambda value: bool(value) and len(value.get("rows", [])) == 3)["rows"]
    assert [(one["risk"], one["cost"], one["level"]) for one in rows] == [
        ("Gel tardif", 1250, "high"),
        ("Bris", 300, "low"),
        ("Panne", 4000, None),
    ]
    assert wait_for(draft, "town", lambda value: isinstance(value, dict) and value.get("code") == "10043")
    look(page, "tables")
    page.reload()
    expect(table.locator("textarea").first).to_have_value("Gel tardif")


def test_without_script_rows_are_added_and_taken_away(
    page_as: Opener, draft: Dossier, signatory: User
) -> None:
    page = page_as(signatory, f"/dossiers/{draft.pk}/sections/suivi/", java_script_enabled=False)
    table = page.locator("#q-risks")
    table.locator("textarea").first.fill("Gel")
    table.locator("[inputmode=numeric]").first.fill("10")
    table.get_by_role("button", name="Ajouter une ligne").click()
    assert [(one["risk"], one["cost"]) for one in held(draft, "risks")["rows"]] == [("Gel", 10)]
    expect(page.locator("#q-risks textarea").first).to_have_value("Gel")
    page.locator("#q-risks").get_by_role("button", name="Retirer la ligne 1").click()
    assert held(draft, "risks") is None
