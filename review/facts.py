"""What review reads from a snapshot and an edition: cards, cases for the cores, rules of the grid."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from web import formats

if TYPE_CHECKING:
    from applications.models import Body, Dossier, Snapshot
    from review.models import Sheet

Case = dict[str, Any]


def content_of(snapshot: Snapshot | None) -> dict[str, Any]:
    """The content of a snapshot, empty when there is none."""
    if snapshot is None:
        return {}
    found: dict[str, Any] = json.loads(snapshot.text)
    return found


def questions_of(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every question of a form, in order."""
    return [one for section in content["form"]["sections"] for one in section["questions"]]


def answers_by_role(snapshot: Snapshot | None, edition: Mapping[str, Any], role: str) -> list[Any]:
    """Values of the answers whose question plays this role."""
    answers = content_of(snapshot).get("answers", {})
    codes = [one["code"] for one in questions_of(edition) if one.get("role") == role]
    return [answers[code] for code in codes if answers.get(code) not in (None, "", [])]


def suppliers_of(snapshot: Snapshot | None, edition: Mapping[str, Any]) -> list[str]:
    """Names of suppliers, one each."""
    found: list[str] = []
    for value in answers_by_role(snapshot, edition, "suppliers"):
        texts = value if isinstance(value, list) else re.split(r"[,;\n]", str(value))
        found += [text for one in texts if (text := _name(one))]
    return list(dict.fromkeys(found))


def _name(one: Any) -> str:
    if isinstance(one, Mapping):
        one = one.get("name", "")
    return str(one).strip()


def card_of(dossier: Dossier, bodies: Iterable[Body]) -> Case:
    """What is seen before the declaration on conflicts, and nothing else."""
    return {
        "number": dossier.number,
        "title": dossier.title,
        "bodies": [one.organisation.name for one in bodies],
        "suppliers": suppliers_of(dossier.snapshot, dossier.edition.content),
    }


def conflict_case(person: Any, bodies: Iterable[Body], suppliers: list[str], today: date) -> Case:
    """The case of `review.conflicts` for a person and a dossier."""
    home = person.home
    return {
        "on": today.isoformat(),
        "person": {
            "municipality": home.code if home is not None else None,
            "mrc": (home.mrc_code or None) if home is not None else None,
            "employers": [{"name": person.workplace}] if person.workplace.strip() else [],
        },
        "bodies": [
            {
                "code": one.organisation.code,
                "name": one.organisation.name,
                "mrc": one.organisation.mrc_code or None,
            }
            for one in bodies
        ],
        "suppliers": suppliers,
    }


def grid_of(dossier: Dossier) -> dict[str, Any]:
    """The grid that a dossier is scored with: that of the edition it was filed under."""
    grid: dict[str, Any] = dossier.edition.content["grid"]
    return grid


def scoring_case(
    dossier: Dossier, required: int, sheets: Iterable[Sheet], consensus: Mapping[str, str]
) -> Case:
    """The case of `review.scoring` for a dossier."""
    grid = grid_of(dossier)
    return {
        "scale": dict(grid["scale"]),
        "criteria": [
            {"id": one["id"], "weight": one["weight"], "threshold": one["threshold"]}
            for one in grid["criteria"]
        ],
        "overall_threshold": grid["overall_threshold"],
        "divergence": dict(grid["divergence"]),
        "minimum_sheets": required,
        "consensus": dict(consensus),
        "sheets": [
            {"reviewer": f"user:{one.assignment.reviewer_id}", "scores": dict(one.scores)} for one in sheets
        ],
    }


def selection_entry(dossier: Dossier, result: Mapping[str, Any]) -> Case:
    """A dossier as `review.selection` takes it, from its scoring result (score and every percent are there)."""
    filed = dossier.last_filed_at or dossier.filed_at or dossier.sort_at
    return {
        "id": dossier.number,
        "score": result["score"]["exact"],
        "requested": int(dossier.aid if dossier.confirmed_aid is None else dossier.confirmed_aid),
        "tags": sorted(dossier.tags),
        "passes": bool(result["passes"]),
        "criteria": {code: one["percent"]["exact"] for code, one in result["criteria"].items()},
        "population": dossier.population,
        "filed_at": instant(filed),
    }


def selection_case(volet: Any, content: Mapping[str, Any], dossiers: list[Case]) -> Case:
    """The case of `review.selection` for a volet."""
    return {
        "pool": int(volet.budget_line.amount),
        "partial_min": content["partial_min"],
        "aid_min": int(content["aid_min"]),
        "reserves": [
            {"name": one["name"], "amount": int(one["amount"]), "tag": one["tag"]} for one in volet.reserves
        ],
        "ties": list(content["ties"]),
        "dossiers": dossiers,
    }


def instant(at: datetime) -> str:
    """An instant as the cores read it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def marks(grid: Mapping[str, Any]) -> list[str]:
    """Every mark of the scale, the highest first, as decimal text (`4.5`, `4`)."""
    least, most, step = (Fraction(grid["scale"][key]) for key in ("min", "max", "step"))
    count = int((most - least) / step)
    return [decimal(most - step * place) for place in range(count + 1)]


def decimal(value: Fraction) -> str:
    """A fraction of the scale as decimal text: `4`, `3.5`."""
    if value.denominator == 1:
        return str(value.numerator)
    cents = value * 100
    return f"{cents.numerator // cents.denominator // 100}.{int(cents) % 100:02d}".rstrip("0")


def wants_comment(grid: Mapping[str, Any], mark: str) -> bool:
    """Whether the grid asks for a written comment with this mark."""
    rule = grid.get("comment_required") or {}
    if not mark:
        return False
    below, at = rule.get("below"), rule.get("at")
    value = Fraction(mark)
    return (below is not None and value < Fraction(below)) or (at is not None and value == Fraction(at))


def two_decimals(exact: str, language: str | None = None) -> str:
    """An exact fraction with two decimals, half up, as people read it; a dash when there is none."""
    if not exact:
        return "–"
    cents = (Fraction(exact) * 200 + 1).__floor__() // 2
    return formats.number(f"{cents // 100}.{cents % 100:02d}", 2, language)


def shown_mark(mark: str) -> str:
    """`4.5` as people read it: `4,5`."""
    if not mark:
        return "–"
    return formats.number(mark, 1 if "." in mark else 0)
