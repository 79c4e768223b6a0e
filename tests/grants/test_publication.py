"""The funded list: nothing before its instant, nothing refused by name, only published answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Dossier
from grants import publication
from grants.models import Award, Decision, DecisionLine
from tests import factories
from tests.fixtures_calls import Flin
from web import clock

pytestmark = pytest.mark.django_db
SECRET = "Telemetrie-du-Haut-Pays"


def fund(
    flin: Flin, code: str, amount: int, *, number: int, publish_at: Any, state: str = "confirmed", **line: Any
) -> Award:
    """An award of a released decision, as the release leaves it."""
    organisation = factories.make_org(code)
    decision, _made = Decision.objects.get_or_create(
        call=flin.call,
        number=1,
        defaults={
            "volet": flin.volet,
            "selection_input": "{}",
            "selection_result": "{}",
            "letters_at": publish_at - timedelta(days=7),
            "publish_at": publish_at,
            "created_at": clock.now(),
            "created_by": flin.manager,
            "released_at": publish_at - timedelta(days=8),
            "state": "released",
        },
    )
    row = DecisionLine.objects.create(
        decision=decision,
        dossier_id=number,
        dossier_number=f"{flin.call.code}-{number:04d}",
        title=f"Projet de {organisation.name}",
        beneficiary=organisation.name,
        region_code=organisation.region_id,
        position=number,
        proposed="accepted",
        outcome="accepted",
        amount=amount,
        requested=amount,
        **line,
    )
    return Award.objects.create(
        call=flin.call,
        volet=flin.volet,
        line=row,
        dossier_id=number,
        dossier_number=row.dossier_number,
        organisation=organisation,
        beneficiary=organisation.name,
        title=row.title,
        public={"public_summary": "Trente enregistreurs.", "themes": ["environnement"], "suppliers": SECRET},
        region_code=organisation.region_id,
        amount=amount,
        requested=amount,
        kept_costs=amount * 5 // 4,
        source="pool",
        letters_at=decision.letters_at,
        publish_at=publish_at,
        state=state,
    )


def refuse(flin: Flin, award: Award, number: int, dollars: int) -> None:
    """A refused line of the same decision."""
    DecisionLine.objects.create(
        decision=award.line.decision,
        dossier_id=number,
        dossier_number=f"{flin.call.code}-{number:04d}",
        title="Projet-refusé-secret",
        beneficiary="Ville-refusée",
        position=number,
        proposed="rejected",
        outcome="rejected",
        requested=dollars,
    )


def test_nothing_before_the_public_instant(client: Client, flin: Flin) -> None:
    now = clock.now()
    award = fund(flin, "31056", 115_000, number=1, publish_at=now + timedelta(minutes=1))
    refuse(flin, award, 2, 40_000)
    page = client.get(reverse("projects")).content.decode()
    assert "Adstock" not in page
    assert "40\u00a0000" not in page
    assert client.get(reverse("project", args=[award.dossier_number])).status_code == 404
    for person in (flin.manager, flin.authority):
        client.force_login(person)
        assert "Adstock" not in client.get(reverse("projects")).content.decode()
        assert client.get(reverse("project", args=[award.dossier_number])).status_code == 404
    assert publication.published(now + timedelta(minutes=1)).count() == 1


def test_list_page_and_totals(client: Client, flin: Flin) -> None:
    now = clock.now()
    award = fund(flin, "31056", 115_000, number=1, publish_at=now)
    fund(flin, "31084", 85_000, number=2, publish_at=now)
    fund(flin, "10070", 107_200, number=3, publish_at=now)
    refuse(flin, award, 4, 40_000)
    answer = client.get(reverse("projects"))
    page = answer.content.decode()
    assert "307\u00a0200\u00a0$" in page
    assert "40\u00a0000\u00a0$ demandés" in page
    assert "refusé" not in page
    assert SECRET not in page
    assert [(one.name, one.projects, one.dollars) for one in answer.context["regions"] if one.projects] == [
        ("Chaudière-Appalaches", 2, 200_000),
        ("Bas-Saint-Laurent", 1, 107_200),
    ]
    only = client.get(reverse("projects"), {"region": "01"}).content.decode()
    assert "Projet de Saint-Fabien" in only
    assert "Projet de Adstock" not in only
    found = client.get(reverse("projects"), {"q": "thetford"}).content.decode()
    assert "Projet de Thetford Mines" in found
    one = client.get(reverse("project", args=[award.dossier_number])).content.decode()
    assert "Trente enregistreurs." in one
    assert "Environnement" in one
    assert SECRET not in one


def test_refusals_for_eligibility_count_once_the_list_is_public(flin: Flin) -> None:
    now = clock.now()
    award = fund(flin, "31056", 115_000, number=990_001, publish_at=now + timedelta(minutes=1))
    refuse(flin, award, 990_002, 40_000)
    Dossier.objects.create(
        state="rejected",
        call=flin.call,
        volet=flin.volet,
        edition=flin.call.edition,
        number=f"{flin.call.code}-0009",
        title="Projet-refusé-secret",
        requested=25_000,
        created_by=flin.manager,
        created_at=now,
        sort_at=now,
    )
    assert publication.refused(now, publication.decided_calls(now)) == (0, 0)
    later = now + timedelta(minutes=1)
    assert publication.refused(later, publication.decided_calls(later)) == (2, 65_000)


@pytest.mark.parametrize("state", ["declined", "lapsed", "terminated"])
def test_award_that_fell_is_not_published(flin: Flin, state: str) -> None:
    fund(flin, "31056", 115_000, number=1, publish_at=clock.now(), state=state)
    assert not publication.published(clock.now()).exists()


def test_decision_not_released_publishes_nothing(client: Client, flin: Flin) -> None:
    award = fund(flin, "31056", 115_000, number=1, publish_at=clock.now())
    refuse(flin, award, 2, 40_000)
    Decision.objects.filter(pk=award.line.decision_id).update(released_at=None)
    assert not publication.published(clock.now()).exists()
    assert not publication.refused_lines(clock.now()).exists()


def test_voided_line_is_not_published(flin: Flin) -> None:
    fund(flin, "31056", 115_000, number=1, publish_at=clock.now(), voided_at=clock.now())
    assert not publication.published(clock.now()).exists()


def test_same_statements_for_one_project_and_for_many(client: Client, flin: Flin) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    codes = ["31056", "31084", "10070", "88057", "99025", "44037", "02005"]
    for start, end in ((0, 1), (1, 7)):
        for number in range(start, end):
            fund(flin, codes[number], 50_000, number=number + 1, publish_at=clock.now())
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("projects"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10
