"""Facts that conditions of a call may read, with their types; each question adds one under its own code.

Values are given by applications (directory facts frozen in the snapshot, budget computed, answers).
Types are those of `workflows.conditions`: money, boolean, text, date, list. Plain data, no Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

FACTS: dict[str, str] = {
    # the lead body, from the directory
    "lead_kind": "text",  # municipality, mrc, regional, council, regie, unorganised, land
    "designation": "text",
    "population": "money",  # missing when unknown
    "region": "text",
    "mrc": "text",
    "language_regime": "text",
    # the dossier
    "volet": "text",
    "closes_on": "date",
    "bodies": "list",
    "months": "money",  # whole months from start to end, a month begun counts
    # the budget, computed
    "aid": "money",
    "kept_costs": "money",
    "asked": "money",
    "own": "money",
}

TYPE_OF_QUESTION: dict[str, str] = {
    "text": "text",
    "long_text": "text",
    "choice": "text",
    "multi_choice": "list",
    "money": "money",
    "number": "money",
    "date": "date",
    "yes_no": "boolean",
    "file": "list",
    "budget": "list",
    "declaration": "boolean",
    "rows": "list",
    "municipality": "text",
}


def question_facts(questions: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The facts that the answers of a form give: the code of each question and its type."""
    return {
        str(one["code"]): TYPE_OF_QUESTION[one["type"]]
        for one in questions
        if one["type"] in TYPE_OF_QUESTION
    }


def declared(questions: Iterable[Mapping[str, Any]] = ()) -> dict[str, str]:
    """Every fact a condition of this form may name, with its type."""
    return {**FACTS, **question_facts(questions)}
