"""The second factor: enrolled with the password again, spent once, sealed at rest, asked of acts that bind."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client

from accounts import factors, proofs, sealing
from accounts.actions import factors as acts
from accounts.models import User
from accounts.outgoing import SecretMessage
from grants.models import Programme
from tests import factories
from tests.accounts.conftest import as_user
from workflows.engine import NotAllowed, Refused
from workflows.models import Event

pytestmark = pytest.mark.django_db
PAGE = "/mon-compte/double-authentification/"
NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


def enrolled(person: User) -> str:
    """Give a person a factor; its secret."""
    secret = factors.new_secret()
    acts.turn_on(person, secret, factors.present() - 2)
    person.refresh_from_db()
    return secret


def now_code(secret: str) -> str:
    return factors.code_at(secret, factors.present())


def with_password(person: User) -> Client:
    """A browser in which the password was just given again."""
    client = as_user(person)
    answer = client.post("/mot-de-passe/encore/", {"password": factories.PASSWORD, "next": PAGE})
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    return client


def events(person: User) -> list[str]:
    rows = Event.objects.filter(subject_type="accounts.user", subject_id=person.pk).order_by("pk")
    return [row.verb.rpartition(".")[2] for row in rows]


def test_enrolling_asks_the_password_shows_the_secret_and_gives_codes_once(
    clerk: User, secrets: list[SecretMessage], time_machine: Any
) -> None:
    time_machine.move_to(NOON, tick=False)
    client = as_user(clerk)
    answer = client.get(f"{PAGE}activer/?next=/organisations/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/mot-de-passe/encore/?next=")
    again = client.post(answer["Location"], {"password": "faux"})
    assert "n’est pas le bon" in again.content.decode()
    answer = client.post(answer["Location"], {"password": factories.PASSWORD})
    page = client.get(answer["Location"])
    text = page.content.decode()
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', text)
    assert found
    assert len(found[1].split()) == 8
    assert {len(part) for part in found[1].split()} == {4}
    secret = found[1].replace(" ", "")
    assert secret not in str(dict(client.session))
    image = client.get(f"{PAGE}qr.svg")
    assert image["Content-Type"] == "image/svg+xml"
    assert b"style=" not in image.content
    wrong = client.post(answer["Location"], {"code": "000000"})
    assert (wrong.status_code, "n’est pas le bon" in wrong.content.decode()) == (422, True)
    done = client.post(answer["Location"], {"code": now_code(secret)})
    assert (done.status_code, done["Location"]) == (303, f"{PAGE}codes/")
    shown = client.get(done["Location"]).content.decode()
    codes = re.findall(r"<code>(\d{4} \d{4})</code>", shown)
    assert len(codes) == 10
    assert 'href="/organisations/"' in shown
    kept = client.get(f"{PAGE}codes/fichier/")
    assert codes[0] in kept.content.decode()
    assert "attachment" in kept["Content-Disposition"]
    assert as_user(User.objects.get(pk=clerk.pk)).get(f"{PAGE}codes/").status_code == 404
    time_machine.shift(timedelta(minutes=11))
    assert client.get(f"{PAGE}codes/").status_code == 404
    stored = str([row.data for row in Authenticator.objects.all()])
    assert secret not in stored
    assert events(clerk) == ["factor_on"]
    assert secrets[-1].kind == "factor_on"


def test_sign_in_asks_for_a_code_that_serves_once(
    clerk: User, secrets: list[SecretMessage], time_machine: Any
) -> None:
    time_machine.move_to(NOON, tick=False)
    secret = enrolled(clerk)
    code = now_code(secret)
    client = Client()
    answer = client.post("/connexion/", {"login": clerk.email, "password": factories.PASSWORD})
    assert answer["Location"].startswith("/connexion/authentification/")
    assert client.get("/mon-compte/").status_code == 302
    assert "Appareil perdu?" in client.get("/connexion/authentification/").content.decode()
    assert client.post("/connexion/authentification/", {"code": code}).status_code == 302
    assert client.get("/mon-compte/").status_code == 200
    again = Client()
    again.post("/connexion/", {"login": clerk.email, "password": factories.PASSWORD})
    said = again.post("/connexion/authentification/", {"code": code}).content.decode()
    assert "il a déjà servi" in said
    time_machine.shift(timedelta(seconds=20))
    assert not factors.accept(clerk, code)
    assert factors.accept(clerk, factors.code_at(secret, factors.present() + 1))
    assert not factors.accept(clerk, now_code(secret))


def test_no_other_way_in_goes_past_the_code(clerk: User, secrets: list[SecretMessage]) -> None:
    """A code by mail and a new password are one proof: the second one is asked all the same."""
    secret = enrolled(clerk)
    by_mail = Client()
    by_mail.post("/connexion/code/", {"email": clerk.email})
    answer = by_mail.post("/connexion/code/confirmer/", {"code": secrets[-1].facts["code"]})
    assert answer["Location"].startswith("/connexion/authentification/")
    assert by_mail.get("/mon-compte/").status_code == 302
    forgot = Client()
    forgot.post("/mot-de-passe/oublie/", {"email": clerk.email})
    link = forgot.get(secrets[-1].facts["link"].removeprefix("http://127.0.0.1:8000"))["Location"]
    answer = forgot.post(link, {"password1": "une autre phrase de passe"})
    assert answer["Location"].startswith("/connexion/authentification/")
    assert forgot.get("/mon-compte/").status_code == 302
    assert forgot.post("/connexion/authentification/", {"code": now_code(secret)}).status_code == 302
    assert forgot.get("/mon-compte/").status_code == 200


def test_a_factor_turned_on_or_off_ends_the_other_sessions(clerk: User, secrets: list[SecretMessage]) -> None:
    elsewhere, here = as_user(clerk), with_password(clerk)
    page = here.get(f"{PAGE}activer/").content.decode()
    secret = page.split('id="secret">')[1].split("<")[0].replace(" ", "")
    here.post(f"{PAGE}activer/", {"code": now_code(secret)})
    assert [one.get("/mon-compte/").status_code for one in (here, elsewhere)] == [200, 302]
    elsewhere = as_user(User.objects.get(pk=clerk.pk))
    assert elsewhere.get("/mon-compte/").status_code == 200
    here.post(f"{PAGE}desactiver/", {"code": factors.codes_left(clerk)[0]})
    assert [one.get("/mon-compte/").status_code for one in (here, elsewhere)] == [200, 302]


def test_the_password_again_may_be_a_code(clerk: User, secrets: list[SecretMessage]) -> None:
    secret = enrolled(clerk)
    client = as_user(clerk)
    page = client.get(f"/mot-de-passe/encore/?next={PAGE}").content.decode()
    assert "/mot-de-passe/encore/code/" in page
    answer = client.post("/mot-de-passe/encore/code/", {"code": now_code(secret), "next": PAGE})
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert client.post(f"{PAGE}codes/renouveler/")["Location"] == f"{PAGE}codes/"


def test_a_recovery_code_serves_once_is_told_and_recorded(clerk: User, secrets: list[SecretMessage]) -> None:
    enrolled(clerk)
    spare = factors.codes_left(clerk)[3]
    client = Client()
    client.post("/connexion/", {"login": clerk.email, "password": factories.PASSWORD})
    assert (
        client.post("/connexion/authentification/", {"code": spare[:4] + " " + spare[4:]}).status_code == 302
    )
    assert client.get("/mon-compte/").status_code == 200
    assert (secrets[-1].kind, secrets[-1].facts["left"]) == ("recovery_used", "9")
    assert not acts.accept(clerk, spare)
    assert events(clerk) == ["factor_on", "factor_recovery"]


def test_five_false_codes_make_wait(clerk: User, admin: User, secrets: list[SecretMessage]) -> None:
    secret = enrolled(clerk)
    client = Client()
    client.post("/connexion/", {"login": clerk.email, "password": factories.PASSWORD})
    for _ in range(5):
        client.post("/connexion/authentification/", {"code": "12"})
    said = client.post("/connexion/authentification/", {"code": now_code(secret)}).content.decode()
    assert "Trop de codes faux" in said
    assert "Trop d’essais manqués" in as_user(admin).get(f"/comptes/{clerk.pk}/").content.decode()
    as_user(admin).post(f"/comptes/{clerk.pk}/debloquer/")
    assert client.post("/connexion/authentification/", {"code": now_code(secret)}).status_code == 302


def test_codes_are_renewed_and_the_old_ones_no_longer_serve(
    clerk: User, secrets: list[SecretMessage]
) -> None:
    enrolled(clerk)
    old = factors.codes_left(clerk)[0]
    assert as_user(clerk).post(f"{PAGE}codes/renouveler/")["Location"].startswith("/mot-de-passe/encore/")
    client = with_password(clerk)
    assert client.post(f"{PAGE}codes/renouveler/")["Location"] == f"{PAGE}codes/"
    assert client.get(f"{PAGE}codes/").status_code == 200
    assert not factors.accept(clerk, old)
    assert factors.accept(clerk, factors.codes_left(clerk)[0])


def test_it_is_turned_off_with_a_code_never_while_a_role_asks_for_it(
    clerk: User, programme: Programme, secrets: list[SecretMessage], second_factor: None
) -> None:
    secret = enrolled(clerk)
    client = with_password(clerk)
    assert client.post(f"{PAGE}desactiver/", {"code": "000000"}).status_code == 422
    answer = client.post(f"{PAGE}desactiver/", {"code": now_code(secret)})
    assert (answer.status_code, factors.has_factor(clerk)) == (303, False)
    manager = factories.make_staff("manager", programme, email="m@ministere.example")
    secret = enrolled(manager)
    client = with_password(manager)
    assert "reste active" in client.get(f"{PAGE}desactiver/").content.decode()
    client.post(f"{PAGE}desactiver/", {"code": now_code(secret)})
    assert factors.has_factor(manager)
    with pytest.raises(Refused):
        acts.turn_off(manager)
    assert [one.kind for one in secrets] == ["factor_on", "factor_off", "factor_on"]


def test_the_technical_administrator_takes_a_lost_factor_away(
    clerk: User, admin: User, manager: User, secrets: list[SecretMessage]
) -> None:
    enrolled(clerk)
    session = as_user(clerk)
    assert session.get("/mon-compte/").status_code == 200
    client = as_user(admin)
    path = f"/comptes/{clerk.pk}/facteur/"
    assert client.post(path, {"facteur-reason": ""}).status_code == 200
    assert factors.has_factor(clerk)
    assert client.post(path, {"facteur-reason": "Téléphone perdu."}).status_code == 303
    assert not factors.has_factor(clerk)
    assert session.get("/mon-compte/").status_code == 302
    assert events(clerk)[-1] == "factor_reset"
    assert (secrets[-1].kind, secrets[-1].facts["reason"]) == ("factor_reset", "Téléphone perdu.")
    assert as_user(manager).post(path, {"facteur-reason": "x"}).status_code == 404
    with pytest.raises(NotAllowed):
        acts.reset(clerk, actor=manager, reason="x")
    enrolled(admin)
    with pytest.raises(Refused):
        acts.reset(admin, actor=admin, reason="x")


def test_secrets_are_read_under_an_earlier_key_and_sealed_again(
    clerk: User, settings: Any, secrets: list[SecretMessage]
) -> None:
    secret = enrolled(clerk)
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "une-autre-cle-de-cinquante-signes-au-moins-0123456789"
    assert acts.accept(clerk, now_code(secret)) is None  # unreadable: refused, no fault
    settings.SECRET_KEY_FALLBACKS = [old]
    codes = factors.codes_left(clerk)
    assert len(codes) == 10
    assert acts.reseal() == (2, 0)
    call_command("reseal_factors", stdout=StringIO())
    settings.SECRET_KEY_FALLBACKS = []
    assert factors.codes_left(clerk) == codes
    assert acts.accept(clerk, now_code(secret))
    settings.SECRET_KEY = "une-troisieme-cle-de-cinquante-signes-au-moins-012345"
    assert acts.reseal() == (0, 2)  # told, and left as they are
    with pytest.raises(sealing.BrokenSeal):
        sealing.unseal(sealing.seal("x", b"another purpose"))


def test_a_proof_is_of_one_person_one_factor_and_some_minutes(
    clerk: User, manager: User, second_factor: None, secrets: list[SecretMessage], time_machine: Any
) -> None:
    time_machine.move_to(NOON, tick=False)
    enrolled(clerk)
    factor = factors.totp_of(clerk)
    proof = proofs.Proof(clerk.pk, factor.pk, int(NOON.timestamp()))
    assert proofs.second_factor(None, clerk, {"proof": proof}) is None
    assert proofs.second_factor(None, clerk, {})
    assert proofs.second_factor(None, clerk, {"proof": [clerk.pk, factor.pk, int(NOON.timestamp())]})
    assert "n’a pas encore" in str(proofs.second_factor(None, manager, {"proof": proof}))
    time_machine.shift(timedelta(minutes=10, seconds=1))
    assert proofs.second_factor(None, clerk, {"proof": proof})
    acts.turn_off(clerk)
    enrolled(clerk)
    fresh = proofs.Proof(clerk.pk, factor.pk, int(proofs.clock.now().timestamp()))
    assert proofs.second_factor(None, clerk, {"proof": fresh})  # that factor is gone


def test_the_body_of_a_secret_message_is_opened_with_an_earlier_key(settings: Any) -> None:
    from notifications import sealing as bodies

    sealed = bodies.seal("https://jalon.example/lien")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "une-autre-cle-de-cinquante-signes-au-moins-0123456789"
    assert bodies.unseal(sealed) == "https://jalon.example/lien"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(bodies.BrokenSeal):
        bodies.unseal(sealed)
