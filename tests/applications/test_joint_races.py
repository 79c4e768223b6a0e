"""Races of a joint project on PostgreSQL: partners confirm at once, confirm against submit, leave against the aid."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from applications import snapshots, verifying
from applications.actions import departures
from applications.actions import partners as acts
from applications.models import Body, Dossier, Snapshot
from grants.models import Call
from tests.applications.joint import confirm, confirmed, filed, joined
from tests.applications.test_races import person, submit, together
from web import clock
from workflows.engine import Refused, fire
from workflows.models import Event
from workflows.trail import verify_chain

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
CONFIRMED = "applications.dossier.partner_confirm"


def fresh(body: Body) -> Body:
    return Body.objects.select_related("dossier", "organisation").get(pk=body.pk)


def test_two_partners_who_confirm_at_once_are_both_confirmed(draft: Dossier, lead: User) -> None:
    pairs = joined(draft, lead, "10043", "14050")

    def act(place: int) -> None:
        body, signatory = pairs[place % 2]
        confirm(fresh(body), person(signatory), f"2026-0{place}")

    assert together(6, act) == [None] * 6
    assert {one.confirmation for one in Body.objects.filter(role="partner")} == {"confirmed"}
    events = Event.objects.filter(verb=CONFIRMED)
    assert {one.data["body"] for one in events} == {body.pk for body, _person in pairs}
    assert verify_chain(draft.call.code)["ok"]


def test_a_confirmation_and_a_refusal_at_once_leave_one_to_confirm_again(draft: Dossier, lead: User) -> None:
    (first, one), (second, two) = joined(draft, lead, "10043", "14050")

    def act(place: int) -> None:
        if place:
            acts.decline(fresh(second), "Le conseil attend.", actor=person(two))
        else:
            confirm(fresh(first), person(one))

    assert together(2, act) == [None, None]
    verbs = list(Event.objects.order_by("n").values_list("verb", flat=True))
    is_last = verbs.index(CONFIRMED) > verbs.index("applications.dossier.partner_decline")
    assert fresh(first).confirmation == ("confirmed" if is_last else "pending")
    assert fresh(second).confirmation == "declined"


def test_a_confirmation_against_the_filing(draft: Dossier, lead: User) -> None:
    """What is filed is what the signatory saw: a resolution entered meanwhile stops the filing, or comes too late."""
    (first, one), (_second, _two) = confirmed(draft, lead, "10043", "14050")
    text, digest = snapshots.shown(Dossier.objects.get(pk=draft.pk))

    def act(place: int) -> Any:
        if place == 0:
            return submit(draft, lead, digest, "une-page")
        return confirm(fresh(first), person(one), "2026-99")

    answers = together(2, act)
    kept = list(Snapshot.objects.all())
    filing, answer = answers
    if isinstance(filing, Snapshot):
        assert [one.text for one in kept] == [text]
        assert isinstance(answer, Refused)
    else:
        assert isinstance(filing, Refused)
        assert (kept, answer) == ([], None)
        assert fresh(first).resolution["number"] == "2026-99"
    assert verify_chain(draft.call.code)["ok"]


def test_a_departure_against_the_aid_that_an_analyst_confirms(
    draft: Dossier, lead: User, staff: dict[str, User]
) -> None:
    """Whoever comes first, no aid stays confirmed over what is computed without the body."""
    draft.answers.filter(question="requested").update(value=36000)
    pairs = confirmed(draft, lead, "10043", "14050")
    filed(draft, lead)
    Call.objects.filter(pk=draft.call_id).update(closes_at=clock.now() - timedelta(minutes=1))
    fire(Dossier.objects.get(pk=draft.pk), "advance", actor=staff["analyst"], outcome="complet")
    before = Dossier.objects.get(pk=draft.pk).aid

    def act(place: int) -> None:
        if place == 0:
            body, signatory = pairs[1]
            departures.leave(fresh(body), "La fusion change tout.", actor=person(signatory))
        else:
            verifying.confirm_aid(Dossier.objects.get(pk=draft.pk), before, actor=person(staff["analyst"]))

    answers = together(2, act)
    stored = Dossier.objects.get(pk=draft.pk)
    assert answers[0] is None
    assert stored.aid < before
    assert stored.confirmed_aid is None
    assert answers[1] is None or isinstance(answers[1], Refused)
    verbs = list(Event.objects.order_by("id").values_list("verb", flat=True))
    assert ("applications.dossier.confirm_aid" in verbs) == (answers[1] is None)
    assert verify_chain(draft.call.code)["ok"]


def test_two_conclusions_at_once_are_one(draft: Dossier, lead: User, staff: dict[str, User]) -> None:
    draft.answers.filter(question="requested").update(value=36000)
    pairs = confirmed(draft, lead, "10043", "14050")
    filed(draft, lead)
    Call.objects.filter(pk=draft.call_id).update(closes_at=clock.now() - timedelta(minutes=1))
    fire(Dossier.objects.get(pk=draft.pk), "advance", actor=staff["analyst"], outcome="complet")
    body, signatory = pairs[1]
    departures.leave(fresh(body), "La fusion change tout.", actor=signatory)

    def act(place: int) -> None:
        dossier = Dossier.objects.get(pk=draft.pk)
        analyst = person(staff["analyst"])
        departures.conclude(dossier, "kept", "Tient à deux.", amount=20000 + place, actor=analyst)

    answers = together(4, act)
    assert [type(one) for one in answers if one is not None] == [Refused] * 3
    kept = 20000 + answers.index(None)
    assert Dossier.objects.get(pk=draft.pk).confirmed_aid == kept
    assert Event.objects.filter(verb="applications.dossier.partner_weigh").count() == 1
