"""Decisions: proposed, returned once, proposed again, signed, released; offers answered; the waiting list."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import User
from grants.actions.dates import change_calendar
from grants.models import Award, Call, Decision
from notifications import actions
from notifications.models import Message
from notifications.seeding import cast, corpus, plan
from notifications.seeding.clock import at, on_weekday, weekdays_after
from notifications.seeding.reviews import Committee
from review import carrying, deciding
from web import clock
from web.clock import eastern
from workflows.engine import fire

PUT_OFF = "Les lettres sont reportées d’une journée, à la demande de l’autorité."


def plan_main(committee: Committee) -> None:
    """From the recommendation to the released decision."""
    bench = committee.bench
    panel_on, decision_on = bench.call.panel_on, bench.call.decision_on
    assert panel_on is not None
    assert decision_on is not None
    drafted = on_weekday(panel_on + timedelta(days=4), back=False)
    first = at(drafted, 9, 15)
    add = bench.agenda.add
    add(first, "decision drafted", lambda: deciding.draft_main(committee.panel, actor=manager()))
    add(first + timedelta(hours=5), "decision proposed", lambda: act(committee, "propose", manager()))
    returned = weekdays_after(drafted, 1)
    back = at(returned, 11, 20)
    words = plan.RETURNED_BECAUSE[bench.plan.letter]
    add(back, "decision returned", lambda: act(committee, "send_back", authority(), text=words))
    again = at(weekdays_after(returned, 2), 10, 5)
    add(again, "decision dated", lambda: _put_off(committee))
    add(again + timedelta(minutes=40), "proposed again", lambda: act(committee, "propose", manager()))
    signed = at(decision_on, 14, 30)
    add(signed, "decision signed", lambda: _sign(committee))
    add(signed + timedelta(hours=1), "release asked", lambda: act(committee, "ask_release", manager()))
    add(signed + timedelta(hours=2), "released", lambda: act(committee, "release", authority()))
    add(_after_letters(committee), "carried out", carrying.carry_out)


def manager() -> User:
    """Who proposes."""
    return cast.person(cast.PROGRAMME_MANAGER)


def authority() -> User:
    """Who signs."""
    return cast.person(cast.AUTHORITY)


def decision_of(committee: Committee) -> Decision:
    """The latest decision of the call, read anew."""
    rows = Decision.objects.select_related("call__programme", "volet__budget_line")
    return rows.filter(call=committee.bench.call).order_by("-number")[:1].get()


def act(committee: Committee, verb: str, actor: User, **data: Any) -> None:
    """One verb of the latest decision."""
    fire(decision_of(committee), verb, actor=actor, **data)


def _sign(committee: Committee) -> None:
    decision = decision_of(committee)
    fire(decision, "sign", actor=cast.person(cast.AUTHORITY), digest=decision.digest)


def _put_off(committee: Committee) -> None:
    """What the authority asked for: the letters a day later, in the decision and in the calendar of the call."""
    decision = decision_of(committee)
    if committee.bench.plan is plan.EMBARGO:
        letters = at(on_weekday(eastern(decision.letters_at).date() + timedelta(days=1), back=False), 8, 30)
        public = max(decision.publish_at, letters)
        deciding.set_instants(decision, letters, public, actor=manager())
        call = committee.bench.call
        change_calendar(call, actor=manager(), reason=PUT_OFF, letters_at=letters, publish_at=public)
        told = clock.now() + timedelta(minutes=20)
        committee.bench.agenda.add(told, "applicants told", lambda: _tell(call))


def _tell(call: Call) -> None:
    """The manager reads the message on the dates that moved, and lets it leave."""
    actions.release(Message.objects.filter(call=call, kind="dates_changed"), actor=manager())


def _after_letters(committee: Committee) -> datetime:
    return committee.bench.call.letters_at + timedelta(minutes=1)


# --- after the letters ------------------------------------------------------------------------------------
def plan_answers(committee: Committee) -> None:
    """Offers confirmed, one declined, then two decisions for the waiting list: one carried out, one to sign."""
    bench = committee.bench
    letters = eastern(bench.call.letters_at).date()
    for rank, code in enumerate(bench.plan.reviewed()):
        day = at(on_weekday(letters + timedelta(days=3 + rank), back=False), 10 + rank % 6, 5 * rank)
        bench.agenda.add(day, f"{code} answers the offer", lambda code=code: reply(committee, code))  # type: ignore[misc]
    drafted = at(on_weekday(letters + timedelta(days=21), back=False), 9, 30)
    plan_waiting(committee, drafted, on_weekday(letters + timedelta(days=33), back=False), signs=True)
    for rank, code in enumerate(("P027", "P001")):
        day = at(on_weekday(letters + timedelta(days=37 + rank), back=False), 11)
        bench.agenda.add(day, f"{code} answers", lambda code=code: reply(committee, code))  # type: ignore[misc]
    second = at(on_weekday(bench.today - timedelta(days=2)), 9, 50)
    plan_waiting(committee, second, on_weekday(bench.today + timedelta(days=9), back=False), signs=False)


def reply(committee: Committee, code: str) -> None:
    """Whoever signs confirms the offer, declines it, or lets it fall."""
    award = Award.objects.filter(dossier_id=committee.bench.dossiers[code], state="offered").first()
    project = corpus.projects()[code]
    if award is None or code == plan.SECOND_PARTIAL:
        return
    signatory = cast.signatory_of(project)
    if code == plan.DECLINED:
        fire(award, "decline", actor=signatory, text=plan.DECLINED_BECAUSE)
    else:
        fire(award, "confirm", actor=signatory)


def plan_waiting(committee: Committee, drafted: datetime, letters_on: date, *, signs: bool) -> None:
    """Money that came back is offered down the list, by a decision with instants of its own."""
    add = committee.bench.agenda.add
    letters = at(letters_on, 8, 30)
    add(drafted, "waiting list drafted", lambda: _draft_waiting(committee, letters))
    add(
        drafted + timedelta(minutes=50), "waiting list proposed", lambda: act(committee, "propose", manager())
    )
    if not signs:
        return
    signed = drafted + timedelta(days=2, hours=4)
    add(signed, "waiting list signed", lambda: _sign(committee))
    add(signed + timedelta(hours=1), "release asked", lambda: act(committee, "ask_release", manager()))
    add(signed + timedelta(hours=2), "waiting list released", lambda: act(committee, "release", authority()))
    add(letters + timedelta(minutes=1), "waiting list carried out", carrying.carry_out)


def _draft_waiting(committee: Committee, letters: datetime) -> None:
    bench = committee.bench
    volet = bench.call.volets.select_related("budget_line", "call").get()
    who = cast.person(cast.PROGRAMME_MANAGER)
    made = deciding.draft_waiting_list(volet, actor=who)
    deciding.set_instants(made, letters, letters + timedelta(days=7, hours=1, minutes=30), actor=who)
