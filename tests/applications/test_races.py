"""Races on PostgreSQL with real threads and commits: one effect, and the snapshot is what the signatory saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.actions.claims import confirm_claim
from accounts.models import Membership, User
from applications import filing, snapshots
from applications.actions.answers import save_answer
from applications.actions.drafts import start_dossier
from applications.models import Dossier, Entry, Snapshot
from tests import factories
from tests.applications import filled
from tests.fixtures_calls import Flin, make_flin
from web import clock
from workflows.engine import EngineError
from workflows.models import Event
from workflows.trail import verify_chain

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def flin(transactional_db: None) -> Flin:
    return make_flin()


@pytest.fixture
def signatory(flin: Flin) -> User:
    return filled.signatory_of(factories.make_org("31056"))


@pytest.fixture
def ready(flin: Flin, signatory: User) -> Dossier:
    return filled.make_filled(flin.call, factories.make_org("31056"), signatory)


def together(count: int, act: Callable[[int], Any]) -> list[Any]:
    """Run an act in threads that start at once; answers or the faults of the engine."""
    gate = Barrier(count)

    def one(place: int) -> Any:
        try:
            gate.wait()
            return act(place)
        except EngineError as fault:
            return fault
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def person(user: User) -> User:
    return User.objects.get(pk=user.pk)


def submit(dossier: Dossier, user: User, digest: str, key: str) -> Snapshot:
    return filing.submit(
        Dossier.objects.get(pk=dossier.pk),
        actor=person(user),
        digest=digest,
        submit_key=key,
        received_at=clock.now(),
    )


def test_twenty_clicks_on_one_page_file_once(ready: Dossier, signatory: User) -> None:
    digest = snapshots.shown(ready).digest
    answers = together(20, lambda place: submit(ready, signatory, digest, "une-page"))
    assert {type(one) for one in answers} == {Snapshot}
    assert len({one.pk for one in answers}) == 1
    stored = Dossier.objects.get()
    assert (stored.number, stored.snapshots.count()) == (f"{ready.call.code}-0001", 1)
    assert (Entry.objects.get().leads, Entry.objects.get().drafts) == (1, 0)
    assert Event.objects.filter(verb="applications.dossier.submit").count() == 1
    assert verify_chain(ready.call.code)["ok"]


def test_twenty_pages_keep_one_number_and_one_lead(ready: Dossier, signatory: User) -> None:
    digest = snapshots.shown(ready).digest
    answers = together(20, lambda place: submit(ready, signatory, digest, f"page-{place}"))
    made = [one for one in answers if isinstance(one, Snapshot)]
    assert sorted(one.version for one in made) == list(range(1, len(made) + 1))
    assert Dossier.objects.get().number == f"{ready.call.code}-0001"
    assert Entry.objects.get().leads == 1
    assert verify_chain(ready.call.code)["ok"]


def test_two_hundred_autosaves_against_submit(ready: Dossier, signatory: User) -> None:
    text, digest = snapshots.shown(ready)

    def act(place: int) -> Any:
        if place == 10:
            return submit(ready, signatory, digest, "une-page")
        return [
            save_answer(
                Dossier.objects.get(pk=ready.pk),
                "need",
                f"Texte {place}-{n}",
                actor=person(signatory),
                client=f"page-{place}",
                client_n=n,
                seen_version=1,
            ).status
            for n in range(10)
        ]

    answers = together(21, act)
    filed = list(Snapshot.objects.all())
    assert [one.text for one in filed] in ([], [text])  # what the signatory saw, or nothing
    assert isinstance(answers[10], Snapshot) == bool(filed)
    states = Counter(one for place, many in enumerate(answers) if place != 10 for one in many)
    answer = ready.answers.get(question="need")
    assert answer.version == 1 + states["saved"]
    assert sum(states.values()) == 200
    assert answer.versions.count() == states["saved"]


def test_first_answers_by_many_make_one_row(flin: Flin, signatory: User) -> None:
    dossier, _new = start_dossier(flin.call, factories.make_org("31056"), actor=signatory)
    answers = together(
        12, lambda place: save_answer(dossier, "need", f"Texte {place}", actor=person(signatory)).status
    )
    assert Counter(answers) == {"saved": 1, "conflict": 11}


def test_a_start_link_opened_twelve_times_makes_one_draft(flin: Flin, signatory: User) -> None:
    organisation = factories.make_org("31056")
    answers = together(12, lambda place: start_dossier(flin.call, organisation, actor=person(signatory)))
    assert len({dossier.pk for dossier, _new in answers}) == 1
    assert sum(is_new for _dossier, is_new in answers) == 1
    assert Entry.objects.get().drafts == 1


def test_a_claim_confirmed_twice_while_its_dossier_is_filed(flin: Flin) -> None:
    organisation = factories.make_org("31056")
    claimant = filled.signatory_of(organisation, status="claimed")
    dossier = filled.make_filled(flin.call, organisation, claimant)
    digest = snapshots.shown(dossier).digest

    def act(place: int) -> Any:
        if place == 4:
            return submit(dossier, claimant, digest, "une-page")
        return confirm_claim(Membership.objects.get(user=claimant), actor=person(flin.manager))

    answers = together(8, act)
    assert isinstance(answers[4], Snapshot)
    assert sum(one is True for one in answers) == 1
    assert Event.objects.filter(verb="accounts.membership.confirm").count() == 1
    assert not Dossier.objects.get().mandate_unconfirmed
    assert verify_chain("site")["ok"]
    assert verify_chain(flin.call.code)["ok"]


def test_files_sent_again_at_once_are_one(ready: Dossier, signatory: User) -> None:
    from applications.actions.files import add_file

    answers = together(
        8,
        lambda place: add_file(
            ready, "price_evidence", filled.pdf(), actor=person(signatory), upload_key="cle"
        ),
    )
    assert len({one.pk for one in answers}) == 1
    assert ready.attachments.filter(slot="price_evidence").count() == 1
