"""The reference call: its files load and publish, say everything that it must say, and judge every case."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from applications import awaiting, blockers, budget, eligibility, facts, fields, filing, snapshots, verifying
from applications.actions.answers import save_answer
from applications.actions.drafts import start_dossier
from applications.actions.files import add_file
from applications.models import Dossier
from grants import editions
from grants import facts as declared
from grants.actions.calls import Options, check_source, edition_body, load_call, loader
from grants.models import Call
from grants.reading import folder, read_source
from notifications.seeding import corpus, forms
from review import scoring, selection
from tests import cores, factories
from tests.applications.filled import file_now, pdf
from tests.fixtures_calls import CALL_STAFF, STAFF
from web.clock import EASTERN
from workflows import schema
from workflows.engine import EngineError, Refused, fire

HERE = Path(__file__).parent
SOURCE = read_source(folder("ti"))
BODY = edition_body(SOURCE)
QUESTIONS = {one["code"]: one for one in editions.questions(BODY)}
TYPES = declared.declared(QUESTIONS.values())
RULES = {one["id"]: one for one in BODY["rules"]}
CASES = [
    (path.stem, one)
    for path in sorted((HERE / "cases").glob("*.json"))
    for one in json.loads(path.read_text(encoding="utf-8"))
]
PREFILLED = {one["code"] for one in QUESTIONS.values() if one.get("prefill")}
CLOSES = datetime(2026, 3, 27, 16, 30, tzinfo=EASTERN)

# Every field of the reference form, section by section: question, or question and column.
FIELDS = {
    "demandeur": "applicant applicant_type applicant_address applicant_population applicant_language "
    "contact_name contact_function contact_email contact_phone signatory_name signatory_function",
    "partenaires": "partners partners_agreement",
    "maturite": "maturity",
    "defi": "challenge need people users",
    "projet": "title summary solution themes local_strategy innovation place territory.municipality",
    "resultats": "indicators results",
    "donnees": "personal_data privacy_state privacy_date data_inventory hosting open_data security "
    "ai_used ai_purpose ai_control ai_transparency",
    "inclusion": "accessibility inclusion access_places footprint",
    "realisation": "governance team start end schedule.starts schedule.ends procurement risks training.who "
    "training.path training.date",
    "budget": "budget requested federal_money federal_decree operating_cost",
    "pieces": "resolution_number resolution_date resolution_kind resolution price_evidence support_letters "
    "privacy_summary plan other_files",
    "declarations": "declare_truth declare_french declare_not_begun declare_no_default declare_rena "
    "declare_publication",
}
LIMITS = {
    "challenge": ("max_chars", 300),
    "users": ("max_chars", 5000),
    "title": ("max_chars", 120),
    "summary": ("max_chars", 1000),
    "solution": ("max_chars", 8000),
    "themes": ("max_choices", 2),
    "risks": ("min_rows", 3),
    "operating_cost": ("min_rows", 3),
    "resolution": ("max_mb", 20),
}


def words(data: Any, path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every text that is written for people, with the place where it stands."""
    if isinstance(data, dict):
        if "fr" in data or "en" in data:
            yield path, data
        else:
            for key, value in data.items():
                yield from words(value, f"{path}/{key}")
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from words(value, f"{path}/{place}")


# --- files ------------------------------------------------------------------------------------------------
def test_its_files_have_no_fault() -> None:
    assert check_source(SOURCE) == []


def test_every_text_is_in_both_languages_with_its_typography() -> None:
    found = list(words({key: value for key, value in SOURCE.items() if key != "letters"}))
    assert len(found) > 400
    for path, text in found:
        assert text["fr"].strip(), path
        assert text["en"].strip(), path
    french = [(path, text["fr"]) for path, text in found]
    french += [
        (one["kind"], text)
        for one in SOURCE["letters"]
        for block in one["body"]
        for text in (block.get("p") or block.get("h") or "", *block.get("list", ()))
    ]
    for path, text in french:
        assert "'" not in text, path
        assert not re.search(r" [:%$»]|« |\d \d{3}\b|\s[;?!]", text), f"{path}: {text}"


