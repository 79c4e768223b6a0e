"""The ministry checks: completeness, requests with their answers or their silence, rules confirmed, refusals."""

from __future__ import annotations

from datetime import datetime, timedelta

from applications import verifying
from applications.actions import files
from notifications import actions as posts
from notifications.models import Message
from notifications.seeding import cast, corpus, papers, plan
from notifications.seeding.clock import at, on_weekday
from notifications.seeding.corpus import Project
from notifications.seeding.filing import Bench, save, submit
from web.clock import eastern
from workflows.engine import fire

REFUSAL = "refusal_eligibility"
AWAITED = "P023"  # its answer is still to come
JUST_ANSWERED = "P018"  # its answer waits for the analyst


def plan_checks(bench: Bench) -> None:
    """Plan the checks of every dossier that was filed."""
    for rank, code in enumerate(bench.plan.filed()):
        project = corpus.projects()[code]
        day = on_weekday(bench.day(3 + rank % 6), back=False)
        when = at(day, 9 + rank % 7, 5 + rank)
        if code in bench.plan.returned:
            plan_request(bench, project, rank)
        elif code in bench.plan.reviewed() or code in bench.plan.refused:
            _plan_verdict(bench, project, rank, when)


def _plan_verdict(bench: Bench, project: Project, rank: int, first: datetime) -> None:
    second = first + timedelta(days=3, hours=1)
    bench.agenda.add(first, f"{project.code} complete", lambda: complete(bench, project, rank))
    if project.code in bench.plan.refused:
        bench.agenda.add(second, f"{project.code} judged", lambda: judge_ineligible(bench, project, rank))
        third = second + timedelta(days=4)
        bench.agenda.add(third, f"{project.code} countersigned", lambda: countersign(bench, project))
        bench.agenda.add(
            third + timedelta(hours=5), f"{project.code} letter", lambda: release(bench, project)
        )
    else:
        bench.agenda.add(second, f"{project.code} eligible", lambda: judge_eligible(bench, project, rank))


def analyst(rank: int, project: str = "") -> str:
    """Who follows a dossier: whom the corpus names, else each in turn."""
    named = corpus.completions().get(project, {}).get("analyst", "")
    return named if named in cast.ANALYSTS else cast.ANALYSTS[rank % len(cast.ANALYSTS)]


# --- completeness -----------------------------------------------------------------------------------------
def complete(bench: Bench, project: Project, rank: int) -> None:
    """Everything is there."""
    actor = cast.person(analyst(rank, project.code))
    fire(bench.dossier(project.code), "advance", actor=actor, outcome="complet")


def plan_request(bench: Bench, project: Project, rank: int) -> None:
    """A request for completion, then an answer, or silence and what follows."""
    code, agenda = project.code, bench.agenda
    asked = at(on_weekday(bench.day(6), back=False), 10, 20 + rank)
    if code == AWAITED:
        asked = at(on_weekday(bench.today - timedelta(days=5)), 10, 20)
    if code == JUST_ANSWERED:
        asked = at(on_weekday(bench.today - timedelta(days=12)), 10, 20)
    agenda.add(asked, f"{code} asked", lambda: ask(bench, project, rank))
    if code in bench.plan.silent:
        noted = at(on_weekday(eastern(asked).date() + timedelta(days=17), back=False), 9, 40)
        agenda.add(noted, f"{code} silent", lambda: note_silence(bench, project, rank))
        if code == "P042":
            agenda.add(noted + timedelta(days=2), f"{code} refused", lambda: countersign(bench, project))
            agenda.add(noted + timedelta(days=2, hours=4), f"{code} letter", lambda: release(bench, project))
    elif code != AWAITED:
        back = asked + timedelta(days=8, hours=5)
        if code == JUST_ANSWERED:
            back = at(bench.today - timedelta(days=2), 15, 30)
        agenda.add(back, f"{code} answers", lambda: answer(bench, project))
        if code != JUST_ANSWERED:
            _plan_verdict(bench, project, rank, back + timedelta(hours=20))


def ask(bench: Bench, project: Project, rank: int) -> None:
    """Open the named questions, each with its reason."""
    known = project.code in corpus.completions()
    items = corpus.asked_of(project.code) if known else plan.ASKED_OF_P049
    message = plan.REQUEST
    actor = cast.person(analyst(rank, project.code))
    fire(bench.dossier(project.code), "send_back", actor=actor, items=items, message=message)


def answer(bench: Bench, project: Project) -> None:
    """The municipality answers what was reopened, and nothing else."""
    dossier, writer = bench.dossier(project.code), cast.writer_of(project)
    told = project.answers(bench.closing)
    reply = corpus.completions()[project.code]["reply"]["text"]
    texts = {
        "title": project.data["title"]["fr"],
        "summary": project.data["summary_plain"]["fr"],
        "need": f"{told['need']}\n\nComplément : {reply}".replace(" : ", "\u00a0: "),
    }
    items = corpus.asked_of(project.code)
    for place, code in enumerate(items, start=1):
        if code in texts:
            save(dossier, code, texts[code], writer, f"complement-{project.code}", place)
        elif code == "price_evidence":
            paper = papers.price(project, cast.organisation_of(project).name, bench.closing)
            files.add_file(dossier, code, paper, actor=writer, upload_key=f"c-{project.code}")
    submit(bench, project, "completion")


def note_silence(bench: Bench, project: Project, rank: int) -> None:
    """The delay passed without an answer: the analyst notes it."""
    actor = cast.person(analyst(rank, project.code))
    fire(bench.dossier(project.code), "advance", actor=actor, outcome="silence")


# --- eligibility ------------------------------------------------------------------------------------------
def judge_eligible(bench: Bench, project: Project, rank: int) -> None:
    """Every rule confirmed by the analyst, and the aid."""
    dossier, actor = bench.dossier(project.code), cast.person(analyst(rank, project.code))
    confirm_rules(bench, project, actor)
    verifying.confirm_aid(dossier, dossier.aid, actor=actor)
    fire(dossier, "advance", actor=actor, outcome="admissible")


def judge_ineligible(bench: Bench, project: Project, rank: int) -> None:
    """A « no » with what it rests on, and the refusal proposed."""
    actor = cast.person(analyst(rank, project.code))
    confirm_rules(bench, project, actor)
    fire(bench.dossier(project.code), "advance", actor=actor, outcome="inadmissible")


def confirm_rules(bench: Bench, project: Project, actor: object) -> None:
    """What the rules propose at once, then what only a person can judge."""
    dossier = bench.dossier(project.code)
    verifying.confirm_proposed(dossier, actor=actor)
    assert dossier.snapshot is not None
    shut = bench.plan.refused.get(project.code)
    for finding in dossier.snapshot.findings.filter(confirmed="").order_by("rule"):
        if finding.rule == shut:
            verifying.confirm(finding, "no", actor=actor, note=plan.E04_NOTE)
            continue
        note = plan.NOTES.get(finding.rule, "Vérifié.")
        if finding.rule == "E13" and project.language == "en":
            note = plan.E13_ENGLISH
        verifying.confirm(finding, "yes", actor=actor, note=note)


def countersign(bench: Bench, project: Project) -> None:
    """Another person countersigns the refusal."""
    actor = cast.person(cast.SECOND_ANALYSTS[0])
    fire(bench.dossier(project.code), "reject", actor=actor, outcome="confirme")


def release(bench: Bench, project: Project) -> None:
    """The held letter of refusal is read in the outbox and let go."""
    held = Message.objects.filter(dossier_id=bench.dossiers[project.code], kind=REFUSAL)
    posts.release(held, actor=cast.person(cast.PROGRAMME_MANAGER))
