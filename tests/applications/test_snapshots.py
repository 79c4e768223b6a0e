"""Snapshots: the same text for the same dossier, nothing hidden in it, differences by name, public answers by role."""

from __future__ import annotations

import json
from datetime import timedelta

import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from applications import eligibility, facts, snapshots
from applications.actions.answers import save_answer
from applications.actions.files import add_file
from applications.models import Dossier
from tests import factories
from tests.applications import filled
from tests.applications.filled import ANSWERS, file_now
from tests.fixtures_calls import Flin
from web import clock


def test_the_same_dossier_gives_the_same_text_later_and_once_filed(ready: Dossier, signatory: User) -> None:
    text, digest = snapshots.shown(ready)
    with time_machine.travel(clock.now() + timedelta(days=2)):
        assert snapshots.shown(Dossier.objects.get()) == (text, digest)
    assert file_now(ready, signatory).text == text
    ready.refresh_from_db()
    assert snapshots.shown(ready) == (text, digest)


def test_the_text_holds_answers_files_bodies_facts_budget_and_tags(ready: Dossier) -> None:
    content = json.loads(snapshots.build(ready))
    assert content["answers"]["title"] == ANSWERS["title"]
    assert content["tags"] == ["small"]
    assert [one["slot"] for one in content["files"]] == ["resolution"]
    assert content["files"][0]["digest"].startswith("sha256:")
    assert (content["bodies"][0]["code"], content["bodies"][0]["population"]) == ("31056", 3198)
    assert content["facts"]["months"] == 18
    assert content["facts"]["aid"] == 32000
    assert content["budget"]["result"]["kept"] == 40000
    assert content["edition"] == ready.edition.digest


def test_facts_of_the_text_judge_the_rules_of_the_call(ready: Dossier) -> None:
    known = json.loads(snapshots.build(ready))["facts"]
    found = eligibility.judge({"rules": ready.edition.content["rules"], "facts": known})
    assert {one["id"]: one["result"] for one in found}["E01"] == "yes"


def test_a_hidden_answer_is_not_filed(ready: Dossier, signatory: User) -> None:
    save_answer(ready, "personal_data", True, actor=signatory, seen_version=1)
    save_answer(ready, "privacy_state", "started", actor=signatory)
    assert json.loads(snapshots.build(ready))["answers"]["privacy_state"] == "started"
    save_answer(ready, "personal_data", False, actor=signatory, seen_version=2)
    assert "privacy_state" not in json.loads(snapshots.build(ready))["answers"]
    assert ready.answers.get(question="privacy_state").value == "started"


def test_differences_by_part_and_by_name(ready: Dossier, signatory: User) -> None:
    before = snapshots.build(ready)
    prints = snapshots.fingerprints(before)
    save_answer(ready, "title", "Autre titre", actor=signatory, seen_version=1)
    add_file(ready, "price_evidence", filled.pdf("prix.pdf"), actor=signatory)
    after = snapshots.build(ready)
    found = snapshots.difference(before, after)
    assert [(one.part, one.code) for one in found] == [("answers", "title"), ("files", "price_evidence")]
    assert (found[0].before, found[0].after) == (ANSWERS["title"], "Autre titre")
    assert [(one.part, one.code) for one in snapshots.changed_since(prints, after)] == [
        (one.part, one.code) for one in found
    ]
    assert snapshots.difference(after, after) == []


def test_a_snapshot_is_read_by_section_in_words(ready: Dossier, signatory: User) -> None:
    read = snapshots.read(file_now(ready, signatory))
    assert [section.code for section in read] == ["projet", "solution", "donnees", "budget", "engagement"]
    by_code = {one.question.code: one for section in read for one in section.answers}
    assert by_code["requested"].shown == "32\u00a0000\u00a0$"
    assert [one["name"] for one in by_code["resolution"].files] == ["resolution.pdf"]
    assert by_code["suppliers"].shown == ""
    assert "privacy_state" not in by_code


def test_public_answers_go_by_role_and_sensitivity(ready: Dossier, signatory: User) -> None:
    public = snapshots.public_by_role(file_now(ready, signatory))
    assert public == {
        "title": ANSWERS["title"],
        "public_summary": ANSWERS["summary"],
        "themes": ["environnement"],
        "start": "2027-01-11",
        "end": "2028-06-30",
    }


def test_reading_costs_the_same_however_much_is_answered(ready: Dossier) -> None:
    dossier = Dossier.objects.select_related("call", "volet", "edition").get()
    with CaptureQueriesContext(connection) as counted:
        snapshots.shown(dossier)
    assert len(counted) == 3


def test_months_count_a_month_begun(ready: Dossier) -> None:
    content = ready.edition.content
    for start, end, months in (
        ("2027-01-15", "2027-01-15", 1),
        ("2027-01-15", "2027-02-15", 1),
        ("2027-01-15", "2027-02-16", 2),
        ("2027-01-01", "2029-07-01", 30),
    ):
        assert facts._months(content, {"start": start, "end": end}) == months
    assert facts._months(content, {"start": "2027-01-15"}) is None


def test_an_unknown_population_stays_missing(flin: Flin) -> None:
    cree = factories.make_org("99030")
    dossier = filled.make_filled(flin.call, cree, filled.signatory_of(cree))
    content = json.loads(snapshots.build(dossier))
    assert "population" not in content["facts"]
    assert content["bodies"][0]["population"] is None
    assert content["tags"] == ["north"]
    assert content["budget"]["result"]["manual_check"]
