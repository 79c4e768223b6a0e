"""The budget grid of the reference call: forty cells pasted at once, explained as they arrive, kept, read again."""

from __future__ import annotations

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
from tests.browser.test_tables import wait_for
from tests.fixtures_calls import CALL_STAFF, STAFF
from web import clock
from workflows.engine import fire

COLUMNS = ("category", "description", "year", "amount", "tax", "partner", "asked")
PASTED = [
    ("Équipements et capteurs", "Débitmètres", "An 1", "90 000", "4 500,75 $", "", ""),
    ("Honoraires", "Étude du réseau", "2", "30 000 $", "", "Adstock", "25 000"),
    ("Formation", "Équipe des travaux", "An 2", "12,000.00", "", "", ""),
    ("Développement", "Tableau de bord", "An 3", "8000", "400", "", ""),
    ("Administration", "Suivi", "An 3", "18 000", "", "", ""),
    ("Participation et communication", "Soirées", "An 1", "1 500", "0", "", ""),
]
PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const how = {clipboardData: data, bubbles: true, cancelable: true};
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", how));
}"""


@pytest.fixture
def signatory(site: str) -> User:
    return signatory_of(factories.make_org("31056"))


@pytest.fixture
def draft(site: str, signatory: User) -> Dossier:
    closes = (clock.now() + timedelta(days=20)).replace(microsecond=0)
    call = load_call(read_source(folder("ti")), options=Options(code="TI-2026", closes=closes)).call
    for role in (*STAFF, *CALL_STAFF):
        factories.make_staff(role, call.programme if role in STAFF else call)
    fire(call, "publish", actor=loader(), past=True)
    call.refresh_from_db()
    places.forget()
    lead = factories.make_org("31056")
    return start_dossier(call, lead, actor=signatory, volet=call.volets.get(code="V2"))[0]


def test_forty_cells_are_pasted_explained_and_kept(
    page_as: Callable[..., Page], draft: Dossier, signatory: User, look: Any
) -> None:
    page = page_as(signatory, f"/dossiers/{draft.pk}/sections/budget/")
    grid = page.locator("#q-budget [data-grid=lines]")
    grid.locator("[data-cell=category]").first.focus()
    page.evaluate(PASTE, "\n".join("\t".join(row) for row in PASTED))
    expect(page.locator("#q-budget [data-notice]")).to_contain_text("6 lignes collées")
    kept = wait_for(draft, "budget", lambda value: bool(value) and len(value["lines"]) == len(PASTED))[
        "lines"
    ]
    assert [tuple(one[name] for name in COLUMNS) for one in kept] == [
        ("equipment", "Débitmètres", 1, 90_000, 4_500, "", None),
        ("fees", "Étude du réseau", 2, 30_000, None, "", 25_000),
        ("training", "Équipe des travaux", 2, 12_000, None, "", None),
        ("development", "Tableau de bord", 3, 8_000, 400, "", None),
        ("administration", "Suivi", 3, 18_000, None, "", None),
        ("participation", "Soirées", 1, 1_500, 0, "", None),
    ]
    others = 94_500 + 25_000 + 12_000 + 8_400 + 1_500
    sums = page.locator("#vie-calcul")
    expect(sums).to_contain_text("Ligne par ligne")
    expect(sums).to_contain_text(
        f"{others // 9:,}".replace(",", "\u00a0")
    )  # administration: a tenth of the whole
    expect(sums).to_contain_text("Coûts par année")
    look(page, "budget grid")
    page.reload()
    expect(grid.locator("[data-cell=tax]").first).to_have_value("4\u00a0500")
    expect(grid.locator("[data-cell=year]").nth(2)).to_have_value("2")
