"""A partner leaves after the filing: figures side by side, findings open again, what the ministry concludes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from accounts.models import User
from applications import awaiting, budget, departures, keeping, kept, verifying
from applications.actions import departures as acts
from applications.kept import Line
from applications.models import Body, Dossier
from audit import cases, standing, verify
from grants.models import Award, BudgetLine, Decision, DecisionLine
from notifications import codec
from notifications.models import Message
from notifications.models.message import MessageState
from notifications.views import outbox
from review import carrying, deciding
from tests import factories
from tests.applications.checked import confirm_all, signed_in
from tests.applications.filled import file_now
from tests.applications.joint import confirmed, filed, page_of
from tests.fixtures_awards import Ranked
from web import clock
from workflows import deliveries
from workflows.engine import NotAllowed, Refused, fire
from workflows.models import Event
from workflows.trail import verify_chain

pytestmark = pytest.mark.django_db
WHY = "La fusion change nos priorités."
WORDS = "Le projet reste possible à deux, le plan est revu."


@dataclass
class Joint:
    """A joint dossier at the stage of its rules, and its people."""

    dossier: Dossier
    lead: User
    staff: dict[str, User]
    bodies: list[tuple[Body, User]]

    def fresh(self) -> Dossier:
        self.dossier = Dossier.objects.get(pk=self.dossier.pk)
        return self.dossier

    def leave(self, place: int = 1) -> Body:
        body, signatory = self.bodies[place]
        acts.leave(Body.objects.get(pk=body.pk), WHY, actor=signatory)
        return Body.objects.get(pk=body.pk)

    def conclude(self, answer: str = "kept", amount: int | None = None, words: str = WORDS) -> None:
        acts.conclude(self.fresh(), answer, words, amount=amount, actor=self.staff["analyst"])
        self.fresh()


def answer(dossier: Dossier, question: str, value: Any) -> None:
    dossier.answers.filter(question=question).update(value=value)


@pytest.fixture
def joint(draft: Dossier, lead: User, staff: dict[str, User]) -> Iterator[Joint]:
    answer(draft, "requested", 36000)
    bodies = confirmed(draft, lead, "10043", "14050")
    filed(draft, lead)
    with time_machine.travel(draft.call.closes_at + timedelta(days=2), tick=False):
        found = Joint(draft, lead, staff, bodies)
        fire(found.fresh(), "advance", actor=staff["analyst"], outcome="complet")
        found.fresh()
        yield found


# --- what is computed -------------------------------------------------------------------------------------
def test_the_aid_is_computed_again_without_the_body_and_nothing_filed_is_altered(joint: Joint) -> None:
    snapshot = joint.dossier.snapshot
    assert snapshot is not None
    text, before = snapshot.text, joint.dossier.aid
    verifying.confirm_aid(joint.dossier, before, actor=joint.staff["analyst"])
    joint.leave()
    dossier = joint.fresh()
    assert dossier.snapshot is not None
    computed = dossier.snapshot.since["budget"]
    assert dossier.snapshot.text == text
    assert computed["result"] == budget.compute(computed["input"])
    assert [one["code"] for one in computed["input"]["bodies"]] == ["qc:31056", "qc:10043"]
    assert sum(one["share"] for one in computed["input"]["bodies"]) == 40000, "the lead carries the rest"
    assert dossier.aid == computed["result"]["aid"] < before, "the bonus of three bodies is lost"
    assert dossier.confirmed_aid is None
    event = Event.objects.get(verb="applications.dossier.partner_leave")
    assert (event.data["aid_before"], event.data["aid"], event.data["rules"]) == (
        before,
        dossier.aid,
        ["E14"],
    )
    finding = dossier.snapshot.findings.get(rule="E14")
    assert (finding.proposed, finding.confirmed) == ("no", "")
    assert verify_chain(dossier.call.code)["ok"]


def test_what_a_partner_carried_goes_to_the_lead() -> None:
    case = {
        "bodies": [{"code": "a", "share": 5}, {"code": "b", "share": 3}, {"code": "c", "share": 2}],
        "x": 1,
    }
    after = budget.without(case, {"b"}, "a")
    assert after == {"bodies": [{"code": "a", "share": 8}, {"code": "c", "share": 2}], "x": 1}
    assert case["bodies"][0] == {"code": "a", "share": 5}, "the frozen case is not touched"


def test_an_outsider_computes_the_aid_after_a_departure_again(joint: Joint, tmp_path: Path) -> None:
    joint.leave()
    first = joint.fresh()
    assert first.snapshot is not None
    found = [one for one in cases.of_snapshot(first.snapshot, []) if one.kind == "left"]
    assert [one.agrees() for one in found] == [True]
    rows = Event.objects.filter(chain=first.call.code).order_by("n")
    lines = list(rows.values_list("line", flat=True))
    told = {"subject": f"applications.dossier:{first.pk}", "version": 1, "file": "snapshots/one.json"}
    for name, text in (("index.jsonl", json.dumps(told)), ("one.json", first.snapshot.text)):
        (tmp_path / "snapshots").mkdir(exist_ok=True)
        (tmp_path / "snapshots" / name).write_text(text)
    chain = tmp_path / "chain" / "events.jsonl"
    chain.parent.mkdir()
    n = rows.get(verb="applications.dossier.partner_leave").n
    event = json.loads(lines[n - 1])["data"]
    own = f'"share":{event["input"]["bodies"][0]["share"]}'
    for old, new, fault in (
        ("", "", []),
        (f'"aid":{first.aid},"aid_before"', '"aid":35999,"aid_before"', ["the aid is not the one computed"]),
        (own, '"share":1', ["not what was filed", "another result"]),
        (f'"left":["{event["organisation"]}"]', '"left":[]', ["not what was filed"]),
        ('"rate":{', '"rate":{"more":1,', ["another result"]),
    ):
        said_by = [
            line.replace(old, new) if old and place == n else line for place, line in enumerate(lines, 1)
        ]
        assert (said_by != lines) == bool(old), f"{old} is in no line"
        chain.write_text("\n".join(said_by))
        said = list(verify.left(tmp_path))
        assert len(said) == len(fault), said
        assert all(words in one for words, one in zip(fault, said, strict=True))


def test_both_are_shown_side_by_side_to_the_analyst_who_concludes(joint: Joint) -> None:
    before = joint.dossier.aid
    joint.leave()
    rows = {row.label: row for row in departures.compared(joint.fresh())}
    assert rows["Aide calculée"].differs
    assert str(before)[:2] in rows["Aide calculée"].filed
    assert rows["E14 Trois organismes ont confirmé"].now == "Non"
    analyst = signed_in(joint.staff["analyst"])
    home = analyst.get("/accueil/").content.decode()
    assert "se retire d’un projet conjoint" in home
    for address in (page_of(joint.dossier), reverse("eligibility", args=[joint.dossier.pk])):
        page = analyst.get(address).content.decode()
        assert "Au dépôt" in page
        assert "Aide maintenue, en dollars" in page
        assert "Fewer than three" not in page
    rate = rows["Taux d’aide"]
    assert rate.differs
    figures = re.search(r'<dl class="figures">.*?</dl>', page, re.DOTALL)
    assert figures is not None
    assert f"{rate.now} <small>au dépôt\u00a0: {rate.filed}</small>" in figures[0]
    for person in (joint.staff["auditor"], joint.lead, joint.bodies[0][1]):
        page = signed_in(person).get(page_of(joint.dossier)).content.decode()
        assert "Au dépôt" in page
        assert "Aide maintenue, en dollars" not in page
        summary = signed_in(person).get(reverse("dossier", args=[joint.dossier.pk])).content.decode()
        assert "s’est retiré du projet." in summary
        assert summary.count(page_of(joint.dossier)) == 2, "the tab, the note"
    sent = {"act": "conclude", "answer": "kept", "amount": "20 000", "reason": ""}
    refused = analyst.post(page_of(joint.dossier), sent)
    assert refused.status_code == 422
    assert 'value="20 000"' in refused.content.decode()
    done = {**sent, "reason": WORDS}
    assert signed_in(joint.lead).post(page_of(joint.dossier), done).status_code == 404
    assert analyst.post(page_of(joint.dossier), done).status_code == 303
    assert joint.fresh().confirmed_aid == 20000
    assert WORDS in analyst.get(page_of(joint.dossier)).content.decode()


# --- what is concluded ------------------------------------------------------------------------------------
def test_kept_with_at_most_the_aid_computed_now(joint: Joint) -> None:
    confirm_all(joint.dossier, joint.staff["analyst"])
    joint.leave()
    with pytest.raises(Refused, match="attend votre conclusion"):
        fire(joint.fresh(), "advance", actor=joint.staff["analyst"], outcome="admissible")
    with pytest.raises(Refused, match="au plus l’aide calculée"):
        joint.conclude(amount=joint.fresh().aid + 1)
    with pytest.raises(NotAllowed):
        acts.conclude(joint.dossier, "kept", WORDS, amount=1, actor=joint.staff["second_analyst"])
    joint.conclude(amount=joint.dossier.aid)
    assert joint.dossier.confirmed_aid == joint.dossier.aid
    assert joint.dossier.snapshot is not None
    finding = joint.dossier.snapshot.findings.get(rule="E14")
    assert (finding.confirmed, finding.note) == ("yes", WORDS)
    body = Body.objects.get(pk=joint.bodies[1][0].pk)
    assert (body.weighed, body.weighed_as) == (WORDS, "kept")
    fire(joint.fresh(), "advance", actor=joint.staff["analyst"], outcome="admissible")
    with pytest.raises(Refused, match="Aucun départ"):
        joint.conclude(amount=1)
    verbs = list(Event.objects.order_by("id").values_list("verb", flat=True))
    assert verbs.index("applications.dossier.partner_weigh") < len(verbs)
    assert "applications.dossier.confirm_aid" in verbs
    assert verify_chain(joint.dossier.call.code)["ok"]


def test_what_an_analyst_kept_of_each_cost_is_carried_over(joint: Joint) -> None:
    base = keeping.base(joint.dossier)
    assert base is not None
    whole = kept.whole(base.input)
    lines = [Line(one.id, one.asked, one.asked // 2, "excessive") for one in whole]
    verifying.confirm_aid(joint.dossier, actor=joint.staff["analyst"], lines=lines)
    before = joint.fresh().confirmed_aid
    assert before is not None
    joint.leave()
    assert joint.fresh().snapshot is not None
    after = kept.compute(joint.dossier.snapshot.since["budget"]["input"], lines)["result"]["aid"]  # type: ignore[union-attr]
    assert 0 < after < joint.dossier.aid
    said = [row for row in departures.compared(joint.dossier) if "a retenus" in str(row.label)]
    assert [row.differs for row in said] == [after != before]
    with pytest.raises(Refused, match="au plus l’aide calculée"):
        joint.conclude(amount=after + 1)
    joint.conclude(amount=after)
    stands = keeping.standing(joint.dossier)
    assert stands is not None
    assert (joint.dossier.confirmed_aid, stands.lines) == (after, lines)


def test_not_eligible_goes_the_way_of_any_refusal(joint: Joint) -> None:
    confirm_all(joint.dossier, joint.staff["analyst"])
    fire(joint.fresh(), "advance", actor=joint.staff["analyst"], outcome="admissible")
    assert joint.fresh().secret
    joint.leave(0)
    assert joint.fresh().stage != "admissibilite"
    joint.conclude("ineligible")
    assert (joint.dossier.state, joint.dossier.stage, joint.dossier.secret) == (
        "in_progress",
        "admissibilite",
        False,
    )
    assert joint.dossier.snapshot is not None
    assert joint.dossier.snapshot.findings.get(rule="E14").confirmed == "no"
    fire(joint.dossier, "advance", actor=joint.staff["analyst"], outcome="inadmissible")
    with pytest.raises(NotAllowed):
        fire(joint.fresh(), "reject", actor=joint.staff["analyst"], outcome="confirme")
    fire(joint.fresh(), "reject", actor=joint.staff["second_analyst"], outcome="confirme")
    deliveries.run_due(limit=200)
    told = Message.objects.filter(kind="refusal_eligibility")
    stayed, went = joint.bodies[1][1], joint.bodies[0][1]
    assert {one.state for one in told} == {MessageState.HELD}
    assert {joint.lead, stayed} <= {one.user for one in told}
    assert went not in {one.user for one in told}
    copy = told.get(user=stayed)
    assert set(outbox.together(copy)) == set(told), "a copy is released with the letter"
    assert codec.loads(copy.documents.get().content).copies == (joint.bodies[1][0].organisation.name,)
    event = Event.objects.get(verb="applications.dossier.take_back")
    assert event.actor == "system:departure"


def test_a_signed_line_is_voided_by_the_verb_of_decisions_with_its_money(joint: Joint) -> None:
    confirm_all(joint.dossier, joint.staff["analyst"])
    fire(joint.fresh(), "advance", actor=joint.staff["analyst"], outcome="admissible")
    volet = joint.dossier.volet
    decision = deciding.head(joint.dossier.call, volet, "main", "{}", "{}")
    decision.state, decision.created_by = "signed", joint.staff["manager"]
    decision.save()
    line = DecisionLine.objects.create(
        decision=decision,
        dossier_id=joint.dossier.pk,
        dossier_number=joint.dossier.number,
        title=joint.dossier.title,
        beneficiary=joint.dossier.lead_name,
        position=1,
        proposed="accepted",
        outcome="accepted",
        amount=30000,
    )
    BudgetLine.objects.filter(volet=volet).update(committed=30000)
    joint.leave()
    assert BudgetLine.objects.get(volet=volet).committed == 30000, "a departure alone moves no money"
    joint.conclude("ineligible")
    line.refresh_from_db()
    assert (line.void_reason, BudgetLine.objects.get(volet=volet).committed) == ("departure", 0)
    voided = Event.objects.get(verb="grants.decision.void_line")
    assert voided.data["dollars"] == 30000
    assert verify_chain(joint.dossier.call.code)["ok"]


def test_filed_again_before_the_closing_without_the_body_nothing_waits(
    draft: Dossier, lead: User, staff: dict[str, User]
) -> None:
    bodies = confirmed(draft, lead, "10043", "14050", "31084")
    first = filed(draft, lead)
    found = Joint(draft, lead, staff, bodies)
    found.leave()
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=False):
        again = file_now(found.fresh(), lead, key="cle-2")
    assert again.version == first.version + 1
    assert again.since == {}
    with time_machine.travel(draft.call.closes_at + timedelta(days=2), tick=False):
        fire(found.fresh(), "advance", actor=staff["analyst"], outcome="complet")
        confirm_all(found.dossier, staff["analyst"])
        assert "se retire" not in signed_in(staff["analyst"]).get("/accueil/").content.decode()
        fire(found.fresh(), "advance", actor=staff["analyst"], outcome="admissible")
        found.leave(0)
        rows = {row.label: row for row in departures.compared(found.fresh())}
        assert bodies[1][0].organisation.name not in rows["Organismes"].filed


def test_a_withdrawal_is_copied_to_those_who_stand(joint: Joint) -> None:
    fire(joint.fresh(), "withdraw", actor=joint.lead, text="Le conseil renonce.")
    deliveries.run_due(limit=200)
    told = {one.user for one in Message.objects.filter(kind="withdrawal")}
    assert {joint.lead, *(person for _body, person in joint.bodies)} <= told


def test_an_aid_that_falls_under_the_minimum_is_judged_and_cannot_be_kept(
    draft: Dossier, lead: User, staff: dict[str, User]
) -> None:
    lines = [{"id": "l1", "category": "equipment", "description": "Débitmètres", "amount": 12000}]
    answer(draft, "budget", {"lines": lines, "funding": []})
    answer(draft, "requested", 12000)
    found = Joint(draft, lead, staff, confirmed(draft, lead, "10043", "14050"))
    filed(draft, lead)
    with time_machine.travel(draft.call.closes_at + timedelta(days=2), tick=False):
        fire(found.fresh(), "advance", actor=staff["analyst"], outcome="complet")
        assert found.fresh().aid >= 10000
        confirm_all(found.dossier, staff["analyst"])
        found.leave()
        assert found.fresh().aid == 0, "the bonus is lost: under the minimum of the volet"
        reopened = Event.objects.get(verb="applications.dossier.partner_leave").data["rules"]
        assert {"E05", "E14"} <= set(reopened)
        with pytest.raises(Refused, match="aucune aide n’est possible"):
            found.conclude(amount=1)
        assert found.fresh().snapshot is not None
        found.conclude("ineligible")
        rows = found.dossier.snapshot.findings.filter(rule__in=["E05", "E14"])  # type: ignore[union-attr]
        assert {one.confirmed for one in rows} == {"no"}
        events = Event.objects.filter(chain=draft.call.code).order_by("n")
        told = standing.fold(json.loads(one.line) for one in events)
        assert told.subjects[f"applications.dossier:{draft.pk}"].get("confirmed_aid") is None


def test_before_the_rules_are_judged_nothing_is_concluded_and_the_proposal_knows(
    draft: Dossier,
    lead: User,
    staff: dict[str, User],
) -> None:
    bodies = confirmed(draft, lead, "10043", "14050")
    filed(draft, lead)
    found = Joint(draft, lead, staff, bodies)
    found.leave()
    with time_machine.travel(draft.call.closes_at + timedelta(days=2), tick=False):
        with pytest.raises(Refused, match="une fois les règles"):
            found.conclude(amount=1)
        fire(found.fresh(), "advance", actor=staff["analyst"], outcome="complet")
        snapshot = found.fresh().snapshot
        assert snapshot is not None
        assert snapshot.findings.get(rule="E14").proposed == "no"
        found.conclude(amount=10000)
        assert found.dossier.confirmed_aid == 10000


def test_a_line_is_not_signed_while_a_departure_waits_or_above_what_was_kept(joint: Joint) -> None:
    confirm_all(joint.dossier, joint.staff["analyst"])
    fire(joint.fresh(), "advance", actor=joint.staff["analyst"], outcome="admissible")

    class Line:
        dossier_id, amount = joint.dossier.pk, 30000

    def said() -> list[str]:
        return awaiting.departure_obstacles([Line()])

    assert said() == []
    joint.leave()
    assert "attend la conclusion" in said()[0]
    joint.conclude(amount=25000)
    assert "l’aide maintenue est de 25\u00a0000\u00a0$" in said()[0]
    Line.amount = 25000
    assert said() == []


def test_only_the_signatory_of_the_partner_leaves_and_once(joint: Joint) -> None:
    body, signatory = joint.bodies[1]
    for person in (joint.lead, joint.bodies[0][1], joint.staff["manager"], factories.make_user()):
        with pytest.raises(NotAllowed):
            acts.leave(body, WHY, actor=person)
    with pytest.raises(Refused, match="Dites pourquoi"):
        acts.leave(body, "  ", actor=signatory)
    joint.leave()
    with pytest.raises(Refused, match="avant qu’elle prenne fin"):
        acts.leave(body, WHY, actor=signatory)
    assert next(todo.who for todo in awaiting.todos(joint.staff["analyst"])) == body.organisation.name
    joint.leave(0)
    joint.conclude(amount=joint.fresh().aid)
    assert {one.weighed_as for one in Body.objects.filter(role="partner")} == {"kept"}


# --- after the signature, after the award -----------------------------------------------------------------
def with_partner(dossier: Dossier) -> tuple[Body, User]:
    town = factories.make_org("31084")
    signatory = factories.make_user("signe-31084@ville.example")
    factories.make_member(signatory, town, "signatory")
    made = Body.objects.create(
        dossier=dossier, organisation=town, role="partner", position=1, confirmation="confirmed"
    )
    return made, signatory


def signed(ranked: Ranked) -> Decision:
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    fire(decision, "propose", actor=ranked.flin.manager)
    fire(decision, "sign", actor=ranked.flin.authority, digest=decision.digest)
    fire(decision, "ask_release", actor=ranked.flin.manager)
    fire(decision, "release", actor=ranked.flin.authority)
    return decision


def test_after_the_award_the_manager_notes_it_and_money_moves_by_a_verb_alone(
    ranked: Ranked, time_machine: Any
) -> None:
    body, signatory = with_partner(ranked.dossiers["D1"])
    decision = signed(ranked)
    time_machine.move_to(decision.letters_at + timedelta(seconds=1), tick=False)
    carrying.carry_out()
    committed, award = ranked.committed(), Award.objects.get(dossier_number="FLIN-D1")
    acts.leave(body, WHY, actor=signatory)
    dossier = Dossier.objects.get(number="FLIN-D1")
    assert (dossier.state, ranked.committed(), award.amount) == ("accepted", committed, 250000)
    manager = signed_in(ranked.flin.manager)
    assert "se retire d’un projet conjoint" in manager.get("/accueil/").content.decode()
    assert "l’argent ne revient à l’enveloppe" in manager.get(page_of(dossier)).content.decode()
    with pytest.raises(NotAllowed):
        acts.conclude(dossier, "noted", WORDS, actor=ranked.flin.analyst)
    with pytest.raises(Refused, match="Choisissez une conclusion"):
        acts.conclude(dossier, "ineligible", WORDS, actor=ranked.flin.manager)
    sent = {"act": "conclude", "answer": "noted", "reason": WORDS}
    assert manager.post(page_of(dossier), sent).status_code == 303
    assert ranked.committed() == committed
    fire(award, "decline", actor=ranked.signatories["D1"], text="Sans ce partenaire, nous renonçons.")
    assert ranked.committed() == committed - 250000
