"""Sheets that diverge, as a queue of its own: where, by how much, what was answered and what is still to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import Dossier
from applications.taking import record_taken
from review import facts, ranking, rules, scoring
from review.models import Assignment, Consensus, Panel
from review.views.asking import me, require, visible_panel
from review.views.panels import coverage
from web import formats, tables
from web.http import whole
from web.lists import Column, State

TOTAL = "total"


@dataclass
class Gap:
    """One place where sheets are too far apart, and what the committee answered."""

    on: str
    label: Any
    marks: str
    spread: str
    agreed: Consensus | None = None

    @property
    def answer(self) -> str:
        """The answer in words, or nothing."""
        if self.agreed is None:
            return ""
        if not self.agreed.score:
            return str(_("moyenne maintenue"))
        return _("consensus %(mark)s") % {"mark": facts.shown_mark(self.agreed.score)}

    @property
    def text(self) -> str:
        """The gap in one breath."""
        said = f"{self.on} {self.spread}" if self.on != TOTAL else _("total %(n)s") % {"n": self.spread}
        return f"{said} ({self.answer})" if self.answer else said


@dataclass
class Line:
    """A dossier whose sheets diverge or did until the committee answered."""

    dossier: Dossier
    gaps: list[Gap]
    score: str
    widest: Fraction
    awaited: list[Assignment] = field(default_factory=list)
    may_further: bool = False

    @property
    def pk(self) -> int:
        """The key of the dossier."""
        return self.dossier.pk

    @property
    def shown_score(self) -> str:
        """The score with two decimals, a dash when there is none yet."""
        return facts.two_decimals(self.score)

    @property
    def is_open(self) -> bool:
        """Something is still to answer."""
        return any(one.agreed is None for one in self.gaps)

    @property
    def names(self) -> str:
        """Who is still to hand a sheet in."""
        return ", ".join(one.reviewer.name for one in self.awaited)

    @property
    def state(self) -> State:
        """Where its answer stands."""
        if not self.is_open:
            return State("ok", _("Réglée"))
        return State("now", _("Lecture attendue")) if self.awaited else State("warn", _("À régler"))

    @property
    def order(self) -> tuple[Any, ...]:
        """What awaits an answer first, the widest spread at the top, those of one more reading after."""
        return (not self.is_open, bool(self.awaited), -self.widest, self.dossier.number)


@dataclass
class Queue:
    """What a person reads of the divergences of a panel."""

    panel: Panel
    lines: list[Line]


def queue(user: Any, pk: int) -> Queue:
    """Dossiers of the panel whose sheets diverge, without those from which the person is recused."""
    panel = visible_panel(user, pk)
    require(rules.may_follow(user, panel))
    answered = Consensus.objects.filter(dossier_id=OuterRef("pk"))
    rows = list(
        coverage(panel, user)
        .filter(Q(divergent=True) | Exists(answered))
        .select_related("edition")
        .order_by("number")
    )
    sheets, agreed, awaited = ranking.standing_sheets(rows), _agreed(rows), _awaited(panel, rows, user)
    process = panel.process()
    may_ask = rules.may_judge(user, panel) and panel.state == "open"
    lines = []
    for row in rows:
        kept = agreed.get(row.pk, {})
        marks = {code: one.score for code, one in kept.items() if one.score}
        case = facts.scoring_case(row, panel.volet.sheets_required, sheets.get(row.pk, []), marks)
        result: dict[str, Any] = scoring.score(case)
        gaps = [_gap(row, case, result, one, kept) for one in result["divergences"]]
        if not gaps:
            continue
        found = Line(row, gaps, (result["score"] or {}).get("exact", ""), _widest(row, result))
        found.awaited = awaited.get(row.pk, [])
        stage = process.stages.get(row.stage)
        in_review = stage is not None and stage.kind.code == "review"
        found.may_further = may_ask and in_review and row.divergent and not found.awaited
        lines.append(found)
    return Queue(panel, sorted(lines, key=lambda one: one.order))


def _agreed(rows: Sequence[Dossier]) -> dict[int, dict[str, Consensus]]:
    found: dict[int, dict[str, Consensus]] = {}
    for one in Consensus.objects.filter(dossier__in=[row.pk for row in rows]).select_related("by"):
        found.setdefault(one.dossier_id, {})[one.criterion] = one
    return found


def _awaited(panel: Panel, rows: Sequence[Dossier], user: Any) -> dict[int, list[Assignment]]:
    """Who holds one of these dossiers and has not handed a sheet in."""
    live = Assignment.objects.visible_to(user).filter(
        panel=panel, dossier__in=[row.pk for row in rows], state__in=["offered", "accepted"]
    )
    found: dict[int, list[Assignment]] = {}
    for one in live.exclude(sheet__state="handed_in").select_related("reviewer").order_by("due_at", "pk"):
        found.setdefault(one.dossier_id, []).append(one)
    return found


def _gap(
    row: Dossier,
    case: Mapping[str, Any],
    result: Mapping[str, Any],
    one: Mapping[str, str],
    kept: Mapping[str, Consensus],
) -> Gap:
    code = one["on"]
    if code == TOTAL:
        marks = [facts.two_decimals(each["exact"]) for each in result["totals"].values()]
        label: Any = _("Total")
    else:
        marks = [facts.shown_mark(each["scores"][code]) for each in case["sheets"]]
        label = next(each["label"] for each in facts.grid_of(row)["criteria"] if each["id"] == code)
    return Gap(code, label, " · ".join(marks), facts.two_decimals(one["spread"]), kept.get(code))


def _widest(row: Dossier, result: Mapping[str, Any]) -> Fraction:
    """The widest spread, each measured against what the grid allows."""
    limits = facts.grid_of(row)["divergence"]
    parts = []
    for one in result["divergences"]:
        limit = Fraction(limits[TOTAL if one["on"] == TOTAL else "criterion"])
        parts.append(Fraction(one["spread"]) / limit if limit else Fraction(one["spread"]))
    return max(parts)


# --- the list -------------------------------------------------------------------------------------------
DEFINITIONS = {
    "numero": gettext_lazy("Numéro du dossier."),
    "organisme": gettext_lazy("Organisme qui porte la demande."),
    "projet": gettext_lazy("Titre du projet à la dernière version déposée."),
    "ecarts": gettext_lazy("Critères où les fiches divergent, avec l’écart et ce que le comité a répondu."),
    "note": gettext_lazy("Moyenne des fiches qui tiennent, arrondie à deux décimales."),
    "etat": gettext_lazy("À régler, lecture attendue ou réglée."),
    "attendue": gettext_lazy("Personnes à qui le dossier est confié et dont la fiche manque encore."),
    "motif": gettext_lazy("Motifs que le comité a inscrits."),
}


def columns(panel: Panel) -> list[Column]:
    """The queue, a column a fact."""

    def reasons(line: Line) -> str:
        return " ".join(f"{one.on}\u00a0: {one.agreed.reason}" for one in line.gaps if one.agreed)

    return [
        Column(
            "numero",
            gettext_lazy("Numéro"),
            lambda line: line.dossier.number,
            sort="number",
            href=lambda line: reverse("panel_dossier", args=[panel.pk, line.pk]),
            head=True,
        ),
        Column("organisme", gettext_lazy("Organisme"), lambda line: line.dossier.lead_name),
        Column("projet", gettext_lazy("Projet"), lambda line: line.dossier.title, cut=True, typed=True),
        Column("ecarts", gettext_lazy("Écarts"), lambda line: "; ".join(one.text for one in line.gaps)),
        Column("note", gettext_lazy("Note globale"), lambda line: facts.two_decimals(line.score)),
        Column("etat", gettext_lazy("État"), lambda line: line.state, kind="state"),
        Column("attendue", gettext_lazy("Fiche attendue de"), lambda line: line.names),
        Column("motif", gettext_lazy("Motif"), reasons, typed=True),
    ]


def divergences_table(user: Any, part: str) -> tables.Table:
    """The queue of a panel as a list to take away, in the order of its page."""
    found = queue(user, whole(part) or 0)
    return tables.Table(
        Dossier.objects.filter(pk__in=[one.pk for one in found.lines]),
        columns(found.panel),
        "numero",
        record=record_taken,
        fixed=found.lines,
        order=gettext_lazy("À régler d’abord, les plus grands écarts en tête"),
        found=found,
    )


def divergences(request: HttpRequest, pk: int) -> HttpResponse:
    """The queue, with the two answers of each row that still awaits one."""
    table = tables.build(me(request), "divergences", str(pk))
    panel, lines = table.found.panel, table.found.lines
    stated = [(line, line.state) for line in lines]
    context = {
        "panel": panel,
        "lines": stated,
        "take": tables.take_of(request, table) if lines else None,
        "figures": [
            {"label": _("À régler"), "value": sum(one.is_open and not one.awaited for one in lines)},
            {
                "label": _("Lecture attendue"),
                "value": sum(one.is_open and bool(one.awaited) for one in lines),
            },
            {"label": _("Réglées"), "value": sum(not one.is_open for one in lines)},
        ],
        "may_judge": rules.may_judge(me(request), panel) and panel.state == "open",
        "limits": _limits(panel),
    }
    return render(request, "review/divergences.html", context)


def _limits(panel: Panel) -> dict[str, str]:
    """From what spread on sheets diverge, as the grid of the call says it."""
    edition = panel.call.edition
    assert edition is not None
    given = edition.content["grid"]["divergence"]
    return {key: formats.number(value, 1 if "." in value else 0) for key, value in given.items()}
