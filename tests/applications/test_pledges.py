"""Public targets and pledged indicators as a question: read, refused with a sentence, shown, published."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import QueryDict

from applications import facts, fields, pledges
from applications.fields import BadAnswer, Question
from tests.applications.test_maturity import both

FRAME: dict[str, Any] = {
    "frameworks": [
        {
            "code": "plan",
            "label": both("Plan"),
            "source": both("Source"),
            "targets": [
                {"code": code, "label": both(f"Cible {code}"), "unit": both("% des gens"),
                 "baseline": "62.5", "target": "100", "by": "2030"}
                for code in ("t1", "t2", "t3", "t4")
            ],
        }
    ],
    "indicators": [
        {"code": "served", "label": both("Personnes servies"), "unit": both("personnes"),
         "target": "t1", "required": True},
        {"code": "trained", "label": both("Personnes formées"), "unit": both("personnes"),
         "target": "t2", "required": False},
        {"code": "paper", "label": both("Formulaires de papier"), "unit": both("formulaires"),
         "target": None, "required": False},
    ],
}  # fmt: skip


@pytest.fixture
def asked() -> Question:
    data = {
        "code": "r",
        "type": "targets",
        "label": both("Résultats"),
        "min_targets": 1,
        "max_targets": 3,
        "min_pledges": 2,
    }
    return fields.question_from({"targets": FRAME}, data)


def pledge(code: str, **cells: Any) -> dict[str, Any]:
    made = {"id": code, "indicator": code, "baseline": 10, "target": 250, "date": "2028-06-30"}
    return {**made, "source": "Registre", **cells}


def value(*rows: dict[str, Any], targets: list[str] | None = None) -> dict[str, Any]:
    return {
        "targets": targets if targets is not None else ["t1"],
        "pledges": list(rows) or [pledge("served"), pledge("paper", baseline=40, target=0)],
    }


def test_pledges_are_read_as_typed(asked: Question) -> None:
    sent = value(pledge("served", baseline="1 250", date="30/6/2028"), pledge("paper"), {"id": "x"})
    found = fields.clean(asked, sent)
    assert (found["pledges"][0]["baseline"], found["pledges"][0]["date"]) == (1250, "2028-06-30")
    assert len(found["pledges"]) == 2
    assert fields.clean(asked, found) == found
    assert fields.clean(asked, {"targets": [], "pledges": [{"id": "r1", "indicator": ""}]}) is None


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (value(targets=[]), "au moins 1 cible"),
        (value(targets=["t1", "t2", "t3", "t4"]), "au plus 3 cibles"),
        (value(pledge("trained"), pledge("paper")), "Personnes servies"),
        (value(pledge("served")), "au moins 2 indicateurs"),
        (value(pledge("served"), pledge("served", id="b")), "deux fois"),
        (value(pledge("served", baseline="dix"), pledge("paper")), "Ligne 1, .*Départ"),
        (value(pledge("served", source=""), pledge("paper")), "Source de la mesure"),
        (value(pledge("unknown"), pledge("served")), "Ligne 1, .*Indicateur"),
    ],
)
def test_what_is_missing_is_said_and_kept(asked: Question, sent: dict[str, Any], words: str) -> None:
    with pytest.raises(BadAnswer, match=words):
        fields.clean(asked, sent)
    kept, said = fields.keep(asked, sent)
    assert re.search(words, said)
    assert len(kept["pledges"]) == len(sent["pledges"])


def test_a_page_without_script_sends_the_same(asked: Question) -> None:
    post = QueryDict(mutable=True)
    post.setlist("r.targets", ["t2", "t1"])
    post.setlist("r.rows", ["served", "paper"])
    for row in value()["pledges"]:
        for name, cell in row.items():
            post[f"r.rows.{row['id']}.{name}"] = str(cell)
    assert fields.clean(asked, fields.from_post(asked, post)) == value(targets=["t1", "t2"])


def test_words_and_facts(asked: Question) -> None:
    shown = fields.display(asked, value(), "fr")
    assert shown.targets == ("Cible t1",)
    assert [row[:4] for row in shown.rows] == [
        ("Personnes servies (personnes)", "10", "250", "+240"),
        ("Formulaires de papier (formulaires)", "40", "0", "\u221240"),
    ]
    assert "Cible t1" in str(shown)
    assert facts.fact(asked, value()) == ["served", "paper"]
    assert (
        pledges.target_words(FRAME["frameworks"][0]["targets"][0], "fr")
        == "de 62,5 à 100\xa0% des gens, d’ici 2030"
    )
    assert "Registre" in pledges.spoken(asked, value())


def test_what_is_published_has_words_and_figures_and_no_source(asked: Question) -> None:
    told = pledges.public(FRAME, value(pledge("served"), pledge("unknown"), pledge("paper", target=None)))
    assert [one["code"] for one in told["pledges"]] == ["served"]
    assert told["pledges"][0]["label"] == both("Personnes servies")
    assert "Registre" not in str(told)
