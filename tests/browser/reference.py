"""The reference call at any stage of a journey: its people, dossiers of villages alone, its committee, its decisions.

A stage here is used as those of `tests/browser/stage.py`; what differs is in the files of the call (streams, seven
criteria, three sheets, a committee with a quorum, sums that somebody outside allows).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts import places
from accounts.models import Organisation, User
from applications import blockers
from applications.actions.answers import save_answer
from applications.actions.drafts import start_dossier
from applications.actions.files import add_file
from applications.models import Dossier
from grants.actions.calls import Options, load_call, loader
from grants.models import BudgetLine, Decision, DecisionLine, Volet
from grants.reading import folder, read_source
from notifications.seeding import corpus, forms
from review import approving, deciding
from review.actions import assignments, meetings, panels, sheets
from review.models import Assignment, Panel
from tests import factories
from tests.applications.checked import confirm_all
from tests.applications.filled import file_now, pdf
from tests.browser import stage
from tests.fixtures_calls import CALL_STAFF, STAFF, Flin
from web import clock, formats
from workflows.engine import fire

STREAM = "V2"
TOWNS = ("31056", "31045", "10070", "14050")
AID = 80_000
BUDGET = {
    "lines": [
        {"id": "l1", "category": "equipment", "description": "Débitmètres", "year": 1, "amount": 90_000},
        {"id": "l2", "category": "training", "description": "Formation", "year": 2, "amount": 10_000},
    ],
    "funding": [{"id": "f1", "source": "Municipalité", "kind": "own", "public": False, "amount": 20_000}],
}


@dataclass
class Reference(Flin):
    """The reference call with its people; its volet is the stream of the journey."""

    @property
    def volet(self) -> Volet:
        """The stream in which villages alone apply."""
        return self.call.volets.get(code=STREAM)


def make_reference(code: str = "TI-PARCOURS", *, closes: datetime | None = None) -> Reference:
    """The call, people appointed on it, published and open."""
    when = closes or (clock.now() + timedelta(days=20)).replace(microsecond=0)
    call = load_call(read_source(folder("ti")), options=Options(code=code, closes=when)).call
    people = {
        role: factories.make_staff(role, call.programme, email=f"{role}@ministere.example") for role in STAFF
    }
    people |= {
        role: factories.make_staff(role, call, email=f"{role}@ministere.example") for role in CALL_STAFF
    }
    fire(call, "publish", actor=loader(), past=True)
    call.refresh_from_db()
    return Reference(call=call, **people)


# --- dossiers -----------------------------------------------------------------------------------------
def answers_of(dossier: Dossier, organisation: Organisation, title: str = "") -> dict[str, Any]:
    """Answers to the whole form for a village alone, with a budget that gives `AID`."""
    day = formats.local(dossier.call.closes_at).date()
    project = next(
        one
        for one in corpus.projects().values()
        if one.data["volet"] == STREAM and one.language == "fr" and not one.data["partners"]
    )
    found = forms.answers(project, dossier.edition.content, STREAM, day, organisation)
    lead = {"scheme": "qc", "code": organisation.code}
    found["territory"] = {"rows": [{"id": "r1", "name": "Le village", "municipality": lead}]}
    found["access_places"] = {"rows": []}
    return found | {"budget": BUDGET, "requested": AID, **({"title": title} if title else {})}


def write(dossier: Dossier, answers: Mapping[str, Any], actor: User, leaving: Collection[str] = ()) -> None:
    """Save these answers but those left for the screen; what was there already is written over."""
    known = dict(dossier.answers.values_list("question", "version"))
    for code, value in answers.items():
        if code not in leaving:
            save_answer(dossier, code, value, actor=actor, seen_version=known.get(code, 0))
    for slot in ("resolution", "price_evidence"):
        if slot not in leaving:
            add_file(dossier, slot, pdf(f"{slot}.pdf"), actor=actor)
    dossier.refresh_from_db()


def make_draft(flin: Reference, organisation: Organisation, actor: User, title: str = "") -> Dossier:
    """A draft with nothing against it."""
    places.forget()  # the directory of the tests grows
    dossier, _made = start_dossier(flin.call, organisation, actor=actor, volet=flin.volet)
    write(dossier, answers_of(dossier, organisation, title), actor)
    found = [one.sentence for one in blockers.of(dossier)]
    assert not found, found
    return dossier


# --- the stage ----------------------------------------------------------------------------------------
@dataclass
class ReferenceStage(stage.Stage):
    """Dossiers of the reference call in review, and what the ministry does with them."""

    judges: list[User] = field(default_factory=list)
    chair: User | None = None

    def seat(self) -> Panel:
        """The committee: a chair and three reviewers."""
        flin = self.flin
        due = self.travel.now() + timedelta(days=10)
        panel = panels.create_panel(flin.call, flin.volet, "Comité du volet 2", due, actor=flin.secretary)
        self.chair = factories.make_staff("chair", panel, stage.named("Solange", "Présidente"))
        names = (("Aubert", "Premier"), ("Bianca", "Deuxième"), ("Carl", "Troisième"))
        self.judges = [factories.make_staff("reviewer", panel, stage.named(*one)) for one in names]
        return panel

    def offer(self, name: str, judge: User) -> Assignment:
        """Give a dossier to a reviewer, who has no tie with it."""
        row = assignments.offer(
            self.panel, self.dossier(name), judge, self.panel.due_at, actor=self.flin.secretary
        )
        fire(row, "accept", actor=judge)
        return Assignment.objects.get(pk=row.pk)

    def score(self, name: str, judge: User, mark: str) -> None:
        """A whole sheet, handed in: the same mark everywhere."""
        row = Assignment.objects.filter(dossier_id=self.dossiers[name].pk, reviewer=judge).first()
        row = row or self.offer(name, judge)
        criteria = [one["id"] for one in self.flin.body["grid"]["criteria"]]
        written = sheets.Written(
            scores=dict.fromkeys(criteria, mark),
            comments={code: f"Les faits donnés répondent au critère {code}." for code in criteria},
            strengths="Un besoin mesuré.",
            weaknesses="Un échéancier serré.",
        )
        sheet = sheets.save(sheets.sheet_of(row.sheet.pk), written, actor=judge)
        fire(sheet, "hand_in", actor=judge)

    def meet(self) -> None:
        """A meeting with its quorum concludes every dossier."""
        assert self.chair is not None
        flin = self.flin
        meeting = meetings.open_meeting(
            self.panel, clock.today(), "Salle 3", self.chair, flin.secretary, actor=flin.secretary
        )
        meetings.set_present(meeting, [one.pk for one in self.judges], actor=flin.secretary)
        for item in meeting.items.all():
            meetings.conclude_item(meeting, item, "Discuté.", True, actor=self.chair)
        fire(meeting, "close", actor=self.chair)

    def lock(self, marks: Mapping[str, str]) -> Panel:
        """Three reviewers give each dossier its mark, the committee meets, the chair locks."""
        self.seat()
        for name, mark in marks.items():
            for judge in self.judges:
                self.score(name, judge, mark)
            fire(self.dossier(name), "advance", actor=self.flin.secretary, outcome="complete")
        self.meet()
        fire(self.panel, "lock", actor=self.chair)
        return self.panel

    def allow(self, decision: Decision) -> None:
        """Write the act that allows each sum above the ministry's own."""
        for line in DecisionLine.objects.select_related("decision__call__edition").filter(decision=decision):
            if line.amount > 50_000:
                approving.refer(
                    line,
                    "Conseil du trésor",
                    "CT-230-118",
                    clock.today(),
                    pdf("ct.pdf"),
                    actor=self.flin.manager,
                )
        decision.refresh_from_db()

    def decide(self, *, minutes: int = 30, days: int = 10) -> Decision:
        """The decision, with its references, proposed, signed and released."""
        manager, authority = self.flin.manager, self.flin.authority
        decision = Decision.objects.filter(call=self.call).last()
        decision = decision or deciding.draft_main(self.panel, actor=manager)
        letters = (self.travel.now() + timedelta(minutes=minutes)).replace(microsecond=0)
        deciding.set_instants(decision, letters, letters + timedelta(days=days), actor=manager)
        self.allow(decision)
        fire(decision, "propose", actor=manager)
        fire(decision, "sign", actor=authority, digest=decision.digest)
        fire(decision, "ask_release", actor=manager)
        fire(decision, "release", actor=authority)
        return decision


