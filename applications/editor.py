"""What the people who fill a form see: its sections with how far each is, its questions with answers and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from applications import (
    blockers,
    budget_rows,
    explaining,
    fields,
    municipality,
    rules,
    scanning,
    snapshots,
    tables,
)
from applications.actions.answers import answers_open
from applications.blockers import Blocker
from applications.earlier import Earlier, Offered
from applications.fields import Question
from applications.models import Answer, Attachment, CompletionItem
from applications.snapshots import Material
from web import formats
from workflows.engine import Offer, available

BLANK_ROWS = 3


@dataclass(frozen=True)
class Slip:
    """A file as its slot shows it."""

    pk: int
    name: str
    size: int
    at: Any
    state: str
    words: str
    is_readable: bool
    why: str  # it cannot be read, and what to do


@dataclass(frozen=True)
class Row:
    """A row of the budget grid, as typed."""

    id: str
    cells: Mapping[str, Any]


@dataclass
class Box:
    """One question on the page: what is in it, what is wrong with it, whether it may be written."""

    question: Question
    value: Any = None
    version: int = 0
    line: str = ""
    state: str = "ok"
    wrong: str = ""
    is_shown: bool = True
    is_required: bool = False
    is_open: bool = True
    reason: str = ""  # why the ministry asks again
    has_versions: bool = False
    files: list[Slip] = field(default_factory=list)
    bodies: list[tuple[str, str]] = field(default_factory=list)  # key and name, the lead's key empty
    offered: Offered | None = None  # what was answered last time

    @property
    def template(self) -> str:
        """The pattern of its controls."""
        return f"applications/questions/{self.question.type}.html"

    @property
    def typed(self) -> str:
        """The text of a box of one line or more."""
        if self.value is None:
            return ""
        if fields.is_raw(self.value):
            return str(self.value["raw"])
        if self.question.type == "municipality":
            return municipality.words(self.value)
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return formats.number(self.value)
        return str(self.value)

    @property
    def chosen(self) -> list[str]:
        """Codes that are ticked."""
        if isinstance(self.value, bool):
            return ["true" if self.value else "false"]
        return [str(one) for one in self.value] if isinstance(self.value, list) else [str(self.value or "")]

    def describes(self) -> str:
        """Ids of what explains the control."""
        code = self.question.code
        wanted = [("aide", self.question.help), ("motif", self.reason), ("erreur", self.wrong)]
        return " ".join(f"q-{code}-{name}" for name, one in wanted if one)

    @property
    def grid(self) -> budget_rows.Grid:
        """The columns of a budget."""
        return budget_rows.grid_of(self.question)

    @cached_property
    def lines(self) -> list[Row]:
        """The costs, blank rows at the end."""
        return self._rows("lines")

    @cached_property
    def funding(self) -> list[Row]:
        """The other sources, blank rows at the end."""
        return self._rows("funding")

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of a table, blank ones at the end: as many as are asked for, and one to go on."""
        made = [Row(*one) for one in tables.in_boxes(self.question, self.value)]
        return [*made, *_blank("r", made, max(self.question.min_rows - len(made), 1))]

    def _rows(self, part: str) -> list[Row]:
        typed = self.value.get(part, []) if isinstance(self.value, dict) else []
        sums = [{name: _amount(one.get(name)) for name in budget_rows.SUMS} for one in typed]
        made = [Row(str(one["id"]), {**one, **read}) for one, read in zip(typed, sums, strict=True)]
        return [*made, *_blank(part[0], made, 1 if made else BLANK_ROWS)]


def _blank(letter: str, made: list[Row], wanted: int) -> list[Row]:
    """Rows to be filled, under ids that none has."""
    known = {one.id for one in made}
    names = (f"{letter}{n}" for n in range(1, len(known) + wanted + 1) if f"{letter}{n}" not in known)
    return [Row(name, {}) for name in list(names)[:wanted]]


def _amount(value: Any) -> str:
    return formats.number(value) if isinstance(value, int) else str(value or "")


@dataclass
class Part:
    """A section on the rail: how many of its required questions are answered, what is to be seen again."""

    code: str
    title: Any
    help: Any
    number: int
    boxes: list[Box]
    blockers: list[Blocker]
    is_current: bool = False

    @property
    def total(self) -> int:
        """Required questions."""
        return sum(1 for box in self.boxes if box.is_shown and box.is_required)

    @property
    def done(self) -> int:
        """Required questions that nothing stands against."""
        against = {one.question for one in self.blockers}
        return sum(1 for b in self.boxes if b.is_shown and b.is_required and b.question.code not in against)

    @property
    def to_review(self) -> int:
        """Answers that are there and must be corrected."""
        return sum(1 for one in self.blockers if one.kind not in ("required", "declaration", "file"))

    @property
    def state(self) -> str:
        """Its sign on the rail."""
        if not self.blockers:
            return "done"
        return "warn" if self.to_review else "todo"


