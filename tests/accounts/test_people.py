"""The signatory's people, invitations, hand-over, and the ministry's replacement of somebody who left."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.actions import invitations, members
from accounts.models import Invitation, Membership, Organisation, User
from accounts.outgoing import SecretMessage
from tests import factories
from tests.accounts.conftest import as_user
from web import clock
from workflows.engine import NotAllowed, Refused
from workflows.models import Event

pytestmark = pytest.mark.django_db
Secrets = list[SecretMessage]
PASSWORD = "une phrase de passe longue"


def path_of(message: SecretMessage) -> str:
    return message.facts["link"].removeprefix("http://127.0.0.1:8000")


def invite(signatory: User, org: Organisation, email: str, role: str = "drafter") -> None:
    answer = as_user(signatory).post(
        f"/organisations/{org.pk}/personnes/inviter/", {"email": email, "role": role}
    )
    assert answer.status_code == 303


def test_invitation_makes_an_account_and_a_confirmed_mandate(
    signatory: User, adstock: Organisation, secrets: Secrets
) -> None:
    invite(signatory, adstock, "Nouvelle@Adstock.example")
    (message,) = secrets
    assert (message.kind, message.to) == ("invitation", "nouvelle@adstock.example")
    assert message.facts["thing"] == "Adstock"
    token = path_of(message).split("/")[2]
    row = Invitation.objects.get()
    assert token not in "".join(str(value) for value in vars(row).values())
    assert not any(token in event.line for event in Event.objects.all())
    assert token not in repr(message)

    client = Client()
    answer = client.get(path_of(message))
    assert (answer.status_code, answer["Location"]) == (302, "/invitation/")
    page = client.get("/invitation/").content.decode()
    assert "Étienne Roy" in page
    weak = client.post("/invitation/", {"given_name": "Ana", "family_name": "Roy", "password": "court"})
    assert weak.status_code == 200
    assert not User.objects.filter(email="nouvelle@adstock.example").exists()
    answer = client.post("/invitation/", {"given_name": "Ana", "family_name": "Roy", "password": PASSWORD})
    assert answer.status_code == 303
    person = User.objects.get(email="nouvelle@adstock.example")
    mine = Membership.objects.get(user=person)
    assert (mine.status, mine.role, mine.confirmed_by) == ("confirmed", "drafter", signatory)
    assert client.get("/mon-compte/").status_code == 200
    # the same link a second time, elsewhere
    other = Client()
    other.get(path_of(message))
    assert other.get("/invitation/").status_code == 410


def test_the_address_proved_by_an_invitation_signs_in(
    signatory: User, adstock: Organisation, secrets: Secrets
) -> None:
    invite(signatory, adstock, "ana@adstock.example")
    client = Client()
    client.get(path_of(secrets[0]))
    client.post("/invitation/", {"given_name": "Ana", "family_name": "Roy", "password": PASSWORD})
    answer = Client().post("/connexion/", {"login": "ana@adstock.example", "password": PASSWORD})
    assert answer.status_code == 302
    assert answer["Location"] == "/accueil/"


def test_known_person_signs_in_then_accepts_and_a_claim_is_confirmed(
    signatory: User, clerk: User, adstock: Organisation, secrets: Secrets
) -> None:
    factories.make_member(clerk, adstock, "signatory", status="claimed")
    invite(signatory, adstock, clerk.email)
    client = Client()
    client.get(path_of(secrets[0]))
    page = client.get("/invitation/").content.decode()
    assert "/connexion/?next=/invitation/" in page
    client = as_user(clerk)
    client.get(path_of(secrets[0]))
    assert client.post("/invitation/").status_code == 303
    mine = Membership.objects.get(user=clerk)
    assert (mine.status, mine.role) == ("confirmed", "drafter")


def test_invitation_of_another_expired_cancelled_or_from_somebody_who_left(
    signatory: User, clerk: User, adstock: Organisation, secrets: Secrets
) -> None:
    invite(signatory, adstock, "ana@adstock.example")
    invite(signatory, adstock, "ana@adstock.example")  # replaces the first
    first, second = secrets
    client = Client()
    client.get(path_of(first))
    assert client.get("/invitation/").status_code == 410
    other = as_user(clerk)
    other.get(path_of(second))
    assert "adressée à ana@adstock.example" in other.get("/invitation/").content.decode()
    other.post("/invitation/")
    assert not Membership.objects.filter(user=clerk).exists()
    row = Invitation.objects.standing().get()
    with pytest.raises(Refused):
        invitations.accept_invitation(row, actor=clerk)
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        client = Client()
        client.get(path_of(second))
        answer = client.get("/invitation/")
        assert answer.status_code == 410
        assert "expiré" in answer.content.decode()
    Membership.objects.filter(user=signatory).update(role="drafter")
    with pytest.raises(Refused, match="plus le droit"):
        invitations.open_account(row, given_name="A", family_name="B", password=PASSWORD, language="fr")
    Membership.objects.filter(user=signatory).update(role="signatory")
    assert as_user(signatory).post(f"/invitations/{row.pk}/annuler/").status_code == 303
    client = Client()
    client.get(path_of(second))
    assert "annulée" in client.get("/invitation/").content.decode()
    nothing = Client()
    nothing.get("/invitation/inconnu/")
    assert nothing.get("/invitation/").status_code == 410


def test_only_the_signatory_invites_and_cancels(
    signatory: User, clerk: User, adstock: Organisation, secrets: Secrets
) -> None:
    factories.make_member(clerk, adstock, "drafter")
    outsider = factories.make_user("x@kamouraska.example")
    url = f"/organisations/{adstock.pk}/personnes/"
    assert as_user(clerk).get(url).status_code == 200
    assert "Inviter une personne" not in as_user(clerk).get(url).content.decode()
    assert (
        as_user(clerk).post(f"{url}inviter/", {"email": "a@a.example", "role": "drafter"}).status_code == 404
    )
    assert as_user(outsider).get(url).status_code == 404
    invite(signatory, adstock, "ana@adstock.example")
    row = Invitation.objects.get()
    assert as_user(clerk).post(f"/invitations/{row.pk}/annuler/").status_code == 404
    # an unconfirmed claimant sees no colleague
    claimant = factories.make_user("claim@adstock.example")
    factories.make_member(claimant, adstock, "signatory", status="claimed")
    assert as_user(claimant).get(url).status_code == 404


def test_removed_person_is_out_at_the_next_request(
    signatory: User, clerk: User, adstock: Organisation
) -> None:
    mine = factories.make_member(clerk, adstock, "drafter")
    client = as_user(clerk)
    url = f"/organisations/{adstock.pk}/personnes/"
    assert client.get(url).status_code == 200
    boss = as_user(signatory)
    assert "Retirer l’accès" in boss.get(f"/personnes/mandats/{mine.pk}/retirer/").content.decode()
    assert boss.post(f"/personnes/mandats/{mine.pk}/retirer/", {"reason": ""}).status_code == 303
    assert client.get(url).status_code == 404
    mine.refresh_from_db()
    assert mine.status == "revoked"
    assert members.remove_member(mine, actor=signatory) is False


def test_hand_over_keeps_the_former_signatory_as_drafter(
    signatory: User, clerk: User, adstock: Organisation
) -> None:
    boss = Membership.objects.get(user=signatory)
    alone = as_user(signatory).post(f"/personnes/mandats/{boss.pk}/retirer/", {"reason": ""})
    assert "passez d’abord la signature" in alone.content.decode()
    heir = factories.make_member(clerk, adstock, "drafter")
    with pytest.raises(NotAllowed):
        members.hand_over(boss, heir, actor=clerk)
    answer = as_user(signatory).post(f"/personnes/mandats/{boss.pk}/ceder/", {"successor": heir.pk})
    assert answer.status_code == 303
    boss.refresh_from_db()
    heir.refresh_from_db()
    assert (boss.role, heir.role) == ("drafter", "signatory")
    event = Event.objects.get(verb="accounts.membership.hand_over")
    assert (event.data["from_user"], event.data["user"]) == (signatory.pk, clerk.pk)
    assert (
        as_user(signatory).post(f"/personnes/mandats/{boss.pk}/ceder/", {"successor": heir.pk}).status_code
        == 404
    )


def test_a_successor_of_another_municipality_is_refused(signatory: User, adstock: Organisation) -> None:
    boss = Membership.objects.get(user=signatory)
    stranger = factories.make_member(factories.make_user(), factories.make_org("14050"), "drafter")
    page = as_user(signatory).post(f"/personnes/mandats/{boss.pk}/ceder/", {"successor": stranger.pk})
    assert page.status_code == 200
    with pytest.raises(Refused):
        members.hand_over(boss, stranger, actor=signatory)


def test_the_ministry_replaces_a_signatory_who_left(
    signatory: User, clerk: User, adstock: Organisation, manager: User
) -> None:
    boss = Membership.objects.get(user=signatory)
    heir = factories.make_member(clerk, adstock, "drafter", status="claimed")
    url = f"/personnes/mandats/{boss.pk}/remplacer/"
    assert as_user(clerk).post(url, {"successor": heir.pk, "reason": "parti"}).status_code == 404
    client = as_user(manager)
    assert client.get(url).status_code == 200
    assert client.post(url, {"successor": heir.pk, "reason": ""}).status_code == 200
    assert client.post(url, {"successor": heir.pk, "reason": "A quitté en mai."}).status_code == 303
    boss.refresh_from_db()
    heir.refresh_from_db()
    assert (boss.status, heir.status, heir.role) == ("ended", "confirmed", "signatory")


def test_signatory_writes_the_address_of_the_organisation(
    signatory: User, clerk: User, adstock: Organisation
) -> None:
    factories.make_member(clerk, adstock, "drafter")
    url = f"/organisations/{adstock.pk}/coordonnees/"
    told = {"own_email": "direction@adstock.example", "phone": "418 555-0199"}
    assert as_user(clerk).post(url, told).status_code == 404
    assert as_user(signatory).post(url, {**told, "own_email": "x"}).status_code == 200
    assert as_user(signatory).post(url, told).status_code == 303
    adstock.refresh_from_db()
    assert adstock.own_email == "direction@adstock.example"
    assert Event.objects.filter(verb="accounts.organisation.contact").count() == 1
