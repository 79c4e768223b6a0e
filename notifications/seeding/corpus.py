"""The corpus as it is read: projects, people, requests for completion, and the answers that fill the form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "data"
CLOSING = date(2026, 3, 27)  # of the corpus: every structured date is counted from it
CRITERIA = ("C1", "C2", "C4")
SHEETS = 2
NO_STATE = "not_started"  # what is said of a privacy assessment on which the corpus says nothing
# What a request for completion speaks about → the questions of the form that it opens.
ABOUT = {
    "dossier": ("title", "summary", "need"),
    "sections 4 à 9": ("title", "summary", "need"),
    "résolution": ("resolution",),
    "section 5": ("solution",),
    "section 7": ("privacy_state", "data"),
    "pièce 7": ("price_evidence",),
}


@dataclass(frozen=True)
class Project:
    """One project of the corpus."""

    data: dict[str, Any]

    @property
    def code(self) -> str:
        """`P001`."""
        return str(self.data["id"])

    @property
    def lead(self) -> str:
        """Code of the municipality."""
        return str(self.data["lead"])

    @property
    def language(self) -> str:
        """The language in which it is written."""
        return str(self.data["language"])

    @property
    def people(self) -> list[dict[str, Any]]:
        """Its people, who signs first and who writes last."""
        return self.data.get("people") or municipal(self.code)

    @property
    def title(self) -> str:
        """Its title in that language."""
        return str(self.data["title"][self.language])

    @property
    def filed_at(self) -> datetime:
        """When it was filed, by the corpus."""
        return datetime.fromisoformat(self.data["filed_at"] or "2026-03-20T10:00:00-04:00")

    @property
    def reviews(self) -> list[dict[str, Any]]:
        """Its first sheets."""
        return list(self.data["reviews"][:SHEETS])

    def scores(self, place: int) -> dict[str, str]:
        """Marks of a sheet as decimal text."""
        return {code: str(self.reviews[place]["scores"][code]) for code in CRITERIA}

    def comments(self, place: int) -> dict[str, str]:
        """Comments of a sheet."""
        return {code: str(self.reviews[place]["comments"][code]) for code in CRITERIA}

    def resolution_on(self, closing: date) -> date:
        """The day of the council's resolution, counted from the closing of the call."""
        found = self.data["lead_resolution"]
        given = date.fromisoformat(found["date"]) if found else date(2026, 3, 2)
        return closing + (given - CLOSING)

    def resolution_number(self, closing: date) -> str:
        """Its number, its year and month those of its day."""
        found = self.data["lead_resolution"]
        day = self.resolution_on(closing)
        number = str(found["number"]) if found else "2026-03-118"
        month = date.fromisoformat(found["date"]).month if found else 3
        return number.replace(f"2026-{month:02d}", f"{day:%Y-%m}").replace("2026", f"{day:%Y}")

    def requested(self) -> int:
        """The aid asked; a draft that has none asks for seven tenths of its costs."""
        asked = self.data["aid_requested"]
        return int(asked) if asked else sum(one["amount"] for one in self.data["costs"]) * 7 // 10

    # --- the form -------------------------------------------------------------------------------------
    def answers(self, closing: date) -> dict[str, Any]:
        """Answers of the simple form, in its order; files are apart."""
        told = self.data["answers"]
        private = bool(told["personal_data"]["personal_data"])
        start = _first_of_month(closing + timedelta(days=120))
        months = max((step["to"] for step in told["schedule"]), default=12)
        found: dict[str, Any] = {
            "title": self.title,
            "summary": self.data["summary_plain"][self.language],
            "themes": told["themes"],
            "need": _joined(
                told["challenge"], told["need"], told["territory"], told["population"], told["users"]
            ),
            "solution": _joined(told["solution"], told["innovation"], told["team"], told["inclusion"]),
            "results": _joined(self._indicators(), told["sustainability"]),
            "suppliers": told["suppliers"],
            "personal_data": private,
            "data": told["data"],
            "start": start.isoformat(),
            "end": _end_of(start, months).isoformat(),
            "budget": self._budget(),
            "requested": self.requested(),
            "resolution_number": self.resolution_number(closing),
            "resolution_date": self.resolution_on(closing).isoformat(),
            "declaration": True,
        }
        if private:
            state = told["personal_data"]["efvp"]
            found["privacy_state"] = state if state in ("not_started", "started", "completed") else NO_STATE
        return found

    def _indicators(self) -> str:
        words = "{name} : de {baseline} à {target} {unit} ({source})"
        if self.language == "en":
            words = "{name}: from {baseline} to {target} {unit} ({source})"
        lines = [words.format(**one) for one in self.data["answers"]["indicators"]]
        return "\n".join(line.replace(" : ", "\u00a0: ").replace(" %", "\u00a0%") for line in lines)

    def _budget(self) -> dict[str, Any]:
        lines = [
            {
                "id": one["id"],
                "category": one["category"] if one["eligible"] else "not_eligible",
                "description": one["label"],
                "amount": one["amount"],
            }
            for one in self.data["costs"]
        ]
        funding = [
            {
                "id": one["id"],
                "source": one["label"],
                "kind": one["kind"],
                "public": one["public"],
                "amount": one["amount"],
            }
            for one in self.data["funding"]
        ]
        return {"lines": lines, "funding": funding}


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part.strip())


def _first_of_month(day: date) -> date:
    return day.replace(day=1)


def _end_of(start: date, months: int) -> date:
    whole = start.month - 1 + months
    return date(start.year + whole // 12, whole % 12 + 1, 1) - timedelta(days=1)


# --- reading ----------------------------------------------------------------------------------------------
@lru_cache(maxsize=1)
def projects() -> dict[str, Project]:
    """Every project by its code."""
    lines = (FOLDER / "projets.jsonl").read_text(encoding="utf-8").splitlines()
    return {one["id"]: Project(one) for one in map(json.loads, lines)}


@lru_cache(maxsize=1)
def people() -> dict[str, dict[str, Any]]:
    """Everybody by code: people of the ministry, reviewers, people of municipalities."""
    found = json.loads((FOLDER / "personnes.json").read_text(encoding="utf-8"))
    return {one["id"]: one for one in [*found["staff"], *found["municipal"]]}


def municipal(project: str) -> list[dict[str, Any]]:
    """The people of a project, who signs first."""
    found = [one for one in people().values() if one.get("project") == project]
    return sorted(found, key=lambda one: ("signatory" not in one["roles"], one["id"]))


@lru_cache(maxsize=1)
def completions() -> dict[str, dict[str, Any]]:
    """Requests for completion by project."""
    found = json.loads((FOLDER / "messages.json").read_text(encoding="utf-8"))["completion_requests"]
    return {one["project"]: one for one in found}


def asked_of(project: str) -> dict[str, str]:
    """What a request for completion opens, each question with its reason."""
    items: dict[str, str] = {}
    for one in completions()[project]["items"]:
        for question in ABOUT[one["about"]]:
            items[question] = f"{items[question]} {one['why']}" if question in items else one["why"]
    return items
