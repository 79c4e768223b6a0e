"""A claim confirmed twice at once: one effect (real threads, real commits)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts import factors
from accounts.actions import claims
from accounts.actions import factors as factor_acts
from accounts.models import Membership, User
from grants.models import Programme
from tests import factories
from workflows.engine import Refused
from workflows.models import Event

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 8


def together(act: Callable[[], object]) -> list[object]:
    """Do the same thing in every thread at the same instant."""
    gate = Barrier(THREADS)

    def one() -> object:
        try:
            gate.wait(timeout=20)
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return [future.result(timeout=60) for future in [pool.submit(one) for _ in range(THREADS)]]


def test_a_claim_is_confirmed_once(programme: Programme) -> None:
    manager = factories.make_staff("manager", programme)
    mine = claims.claim(factories.make_org("31056"), "signatory", actor=factories.make_user())
    done = together(
        lambda: claims.confirm_claim(
            Membership.objects.get(pk=mine.pk), actor=User.objects.get(pk=manager.pk)
        )
    )
    assert sorted(map(bool, done)) == [False] * (THREADS - 1) + [True]
    assert Event.objects.filter(verb="accounts.membership.confirm").count() == 1


def test_confirmed_or_refused_but_not_both(programme: Programme) -> None:
    manager = factories.make_staff("manager", programme)
    mine = claims.claim(factories.make_org("31056"), "signatory", actor=factories.make_user())
    order = iter(range(THREADS))

    def act() -> object:
        row, who = Membership.objects.get(pk=mine.pk), User.objects.get(pk=manager.pk)
        if next(order) % 2:
            return claims.confirm_claim(row, actor=who)
        return claims.refuse_claim(row, actor=who, reason="non")

    together(act)
    verbs = ["accounts.membership.confirm", "accounts.membership.refuse"]
    assert Event.objects.filter(verb__in=verbs).count() == 1


def test_one_person_claims_once(programme: Programme) -> None:
    org, clerk = factories.make_org("31056"), factories.make_user()
    done = together(lambda: claims.claim(org, "signatory", actor=User.objects.get(pk=clerk.pk)))
    assert len({row.pk for row in done if isinstance(row, Membership)}) == 1
    assert Membership.objects.count() == 1
    assert Event.objects.filter(verb="accounts.membership.claim").count() == 1


def test_a_code_is_spent_once() -> None:
    """The same six digits in eight requests at once sign one person in once."""
    person = factories.make_user()
    secret = factors.new_secret()
    factor_acts.turn_on(person, secret, factors.present() - 2)
    code = factors.code_at(secret, factors.present())
    spare = factors.codes_left(person)[0]
    for one in (code, spare):
        done = together(lambda one=one: factor_acts.accept(User.objects.get(pk=person.pk), one) is not None)
        assert sorted(map(bool, done)) == [False] * (THREADS - 1) + [True]
