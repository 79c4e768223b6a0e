"""The reference call at any point of its life, its whole dossiers made by the verbs that people use.

`stage(travel)` publishes it; then `file`, `complete`, `judge`, `score`, `lock`, `decide` take dossiers forward.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts import places
from accounts.models import User
from applications import fields, snapshots, verifying
from applications.actions.answers import save_answer
from applications.actions.drafts import start_dossier
from applications.actions.files import add_file
from applications.models import Dossier
from grants.actions.calls import Options, load_call, loader
from grants.models import Award, BudgetLine, Call, Decision
from grants.reading import folder, read_source
from notifications.seeding import corpus, forms
from review import deciding
from review.actions import assignments, meetings, panels, sheets
from review.models import Assignment, Panel
from tests import factories
from tests.applications.filled import file_now, pdf
from tests.fixtures_calls import CALL_STAFF, STAFF
from web import clock, formats
from workflows.engine import fire

CRITERIA = ("C1", "C2", "C3", "C4", "C5", "C6", "C7")
TOWNS = ("02005", "31056", "10070", "14050", "31045", "93080")
STRONG = "Le besoin est établi par des faits que le conseil a fait mesurer."
WEAK = "Rien ne dit qui tient le service une fois le projet fini."


@dataclass
class Ti:
    """The reference call, the people of both sides and the dossiers by name."""

    call: Call
    staff: dict[str, User]
    to: Callable[[datetime], None]
    dossiers: dict[str, Dossier] = field(default_factory=dict)
    signatories: dict[str, User] = field(default_factory=dict)
    reviewers: list[User] = field(default_factory=list)
    panels: dict[str, Panel] = field(default_factory=dict)

    def dossier(self, name: str) -> Dossier:
        """A dossier as it is stored now."""
        return Dossier.objects.select_related("call", "volet", "edition__definition").get(
            pk=self.dossiers[name].pk
        )

    def award(self, name: str) -> Award:
        """The award of a dossier."""
        return Award.objects.get(dossier_id=self.dossiers[name].pk)

    # --- the municipality -----------------------------------------------------------------------------------
    def draft(self, name: str, project: str, volet: str, town: str) -> Dossier:
        """Every answer of a project of the corpus and a file where one is required, written by a signatory."""
        organisation = factories.make_org(town)
        person = self.signatories.get(name) or factories.make_user(
            f"greffe@m{town}.example",
            given_name="Odette",
            family_name=f"Greffe-{name.capitalize()}",
            function="directrice générale",
        )
        if name not in self.signatories:
            factories.make_member(person, organisation, "signatory")
        self.signatories[name] = person
        made, _is_new = start_dossier(
            self.call, organisation, actor=person, volet=self.call.volets.get(code=volet)
        )
        self.dossiers[name] = made
        told = corpus.Project({**corpus.projects()[project].data, "lead": town})
        known = dict(made.answers.values_list("question", "version"))
        closing = formats.local(self.call.closes_at).date()
        for code, value in forms.answers(told, made.edition.content, volet, closing, organisation).items():
            save_answer(made, code, value, actor=person, seen_version=known.get(code, 0))
        shown = snapshots.material(self.dossier(name))
        for one in shown.questions:
            if one.type == "file" and fields.is_required(one, shown.facts):
                add_file(made, one.code, pdf(f"{one.code}.pdf"), actor=person)
        return made

    def file(self, name: str, project: str, volet: str, town: str) -> Dossier:
        """A draft, signed."""
        made = self.draft(name, project, volet, town)
        file_now(made, self.signatories[name], key=f"cle-{name}")
        return self.dossier(name)

    # --- the ministry ---------------------------------------------------------------------------------------
    def close(self, days: int = 2) -> None:
        """So many days after the closing."""
        self.to(self.call.closes_at + timedelta(days=days))

    def complete(self, *names: str) -> None:
        """Nothing is missing."""
        for name in names:
            fire(self.dossier(name), "advance", actor=self.staff["analyst"], outcome="complet")

    def confirm(self, name: str, notes: Mapping[str, str] | None = None, **answers: str) -> None:
        """Every rule confirmed: « yes » unless said, with what was seen."""
        snapshot = self.dossier(name).snapshot
        assert snapshot is not None
        for one in snapshot.findings.all():
            answer = answers.get(one.rule, "na" if one.proposed == "na" else "yes")
            note = (notes or {}).get(one.rule, "Vu au registre et au dossier.")
            verifying.confirm(one, answer, actor=self.staff["analyst"], note=note)

    def admit(self, *names: str) -> None:
        """Complete, eligible, before the reviewers."""
        self.complete(*names)
        for name in names:
            self.confirm(name)
            found = self.dossier(name)
            if not found.confirmed_aid:
                verifying.confirm_aid(found, found.aid, actor=self.staff["analyst"])
            fire(self.dossier(name), "advance", actor=self.staff["analyst"], outcome="admissible")

    def seat(self, volet: str) -> Panel:
        """The committee of a volet: its chair and three reviewers."""
        made = Panel.objects.create(
            state="open",
            call=self.call,
            volet=self.call.volets.get(code=volet),
            code=volet.lower(),
            name={"fr": f"Comité du {volet}", "en": f"Committee of {volet}"},
            due_at=clock.now() + timedelta(days=30),
        )
        self.staff["chair"] = factories.make_staff("chair", made, self.staff.get("chair"))
        if not self.reviewers:
            names = ("Aubert", "Bianca", "Chloé")
            self.reviewers = [
                factories.make_user(f"juge{n}@jury.example", given_name=one, family_name=f"Lectrice{n}")
                for n, one in enumerate(names)
            ]
        for one in self.reviewers:
            factories.make_staff("reviewer", made, one)
        self.panels[volet] = made
        return made

    def give(self, name: str, reviewer: User) -> Assignment:
        """A dossier given to a reviewer, who has no tie to it."""
        found = self.dossier(name)
        panel = self.panels[found.volet.code]
        due = clock.now() + timedelta(days=20)
        row = assignments.offer(panel, found, reviewer, due, actor=self.staff["secretary"])
        fire(row, "accept", actor=reviewer)
        return Assignment.objects.get(pk=row.pk)

    def score(self, name: str, mark: str, **marks: str) -> None:
        """As many sheets as the volet asks, all with this mark but where said, then the committee has it."""
        for reviewer in self.reviewers[: self.dossier(name).volet.sheets_required]:
            row = self.give(name, reviewer)
            scores = {code: marks.get(code, mark) for code in CRITERIA}
            comments = {code: f"Lu aux questions du critère {code}." for code in CRITERIA}
            written = sheets.Written(scores=scores, comments=comments, strengths=STRONG, weaknesses=WEAK)
            fire(
                sheets.save(sheets.sheet_of(row.sheet.pk), written, actor=reviewer), "hand_in", actor=reviewer
            )
        panel = self.panels[self.dossier(name).volet.code]
        _done, refused = panels.close_reviews(panel, [self.dossier(name)], actor=self.staff["secretary"])
        assert not refused

    def lock(self, volet: str) -> Panel:
        """The committee meets with its quorum, agrees on every dossier, and the chair locks."""
        panel = Panel.objects.get(pk=self.panels[volet].pk)
        chair, secretary = self.staff["chair"], self.staff["secretary"]
        held = meetings.open_meeting(panel, clock.today(), "Salle 3", chair, secretary, actor=secretary)
        meetings.set_present(held, [one.pk for one in self.reviewers], actor=secretary)
        for item in held.items.all():
            meetings.conclude_item(held, item, "Discuté.", True, actor=chair)
        fire(held, "close", actor=chair)
        fire(Panel.objects.get(pk=panel.pk), "lock", actor=chair)
        return Panel.objects.get(pk=panel.pk)

    def sign(self, decision: Decision, *, minutes: int = 30, days: int = 10) -> Decision:
        """A draft proposed, signed and released; letters in minutes, the list in days."""
        letters = (clock.now() + timedelta(minutes=minutes)).replace(microsecond=0)
        manager, authority = self.staff["manager"], self.staff["authority"]
        deciding.set_instants(decision, letters, letters + timedelta(days=days), actor=manager)
        fire(decision, "propose", actor=manager)
        fire(decision, "sign", actor=authority, digest=decision.digest)
        fire(decision, "ask_release", actor=manager)
        fire(decision, "release", actor=authority)
        return decision

    def decide(self, volet: str, **instants: int) -> Decision:
        """The decision on a locked committee, signed and released."""
        panel = Panel.objects.get(pk=self.panels[volet].pk)
        return self.sign(deciding.draft_main(panel, actor=self.staff["manager"]), **instants)

    def committed(self, volet: str) -> int:
        """Dollars committed on the envelope of a volet."""
        return BudgetLine.objects.get(volet__call=self.call, volet__code=volet).committed


def stage(to: Callable[[datetime], None], *, code: str = "TI-ESSAI", **options: Mapping[str, Any]) -> Ti:
    """The reference call, published and open for two more days, and one person in each role of the ministry."""
    for town in TOWNS:  # the directory is read once: it is whole before the first answer
        factories.make_org(town)
    places.forget()
    closes = (clock.now() + timedelta(days=2)).replace(microsecond=0)
    call = load_call(
        read_source(folder("ti")),
        options=Options(code=code, closes=closes, **options),  # type: ignore[arg-type]
    ).call
    staff = {
        role: factories.make_staff(
            role, call.programme if role in STAFF else call, email=f"{role}@ministere.example"
        )
        for role in (*STAFF, *CALL_STAFF)
    }
    fire(call, "publish", actor=loader(), past=True)
    call.refresh_from_db()
    return Ti(call, staff, to)