def pass_checks(made: ReferenceStage) -> None:
    """Past the closing: each dossier is complete and eligible."""
    made.travel.to(made.call.closes_at + timedelta(days=2))
    for name in made.dossiers:
        fire(made.dossier(name), "advance", actor=made.flin.analyst, outcome="complet")
        confirm_all(made.dossier(name), made.flin.analyst)
        fire(made.dossier(name), "advance", actor=made.flin.analyst, outcome="admissible")


def filed(travel: Any, titles: Mapping[str, str], *, pool: int) -> ReferenceStage:
    """Dossiers of villages in review; the stream has this much money and no reserve."""
    flin = make_reference()
    BudgetLine.objects.filter(volet=flin.volet).update(amount=pool)
    Volet.objects.filter(pk=flin.volet.pk).update(reserves=[])
    made = ReferenceStage(flin, travel, {}, {})
    for (name, title), town in zip(titles.items(), TOWNS, strict=False):
        organisation = factories.make_org(town)
        signatory = factories.make_user(
            f"greffe@m{town}.example", given_name="Odette", family_name=f"Greffe {name}"
        )
        factories.make_member(signatory, organisation, "signatory")
        made.dossiers[name] = make_draft(flin, organisation, signatory, title)
        made.signatories[name] = signatory
        file_now(made.dossiers[name], signatory, key=f"cle-{name}")
    pass_checks(made)
    return made
