"""A refusal asked again, in the reasons of its lines and in the export of its call."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Dossier
from audit import again, verify
from grants.models import Decision
from review import granting
from review.actions import reconsiderations
from tests import factories
from tests.audit.conftest import TITLES, Audited
from web import clock
from workflows.engine import fire

pytestmark = pytest.mark.django_db
MOTIVES = "La seconde fiche compte."


@pytest.fixture
def granted(audited: Audited) -> Decision:
    """The refusal of D, asked again, reversed, and the decision that follows, proposed."""
    flin = audited.made.flin
    dossier = Dossier.objects.get(call=flin.call, title=TITLES["D"])
    person = dossier.bodies.get(role="lead").organisation.memberships.get(role="signatory").user
    fresh = factories.make_staff("analyst", flin.call, email="fraiche@ministere.example")
    second = factories.make_staff("authority", flin.call.programme, email="seconde@ministere.example")
    row = reconsiderations.ask(dossier, ground="procedure", words="Une fiche manque.", actor=person)
    fire(row, "admit", actor=flin.manager)
    fire(row, "name_reconsiderer", actor=flin.manager, person=fresh.pk)
    fire(row, "decide", actor=fresh, answer="reversed", motives=MOTIVES)
    fire(row, "countersign", actor=second)
    line = flin.call.volets.get().budget_line
    type(line).objects.filter(pk=line.pk).update(amount=line.amount + 10_000)
    made = granting.draft_reconsideration(row, 5_000, actor=flin.manager)
    fire(made, "propose", actor=flin.manager)
    return made


def test_why_tells_who_answered_and_why(granted: Decision, audited: Audited) -> None:
    client = Client()
    client.force_login(audited.auditor)
    read = client.get(reverse("why", args=[granted.pk, granted.lines.get().pk]) + "?recalculer=1")
    page = " ".join(read.content.decode().split())
    for words in (MOTIVES, "Décision renversée", "réponse contresignée", "Erreur de procédure".lower()):
        assert words in page, words
    assert "ne donne pas" not in page


def test_a_signed_line_outside_the_ranking_is_no_departure(granted: Decision) -> None:
    assert list(verify.departures(json.loads(granted.body))) == []


def test_the_export_tells_the_request_whole(granted: Decision) -> None:
    people: set[int] = set()
    told: list[dict[str, Any]] = list(again.told(granted.call, people))
    assert [(one["answer"], one["motives"], one["decision"]) for one in told] == [
        ("reversed", MOTIVES, granted.number)
    ]
    assert len(people) == 3
    assert told[0]["closed_at"] <= clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
