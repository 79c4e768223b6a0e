"""What an analyst keeps of each cost: the core, the page, refusals that lose nothing, the event, its readers."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from applications import budget, keeping, kept, verifying
from applications.kept import Line
from applications.models import Dossier
from applications.views import keeping as views
from audit import cases, standing, verify
from notifications import slots
from notifications.letters import document as model
from notifications.values import NAMES, Subject
from review.facts import selection_entry
from tests import cores
from tests.applications.checked import closed, confirm_all, filed, judged, signed_in
from tests.fixtures_calls import Flin
from workflows.casefile import BadInput
from workflows.engine import NotAllowed, Refused, fire
from workflows.models import Event

__all__ = ["closed", "filed", "judged"]

WHY = "Le devis du fournisseur est de 20 000 $."


def at(dossier: Dossier, path: str = "") -> str:
    return f"/dossiers/{dossier.pk}/admissibilite/{path}"


def sent(**changes: str) -> dict[str, str]:
    """The form as it is shown, with changes."""
    shown = {"version": "1", "kept.l1": "30000", "kept.l2": "10000", "why.l1": "", "why.l2": ""}
    return {**shown, "reason": "", "amount": "", **{key.replace("__", "."): v for key, v in changes.items()}}


def last_event(dossier: Dossier) -> Event:
    return Event.objects.filter(verb=keeping.VERB, subject_id=dossier.pk).latest("id")


# --- the core ---------------------------------------------------------------------------------------------
B = [cores.case(name) for name in ("B1", "B2", "B3")]  # type: ignore[no-untyped-call]


@st.composite
def drawn_cases(draw: Any) -> tuple[dict[str, Any], list[Line], list[Line]]:
    """A case with lines kept, and the same with less or as much of each."""
    given_ = draw(st.sampled_from(B))
    sums = st.integers(0, 90_000)
    costs = []
    for n in range(draw(st.integers(1, 6))):
        amount = draw(sums)
        one = {"id": f"l{n}", "amount": amount, "eligible": draw(st.booleans())}
        one["administration"] = draw(st.booleans())
        if draw(st.booleans()):
            one["asked"] = draw(st.integers(0, amount))
        costs.append(one)
    case = {**given_, "costs": costs, "requested": draw(st.none() | sums)}
    first = [Line(o.id, o.asked, draw(st.integers(0, o.asked)), "other") for o in kept.whole(case)]
    return case, first, [Line(o.id, o.asked, draw(st.integers(0, o.kept)), "other") for o in first]


@given(drawn_cases())
@settings(max_examples=150, deadline=None)
def test_all_asked_gives_the_same_aid_and_less_never_gives_more(
    drawn: tuple[dict[str, Any], list[Line], list[Line]],
) -> None:
    case, some, less = drawn
    filed_: Any = budget.compute(case)
    assert kept.compute(case, kept.whole(case)) == {"input": case, "result": filed_}
    assert kept.compute(case, []) == {"input": case, "result": filed_}
    higher, lower = kept.compute(case, some)["result"], kept.compute(case, less)["result"]
    assert filed_["aid"] >= higher["aid"] >= lower["aid"]
    assert filed_["kept"] >= higher["kept"] >= lower["kept"]
    assert higher["rate"] == filed_["rate"]


@pytest.mark.parametrize("line", [Line("l9", 1, 0), Line("eligible", 1, -1), Line("eligible", 5, 9)])
def test_a_line_that_is_not_there_or_too_high_is_bad_input(line: Line) -> None:
    one = {"id": "eligible", "amount": 5, "eligible": True, "administration": False}
    with pytest.raises(BadInput):
        kept.cut({**B[0], "costs": [one]}, [line])


# --- the page ---------------------------------------------------------------------------------------------
def test_one_click_confirms_what_was_computed(judged: Dossier, flin: Flin) -> None:
    client = signed_in(flin.analyst)
    page = client.get(at(judged)).content.decode()
    assert "Confirmer l’aide calculée, 32\u00a0000\u00a0$" in page
    assert "Financement inscrit au dépôt" in page
    assert client.post(at(judged, "aide/"), {"amount": "32000"}).status_code == 303
    data = last_event(judged).data
    assert (data["dollars"], data["lines"], data["version"]) == (32000, [], 1)
    assert kept.figures(budget.compute(data["input"])) == data["result"]


def test_less_of_a_line_lowers_the_aid_and_is_kept_with_its_reason(judged: Dossier, flin: Flin) -> None:
    client = signed_in(flin.analyst)
    form = sent(kept__l1="20 000 $", why__l1="excessive", reason=WHY)
    assert client.post(at(judged, "aide/"), form).status_code == 303
    judged.refresh_from_db()
    assert (judged.aid, judged.confirmed_aid, judged.kept_costs) == (32000, 24000, 30000)
    event = last_event(judged)
    assert event.words == WHY
    assert event.data["lines"] == [
        {"id": "l1", "asked": 30000, "kept": 20000, "reason": "excessive"},
        {"id": "l2", "asked": 10000, "kept": 10000, "reason": ""},
    ]
    assert kept.figures(budget.compute(event.data["input"])) == event.data["result"]
    page = client.get(at(judged)).content.decode()
    for words in ("Coûts retenus en partie", "Coût plus élevé que nécessaire", WHY, 'value="20\u00a0000"'):
        assert words in page
    assert "Aide calculée au dépôt\u00a0: 32\u00a0000\u00a0$" in page
    # confirmed whole again, the costs are whole again
    assert client.post(at(judged, "aide/"), sent()).status_code == 303
    judged.refresh_from_db()
    assert (judged.confirmed_aid, judged.kept_costs) == (32000, 40000)


def test_recalculating_shows_what_it_gives_and_keeps_nothing(judged: Dossier, flin: Flin) -> None:
    before = Event.objects.count()
    form = sent(kept__l1="20000") | {"act": "compute"}  # its reason can wait
    answer = signed_in(flin.analyst).post(at(judged, "aide/"), form)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<b>24\u00a0000\u00a0$</b>" in page
    assert "Dépenses que l’analyse ne retient pas" in page
    assert Event.objects.count() == before


REFUSALS: list[tuple[dict[str, str], str]] = [
    ({"kept__l1": "31000"}, "le montant retenu va de 0\u00a0$ au montant demandé, 30\u00a0000\u00a0$."),
    ({"kept__l1": "29000"}, "choisissez la raison"),
    ({"kept__l1": "29000", "why__l1": "other"}, "se dit à l’explication"),
    ({"kept__l1": "vingt mille"}, "inscrivez un nombre entier"),
    ({"kept__l1": "12,50"}, "inscrivez un nombre entier"),
    ({"kept__l1": ""}, "inscrivez le montant retenu"),
    ({"amount": "33000"}, "au plus l’aide calculée"),
    ({"amount": "31000"}, "Dites pourquoi"),
    ({"amount": "beaucoup"}, "Écrivez l’aide en dollars entiers"),
    ({"version": "7"}, "Une nouvelle version du dossier"),
    (
        {"kept__l1": "0", "kept__l2": "0", "why__l1": "unproven", "why__l2": "unproven"},
        "ne donnent aucune aide",
    ),
]


def test_a_refusal_says_why_and_loses_nothing(judged: Dossier, flin: Flin) -> None:
    client = signed_in(flin.analyst)
    for changes, said in REFUSALS:
        form = sent(**{"kept__l2": "9000", "why__l2": "duplicate", **changes})
        form["reason"] = "" if "amount" in changes or "why__l1" in changes else "Mes mots."
        answer = client.post(at(judged, "aide/"), form)
        page = answer.content.decode()
        assert answer.status_code == 422, changes
        assert said in page
        assert f'value="{form["kept.l1"]}"' in page
        assert f'value="{form["kept.l2"]}"' in page
        assert '<option value="duplicate" selected>' in page or "why__l2" in changes
        assert form["reason"] in page
    assert not Event.objects.filter(verb=keeping.VERB).exists()


def test_lines_that_are_not_those_of_the_dossier_are_refused(judged: Dossier, flin: Flin) -> None:
    for lines in ([Line("l1", 30000, 1, "other")], [Line("l1", 99, 1), Line("l2", 10000, 10000)]):
        with pytest.raises(Refused, match="ne sont plus celles"):
            verifying.confirm_aid(judged, actor=flin.analyst, lines=lines, reason=WHY)


def test_nobody_else_keeps_anything(judged: Dossier, flin: Flin) -> None:
    for role in ("second_analyst", "secretary", "manager", "authority", "auditor"):
        client = signed_in(getattr(flin, role))
        assert "kept.l1" not in client.get(at(judged)).content.decode()
        for form in (sent(), sent(kept__l1="x"), sent() | {"act": "compute"}, {"amount": "32000"}):
            assert client.post(at(judged, "aide/"), form).status_code == 404
        with pytest.raises(NotAllowed):
            verifying.confirm_aid(judged, actor=getattr(flin, role))


def test_statements_do_not_grow_with_lines(judged: Dossier, flin: Flin) -> None:
    counts = []
    for n in (2, 40):
        dossier = Dossier.objects.get(pk=judged.pk)
        assert dossier.snapshot is not None
        text = json.loads(dossier.snapshot.text)
        rows = [
            {"id": f"l{place}", "category": "equipment", "description": f"Poste {place}", "amount": 1000}
            for place in range(n)
        ]
        text["answers"]["budget"]["lines"] = rows
        text["budget"]["input"]["costs"] = [
            {"id": row["id"], "amount": 1000, "eligible": True, "administration": False} for row in rows
        ]
        text["budget"]["result"] = budget.compute(text["budget"]["input"])
        dossier.snapshot.text = json.dumps(text)
        with CaptureQueriesContext(connection) as seen:
            page = views.shown(SimpleNamespace(dossier=dossier))  # type: ignore[arg-type]
        assert page is not None
        assert len(page.rows) == n
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 6


# --- what reads it after ----------------------------------------------------------------------------------
def keep(dossier: Dossier, flin: Flin) -> None:
    """Two thirds of the first line are kept."""
    lines = [Line("l1", 30000, 20000, "excessive"), Line("l2", 10000, 10000)]
    verifying.confirm_aid(dossier, actor=flin.analyst, reason=WHY, lines=lines)
    dossier.refresh_from_db()


def test_selection_the_register_and_an_outsider_read_it(judged: Dossier, flin: Flin, tmp_path: Path) -> None:
    keep(judged, flin)
    confirm_all(judged, flin.analyst)
    fire(judged, "advance", actor=flin.analyst, outcome="admissible")
    judged.refresh_from_db()
    scored = {"score": {"exact": "80"}, "passes": True, "criteria": {}}
    assert selection_entry(judged, scored)["requested"] == 24000
    found = keeping.standing(judged)
    assert found is not None
    assert [one.id for one in found.cut] == ["l1"]
    confirmed = cases.of_standing(found)
    assert confirmed is not None
    assert confirmed.agrees()
    lines = list(Event.objects.filter(chain=judged.call.code).order_by("n").values_list("line", flat=True))
    told = standing.fold(json.loads(line) for line in lines).subjects[f"applications.dossier:{judged.pk}"]
    assert told["confirmed_aid"] == 24000
    chain = tmp_path / "chain" / "events.jsonl"
    chain.parent.mkdir()
    for old, new, fault in (
        ("", "", []),
        ('"dollars":24000', '"dollars":25000', ["more than the costs that are kept give"]),
        ('"kept":20000', '"kept":20001', ["line l1 is not what its computation counts"]),
        ('"asked":20000', '"asked":20001', ["the core gives another result", "line l1 is not"]),
    ):
        chain.write_text("\n".join(line.replace(old, new) if old else line for line in lines))
        said = list(verify.kept(tmp_path))
        assert len(said) == len(fault)
        assert all(words in one for words, one in zip(fault, said, strict=True))


def test_a_departure_or_another_act_puts_the_lines_aside(judged: Dossier, flin: Flin) -> None:
    keep(judged, flin)
    verifying.confirm_aid(judged, 31000, actor=flin.analyst, reason="Une somme, sans lignes.")
    judged.refresh_from_db()
    found = keeping.standing(judged)
    assert found is not None
    assert (found.lines, found.aid, judged.confirmed_aid, judged.kept_costs) == ([], 32000, 31000, 40000)
    keep(judged, flin)
    Dossier.objects.filter(pk=judged.pk).update(confirmed_aid=None)  # as a departure leaves it
    assert keeping.standing(Dossier.objects.get(pk=judged.pk)) == keeping.base(judged)


def test_letters_say_what_is_kept_and_why(judged: Dossier, flin: Flin) -> None:
    keep(judged, flin)
    subject = Subject(dossier=judged, kind="L4", at=judged.call.closes_at, snapshot=judged.snapshot)
    assert NAMES["kept_costs"](subject, "fr") == "30\u00a0000\u00a0$"
    assert NAMES["own"](subject, "fr") == "6\u00a0000\u00a0$"
    table, said = slots.blocks_of("reductions", subject, "fr")
    assert said == model.Paragraph(WHY)
    assert isinstance(table, model.Table)
    [[what, asked, left]] = table.rows
    assert isinstance(what, model.Cell)
    assert (what.content, what.note) == ("1. Débitmètres", "Coût plus élevé que nécessaire")
    assert (asked, left) == ("30\u00a0000\u00a0$", "20\u00a0000\u00a0$")


def test_the_applicant_reads_it_with_the_outcome(judged: Dossier, flin: Flin, signatory: User) -> None:
    keep(judged, flin)
    mine, theirs = signed_in(signatory), signed_in(flin.manager)
    here = f"/dossiers/{judged.pk}/"
    assert "Coûts retenus en partie" in theirs.get(here).content.decode()
    assert "Coûts retenus en partie" not in mine.get(here).content.decode()
    confirm_all(judged, flin.analyst, E10="no")
    fire(judged, "advance", actor=flin.analyst, outcome="inadmissible")
    assert "Coûts retenus en partie" not in mine.get(here).content.decode()
    fire(judged, "reject", actor=flin.second_analyst, outcome="confirme")
    page = mine.get(here).content.decode()
    assert "Coûts retenus en partie" in page
    assert "Coût plus élevé que nécessaire" in page
    assert WHY in page