def test_every_field_of_the_reference_form_is_asked() -> None:
    assert [one["code"] for one in editions.sections(BODY)] == list(FIELDS)
    for section, names in FIELDS.items():
        asked = {
            one["code"]: one
            for part in editions.sections(BODY)
            if part["code"] == section
            for one in part["questions"]
        }
        for name in names.split():
            code, _, column = name.partition(".")
            assert code in asked, f"{section}: {code}"
            assert not column or column in {one["code"] for one in asked[code]["columns"]}, name
    for code, (key, value) in LIMITS.items():
        assert QUESTIONS[code][key] == value, code
    assert len(QUESTIONS["themes"]["choices"]) == 6
    targets = QUESTIONS["indicators"]
    assert (targets["min_targets"], targets["max_targets"], targets["min_pledges"]) == (1, 3, 2)
    asked_of_all = [one["label"]["fr"] for one in BODY["targets"]["indicators"] if one.get("required")]
    assert asked_of_all == ["Citoyennes et citoyens bénéficiaires"]
    assert [len(one["statements"]) for one in BODY["maturity"]["dimensions"]] == [4] * 6


def test_the_norms_hold_every_article_that_is_cited() -> None:
    for lang in ("fr", "en"):
        text = "\n".join(one["body"][lang] for one in SOURCE["norms"])
        held = set(re.findall(r"^\*\*(\d+\.\d+) ", text, re.MULTILINE))
        assert {one["article"] for one in BODY["rules"]} <= held
        written = json.dumps([SOURCE["letters"], SOURCE["faq"], SOURCE["form"]], ensure_ascii=False)
        cited = set(re.findall(r"article[\s\u00a0](\d+\.\d+)", written)) - {"63.5", "70.1"}
        assert len(cited) > 5
        assert cited <= held


# --- money, dates, grid -----------------------------------------------------------------------------------
def test_envelopes_limits_and_reserves() -> None:
    volets = {one["code"]: one for one in SOURCE["call"]["volets"]}
    shown = {
        code: (
            one["envelope"],
            {part["name"]: part["amount"] for part in one["reserves"]},
            (one["aid_min"], one["aid_max"], one["months"], one["sheets_required"]),
        )
        for code, one in volets.items()
    }
    assert shown == {
        "V1": (2_000_000, {"small": 600_000}, (10_000, 75_000, 12, 2)),
        "V2": (11_000_000, {"north": 600_000, "small": 3_300_000}, (50_000, 500_000, 24, 3)),
        "V3": (7_000_000, {"north": 400_000, "small": 2_100_000}, (100_000, 1_500_000, 30, 3)),
    }
    assert sum(one["envelope"] for one in volets.values()) == 20_000_000
    assert [part["name"] for part in volets["V2"]["reserves"]] == ["north", "small"]
    assert BODY["limits"] == {
        "leads": 2,
        "leads_per_volet": 1,
        "partners": 3,
        "drafts": 4,
        "end_days": 1010,
        "region_share": "0.20",
    }
    assert BODY["committee"] == {"quorum": 3, "odd": True}
    assert [(one["up_to"], one["needs_reference"]) for one in BODY["approval_bands"]] == [
        (50_000, False),
        (999_999, True),
        (None, True),
    ]


@pytest.mark.parametrize(
    ("known", "tags"),
    [
        ({"population": 5000, "lead_kind": "municipality", "region": "12"}, ["small"]),
        ({"population": 5001, "lead_kind": "municipality", "region": "12"}, []),
        ({"lead_kind": "municipality", "region": "12", "designation": "05"}, []),
        ({"population": 4000, "lead_kind": "mrc", "region": "12"}, []),
        ({"lead_kind": "municipality", "region": "10", "designation": "07"}, ["north"]),
        (
            {"population": 900, "lead_kind": "council", "region": "08", "designation": "20"},
            ["north", "small"],
        ),
    ],
)
def test_small_and_north(known: dict[str, Any], tags: list[str]) -> None:
    assert facts.tags_of(BODY, known) == tags


def test_the_grid_weighs_a_hundred_and_ties_every_criterion_to_questions() -> None:
    grid = {one["id"]: one for one in BODY["grid"]["criteria"]}
    assert {code: (one["weight"], one["threshold"]) for code, one in grid.items()} == {
        "C1": (20, "50"),
        "C2": (20, "60"),
        "C3": (20, "50"),
        "C4": (15, "60"),
        "C5": (10, None),
        "C6": (10, None),
        "C7": (5, None),
    }
    assert all(len(one["anchors"]) == 6 and one["questions"] for one in grid.values())
    assert BODY["grid"]["comment_required"] == {"below": "3", "at": "5"}
    assert BODY["grid"]["divergence"] == {"criterion": "1.5", "total": "20"}


