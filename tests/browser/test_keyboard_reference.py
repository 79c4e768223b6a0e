"""The full form of the reference call written and filed by keys alone: every question, every type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accounts import places
from applications import fields
from applications.actions.drafts import start_dossier
from tests import factories
from tests.applications.filled import PDF, signatory_of
from tests.browser import hand, keyboard, reference
from tests.browser.steps import press, sees

FILES = ("resolution", "price_evidence")
TYPES = {
    "text", "long_text", "choice", "multi_choice", "yes_no", "declaration", "number", "money", "date",
    "municipality", "rows", "budget", "maturity", "targets", "file",
}  # fmt: skip


def test_the_full_form_is_filed_by_keys_alone(
    site: str, page_as: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = factories.make_org("31056")
    places.forget()
    signatory = signatory_of(town)
    flin = reference.make_reference()
    dossier, _made = start_dossier(flin.call, town, actor=signatory, volet=flin.volet)
    answers = {**reference.answers_of(dossier, town), **{slot: f"{slot}.pdf" for slot in FILES}}
    for slot in FILES:
        (tmp_path / f"{slot}.pdf").write_bytes(PDF)
    page = page_as(signatory, f"/dossiers/{dossier.pk}/sections/demandeur/")
    keyboard.by_keyboard(monkeypatch)
    written = set()
    sections = fields.sections(dossier.edition.content, reference.STREAM)
    for section, after in zip(sections, [*(one.code for one in sections[1:]), "check"], strict=True):
        for question in section.questions:
            if answers.get(question.code) is not None:
                hand.write(page, question, answers[question.code], tmp_path)
                written.add(question.type)
        page.locator(f"nav.pager button[value={after}]").click()
        page.wait_for_url("**/verification/" if after == "check" else f"**/sections/{after}/")
    assert written == TYPES
    sees(page, "Aucun point ne bloque le dépôt")
    page.locator("input[name=phrase]").fill("je dépose pour Adstock")
    press(page, "Déposer la demande")
    page.wait_for_url("**/accuse/1/")
    dossier.refresh_from_db()
    assert dossier.number == f"{flin.call.code}-0001"
    kept = dict(dossier.answers.values_list("question", "value"))
    for code in ("need", "solution", "governance", "challenge"):
        assert kept[code] == answers[code]
