"""The reference call, open now: projects of several bodies, each partner answering from its own account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from accounts.actions import claims, people, roles
from accounts.models import Membership, Organisation, User
from accounts.permissions import holders
from applications import blockers
from applications.actions import drafts, files
from applications.actions import partners as acts
from applications.models import Body, Dossier
from grants.actions.calls import Options, load_call
from grants.models import Call, Programme
from grants.reading import folder, read_source
from notifications.demo import PASSWORD
from notifications.seeding import applying, cast, corpus, filing, forms, papers, plan
from notifications.seeding.agenda import Agenda
from notifications.seeding.clock import at, on_weekday, weekdays_after
from notifications.seeding.corpus import Project
from web import clock
from workflows.engine import fire, record, unit

READY, CLOSES_IN, LASTS = "ti", 19, 67  # the call, days to its closing, days it stays open
PENDING = ("P031",)  # too few bodies, nobody has answered
NO_APPLICANT = "P033"  # its lead is a territory, which the start link refuses
LATE, DECLINED = "P026", "P051"
GIVEN = (
    "Annie",
    "Benoît",
    "Carole",
    "Denis",
    "Éliane",
    "François",
    "Ginette",
    "Hugues",
    "Isabelle",
    "Jocelyn",
    "Karine",
    "Luc",
)
FAMILY = (
    "Arsenault",
    "Bilodeau",
    "Cloutier",
    "Desrosiers",
    "Émond",
    "Fiset",
    "Grondin",
    "Hébert",
    "Jolicoeur",
    "Lachance",
    "Michaud",
    "Nadeau",
)
DECLINE = (
    "Le conseil préfère terminer d’abord le plan de gestion de ses actifs; il suivra le projet avec intérêt."
)


def projects() -> list[Project]:
    """Projects of the corpus that the simple call does not use: those with partners."""
    used = {code for call in plan.CALLS for code in call.projects}
    return [one for code, one in corpus.projects().items() if code not in {*used, NO_APPLICANT}]


def closing_day(today: date) -> date:
    """The day on which the call closes."""
    return on_weekday(today + timedelta(days=CLOSES_IN))


def code_of(today: date) -> str:
    """`TI-2026`: the year of its closing."""
    return f"{READY.upper()}-{closing_day(today).year}"


def plan_open(agenda: Agenda, today: date, rng: Random, then: Callable[[Call], None]) -> None:
    """The call is prepared two weeks before it opens; whatever else is planned in it follows."""
    opens = closing_day(today) - timedelta(days=LASTS)
    agenda.add(
        at(opens - timedelta(days=14), 10), "reference call", partial(_prepare, agenda, today, rng, then)
    )


def _prepare(agenda: Agenda, today: date, rng: Random, then: Callable[[Call], None]) -> None:
    closes = at(closing_day(today), 16, 30)
    call = load_call(read_source(folder(READY)), options=Options(code=code_of(today), closes=closes)).call
    if not holders("manager", call.programme).exists():
        appoint(call.programme)
    cast.staff_call(call)
    fire(call, "publish", actor=cast.person(cast.PROGRAMME_MANAGER))
    call = Call.objects.select_related("programme", "edition__definition").get(pk=call.pk)
    for rank, project in enumerate(projects()):
        Writer(agenda, call, project, rank, today, rng).plan()
    then(call)


def appoint(programme: Programme) -> None:
    """The same people as for the other programme."""
    manager = cast.make(cast.PROGRAMME_MANAGER)
    roles.appoint(manager, programme, actor=cast.appointing())
    for code, role in ((cast.SECOND_MANAGER, "manager"), (cast.AUDITOR, "auditor")):
        roles.give_role(cast.make(code), role, programme, actor=manager)
    proposal = roles.give_role(cast.make(cast.AUTHORITY), "authority", programme, actor=manager)
    if proposal is not None:
        roles.approve_role(proposal, actor=cast.person(cast.SECOND_MANAGER))


class Writer:
    """One project on its way to the filing."""

    def __init__(
        self, agenda: Agenda, call: Call, project: Project, rank: int, today: date, rng: Random
    ) -> None:
        self.agenda, self.call, self.project, self.rank, self.today, self.rng = (
            agenda,
            call,
            project,
            rank,
            today,
            rng,
        )
        self.pk = 0

    def plan(self) -> None:
        """Claimed, begun, partners asked, written, answered, filed: on working days behind today."""
        opened = self.call.opens_at.date()
        first = on_weekday(opened + timedelta(days=1 + self.rank % 5), back=False)
        steps: list[tuple[int, int, str, Callable[[], Any]]] = [
            (0, 9, "claims", lambda: cast.claim(self.project)),
            (1, 10, "confirmed", lambda: cast.confirm(self.project)),
            (1, 14, "invites", lambda: cast.invite(self.project)),
            (2, 9, "begins", self.begin),
            (3, 11, "asks", self.ask),
            (6, 13, "answered", self.answered),
            (9, 10, "writes", self.write),
            (10, 10, "joins", self.join),
        ]
        if self.project.code not in (*PENDING, LATE, DECLINED) and self.is_whole():
            steps.append((12 + self.rank % 9, 15, "files", self.submit))
        for days, hour, label, step in steps:
            when = self.when(weekdays_after(first, days), hour)
            self.agenda.add(when, f"{self.project.code} {label}", step)

    def when(self, day: date, hour: int) -> datetime:
        """An instant of that day, each project at its own minute."""
        return at(min(day, self.today - timedelta(days=1)), hour, (7 * self.rank) % 60)

    def is_whole(self) -> bool:
        """Written to its end in the corpus."""
        return len(self.project.data["answers"]["risks"]) >= 3

    @property
    def dossier(self) -> Dossier:
        """The draft, read anew."""
        rows = Dossier.objects.select_related("call", "volet__budget_line", "edition__definition", "snapshot")
        return rows.get(pk=self.pk)

    def begin(self) -> None:
        """The start link, in the stream of the project."""
        volet = self.call.volets.get(code=self.project.data["volet"])
        made, _new = drafts.start_dossier(
            self.call, cast.organisation_of(self.project), actor=cast.writer_of(self.project), volet=volet
        )
        self.pk = made.pk

    def ask(self) -> None:
        """Partners with what they do and pay."""
        for told in self.project.data["partners"]:
            body = cast.body_of(str(told["code"]))
            part = str(told["role"]).removeprefix("Partenaire, ")
            part = part[:1].upper() + part[1:]
            acts.add(
                self.dossier,
                body,
                part=part,
                share=int(told["share_dollars"]),
                actor=cast.writer_of(self.project),
            )

    def answered(self) -> None:
        """Each partner's signatory confirms; one is late, one declines."""
        if self.project.code in PENDING:
            return
        told = {str(one["code"]): one for one in self.project.data["partners"]}
        bodies = Body.objects.filter(dossier_id=self.pk, role="partner").select_related(
            "organisation", "dossier"
        )
        for place, body in enumerate(bodies.order_by("position")):
            person = self.signatory(body.organisation)
            if place == 0 and self.project.code == DECLINED:
                acts.decline(body, DECLINE, actor=person)
            elif not (place == 0 and self.project.code == LATE):
                self.confirm(body, told.get(body.organisation.code, {}), person)

    def confirm(self, body: Body, told: dict[str, Any], person: User) -> None:
        """Under the resolution of its council."""
        resolution = told.get("resolution") or {}
        day = clock.today() - timedelta(days=6 + self.rank % 8)
        kind = "provisional" if resolution.get("kind") == "provisional" else "final"
        acts.confirm(
            body, number=str(resolution.get("number") or f"{day:%Y-%m}-41"), day=day, kind=kind, actor=person
        )

    def signatory(self, organisation: Organisation) -> User:
        """Whoever signs for a partner: an account made and confirmed when it is first asked."""
        known = Membership.objects.filter(
            organisation=organisation, role="signatory", status="confirmed"
        ).first()
        if known is not None:
            return known.user
        place = sum(map(ord, organisation.code)) + organisation.pk
        given, family = GIVEN[place % len(GIVEN)], FAMILY[(place // 5) % len(FAMILY)]
        with unit():
            made = people.new_account(
                f"signature@m{organisation.scheme}{organisation.code}.example",
                given_name=given,
                family_name=family,
                password=PASSWORD,
                language="fr",
            )
            record(made, "create", actor=made)
        claims.confirm_claim(
            claims.claim(organisation, "signatory", actor=made), actor=cast.person(cast.SECOND_MANAGER)
        )
        return made

    def write(self) -> None:
        """Every answer in one sitting."""
        dossier, writer = self.dossier, cast.writer_of(self.project)
        content, day = dossier.edition.content, closing_day(self.today)
        lead = cast.organisation_of(self.project)
        told = forms.answers(self.project, content, dossier.volet.code, day, lead)
        applying.write_all(dossier, told, writer)

    def join(self) -> None:
        """What the form misses: the resolution of the lead, prices, the summary of a privacy assessment."""
        dossier, writer = self.dossier, cast.writer_of(self.project)
        name, day = cast.organisation_of(self.project).name, closing_day(self.today)
        missing = [one.question for one in blockers.in_answers(dossier) if one.kind == "file"]
        for slot in missing:
            make = papers.resolution if slot == "resolution" else papers.price
            paper = make(self.project, name, day)
            files.add_file(dossier, slot, paper, actor=writer, upload_key=f"{slot}-{self.project.code}"[:64])

    def submit(self) -> None:
        """The signatory reads and files; a council that has not answered keeps the draft waiting."""
        bench = filing.Bench(
            self.agenda, plan.OPEN, self.call, self.today, self.rng, {self.project.code: self.pk}
        )
        filing.submit(bench, self.project)
