"""Changing language keeps the page, its filters and what is half-written; without script, the page says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.applications import filled
from tests.browser import steps
from tests.fixtures_calls import make_flin

REASON = "Le conseil a reporté son projet d’un an."


@pytest.fixture
def place(site: str, travel: steps.Travel) -> tuple[Any, Any, Any]:
    """A town with a draft and a filed application; the signatory."""
    flin = make_flin(closes=(travel.now() + timedelta(days=10)).replace(microsecond=0))
    town = factories.make_org("31056")
    user = factories.make_user("greffe@adstock.example")
    factories.make_member(user, town)
    dossier = filled.make_filled(flin.call, town, user)
    return flin, user, dossier


def change(page: Page, name: str) -> None:
    """Press the link of the other language."""
    page.locator("header").get_by_role("link", name=name, exact=True).click()


def test_what_is_half_written_is_there_in_the_other_language(
    site: str, place: tuple[Any, Any, Any], page_as: Callable[..., Page]
) -> None:
    flin, user, dossier = place
    page = page_as(user, f"/dossiers/{dossier.pk}/sections/projet/")
    page.get_by_label("Résumez le projet").press_sequentially("Une phrase à moitié", delay=2)
    change(page, "English")
    page.wait_for_url(f"{site}/en/dossiers/{dossier.pk}/sections/projet/")
    box = page.get_by_label("Summarise the project")
    expect(box).to_have_value(re.compile("Une phrase à moitié"))
    page.reload()
    expect(page.get_by_label("Summarise the project")).to_have_value(re.compile("Une phrase à moitié"))

    manager = page_as(flin.manager, f"/gestion/appels/{flin.call.code}/ecrire/?a=1")
    manager.get_by_label("Objet").fill("Report de la clôture")
    manager.get_by_label("Message").fill(REASON)
    change(manager, "English")
    manager.wait_for_url(f"{site}/en/gestion/appels/{flin.call.code}/ecrire/?a=1")
    expect(manager.locator("main textarea").first).to_have_value(REASON)
    assert manager.evaluate("Object.keys(sessionStorage).filter((key) => key === 'jalon:langue').length") == 0
    change(manager, "Français")
    expect(manager.locator("main textarea").first).to_have_value(REASON)
    manager.reload()
    expect(manager.locator("main textarea").first).not_to_have_value(REASON)


def test_a_password_is_never_kept(site: str, page_as: Callable[..., Page]) -> None:
    page = page_as(None, "/connexion/")
    page.get_by_label("Courriel professionnel").fill("line@ville.example")
    page.get_by_label("Mot de passe", exact=True).fill("un secret")
    change(page, "English")
    expect(page.get_by_label("Work email")).to_have_value("line@ville.example")
    expect(page.get_by_label("Password", exact=True)).to_have_value("")


def test_without_script_the_page_says_what_is_lost(site: str, page_as: Callable[..., Page]) -> None:
    page = page_as(None, "/connexion/", java_script_enabled=False)
    expect(page.locator(".lost")).to_be_visible()
    page.goto(f"{site}/appels/")
    expect(page.locator(".lost")).to_be_hidden()
