"""Races on PostgreSQL with real threads and commits: one effect, sum never over, no fork in a chain."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core import mail as mails
from django.db import IntegrityError, connection

from accounts.models import User
from applications.models import Dossier
from grants.models import BudgetLine, Decision, DecisionLine
from notifications import mail
from notifications.models import Message
from review import deciding
from review.actions import assignments as acts
from review.models import Assignment, Panel, Recommendation, Sheet
from tests import factories
from tests.fixtures_awards import Ranked, make_ranked
from tests.review.conftest import House, make_house
from web import clock
from workflows import deliveries
from workflows.engine import EngineError, fire, unit
from workflows.models import Event
from workflows.trail import verify_chain

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def together(count: int, act: Callable[[int], Any]) -> list[Any]:
    """Run an act in threads that start at once; answers, or what refused it."""
    gate = Barrier(min(count, 20))

    def one(place: int) -> Any:
        try:
            if place < 20:
                gate.wait(timeout=20)
            return act(place)
        except (EngineError, IntegrityError) as fault:
            return fault
        finally:
            connection.close()

    with ThreadPoolExecutor(min(count, 20)) as pool:
        return list(pool.map(one, range(count)))


def person(user: Any) -> User:
    return User.objects.get(pk=user.pk)


@pytest.fixture
def ranked(transactional_db: None) -> Ranked:
    return make_ranked()


@pytest.fixture
def house(transactional_db: None) -> House:
    return make_house()


def test_a_decision_signed_twice_at_once_commits_once(ranked: Ranked) -> None:
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    fire(decision, "propose", actor=ranked.flin.manager)
    authority = ranked.flin.authority

    def sign(place: int) -> Any:
        return fire(
            Decision.objects.get(pk=decision.pk), "sign", actor=person(authority), digest=decision.digest
        )

    answers = together(12, sign)
    assert sum(isinstance(one, Event) for one in answers) == 1
    assert ranked.committed() == 600000
    assert Event.objects.filter(verb="grants.decision.sign").count() == 1
    assert decision.approvals.filter(step="signed", cancelled_at__isnull=True).count() == 1
    assert verify_chain(ranked.flin.call.code)["ok"]


def test_signed_or_returned_but_not_both(ranked: Ranked) -> None:
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    fire(decision, "propose", actor=ranked.flin.manager)

    def act(place: int) -> Any:
        row, who = Decision.objects.get(pk=decision.pk), person(ranked.flin.authority)
        if place % 2:
            return fire(row, "send_back", actor=who, text="Expliquez.")
        return fire(row, "sign", actor=who, digest=decision.digest)

    answers = together(8, act)
    assert sum(isinstance(one, Event) for one in answers) == 1
    decision.refresh_from_db()
    assert ranked.committed() == (600000 if decision.state == "signed" else 0)
    assert verify_chain(ranked.flin.call.code)["ok"]


def test_two_hundred_commitments_never_go_over_the_envelope(ranked: Ranked) -> None:
    """Each of 200 decisions promises 5,000 of an envelope of 600,000: 120 fit, whatever the order."""
    first = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    line = first.lines.filter(outcome="accepted").first()
    assert line is not None
    made = []
    for place in range(200):
        row = Decision.objects.get(pk=first.pk)
        row.pk, row.number, row.kind, row._state.adding = None, 100 + place, "waiting_list", True
        row.save(force_insert=True)
        DecisionLine.objects.create(
            decision=row,
            dossier_id=line.dossier_id,
            dossier_number=line.dossier_number,
            title="Offre",
            beneficiary="Ville",
            position=1,
            proposed="accepted",
            proposed_amount=5000,
            outcome="accepted",
            amount=5000,
            requested=5000,
        )
        made.append(row.pk)

    def commit(place: int) -> Any:
        decision = Decision.objects.get(pk=made[place])
        with unit(locks=[decision, BudgetLine.objects.filter(volet=decision.volet_id)]):
            decision.commit_money()
        return True

    answers = together(200, commit)
    assert sum(one is True for one in answers) == 120
    assert ranked.committed() == 600000


def test_a_panel_locked_while_a_sheet_is_handed_in(house: House) -> None:
    """The ranking holds every sheet that stands when it locks; none comes or goes after."""
    house.scored(1, "4 4 4")
    late = house.scored(2, "3 3 3")
    reviewer = house.reviewers[0]
    sheet = Sheet.objects.get(assignment__dossier=late, assignment__reviewer=reviewer)
    fire(sheet, "reopen", actor=reviewer)

    def act(place: int) -> Any:
        if place % 2:
            return fire(Panel.objects.get(pk=house.panel.pk), "lock", actor=person(house.chair))
        return fire(Sheet.objects.get(pk=sheet.pk), "hand_in", actor=person(reviewer))

    verbs = [one.verb for one in together(8, act) if isinstance(one, Event)]
    assert verbs.count("review.sheet.hand_in") == 1
    if Panel.objects.get(pk=house.panel.pk).state != "locked":
        fire(Panel.objects.get(pk=house.panel.pk), "lock", actor=person(house.chair))
    assert Event.objects.filter(verb="review.panel.lock").count() == 1
    found = json.loads(Recommendation.objects.get(panel=house.panel).scoring)["dossiers"]
    assert [len(one["input"]["sheets"]) for one in found.values()] == [2, 2]
    with pytest.raises(EngineError):
        fire(Sheet.objects.get(pk=sheet.pk), "reopen", actor=person(reviewer))
    assert verify_chain(house.flin.call.code)["ok"]


def test_a_sheet_handed_in_twice_at_once_while_its_author_is_recused(house: House) -> None:
    dossier = house.dossier(1)
    reviewer = house.reviewers[0]
    sheet = house.sheet(dossier, reviewer, hand_in=False)

    def act(place: int) -> Any:
        if place == 3:
            return acts.recuse_person(
                Panel.objects.get(pk=house.panel.pk),
                dossier,
                person(reviewer),
                "Lien.",
                actor=person(house.secretary),
            )
        return fire(Sheet.objects.get(pk=sheet.pk), "hand_in", actor=person(reviewer))

    together(8, act)
    assert Event.objects.filter(verb="review.sheet.hand_in").count() <= 1
    row = Assignment.objects.get(dossier=dossier, reviewer=reviewer)
    assert row.state == "recused"
    assert Sheet.objects.get(pk=sheet.pk).state != "handed_in"
    dossier.refresh_from_db()
    assert dossier.sheets_done == 0
    assert verify_chain(house.flin.call.code)["ok"]


def test_a_recusal_while_its_message_is_queued(house: House, settings: Any) -> None:
    """Sent before, or never: no message about the dossier leaves once the recusal stands."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    dossier, reviewer = house.dossier(1), house.reviewers[0]
    house.give(dossier, reviewer, accept=False)
    while deliveries.run_due():
        pass
    queued = list(Message.objects.filter(dossier=dossier, user=reviewer).values_list("pk", flat=True))
    assert queued

    def act(place: int) -> Any:
        if place == 0:
            panel = Panel.objects.get(pk=house.panel.pk)
            return acts.recuse_person(
                panel, dossier, person(reviewer), "Lien.", actor=person(house.secretary)
            )
        return mail.send_due()

    together(6, act)
    mail.send_due()
    states = set(Message.objects.filter(pk__in=queued).values_list("state", flat=True))
    assert states <= {"sent", "cancelled"}
    sent = Message.objects.filter(pk__in=queued, state="sent").count()
    assert len([one for one in mails.outbox if reviewer.email in one.to]) <= sent + 1
    assert verify_chain(house.flin.call.code)["ok"]


def test_one_more_reading_asked_by_two_at_once_is_asked_once(house: House) -> None:
    row = house.dossier(1)
    for reviewer, marks in zip(house.reviewers, ("5 4 4", "3 4 4"), strict=False):
        house.sheet(row, reviewer, marks)
    fourth = factories.make_staff("reviewer", house.panel, factories.make_user("r4@jury.example"))
    due = clock.now() + timedelta(days=5)

    def ask(place: int) -> Any:
        reader, actor = ((house.reviewers[2], house.chair), (fourth, house.secretary))[place % 2]
        panel, dossier = Panel.objects.get(pk=house.panel.pk), Dossier.objects.get(pk=row.pk)
        return acts.offer(panel, dossier, person(reader), due, actor=person(actor), reason="À relire.")

    answers = together(8, ask)
    assert sum(isinstance(one, Assignment) for one in answers) == 1
    assert row.assignments.count() == 3
    assert verify_chain(house.flin.call.code)["ok"]
