"""A refusal asked again: within its delay, once, answered by others, countersigned; money by a decision of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.permissions import forget, revoke_role
from applications.models import Attachment, Dossier
from grants.models import Award, Decision, DecisionLine
from review import carrying, deciding, granting, reconsidering, taking_part
from review.actions import assignments, reconsiderations
from review.models import Panel, Reconsideration
from review.querysets import ANSWERING
from tests import factories
from tests.applications.checked import confirm_all
from tests.applications.filled import file_now, make_filled, pdf
from tests.fixtures_awards import Ranked
from tests.fixtures_calls import Flin, make_flin
from web import calendar, clock
from workflows.engine import NotAllowed, NotVisible, Refused, SystemActor, fire, record
from workflows.models import Event

pytestmark = pytest.mark.django_db
WORDS = "La résolution a été adoptée le 3 mars, avant la clôture; elle est à la page 4."
MOTIVES = "La page 4 porte bien la date du 3 mars."


# --- worlds -----------------------------------------------------------------------------------------------
def ask(dossier: Dossier, person: User, **more: Any) -> Reconsideration:
    sent = {"ground": "fact", "words": WORDS, **more}
    return reconsiderations.ask(Dossier.objects.get(pk=dossier.pk), actor=person, **sent)


class Refusal:
    """A refused dossier, who signs for it, and people who took no part."""

    def __init__(self, flin: Flin, dossier: Dossier, signatory: User) -> None:
        self.flin, self.dossier, self.signatory = flin, dossier, signatory
        self.fresh = factories.make_staff("analyst", flin.call, email="nouvelle@ministere.example")
        self.second = factories.make_staff("authority", flin.call.programme, email="autre@ministere.example")

    def asked(self, **more: Any) -> Reconsideration:
        return ask(self.dossier, self.signatory, **more)

    def answered(self, answer: str = "reversed") -> Reconsideration:
        """Admitted, confided, answered; not countersigned."""
        row = self.asked()
        fire(row, "admit", actor=self.flin.manager)
        fire(row, "name_reconsiderer", actor=self.flin.manager, person=self.fresh.pk)
        fire(row, "decide", actor=self.fresh, answer=answer, motives=MOTIVES)
        return row

    def closed(self, answer: str = "reversed") -> Reconsideration:
        row = self.answered(answer)
        fire(row, "countersign", actor=self.second)
        self.dossier.refresh_from_db()
        return row


@pytest.fixture
def late(ranked: Ranked, time_machine: Any) -> Refusal:
    """Refused after the review: D6 of case T1, its letters at their instant."""
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    fire(decision, "propose", actor=ranked.flin.manager)
    fire(decision, "sign", actor=ranked.flin.authority, digest=decision.digest)
    fire(decision, "ask_release", actor=ranked.flin.manager)
    fire(decision, "release", actor=ranked.flin.authority)
    time_machine.move_to(decision.letters_at + timedelta(seconds=1), tick=False)
    carrying.carry_out()
    dossier = Dossier.objects.get(number="FLIN-D6")
    assert dossier.state == "rejected"
    return Refusal(ranked.flin, dossier, ranked.signatories["D6"])


def refused_early(time_machine: Any, outcome: str = "inadmissible") -> Refusal:
    """Refused before the review, by a rule."""
    flin, town = make_flin("FLIN-TOT"), factories.make_org()
    signatory = factories.make_user("dg@adstock.example")
    factories.make_member(signatory, town, "signatory")
    dossier = make_filled(flin.call, town, signatory)
    file_now(dossier, signatory)
    time_machine.move_to(flin.call.closes_at + timedelta(days=2), tick=False)
    dossier.refresh_from_db()
    fire(dossier, "advance", actor=flin.analyst, outcome="complet")
    confirm_all(dossier, flin.analyst, E10="no")
    dossier.refresh_from_db()
    fire(dossier, "advance", actor=flin.analyst, outcome=outcome)
    fire(dossier, "reject", actor=flin.second_analyst, outcome="confirme")
    return Refusal(flin, dossier, signatory)


@pytest.fixture
def early(db: None, time_machine: Any) -> Refusal:
    return refused_early(time_machine)


# --- asking -----------------------------------------------------------------------------------------------
def test_asked_once_by_whoever_signs(late: Refusal) -> None:
    row = late.asked()
    assert (row.state, row.gate, row.ground, row.words) == ("asked", "decision", "fact", WORDS)
    assert row.refusal.verb == "applications.dossier.reject"
    late.dossier.refresh_from_db()
    assert late.dossier.state == "rejected"
    with pytest.raises(Refused, match="une seule"):
        late.asked()
    told = Event.objects.get(verb="applications.dossier.reconsideration", subject_id=late.dossier.pk)
    assert told.data["step"] == "asked"


def test_nobody_else_asks(late: Refusal) -> None:
    town = late.dossier.bodies.get().organisation
    drafter = factories.make_user("redige@ville.example")
    factories.make_member(drafter, town, "drafter")
    with pytest.raises(NotAllowed):
        ask(late.dossier, drafter)
    for person in (late.flin.manager, late.flin.analyst, factories.make_user("passant@exemple.example")):
        with pytest.raises(NotVisible):
            ask(late.dossier, person)
    assert not Reconsideration.objects.exists()


def test_the_signatory_of_a_partner_asks_too(late: Refusal) -> None:
    partner = factories.make_org("44037")
    late.dossier.bodies.create(organisation=partner, role="partner", position=1)
    person = factories.make_user("dg@coaticook.example")
    factories.make_member(person, partner, "signatory")
    assert ask(late.dossier, person).asked_by == person


def test_what_is_asked_is_said(late: Refusal) -> None:
    for sent, said in (({"ground": "goût"}, "motif"), ({"words": "  "}, "erreur")):
        with pytest.raises(Refused, match=said):
            ask(late.dossier, late.signatory, **sent)


def test_the_delay_ends_at_half_past_four_of_its_last_day(late: Refusal, time_machine: Any) -> None:
    refusal = reconsidering.refusal_of(late.dossier)
    assert refusal is not None
    assert refusal.letter_at is not None
    assert refusal.until == calendar.due_in_days(refusal.letter_at, 30)
    assert refusal.until.astimezone(calendar.ZONE).strftime("%H:%M") == "16:30"
    with pytest.raises(Refused, match="a pris fin"):
        late.asked(received_at=refusal.until + timedelta(microseconds=1))
    time_machine.move_to(refusal.until + timedelta(hours=1), tick=False)
    row = late.asked(received_at=refusal.until)  # the instant that counts is that of arrival
    assert row.until == refusal.until


def test_the_delay_runs_from_the_sending_of_the_letter(late: Refusal) -> None:
    from notifications.models import Document

    event = Event.objects.get(verb=reconsidering.REJECT, subject_id=late.dossier.pk)
    document = Document.objects.create(
        key="essai",
        kind="L5",
        call=late.flin.call,
        dossier=late.dossier,
        line_id=event.data["line"],
        language="fr",
        title="Refus",
        content="{}",
        code="ESSA-ESSA-ESSA-ESSA",
        created_at=clock.now(),
    )
    waiting = reconsidering.refusal_of(late.dossier)
    assert waiting is not None
    assert (waiting.letter_at, waiting.until) == (None, None)
    left = datetime(2031, 5, 22, 12, tzinfo=UTC)  # thirty days later is a Saturday
    Document.objects.filter(pk=document.pk).update(left_at=left)
    sent = reconsidering.refusal_of(late.dossier)
    assert sent is not None
    assert sent.until == calendar.at_closing(datetime(2031, 6, 23, tzinfo=UTC).date())


def test_a_call_without_the_recourse_offers_none(late: Refusal) -> None:
    type(late.flin.call).objects.filter(pk=late.flin.call.pk).update(reconsideration_days=0)
    assert reconsidering.refusal_of(Dossier.objects.get(pk=late.dossier.pk)) is None
    with pytest.raises(Refused, match="pas de refus"):
        late.asked()


def test_a_dossier_that_is_not_refused_is_not_asked_again(ranked: Ranked) -> None:
    with pytest.raises(Refused, match="pas de refus"):
        ask(ranked.dossiers["D6"], ranked.signatories["D6"])


# --- who took part ----------------------------------------------------------------------------------------
def test_whoever_took_part_in_a_decision_is_out(late: Refusal, ranked: Ranked) -> None:
    flin, panel = late.flin, ranked.panel
    member = factories.make_staff("reviewer", panel, factories.make_staff("analyst", flin.call))
    left = factories.make_staff("chair", panel, email="ancienne@comite.example")
    revoke_role(left, "chair", panel, actor=flin.manager)
    parts = taking_part.parts_in(late.dossier)
    told = {flin.manager: "decider", flin.authority: "decider", flin.secretary: "secretary", member: "member"}
    assert {person: parts.get(person.pk) for person in told} == told
    assert parts[late.signatory.pk] == "applicant"
    assert late.fresh.pk not in parts
    assert late.second.pk not in parts
    assert "a préparé, proposé, signé" in taking_part.why_out(late.dossier, flin.manager)


def test_whoever_took_part_before_the_review_is_out(early: Refusal) -> None:
    parts = taking_part.parts_in(early.dossier)
    assert parts[early.flin.analyst.pk] == "analyst"
    assert parts[early.flin.second_analyst.pk] == "countersigner"
    free = {early.flin.authority, early.flin.manager, early.flin.secretary, early.fresh}
    assert not {one.pk for one in free} & set(parts)


def test_nobody_who_took_part_can_answer_or_countersign(late: Refusal, ranked: Ranked) -> None:
    """Every person of the call, whatever the role: in the refused path or free, and never both."""
    flin = late.flin
    judge = factories.make_staff("analyst", flin.call, email="juge@ministere.example")
    dossier = late.dossier
    assignments.recuse_person(
        ranked.panel, dossier, factories.make_staff("analyst", flin.call, email="hors@ministere.example"),
        "Parent.", actor=flin.secretary,
    )  # fmt: skip
    factories.make_staff("reviewer", ranked.panel, judge)
    everybody = taking_part.candidates(flin.call)
    parts = taking_part.parts_in(dossier)
    assert len(everybody) >= 8
    row = late.asked()
    fire(row, "admit", actor=flin.manager)
    for person in everybody:
        if person.pk in parts:
            with pytest.raises(Refused):
                fire(row, "name_reconsiderer", actor=flin.manager, person=person.pk)
            # named all the same, by a hand that went round the page: the guard of the answer holds
            Reconsideration.objects.filter(pk=row.pk).update(reconsiderer=person)
            with pytest.raises((Refused, NotVisible)):
                fire(row, "decide", actor=person, answer="reversed", motives=MOTIVES)
            Reconsideration.objects.filter(pk=row.pk).update(reconsiderer=None)
    row.refresh_from_db()
    assert (row.state, row.reconsiderer_id) == ("admitted", None)
    fire(row, "name_reconsiderer", actor=flin.manager, person=late.fresh.pk)
    fire(row, "decide", actor=late.fresh, answer="maintained", motives=MOTIVES)
    for person in everybody:
        if person == late.second:
            continue
        with pytest.raises((Refused, NotAllowed, NotVisible)):
            fire(row, "countersign", actor=person)
    fire(row, "countersign", actor=late.second)
    assert row.state == "closed"


def test_any_one_part_alone_keeps_somebody_out(early: Refusal) -> None:
    """Each kind of part, by a person who did nothing else, is enough."""
    flin, dossier = early.flin, early.dossier
    volet = dossier.volet
    panel = Panel.objects.create(
        state="open", call=flin.call, volet=volet, code="p", name={"fr": "C"}, due_at=clock.now()
    )
    Dossier.objects.filter(pk=dossier.pk).update(secret=True)
    decision = deciding.head(flin.call, volet, "main", "{}", "{}")
    decision.created_by = flin.manager
    decision.save()
    decision.lines.create(
        dossier_id=dossier.pk, dossier_number=dossier.number, title="", beneficiary="", position=1,
        proposed="rejected", outcome="rejected",
    )  # fmt: skip
    town = dossier.bodies.get().organisation

    def at_all(person: User, step: str) -> None:
        decision.approvals.create(
            step=step, user=person, at=clock.now(), digest="x", cancelled_at=clock.now()
        )

    acts: dict[str, Callable[[User], Any]] = {
        "note": lambda who: record(dossier, "confirm_rule", actor=who, rule="E10"),
        "aid": lambda who: record(dossier, "confirm_aid", actor=who, dollars=1),
        "other": lambda who: record(dossier, "conclude", actor=who),
        "follows": lambda who: Dossier.objects.filter(pk=dossier.pk).update(analyst=who),
        "given": lambda who: panel.assignments.create(
            state="declined", dossier=dossier, reviewer=who, assigned_by=flin.secretary,
            assigned_at=clock.now(), due_at=clock.now(),
        ),
        "member": lambda who: factories.make_staff("reviewer", panel, who),
        "chair": lambda who: factories.make_staff("chair", panel, who),
        "locks": lambda who: record(panel, "lock", actor=who),
        "keeps": lambda who: factories.make_staff("secretary", flin.call, who),
        "proposed": lambda who: at_all(who, "proposed"),
        "signed": lambda who: at_all(who, "signed"),
        "released": lambda who: at_all(who, "release_authority"),
        "edits": lambda who: record(decision, "edit_line", actor=who, line=1),
        "recused": lambda who: dossier.recusals.create(user=who, at=clock.now(), by=who, lifted_at=clock.now()),
        "town": lambda who: factories.make_member(who, town, "drafter"),
    }  # fmt: skip
    row = early.asked()
    fire(row, "admit", actor=flin.manager)
    for name, act in acts.items():
        person = factories.make_staff("analyst", flin.call, email=f"{name}@ministere.example")
        fresh = Dossier.objects.get(pk=dossier.pk)
        assert not taking_part.why_out(fresh, person, apart_from=row.pk), name
        act(person)
        fresh = Dossier.objects.get(pk=dossier.pk)
        assert taking_part.why_out(fresh, person, apart_from=row.pk), name
        with pytest.raises(Refused):
            fire(row, "name_reconsiderer", actor=flin.manager, person=person.pk)
        if name == "follows":  # the next one follows it in turn
            record(fresh, "confirm_rule", actor=person, rule="E11")


def test_the_person_named_keeps_a_role_and_answers_alone(late: Refusal) -> None:
    row = late.asked()
    fire(row, "admit", actor=late.flin.manager)
    stranger = factories.make_user("passant@exemple.example")
    for person in (stranger.pk, late.flin.auditor.pk, 999_999):
        with pytest.raises(Refused, match="Choisissez"):
            fire(row, "name_reconsiderer", actor=late.flin.manager, person=person)
    fire(row, "name_reconsiderer", actor=late.flin.manager, person=late.fresh.pk)
    other = factories.make_staff("analyst", late.flin.call, email="tierce@ministere.example")
    with pytest.raises(NotVisible):
        fire(row, "decide", actor=other, answer="reversed", motives=MOTIVES)
    with pytest.raises(NotAllowed):
        fire(row, "decide", actor=late.second, answer="reversed", motives=MOTIVES)
    for sent in ({"answer": "peut-être", "motives": MOTIVES}, {"answer": "reversed", "motives": " "}):
        with pytest.raises(Refused):
            fire(row, "decide", actor=late.fresh, **sent)
    revoke_role(late.fresh, "analyst", late.flin.call, actor=late.flin.manager)
    forget(late.fresh)
    with pytest.raises(NotVisible):
        fire(row, "decide", actor=late.fresh, answer="reversed", motives=MOTIVES)


def test_the_countersigner_is_another_person_and_may_send_back(late: Refusal) -> None:
    factories.make_staff("authority", late.flin.call.programme, late.fresh)
    row = late.answered()
    with pytest.raises(NotAllowed):
        fire(row, "countersign", actor=late.fresh)
    read = row.decided_at
    assert read is not None
    fire(row, "send_back", actor=late.second, text="Répondez au second point.")
    assert (row.state, row.returned_words) == ("admitted", "Répondez au second point.")
    fire(row, "decide", actor=late.fresh, answer="maintained", motives="Les deux points sont examinés.")
    Reconsideration.objects.filter(pk=row.pk).update(decided_at=clock.now() + timedelta(seconds=5))
    with pytest.raises(Refused, match="a changé"):
        fire(row, "countersign", actor=late.second, decided=read.isoformat())
    fire(row, "countersign", actor=late.second)
    assert (row.state, row.effect, row.countersigned_by) == ("closed", "", late.second)


def test_no_countersignature_without_the_text_of_the_letter(late: Refusal) -> None:
    row = late.answered()
    late.flin.call.letter_texts.filter(kind="L8").delete()
    with pytest.raises(Refused, match="L8"):
        fire(row, "countersign", actor=late.second)


def test_inadmissible_with_its_reason(late: Refusal) -> None:
    row = late.asked()
    with pytest.raises(Refused, match="motif"):
        fire(row, "dismiss", actor=late.flin.manager, dismissal="no_ground", text=" ")
    fire(row, "dismiss", actor=late.flin.manager, dismissal="no_ground", text="Aucune erreur n’est nommée.")
    assert (row.state, row.dismissal_words) == ("inadmissible", "Aucune erreur n’est nommée.")
    with pytest.raises(Refused, match="une seule"):
        late.asked()


# --- reversed before the review -----------------------------------------------------------------------------
def test_a_dossier_refused_by_a_rule_goes_on_after_it(early: Refusal) -> None:
    row = early.closed()
    assert (row.effect, early.dossier.state, early.dossier.stage) == ("reopened", "in_progress", "evaluation")
    assert early.dossier.secret
    event = Event.objects.get(verb="applications.dossier.reopen")
    assert (event.actor, event.behalf) == ("system:reconsideration", f"user:{early.second.pk}")
    assert early.dossier.confirmed_aid == early.dossier.aid


def test_a_dossier_refused_for_its_silence_is_checked_again(db: None, time_machine: Any) -> None:
    flin, town = make_flin("FLIN-TU"), factories.make_org()
    signatory = factories.make_user("dg@adstock.example")
    factories.make_member(signatory, town, "signatory")
    dossier = make_filled(flin.call, town, signatory)
    file_now(dossier, signatory)
    time_machine.move_to(flin.call.closes_at + timedelta(days=2), tick=False)
    dossier.refresh_from_db()
    fire(dossier, "send_back", actor=flin.analyst, items={"need": "Précisez."})
    assert dossier.due_at is not None
    time_machine.move_to(dossier.due_at + timedelta(days=1), tick=False)
    fire(dossier, "advance", actor=flin.analyst, outcome="silence")
    fire(dossier, "reject", actor=flin.second_analyst, outcome="confirme")
    case = Refusal(flin, dossier, signatory)
    row = case.closed()
    assert (row.effect, dossier.state, dossier.stage) == ("reopened", "in_progress", "completude")


def test_a_silence_where_rules_are_judged_is_judged_again(db: None) -> None:
    """One stage that asks and judges: its silence leads back to it, its verdict past it."""
    from types import SimpleNamespace

    from applications import reopening
    from workflows import schema

    flin = make_flin("FLIN-UNE")
    assert flin.call.edition is not None
    body = flin.call.edition.definition.content
    rules, asks = (
        next(one for one in body["stages"] if one["code"] == name) for name in ("admissibilite", "completude")
    )
    rules |= {"may_ask": True, "delay": asks["delay"]}
    rules["outcomes"].append(next(one for one in asks["outcomes"] if one["code"] == "silence"))
    process = schema.parse(body)
    for outcome, stage in (("silence", "admissibilite"), ("inadmissible", "evaluation")):
        dossier = SimpleNamespace(
            pk=0,
            stage="admissibilite",
            outcome=outcome,
            edition=SimpleNamespace(definition=SimpleNamespace(body=body)),
        )
        found = reopening.resumes_at(dossier)
        assert found is not None
        assert found.code == process.stage(stage).code


def test_once_the_panel_is_locked_money_is_decided_apart(early: Refusal) -> None:
    Panel.objects.create(
        state="locked", call=early.flin.call, volet=early.flin.volet, code="p", name={"fr": "Comité"},
        due_at=clock.now(),
    )  # fmt: skip
    row = early.closed()
    assert (row.effect, early.dossier.state) == ("money", "rejected")
    made = granting.draft_reconsideration(row, early.dossier.aid, actor=early.flin.manager)
    through(made, early.flin)
    early.dossier.refresh_from_db()
    assert (early.dossier.state, early.dossier.stage, early.dossier.outcome) == (
        "accepted",
        "decision",
        "accepte",
    )


def test_maintained_leaves_everything_as_it_was(early: Refusal) -> None:
    row = early.closed("maintained")
    assert (row.effect, early.dossier.state) == ("", "rejected")
    assert not Event.objects.filter(verb="applications.dossier.reopen").exists()
    with pytest.raises(Refused):
        granting.draft_reconsideration(row, 1000, actor=early.flin.manager)


def test_nobody_reopens_by_hand(early: Refusal) -> None:
    for actor in (early.flin.manager, early.flin.authority, SystemActor("release")):
        with pytest.raises(NotAllowed):
            fire(early.dossier, "reopen", actor=actor, stage="evaluation")
    with pytest.raises(Refused, match="cette étape"):
        fire(early.dossier, "reopen", actor=SystemActor("reconsideration"), stage="decision")


# --- money --------------------------------------------------------------------------------------------------
def through(decision: Decision, flin: Flin) -> None:
    """Proposed, signed, released, carried out at its letters."""
    import time_machine

    fire(decision, "propose", actor=flin.manager)
    fire(decision, "sign", actor=flin.authority, digest=decision.digest)
    fire(decision, "ask_release", actor=flin.manager)
    fire(decision, "release", actor=flin.authority)
    with time_machine.travel(decision.letters_at + timedelta(seconds=1), tick=False):
        assert carrying.carry_out() == 1


def freed(late: Refusal, dollars: int = 30_000) -> None:
    """Money that came back to the envelope."""
    award = Award.objects.get(dossier_number="FLIN-D5")
    person = User.objects.get(email="sign-02005@ville.example")
    fire(award, "decline", actor=person, text="Nous renonçons.")
    line = late.dossier.volet.budget_line
    type(line).objects.filter(pk=line.pk).update(committed=line.amount - dollars)


def test_money_comes_by_a_decision_of_its_own(late: Refusal) -> None:
    freed(late)
    row = late.closed()
    assert (row.effect, late.dossier.state) == ("money", "rejected")
    for amount, said in ((0, "entre 1"), (50_001, "aide confirmée"), (30_001, "Il reste")):
        with pytest.raises(Refused, match=said):
            granting.draft_reconsideration(row, amount, actor=late.flin.manager)
    made = granting.draft_reconsideration(row, 30_000, actor=late.flin.manager)
    assert granting.draft_reconsideration(row, 20_000, actor=late.flin.manager).pk == made.pk
    line = made.lines.get()
    assert (made.kind, line.outcome, line.amount, line.requested) == (
        "reconsideration",
        "partial",
        30_000,
        50_000,
    )
    before = late.dossier.volet.budget_line
    before.refresh_from_db()
    through(made, late.flin)
    late.dossier.refresh_from_db()
    assert (late.dossier.state, late.dossier.outcome) == ("accepted", "accepte_partiel")
    award = Award.objects.get(dossier_id=late.dossier.pk)
    assert (award.amount, award.partial, award.publish_at) == (30_000, True, made.publish_at)
    assert type(before).objects.get(pk=before.pk).committed == before.committed + 30_000
    event = Event.objects.get(verb="applications.dossier.grant")
    assert event.behalf == f"user:{late.flin.authority.pk}"


def test_its_line_grants_or_does_not_exist(late: Refusal) -> None:
    freed(late)
    made = granting.draft_reconsideration(late.closed(), 30_000, actor=late.flin.manager)
    line = DecisionLine.objects.select_related("decision").get(decision=made)
    with pytest.raises(Refused, match="renversé"):
        deciding.edit_line(line, "rejected", 0, "Non.", actor=late.flin.manager)
    fire(made, "propose", actor=late.flin.manager)
    fire(made, "sign", actor=late.flin.authority, digest=made.digest)
    change = deciding.Change(line, "rejected", 0, "Non.")
    with pytest.raises(Refused, match="renversé"):
        deciding.draft_correction(made, [change], actor=late.flin.manager)
    less = deciding.Change(line, "partial", 25_000, "Une ligne était comptée deux fois.")
    through(deciding.draft_correction(made, [less], actor=late.flin.manager), late.flin)
    late.dossier.refresh_from_db()
    assert late.dossier.state == "accepted"
    assert Award.objects.get(dossier_id=late.dossier.pk).amount == 25_000


def test_the_public_list_waits_for_the_new_decision(late: Refusal) -> None:
    from grants import publication

    freed(late)
    now = Decision.objects.get().publish_at + timedelta(hours=1)
    before = publication.refused(now, [late.flin.call])
    made = granting.draft_reconsideration(late.closed(), 30_000, actor=late.flin.manager)
    deciding.set_instants(made, now + timedelta(days=1), now + timedelta(days=3), actor=late.flin.manager)
    through(made, late.flin)
    assert publication.refused(now, [late.flin.call]) == before
    assert not publication.published(now).filter(dossier_id=late.dossier.pk).exists()
    count, dollars = publication.refused(made.publish_at, [late.flin.call])
    assert (count, dollars) == (before[0] - 1, before[1] - 50_000)
    assert publication.published(made.publish_at).filter(dossier_id=late.dossier.pk).exists()


# --- pages --------------------------------------------------------------------------------------------------
def url(name: str, *args: Any) -> str:
    return reverse(name, args=args)


def test_the_pages_from_the_request_to_the_answer(late: Refusal, page: Callable[..., Any]) -> None:
    freed(late)
    dossier, flin = late.dossier, late.flin
    shown = page(late.signatory, "dossier", dossier.pk).content.decode()
    assert "Demander le réexamen" in shown
    assert page(late.signatory, "reconsideration_ask", dossier.pk).status_code == 200
    bare = page(late.signatory, "reconsideration_ask", dossier.pk, data={"words": WORDS})
    assert bare.status_code == 422
    assert "page 4" in bare.content.decode()
    sent = {"ground": "fact", "words": WORDS, "file": pdf("proces-verbal.pdf")}
    made = page(late.signatory, "reconsideration_ask", dossier.pk, data=sent)
    row = Reconsideration.objects.get()
    assert made["Location"] == url("reconsideration", row.pk)
    assert row.file is not None
    read = page(late.signatory, "reconsideration", row.pk).content.decode()
    assert "proces-verbal.pdf" in read
    assert "Demande de réexamen reçue" in read
    given = page(late.signatory, "reconsideration_file", row.pk)
    assert b"".join(given.streaming_content).startswith(b"%PDF")
    assert b"".join(page(flin.manager, "reconsideration_file", row.pk).streaming_content)
    assert Event.objects.filter(verb="applications.dossier.file_read", subject_id=dossier.pk).exists()

    assert page(flin.manager, "reconsideration_verb", row.pk, "admit", data={}).status_code == 303
    choices = page(flin.manager, "reconsideration_verb", row.pk, "name_reconsiderer").content.decode()
    assert f'value="{late.fresh.pk}"' in choices
    assert f'value="{flin.authority.pk}"' not in choices
    assert "a préparé, proposé, signé ou libéré" in choices
    wrong = {"person": flin.authority.pk}
    assert (
        page(flin.manager, "reconsideration_verb", row.pk, "name_reconsiderer", data=wrong).status_code == 422
    )
    right = {"person": late.fresh.pk}
    assert (
        page(flin.manager, "reconsideration_verb", row.pk, "name_reconsiderer", data=right).status_code == 303
    )
    written = {"answer": "reversed", "motives": MOTIVES}
    assert page(late.fresh, "reconsideration_verb", row.pk, "decide", data=written).status_code == 303
    under = page(late.signatory, "reconsideration", row.pk).content.decode()
    assert "À l’étude" in under
    assert MOTIVES not in under
    assert str(late.fresh) not in under
    assert page(late.signatory, "reconsideration_verb", row.pk, "countersign", data={}).status_code == 404
    greyed = page(flin.authority, "reconsideration", row.pk).content.decode()
    assert "ne peut pas répondre à ce réexamen" in greyed
    row.refresh_from_db()
    read_at = {"decided": row.decided_at.isoformat()} if row.decided_at else {}
    assert page(late.second, "reconsideration_verb", row.pk, "countersign", data=read_at).status_code == 303
    told = page(late.signatory, "reconsideration", row.pk).content.decode()
    assert "Décision renversée" in told
    assert MOTIVES in told
    assert str(late.second) not in told
    money = page(flin.manager, "reconsideration_money", row.pk).content.decode()
    assert "30\u00a0000\u00a0$" in money
    too_much = page(flin.manager, "reconsideration_money", row.pk, data={"amount": "45 000"})
    assert too_much.status_code == 422
    drafted = page(flin.manager, "reconsideration_money", row.pk, data={"amount": "30 000 $"})
    decision = Decision.objects.get(kind="reconsideration")
    assert drafted["Location"] == url("decision", decision.pk)
    assert page(flin.manager, "decision", decision.pk).status_code == 200
    assert page(flin.manager, "decisions").status_code == 200


def test_a_dossier_that_goes_on_says_so_to_each(early: Refusal, page: Callable[..., Any]) -> None:
    row = early.closed()
    for person, words in ((early.signatory, "En évaluation"), (early.flin.manager, "Évaluation")):
        shown = page(person, "dossier", early.dossier.pk).content.decode()
        assert words in shown
        assert "Refus renversé" in shown
        assert reverse("reconsideration", args=[row.pk]) in shown
        assert page(person, "dossier_history", early.dossier.pk).status_code == 200
    told = page(early.flin.analyst, "dossier", early.dossier.pk).content.decode()
    assert reverse("reconsideration", args=[row.pk]) not in told


def test_a_granted_dossier_says_so_from_the_letters_on(late: Refusal, page: Callable[..., Any]) -> None:
    import time_machine

    freed(late)
    made = granting.draft_reconsideration(late.closed(), 30_000, actor=late.flin.manager)
    through(made, late.flin)
    with time_machine.travel(made.letters_at + timedelta(minutes=2), tick=False):
        shown = page(late.signatory, "dossier", late.dossier.pk).content.decode()
        assert "Demande acceptée après un réexamen" in shown
        assert "Offre partielle" in shown
        assert page(late.flin.manager, "why", made.pk, made.lines.get().pk).status_code == 200


def test_nothing_of_the_new_decision_shows_before_its_letters(
    late: Refusal, page: Callable[..., Any]
) -> None:
    freed(late)
    made = granting.draft_reconsideration(late.closed(), 30_000, actor=late.flin.manager)
    before = page(late.signatory, "dossier", late.dossier.pk).content.decode()
    fire(made, "propose", actor=late.flin.manager)
    fire(made, "sign", actor=late.flin.authority, digest=made.digest)
    fire(made, "ask_release", actor=late.flin.manager)
    fire(made, "release", actor=late.flin.authority)
    after = page(late.signatory, "dossier", late.dossier.pk).content.decode()
    for shown in (before, after):
        assert "Non retenu" in shown
        assert "30\u00a0000" not in shown
        assert "Offre partielle" not in shown


def test_after_the_delay_a_clear_sentence(late: Refusal, page: Callable[..., Any], time_machine: Any) -> None:
    refusal = reconsidering.refusal_of(late.dossier)
    assert refusal is not None
    assert refusal.until is not None
    time_machine.move_to(refusal.until + timedelta(minutes=1), tick=False)
    sent = {"ground": "fact", "words": WORDS}
    answer = page(late.signatory, "reconsideration_ask", late.dossier.pk, data=sent)
    assert answer.status_code == 422
    assert "a pris fin" in answer.content.decode()
    assert "a pris fin" in page(late.signatory, "dossier", late.dossier.pk).content.decode()


def test_what_awaits_whom(late: Refusal) -> None:
    from review.reconsideration_entries import todos

    def texts(person: User) -> list[str]:
        return [str(one.text) for one in todos(User.objects.get(pk=person.pk))]

    assert ["réexamen" in one for one in texts(late.signatory)] == [True]
    row = late.asked()
    assert not texts(late.signatory)
    assert ["demande le réexamen" in one for one in texts(late.flin.manager)] == [True]
    fire(row, "admit", actor=late.flin.manager)
    assert ["à confier" in one for one in texts(late.flin.manager)] == [True]
    fire(row, "name_reconsiderer", actor=late.flin.manager, person=late.fresh.pk)
    assert not texts(late.flin.manager)
    assert ["vous est confiée" in one for one in texts(late.fresh)] == [True]
    fire(row, "decide", actor=late.fresh, answer="reversed", motives=MOTIVES)
    assert ["contreseing" in one for one in texts(late.second)] == [True]
    assert not texts(late.flin.authority)  # signed the refused decision
    fire(row, "countersign", actor=late.second)
    assert ["décision d’aide" in one for one in texts(late.flin.manager)] == [True]
    assert not texts(late.second)


def test_reviewers_read_nothing_and_the_auditor_reads_all(late: Refusal, ranked: Ranked) -> None:
    row = late.answered()
    chair = factories.make_staff("chair", ranked.panel, email="preside@comite.example")
    juror = factories.make_staff("reviewer", ranked.panel, email="juge@comite.example")
    seen = Reconsideration.objects.visible_to
    assert all(not seen(person).exists() for person in (chair, juror, late.flin.analyst))
    assert all(seen(one).get() == row for one in (late.flin.auditor, late.fresh, late.signatory, late.second))
    from workflows.vocabulary import timeline

    verbs = {one.verb.rpartition(".")[2] for one in timeline(late.dossier, chair, face="staff")}
    assert "reconsideration" not in verbs
    assert set(ANSWERING) == {"analyst", "second_analyst", "secretary", "manager", "authority"}


def test_a_file_of_another_kind_is_refused_with_the_words_kept(
    late: Refusal, page: Callable[..., Any]
) -> None:
    sent = {"ground": "fact", "words": WORDS, "file": pdf("virus.exe")}
    answer = page(late.signatory, "reconsideration_ask", late.dossier.pk, data=sent)
    assert answer.status_code == 422
    assert "page 4" in answer.content.decode()
    assert not Reconsideration.objects.exists()
    assert not Attachment.objects.filter(dossier=late.dossier).exists()
