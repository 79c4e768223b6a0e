"""Sessions: listed by device, ended one by one or all at once, by oneself or from the outside."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.actions import people
from accounts.models import OpenSession, User
from accounts.outgoing import SecretMessage
from tests import factories
from tests.accounts.conftest import as_user
from workflows.models import Event

pytestmark = pytest.mark.django_db
PAGE = "/mon-compte/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1"


def signed_in(person: User, agent: str) -> Client:
    client = Client(headers={"user-agent": agent})
    answer = client.post("/connexion/", {"login": person.email, "password": factories.PASSWORD})
    assert answer.status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/mon-compte/").status_code == 200


def test_sessions_are_listed_by_device_and_one_is_ended(clerk: User, signatory: User) -> None:
    here, there = signed_in(clerk, FIREFOX), signed_in(clerk, IPHONE)
    other = signed_in(signatory, FIREFOX)
    text = here.get(PAGE).content.decode()
    assert text.index("Firefox sur Windows") < text.index("Safari sur iPhone")
    assert text.count("Cette session") == 1
    assert "127.0.0.1" not in text
    rows = {row.system: row for row in OpenSession.objects.filter(user=clerk)}
    assert here.post(f"{PAGE}{rows['windows'].pk}/terminer/").status_code == 404  # the present one
    assert other.post(f"{PAGE}{rows['iphone'].pk}/terminer/").status_code == 404
    assert here.get(f"{PAGE}{rows['iphone'].pk}/terminer/").status_code == 405
    assert here.post(f"{PAGE}{rows['iphone'].pk}/terminer/").status_code == 303
    assert (is_in(here), is_in(there), is_in(other)) == (True, False, True)
    assert "Safari sur iPhone" not in here.get(PAGE).content.decode()
    assert Event.objects.filter(verb__endswith="session_end", actor=f"user:{clerk.pk}").count() == 1


def test_all_the_others_are_ended_even_those_without_a_row(clerk: User) -> None:
    here, there, third = signed_in(clerk, FIREFOX), signed_in(clerk, IPHONE), as_user(clerk)
    here.get(PAGE)
    OpenSession.objects.exclude(session_key=here.session.session_key).delete()
    assert here.post(f"{PAGE}terminer/").status_code == 303
    assert (is_in(here), is_in(there), is_in(third)) == (True, False, False)
    assert OpenSession.objects.filter(user=clerk).count() == 1
    assert here.get(PAGE).content.decode().count("Cette session") == 1


def test_a_new_password_ends_the_others(clerk: User) -> None:
    here, there = signed_in(clerk, FIREFOX), signed_in(clerk, IPHONE)
    new = {"oldpassword": factories.PASSWORD, "password1": "une autre phrase de passe"}
    assert here.post("/mot-de-passe/", new).status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)
    text = here.get(PAGE).content.decode()
    assert "Firefox sur Windows" in text
    assert "Safari sur iPhone" not in text


def test_the_technical_administrator_ends_them_all(
    clerk: User, admin: User, manager: User, secrets: list[SecretMessage]
) -> None:
    here, there = signed_in(clerk, FIREFOX), signed_in(clerk, IPHONE)
    assert as_user(manager).post(f"/comptes/{clerk.pk}/sessions/").status_code == 404
    assert as_user(admin).post(f"/comptes/{clerk.pk}/sessions/").status_code == 303
    assert (is_in(here), is_in(there)) == (False, False)
    assert is_in(signed_in(User.objects.get(pk=clerk.pk), FIREFOX))


def test_a_suspension_ends_them_for_good(clerk: User, admin: User) -> None:
    here = signed_in(clerk, FIREFOX)
    people.suspend(clerk, actor=admin, reason="Départ.")
    assert not is_in(here)
    people.reinstate(clerk, actor=admin)
    assert not is_in(here)
    assert OpenSession.objects.filter(user=clerk).count() == 0


def test_an_unknown_device_is_said_to_be_unknown(clerk: User) -> None:
    client = signed_in(clerk, "curl/8")
    assert "Appareil inconnu" in client.get(PAGE).content.decode()
