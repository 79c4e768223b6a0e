"""Municipalities at work: a mandate, a draft written in sittings, files, a filing, sometimes a second one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from applications import filing, snapshots
from applications.actions import answers, drafts, files
from applications.models import Dossier
from grants.models import Call
from notifications.seeding import applying, cast, papers, plan
from notifications.seeding.agenda import Agenda
from notifications.seeding.clock import at
from notifications.seeding.corpus import CLOSING, Project
from web import clock
from workflows.engine import fire

PRICED_FROM = 50_000  # kept costs from which the form wants proofs of price
FILES = ("resolution", "price_evidence")


@dataclass
class Bench:
    """What the steps of one call share."""

    agenda: Agenda
    plan: plan.CallPlan
    call: Call
    today: date
    rng: Random
    dossiers: dict[str, int]  # project: key

    @property
    def closing(self) -> date:
        """The day of the closing."""
        return self.plan.closing_day(self.today)

    def day(self, after: int) -> date:
        """A day counted from the closing."""
        return self.closing + timedelta(days=after)

    def dossier(self, project: str) -> Dossier:
        """The dossier of a project, read anew."""
        rows = Dossier.objects.select_related("call", "volet__budget_line", "edition__definition", "snapshot")
        return rows.get(pk=self.dossiers[project])

    def hour(self, day: date, first: int = 8, last: int = 17) -> datetime:
        """Some instant of a working day."""
        return at(day, self.rng.randint(first, last - 1), self.rng.randint(0, 59))


def plan_filing(bench: Bench, project: Project) -> None:
    """Plan everything a municipality does until it has filed."""
    opening = bench.call.opens_at.date()
    rank = bench.plan.projects.index(project.code)
    claimed = bench.hour(opening + timedelta(days=1 + rank % 7))
    agenda, code = bench.agenda, project.code
    agenda.add(claimed, f"{code} claims", lambda: cast.claim(project))
    begun = claimed + timedelta(hours=2)
    if code != plan.UNCONFIRMED:
        confirmed = at(claimed.date() + timedelta(days=1), 9, 10 + rank)
        begun = confirmed + timedelta(hours=6)
        agenda.add(confirmed, f"{code} confirmed", lambda: cast.confirm(project))
        agenda.add(confirmed + timedelta(hours=3), f"{code} invites", lambda: cast.invite(project))
    agenda.add(begun, f"{code} begins", lambda: begin(bench, project))
    filed = filed_at(bench, project, begun)
    written = begun + (filed - begun) / 2
    agenda.add(written, f"{code} writes", lambda: write(bench, project, 1))
    agenda.add(filed - timedelta(minutes=50), f"{code} ends", lambda: write(bench, project, 2))
    agenda.add(filed - timedelta(minutes=30), f"{code} joins", lambda: join(bench, project))
    if code not in plan.UNFILED:
        agenda.add(filed, f"{code} files", lambda: submit(bench, project))
    if code == plan.FILED_TWICE:
        agenda.add(filed + timedelta(hours=20), f"{code} changes", lambda: file_again(bench, project))
    if code in plan.WITHDRAWN:
        agenda.add(filed + timedelta(hours=3), f"{code} withdraws", lambda: withdraw(bench, project))


def filed_at(bench: Bench, project: Project, begun: datetime) -> datetime:
    """The corpus' instant, counted from this closing; in a call still open, spread over the days behind."""
    shifted = project.filed_at + (at(bench.closing, 16, 30) - at(CLOSING, 16, 30))
    local = at(
        bench.closing + (project.filed_at.date() - CLOSING), project.filed_at.hour, project.filed_at.minute
    )
    local = local.replace(second=shifted.second)
    if bench.closing < bench.today:
        return local
    last = bench.today - timedelta(days=1)
    day = last - timedelta(days=bench.rng.randint(2, 9))
    signed = project.resolution_on(bench.closing)
    wanted = max(bench.hour(max(day, signed)), begun + timedelta(days=2))
    return min(wanted, at(last, 17, 20))


