"""The story of the demonstration: four calls of the same kind, at four points of their life, as of a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from random import Random

from django.db import transaction

from accounts.permissions import holders
from grants.actions.calls import Options, load_call
from grants.models import Call
from grants.reading import folder, read_source
from notifications.seeding import (
    cast,
    checks,
    corpus,
    decisions,
    filing,
    joint,
    plan,
    recourse,
    reviews,
    rounds,
    running,
)
from notifications.seeding.agenda import Agenda
from notifications.seeding.clock import Travel, at, of_month, quiet, travelling
from workflows.engine import fire

SEED = 2026
VOLET, RESERVE = "UNIQUE", "small"


@dataclass(frozen=True)
class Told:
    """What a story did."""

    calls: tuple[str, ...]
    steps: int


def live(
    today: date,
    *,
    seed: int = SEED,
    size: str = rounds.FULL,
    say: Callable[[str], object] = lambda text: None,
) -> Told:
    """Live the whole story, up to the beginning of a day; one transaction, nothing announced twice."""
    rng = Random(seed)
    first = rounds.PUBLISHED.closing_day(today) - timedelta(days=joint.LASTS + running.PREPARED + 5)
    travel = Travel(at(first, 9), rng)
    agenda = Agenda(travel)
    with quiet(), travelling(travel), transaction.atomic():
        cast.import_directory()
        agenda.add(at(first, 9, 5), "first call", lambda: None)
        for told in plan.CALLS:
            _plan_call(agenda, told, today, Random(f"{seed}{told.letter}"))
        drawn = rounds.draw(size)
        for one in rounds.ROUNDS[:-1]:
            running.plan_round(agenda, one, drawn[one.letter], today)
        late = partial(_plan_late, agenda, drawn[rounds.OPEN.letter], today)
        joint.plan_open(agenda, today, Random(f"{seed}{joint.READY}"), late)
        steps = agenda.run(at(today, 0))
        travel.to(at(today, 0, 1))
        if agenda.left():
            say(f"still to come: {', '.join(agenda.left())}")
    calls = [told.code(today) for told in plan.CALLS] + [one.code(today) for one in rounds.ROUNDS[:-1]]
    return Told((*calls, joint.code_of(today)), steps)


def _plan_late(agenda: Agenda, projects: list[corpus.Project], today: date, call: Call) -> None:
    """What joins the open reference call beside the joint projects."""
    running.plan_open(agenda, call, projects, today)


def _plan_call(agenda: Agenda, told: plan.CallPlan, today: date, rng: Random) -> None:
    """A call is prepared two weeks before it opens."""
    opens = told.closing_day(today) - timedelta(days=45)
    prepared = at(opens - timedelta(days=14), 9, 30)
    agenda.add(prepared, f"call {told.letter}", partial(_prepare, agenda, told, today, rng))


def _prepare(agenda: Agenda, told: plan.CallPlan, today: date, rng: Random) -> None:
    """Load, staff and publish a call, then plan what happens in it."""
    call = _load(told, today)
    if not holders("manager", call.programme).exists():
        cast.appoint(call.programme)
    cast.staff_call(call)
    fire(call, "publish", actor=cast.person(cast.PROGRAMME_MANAGER))
    call = Call.objects.select_related("programme", "edition__definition").get(pk=call.pk)
    bench = filing.Bench(agenda, told, call, today, rng, {})
    for code in told.projects:
        filing.plan_filing(bench, corpus.projects()[code])
    if told is plan.OPEN:
        return
    checks.plan_checks(bench)
    committee = reviews.plan_reviews(bench)
    if told is plan.REVIEW:
        reviews.plan_ties(committee)
        recourse.plan_asked(bench)
        return
    reviews.plan_lock(committee)
    decisions.plan_main(committee)
    if told is plan.PUBLISHED:
        decisions.plan_answers(committee)
        recourse.plan_answered(bench)


def _load(told: plan.CallPlan, today: date) -> Call:
    closes: datetime = told.closes_at(today)
    source = read_source(folder("flin"))
    title = source["call"]["title"]
    named = {
        "fr": f"{title['fr']}, appel {of_month(closes)}",
        "en": f"{title['en']}, {closes:%B %Y} call",
    }
    options = Options(
        code=told.code(today),
        title=named,
        closes=closes,
        envelopes={VOLET: told.envelope},
        reserves={RESERVE: told.reserve},
    )
    return load_call(source, options=options).call
