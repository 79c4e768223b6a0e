"""The committee: members, dossiers given out, ties declared, sheets written, a divergence settled, the lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from notifications.seeding import cast, corpus, plan
from notifications.seeding.clock import at, on_weekday
from notifications.seeding.corpus import Project
from notifications.seeding.filing import Bench
from review.actions import assignments, panels, sheets
from review.models import Assignment, Panel, Sheet
from workflows.engine import fire

PANEL = "Comité d’évaluation"


@dataclass
class Committee:
    """A call's committee in the story."""

    bench: Bench
    panel_id: int = 0

    @property
    def panel(self) -> Panel:
        """The panel, read anew."""
        return Panel.objects.select_related("call__edition__definition", "volet__budget_line").get(
            pk=self.panel_id
        )

    def assignment(self, project: str, reviewer: str) -> Assignment:
        """What was given to somebody, read anew."""
        rows = Assignment.objects.select_related("panel__call", "dossier__edition", "reviewer")
        return rows.get(dossier_id=self.bench.dossiers[project], reviewer=cast.person(reviewer))

    def sheet(self, project: str, reviewer: str) -> Sheet:
        """The sheet of somebody, read anew."""
        return sheets.sheet_of(self.assignment(project, reviewer).sheet.pk)


def plan_reviews(bench: Bench) -> Committee:
    """Plan the whole work of a committee whose call is past: every sheet in, then the lock."""
    committee = Committee(bench)
    agenda = bench.agenda
    agenda.add(at(on_weekday(bench.day(15), back=False), 9), "panel", lambda: seat(committee))
    for rank, code in enumerate(bench.plan.reviewed()):
        project = corpus.projects()[code]
        for place in range(corpus.SHEETS):
            _plan_sheet(committee, project, rank, place)
    return committee


def plan_lock(committee: Committee) -> None:
    """Everything is passed to the committee, divergences are settled, the chair locks."""
    bench = committee.bench
    day = bench.call.panel_on
    assert day is not None
    bench.agenda.add(at(day - timedelta(days=2), 10), "to committee", lambda: pass_on(committee))
    bench.agenda.add(at(day, 13, 30), "divergences", lambda: settle(committee))
    bench.agenda.add(at(day, 15, 45), "lock", lambda: lock(committee))


def seat(committee: Committee) -> None:
    """The secretary makes the panel; the manager names its members."""
    bench = committee.bench
    call = bench.call
    volet = call.volets.get()
    due = call.review_until
    assert due is not None
    made = panels.create_panel(call, volet, PANEL, due, actor=cast.person(cast.SECRETARY))
    committee.panel_id = made.pk
    cast.give(cast.CHAIR, "chair", made)
    for code in members(bench.plan):
        cast.give(code, "reviewer", made)


def members(call: plan.CallPlan) -> list[str]:
    """Everybody who reviews in a call."""
    found = {one["reviewer"] for code in call.reviewed() for one in corpus.projects()[code].reviews}
    if call is plan.REVIEW:
        found |= {plan.RECUSED[1], plan.TO_EXAMINE[1]}
    return sorted(found)


# --- sheets -----------------------------------------------------------------------------------------------
def _plan_sheet(committee: Committee, project: Project, rank: int, place: int) -> None:
    """One reviewer of one dossier: given, declared, written, handed in, or as far as the story goes."""
    bench, code = committee.bench, project.code
    reviewer = str(project.reviews[place]["reviewer"])
    kind = plan.SHEETS.get(code, (plan.IN, plan.IN))[place] if bench.plan is plan.REVIEW else plan.IN
    given = at(on_weekday(bench.day(17 + rank % 3), back=False), 10 + place, 3 * rank)
    label = f"{code} {reviewer}"
    due = late_due(bench) if kind in (plan.LATE_DRAFT, plan.LATE_OFFERED) else None
    if (code, reviewer) == ("P010", "R14"):  # who takes the place of the recused one
        given += timedelta(days=9)
    bench.agenda.add(given, f"{label} given", lambda: give_out(committee, code, reviewer, due))
    if kind in (plan.OFFERED, plan.LATE_OFFERED):
        return
    declared = given + timedelta(days=1, hours=place + 1)
    bench.agenda.add(declared, f"{label} declares", lambda: declare(committee, code, reviewer))
    written = declared + timedelta(days=2 + rank % 4, hours=2)
    is_whole = kind == plan.IN
    bench.agenda.add(
        written, f"{label} writes", lambda: write(committee, project, reviewer, place, whole=is_whole)
    )
    if is_whole:
        bench.agenda.add(
            written + timedelta(hours=2), f"{label} hands in", lambda: hand_in(committee, code, reviewer)
        )


def late_due(bench: Bench) -> datetime:
    """A date that is passed today."""
    return at(on_weekday(bench.today - timedelta(days=4)), 16, 30)


