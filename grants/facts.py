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
    "latest_end": "date",  # last day of a project, where the call has one (`limits.end_days` from the closing)
    # the filing, known when the rules are judged
    "filed_on": "date",
    "year_before_filing": "date",
    # the bodies of a joint project, the lead among them
    "partners_confirmed": "list",
    "resolutions": "list",
    "entries_as_lead": "money",  # filings of the lead in the call as lead, this one counted
    "entries_as_partner": "money",  # and of its busiest partner as partner
    # the budget, computed
    "aid": "money",
    "kept_costs": "money",
    "asked": "money",
    "own": "money",
    "reductions": "list",  # codes of what took money off
    "largest_line": "money",  # the dearest cost
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
    "maturity": "list",
    "targets": "list",
}


def question_facts(questions: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The facts that the answers of a form give: the code of each question and its type.

    A self-diagnosis gives the day it was done too, under its code followed by `_on`.
    """
    found: dict[str, str] = {}
    for one in questions:
        if one["type"] in TYPE_OF_QUESTION:
            found[str(one["code"])] = TYPE_OF_QUESTION[one["type"]]
        if one["type"] == "maturity":
            found[f"{one['code']}_on"] = "date"
    return found


def declared(questions: Iterable[Mapping[str, Any]] = ()) -> dict[str, str]:
    """Every fact a condition of this form may name, with its type."""
    return {**FACTS, **question_facts(questions)}
