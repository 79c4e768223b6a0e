"""Races on PostgreSQL: one request a refusal, one draft once it is reversed, never two decisions on the same money."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Sum

from applications.models import Dossier
from grants.models import BudgetLine, Decision, DecisionLine
from review import carrying, deciding, granting
from review.actions import reconsiderations
from review.models import Reconsideration
from tests import factories
from tests.fixtures_awards import make_ranked
from tests.review.test_races import person, together
from web import clock
from workflows.engine import fire
from workflows.models import Event
from workflows.trail import verify_chain

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
WORDS = "La note de C2 ne compte pas la seconde fiche."


def test_one_request_one_draft_and_the_money_once() -> None:
    ranked = make_ranked()
    flin = ranked.flin
    decision = deciding.draft_main(ranked.panel, actor=flin.manager)
    fire(decision, "propose", actor=flin.manager)
    fire(decision, "sign", actor=flin.authority, digest=decision.digest)
    fire(decision, "ask_release", actor=flin.manager)
    fire(decision, "release", actor=flin.authority)
    Decision.objects.filter(pk=decision.pk).update(letters_at=clock.now() - timedelta(minutes=1))
    assert carrying.carry_out() == 6

    def ask(place: int) -> Any:
        row = Dossier.objects.get(number="FLIN-D6")
        who = person(ranked.signatories["D6"])
        return reconsiderations.ask(row, ground="fact", words=WORDS, actor=who)

    asked = together(8, ask)
    assert sum(isinstance(one, Reconsideration) for one in asked) == 1
    row = Reconsideration.objects.get()
    fresh = factories.make_staff("analyst", flin.call, email="nouvelle@ministere.example")
    second = factories.make_staff("authority", flin.call.programme, email="autre@ministere.example")
    fire(row, "admit", actor=flin.manager)
    fire(row, "name_reconsiderer", actor=flin.manager, person=fresh.pk)
    fire(row, "decide", actor=fresh, answer="reversed", motives="Elle compte.")

    def countersign(place: int) -> Any:
        return fire(Reconsideration.objects.get(pk=row.pk), "countersign", actor=person(second))

    assert sum(isinstance(one, Event) for one in together(8, countersign)) == 1
    line = BudgetLine.objects.get(volet=ranked.volet)
    BudgetLine.objects.filter(pk=line.pk).update(amount=650_000)  # 50,000 left: enough for one of the two

    def draft(place: int) -> Any:
        return granting.draft_reconsideration(
            Reconsideration.objects.get(pk=row.pk), 50_000, actor=person(flin.manager)
        )

    made = {one.pk for one in together(8, draft)}
    assert len(made) == 1
    again = Decision.objects.get(pk=made.pop())
    other = deciding.draft_waiting_list(
        ranked.volet, actor=flin.manager
    )  # the same money, to the waiting list
    first = other.lines.first()
    if first is None:  # what is left is under the smallest part: the manager offers it all the same
        waiting = Dossier.objects.get(number="FLIN-D3")
        first = DecisionLine.objects.create(
            decision=other,
            dossier_id=waiting.pk,
            dossier_number=waiting.number,
            title=waiting.title,
            beneficiary=waiting.lead_name,
            position=1,
            proposed="partial",
            proposed_amount=50_000,
            outcome="partial",
            amount=50_000,
            requested=150_000,
        )
    both = [again, other]
    for one in both:
        fire(one, "propose", actor=flin.manager)

    def sign(place: int) -> Any:
        target = Decision.objects.get(pk=both[place % 2].pk)
        return fire(target, "sign", actor=person(flin.authority), digest=target.digest)

    assert sum(isinstance(one, Event) for one in together(8, sign)) == 1
    line.refresh_from_db()
    promised = DecisionLine.objects.filter(decision__state__in=["signed", "released"], voided_at__isnull=True)
    assert line.committed == 650_000 == promised.aggregate(total=Sum("amount"))["total"]
    assert verify_chain(flin.call.code)["ok"]
