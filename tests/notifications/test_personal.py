"""One's own data: everything about the person who asks, nothing about anybody else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actions import people
from accounts.models import Organisation, User
from accounts.permissions import grant_role
from applications.models import Dossier
from notifications.models import Message
from tests import factories
from tests.applications.checked import filed, signed_in
from tests.applications.conftest import _own_files, adstock, ready
from tests.fixtures_calls import Flin, flin
from web import clock
from workflows.models import Event

__all__ = ["_own_files", "adstock", "filed", "flin", "ready"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def signatory(adstock: Organisation) -> User:
    """A signatory with a name."""
    user = factories.make_user("sign@adstock.example", given_name="Lucie", family_name="Tantale")
    factories.make_member(user, adstock, "signatory")
    return user


def taken(user: User) -> tuple[dict[str, Any], str]:
    """What the person gets, and its text."""
    answer = signed_in(user).get("/moi/donnees.json")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    return json.loads(text), text


def message(user: User, subject: str) -> Message:
    """A message to a person, sent."""
    made = Message.objects.create(
        key=subject,
        kind="receipt",
        mode="at_once",
        state="sent",
        user=user,
        to_email=user.email,
        language="fr",
        subject=subject,
        body="Corps Hafnium.",
        message_id=f"<{subject}@jalon.example>",
        created_at=clock.now(),
        due_at=clock.now(),
        sent_at=clock.now(),
    )
    return made


def test_everything_about_oneself(filed: Dossier, signatory: User, flin: Flin) -> None:
    people.update_profile(signatory, actor=signatory, function="Mairesse Rhénium")
    message(signatory, "Sujet Tungstene")
    Message.objects.filter(pk=message(signatory, "Sujet Retenu").pk).update(state="held", sent_at=None)
    message(flin.manager, "Sujet Voisin")
    found, text = taken(signatory)
    assert next(iter(found)) == "about"
    assert set(found["about"]) - {"document"} <= set(found)
    assert found["profile"]["function"] == "Mairesse Rhénium"
    assert found["memberships"][0]["organisation"] == "qc:31056"
    assert found["memberships"][0]["role"] == "signatory"
    assert [(one["number"], one["title"]) for one in found["dossiers"]] == [(filed.number, filed.title)]
    assert found["filings"][0]["digest"] == filed.snapshot.digest  # type: ignore[union-attr]
    assert [(one["kind"], one["to"]) for one in found["messages"]][-1:] == [("receipt", signatory.email)]
    assert len(found["messages"]) == Message.objects.filter(user=signatory, state="sent").count()
    acts = [one["act"] for one in found["acts"]]
    assert "applications.dossier.submit" in acts
    assert acts[-1] == "accounts.user.own_data"
    assert Event.objects.filter(verb="accounts.user.own_data", actor=f"user:{signatory.pk}").count() == 1
    for word in ("Hafnium", "Sujet", flin.manager.email):
        assert word not in text, word


def test_roles_with_their_dates_and_no_name_of_another(flin: Flin, adstock: Organisation) -> None:
    person = factories.make_user("nouvelle@ministere.example")
    grant_role(person, "analyst", flin.call, actor=flin.manager)
    found, text = taken(person)
    assert [(one["role"], one["on"]) for one in found["roles"]] == [
        ("analyst", f"grants.call:{flin.call.pk}")
    ]
    assert found["roles"][0]["since"].startswith(f"{clock.now():%Y-%m-%dT}")
    assert [(one["change"], one["role"]) for one in found["role_changes"]] == [("grant", "analyst")]
    for other in User.objects.exclude(pk=person.pk):
        assert other.email not in text
        assert f"user:{other.pk}" not in text


def test_a_title_goes_with_the_right_to_read_it(filed: Dossier, signatory: User) -> None:
    signatory.memberships.update(status="revoked")
    found, text = taken(signatory)
    assert [one["number"] for one in found["dossiers"]] == [filed.number]
    assert filed.title not in text


def test_it_costs_the_same_for_few_and_many(filed: Dossier, signatory: User) -> None:
    taken(signatory)
    with CaptureQueriesContext(connection) as few:
        taken(signatory)
    for number in range(20):
        message(signatory, f"n{number}")
    with CaptureQueriesContext(connection) as many:
        assert len(taken(signatory)[0]["messages"]) >= 20
    assert len(many) == len(few)
    page = signed_in(signatory).get("/mon-compte/").content.decode()
    assert "/moi/donnees.json" in page
    assert Client().get("/moi/donnees.json").status_code == 302
    assert signed_in(signatory).post("/moi/donnees.json").status_code == 405