def give_out(committee: Committee, code: str, reviewer: str, due: datetime | None = None) -> None:
    """The secretary gives a dossier to a reviewer."""
    panel = committee.panel
    assignments.offer(
        panel,
        committee.bench.dossier(code),
        cast.person(reviewer),
        due or panel.due_at,
        actor=cast.person(cast.SECRETARY),
    )


def declare(committee: Committee, code: str, reviewer: str) -> None:
    """No tie; or a tie that somebody judges, and clears the day after."""
    row = committee.assignment(code, reviewer)
    words = plan.CLEARED.get((code, reviewer)) if committee.bench.plan is plan.REVIEW else None
    if words is None:
        fire(row, "accept", actor=cast.person(reviewer))
        return
    fire(row, "refer", actor=cast.person(reviewer), text=words[0])
    fire(committee.assignment(code, reviewer), "clear", actor=cast.person(cast.SECRETARY), text=words[1])


def write(committee: Committee, project: Project, reviewer: str, place: int, *, whole: bool) -> None:
    """Marks and comments of the corpus; a draft stops after the first criterion."""
    scores, comments = project.scores(place), project.comments(place)
    best = max(scores, key=lambda one: (float(scores[one]), one))
    least = min(scores, key=lambda one: (float(scores[one]), one))
    written = sheets.Written(
        scores=scores if whole else {"C1": scores["C1"]},
        comments=comments if whole else {"C1": comments["C1"]},
        strengths=comments[best] if whole else None,
        weaknesses=comments[least] if whole else None,
    )
    sheets.save(committee.sheet(project.code, reviewer), written, actor=cast.person(reviewer))


def hand_in(committee: Committee, code: str, reviewer: str) -> None:
    """The sheet counts from now on."""
    fire(committee.sheet(code, reviewer), "hand_in", actor=cast.person(reviewer))


# --- the call in review -----------------------------------------------------------------------------------
def plan_ties(committee: Committee) -> None:
    """One recused after having read, one declaration that waits for a judgement, two dossiers passed on."""
    bench = committee.bench
    code, reviewer, reason = plan.RECUSED
    start = at(on_weekday(bench.day(18), back=False), 14, 10)
    bench.agenda.add(start, "recused given", lambda: give_out(committee, code, reviewer))
    bench.agenda.add(start + timedelta(days=1), "recused accepts", lambda: declare(committee, code, reviewer))
    bench.agenda.add(start + timedelta(days=3), "recused reads", lambda: _sketch(committee, code, reviewer))
    bench.agenda.add(start + timedelta(days=5), "recused", lambda: _recuse(committee, code, reviewer, reason))
    other, waiting, words = plan.TO_EXAMINE
    day = at(on_weekday(bench.today - timedelta(days=3)), 10, 45)
    bench.agenda.add(day, "third reviewer", lambda: give_out(committee, other, waiting))
    bench.agenda.add(day + timedelta(hours=4), "to examine", lambda: _refer(committee, other, waiting, words))
    last = at(on_weekday(bench.today - timedelta(days=2)), 14, 5)
    bench.agenda.add(last, "some to committee", lambda: pass_on(committee, plan.TO_COMMITTEE))


def _sketch(committee: Committee, code: str, reviewer: str) -> None:
    written = sheets.Written(
        scores={"C1": "4"}, comments={"C1": "Besoin bien établi par les sorties de l’an dernier."}
    )
    sheets.save(committee.sheet(code, reviewer), written, actor=cast.person(reviewer))


def _recuse(committee: Committee, code: str, reviewer: str, reason: str) -> None:
    fire(committee.assignment(code, reviewer), "recuse", actor=cast.person(cast.SECRETARY), text=reason)


def _refer(committee: Committee, code: str, reviewer: str, words: str) -> None:
    fire(committee.assignment(code, reviewer), "refer", actor=cast.person(reviewer), text=words)


# --- the committee ----------------------------------------------------------------------------------------
def pass_on(committee: Committee, codes: tuple[str, ...] | None = None) -> None:
    """The secretary passes complete dossiers to the committee."""
    bench = committee.bench
    rows = [bench.dossier(code) for code in codes or bench.plan.reviewed()]
    _done, refused = panels.close_reviews(committee.panel, rows, actor=cast.person(cast.SECRETARY))
    if refused:
        raise RuntimeError(" ".join(refused))


def settle(committee: Committee) -> None:
    """The mean is kept, with the reason, wherever two sheets are far apart."""
    bench = committee.bench
    for code in bench.plan.reviewed():
        dossier = bench.dossier(code)
        if not dossier.divergent:
            continue
        for criterion in _apart(dossier):
            panels.conclude(
                committee.panel, dossier, criterion, "", plan.KEPT_MEAN, actor=cast.person(cast.CHAIR)
            )


def _apart(dossier: Any) -> list[str]:
    from review import ranking

    result: dict[str, Any] = ranking.score_dossier(dossier)["result"]
    return [str(one["on"]) for one in result["divergences"]]


def lock(committee: Committee) -> None:
    """The chair locks: the ranking is frozen with its hash."""
    fire(committee.panel, "lock", actor=cast.person(cast.CHAIR))
