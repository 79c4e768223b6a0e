"""The soft limit of a region: the committee is told, nothing is cut, nothing is told of a dossier that is withheld."""

from __future__ import annotations

import json
from typing import Any

import pytest

from grants.models import BudgetLine, Edition
from review import ranking
from tests.review.conftest import House
from workflows.chain import canonical

pytestmark = pytest.mark.django_db


@pytest.fixture
def ranked(house: House) -> House:
    """Offers of 60,000 in one region and 20,000 in another, out of 200,000, for a call that warns over 20 %."""
    BudgetLine.objects.filter(volet=house.panel.volet).update(amount=200_000)
    house.panel.volet.reserves = []
    house.panel.volet.save()
    edition = house.flin.call.edition
    assert edition is not None
    body = {**json.loads(edition.body), "limits": {"region_share": "0.20"}}
    Edition.objects.filter(pk=edition.pk).update(body=canonical(body))
    house.scored(1, "4 4 4", code="31056", confirmed_aid=35_000)
    house.scored(2, "4 4 4", code="31045", confirmed_aid=25_000)
    house.scored(3, "4 4 4", code="88057", confirmed_aid=20_000)
    house.panel = type(house.panel).objects.get(pk=house.panel.pk)
    return house


def test_a_region_over_its_part_is_told_and_nothing_is_cut(ranked: House, page: Any) -> None:
    text = page(ranked.chair, "ranking", ranked.panel.pk).content.decode().replace("\u00a0", " ")
    assert "Équilibre entre les régions : au-delà de 20 %" in text
    assert "Chaudière-Appalaches : 60 000 $, 30 % de l’enveloppe" in text
    assert "Abitibi-Témiscamingue :" not in text
    assert sum(one["amount"] for one in ranking.compute(ranked.panel).result["offers"]) == 80_000


def test_a_call_without_that_limit_says_nothing(house: House, page: Any) -> None:
    house.scored(1, "4 4 4", confirmed_aid=35_000)
    assert "Équilibre" not in page(house.chair, "ranking", house.panel.pk).content.decode()
