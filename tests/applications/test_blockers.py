"""Blockers: sentences that lead to the answer, none exactly when filing would succeed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Organisation, User
from applications import blockers
from applications.actions.answers import save_answer
from applications.actions.drafts import start_dossier
from applications.actions.files import mark_infected
from applications.models import Dossier
from tests.applications import filled
from tests.applications.filled import ANSWERS, file_now
from tests.fixtures_calls import Flin
from web import clock
from workflows.engine import Refused

NBSP = "\u00a0"


def kinds(dossier: Dossier) -> list[tuple[str, str]]:
    return [(one.kind, one.question) for one in blockers.of(dossier)]


def change(dossier: Dossier, actor: User, code: str, value: Any) -> None:
    seen = dossier.answers.filter(question=code).values_list("version", flat=True).first() or 0
    save_answer(dossier, code, value, actor=actor, seen_version=seen)


def test_an_empty_draft_names_every_answer_and_where_it_is(
    flin: Flin, adstock: Organisation, signatory: User
) -> None:
    dossier, _new = start_dossier(flin.call, adstock, actor=signatory)
    found = blockers.of(dossier)
    assert found[0] == blockers.Blocker(
        f"Répondez à la question «{NBSP}Quel est le titre du projet?{NBSP}»", "title", "projet", "required"
    )
    assert {one.kind for one in found} == {"required", "file", "declaration"}
    assert all(one.section for one in found)


def test_a_filled_dossier_has_none(ready: Dossier) -> None:
    assert blockers.of(ready) == [] == blockers.warnings(ready)


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("title", "", [("required", "title")]),
        ("title", "t" * 121, [("invalid", "title")]),
        ("requested", "beaucoup", [("invalid", "requested")]),
        ("declaration", False, [("declaration", "declaration")]),
        ("end", "2026-12-31", [("dates", "end")]),
        ("personal_data", True, [("required", "privacy_state")]),
        ("budget", {"lines": [], "funding": ANSWERS["budget"]["funding"]}, [("invalid", "budget")]),
    ],
)
def test_one_fault_one_sentence(
    ready: Dossier, signatory: User, code: str, value: Any, expected: list[tuple[str, str]]
) -> None:
    change(ready, signatory, code, value)
    assert kinds(ready) == expected
    with pytest.raises(Refused) as fault:
        file_now(ready, signatory)
    assert list(fault.value.reasons) == [one.sentence for one in blockers.of(ready)]


def test_large_costs_want_price_evidence(ready: Dossier, signatory: User) -> None:
    lines = [{"id": "l1", "category": "equipment", "description": "Débitmètres", "amount": 90000}]
    change(ready, signatory, "budget", {"lines": lines, "funding": []})
    assert kinds(ready) == [("file", "price_evidence")]


def test_an_infected_file_stops_the_filing(ready: Dossier, signatory: User) -> None:
    assert mark_infected(ready.attachments.get(), actor=signatory)
    assert not mark_infected(ready.attachments.get(), actor=signatory)
    assert kinds(ready) == [("withheld", "resolution")]


def test_after_closing_one_sentence_says_since_when(ready: Dossier) -> None:
    found = blockers.of(ready, ready.call.closes_at + timedelta(microseconds=1))
    assert ["fermé depuis" in one.sentence for one in found] == [True]
    assert blockers.of(ready, ready.call.closes_at) == []


def test_amounts_outside_the_volet_warn_and_do_not_stop(ready: Dossier, signatory: User) -> None:
    change(ready, signatory, "requested", 600_000)
    change(ready, signatory, "end", "2029-12-31")
    change(ready, signatory, "resolution_date", (clock.today() + timedelta(days=60)).isoformat())
    assert blockers.of(ready) == []
    assert [one.question for one in blockers.warnings(ready)] == ["requested", "end", "resolution_date"]
    change(ready, signatory, "requested", 9000)
    assert blockers.warnings(ready)[0].question == "budget"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gone=st.sets(st.sampled_from([*ANSWERS, "resolution"]), max_size=3))
def test_no_blocker_exactly_when_filing_succeeds(
    flin: Flin, adstock: Organisation, signatory: User, gone: set[str]
) -> None:
    from django.db import transaction

    class Undo(Exception):
        pass

    with pytest.raises(Undo), transaction.atomic():
        dossier = filled.make_filled(flin.call, adstock, signatory)
        dossier.answers.filter(question__in=gone).delete()
        if "resolution" in gone:
            dossier.attachments.update(removed_at=clock.now())
        found = blockers.of(dossier)
        refused: tuple[str, ...] = ()
        try:
            file_now(dossier, signatory)
        except Refused as fault:
            refused = tuple(fault.reasons)
        assert refused == tuple(one.sentence for one in found)
        raise Undo