# --- cases ------------------------------------------------------------------------------------------------
def test_each_rule_has_a_yes_a_no_and_an_unknown() -> None:
    results: dict[str, set[str]] = {}
    for rule, one in CASES:
        results.setdefault(rule, set()).add(one["result"])
    assert list(results) == [f"E{n:02d}" for n in range(1, 15)] == list(RULES)
    assert all({"yes", "no", "unknown"} <= found for found in results.values())


@pytest.mark.parametrize(("rule", "case"), CASES, ids=[f"{rule}: {one['says']}" for rule, one in CASES])
def test_a_rule_judges_its_case(rule: str, case: dict[str, Any]) -> None:
    assert set(case["facts"]) <= set(TYPES)
    verdict = eligibility.judge({"rules": [RULES[rule]], "facts": case["facts"]})[0]
    assert verdict["result"] == case["result"]
    assert verdict["missing"] == case.get("missing", [])
    if case["result"] == "no":
        assert isinstance(verdict["cause"], dict)
        assert set(verdict["cause"]) == {"fr", "en"}


def test_consequences_and_rules_confirmed_by_hand() -> None:
    assert {code for code, one in RULES.items() if one["manual"]} == {"E04", "E08", "E10", "E13"}
    assert {
        code: one["consequence"] for code, one in RULES.items() if one["consequence"] != "ineligible"
    } == {"E12": "condition"}


@pytest.mark.parametrize(("name", "volet"), [("B1", "V2"), ("B2", "V2"), ("B3", "V3")])
def test_worked_budgets_come_out_of_its_own_rules(name: str, volet: str) -> None:
    given = cores.case(name)
    strand = editions.strand(BODY, volet)
    mine = {
        **editions.budget_rules(BODY),
        "aid": {"min": strand["aid_min"], "max": strand["aid_max"]},
        **{key: given[key] for key in ("bodies", "costs", "funding", "requested")},
    }
    found = budget.compute(mine)
    codes = [one["code"] for one in found["reductions"]]  # type: ignore[attr-defined]
    assert (found["aid"], codes) == {
        "B1": (115_000, ["CUMUL"]),
        "B2": (120_000, ["ADMIN10"]),
        "B3": (262_000, []),
    }[name]


def test_the_worked_score_comes_out_of_its_own_grid() -> None:
    given = cores.case("S1")
    mine = {**editions.scoring_case(BODY, 3), "sheets": given["sheets"], "consensus": {}}
    found: Any = scoring.score(mine)
    assert mine == given
    assert (found["score"]["rounded"], found["passes"]) == ("71.33", True)
    assert {code: one["rounded"] for code, one in found["totals"].items()} == {
        "R1": "71.00",
        "R2": "73.00",
        "R3": "70.00",
    }


def test_the_worked_selection_comes_out_of_its_own_rules() -> None:
    given = cores.case("T1")
    keys = ("partial_min", "aid_min", "ties")
    mine = {**given, **{key: BODY[key] for key in keys}}
    found: Any = selection.select(mine)
    assert mine == given
    assert {one["id"]: one["amount"] for one in found["offers"]} == {
        "D1": 250_000,
        "D2": 175_000,
        "D4": 115_000,
        "D5": 60_000,
    }
    assert (found["waiting"], found["not_recommended"], found["spent"]) == (["D3"], ["D6"], 600_000)


# --- process ----------------------------------------------------------------------------------------------
def test_its_process_countersigns_refusals_by_the_manager() -> None:
    from workflows.actions import ready_made

    process = schema.parse(ready_made(SOURCE["call"]["process"]))
    stages = {code: (one.kind.code, one.actor) for code, one in process.stages.items()}
    assert stages["contreseing"] == ("countersign", "manager")
    assert process.stage("contreseing").other_than == ("completude", "admissibilite")
    delay = process.stage("completude").delay
    assert delay is not None
    assert (delay.days, delay.working, process.stage("completude").may_ask) == (15, False, True)
    ends = {one.letter for stage in process.stages.values() for one in stage.outcomes if one.end}
    assert ends == {"L3", "L4", "L5", "L6", "L7"}
    refusing = {
        code for code, stage in process.stages.items() for one in stage.outcomes if one.end == "rejected"
    }
    assert refusing == {"contreseing", "decision"}


# --- in the database --------------------------------------------------------------------------------------
@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: Any) -> None:
    kept = settings.STORAGES["default"]
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**kept, "OPTIONS": {**kept["OPTIONS"], "location": str(tmp_path)}},
    }


@pytest.fixture(scope="module")
def _moment() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 3, 3, 10, 0, tzinfo=EASTERN), tick=False):
        yield


