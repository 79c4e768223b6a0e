"""Who a person is in a call; the rule and the row filter agree."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.permissions import forget
from grants import rules
from grants.models import Call
from tests import factories
from tests.fixtures_calls import STAFF, Flin

pytestmark = pytest.mark.django_db
ASKED = {
    "manager": rules.is_manager,
    "authority": rules.is_authority,
    "auditor": rules.is_auditor,
    "analyst": rules.is_analyst,
    "second_analyst": rules.is_second_analyst,
    "secretary": rules.is_secretary,
}


@pytest.mark.parametrize("held", ASKED)
def test_each_role_is_itself_and_no_other(flin: Flin, held: str) -> None:
    person = getattr(flin, held)
    assert {role for role, ask in ASKED.items() if ask(person, flin.call)} == {held}
    assert rules.knows_decision(person, flin.call) == (held in rules.DECISION_ROLES)


def test_role_on_a_call_stays_on_that_call(flin_at: Callable[..., Flin]) -> None:
    here, there = flin_at("ICI", publish=False), flin_at("AILLEURS", publish=False)
    person = factories.make_staff("analyst", here.call, factories.make_user("seule@ministere.example"))
    assert rules.calls_with(person) == {here.call.pk}
    assert rules.calls_with(person, "manager") == set()
    assert list(Call.objects.visible_to(person)) == [here.call]
    assert rules.calls_with(here.manager) == {here.call.pk, there.call.pk}


def test_rule_and_filter_agree(flin_at: Callable[..., Flin]) -> None:
    calls = [flin_at("UN", publish=False).call, flin_at("DEUX", publish=False).call]
    people = [
        factories.make_user(),
        *(factories.make_staff(role, calls[0]) for role in ("analyst", "secretary")),
    ]
    people += [factories.make_staff(role, calls[1].programme) for role in STAFF]
    for person in people:
        for call in calls:
            seen = Call.objects.visible_to(person).filter(pk=call.pk).exists()
            assert seen == rules.is_staff_of(person, call)


def test_suspended_and_anonymous_people_hold_nothing(flin: Flin) -> None:
    flin.analyst.is_active = False
    flin.analyst.save()
    forget(flin.analyst)
    assert rules.roles_in_call(flin.analyst, flin.call) == frozenset()
    assert rules.calls_with(AnonymousUser()) == set()
