"""The figures of a decision page: sums against the envelope and its reserves, by region, blocks of the drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Region
from grants.models import Decision, DecisionLine
from grants.models.decision import PAID, LineOutcome
from web import formats

WIDTH = 1100
SIGNS = {
    LineOutcome.ACCEPTED: "accepted",
    LineOutcome.PARTIAL: "with_applicant",
    LineOutcome.WAITLISTED: "waitlisted",
    LineOutcome.REJECTED: "rejected",
}


def outcome_words(outcome: str) -> str:
    """The words of an outcome of a line."""
    return {
        LineOutcome.ACCEPTED.value: _("Accepté"),
        LineOutcome.PARTIAL.value: _("Offre partielle"),
        LineOutcome.WAITLISTED.value: _("Liste d’attente"),
        LineOutcome.REJECTED.value: _("Non retenu"),
    }[outcome]


def score_words(score: str) -> str:
    """A score held as an exact fraction, on 100, with two decimals rounded half up."""
    if not score:
        return "–"
    scaled = Fraction(score) * 100
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return formats.number(f"{whole // 100}.{whole % 100:02d}", 2)


@dataclass(frozen=True)
class LineRow:
    """A line as the page shows it."""

    line: DecisionLine
    score: str
    state: str
    words: str
    share: str
    running: int
    departs: bool
    voided: bool


@dataclass(frozen=True)
class Block:
    """One offer of the drawing: x and width in units of the drawing, its colour and whether it is partial."""

    x: str
    width: str
    middle: str
    rank: str
    fill: str
    partial: bool


@dataclass(frozen=True)
class Share:
    """Money of a region: dollars and percent of the envelope."""

    name: str
    dollars: int
    percent: str
    count: int


@dataclass(frozen=True)
class Ledger:
    """All that a decision page says in figures; committed + left = envelope."""

    envelope: int
    already: int
    promised: int
    left: int
    rows: list[LineRow]
    blocks: list[Block]
    reserves: list[dict[str, Any]]
    regions: list[Share]
    departures: list[LineRow]
    counts: dict[str, int]


def ledger(decision: Decision, lines: Sequence[DecisionLine]) -> Ledger:
    """Compute the figures from the lines as they are."""
    budget = decision.budget_line()
    standing = [line for line in lines if line.voided_at is None]
    promised = sum(line.amount for line in standing)
    counted = decision.state in ("signed", "released")
    already = budget.committed - (promised if counted else decision.money_back())
    rows = _rows(lines)
    return Ledger(
        envelope=budget.amount,
        already=max(0, already),
        promised=promised,
        left=budget.amount - max(0, already) - promised,
        rows=rows,
        blocks=_blocks(standing, budget.amount),
        reserves=_reserves(decision, standing),
        regions=_regions(standing, budget.amount),
        departures=[row for row in rows if row.departs and not row.voided],
        counts={
            outcome: sum(1 for line in standing if line.outcome == outcome) for outcome in LineOutcome.values
        },
    )


def _rows(lines: Sequence[DecisionLine]) -> list[LineRow]:
    rows, running = [], 0
    for line in lines:
        voided = line.voided_at is not None
        running += 0 if voided else line.amount
        partial = line.outcome == LineOutcome.PARTIAL and line.requested
        share = formats.percent(_tenths(line.amount, line.requested)) if partial else ""
        state = "withdrawn" if voided else SIGNS[LineOutcome(line.outcome)]
        words = _("Annulée") if voided else outcome_words(line.outcome)
        rows.append(
            LineRow(line, score_words(line.score), state, words, share, running, line.departs(), voided)
        )
    return rows


def _tenths(part: int, whole: int) -> str:
    """A percent with one decimal, half up."""
    if not whole:
        return "0"
    scaled = Fraction(part * 1000, whole)
    tenths = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return f"{tenths // 10}.{tenths % 10}"


def _blocks(lines: Sequence[DecisionLine], envelope: int) -> list[Block]:
    """One block an offer, reserves first, as wide as its money."""
    paid = [line for line in lines if line.outcome in PAID and line.amount]
    paid.sort(key=lambda line: (line.source == "pool", line.source, line.position))
    blocks, at = [], 0
    for line in paid:
        width = line.amount * WIDTH / max(envelope, 1)
        x = at * WIDTH / max(envelope, 1)
        fill = "var(--river)" if line.source == "pool" else "var(--spruce)"
        partial = line.outcome == LineOutcome.PARTIAL
        blocks.append(
            Block(
                f"{x:.1f}",
                f"{max(width - 1.5, 1):.1f}",
                f"{x + width / 2:.1f}",
                str(line.rank or ""),
                fill,
                partial,
            )
        )
        at += line.amount
    return blocks


def _reserves(decision: Decision, lines: Sequence[DecisionLine]) -> list[dict[str, Any]]:
    """Each reserve with what was taken from it and what went back to the pool."""
    found = []
    for reserve in decision.volet.reserves:
        taken = sum(line.amount for line in lines if line.source == reserve["name"])
        found.append(
            {
                "label": formats.tr(reserve.get("label", reserve["name"])),
                "amount": reserve["amount"],
                "taken": taken,
                "back": max(0, reserve["amount"] - taken),
            }
        )
    return found


def _regions(lines: Sequence[DecisionLine], envelope: int) -> list[Share]:
    """Money offered by region, most first."""
    names = dict(Region.objects.values_list("code", "name"))
    sums: dict[str, tuple[int, int]] = {}
    for line in lines:
        if line.outcome in PAID:
            dollars, count = sums.get(line.region_code, (0, 0))
            sums[line.region_code] = (dollars + line.amount, count + 1)
    shares = [
        Share(names.get(code, code), dollars, formats.percent(_tenths(dollars, envelope)), count)
        for code, (dollars, count) in sums.items()
    ]
    return sorted(shares, key=lambda share: (-share.dollars, share.name))
