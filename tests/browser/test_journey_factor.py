"""A person of the ministry turns the second factor on, signs with it, uses a recovery code, ends another session."""

from __future__ import annotations

import base64
import hmac
import struct
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from accounts.models import OpenSession
from review import deciding
from tests import factories
from tests.browser.steps import Travel, follow, press, sees
from tests.fixtures_awards import Ranked
from workflows.engine import fire

pytestmark = pytest.mark.usefixtures("second_factor")


def code_of(secret: str, travel: Travel) -> str:
    """The six digits of a secret now, by the standard library alone (RFC 6238)."""
    key = base64.b32decode(secret.replace(" ", ""))
    counter = struct.pack(">Q", int(travel.now().timestamp()) // 30)
    digest = hmac.new(key, counter, "sha1").digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def test_a_decision_is_signed_with_a_second_factor(
    site: str, page_as: Any, look: Any, travel: Travel, ranked: Ranked, mail_to: Any, work: Any
) -> None:
    cache.clear()
    authority, flin = ranked.flin.authority, ranked.flin
    decision = deciding.draft_main(ranked.panel, actor=flin.manager)
    fire(decision, "propose", actor=flin.manager)
    work()
    path = f"/decisions/{decision.pk}/actes/sign/"
    page = page_as(authority, path)
    sees(page, "votre compte n’a pas encore")
    look(page, "signing without a factor")
    press(page, "Activer la double authentification")
    look(page, "the password again")
    page.get_by_label("Votre mot de passe").fill(factories.PASSWORD)
    press(page, "Continuer")
    secret = page.locator("#secret").inner_text()
    assert page.locator("img.qr").evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    look(page, "enrolling")
    page.get_by_label("Code d’authentification").fill("000000")
    press(page, "Activer", exact=True)
    sees(page, "Ce code n’est pas le bon")
    page.get_by_label("Code d’authentification").fill(code_of(secret, travel))
    press(page, "Activer", exact=True)
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    look(page, "recovery codes")
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger").click()
    assert codes[0] in download.value.path().read_text(encoding="utf-8")
    follow(page, "C’est fait, continuer")
    expect(page.get_by_label("Code d’authentification")).to_have_count(0)
    page.get_by_label("Votre mot de passe").fill(factories.PASSWORD)
    press(page, "Signer la décision")
    sees(page, "Signée, à libérer")
    authority.refresh_from_db()  # its sessions have a new round
    an_hour_later(page_as, ranked, travel, path)
    another_device(site, page_as, look, ranked, codes)
    work()
    subjects = [one.subject for one in mail_to(authority.email)]
    assert {"Double authentification activée", "Un code de secours a servi"} <= set(subjects)


def an_hour_later(page_as: Any, ranked: Ranked, travel: Travel, path: str) -> None:
    """The release asks for a code again, whatever else stands against it."""
    travel.forward(hours=1)
    page = page_as(ranked.flin.authority, path.replace("/sign/", "/release/"))
    sees(page, "La ou le gestionnaire libère d’abord")
    expect(page.get_by_label("Code d’authentification")).to_be_visible()


def another_device(site: str, page_as: Any, look: Any, ranked: Ranked, codes: list[str]) -> None:
    """Signing in elsewhere with a recovery code; ended from there: the first window is shut out."""
    person = ranked.flin.authority
    first: Page = page_as(person, "/mon-compte/")
    page: Page = page_as(None, "/connexion/?next=/mon-compte/sessions/")
    page.get_by_label("Courriel professionnel").fill(person.email)
    page.get_by_label("Mot de passe", exact=True).fill(factories.PASSWORD)
    press(page, "Se connecter")
    look(page, "the code at sign-in")
    page.get_by_label("Code d’authentification").fill(codes[2])
    press(page, "Se connecter")
    sees(page, "Mes sessions", "Cette session", "Chrome sur Linux")
    look(page, "sessions")
    page.set_viewport_size({"width": 1280, "height": 900})
    press(page, "Terminer toutes les autres sessions")
    sees(page, "Vos autres sessions sont terminées.")
    assert OpenSession.objects.filter(user=person).count() == 1
    first.goto(f"{site}/mon-compte/")
    assert "/connexion/" in first.url
    page.goto(f"{site}/mon-compte/double-authentification/")
    sees(page, "9 codes n’ont pas servi")
    look(page, "second factor")
