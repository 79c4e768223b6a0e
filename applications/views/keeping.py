"""The budget as an analyst goes through it: what is asked and kept of each cost, and the aid that it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from applications import budget_rows, explaining, fields, keeping, kept, snapshots
from applications.keeping import Cut, Standing
from applications.kept import Line
from applications.typed import BadAnswer, whole_number
from applications.views.frame import Frame
from grants import editions
from web import formats
from web.http import whole


@dataclass
class Row:
    """A cost on the page: as filed, and what is typed of it."""

    number: int
    id: str
    category: str
    description: str
    cost: int
    asked: int
    counts: bool
    typed: str = ""
    reason: str = ""
    fault: str = ""
    wrong: str = ""  # the field that the fault is about: kept, why
    line: Line | None = None


@dataclass
class Kept:
    """What the page shows of the aid: the aid that stands, the lines, what is typed, what is wrong with it."""

    filed: Standing
    standing: Standing
    rows: list[Row]
    version: int
    words: str = ""
    amount: str = ""
    sums: int | None = None
    faults: list[tuple[str, str]] = field(default_factory=list)
    is_open: bool = False
    cuts: list[Cut] = field(default_factory=list)
    funding: Any = None
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reasons(self) -> list[tuple[str, Any]]:
        """The codes of reasons, each with its words."""
        return list(keeping.REASONS.items())

    @property
    def lines(self) -> list[Line]:
        """What is kept of each cost that counts."""
        return [one.line for one in self.rows if one.line is not None]

    @property
    def asked(self) -> int:
        """What is asked to be counted."""
        return sum(one.asked for one in self.rows if one.counts)

    @property
    def left(self) -> int:
        """What is kept of it."""
        return sum(one.kept for one in self.lines)

    @property
    def changes(self) -> int:
        """What the lines take off the aid that was computed."""
        return self.filed.aid - int(self.told["aid"]) if self.told else 0


def shown(frame: Frame) -> Kept | None:
    """The aid that stands; nothing where the call computes none."""
    page = _page(frame)
    if page is None:
        return None
    before = {one.id: one for one in page.standing.lines}
    for row in page.rows:
        one = before.get(row.id)
        dollars, row.reason = (one.kept, one.reason) if one else (row.asked, "")
        row.typed = formats.number(dollars)
        row.line = Line(row.id, row.asked, dollars, row.reason) if row.counts else None
    page.words = page.standing.explanation
    confirmed = frame.dossier.confirmed_aid
    if confirmed is not None and confirmed != page.standing.aid:
        page.amount = formats.number(confirmed)
    _explain(frame, page)
    return page


def typed(frame: Frame, post: QueryDict) -> Kept | None:
    """What somebody typed, each line read, what is wrong with it beside it."""
    page = _page(frame)
    if page is None:
        return None
    page.words, page.amount, page.is_open = post.get("reason", ""), post.get("amount", ""), True
    page.version = whole(post.get("version", "")) or page.version
    for row in page.rows:
        if row.counts:
            row.typed, row.reason = post.get(f"kept.{row.id}", str(row.asked)), post.get(f"why.{row.id}", "")
            _read(row, page.words)
            if row.wrong == "why" and post.get("act") == "compute":
                row.fault = row.wrong = ""  # a reason can wait while one looks at what the amounts give
            if row.fault:
                page.faults.append((f"{_line_name(row)}\u00a0: {row.fault}", f"{row.wrong}-{row.id}"))
    if page.amount.strip():
        try:
            page.sums = whole_number(page.amount)
        except BadAnswer:
            page.faults.append((_("Écrivez l’aide en dollars entiers, sans les cents."), "kept-amount"))
    if all(one.line is not None for one in page.rows if one.counts):
        _explain(frame, page)
    return page


def _page(frame: Frame) -> Kept | None:
    dossier = frame.dossier
    filed = keeping.base(dossier)
    if filed is None:
        return None
    standing = keeping.standing(dossier) or filed
    content = dossier.edition.content
    value = explaining.value_of(dossier, snapshots.content_of(dossier.snapshot)["answers"])
    question = fields.question_of(content, editions.answer_code(content, "budget"))
    read = budget_rows.display(question, value) if question and isinstance(value, Mapping) else {}
    return Kept(
        filed=filed,
        standing=standing,
        rows=_rows(dossier, filed),
        version=dossier.snapshot.version,
        cuts=keeping.cuts(dossier, standing.lines),
        funding=read.get("funding"),
    )


def _rows(dossier: Any, filed: Standing) -> list[Row]:
    costs = {one["id"]: one for one in filed.input["costs"]}
    labels = keeping.categories(dossier)
    return [
        Row(
            number=number,
            id=row["id"],
            category=labels.get(row["category"], row["category"]),
            description=str(row.get("description") or ""),
            cost=costs[row["id"]]["amount"],
            asked=kept.asked_of(costs[row["id"]]),
            counts=costs[row["id"]]["eligible"],
        )
        for number, row in enumerate(keeping.rows_of(dossier), 1)
        if row["id"] in costs
    ]


def _read(row: Row, words: str) -> None:
    """Read what is typed of a line; `line` stays empty while it is no sum that can be kept."""
    row.wrong = "kept"
    if not row.typed.strip():
        row.fault = _("inscrivez le montant retenu, 0 pour ne rien retenir.")
        return
    try:
        dollars = whole_number(row.typed)
    except BadAnswer as wrong:
        said = str(wrong)
        row.fault = f"{said[:1].lower()}{said[1:]}"
        return
    line = Line(row.id, row.asked, dollars, row.reason if dollars < row.asked else "")
    row.fault, row.wrong = keeping.fault(line, words), ""
    if row.fault:
        row.wrong = "why" if line.kept <= line.asked else "kept"
    if row.wrong != "kept":
        row.line = line


def _line_name(row: Row) -> str:
    return _("Ligne %(n)s, %(name)s") % {"n": row.number, "name": row.description}


def _explain(frame: Frame, page: Kept) -> None:
    """The steps of the aid with the lines as they stand on the page."""
    computed = kept.compute(page.filed.input, page.lines)
    page.told = explaining.explain(computed, frame.dossier, filed=page.filed.input)
