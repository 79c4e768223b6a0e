"""The work of reviewers on a whole round, written as a past: given out, declared, scored, handed in.

Rows and events are those of the verbs, in bulk: hundreds of sheets one by one would take minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.models import User
from applications.models import Dossier
from notifications.seeding import cast, marks
from notifications.seeding.corpus import Project
from review import conflicts, facts, ranking
from review.models import Assignment, Panel, Sheet
from web import clock
from workflows.engine import Past, bulk_load

IN, WRITING, OFFERED = "in", "writing", "offered"


@dataclass(frozen=True)
class Work:
    """One dossier before the reviewers of its panel."""

    panel: Panel
    dossier: Dossier
    project: Project
    level: str
    apart: str = ""  # the criterion on which they differ
    stages: Sequence[str] = (IN, IN, IN)  # how far each is


@dataclass
class Desk:
    """What is written together."""

    start: datetime
    rows: list[tuple[Work, int, Assignment]] = field(default_factory=list)
    past: list[Past] = field(default_factory=list)


def load(works: Sequence[Work], members: Mapping[int, Sequence[User]], start: datetime) -> None:
    """Write every sheet, from an instant on, then count what the lists show."""
    desk, secretary = Desk(start), cast.person(cast.SECRETARY)
    turns: dict[int, int] = {}
    for work in works:
        for place, person in enumerate(_chosen(work, members[work.panel.pk], turns)):
            desk.rows.append((work, place, _assignment(desk, work, place, person, secretary)))
    Assignment.objects.bulk_create(row for _work, _place, row in desk.rows)
    sheets = _sheets(desk)
    for work, place, row in desk.rows:
        _tell(desk, work, place, row, sheets.get(row.pk), secretary)
    bulk_load(desk.past)
    for work in works:
        ranking.keep_figures(work.dossier)


def _chosen(work: Work, members: Sequence[User], turns: dict[int, int]) -> list[User]:
    """Reviewers in turn, none of whom the facts tie to the dossier."""
    found: list[User] = []
    bodies = list(work.dossier.bodies.select_related("organisation"))
    suppliers = facts.suppliers_of(work.dossier.snapshot, work.dossier.edition.content)
    today = clock.today()
    place = turns.get(work.panel.pk, 0)
    for _ in range(2 * len(members)):
        person = members[place % len(members)]
        place += 1
        case = facts.conflict_case(person, bodies, suppliers, today)
        if person not in found and not conflicts.hints(case):
            found.append(person)
        if len(found) == len(work.stages):
            break
    turns[work.panel.pk] = place
    return found


def _when(desk: Desk, work: Work, place: int, days: int) -> datetime:
    """An instant of the work of a reviewer, each on its own minute."""
    moved = timedelta(days=days, minutes=(37 * work.dossier.pk + 91 * place) % 420)
    return desk.start + moved + timedelta(microseconds=(work.dossier.pk * 7919 + place) % 999_983)


def _assignment(desk: Desk, work: Work, place: int, person: User, secretary: User) -> Assignment:
    stage = work.stages[place]
    bodies = list(work.dossier.bodies.select_related("organisation").order_by("position", "pk"))
    is_open = stage != OFFERED
    return Assignment(
        state="accepted" if is_open else "offered",
        panel=work.panel,
        dossier=work.dossier,
        reviewer=person,
        assigned_by=secretary,
        assigned_at=_when(desk, work, place, 0),
        due_at=work.panel.due_at,
        card=facts.card_of(work.dossier, bodies),
        hints=[],
        declared_at=_when(desk, work, place, 1) if is_open else None,
        declaration="none" if is_open else "",
    )


def _sheets(desk: Desk) -> dict[int, Sheet]:
    """The sheets of those who accepted: handed in whole, or begun."""
    made = []
    for work, place, row in desk.rows:
        stage = work.stages[place]
        if stage == OFFERED:
            continue
        grid = facts.grid_of(work.dossier)
        told = marks.sheet(work.project, grid, work.level, place, apart=work.apart)
        if stage == WRITING:
            told = {"scores": _first(told["scores"]), "comments": _first(told["comments"])}
        is_in = stage == IN
        sheet = Sheet(
            state="handed_in" if is_in else "draft",
            assignment=row,
            snapshot=work.dossier.snapshot,
            updated_at=_when(desk, work, place, 4),
            handed_in_at=_when(desk, work, place, 5) if is_in else None,
            **told,
        )
        if is_in:
            sheet.total = sheet._total()
        made.append(sheet)
    return {sheet.assignment_id: sheet for sheet in Sheet.objects.bulk_create(made)}


def _first(told: Mapping[str, str]) -> dict[str, str]:
    return dict(list(told.items())[:2])


def _tell(desk: Desk, work: Work, place: int, row: Assignment, sheet: Sheet | None, secretary: User) -> None:
    """The events of an assignment and of its sheet."""
    number, person = work.dossier.number, row.reviewer
    given = {"dossier": number, "reviewer": person.pk}
    desk.past.append(Past(row, "offer", row.assigned_at, secretary, data=given))
    if sheet is None or row.declared_at is None:
        return
    said = {"dossier": number, "declaration": "none"}
    desk.past.append(Past(row, "accept", row.declared_at, person, "offered", "accepted", data=said))
    if sheet.handed_in_at is not None:
        handed = {"dossier": number}
        desk.past.append(
            Past(sheet, "hand_in", sheet.handed_in_at, person, "draft", "handed_in", data=handed)
        )


def seated(panel: Panel, codes: Iterable[str]) -> list[User]:
    """The members of a panel, named by the manager."""
    found = []
    for code in codes:
        cast.give(code, "reviewer", panel)
        found.append(cast.person(code))
    return found
