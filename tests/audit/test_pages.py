"""The auditor's pages: a call as of a day, from its events alone; « pourquoi », by role, computed again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import reading, standing
from grants.models import Decision
from review.models import Recusal
from tests import cores
from tests.audit.conftest import TITLES, Audited
from web import clock, formats
from workflows.models import Event

pytestmark = pytest.mark.django_db
CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "PRAGMA")
Ask = Callable[..., str]


@pytest.fixture
def ask(audited: Audited) -> Ask:
    """A page as somebody, evened; its status when it is no 200."""

    def asked(person: Any, name: str, *args: Any, query: str = "") -> str:
        client = Client()
        client.force_login(person)
        answer = client.get(reverse(name, args=args) + query)
        return (
            " ".join(answer.content.decode().split())
            if answer.status_code == 200
            else str(answer.status_code)
        )

    return asked


def day_of(audited: Audited, name: str) -> str:
    return f"?au={formats.local(audited.at[name]).date().isoformat()}"


def test_states_then_are_those_of_the_whole_chain(audited: Audited) -> None:
    """What the list reads from three lines is what the core folds from every event."""
    lines = [json.loads(line) for line in Event.objects.filter(chain=audited.call.code).order_by("n").values_list(
        "line", flat=True)]  # fmt: skip
    instants = [reading.instant(one["at"]) for one in lines[:: max(1, len(lines) // 15)]] + [
        audited.at["over"]
    ]
    seen = 0
    for at in instants:
        whole = standing.fold(lines, reading.written(at)).subjects
        rows = list(reading.dossiers_at(audited.auditor, audited.call, at))
        filed = [
            key for key, row in whole.items() if key.startswith("applications.dossier:") and "state" in row
        ]
        assert {f"applications.dossier:{row.pk}" for row in rows} == set(filed)
        for row in rows:
            assert reading.then(row) == reading.then_of(whole[f"applications.dossier:{row.pk}"])
            seen += 1
    assert seen > 3 * len(TITLES)


def test_the_call_as_of_a_day(audited: Audited, ask: Ask) -> None:
    code = audited.call.code
    now = ask(audited.auditor, "audit_call", code)
    assert "Accepté" in now
    assert "Lettres parties" in now
    assert "Nouvelle" not in now
    before = ask(audited.auditor, "audit_call", code, query=day_of(audited, "eligible"))
    assert "tel qu’il était le" in before
    assert "En traitement" in before
    assert "Aucune décision n’était préparée." in before
    assert "Lettres parties" not in before
    assert "Nouvelle" in before


def test_a_role_held_without_an_event_is_said(audited: Audited, ask: Ask) -> None:
    """The people of this test were put straight in the role tables: the register does not know them."""
    assert "sans événement au registre" in ask(audited.auditor, "audit_call", audited.call.code)
    assert "sans événement" not in ask(
        audited.auditor, "audit_call", audited.call.code, query=day_of(audited, "eligible")
    )


def test_the_list_as_of_a_day(audited: Audited, ask: Ask) -> None:
    code = audited.call.code
    then = ask(audited.auditor, "audit_dossiers", code, query=day_of(audited, "eligible"))
    assert all(one.number in then for one in audited.made.dossiers.values())
    assert "Accepté</span>" not in then
    assert f"{day_of(audited, 'eligible')[1:]}" in then
    some = ask(audited.auditor, "audit_dossiers", code, query="?etat=rejected")
    assert audited.made.dossiers["D"].number in some
    assert audited.made.dossiers["A"].number not in some


def test_a_dossier_as_of_a_day(audited: Audited, ask: Ask) -> None:
    first = audited.made.dossiers["A"]
    now = ask(audited.auditor, "audit_dossier", audited.call.code, first.pk)
    assert "Accepté" in now
    assert "Pourquoi la décision" in now
    assert "Écartée" in now
    assert "En récusation" in now
    then = ask(
        audited.auditor, "audit_dossier", audited.call.code, first.pk, query=day_of(audited, "eligible")
    )
    assert "Pourquoi la décision" not in then
    assert "Écartée" not in then
    assert "Demande acceptée" not in then
    assert "Demande déposée" in then
    first.refresh_from_db()
    assert first.snapshot is not None
    assert first.snapshot.digest in then


def test_a_text_that_is_not_the_sealed_one_is_said(audited: Audited, ask: Ask) -> None:
    first = audited.made.dossier("A")
    assert first.snapshot is not None
    type(first.snapshot).objects.filter(pk=first.snapshot_id).update(digest="sha256:" + "0" * 64)
    assert "n’est pas celui que cet événement a scellé" in ask(
        audited.auditor, "audit_dossier", audited.call.code, first.pk
    )


@pytest.mark.parametrize(
    "query", ["?au=demain", "?au=2199-01-01", "?au=1000-01-01", "?au=2026-13-45", "?au="]
)
def test_a_day_that_cannot_be_read_is_said(audited: Audited, ask: Ask, query: str) -> None:
    text = ask(audited.auditor, "audit_call", audited.call.code, query=query)
    assert "Lettres parties" in text
    assert "tel qu’il était" not in text
    assert query == "?au=" or 'data-s="ko"' in text


def test_only_the_auditor(audited: Audited, ask: Ask) -> None:
    flin, pk = audited.made.flin, audited.made.dossiers["A"].pk
    people = [
        flin.manager,
        flin.authority,
        flin.analyst,
        flin.secretary,
        audited.shut,
        audited.made.signatories["A"],
    ]
    for person in people:
        assert ask(person, "audit") == "404"
        assert ask(person, "audit_call", audited.call.code) == "404"
        assert ask(person, "audit_dossiers", audited.call.code) == "404"
        assert ask(person, "audit_dossier", audited.call.code, pk) == "404"


def test_a_recusal_shuts_the_auditor_out_too(audited: Audited, ask: Ask) -> None:
    first = audited.made.dossiers["A"]
    line = audited.decision.lines.get(dossier_id=first.pk)
    other = audited.decision.lines.get(dossier_id=audited.made.dossiers["B"].pk)
    Recusal.objects.create(
        dossier=first, user=audited.auditor, at=clock.now(), by=audited.made.flin.secretary
    )
    assert ask(audited.auditor, "audit_dossier", audited.call.code, first.pk) == "404"
    assert first.number not in ask(audited.auditor, "audit_dossiers", audited.call.code)
    assert ask(audited.auditor, "why", audited.decision.pk, line.pk) == "404"
    assert ask(audited.auditor, "why_case", audited.decision.pk, other.pk, "selection") == "404"
    assert ask(audited.auditor, "why_case", audited.decision.pk, other.pk, "scoring") != "404"


# --- why ---------------------------------------------------------------------------------------------------
def line_of(audited: Audited, name: str) -> Any:
    return audited.decision.lines.get(dossier_id=audited.made.dossiers[name].pk)


def test_why_says_input_rule_sheets_people_and_hash(audited: Audited, ask: Ask) -> None:
    text = ask(audited.auditor, "why", audited.decision.pk, line_of(audited, "C").pk)
    said = ["Offre partielle", "Rang 3 de 3 dossiers classés", "Le classement suit la note", "Aubert Premier"]
    said += ["Décision signée", audited.decision.digest, "Parce que C1.", "Comité verrouillé"]
    assert [one for one in said if one not in text] == []
    assert "Recalculé" not in text
    refused = ask(audited.auditor, "why", audited.decision.pk, line_of(audited, "D").pk)
    assert "Un seuil n’est pas atteint" in refused
    assert "sous le seuil" in refused


def test_why_computes_again_and_sees_a_difference(audited: Audited, ask: Ask) -> None:
    where = (audited.decision.pk, line_of(audited, "A").pk)
    assert "tout est identique" in ask(audited.auditor, "why", *where, query="?recalculer=1")
    case = json.loads(audited.decision.selection_input)
    case["pool"] += 1
    Decision.objects.filter(pk=audited.decision.pk).update(selection_input=json.dumps(case))
    assert "un résultat diffère" in ask(audited.auditor, "why", *where, query="?recalculer=1")


@pytest.mark.parametrize("kind", ["scoring", "selection", "budget", "eligibility"])
def test_an_outsider_computes_again_with_the_files(audited: Audited, ask: Ask, kind: str) -> None:
    line = line_of(audited, "A")
    given = ask(audited.auditor, "why_case", audited.decision.pk, line.pk, kind)
    module = {
        "scoring": "review",
        "selection": "review",
        "budget": "applications",
        "eligibility": "applications",
    }
    found = cores.answer(f"{module[kind]}.{kind}", given.encode())
    if kind == "scoring":
        assert found["score"]["exact"] == line.score
    elif kind == "selection":
        assert found == json.loads(audited.decision.selection_result)
    elif kind == "budget":
        assert found["aid"] == audited.made.dossier("A").aid
    else:
        assert {one["result"] for one in found} <= {"yes", "no", "na", "unknown"}


def test_the_authority_reads_no_name_and_no_word_of_a_sheet(audited: Audited, ask: Ask) -> None:
    where, flin = (audited.decision.pk, line_of(audited, "A").pk), audited.made.flin
    for person, named in ((flin.secretary, True), (flin.manager, True), (flin.authority, False)):
        text = ask(person, "why", *where, query="?recalculer=1")
        case = ask(person, "why_case", *where, "scoring")
        assert ("Aubert Premier" in text) is named
        assert ("Parce que C1." in text) is named
        assert ("user:" in case) is named
        assert "tout est identique" in text
        assert cores.answer("review.scoring", case.encode())["score"]["exact"] == line_of(audited, "A").score


def test_why_is_for_those_who_know_the_decision(audited: Audited, ask: Ask) -> None:
    flin, where = audited.made.flin, (audited.decision.pk, line_of(audited, "A").pk)
    assert audited.made.house is not None
    outside = [flin.analyst, flin.second_analyst, audited.made.house.chair, audited.made.house.reviewers[0]]
    for person in [*outside, audited.made.signatories["A"], audited.shut]:
        assert ask(person, "why", *where) == "404"
        assert ask(person, "why_case", *where, "selection") == "404"
    assert ask(audited.auditor, "why_case", *where, "autre") == "404"


# --- statements ----------------------------------------------------------------------------------------------
def count(audited: Audited, name: str, *args: Any, query: str = "") -> int:
    client = Client()
    client.force_login(audited.auditor)
    url = reverse(name, args=args) + query
    client.get(url)
    with CaptureQueriesContext(connection) as made:
        assert client.get(url).status_code == 200
    asked = [one["sql"] for one in made.captured_queries if not one["sql"].startswith(CONTROL)]
    return len(asked)


def test_statements(audited: Audited) -> None:
    code, first = audited.call.code, audited.made.dossiers["A"]
    then = day_of(audited, "over")
    assert count(audited, "audit") <= 10
    assert count(audited, "audit_call", code) <= 15
    assert count(audited, "audit_call", code, query=then) <= 15
    assert count(audited, "audit_dossiers", code, query=then) <= 10
    few, many = "?etat=rejected", "?etat=rejected&etat=accepted"
    assert count(audited, "audit_dossiers", code, query=few) == count(
        audited, "audit_dossiers", code, query=many
    )
    assert count(audited, "audit_dossier", code, first.pk, query=then) <= 15
    assert count(audited, "why", audited.decision.pk, line_of(audited, "A").pk) <= 15
