"""Acts that bind ask for the second factor: under the lock, through every door, and once in ten minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.cache import cache
from django.test import Client

from accounts import factors, proofs
from accounts.actions import factors as acts
from accounts.models import User
from applications.models import Dossier
from grants.models import Decision
from review import deciding
from tests.applications.checked import confirm_all
from tests.applications.filled import file_now, make_filled
from tests.factories import PASSWORD, make_member, make_org, make_user
from tests.fixtures_awards import Ranked
from tests.fixtures_calls import Flin, make_flin
from web import clock
from workflows.engine import Refused, SystemActor, fire
from workflows.lifecycle import Subject, verbs_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("second_factor")]
BINDING = {
    "applications.dossier": {"reject"},
    "grants.decision": {"sign", "ask_release", "release"},
    "review.meeting": {"sign"},
    "review.reconsideration": {"countersign"},
}


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def enrolled(person: User) -> str:
    secret = factors.new_secret()
    acts.turn_on(person, secret, factors.present() - 2)
    person.refresh_from_db()
    return secret


def proof_of(person: User) -> proofs.Proof:
    factor = factors.totp_of(person)
    return proofs.Proof(person.pk, factor.pk, int(clock.now().timestamp()))


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.pk))
    return client


@pytest.fixture
def proposed(ranked: Ranked) -> Decision:
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    fire(decision, "propose", actor=ranked.flin.manager)
    return decision


def test_the_verbs_that_bind_declare_it_and_no_other() -> None:
    """What a municipality does never asks for it."""
    subjects = [model for model in apps.get_models() if issubclass(model, Subject)]
    asked = {
        model._meta.label_lower: {name for name, one in verbs_of(model).items() if one.proofs}
        for model in subjects
    }
    assert {label: names for label, names in asked.items() if names} == BINDING


def test_no_door_leads_past_it(proposed: Decision, ranked: Ranked) -> None:
    authority = ranked.flin.authority
    with pytest.raises(Refused, match="n’a pas encore"):
        fire(proposed, "sign", actor=authority, digest=proposed.digest)
    enrolled(authority)
    other = proof_of(authority)
    enrolled(ranked.flin.manager)
    for bad in (None, proof_of(ranked.flin.manager), [authority.pk, other.factor, other.at]):
        with pytest.raises(Refused, match="Donnez le code"):
            fire(proposed, "sign", actor=authority, digest=proposed.digest, proof=bad)
    with time_machine.travel(clock.now() + timedelta(minutes=11)), pytest.raises(Refused):
        fire(proposed, "sign", actor=authority, digest=proposed.digest, proof=other)
    assert ranked.committed() == 0
    fire(proposed, "sign", actor=authority, digest=proposed.digest, proof=proof_of(authority))
    assert ranked.committed() > 0
    with pytest.raises(Refused):
        fire(proposed, "ask_release", actor=ranked.flin.manager)
    fire(proposed, "ask_release", actor=ranked.flin.manager, proof=proof_of(ranked.flin.manager))
    with pytest.raises(Refused):
        fire(proposed, "release", actor=authority)
    fire(proposed, "release", actor=authority, proof=proof_of(authority))


def test_a_factor_taken_away_takes_its_proof(proposed: Decision, ranked: Ranked) -> None:
    enrolled(ranked.flin.authority)
    proof = proof_of(ranked.flin.authority)
    admin = make_user("admin@ministere.example", is_technical_admin=True)
    acts.reset(ranked.flin.authority, actor=admin, reason="Téléphone perdu.")
    enrolled(ranked.flin.authority)
    with pytest.raises(Refused):
        fire(proposed, "sign", actor=ranked.flin.authority, digest=proposed.digest, proof=proof)


def test_the_page_asks_password_and_code_then_no_code_for_ten_minutes(
    proposed: Decision, ranked: Ranked
) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        secret = enrolled(ranked.flin.authority)
        client = signed_in(ranked.flin.authority)
        path = f"/decisions/{proposed.pk}/actes/sign/"
        assert 'name="code"' in client.get(path).content.decode()
        code = factors.code_at(secret, factors.present())
        sent = {"password": "faux", "digest": proposed.digest, "code": code}
        assert client.post(path, sent).status_code == 422  # the code is not spent
        said = client.post(path, {**sent, "password": PASSWORD, "code": "123456"}).content.decode()
        assert "n’est pas le bon, ou il a déjà servi" in said
        assert client.post(path, {**sent, "password": PASSWORD}).status_code == 303
        manager = ranked.flin.manager
        enrolled(manager)
        fire(proposed, "ask_release", actor=manager, proof=proof_of(manager))
        release = f"/decisions/{proposed.pk}/actes/release/"
        assert 'name="code"' not in client.get(release).content.decode()
        now.shift(timedelta(minutes=10, seconds=1))
        assert 'name="code"' in client.get(release).content.decode()
        assert client.post(release, {}).status_code == 422
        # another session of the same person has shown nothing
        fresh = factors.code_at(secret, factors.present())
        assert signed_in(ranked.flin.authority).post(release, {}).status_code == 422
        assert client.post(release, {"code": fresh}).status_code == 303
    proposed.refresh_from_db()
    assert proposed.state == "released"


def test_nothing_is_signed_while_nothing_counts_the_tries(
    proposed: Decision, ranked: Ranked, settings: Any
) -> None:
    """The cache that counts false codes is away: refused in a sentence, neither an error nor an open door."""
    secret = enrolled(ranked.flin.authority)
    client = signed_in(ranked.flin.authority)
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:9/0"}
    settings.CACHES = {"default": away}
    code = factors.code_at(secret, factors.present())
    sent = {"password": PASSWORD, "digest": proposed.digest, "code": code}
    answer = client.post(f"/decisions/{proposed.pk}/actes/sign/", sent)
    assert answer.status_code == 422
    assert "ne peuvent pas être vérifiés" in answer.content.decode()
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert client.post(f"/decisions/{proposed.pk}/actes/sign/", sent).status_code == 303


def test_the_demonstration_asks_for_none(proposed: Decision, ranked: Ranked, settings: Any) -> None:
    settings.SECOND_FACTOR = False
    client = signed_in(ranked.flin.authority)
    path = f"/decisions/{proposed.pk}/actes/sign/"
    assert 'name="code"' not in client.get(path).content.decode()
    assert client.post(path, {"password": PASSWORD, "digest": proposed.digest}).status_code == 303


@pytest.fixture
def refused(db: None) -> tuple[Flin, Dossier]:
    """A dossier that waits for its refusal to be countersigned."""
    flin, town, signatory = make_flin("FLIN-CONTRE"), make_org(), make_user("dg@adstock.example")
    make_member(signatory, town, "signatory")
    dossier = make_filled(flin.call, town, signatory)
    file_now(dossier, signatory)
    with time_machine.travel(flin.call.closes_at + timedelta(days=1)):
        dossier.refresh_from_db()
        fire(dossier, "advance", actor=flin.analyst, outcome="complet")
        confirm_all(dossier, flin.analyst, E10="no")
        dossier.refresh_from_db()
        fire(dossier, "advance", actor=flin.analyst, outcome="inadmissible")
    dossier.refresh_from_db()
    return flin, dossier


def test_without_a_factor_one_enrols_and_comes_back_with_what_was_typed(
    refused: tuple[Flin, Dossier],
) -> None:
    flin, dossier = refused
    path = f"/dossiers/{dossier.pk}/issues/confirme/"
    with time_machine.travel(flin.call.closes_at + timedelta(days=2), tick=False):
        client = signed_in(flin.second_analyst)
        page = client.get(path).content.decode()
        assert "votre compte n’a pas encore" in page
        note = "Constat relu avec la greffière."
        kept = client.post(path, {"outcome": "confirme", "text": note})
        assert kept.status_code == 422
        assert note in kept.content.decode()
        away = client.post(path, {"outcome": "confirme", "text": note, "enrol": "1"})
        assert away.status_code == 303
        step = client.get(away["Location"])
        step = client.post(step["Location"], {"password": PASSWORD})
        enrol = step["Location"]
        page = client.get(enrol).content.decode()
        secret = page.split('id="secret">')[1].split("<")[0].replace(" ", "")
        client.post(enrol, {"code": factors.code_at(secret, factors.present())})
        codes = client.get("/mon-compte/double-authentification/codes/").content.decode()
        assert f'href="{path}"' in codes
        back = client.get(path).content.decode()
        assert note in back
        assert 'name="code"' not in back  # given minutes ago, to enrol
        assert note not in client.get(path).content.decode()  # found again once
        assert client.post(path, {"outcome": "confirme", "text": note}).status_code == 303
    dossier.refresh_from_db()
    assert dossier.state == "rejected"


def test_the_countersignature_is_refused_without_it_and_the_release_carries_out_alone(
    refused: tuple[Flin, Dossier],
) -> None:
    flin, dossier = refused
    with pytest.raises(Refused, match="double authentification"):
        fire(dossier, "reject", actor=flin.second_analyst, outcome="confirme")
    assert proofs.second_factor(dossier, SystemActor("release"), {}) is None
    enrolled(flin.second_analyst)
    fire(
        dossier, "reject", actor=flin.second_analyst, outcome="confirme", proof=proof_of(flin.second_analyst)
    )
    assert dossier.state == "rejected"
