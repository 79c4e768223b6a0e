"""Rule and filter say the same over a matrix of people; nobody else sees anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Organisation, User
from applications import rules
from applications.actions.answers import answers_open
from applications.models import Body, Dossier
from tests import factories
from tests.applications import filled
from tests.applications.filled import file_now
from tests.fixtures_calls import Flin
from web import clock


@pytest.fixture
def people(flin: Flin, adstock: Organisation) -> dict[str, Any]:
    rimouski = factories.make_org("10043")
    found: dict[str, Any] = {
        role: getattr(flin, role)
        for role in ("manager", "authority", "auditor", "analyst", "second_analyst", "secretary")
    }
    for place, organisation in (("lead", adstock), ("partner", rimouski)):
        for role in ("signatory", "drafter"):
            for status in ("confirmed", "claimed", "refused", "revoked"):
                person = factories.make_user()
                factories.make_member(person, organisation, role, status=status)
                found[f"{place} {role} {status}"] = person
    found["suspended"] = factories.make_user()
    factories.make_member(found["suspended"], adstock, "signatory")
    User.objects.filter(pk=found["suspended"].pk).update(is_active=False)
    found["suspended"].refresh_from_db()
    found["stranger"] = factories.make_user()
    found["technical"] = factories.make_user(is_technical_admin=True)
    found["nobody"] = AnonymousUser()
    return found


@pytest.fixture
def dossiers(
    flin: Flin, adstock: Organisation, people: dict[str, Any], flin_at: Callable[..., Flin]
) -> dict[str, Dossier]:
    """A draft and a filed dossier with a partner, each begun by a claimant or by a confirmed signatory."""
    made: dict[str, Dossier] = {}
    for place, who in enumerate(("claimed", "confirmed")):
        person = people[f"lead signatory {who}"]
        call = flin.call if not place else flin_at("FLIN-BIS").call
        filed = filled.make_filled(call, adstock, person)
        Body.objects.create(
            dossier=filed, organisation=factories.make_org("10043"), role="partner", position=1, share=1000
        )
        file_now(filed, person)
        filed.refresh_from_db()
        made[f"filed by {who}"] = filed
        other = call if place else flin_at("FLIN-TER").call
        draft = Dossier.objects.create(
            call=other,
            volet=other.volets.get(),
            edition=other.edition,
            state="draft",
            created_by=person,
            created_at=clock.now(),
            sort_at=clock.now(),
        )
        Body.objects.create(dossier=draft, organisation=adstock, role="lead")
        made[f"draft by {who}"] = draft
    return made


def fresh(person: Any) -> Any:
    return person if not getattr(person, "pk", None) else User.objects.get(pk=person.pk)


def test_rule_and_filter_agree(dossiers: dict[str, Dossier], people: dict[str, Any]) -> None:
    for name, person in people.items():
        user = fresh(person)
        seen = set(Dossier.objects.visible_to(user))
        own = set(Dossier.objects.applicant_side(user))
        for title, dossier in dossiers.items():
            where = f"{name}: {title}"
            is_filed = dossier.state != "draft"
            assert (dossier in own) == rules.is_applicant(dossier, user), where
            reads = rules.is_applicant(dossier, user) or (is_filed and rules.is_reader(dossier, user))
            assert (dossier in seen) == reads, where
            if rules.may_sign(dossier, user):
                assert rules.may_write(dossier, user), where
            if rules.may_write(dossier, user):
                assert rules.is_applicant(dossier, user), where
            if answers_open(dossier, user):
                assert rules.may_write(dossier, user), where


def test_who_sees_what(dossiers: dict[str, Dossier], people: dict[str, Any]) -> None:
    def seen(name: str) -> set[str]:
        rows = set(Dossier.objects.visible_to(fresh(people[name])))
        return {title for title, dossier in dossiers.items() if dossier in rows}

    filed = {"filed by claimed", "filed by confirmed"}
    assert seen("lead signatory confirmed") == seen("lead drafter confirmed") == set(dossiers)
    assert seen("lead signatory claimed") == {"filed by claimed", "draft by claimed"}
    assert seen("partner signatory confirmed") == filed
    for name in ("manager", "authority", "auditor"):
        assert seen(name) == filed, name
    for name in (
        "stranger",
        "technical",
        "nobody",
        "suspended",
        "lead signatory refused",
        "lead drafter claimed",
    ):
        assert seen(name) == set(), name


def test_a_partner_reads_and_does_not_write(dossiers: dict[str, Dossier], people: dict[str, Any]) -> None:
    partner = fresh(people["partner signatory confirmed"])
    dossier = dossiers["filed by confirmed"]
    assert rules.is_applicant(dossier, partner)
    assert not rules.may_write(dossier, partner)
    assert not rules.may_sign(dossier, partner)
