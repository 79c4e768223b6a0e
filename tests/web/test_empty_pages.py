"""Lists with nothing in them, as a person meets them: what comes there, and a way out."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests import factories
from tests.fixtures_calls import Flin

pytestmark = pytest.mark.django_db
EMPTY = re.compile(r'<div class="empty">(.*?)</div>', re.DOTALL)
STAFF = (
    "/dossiers/",
    "/comites/",
    "/decisions/",
    "/decisions/engagements/",
    "/gestion/envois/",
    "/gestion/retards/",
    "/gestion/retards/fiches/",
    "/gestion/retards/complements/",
    "/gestion/retards/liberations/",
    "/exports/",
    "/vues/",
    "/mandats/",
)


def says(page: str) -> None:
    """A sentence of some length, and a link."""
    found = EMPTY.findall(page)
    assert found, "nothing says that there is nothing"
    for held in found:
        sentence = re.sub(r"<[^>]+>", " ", held)
        assert len(sentence.split()) >= 8, held
        assert 'href="' in held, held
        assert 'href=""' not in held, held


def test_the_manager_of_a_new_call_meets_no_bare_list(client: Client, flin: Flin) -> None:
    client.force_login(flin.manager)
    for address in STAFF:
        answer = client.get(address)
        assert answer.status_code == 200, address
        says(answer.content.decode())


def test_a_member_with_nothing_to_do_is_shown_the_calls(client: Client, flin: Flin) -> None:
    member = factories.make_user("calme@ville.example")
    factories.make_member(member, factories.make_org("31056"), "signatory")
    client.force_login(member)
    for prefix in ("", "/en"):
        home = client.get(f"{prefix}/accueil/").content.decode()
        says(home)
        assert f'class="btn" href="{prefix}/appels/"' in home
    says(client.get("/dossiers/").content.decode())


def test_a_member_of_the_staff_with_nothing_to_do_too(client: Client, flin: Flin) -> None:
    client.force_login(flin.auditor)
    says(client.get("/accueil/").content.decode())


def test_the_front_page_and_the_lists_of_a_new_site(client: Client) -> None:
    for address in ("/", "/appels/", "/projets/"):
        says(client.get(address).content.decode())
