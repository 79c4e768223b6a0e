"""Sign-up, sign-in, reset: nothing tells whether an account exists, nothing secret is kept, limits hold."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts import outgoing
from accounts.actions import people
from accounts.models import User
from accounts.outgoing import SecretMessage
from tests import factories
from tests.accounts.conftest import as_user
from workflows.engine import NotAllowed, Refused
from workflows.models import Event

pytestmark = pytest.mark.django_db
Secrets = list[SecretMessage]
PASSWORD = factories.PASSWORD
NEW = "une autre phrase de passe"


def path_of(message: SecretMessage) -> str:
    return message.facts["link"].removeprefix("http://127.0.0.1:8000")


def test_sign_up_asks_a_code_then_lands_on_the_page_asked_for(secrets: Secrets) -> None:
    client = Client()
    answer = client.post(
        "/inscription/",
        {
            "given_name": "Maude",
            "family_name": "Gélinas",
            "email": "Maude@Adstock.example",
            "password1": PASSWORD,
            "next": "/organisations/rattacher/",
        },
    )
    assert answer.status_code == 302
    assert answer["Location"].startswith("/inscription/code/")
    assert (secrets[0].kind, secrets[0].to.lower()) == ("email_code", "maude@adstock.example")
    assert client.get("/mon-compte/").status_code == 302
    wrong = client.post("/inscription/code/", {"code": "AAAA-AAA"})
    assert "n’est pas le bon" in wrong.content.decode()
    answer = client.post("/inscription/code/", {"code": secrets[0].facts["code"]})
    assert (answer.status_code, answer["Location"]) == (302, "/organisations/rattacher/")
    person = User.objects.get()
    assert (person.email, person.given_name, person.sort_name) == (
        "maude@adstock.example",
        "Maude",
        "gelinas maude",
    )


def test_sign_up_under_a_known_address_looks_the_same(clerk: User, secrets: Secrets) -> None:
    pages = []
    for email in (clerk.email, "inconnue@adstock.example"):
        client = Client()
        data = {"given_name": "A", "family_name": "B", "email": email, "password1": PASSWORD}
        answer = client.post("/inscription/", data)
        shown = client.get(answer["Location"]).content.decode().replace(email, "X")
        pages.append((answer.status_code, answer["Location"], len(shown)))
    assert pages[0] == pages[1]
    assert [message.kind for message in secrets] == ["account_exists", "email_code"]


def test_reset_and_sign_in_do_not_tell_whether_an_account_exists(clerk: User, secrets: Secrets) -> None:
    answers, words = [], []
    for email in (clerk.email, "inconnue@adstock.example"):
        answer = Client().post("/mot-de-passe/oublie/", {"email": email})
        answers.append((answer.status_code, answer["Location"]))
        page = (
            Client().post("/connexion/", {"login": email, "password": "faux mot de passe"}).content.decode()
        )
        words.append("ne vont pas ensemble" in page)
        code = Client().post("/connexion/code/", {"email": email})
        answers.append((code.status_code, code["Location"]))
    assert answers[:2] == answers[2:]
    assert words == [True, True]
    assert [message.kind for message in secrets] == [
        "password_reset",
        "sign_in_code",
        "unknown_account",
        "unknown_account",
    ]


def test_reset_by_link_serves_once_and_keeps_the_key_out_of_the_page(clerk: User, secrets: Secrets) -> None:
    Client().post("/mot-de-passe/oublie/", {"email": clerk.email})
    link = path_of(secrets[0])
    client = Client()
    answer = client.get(link)
    assert answer.status_code == 302
    key = link.rstrip("/").split("-", 3)[-1]
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert key not in page.content.decode()
    done = client.post(answer["Location"], {"password1": NEW})
    assert done.status_code == 302
    assert client.get("/mon-compte/").status_code == 200  # signed in
    again = Client().get(link)
    assert "Ce lien ne sert plus" in again.content.decode()
    assert Client().post("/connexion/", {"login": clerk.email, "password": NEW}).status_code == 302
    assert not Event.objects.filter(line__contains=key).exists()


def test_code_signs_in_without_a_password(clerk: User, secrets: Secrets) -> None:
    client = Client()
    client.post("/connexion/code/", {"email": clerk.email})
    assert clerk.email in client.get("/connexion/code/confirmer/").content.decode()
    answer = client.post("/connexion/code/confirmer/", {"code": secrets[0].facts["code"]})
    assert answer.status_code == 302
    assert client.get("/mon-compte/").status_code == 200


def test_failed_sign_ins_make_wait_until_unlocked(clerk: User, admin: User, secrets: Secrets) -> None:
    client = Client()
    for _ in range(5):
        client.post("/connexion/", {"login": clerk.email, "password": "faux mot de passe"})
    right = {"login": clerk.email, "password": PASSWORD}
    assert "Trop d’essais" in client.post("/connexion/", right).content.decode()
    assert people.is_locked(clerk)
    page = as_user(admin).get(f"/comptes/{clerk.pk}/").content.decode()
    assert "Trop d’essais manqués" in page
    assert as_user(admin).post(f"/comptes/{clerk.pk}/debloquer/").status_code == 303
    assert not people.is_locked(clerk)
    assert Client(REMOTE_ADDR="10.0.0.9").post("/connexion/", right).status_code == 302


def test_resets_are_limited(clerk: User, secrets: Secrets) -> None:
    statuses = [Client().post("/mot-de-passe/oublie/", {"email": clerk.email}).status_code for _ in range(6)]
    assert statuses == [302] * 5 + [429]


def test_changing_a_password_keeps_here_and_closes_elsewhere(clerk: User) -> None:
    here, elsewhere = as_user(clerk), as_user(clerk)
    answer = here.post("/mot-de-passe/", {"oldpassword": PASSWORD, "password1": NEW})
    assert answer.status_code == 302
    assert here.get("/mon-compte/").status_code == 200
    assert elsewhere.get("/mon-compte/").status_code == 302


def test_suspended_person_is_out_at_the_next_request(clerk: User, admin: User) -> None:
    client, keeper = as_user(clerk), as_user(admin)
    assert client.get("/mon-compte/").status_code == 200
    assert keeper.post(f"/comptes/{clerk.pk}/suspendre/", {"reason": ""}).status_code == 200
    assert keeper.post(f"/comptes/{clerk.pk}/suspendre/", {"reason": "Départ"}).status_code == 303
    assert client.get("/mon-compte/").status_code == 302
    refused = Client().post("/connexion/", {"login": clerk.email, "password": PASSWORD})
    assert refused.status_code in (200, 302)
    assert Client().get("/mon-compte/").status_code == 302
    assert keeper.post(f"/comptes/{clerk.pk}/retablir/").status_code == 303
    assert (
        Client().post("/connexion/", {"login": clerk.email, "password": PASSWORD})["Location"] == "/accueil/"
    )


def test_administrator_makes_accounts_and_nothing_else(admin: User, clerk: User, secrets: Secrets) -> None:
    client = as_user(admin)
    data = {"given_name": "Inès", "family_name": "Côté", "email": "ines@ministere.example", "language": "fr"}
    assert client.post("/comptes/nouveau/", data).status_code == 303
    assert "a déjà un compte" in client.post("/comptes/nouveau/", data).content.decode()
    client = Client()
    link = client.get(path_of(secrets[0]))["Location"]
    assert client.post(link, {"password1": NEW}).status_code == 302
    assert client.get("/mon-compte/").status_code == 200
    for url in ("/comptes/", "/comptes/nouveau/", f"/comptes/{clerk.pk}/"):
        assert as_user(clerk).get(url).status_code == 404
        assert as_user(admin).get(url).status_code == 200
    for url in ("/roles/", "/mandats/"):
        assert as_user(admin).get(url).status_code == 404
    with pytest.raises(Refused):
        people.suspend(admin, actor=admin, reason="moi")
    with pytest.raises(NotAllowed):
        people.suspend(admin, actor=clerk, reason="lui")


def test_profile_is_written_and_recorded(clerk: User) -> None:
    client = as_user(clerk)
    data = {
        "given_name": "Maude",
        "family_name": "Roy",
        "function": "Greffière",
        "phone": "",
        "language": "en",
    }
    assert client.post("/mon-compte/", data).status_code == 303
    assert client.post("/mon-compte/", data).status_code == 303
    clerk.refresh_from_db()
    assert (clerk.name, clerk.language) == ("Maude Roy", "en")
    event = Event.objects.get(verb="accounts.user.update_profile")
    assert event.data["fields"] == ["family_name", "function", "language"]


def test_without_a_sender_nothing_is_said_to_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "_senders", [])
    with pytest.raises(ImproperlyConfigured):
        outgoing.send_secret("password_reset", to="a@a.example", language="fr", link="x")
    with pytest.raises(ImproperlyConfigured):
        outgoing.send_secret("poem", to="a@a.example", language="fr")
    with pytest.raises(ImproperlyConfigured):
        outgoing.send_secret("password_reset", to="a@a.example", language="fr", body="x")


def test_every_private_page_sends_anonymous_to_sign_in() -> None:
    for url in ("/mon-compte/", "/organisations/", "/mandats/", "/roles/", "/repertoire/", "/comptes/"):
        answer = Client().get(url)
        assert (answer.status_code, answer["Location"]) == (302, f"/connexion/?next={url}")


def test_without_the_cache_sign_in_is_refused_kindly(monkeypatch: pytest.MonkeyPatch, clerk: User) -> None:
    from django.core.cache import cache
    from redis.exceptions import ConnectionError as Down

    def down(*args: object, **kwargs: object) -> None:
        raise Down("no answer")

    monkeypatch.setattr(cache, "add", down, raising=False)
    answer = Client().post("/connexion/", {"login": clerk.email, "password": PASSWORD})
    assert answer.status_code == 503
    assert "Réessayez dans quelques minutes" in answer.content.decode()