# --- writing ----------------------------------------------------------------------------------------------
def begin(bench: Bench, project: Project) -> None:
    """The start link: the draft, then its first answers."""
    writer = cast.writer_of(project)
    dossier, _made = drafts.start_dossier(bench.call, cast.organisation_of(project), actor=writer)
    bench.dossiers[project.code] = dossier.pk
    write(bench, project, 0)


def write(bench: Bench, project: Project, sitting: int) -> None:
    """A third of the answers at each sitting: the first typed one by one, the others kept as they were left."""
    told = list(wanted(bench, project).items())
    size = -(-len(told) // 3)
    dossier, writer = bench.dossier(project.code), cast.writer_of(project)
    if sitting:
        applying.write_all(dossier, dict(told[size * sitting : size * (sitting + 1)]), writer)
        return
    for place, (code, value) in enumerate(told[:size], start=1):
        save(dossier, code, value, writer, f"seance-{project.code}-{sitting}", place)


def wanted(bench: Bench, project: Project) -> dict[str, Any]:
    """The answers of the corpus, without what a draft is stuck on."""
    found = project.answers(bench.closing)
    stuck = plan.UNFILED.get(project.code)
    if stuck == "required":
        for code in ("requested", "privacy_state", "resolution_number", "resolution_date"):
            found.pop(code, None)
    elif stuck == "declaration":
        found.pop("declaration")
    elif stuck == "dates":
        found["start"], found["end"] = found["end"], found["start"]
    return found


def save(dossier: Dossier, code: str, value: Any, actor: Any, client: str, place: int) -> None:
    """Type one answer."""
    known = dossier.answers.filter(question=code).values_list("version", flat=True).first() or 0
    done = answers.save_answer(
        dossier, code, value, actor=actor, seen_version=known, client=client, client_n=place
    )
    if not done.is_kept or (done.sentence and done.status == "saved"):
        raise RuntimeError(f"{dossier.pk} {code}: {done.status} {done.sentence}")


def join(bench: Bench, project: Project) -> None:
    """Join the resolution and the proofs of price."""
    dossier, writer = bench.dossier(project.code), cast.writer_of(project)
    stuck = plan.UNFILED.get(project.code)
    name = cast.organisation_of(project).name
    costs = sum(one["amount"] for one in project.data["costs"] if one["eligible"])
    if stuck != "file":
        paper = papers.resolution(project, name, bench.closing, number=stuck != "required")
        files.add_file(dossier, "resolution", paper, actor=writer, upload_key=f"r-{project.code}")
    if costs > PRICED_FROM:
        paper = papers.price(project, name, bench.closing)
        files.add_file(dossier, "price_evidence", paper, actor=writer, upload_key=f"p-{project.code}")


# --- filing -----------------------------------------------------------------------------------------------
def submit(bench: Bench, project: Project, kind: str = filing.FILING) -> None:
    """The signatory reads the check page and files what it shows."""
    dossier, signatory = bench.dossier(project.code), cast.signatory_of(project)
    seen = snapshots.shown(dossier)
    filing.submit(
        dossier,
        actor=signatory,
        digest=seen.digest,
        submit_key=f"{project.code}-{kind}-{dossier.snapshots.count()}",
        received_at=clock.now(),
        kind=kind,
    )


def file_again(bench: Bench, project: Project) -> None:
    """One answer changed before the closing, then filed again: the earlier filing stood until then."""
    dossier = bench.dossier(project.code)
    told = wanted(bench, project)["results"]
    more = told + "\n\nLe bilan de la première année sera présenté en séance publique du conseil."
    save(dossier, "results", more, cast.writer_of(project), f"retour-{project.code}", 1)
    submit(bench, project)


def withdraw(bench: Bench, project: Project) -> None:
    """The signatory takes the dossier back, with the reason."""
    fire(
        bench.dossier(project.code),
        "withdraw",
        actor=cast.signatory_of(project),
        text=plan.WITHDRAWN[project.code],
    )
