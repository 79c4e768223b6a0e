"""Pages that come after the password was given again, which no walk over the routes reaches: each in its language."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client

from accounts import factors
from accounts.actions import factors as acts
from accounts.models import User
from tests import factories
from tests.permissions import reading
from tests.permissions.test_languages import names, strange
from tests.permissions.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("second_factor")]
__all__ = ["names"]
TONGUES = ("fr", "en")
SECRET = re.compile(r"(?:[A-Z2-7]{4} ?)+")  # drawn at random, it may spell a word of either language


def enrolled(person: User) -> str:
    secret = factors.new_secret()
    acts.turn_on(person, secret, factors.present() - 2)
    person.refresh_from_db()
    return secret


@pytest.mark.parametrize("language", TONGUES)
def test_the_pages_of_the_factor(language: str, kept: World, names: re.Pattern[str]) -> None:
    cache.clear()
    front = "/en" if language == "en" else ""
    base = f"{front}/mon-compte/double-authentification/"
    read: list[str] = []

    def see(client: Client, path: str) -> str:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        read.append(answer.content.decode())
        return read[-1]

    for role in ("authority", "drafter"):  # one whose role asks for it, one who may do without
        person = kept.who(role)
        assert person is not None
        client = Client()
        client.force_login(person)
        see(client, f"{front}/mot-de-passe/encore/")
        client.post(f"{front}/mot-de-passe/encore/", {"password": factories.PASSWORD, "next": base})
        page = see(client, f"{base}activer/")
        secret = page.split('id="secret">')[1].split("<")[0].replace(" ", "")
        read.append(client.post(f"{base}activer/", {"code": "000000"}).content.decode())
        client.post(f"{base}activer/", {"code": factors.code_at(secret, factors.present())})
        for path in ("codes/", "desactiver/", ""):
            see(client, base + path)
        see(client, f"{front}/mot-de-passe/encore/code/")
        see(client, f"{front}/mon-compte/sessions/")
        other = Client()
        other.post(f"{front}/connexion/", {"login": person.email, "password": factories.PASSWORD})
        see(other, f"{front}/connexion/authentification/")
        read.append(other.post(f"{front}/connexion/authentification/", {"code": "1"}).content.decode())
        admin = Client()
        admin.force_login(kept.who("technical"))  # type: ignore[arg-type]
        see(admin, f"{front}/comptes/{person.pk}/")
    said = [words for html in read for words in strange(reading.read(html), language, names)]
    assert [words for words in said if not SECRET.fullmatch(words)] == []