@pytest.fixture
def call(db: None, _moment: None) -> Call:
    made = load_call(SOURCE, options=Options(code="TI-2026", closes=CLOSES)).call
    for role in (*STAFF, *CALL_STAFF):
        factories.make_staff(role, made.programme if role in STAFF else made)
    fire(made, "publish", actor=loader(), past=True)
    made.refresh_from_db()
    return made


def test_it_publishes_with_the_dates_of_the_reference(call: Call) -> None:
    def at(*parts: int) -> datetime:
        return datetime(*parts, tzinfo=EASTERN)  # type: ignore[misc,arg-type]

    assert call.state == "published"
    assert call.fictional
    assert call.opens_at == at(2026, 1, 19, 8, 30)
    assert call.questions_until == at(2026, 3, 6, 16, 30)
    assert call.closes_at == CLOSES
    assert call.eligibility_until == date(2026, 4, 30)
    assert call.review_until == at(2026, 5, 22, 16, 30)
    assert call.panel_on == date(2026, 6, 2)
    assert call.decision_on == date(2026, 6, 19)
    assert call.letters_at == at(2026, 6, 26, 8, 30)
    assert call.publish_at == at(2026, 7, 7, 10, 0)
    assert (call.confirm_days, call.reconsideration_days) == (15, 30)
    assert call.edition is not None
    assert call.edition.content["delays"]["convention_days"] == 60
    assert {one.kind for one in call.letter_texts.all()} >= {
        "L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L12"
    }  # fmt: skip
    last = call.closes_at.astimezone(EASTERN).date() + timedelta(days=BODY["limits"]["end_days"])
    assert last == date(2028, 12, 31)


def test_one_filing_a_volet_and_two_in_all_as_lead(call: Call) -> None:
    town = factories.make_org("31056")
    person = factories.make_user()
    factories.make_member(person, town, "signatory")

    def draft(code: str) -> Dossier:
        volet = call.volets.get(code=code)
        return start_dossier(call, town, actor=person, volet=volet, another=True)[0]

    first, same, other = draft("V2"), draft("V2"), draft("V1")
    fill(first, person, "P001")
    filed = file_now(first, person, key="first")
    assert (filed.dossier.number, filed.dossier.state) == ("TI-2026-0001", "in_progress")
    assert "dans ce volet" in " ".join(str(one.sentence) for one in blockers.of(again(same)))
    with pytest.raises(Refused, match="dans ce volet"):
        file_now(same, person, key="same")
    fill(other, person, "P003")
    file_now(other, person, key="other")
    with pytest.raises(Refused, match="dans cet appel"):
        draft("V3")


def test_a_filing_is_judged_and_a_refusal_is_countersigned_by_the_manager(call: Call) -> None:
    town = factories.make_org("31056")
    person = factories.make_user()
    factories.make_member(person, town, "signatory")
    dossier, _is_new = start_dossier(call, town, actor=person, volet=call.volets.get(code="V2"))
    fill(dossier, person, "P001")
    shown, row = snapshots.shown(again(dossier)), again(dossier)
    with CaptureQueriesContext(connection) as counted:
        filing.submit(
            row, actor=person, digest=shown.digest, submit_key="k", received_at=datetime.now(tz=EASTERN)
        )
    told = [one["sql"] for one in counted.captured_queries if "SAVEPOINT" not in one["sql"]]
    assert len(told) <= 15, "\n".join(sql[:110] for sql in told)
    staff = {
        role: factories.make_staff(
            role, call.programme if role in STAFF else call, email=f"{role}@ti.example"
        )
        for role in (*STAFF, *CALL_STAFF)
    }
    with time_machine.travel(CLOSES + timedelta(days=3), tick=False):
        row = again(dossier)
        fire(row, "advance", actor=staff["analyst"], outcome="complet")
        snapshot = again(dossier).snapshot
        assert snapshot is not None
        proposed = dict(snapshot.findings.values_list("rule", "proposed"))
        assert proposed["E03"] == proposed["E09"] == proposed["E05"] == proposed["E07"] == "yes"
        assert (proposed["E12"], proposed["E14"]) == ("na", "na")
        for one in snapshot.findings.all():
            verifying.confirm(
                one, "no" if one.rule == "E08" else "yes", actor=staff["analyst"], note="Vu au registre."
            )
        with pytest.raises(Refused, match="E08"):
            fire(again(dossier), "advance", actor=staff["analyst"], outcome="admissible")
        fire(again(dossier), "advance", actor=staff["analyst"], outcome="inadmissible")
        mine = [one.url for one in awaiting.todos(staff["manager"]) if one.rank == 20]
        assert mine == [reverse("countersign", args=[dossier.pk])]
        assert not [one for one in awaiting.todos(staff["second_analyst"]) if one.rank == 20]
        with pytest.raises(EngineError):
            fire(again(dossier), "reject", actor=staff["second_analyst"], outcome="confirme")
        fire(again(dossier), "reject", actor=staff["manager"], outcome="confirme")
    assert again(dossier).state == "rejected"


