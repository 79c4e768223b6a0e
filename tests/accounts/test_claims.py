"""Claims through their pages: made, confirmed once, refused with a reason."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts import claimed, hooks
from accounts.actions import claims
from accounts.models import Membership, Organisation, User
from tests import factories
from tests.accounts.conftest import as_user
from web import home
from workflows.engine import NotAllowed, Refused
from workflows.models import Event

pytestmark = pytest.mark.django_db


def claim_of(user: User, org: Organisation) -> Membership:
    return claims.claim(org, "signatory", actor=user)


def events(verb: str) -> int:
    return Event.objects.filter(chain="site", verb=f"accounts.membership.{verb}").count()


def test_clerk_finds_and_claims_a_municipality(clerk: User, adstock: Organisation) -> None:
    client = as_user(clerk)
    page = client.get("/organisations/rattacher/", {"q": "ADSTOCK"})
    assert "Les Appalaches" in page.content.decode()
    answer = client.post(f"/organisations/rattacher/{adstock.pk}/", {"role": "signatory"})
    assert answer.status_code == 303
    again = client.post(f"/organisations/rattacher/{adstock.pk}/", {"role": "signatory"})
    assert again.status_code == 303
    mine = Membership.objects.get(user=clerk)
    assert (mine.status, mine.role) == ("claimed", "signatory")
    assert events("claim") == 1
    assert "Mandat à confirmer" in client.get("/organisations/").content.decode()


def test_search_ignores_accents_and_shows_why_a_territory_cannot_apply(clerk: User) -> None:
    factories.make_org("02005")
    factories.make_org("21904")
    client = as_user(clerk)
    assert "Percé" in client.get("/organisations/rattacher/", {"q": "perce"}).content.decode()
    page = client.get("/organisations/rattacher/", {"q": "jacques cartier"}).content.decode()
    assert "La MRC La Côte-de-Beaupré présente la demande" in page
    assert "Aucun organisme" in client.get("/organisations/rattacher/", {"q": "zzz"}).content.decode()


def test_a_territory_cannot_be_claimed(clerk: User) -> None:
    territory = factories.make_org("21904")
    assert as_user(clerk).get(f"/organisations/rattacher/{territory.pk}/").status_code == 404
    with pytest.raises(Refused):
        claims.claim(territory, "signatory", actor=clerk)


def test_confirming_twice_has_one_effect(clerk: User, adstock: Organisation, manager: User) -> None:
    mine = claim_of(clerk, adstock)
    client = as_user(manager)
    assert "Maude Gélinas" in client.get("/mandats/").content.decode()
    for _ in range(2):
        assert client.post(f"/mandats/{mine.pk}/confirmer/").status_code == 303
    mine.refresh_from_db()
    assert mine.status == "confirmed"
    assert mine.confirmed_by == manager
    assert events("confirm") == 1


def test_refusing_asks_a_reason_and_tells_the_claimant(
    clerk: User, adstock: Organisation, manager: User
) -> None:
    mine = claim_of(clerk, adstock)
    client = as_user(manager)
    assert client.post(f"/mandats/{mine.pk}/refuser/", {"reason": " "}).status_code == 200
    assert (
        client.post(f"/mandats/{mine.pk}/refuser/", {"reason": "Personne ne vous connaît."}).status_code
        == 303
    )
    mine.refresh_from_db()
    assert mine.status == "refused"
    assert "Personne ne vous connaît." in as_user(clerk).get("/organisations/").content.decode()
    event = Event.objects.get(verb="accounts.membership.refuse")
    assert "connaît" not in event.line
    assert event.words == "Personne ne vous connaît."
    # a refused person may claim again
    assert claim_of(clerk, adstock).pk != mine.pk


def test_refusal_runs_the_effects_of_the_floors_above_in_the_same_transaction(
    clerk: User, adstock: Organisation, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = claim_of(clerk, adstock)
    done: list[str] = []

    def effect(row: Membership, *, actor: User, reason: str) -> None:
        assert row.status == "refused"
        done.append(reason)
        if reason == "boom":
            raise Refused(["non"])

    monkeypatch.setattr(hooks, "_refused", {})
    hooks.register_claim_refused("test", lambda row: [row.user], effect)
    with pytest.raises(Refused):
        claims.refuse_claim(mine, actor=manager, reason="boom")
    mine.refresh_from_db()
    assert mine.status == "claimed"
    claims.refuse_claim(mine, actor=manager, reason="inconnu")
    assert done == ["boom", "inconnu"]
    assert events("refuse") == 1


def test_a_confirmed_signatory_decides_and_others_do_not(
    clerk: User, adstock: Organisation, signatory: User
) -> None:
    mine = claim_of(clerk, adstock)
    other = factories.make_user("dg@kamouraska.example")
    factories.make_member(other, factories.make_org("14050"), "signatory")
    drafter = factories.make_user("drafter@adstock.example")
    factories.make_member(drafter, adstock, "drafter")
    for person in (clerk, other, drafter):
        assert as_user(person).post(f"/mandats/{mine.pk}/confirmer/").status_code == 404
        with pytest.raises(NotAllowed):
            claims.confirm_claim(mine, actor=person)
    assert as_user(signatory).get(f"/mandats/{mine.pk}/").status_code == 200
    assert as_user(signatory).post(f"/mandats/{mine.pk}/confirmer/").status_code == 303
    assert Membership.objects.confirmed().filter(user=clerk).exists()


def test_anonymous_is_sent_to_sign_in_whether_the_claim_exists_or_not(
    clerk: User, adstock: Organisation
) -> None:
    mine = claim_of(clerk, adstock)
    for pk in (mine.pk, 999_999):
        answer = Client().get(f"/mandats/{pk}/")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/connexion/?next=")


def test_nearest_closing_comes_first(
    clerk: User, adstock: Organisation, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from web import clock

    first = claim_of(clerk, adstock)
    second = claim_of(clerk, factories.make_org("14050"))
    third = claim_of(clerk, factories.make_org("02005"))
    now = clock.now()
    closings = {second.pk: now + timedelta(days=2), third.pk: now + timedelta(days=1)}
    monkeypatch.setattr(hooks, "_closing", [lambda rows: closings])
    order = [one.membership.pk for one in claimed.nearest_first(claimed.claims_waiting())]
    assert order == [third.pk, second.pk, first.pk]
    todos = list(claimed.todos(manager))
    assert [str(todo.group) for todo in todos] == ["Mandats à confirmer"] * 3
    assert todos[0].who == "Percé"
    shown = next(group for group in home.todos(manager) if str(group.label) == "Mandats à confirmer")
    assert [todo.who for todo in shown.todos] == [todo.who for todo in todos]
    assert str(home.todos(manager)[0].label) == "Mandats à confirmer"


def test_a_suspended_claimant_stays_in_the_list_with_a_note(
    clerk: User, adstock: Organisation, manager: User
) -> None:
    claim = claim_of(clerk, adstock)
    clerk.is_active = False
    clerk.save()
    assert [one.user for one in claimed.claims_waiting()] == [clerk]
    page = as_user(manager).get("/mandats/").content.decode()
    assert "Compte suspendu" in page
    assert f"/mandats/{claim.pk}/" in page
    assert not list(claimed.todos(manager)), "nothing to do while the account is shut"


def test_the_page_of_a_claim_leads_to_the_calls(clerk: User, adstock: Organisation) -> None:
    claim_of(clerk, adstock)
    assert 'href="/appels/">Commencer une demande' in as_user(clerk).get("/organisations/").content.decode()
