"""The configuration of a call as data: how pages and rules read `Edition.content`. Plain data, no Django.

Roles, never codes, tell what a question means: `answer_code(body, "title")`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Body = Mapping[str, Any]

QUESTION_TYPES = (
    "text",
    "long_text",
    "choice",
    "multi_choice",
    "money",
    "number",
    "date",
    "yes_no",
    "file",
    "budget",
    "declaration",
    "rows",
    "partners",
    "municipality",
    "maturity",
    "targets",
)
# What a question may mean to publication, search, letters and exports. Those of the first list are single.
QUESTION_ROLES = (
    "title",
    "public_summary",
    "amount",
    "start",
    "end",
    "place",
    "themes",
    "budget",
    "suppliers",
    "resolution",
    "resolution_number",
    "resolution_date",
    "indicators",
)
# Roles whose answers may be published with a funded project.
PUBLIC_ROLES = ("title", "public_summary", "themes", "place", "start", "end", "indicators")
# What the directory may put in a new draft (`prefill` of a question).
PREFILLS = (
    "name",
    "code",
    "kind",
    "mrc",
    "region",
    "population",
    "address",
    "phone",
    "email",
    "website",
    "municipality",
)
# Kinds of funding that the computation knows, and what each counts for as public money where a call does not say.
FUNDING_KINDS = {"grant": "1", "repayable": "1", "own": "0"}
SENSITIVITIES = ("public", "business", "personal", "opinion")


def sections(body: Body) -> list[dict[str, Any]]:
    """The sections of the form, in order."""
    return list(body["form"]["sections"])


def questions(body: Body) -> Iterator[dict[str, Any]]:
    """Every question of the form, in order."""
    for section in sections(body):
        yield from section["questions"]


def question(body: Body, code: str) -> dict[str, Any] | None:
    """The question of that code."""
    return next((one for one in questions(body) if one["code"] == code), None)


def section_of(body: Body, code: str) -> dict[str, Any] | None:
    """The section that holds the question of that code."""
    return next(
        (one for one in sections(body) if any(item["code"] == code for item in one["questions"])), None
    )


def by_role(body: Body, role: str) -> dict[str, Any] | None:
    """The question that plays a role, or nothing."""
    return next((one for one in questions(body) if one.get("role") == role), None)


def answer_code(body: Body, role: str) -> str:
    """The code of the question that plays a role, empty when none does."""
    found = by_role(body, role)
    return str(found["code"]) if found else ""


def named_themes(body: Body | None, codes: Iterable[Any]) -> list[dict[str, Any]]:
    """Codes of themes with the words of their call (the code itself when it has none), each once."""
    asked = by_role(body, "themes") if body is not None else None
    labels = {one["code"]: one["label"] for one in (asked or {}).get("choices") or []}
    return [
        {"code": code[:60], "label": labels.get(code, {"fr": code, "en": code})}
        for code in dict.fromkeys(str(one) for one in codes)
    ]


def criteria(body: Body) -> list[dict[str, Any]]:
    """The criteria of the grid, in order."""
    return list(body["grid"]["criteria"])


def criteria_of(body: Body, section: Mapping[str, Any]) -> list[str]:
    """The criteria that the answers of a section serve."""
    codes = {one["code"] for one in section["questions"]}
    return [one["id"] for one in criteria(body) if codes.intersection(one["questions"])]


def strand(body: Body, volet: str) -> dict[str, Any]:
    """Limits of a volet as they stood in this edition: aid_min, aid_max, months, sheets_required, label, purpose."""
    found: dict[str, Any] = body["strands"][volet]
    return found


def scoring_case(body: Body, sheets_required: int) -> dict[str, Any]:
    """What `review.scoring` is given beside the sheets: scale, criteria, thresholds, divergence, minimum of sheets."""
    grid = body["grid"]
    return {
        "scale": dict(grid["scale"]),
        "criteria": [{key: one[key] for key in ("id", "weight", "threshold")} for one in grid["criteria"]],
        "overall_threshold": grid["overall_threshold"],
        "divergence": dict(grid["divergence"]),
        "minimum_sheets": sheets_required,
    }


def budget_rules(body: Body) -> dict[str, Any]:
    """The part of a case of `applications.budget` that the call fixes."""
    keys = ("rates", "default_rate", "joint", "admin_cap", "cumul_cap")
    given = body["budget"]["public_weight"]
    weights = {kind: given.get(kind, least) for kind, least in FUNDING_KINDS.items()}
    return {**{key: body["budget"][key] for key in keys}, "public_weight": weights}


def category(body: Body, code: str) -> dict[str, Any] | None:
    """A category of cost: label, eligible, administration."""
    return next((one for one in body["budget"]["categories"] if one["code"] == code), None)
