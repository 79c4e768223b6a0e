"""A round of the reference call from its preparation to where it stands today."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any

from accounts.permissions import holders
from grants.actions.calls import Options, load_call
from grants.models import Call
from grants.reading import folder, read_source
from notifications.seeding import cast, joint, rounds
from notifications.seeding.agenda import Agenda
from notifications.seeding.applying import Applicant, settle_in
from notifications.seeding.clock import at, of_month, on_weekday
from notifications.seeding.composing import phrases
from notifications.seeding.corpus import Project
from notifications.seeding.examining import Examiner
from notifications.seeding.meeting import Committees
from notifications.seeding.ruling import Rulings
from workflows.engine import fire

PREPARED = 14  # days before the opening
DRAFTS = 3  # of the open round: one composed dossier out of so many is still being written
# What the envelope of a volet covers of what its dossiers ask, and what its reserves take of it, in hundredths.
COVERED = {"V1": 56, "V2": 58, "V3": 55}
SET_APART = {"small": 24, "north": 6}


def plan_round(agenda: Agenda, one: rounds.Round, projects: list[Project], today: date) -> None:
    """A call is prepared two weeks before it opens."""
    opens = one.closing_day(today) - timedelta(days=joint.LASTS)
    agenda.add(
        at(opens - timedelta(days=PREPARED), 9, 40),
        f"round {one.letter}",
        partial(_prepare, agenda, one, projects, today),
    )


def _prepare(agenda: Agenda, one: rounds.Round, projects: list[Project], today: date) -> None:
    call = _load(one, projects, today)
    settle_in(projects)
    applicants = [
        Applicant(call, project, rank, Random(project.code)) for rank, project in enumerate(projects)
    ]
    for applicant in applicants:
        _plan_filing(agenda, applicant, today)
    ends = rounds.ends_of(one, projects)
    examiner = Examiner(agenda, one, today)
    gone = rounds.departures_of(one, projects)
    for applicant in applicants:
        code = applicant.project.code
        examiner.plan(applicant, ends.get(code, ""), gone.get(code, ""))
    reviewed = [each for each in applicants if each.project.code not in ends]
    committees = Committees(agenda, one, call, today, reviewed)
    committees.plan()
    if one is not rounds.SCORING:
        Rulings(committees).plan()


def _plan_filing(agenda: Agenda, applicant: Applicant, today: date) -> None:
    """Begun in the last weeks, filed in the last days, as everywhere."""
    rank, closing = applicant.rank, applicant.closing
    begun = on_weekday(closing - timedelta(days=16 + rank % 14))
    filed = on_weekday(closing - timedelta(days=rank % 9))
    code = applicant.project.code
    agenda.add(at(begun, 8 + rank % 8, (13 * rank) % 60), f"{code} begins", applicant.begin, lazy=True)
    agenda.add(at(filed, 9 + rank % 7, (17 * rank) % 60), f"{code} files", applicant.submit, lazy=True)


def plan_open(agenda: Agenda, call: Call, projects: list[Project], today: date) -> None:
    """The composed dossiers of the open round: some drafts, most filed early, two taken back."""
    settle_in(projects)
    for rank, project in enumerate(projects):
        one = Applicant(call, project, rank, Random(project.code))
        begun = on_weekday(today - timedelta(days=12 + rank % 21))
        when = at(begun, 9 + rank % 8, (13 * rank) % 60)
        is_draft = rank % DRAFTS == 1
        begin = partial(one.begin, part=35 + 9 * (rank % 6)) if is_draft else one.begin
        agenda.add(when, f"{project.code} begins", begin, lazy=True)
        if is_draft:
            continue
        filed = at(on_weekday(today - timedelta(days=2 + rank % 8)), 10 + rank % 6, (7 * rank) % 60)
        agenda.add(filed, f"{project.code} files", one.submit, lazy=True)
        if rank in (6, 12):
            words = phrases()["withdrawn"][rank // 6 % 2]
            back = at(today - timedelta(days=1), 15, rank)
            agenda.add(back, f"{project.code} withdraws", partial(one.withdraw, words))


# --- the call ---------------------------------------------------------------------------------------------
def _load(one: rounds.Round, projects: list[Project], today: date) -> Call:
    """The files of the reference call, with the code, the dates and the envelopes of the round."""
    source = read_source(folder(rounds.READY))
    closes = at(one.closing_day(today), 16, 30)
    title = {
        "fr": f"Villes et territoires intelligents, appel {of_month(closes)}",
        "en": f"Smart Cities and Territories, {closes:%B %Y} call",
    }
    ends = rounds.ends_of(one, projects)
    reviewed = [each for each in projects if each.code not in ends]
    volets = [_with_sums(each, reviewed) for each in source["call"]["volets"]]
    source = {**source, "call": {**source["call"], "volets": volets}}
    options = Options(code=one.code(today), title=title, closes=closes)
    call = load_call(source, options=options).call
    if not holders("manager", call.programme).exists():
        joint.appoint(call.programme)
    cast.staff_call(call)
    fire(call, "publish", actor=cast.person(cast.PROGRAMME_MANAGER))
    return Call.objects.select_related("programme", "edition__definition").get(pk=call.pk)


def _with_sums(volet: Mapping[str, Any], projects: list[Project]) -> dict[str, Any]:
    """An envelope that part of the dossiers fit in, and its reserves."""
    code = str(volet["code"])
    asked = sum(each.requested() for each in projects if each.data["volet"] == code)
    envelope = asked * COVERED[code] // 100_000 * 1_000
    reserves = [
        {**each, "amount": envelope * SET_APART[each["name"]] // 100_000 * 1_000}
        for each in volet["reserves"]
    ]
    return {**volet, "envelope": envelope, "reserves": reserves}
