"""Instants still to come, as each person may know them: the decision's for those who know it, else the calendar's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from applications import standing
from applications.models import Dossier
from review import deciding
from tests import factories
from tests.applications.checked import closed, filed
from tests.fixtures_awards import Ranked
from tests.fixtures_calls import Flin
from web import clock, formats
from workflows.engine import fire

__all__ = ["closed", "filed"]

pytestmark = pytest.mark.django_db


def read_as(ranked: Ranked, person: Any) -> Dossier:
    """A dossier as this person reads it now."""
    rows = Dossier.objects.visible_to(person).with_readable_outcome(person, clock.now())
    return rows.select_related("call", "edition__definition").get(number="FLIN-D1")


def days_of(dossier: Dossier) -> set[Any]:
    """The instants of the lines to come."""
    return {line.at for line in standing.coming(dossier, clock.now())}


def test_a_decision_put_off_is_told_to_who_knows_it(ranked: Ranked) -> None:
    flin, call = ranked.flin, ranked.flin.call
    decision = deciding.draft_main(ranked.panel, actor=flin.manager)
    letters, public = call.letters_at + timedelta(days=2), call.publish_at + timedelta(days=3)
    deciding.set_instants(decision, letters, public, actor=flin.manager)
    for person in (flin.manager, ranked.signatories["D1"]):
        assert {call.letters_at, call.publish_at} <= days_of(read_as(ranked, person))
    fire(decision, "propose", actor=flin.manager)
    fire(decision, "sign", actor=flin.authority, digest=decision.digest)
    fire(decision, "ask_release", actor=flin.manager)
    fire(decision, "release", actor=flin.authority)
    known = days_of(read_as(ranked, flin.manager))
    assert {letters, public} <= known
    assert not {call.letters_at, call.publish_at} & known
    steps = standing.life(read_as(ranked, flin.manager), "staff", [], clock.now())
    assert steps[-1].iso == formats.local(letters).date().isoformat()
    analyst = factories.make_staff("analyst", call)
    for person in (ranked.signatories["D1"], analyst):
        hidden = days_of(read_as(ranked, person))
        assert {call.letters_at, call.publish_at} <= hidden
        assert not {letters, public} & hidden


def test_a_step_to_come_is_never_dated_before_the_delay_that_is_given(
    closed: Dossier, flin: Flin, signatory: Any
) -> None:
    fire(closed, "send_back", actor=flin.analyst, items={"title": "Plus court."})
    call = closed.call

    def dates(now: Any) -> list[str]:
        rows = Dossier.objects.visible_to(signatory).with_readable_outcome(signatory, now)
        row = rows.select_related("call", "edition__definition").get(pk=closed.pk)
        return [
            one.iso for one in standing.life(row, "applicant", [], now) if one.state == "next" and one.iso
        ]

    assert dates(clock.now())[-1] == formats.local(call.letters_at).date().isoformat()
    Dossier.objects.filter(pk=closed.pk).update(due_at=call.letters_at - timedelta(days=1))
    assert dates(clock.now()) == [formats.local(call.letters_at).date().isoformat()]
    assert dates(call.letters_at + timedelta(days=1)) == []
