"""Who holds the role of a stage: nobody who is shut out of the dossier, member of its municipality or not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import Organisation, User
from applications import rules
from applications.models import Dossier
from review.models import Recusal
from tests import factories
from tests.applications.filled import file_now
from tests.fixtures_calls import Flin
from web import clock
from workflows.engine import EngineError, available, fire

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(ready: Dossier, signatory: User) -> Dossier:
    file_now(ready, signatory)
    return Dossier.objects.get(pk=ready.pk)


def recuse(dossier: Dossier, user: User) -> Recusal:
    return Recusal.objects.create(dossier=dossier, user=user, at=clock.now(), by=user)


def again(user: User) -> Any:
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("is_member", [False, True])
def test_a_recused_person_holds_no_role_of_a_stage(
    filed: Dossier, flin: Flin, adstock: Organisation, is_member: bool
) -> None:
    if is_member:
        factories.make_member(flin.analyst, adstock, "drafter")
    assert rules.has_stage_role(filed, again(flin.analyst), "analyst")
    recuse(filed, flin.analyst)
    row, user = Dossier.objects.get(pk=filed.pk), again(flin.analyst)
    assert not rules.has_stage_role(row, user, "analyst")
    with time_machine.travel(filed.call.closes_at + timedelta(days=1), tick=False):
        assert not {one.verb for one in available(row, user)} & {"advance", "send_back", "reject"}
        with pytest.raises(EngineError):
            fire(row, "advance", actor=user, outcome="complet")


def test_the_signatory_of_the_lead_still_signs(filed: Dossier, signatory: User) -> None:
    recuse(filed, signatory)
    assert rules.has_stage_role(Dossier.objects.get(pk=filed.pk), again(signatory), "signatory")
