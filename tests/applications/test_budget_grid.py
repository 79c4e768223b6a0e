"""The budget grid of a call that asks for years, taxes, organisms and levels: read, summed, explained on the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts import places
from accounts.models import User
from applications import budget, budget_rows, explaining, facts, fields
from applications.actions import partners
from applications.actions.answers import save_answer
from applications.actions.drafts import start_dossier
from applications.models import Dossier
from applications.typed import BadAnswer
from grants.actions.calls import Options, edition_body, load_call, loader
from grants.models import Call
from grants.reading import folder, read_source
from tests import factories
from tests.applications.filled import signatory_of
from tests.fixtures_calls import CALL_STAFF, STAFF
from web.clock import EASTERN
from workflows.engine import fire

SOURCE = read_source(folder("ti"))
QUESTION = next(one for one in fields.questions(edition_body(SOURCE)) if one.type == "budget")
PLAIN = next(
    one for one in fields.questions(edition_body(read_source(folder("flin")))) if one.type == "budget"
)
NOW = datetime(2026, 3, 3, 10, 0, tzinfo=EASTERN)
SMALL, MIDDLE, LARGE = "31056", "10043", "14050"


def cost(category: str, amount: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": f"l{amount}{category}",
        "category": category,
        "description": "Achat",
        "amount": amount,
        **more,
    }


def money(kind: str, amount: int, **more: Any) -> dict[str, Any]:
    return {"id": f"f{amount}{kind}", "source": "Programme", "kind": kind, "amount": amount, **more}


# --- rows -------------------------------------------------------------------------------------------------
def test_a_cost_without_the_new_columns_is_of_the_first_year_of_the_lead_and_wholly_asked() -> None:
    kept = fields.clean(QUESTION, {"lines": [cost("fees", "1 200")], "funding": [money("grant", 5)]})
    line, source = kept["lines"][0], kept["funding"][0]
    assert (line["year"], line["tax"], line["partner"], line["asked"]) == (1, None, "", None)
    assert budget_rows.cost(line) == 1200
    assert (source["level"], source["public"], source["confirmed"]) == ("", False, False)


def test_a_public_level_makes_the_money_public_own_money_never_is() -> None:
    rows = [
        money("grant", 1, level="federal"),
        money("own", 2, level="municipal"),
        money("grant", 3, public=True),
    ]
    kept = fields.clean(QUESTION, {"lines": [], "funding": rows})["funding"]
    assert [one["public"] for one in kept] == [True, False, True]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (cost("fees", 100, tax="quinze"), "Dépense 1"),
        (cost("fees", 100, year=4), "choisissez l’année, de 1 à 3"),
        (cost("fees", 100, tax=15, asked=116), "dépasse la dépense (115"),
        (cost("fees", 100, partner="n’importe quoi"), "choisissez l’organisme"),
        (cost("fees", ""), "inscrivez le montant"),
    ],
)
def test_a_cost_that_cannot_be_is_refused_and_kept_as_typed(row: dict[str, Any], said: str) -> None:
    with pytest.raises(BadAnswer, match=said.replace("(", r"\(")):
        fields.clean(QUESTION, {"lines": [row], "funding": []})
    kept, why = fields.keep(QUESTION, {"lines": [row], "funding": []})
    assert said in why
    for name in ("tax", "asked", "partner"):
        assert kept["lines"][0][name] == row.get(name, kept["lines"][0][name])


def test_a_call_that_asks_for_nothing_more_keeps_nothing_more() -> None:
    kept = fields.clean(PLAIN, {"lines": [cost("fees", 9, tax=2, year=2)], "funding": [money("grant", 1)]})
    assert set(kept["lines"][0]) == {"id", "category", "description", "amount"}
    assert set(kept["funding"][0]) == {"id", "source", "kind", "public", "amount"}


CELL = (
    st.none()
    | st.booleans()
    | st.integers(-5, 10**13)
    | st.text(max_size=8)
    | st.sampled_from(["qc:31056", "2"])
)
ROW = st.dictionaries(
    st.sampled_from(["id", *budget_rows.grid_of(QUESTION).lines, *budget_rows.grid_of(QUESTION).funding]),
    CELL,
)


@given(st.fixed_dictionaries({"lines": st.lists(ROW, max_size=3), "funding": st.lists(ROW, max_size=3)}))
def test_whatever_is_typed_in_the_grid_is_kept_and_stays(raw: dict[str, Any]) -> None:
    value, _said = fields.keep(QUESTION, raw)
    assert fields.keep(QUESTION, value)[0] == value


def test_in_words_the_sum_of_a_cost_comes_last(db: None) -> None:
    places.forget()
    value = {"lines": [cost("fees", 100, tax=15, year=2, partner="qc:99999")], "funding": []}
    shown = fields.display(QUESTION, value)
    assert [head for head, _is_sum in shown["lines"].heads][-1] == "Coût"
    assert shown["lines"].rows[0][2] == "2"
    assert "99999" in shown["lines"].rows[0]
    assert shown["lines"].rows[0][-1] == shown["total"] == "115\u00a0$"
    plain = fields.display(QUESTION, {"lines": [cost("fees", 100)], "funding": []})["lines"]
    assert [head for head, _is_sum in plain.heads] == ["Catégorie", "Description", "Année", "Montant"]


# --- the core ---------------------------------------------------------------------------------------------
def test_only_what_is_asked_of_a_cost_is_kept() -> None:
    case = {
        **{
            key: SOURCE["budget"][key] for key in ("rates", "default_rate", "joint", "admin_cap", "cumul_cap")
        },
        "public_weight": SOURCE["budget"]["public_weight"],
        "aid": {"min": 0, "max": 10**6},
        "bodies": [{"code": "a", "population": 500, "share": 1, "members": []}],
        "costs": [{"id": "a", "amount": 1000, "asked": 400, "eligible": True, "administration": False}],
        "funding": [],
        "requested": None,
    }
    assert budget.compute(case)["kept"] == 400
    case["costs"][0]["asked"] = 1001
    with pytest.raises(budget.BadInput, match="more than its amount"):
        budget.compute(case)


# --- the page ---------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def _moment() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def call(db: None, _moment: None) -> Call:
    made = load_call(SOURCE, options=Options(code="TI-2026", closes=NOW + timedelta(days=24))).call
    for role in (*STAFF, *CALL_STAFF):
        factories.make_staff(role, made.programme if role in STAFF else made)
    fire(made, "publish", actor=loader(), past=True)
    made.refresh_from_db()
    places.forget()
    return made


def begun(call: Call, volet: str, code: str = SMALL, **changed: Any) -> tuple[Dossier, User]:
    organisation = factories.make_org(code)
    type(organisation).objects.filter(pk=organisation.pk).update(**changed)
    organisation.refresh_from_db()
    signatory = signatory_of(organisation)
    return start_dossier(call, organisation, actor=signatory, volet=call.volets.get(code=volet))[0], signatory


def read(dossier: Dossier, signatory: User) -> str:
    client = Client()
    client.force_login(signatory)
    answer = client.get(f"/dossiers/{dossier.pk}/sections/budget/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def test_case_b1_is_explained_while_it_is_typed(call: Call) -> None:
    dossier, signatory = begun(call, "V2")
    rows = {
        "lines": [cost("equipment", 130_000, tax=8_000, year=1), cost("training", 12_000, year=2)],
        "funding": [money("grant", 20_000, level="federal")],
    }
    save_answer(dossier, "budget", rows, actor=signatory)
    page = read(dossier, signatory)
    for words in ("115 000 $", "Règle CUMUL : au plus 90 % de 150 000 $", "−", "5 000 $", "3 198 habitants"):
        assert words in page, words
    assert 'data-label="Coûts">138 000 $</td>' in page  # costs of the first year
    assert "Ligne par ligne" not in page  # every line is kept whole


def test_case_b2_says_which_line_is_cut_and_who_pays_it(call: Call) -> None:
    dossier, signatory = begun(call, "V2")
    rows = {
        "lines": [cost("equipment", 135_000), cost("administration", 18_000), cost("land", 1_000)],
        "funding": [],
    }
    save_answer(dossier, "budget", rows, actor=signatory)
    page = read(dossier, signatory)
    assert "120 000 $" in page
    assert "Ligne par ligne" in page
    assert "ADMIN10 : l’administration s’arrête à 10 % des coûts retenus" in page
    assert 'data-label="Inscrit">18 000 $</td>' in page
    assert 'data-label="Retenu">15 000 $</td>' in page
    assert "Catégorie non admissible" in page
    computed = facts.budget_of(dossier, {"budget": rows})
    told = explaining.explain(computed, dossier, rows)
    assert told["own"] == 154_000 - 120_000  # what is refused is the town's too
    assert sum(one.kept for one in told["lines"]) == told["kept"] == 150_000


def test_case_b3_names_each_body_with_its_rate_and_its_share(call: Call) -> None:
    dossier, signatory = begun(call, "V3", SMALL, population=480)
    for code, people, share in ((MIDDLE, 2_100, 100_000), (LARGE, 7_900, 140_000)):
        other = factories.make_org(code)
        type(other).objects.filter(pk=other.pk).update(population=people)
        other.refresh_from_db()
        partners.add(dossier, other, part="Relevés", share=share, actor=signatory)
    dossier = Dossier.objects.get(pk=dossier.pk)
    key = f"qc:{MIDDLE}"
    rows = {
        "lines": [cost("equipment", 200_000), cost("fees", 90_000, tax=10_000, partner=key)],
        "funding": [],
    }
    save_answer(dossier, "budget", rows, actor=signatory)
    page = read(dossier, signatory)
    for words in ("262 000 $", "87,33 %", "480 habitants, 90 % de 60 000 $", "plus 10 points, au plus 90 %"):
        assert words in page, words
    assert "Coûts par organisme" in page
    assert f'<option value="{key}" selected>' in page
    by_body = explaining.explain(facts.budget_of(dossier, {"budget": rows}), dossier, rows)["parts"][-1][1]
    own, others = ("200\u00a0000\u00a0$", "60\u00a0000\u00a0$"), ("100\u00a0000\u00a0$",) * 2
    assert [row[1:] for row in by_body.rows][:2] == [own, others]


def test_the_page_costs_the_same_for_one_line_and_for_thirty(call: Call) -> None:
    dossier, signatory = begun(call, "V2")
    counts = []
    for lines in (1, 30):
        rows = {"lines": [cost("fees", 1000 + n, partner="") for n in range(lines)], "funding": []}
        save_answer(dossier, "budget", rows, actor=signatory)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            read(dossier, signatory)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_without_script_a_line_is_kept_with_every_column(call: Call) -> None:
    dossier, signatory = begun(call, "V2")
    client = Client()
    client.force_login(signatory)
    line = {
        "category": "fees",
        "description": "Plan",
        "year": "2",
        "amount": "1 000",
        "tax": "50",
        "asked": "900",
    }
    source = {"source": "MAMH", "kind": "grant", "level": "provincial", "confirmed": "1", "amount": "300"}
    sent = {
        "budget.lines": "l1",
        "budget.funding": "f1",
        **{f"budget.lines.l1.{name}": value for name, value in line.items()},
        **{f"budget.funding.f1.{name}": value for name, value in source.items()},
        "seen-budget": "0",
    }
    answer = client.post(f"/dossiers/{dossier.pk}/sections/budget/", sent)
    assert answer.status_code in (302, 303), answer.content[:300]
    kept = dossier.answers.get(question="budget").value
    assert kept["lines"][0] | {"id": "l1"} == {
        "id": "l1", "category": "fees", "description": "Plan", "year": 2, "amount": 1000, "tax": 50,
        "partner": "", "asked": 900,
    }  # fmt: skip
    assert kept["funding"][0]["level"] == "provincial"
    assert kept["funding"][0]["confirmed"] is True
