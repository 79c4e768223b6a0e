"""The demonstration: one story of 52 projects, its outcomes counted, its chains whole, its money reconciled."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import Sum

from accounts.models import User
from applications import blockers, budget, kept
from applications.models import Answer, Body, Dossier, Snapshot
from grants.models import Award, BudgetLine, Call, Decision, DecisionLine
from notifications import demo, mailbox
from notifications.models import Document, Message
from notifications.seeding import cards, corpus, decisions, guard, plan, rounds, story
from notifications.seeding.clock import Travel, at, on_weekday
from review.models import Assignment, Meeting, Reconsideration, Recusal
from workflows.models import Delivery, Event
from workflows.trail import chain_codes, verify_chain

TODAY = date(2026, 11, 22)


# --- without a database ---------------------------------------------------------------------------------
def test_each_project_without_partners_is_used_once() -> None:
    used = Counter(code for call in plan.CALLS for code in call.projects)
    alone = {code for code, one in corpus.projects().items() if not one.data["partners"]} - {"P033"}
    assert set(used) == alone
    assert set(used.values()) == {1}
    assert [len(call.projects) for call in (plan.OPEN, plan.REVIEW, plan.EMBARGO, plan.PUBLISHED)] == [
        12,
        17,
        12,
        11,
    ]


def test_the_corpus_in_the_house_is_fictional_and_says_so() -> None:
    assert all(one["email"].endswith(".example") for one in corpus.people().values())
    assert "CC0" in (corpus.FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("offset", range(14))
def test_every_day_gives_dates_in_order(offset: int) -> None:
    today = TODAY + timedelta(days=offset)
    days = [call.closing_day(today) for call in plan.CALLS]
    assert days == sorted(days)
    assert all(day.weekday() < 5 for day in days)
    assert days[-1] - today >= timedelta(days=14)
    assert len({call.code(today) for call in plan.CALLS}) == 4


@pytest.mark.parametrize("offset", range(14))
def test_a_decision_is_proposed_returned_and_signed_in_that_order_whatever_the_day(offset: int) -> None:
    """Two days near one another once fell on the same Monday: the return came before the proposal."""
    panel_on = on_weekday(TODAY + timedelta(days=offset), back=False)
    steps: list[tuple[datetime, str]] = []
    call = SimpleNamespace(
        panel_on=panel_on, decision_on=on_weekday(panel_on + timedelta(days=14), back=False)
    )
    call.letters_at = at(call.decision_on + timedelta(days=7), 8, 30)
    agenda = SimpleNamespace(add=lambda when, label, step: steps.append((when, label)))
    committee: Any = SimpleNamespace(bench=SimpleNamespace(call=call, agenda=agenda, plan=plan.PUBLISHED))
    decisions.plan_main(committee)
    assert [label for _when, label in sorted(steps)] == [label for _when, label in steps]


def test_the_clock_goes_forward_only() -> None:
    from random import Random

    travel = Travel(at(TODAY, 9), Random(1))
    travel.to(at(TODAY, 12))
    seen = [travel.now() for _ in range(50)]
    travel.to(at(TODAY, 8))
    assert [*seen, travel.now()] == sorted({*seen, travel.instant})
    assert on_weekday(date(2026, 11, 22)) == date(2026, 11, 20)


# --- the whole story, once ------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Any:
    """The story, lived once for this module, then taken back with its transaction."""
    from django.db import transaction
    from django.test.utils import override_settings

    folder: Path = tmp_path_factory.mktemp("seed")
    storages = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(folder / "files"), "base_url": None},
        },
    }
    changed = override_settings(
        EMAIL_FILE_PATH=folder / "mail",
        EMAIL_BACKEND="notifications.mailbox.MailboxBackend",
        STORAGES=storages,
    )
    with django_db_blocker.unblock(), changed, transaction.atomic():
        yield story.live(TODAY, size=rounds.SMALL)
        transaction.set_rollback(True)


def states(letter: str) -> dict[str, int]:
    call = Call.objects.get(code__regex=rf"^FLIN-.*-{letter}$")
    return dict(Counter(call.dossiers.values_list("state", flat=True)))


def lines(letter: str) -> dict[str, int]:
    decision = Decision.objects.get(call__code__regex=rf"^FLIN-.*-{letter}$", kind="main")
    return dict(Counter(decision.lines.values_list("outcome", flat=True)))


def test_open(told: Any) -> None:
    assert states("A") == {"draft": 4, "in_progress": 6, "withdrawn": 2}
    stuck = {
        one.title: {
            blocker.kind for blocker in blockers.of(one, datetime.fromisoformat("2026-11-22T12:00-05:00"))
        }
        for one in Dossier.objects.filter(state="draft", call__code__startswith="FLIN-").select_related(
            "call", "volet", "edition__definition"
        )
    }
    assert sorted(map(sorted, stuck.values())) == [["dates"], ["declaration"], ["file"], ["required"]]
    assert Dossier.objects.filter(mandate_unconfirmed=True).count() == 1
    twice = Dossier.objects.get(call__code__regex=r"^FLIN-.*-A$", snapshots__version=2)
    assert twice.snapshots.filter(kind="filing").count() == 2


def test_joint_projects(told: Any) -> None:
    """The reference call, open: filed once every partner has confirmed; late, declined and too few ones wait."""
    call = Call.objects.filter(code__startswith="TI-").latest("closes_at")
    assert dict(Counter(call.dossiers.values_list("state", flat=True))) == {"in_progress": 15, "draft": 4}
    rows = Body.objects.filter(dossier__call=call, role="partner")
    assert set(rows.filter(dossier__state="in_progress").values_list("confirmation", flat=True)) == {
        "confirmed"
    }
    waiting = Counter(rows.filter(dossier__state="draft").values_list("confirmation", flat=True))
    assert (waiting["pending"], waiting["declined"]) == (2, 1)
    assert rows.values("organisation").distinct().count() == rows.count()
    for draft in call.dossiers.filter(state="draft", bodies__role="partner").distinct():
        assert [one.kind for one in blockers.in_answers(draft)].count("partner") >= 1


def test_review(told: Any) -> None:
    assert states("B") == {"in_progress": 15, "with_applicant": 1, "rejected": 1}
    rows = Assignment.objects.filter(panel__call__code__regex=r"^FLIN-.*-B$")
    assert Recusal.objects.filter(lifted_at__isnull=True).count() == 1
    assert Dossier.objects.filter(call__code__regex=r"^FLIN-.*-B$", divergent=True).count() == 1
    late = rows.filter(due_at__lt=at(TODAY, 0), state__in=["offered", "accepted"]).exclude(
        sheet__state="handed_in"
    )
    assert late.values("reviewer").distinct().count() == 2
    assert rows.filter(state="offered", declaration="").exists()
    assert rows.filter(state="accepted", sheet__state="draft").exists()
    silent = Dossier.objects.get(call__code__regex=r"^FLIN-.*-B$", stage="contreseing", state="in_progress")
    assert silent.outcome == "silence"


def test_embargo(told: Any) -> None:
    assert states("C") == {"in_progress": 12}
    assert lines("C") == {"accepted": 5, "partial": 1, "waitlisted": 2, "rejected": 4}
    decision = Decision.objects.get(call__code__regex=r"^FLIN-.*-C$")
    assert decision.state == "released"
    assert decision.letters_at > at(TODAY, 23)
    announced = (decision.call.letters_at, decision.call.publish_at)
    assert announced == (decision.letters_at, decision.publish_at)
    verbs = Event.objects.filter(subject_type="grants.decision", subject_id=decision.pk).order_by("n")
    said = [verb.rsplit(".", 1)[1] for verb in verbs.values_list("verb", flat=True)]
    assert [one for one in said if one != "set_instants"] == [
        *("draft", "propose", "send_back", "propose", "sign", "ask_release", "release"),
    ]
    held = Message.objects.filter(dossier__call=decision.call, kind__startswith="decision_L")
    assert {row.state for row in held} == {"waiting"}
    assert {row.due_at for row in held} == {decision.letters_at}
    assert not Award.objects.filter(call=decision.call).exists()


def test_published(told: Any) -> None:
    assert states("D") == {"accepted": 8, "rejected": 2, "waitlisted": 1}
    awards = Award.objects.filter(call__code__regex=r"^FLIN-.*-D$")
    assert Counter(awards.values_list("state", "partial")) == {
        ("confirmed", False): 5,
        ("confirmed", True): 1,
        ("declined", False): 1,
        ("lapsed", True): 1,
    }
    kinds = (
        Decision.objects.filter(call__code__regex=r"^FLIN-.*-D$")
        .order_by("number")
        .values_list("kind", "state")
    )
    assert list(kinds) == [("main", "released"), ("waiting_list", "released"), ("waiting_list", "proposed")]


def test_refusals_asked_again(told: Any) -> None:
    rows = Reconsideration.objects.order_by("pk").values_list("dossier__call__code", "state", "answer")
    assert [(code[-1], state, answer) for code, state, answer in rows] == [
        ("D", "closed", "maintained"),
        ("B", "asked", ""),
    ]
    letter = Document.objects.get(kind="L8")
    assert letter.left_at is not None
    waiting = Reconsideration.objects.get(state="asked")
    assert waiting.until is not None
    assert waiting.asked_at < waiting.until


def test_money_reconciles_with_the_awards(told: Any) -> None:
    for line in BudgetLine.objects.select_related("volet__call"):
        given = Award.objects.filter(volet=line.volet).exclude(state__in=["declined", "lapsed"])
        promised = Decision.objects.filter(
            volet=line.volet,
            state__in=["signed", "released"],
            lines__voided_at__isnull=True,
            lines__executed_at__isnull=True,
        )
        total = (given.aggregate(total=Sum("amount"))["total"] or 0) + (
            promised.aggregate(total=Sum("lines__amount"))["total"] or 0
        )
        assert line.committed == total, line.volet.call.code


def test_every_chain_is_whole_and_goes_forward(told: Any) -> None:
    assert len(chain_codes()) == 9
    for code in chain_codes():
        assert verify_chain(code)["ok"], code
        instants = list(Event.objects.filter(chain=code).order_by("n").values_list("at", flat=True))
        assert instants == sorted(instants), code
        assert instants[-1] < at(TODAY, 0, 5)


def test_nothing_is_left_to_send_but_what_waits_for_its_instant(told: Any) -> None:
    assert not Delivery.objects.filter(done_at__isnull=True).exists()
    assert set(Document.objects.values_list("state", flat=True)) == {"drawn"}
    left = Message.objects.exclude(state="sent")
    assert set(left.values_list("kind", flat=True)) <= {f"decision_L{n}" for n in (4, 5, 6, 7)}
    mayor = User.objects.get(email=corpus.people()["M042"]["email"])
    received = mailbox.received(mayor.email)
    dates = [str(message["Date"]) for _name, message in received]
    assert len(received) >= 3
    assert all("2026" in one for one in dates)


def test_there_is_a_card_for_each_role(told: Any) -> None:
    cards.register()
    found = [card for _group, people in demo.cards() for card in people]
    assert len(found) == len(cards.CARDS)
    assert all(card.user.check_password(demo.PASSWORD) for card in found)


def test_a_database_that_holds_data_is_refused(told: Any) -> None:
    assert guard.against()
    with pytest.raises(CommandError, match="holds data"):
        call_command("seed_demo", today=TODAY.isoformat())


# --- rounds of the reference call ------------------------------------------------------------------------
def test_rounds_stand_where_they_should(told: Any) -> None:
    calls = dict(zip("DCBA", Call.objects.filter(code__startswith="TI-").order_by("closes_at"), strict=True))
    assert [len(call.code) for call in calls.values()] == [7, 9, 9, 7]
    stages = Counter(calls["B"].dossiers.values_list("stage", flat=True))
    assert {"completude", "admissibilite", "contreseing", "evaluation", "comite"} <= set(stages)
    assert {"with_applicant", "rejected", "withdrawn"} <= set(
        calls["B"].dossiers.values_list("state", flat=True)
    )
    sheets = Assignment.objects.filter(panel__call=calls["B"]).values_list("state", "sheet__state")
    assert {("accepted", "handed_in"), ("accepted", "draft"), ("offered", None)} == set(sheets)
    assert Meeting.objects.filter(
        panel__call=calls["B"], state="open", items__agreed_at__isnull=False
    ).exists()
    for code, letters_are_out in (("C", False), ("D", True)):
        main = Decision.objects.filter(call=calls[code], kind="main")
        assert {row.volet.code for row in main.select_related("volet")} == {"V1", "V2", "V3"}
        assert {row.state for row in main} == {"released"}
        assert all((row.letters_at < at(TODAY, 0)) == letters_are_out for row in main)
        assert Meeting.objects.filter(panel__call=calls[code], state="closed").count() == 3
    assert not Award.objects.filter(call=calls["C"]).exists()
    assert Decision.objects.filter(call=calls["D"], kind="waiting_list", state="released").exists()
    large = DecisionLine.objects.filter(decision__call__in=calls.values(), amount__gt=50_000)
    assert large.exists()
    assert all(row.reference["document"]["digest"] for row in large)


def test_partners_leave_two_joint_projects_in_scoring(told: Any) -> None:
    """Of one the ministry concluded and kept less aid; the other awaits its analyst."""
    left = Body.objects.filter(left_at__isnull=False, dossier__call__code__endswith="-B")
    settled, waits = left.order_by("left_at").select_related("dossier__snapshot")
    assert settled.dossier != waits.dossier
    assert (settled.weighed_as, waits.weighed_as) == ("kept", "")
    for body in (settled, waits):
        assert body.reason
        assert body.dossier.snapshot.since["budget"]["result"]["aid"] == body.dossier.aid
    assert settled.dossier.confirmed_aid == settled.dossier.aid
    assert settled.dossier.stage == "evaluation"
    assert waits.dossier.confirmed_aid is None


def test_some_costs_are_kept_in_part_with_the_reason(told: Any) -> None:
    acts = Event.objects.filter(verb="applications.dossier.confirm_aid", chain__startswith="TI-")
    cut = [one for one in acts.select_related("beside") if _is_cut(one)]
    assert 3 <= len(cut) < acts.count() / 2
    assert len({one.words for one in cut}) == len(cut)
    for one in cut:
        assert kept.figures(budget.compute(one.data["input"])) == one.data["result"]
    filed = {one.pk: json.loads(_snapshot(one).text)["budget"]["result"]["aid"] for one in cut}
    assert all(one.data["dollars"] <= filed[one.pk] for one in cut)
    assert sum(one.data["dollars"] < filed[one.pk] for one in cut) >= 3, "the aid falls with the cost"


def _is_cut(act: Event) -> bool:
    return any(line["kept"] < line["asked"] for line in act.data.get("lines", []))


def _snapshot(act: Event) -> Snapshot:
    return Snapshot.objects.get(dossier=act.subject_id, version=act.data["version"])


def test_every_outcome_and_every_letter_is_somewhere(told: Any) -> None:
    kinds = set(Document.objects.values_list("kind", flat=True))
    assert {"L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L12", "PV"} <= kinds
    rows = Dossier.objects.filter(call__code__startswith="TI-")
    states = {"draft", "in_progress", "with_applicant", "accepted", "rejected", "waitlisted", "withdrawn"}
    assert set(rows.values_list("state", flat=True)) == states
    lines = DecisionLine.objects.filter(decision__call__code__startswith="TI-")
    outcomes = {"accepted", "partial", "waitlisted", "rejected"}
    assert set(lines.values_list("outcome", flat=True)) == outcomes


def test_the_function_of_a_signatory_goes_with_the_given_name(told: Any) -> None:
    """A letter says « Madame la Mairesse » or « Monsieur le Maire » from it."""
    feminine = ("Annie", "Carole", "Diane", "Ghislaine", "Hélène", "Karine", "Lise", "Mélanie", "Thérèse")
    masculine = ("Alain", "Benoît", "Denis", "François", "Gilles", "Hubert", "Luc", "Normand", "Yves")
    rows = User.objects.filter(email__regex=r"@m\d+\.example$").exclude(function="")
    women, men = rows.filter(given_name__in=feminine), rows.filter(given_name__in=masculine)
    assert min(women.count(), men.count()) >= 5
    assert {one.split(" ")[0] for one in women.values_list("function", flat=True)} <= {
        "mairesse",
        "directrice",
    }
    assert {one.split(" ")[0] for one in men.values_list("function", flat=True)} <= {"maire", "directeur"}


def test_no_two_dossiers_say_the_same(told: Any) -> None:
    """Titles, summaries and every long public text of the reference call, drafts too."""
    long = ("title", "summary", "challenge", "need", "solution", "results", "local_strategy", "footprint")
    for code in long:
        found = Answer.objects.filter(dossier__call__code__startswith="TI-", question=code)
        texts = [str(value) for value in found.values_list("value", flat=True)]
        assert [text for text, count in Counter(texts).items() if count > 1] == [], code


# --- large sets -----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_large_set_is_whole() -> None:
    from notifications.seeding import volume

    assert volume.write(60, TODAY, seed=7) == 60
    call = Call.objects.get(code__contains="-V")
    rows = call.dossiers.select_related("snapshot")
    assert rows.count() == 60
    filed = rows.exclude(state="draft")
    assert all(row.snapshot is not None for row in filed)
    assert len({row.number for row in filed}) == filed.count()
    assert {"in_progress", "with_applicant", "draft"} <= set(rows.values_list("state", flat=True))
    assert all(verify_chain(code)["ok"] for code in chain_codes())
    assert not Message.objects.exists()
    assert set(Delivery.objects.values_list("consumer", flat=True)) == {
        "search"
    }  # found, and announced to nobody
