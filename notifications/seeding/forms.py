"""A project of the corpus put in the form of any call: by role, by the code of a question, else by its type.

Nothing here knows a call: a form that asks what the corpus does not tell gets an answer that fits its type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from accounts.models import Organisation
from applications import facts, fields, prefilling
from applications.fields import Question
from applications.tables import Column
from applications.typed import length, word_count
from notifications.seeding import reference
from notifications.seeding.corpus import Project

Content = Mapping[str, Any]
DIMENSIONS = ("economy", "environment", "governance", "ways_of_life", "mobility", "communities")
TEXTS = (
    "need",
    "solution",
    "innovation",
    "data",
    "team",
    "users",
    "inclusion",
    "sustainability",
    "territory",
)
STATES = {
    "not_required": 0,
    "not_started": 0,
    "started": 1,
    "completed": -1,
}  # place of a choice that tells how far


class Filler:
    """The answers of one project in one form."""

    def __init__(
        self,
        project: Project,
        content: Content,
        volet: str,
        closing: date,
        organisation: Organisation | None = None,
    ) -> None:
        self.project, self.content, self.closing = project, content, closing
        self.told = project.data["answers"]
        self.simple = project.answers(closing)
        self.lead = {"scheme": "mrc" if len(project.lead) == 3 else "qc", "code": project.lead}
        self.start = date.fromisoformat(self.simple["start"])
        self.known = reference.told(project, closing, self.start)
        if organisation is not None:
            self.known |= prefilling.answers(content, volet, organisation, project.language)
        self.questions = [
            one for one in fields.questions(content, volet) if one.type not in ("file", "partners")
        ]

    def answers(self) -> dict[str, Any]:
        """An answer a question that is shown, files apart; what cannot be said is left out."""
        found: dict[str, Any] = {}
        said: dict[str, Any] = {}
        for one in self.questions:
            value = self._answer(one) if fields.is_shown(one, said) else None
            if value is not None:
                found[one.code] = value
                said[one.code] = facts.fact(one, value)
        return found

    def _answer(self, question: Question) -> Any:
        raw = self._raw(question)
        value, wrong = fields.keep(question, raw)
        return None if wrong else value

    def _raw(self, question: Question) -> Any:
        by_role = {"public_summary": "summary", "amount": "requested"}
        known = self.simple.get(by_role.get(question.role, question.role)) if question.role else None
        if known is not None and question.type not in ("budget", "municipality", "rows"):
            return self._chosen(question, known) if question.choices else self._fitted(question, known)
        if question.code in self.known:
            return self._fitted(question, self.known[question.code])
        if question.code in self.told and question.type in ("text", "long_text"):
            return self._fitted(question, self.told[question.code])
        return KINDS[question.type](self, question)

    # --- by type --------------------------------------------------------------------------------------------
    def _fitted(self, question: Question, text: Any) -> Any:
        """A text inside the limits of its question, cut at a sentence."""
        if not isinstance(text, str) or question.type not in ("text", "long_text"):
            return text
        most, words = question.max_chars or 10**6, question.max_words or 10**6
        kept = text
        while (length(kept) > most or word_count(kept) > words) and ". " in kept.rstrip("."):
            kept = kept.rstrip(".").rpartition(". ")[0] + "."
        return kept if length(kept) <= most and word_count(kept) <= words else kept[: most - 1].rstrip() + "…"

    def _text(self, question: Question) -> str:
        place = sum(map(ord, question.code)) % len(TEXTS)
        text = str(self.told[TEXTS[place]]).replace("\n", " ")
        if question.type == "text":
            text = text.partition(". ")[0][:110].rstrip(".")
        return str(self._fitted(question, text))

    def _chosen(self, question: Question, known: Any) -> Any:
        codes = [one.code for one in question.choices]
        wanted = known if isinstance(known, list) else [known]
        found = [one for one in wanted if one in codes] or codes[:1]
        return found[: question.max_choices or len(found)] if question.type == "multi_choice" else found[0]

    def _choice(self, question: Question) -> Any:
        state = self.told["personal_data"]["efvp"]
        place = STATES.get(state, 0) if "privacy" in question.code or "efvp" in question.code else 0
        code = question.choices[place].code
        return [code] if question.type == "multi_choice" else code

    def _yes_no(self, question: Question) -> bool:
        if "personal" in question.code:
            return bool(self.told["personal_data"]["personal_data"])
        if question.code in ("ai", "ai_used", "uses_ai"):
            return bool(self.told["ai"]["used"])
        return False

    def _day(self, question: Question) -> str:
        return (self.closing - timedelta(days=40)).isoformat()

    def _rows(self, question: Question) -> dict[str, Any]:
        source = self.told.get(question.code)
        given = source if isinstance(source, list) else []
        count = max(question.min_rows, min(len(given), question.max_rows or 10), 1)
        rows = [self._row(question, n, given[n] if n < len(given) else {}) for n in range(count)]
        for place, wanted in enumerate(question.must_have):
            rows[place % len(rows)][wanted["column"]] = wanted["value"]
        return {"rows": rows}

    def _row(self, question: Question, n: int, given: Mapping[str, Any]) -> dict[str, Any]:
        texts = [value for value in given.values() if isinstance(value, str)]
        numbers = [value for value in given.values() if isinstance(value, int)]
        row: dict[str, Any] = {"id": f"r{n + 1}"}
        for column in question.columns:
            row[column.code] = self._cell(column, n, given, texts, numbers)
        return row

    def _cell(
        self, column: Column, n: int, given: Mapping[str, Any], texts: list[str], numbers: list[int]
    ) -> Any:
        own = given.get(column.code)
        if column.type in ("text", "long_text"):
            words = (
                own
                if isinstance(own, str)
                else texts.pop(0)
                if texts
                else str(self.told[TEXTS[n % len(TEXTS)]])
            )
            return words.partition(". ")[0][: column.max_chars]
        if column.type in ("number", "money"):
            return own if isinstance(own, int) else numbers.pop(0) if numbers else 100 * (n + 1)
        if column.type == "date":
            return (self.start + timedelta(days=90 * (n + 1))).isoformat()
        if column.type == "choice":
            return column.choices[n % len(column.choices)][0]
        return self.lead if column.type == "municipality" else True

    def _budget(self, question: Question) -> dict[str, Any]:
        value = self.simple["budget"]
        categories = {one.code for one in question.categories}
        asked = self.content["budget"]
        years = {one["id"]: one.get("year", 1) for one in self.project.data["costs"]}
        known = categories or {""}
        lines = [
            {
                **one,
                "category": one["category"] if one["category"] in known else min(known),
                **({"year": min(years[one["id"]], asked["years"])} if asked.get("years") else {}),
            }
            for one in value["lines"]
        ]
        funding = [
            {**one, **({"level": _level(one, asked["levels"])} if asked.get("levels") else {})}
            for one in value["funding"]
        ]
        return {"lines": lines, "funding": funding}

    def _maturity(self, question: Question) -> dict[str, Any]:
        levels = [level for one in DIMENSIONS for level in self.project.data["self_assessment"][one]]
        dimensions = self.content["maturity"]["dimensions"]
        codes = [each["code"] for one in dimensions for each in one["statements"]]
        return {
            "answers": {code: levels[place % len(levels)] for place, code in enumerate(codes)},
            "evidence": {
                one["code"]: str(
                    self._fitted(Question("e", "text", {}, max_chars=300), self.told["maturity"])
                )
                for one in dimensions
            },
            "done_on": (self.closing - timedelta(days=60)).isoformat(),
        }

    def _targets(self, question: Question) -> dict[str, Any]:
        frames = self.content["targets"]
        codes = [each["code"] for one in frames["frameworks"] for each in one["targets"]]
        first = sum(map(ord, self.project.code)) % len(codes)
        must = [one for one in frames["indicators"] if one.get("required")]
        others = [one for one in frames["indicators"] if not one.get("required")]
        told = [one for one in self.told["indicators"] if isinstance(one["target"], int)]
        served = next((one for one in told if "itoyen" in one["name"] or "itizen" in one["name"]), None)
        chosen = [*must, *others[first % max(len(others), 1) :][: max(3 - len(must), 1)]]
        pledges = []
        for place, one in enumerate(chosen):
            source = served if place == 0 and served else (told[place % len(told)] if told else {})
            low, high = sorted((int(source.get("baseline") or 0), int(source.get("target") or 100)))
            pledges.append(
                {
                    "id": f"p{place + 1}",
                    "indicator": one["code"],
                    "baseline": low,
                    "target": high,
                    "date": (self.start + timedelta(days=600)).isoformat(),
                    "source": str(source.get("source") or "Registre municipal"),
                }
            )
        return {"targets": sorted({codes[first], codes[(first + 3) % len(codes)]}), "pledges": pledges}


def _level(source: dict[str, Any], levels: list[dict[str, Any]]) -> str:
    """The public level that a source names, the second one where it names none; none for money that is not public."""
    codes = [str(one["code"]) for one in levels]
    if not source["public"]:
        return ""
    words = source["source"].lower()
    named = next((one["code"] for one in levels if one["label"]["fr"].lower()[:5] in words), "")
    return str(named or codes[min(1, len(codes) - 1)])


KINDS: dict[str, Callable[[Filler, Question], Any]] = {
    "text": Filler._text,
    "long_text": Filler._text,
    "choice": Filler._choice,
    "multi_choice": Filler._choice,
    "yes_no": Filler._yes_no,
    "declaration": lambda _self, _question: True,
    "number": lambda _self, _question: 12,
    "money": lambda _self, _question: 5000,
    "date": Filler._day,
    "municipality": lambda self, _question: self.lead,
    "rows": Filler._rows,
    "budget": Filler._budget,
    "maturity": Filler._maturity,
    "targets": Filler._targets,
}


def answers(
    project: Project, content: Content, volet: str, closing: date, organisation: Organisation | None = None
) -> dict[str, Any]:
    """The answers of a project in the form of a call and of one of its volets, the directory's facts among them."""
    return Filler(project, content, volet, closing, organisation).answers()
