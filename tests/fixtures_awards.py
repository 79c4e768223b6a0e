"""A call at its decision: the six dossiers of case T1, ranked, the panel locked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from applications.models import Body, Dossier
from grants.models import BudgetLine, Volet
from review import selection
from review.models import Panel, Recommendation
from tests import factories
from tests.fixtures_calls import Flin, make_flin
from web import clock
from workflows.chain import canonical

T1 = Path("docs/cases/T1.json")
TOWNS = ("31056", "10043", "10070", "14050", "02005", "31045")


@dataclass
class Ranked:
    """A call whose panel is locked."""

    flin: Flin
    panel: Panel
    volet: Volet
    dossiers: dict[str, Dossier]
    signatories: dict[str, Any]

    def committed(self) -> int:
        """Dollars committed on the envelope, as stored."""
        return BudgetLine.objects.get(volet=self.volet).committed


def make_ranked(**options: Any) -> Ranked:
    """Case T1: pool 600,000, reserve 180,000, six dossiers at the stage of decision."""
    closes = clock.now() - timedelta(days=60)
    flin = make_flin(closes=closes.replace(microsecond=0), **options)
    flin.call.letters_at = clock.now() + timedelta(days=5)
    flin.call.publish_at = clock.now() + timedelta(days=15)
    flin.call.save()
    volet = flin.volet
    BudgetLine.objects.filter(volet=volet).update(amount=600000)
    volet.reserves = [
        {"name": "small", "amount": 180000, "tag": "small", "label": {"fr": "Petites", "en": "Small"}}
    ]
    volet.save()
    panel = Panel.objects.create(
        state="locked", call=flin.call, volet=volet, code="p", name={"fr": "Comité"}, due_at=closes
    )
    case = json.loads(T1.read_text())
    case["dossiers"] = [{**one, "id": f"FLIN-{one['id']}"} for one in case["dossiers"]]
    dossiers, signatories = {}, {}
    for one, town in zip(case["dossiers"], TOWNS, strict=True):
        dossiers[one["id"][5:]], signatories[one["id"][5:]] = _dossier(flin, volet, one, town)
    result = selection.select(case)
    Recommendation.objects.create(
        panel=panel,
        scoring=canonical({"dossiers": {}}),
        input=canonical(case),
        result=canonical(result),
        digest="sha256:" + "0" * 64,
        frozen_at=clock.now(),
        frozen_by=flin.secretary,
    )
    return Ranked(flin, panel, volet, dossiers, signatories)


def _dossier(flin: Flin, volet: Volet, one: dict[str, Any], town: str) -> tuple[Dossier, Any]:
    organisation = factories.make_org(town)
    signatory = factories.make_user(f"sign-{town}@ville.example")
    factories.make_member(signatory, organisation, "signatory")
    dossier = Dossier.objects.create(
        state="in_progress",
        stage="decision",
        secret=True,
        call=flin.call,
        volet=volet,
        edition=flin.call.edition,
        number=one["id"],
        created_by=signatory,
        created_at=clock.now(),
        sort_at=clock.now(),
        filed_at=clock.now() - timedelta(days=70),
        title=f"Projet {one['id']}",
        lead_name=organisation.name,
        lead_sort=organisation.sort_name,
        region_code=organisation.region_id,
        requested=one["requested"],
        aid=one["requested"],
        confirmed_aid=one["requested"],
        kept_costs=one["requested"],
    )
    Body.objects.create(dossier=dossier, organisation=organisation, role="lead")
    return dossier, signatory


@pytest.fixture
def ranked(db: None) -> Ranked:
    """The ready-made call with case T1 ready for its decision."""
    return make_ranked()