def test_a_joint_project_of_three_is_filed_once_each_body_has_confirmed(call: Call) -> None:
    from applications.actions import partners

    person = factories.make_user()
    factories.make_member(person, factories.make_org("31056"), "signatory")
    volet = call.volets.get(code="V3")
    dossier, _is_new = start_dossier(call, factories.make_org("31056"), actor=person, volet=volet)
    fill(dossier, person, "P002", joint=True)
    stuck = " ".join(str(one.sentence) for one in blockers.of(again(dossier)))
    assert "au moins 3 organismes" in stuck
    for place, code in enumerate(("31045", "10070")):
        town, signatory = factories.make_org(code), factories.make_user()
        factories.make_member(signatory, town, "signatory")
        body = partners.add(dossier, town, part="Essais", share=60_000 + place, actor=person)
        day = date(2026, 3, 2)
        partners.confirm(body, number=f"2026-03-{place}", day=day, kind="final", actor=signatory)
    assert blockers.of(again(dossier)) == []
    file_now(again(dossier), person, key="joint")
    snapshot = again(dossier).snapshot
    assert snapshot is not None
    found = {
        one["id"]: one["result"]
        for one in eligibility.judge({"rules": BODY["rules"], "facts": facts.judged(snapshot)})
    }
    assert (found["E02"], found["E04"], found["E14"]) == ("yes", "yes", "yes")
    known = facts.judged(snapshot)
    assert (known["entries_as_lead"], known["entries_as_partner"]) == (1, 1)


def fill(dossier: Dossier, person: Any, project: str, *, joint: bool = False) -> None:
    """Every answer in the words of a project of the corpus, and a PDF where a file is required."""
    told = corpus.Project({**corpus.projects()[project].data, "lead": "31056"})
    answers = forms.answers(told, BODY, dossier.volet.code, CLOSES.date())
    for code, value in answers.items():
        save_answer(dossier, code, value, actor=person, seen_version=1 if code in PREFILLED else 0)
    made = snapshots.material(again(dossier))
    for one in made.questions:
        if one.type == "file" and fields.is_required(one, made.facts):
            add_file(dossier, one.code, pdf(f"{one.code}.pdf"), actor=person)
    if not joint:
        assert [str(one.sentence) for one in blockers.of(again(dossier))] == []


def again(dossier: Dossier) -> Dossier:
    """The dossier read anew."""
    return Dossier.objects.get(pk=dossier.pk)


@pytest.mark.parametrize("lang", ["fr-ca", "en"])
def test_its_pages_open_in_both_languages(call: Call, client: Client, lang: str) -> None:
    person = factories.make_user()
    factories.make_member(person, factories.make_org("31056"), "signatory")
    dossier, _is_new = start_dossier(
        call, factories.make_org("31056"), actor=person, volet=call.volets.get(code="V3")
    )
    with translation.override(lang):
        public = [reverse(name, args=[call.code]) for name in ("call", "call_form")]
        mine = [reverse("section", args=[dossier.pk, one["code"]]) for one in editions.sections(BODY)]
        mine += [reverse(name, args=[dossier.pk]) for name in ("check", "dossier_print")]
    for address in public:
        assert client.get(address).status_code == 200, address
    client.force_login(person)
    for address in mine:
        assert client.get(address).status_code == 200, address


def test_a_draft_begins_with_what_the_directory_says(call: Call) -> None:
    town = factories.make_org("31056")
    person = factories.make_user()
    factories.make_member(person, town, "signatory")
    dossier, _is_new = start_dossier(call, town, actor=person, volet=call.volets.get(code="V1"))
    answers = dict(dossier.answers.values_list("question", "value"))
    assert answers["applicant"]["mrc"] == "Les Appalaches"
    assert answers["applicant_population"] == 3198
    assert answers["place"] == "Adstock"
    known = facts.facts_of(dossier, answers)
    assert known["latest_end"] == "2028-12-31"
    assert facts.tags_of(BODY, known) == ["small"]
