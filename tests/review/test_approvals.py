"""Bands of approval: above the ministry’s own, a sum is signed with its reference only, and the reference with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from grants import bands, checking_committee
from grants.models import Decision, DecisionLine
from review import deciding
from review.models import ApprovalFile
from tests.applications import filled
from tests.fixtures_awards import Ranked
from workflows.chain import canonical
from workflows.engine import Refused, fire

pytestmark = pytest.mark.django_db
BANDS = [
    {
        "code": "low",
        "label": {"fr": "Ministère", "en": "Department"},
        "up_to": 100000,
        "needs_reference": False,
    },
    {"code": "mid", "label": {"fr": "Conseil", "en": "Board"}, "up_to": 200000, "needs_reference": True},
    {"code": "top", "label": {"fr": "Décret", "en": "Order"}, "up_to": None, "needs_reference": True},
]
WORDS = {"body": "Conseil d’essai", "number": "A-2026-17", "on": "2020-06-01"}


@pytest.fixture
def banded(ranked: Ranked) -> Ranked:
    """The same call, whose sums over 100,000 $ are approved outside."""
    edition = ranked.flin.call.edition
    assert edition is not None
    body = {**edition.content, "approval_bands": BANDS}
    type(edition).objects.filter(pk=edition.pk).update(body=canonical(body))
    ranked.flin.call.refresh_from_db()
    return ranked


def line_of(decision: Decision, number: str) -> DecisionLine:
    return DecisionLine.objects.select_related("decision__call__edition").get(
        decision=decision, dossier_number=number
    )


def test_a_sum_falls_in_the_first_band_that_reaches_it() -> None:
    found = [(bands.band_of(BANDS, one) or {})["code"] for one in (1, 100000, 100001, 200000, 200001)]
    assert found == ["low", "low", "mid", "mid", "top"]
    assert bands.band_of((), 5) is None


def test_nothing_is_signed_before_every_reference_is_written(banded: Ranked, client: Client) -> None:
    manager, authority = banded.flin.manager, banded.flin.authority
    decision = deciding.draft_main(banded.panel, actor=manager)
    said = decision.line_obstacles()
    assert len(said) == 1
    assert all(one in said[0] for one in ("FLIN-D1", "FLIN-D2", "FLIN-D4"))
    assert "FLIN-D5" not in said[0]
    assert "FLIN-D3" not in said[0]
    fire(decision, "propose", actor=manager)
    with pytest.raises(Refused, match="référence"):
        fire(decision, "sign", actor=authority, digest=decision.digest)
    fire(decision, "send_back", actor=authority, text="Il manque les autorisations.")
    client.force_login(manager)
    for number in ("FLIN-D1", "FLIN-D2", "FLIN-D4"):
        where = reverse("decision_reference", args=[decision.pk, line_of(decision, number).pk])
        assert client.post(where, WORDS).status_code == 422  # no document
        assert client.post(where, {**WORDS, "file": filled.pdf("acte.pdf")}).status_code == 302
    page = client.get(reverse("decision", args=[decision.pk])).content.decode()
    assert page.count("A-2026-17") == 3
    assert "référence manquante" not in page
    decision.refresh_from_db()
    fire(decision, "propose", actor=manager)
    signed = {one["dossier"]: one.get("approval") for one in json.loads(decision.body)["lines"]}
    kept = ApprovalFile.objects.order_by("pk").first()
    assert kept is not None
    assert signed["FLIN-D1"] == {
        "band": "top",
        "body": "Conseil d’essai",
        "number": "A-2026-17",
        "date": "2020-06-01",
        "document": kept.digest,
    }
    assert (signed["FLIN-D2"] or {})["band"] == "mid"
    assert signed["FLIN-D5"] is None
    fire(decision, "sign", actor=authority, digest=decision.digest)
    assert decision.state == "signed"


def test_a_reference_counts_for_its_band_alone_and_stops_with_the_draft(
    banded: Ranked, client: Client
) -> None:
    manager = banded.flin.manager
    decision = deciding.draft_main(banded.panel, actor=manager)
    line = line_of(decision, "FLIN-D1")
    client.force_login(manager)
    where = reverse("decision_reference", args=[decision.pk, line.pk])
    assert client.post(where, {**WORDS, "file": filled.pdf("acte.pdf")}).status_code == 302
    assert "FLIN-D1" not in decision.line_obstacles()[0]
    line.refresh_from_db()
    deciding.edit_line(line, "partial", 150000, "Moins.", actor=manager)
    assert "FLIN-D1" in decision.line_obstacles()[0]
    assert client.post(where, WORDS).status_code == 302  # the same document, for the new band
    fire(decision, "propose", actor=manager)
    assert client.post(where, WORDS).status_code == 422
    small = line_of(decision, "FLIN-D5")
    assert client.get(reverse("decision_reference", args=[decision.pk, small.pk])).status_code == 404


def test_the_document_is_read_by_who_knows_the_decision(banded: Ranked, client: Client) -> None:
    decision = deciding.draft_main(banded.panel, actor=banded.flin.manager)
    line = line_of(decision, "FLIN-D1")
    client.force_login(banded.flin.manager)
    client.post(
        reverse("decision_reference", args=[decision.pk, line.pk]), {**WORDS, "file": filled.pdf("acte.pdf")}
    )
    where = reverse("decision_reference_file", args=[decision.pk, line.pk])
    answer = client.get(where)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert b"".join(answer.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    for person in (banded.flin.analyst, banded.signatories["D1"]):
        client.force_login(person)
        assert client.get(where).status_code == 404
    client.force_login(banded.flin.authority)
    assert client.get(reverse("decision_reference", args=[decision.pk, line.pk])).status_code == 403


def test_a_call_without_bands_asks_for_nothing(ranked: Ranked, client: Client) -> None:
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    assert decision.line_obstacles() == []
    fire(decision, "propose", actor=ranked.flin.manager)
    assert all("approval" not in one for one in json.loads(decision.body)["lines"])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ({"approval_bands": BANDS, "committee": {"quorum": 3, "odd": True}}, ""),
        ({}, ""),
        ({"approval_bands": BANDS[:2]}, "la dernière tranche n’en a pas"),
        ({"approval_bands": [BANDS[1], BANDS[0], BANDS[2]]}, "les limites montent"),
        ({"approval_bands": [{**BANDS[0], "label": {"fr": "Seul"}}, BANDS[2]]}, "en français et en anglais"),
        ({"approval_bands": [{**BANDS[0], "needs_reference": "oui"}, BANDS[2]]}, "vrai ou faux"),
        ({"approval_bands": [BANDS[0], {**BANDS[2], "code": "low"}]}, "deux fois"),
        ({"committee": {"quorum": 0}}, "quorum"),
        ({"committee": {"quorum": 3, "chairs": 2}}, "chairs"),
    ],
)
def test_the_loader_says_what_is_wrong(call: dict[str, Any], said: str) -> None:
    found: list[str] = []
    checking_committee.check({"call": call}, found)
    assert (said in " ".join(found)) if said else not found
