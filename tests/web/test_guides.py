"""The guides: the same sections in both languages, one for each page, linked from the page itself."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.fixtures_calls import Flin
from tests.permissions.cases import ROUTES
from web import guides

SLUGS = list(guides.pages())
# Addresses that are no page one reads: files, pieces of pages, and the guides themselves.
NO_PAGE = {
    "decision_reference_file",
    "places",  # names for a box that suggests them
    "factor_image",
    "factor_codes_file",
    "help",
    "help_guide",
    "session",
    "file",
    "reconsideration_file",
    "document_pdf",
    "dossier_pdf",
    "dossier_zip",
    "export_file",
    "demo_attachment",
}
SHARED = ("staff", "applicant")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_guide_has_the_same_sections_in_both_languages(slug: str) -> None:
    told = {language: guides.guide(slug, language) for language in guides.LANGUAGES}
    for found in told.values():
        assert found is not None
        assert [one.anchor for one in found.sections] == list(guides.pages()[slug])
        assert found.summary
        assert all(one.title and len(one.html) > 80 for one in found.sections)
    french, english = told["fr"], told["en"]
    assert french is not None
    assert english is not None
    assert not {one.title for one in french.sections} & {one.title for one in english.sections}
    assert french.title != english.title


@pytest.mark.parametrize("language", guides.LANGUAGES)
@pytest.mark.parametrize("slug", SLUGS)
def test_a_guide_is_short_and_ends_with_who_to_call(slug: str, language: str) -> None:
    text = (guides.folder() / language / f"{slug}.md").read_text(encoding="utf-8")
    assert 300 <= len(text.split()) <= 600
    found = guides.guide(slug, language)
    assert found is not None
    assert found.sections[-1].anchor == "appeler"
    if language == "fr":
        assert not re.search(r" [:»]|« |'", text), "French typography"
    else:
        assert not re.search(r"[«»\u00a0]|\borganisation|\bcentre of\b", text)


def test_every_file_is_a_guide() -> None:
    for language in guides.LANGUAGES:
        assert {path.stem for path in (guides.folder() / language).glob("*.md")} == set(SLUGS)


def test_every_page_has_its_section() -> None:
    """A page without one is told here, by name; so is a view that no longer exists."""
    readable = {name for name, route in ROUTES.items() if "get" in route.methods} - NO_PAGE
    assert sorted(one for one in readable if not all(guides.section_of(one, face) for face in SHARED)) == []
    told = {
        view.rpartition("/")[2]
        for parts in guides.pages().values()
        for views in parts.values()
        for view in views
    }
    assert sorted(told - set(ROUTES)) == []


def test_a_page_that_two_faces_share_has_a_section_for_each() -> None:
    assert guides.section_of("dossier", "staff") == "commun#dossier"
    assert guides.section_of("dossier", "applicant") == "redaction#suivre"
    assert guides.section_of("nowhere", "staff") == ""


@pytest.mark.django_db
@pytest.mark.parametrize("slug", SLUGS)
def test_anybody_reads_a_guide_in_both_languages(client: Client, slug: str) -> None:
    for language, prefix in (("fr", ""), ("en", "/en")):
        page = client.get(f"{prefix}/aide/{slug}/")
        assert page.status_code == 200
        found = guides.guide(slug, language)
        assert found is not None
        text = page.content.decode()
        assert found.title in text
        assert all(f'id="{one.anchor}"' in text for one in found.sections)
        assert f'href="{prefix}/aide/{slug}/#' in client.get(f"{prefix}/aide/").content.decode()


@pytest.mark.django_db
def test_a_guide_that_is_none_is_not_found(client: Client) -> None:
    assert client.get("/aide/secret/").status_code == 404
    assert client.get("/aide/pages/").status_code == 404


@pytest.mark.django_db
def test_each_page_links_its_section(client: Client, flin: Flin) -> None:
    open_pages = {"front": "public#appels", "account_login": "public#connexion"}
    for name, where in open_pages.items():
        assert f'href="{_at(where)}" rel="help"' in client.get(reverse(name)).content.decode()
    client.force_login(flin.manager)
    pages = {
        "/accueil/": "commun#accueil",
        "/dossiers/": "commun#listes",
        f"/gestion/appels/{flin.call.code}/": "gestion#vue",
        f"/gestion/appels/{flin.call.code}/calendrier/": "gestion#calendrier",
        "/gestion/retards/": "gestion#envois",
        "/comites/": "comite#comite",
    }
    for address, where in pages.items():
        for prefix in ("", "/en"):
            page = client.get(prefix + address).content.decode()
            with translation.override("en" if prefix else "fr-ca"):
                assert f'href="{_at(where)}" rel="help"' in page, (prefix, address)


def _at(where: str) -> str:
    slug, _, anchor = where.partition("#")
    return f"{reverse('help_guide', args=[slug])}#{anchor}"