class Editor:
    """A dossier in front of somebody of its municipality."""

    def __init__(
        self, dossier: Any, user: Any, *, current: str = "", checked: bool = False, offers: bool = False
    ) -> None:
        self.dossier, self.user, self.current, self.checked = dossier, user, current, checked
        self.earlier = Earlier(dossier, user) if offers and dossier.state == "draft" else None
        self.material: Material = snapshots.material(dossier)
        self.open = answers_open(dossier, user)

    # --- rows read once ------------------------------------------------------------------------------------
    @cached_property
    def rows(self) -> dict[str, Answer]:
        """Answer rows by question."""
        found = self.dossier.answers.select_related("updated_by").all()
        return {row.question: row for row in found}

    @cached_property
    def slips(self) -> dict[str, list[Slip]]:
        """Files by slot."""
        found: dict[str, list[Slip]] = {}
        rows = Attachment.objects.filter(dossier=self.dossier, removed_at__isnull=True).order_by("pk")
        for row in rows:
            found.setdefault(row.slot, []).append(slip_of(row))
        return found

    @cached_property
    def asked_again(self) -> dict[str, str]:
        """Reasons of the open request for completion, by question."""
        if self.material.reopened is None:
            return {}
        rows = CompletionItem.objects.filter(request__dossier=self.dossier, request__closed_at__isnull=True)
        return {item.question: item.reason for item in rows}

    @property
    def people_href(self) -> str:
        """The people of the municipality, for those who may see them: not a claimant « à confirmer »."""
        mine = rules.memberships(self.user)
        for body in rules.bodies_of(self.dossier, lead_only=True):
            held = mine.get(body.organisation_id)
            if held is not None and held.is_confirmed:
                return reverse("organisation_people", args=[body.organisation_id])
        return ""

    @cached_property
    def offer(self) -> Offer | None:
        """The act of filing (or answering), when this person may ever do it."""
        wanted = ("submit", "resubmit")
        return next(
            (one for one in available(self.dossier, self.user, is_seen=True) if one.verb in wanted), None
        )

    @cached_property
    def blockers(self) -> list[Blocker]:
        """What stands against filing, from the answers."""
        return blockers.in_answers(self.dossier, self.material)

    # --- the form ------------------------------------------------------------------------------------------
    @cached_property
    def parts(self) -> list[Part]:
        """The sections; while a request for completion is open, those that it names and no other."""
        found: list[Part] = []
        dossier, reopened = self.dossier, self.material.reopened
        for section in fields.sections(dossier.edition.content, dossier.volet.code):
            asked = [one for one in section.questions if reopened is None or one.code in reopened]
            against = [one for one in self.blockers if one.section == section.code]
            if asked:
                boxes = [self._box(one, against) for one in asked]
                made = Part(section.code, section.title, section.help, len(found) + 1, boxes, against)
                made.is_current = section.code == self.current
                found.append(made)
        return found

    def _box(self, question: Question, against: list[Blocker]) -> Box:
        row = self.rows.get(question.code)
        value = row.value if row else None
        shown = {one.code for one in self.material.questions}
        wrong = fields.problem(question, value) if value is not None else ""
        if not wrong:
            mine = [one for one in against if one.question == question.code]
            late = [one for one in mine if self.checked or one.kind in ("dates", "withheld")]
            wrong = late[0].sentence if late else ""
        return Box(
            question=question,
            value=value,
            version=row.version if row else 0,
            line=saved_line(row.updated_at) if row else "",
            state="warn" if wrong else "ok",
            wrong=wrong,
            is_shown=question.code in shown,
            is_required=fields.is_required(question, self.material.facts),
            is_open=question.code in self.open,
            reason=self.asked_again.get(question.code, ""),
            has_versions=bool(row and row.version > 1),
            files=self.slips.get(question.code, []),
            bodies=explaining.bodies(self.dossier) if question.frame.get("by_partner") else [],
            offered=self.earlier.of(question) if self.earlier and fields.is_blank(value) else None,
        )

    @property
    def part(self) -> Part | None:
        """The section in front."""
        return next((one for one in self.parts if one.is_current), None)

    def near(self) -> tuple[Part | None, Part | None]:
        """The sections before and after."""
        place = next((index for index, one in enumerate(self.parts) if one.is_current), 0)
        before = self.parts[place - 1] if place else None
        after = self.parts[place + 1] if place + 1 < len(self.parts) else None
        return before, after

    def links(self) -> list[dict[str, str]]:
        """The blockers, each with where to go."""
        return [{"text": one.sentence, "href": self.href_of(one)} for one in self.blockers]

    def href_of(self, blocker: Blocker) -> str:
        """The question of a blocker, on its section, errors shown."""
        return where(self.dossier, blocker)

    @property
    def complete(self) -> int:
        """Sections that nothing stands against."""
        return sum(1 for one in self.parts if one.state == "done")

    @property
    def budget(self) -> dict[str, Any]:
        """Totals and explanation of the aid."""
        return explaining.explain(
            self.material.budget, self.dossier, explaining.value_of(self.dossier, self.material.answers)
        )


def where(dossier: Any, blocker: Blocker) -> str:
    """The address of what a blocker speaks of; empty when it is no answer."""
    if not blocker.section:
        return ""
    page = reverse("section", args=[dossier.pk, blocker.section])
    return f"{page}?revoir=1#q-{blocker.question}"


def saved_line(at: Any) -> str:
    """« Enregistré à 14 h 03 »."""
    return _("Enregistré à %(time)s") % {"time": formats.time(at)}


def slip_of(row: Attachment) -> Slip:
    """A file row as its slot shows it."""
    states = {"infected": "ko", "clean": "ok", "waiting": "in_progress", "away": "warn", "failed": "ko"}
    return Slip(
        pk=row.pk,
        name=row.name,
        size=row.size,
        at=row.uploaded_at,
        state=states.get(row.scan_shown, "draft"),
        words=scanning.words(row.scan_shown),
        is_readable=scanning.is_readable(row.scan),
        why=row.why_failed,
    )
