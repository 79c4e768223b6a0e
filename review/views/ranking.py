"""The ranking of a panel: scores, thresholds, ties and their rule, the line where the money runs out."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import Region
from applications.models import Dossier
from applications.taking import record_taken
from review import facts, rules, steps
from review import ranking as computing
from review.meetings import minutes_awaited
from review.models import Panel, Recusal
from review.ranking import Computed
from review.views.asking import me, require, visible_panel
from web import formats, tables
from web.http import whole
from web.lists import Column
from workflows.engine import available

WIDTH = 1100
SIGNS = {computing.OFFERED: "accepted", computing.WAITING: "waitlisted", computing.REFUSED: "rejected"}


@dataclass
class Line:
    """One line of the ranking."""

    rank: int | None
    dossier: Dossier
    score: str
    passes: list[tuple[str, str, bool]]
    asked: int
    amount: int = 0
    partial: str = ""
    running: int = 0
    state: str = ""
    words: str = ""
    source: str = ""
    tie: str = ""
    spread: str = ""

    @property
    def pk(self) -> int:
        """Whose line it is."""
        return self.dossier.pk


@dataclass(frozen=True)
class Block:
    """One offer of the drawing of the envelope."""

    x: str
    width: str
    middle: str
    rank: int
    fill: str
    is_partial: bool


@dataclass
class Board:
    """All that the page shows."""

    lines: list[Line] = field(default_factory=list)
    refused: list[Line] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    cut: int = 0  # lines above the budget line
    withheld: int = 0  # dossiers from which the person is recused
    spent: int = 0
    left: int = 0
    pool: int = 0
    requested: int = 0
    last: str = ""
    reserves: list[tuple[str, int, int]] = field(default_factory=list)  # name, amount, proposed
    heavy: list[tuple[str, int, str]] = field(
        default_factory=list
    )  # regions over the soft limit: name, sum, percent
    share: str = ""  # that limit, in percent


@dataclass
class Ranked:
    """What a person reads of a ranking."""

    panel: Panel
    found: Computed
    shut: set[int]
    board: Board
    is_frozen: bool


def ranked(user: Any, pk: int) -> Ranked:
    """The ranking as it stands, or as the lock froze it; reviewers read it once it is frozen."""
    panel = visible_panel(user, pk)
    require(rules.may_read_ranking(user, panel))
    require(panel.state == "locked" or rules.may_follow(user, panel) or _is_authority(user, panel))
    frozen = computing.frozen(panel, without(user))
    found = frozen or computing.compute(panel, without(user)(computing.dossiers_of(panel)))
    shut = {one.pk for one in found.dossiers if one.is_shut}  # type: ignore[attr-defined]
    return Ranked(panel, found, shut, build(panel, found, shut), frozen is not None)


DEFINITIONS = {
    "rang": gettext_lazy("Rang au classement; vide quand un seuil n’est pas atteint."),
    "organisme": gettext_lazy("Organisme qui porte la demande."),
    "numero": gettext_lazy("Numéro du dossier."),
    "projet": gettext_lazy("Titre du projet à la dernière version déposée."),
    "egalite": gettext_lazy("Ce qui a départagé deux dossiers à égalité de note."),
    "note": gettext_lazy("Moyenne des fiches qui tiennent, arrondie à deux décimales."),
    "criteres": gettext_lazy("Note de chaque critère, en pourcentage de son maximum."),
    "aide": gettext_lazy("Aide confirmée par l’analyse."),
    "proposee": gettext_lazy("Aide que la règle propose dans l’enveloppe."),
    "cumul": gettext_lazy("Somme des aides proposées jusqu’à ce rang."),
    "proposition": gettext_lazy("Ce que la règle propose : offre, liste d’attente ou refus."),
    "reserve": gettext_lazy("Réserve de l’enveloppe dont vient l’offre."),
}


def columns() -> list[Column]:
    """The ranking, a column a fact."""

    def passes(line: Line) -> str:
        return ", ".join(f"{code} {percent}" for code, percent, _passes in line.passes)

    return [
        Column("rang", gettext_lazy("Rang"), lambda line: line.rank, kind="int"),
        Column("organisme", gettext_lazy("Organisme"), lambda line: line.dossier.lead_name, head=True),
        Column("numero", gettext_lazy("Numéro"), lambda line: line.dossier.number, sort="number"),
        Column("projet", gettext_lazy("Projet"), lambda line: line.dossier.title, cut=True, typed=True),
        Column("egalite", gettext_lazy("Égalité"), lambda line: line.tie),
        Column("note", pgettext_lazy("score", "Note"), lambda line: line.score),
        Column("criteres", gettext_lazy("Critères"), passes),
        Column("aide", gettext_lazy("Aide confirmée"), lambda line: line.asked, kind="money"),
        Column("proposee", gettext_lazy("Proposée"), lambda line: line.amount or None, kind="money"),
        Column("cumul", gettext_lazy("Cumul"), lambda line: line.running or None, kind="money"),
        Column("proposition", gettext_lazy("Proposition"), lambda line: line.words),
        Column("reserve", gettext_lazy("Réserve"), lambda line: line.source),
    ]


def ranking_table(user: Any, part: str) -> tables.Table:
    """The lines of a ranking that this person reads, in the order of the page."""
    read = ranked(user, whole(part) or 0)
    lines = [*read.board.lines, *read.board.refused]
    return tables.Table(
        Dossier.objects.filter(pk__in=[one.pk for one in lines]),
        columns(),
        "numero",
        record=record_taken,
        fixed=lines,
        order=gettext_lazy("Ordre du classement"),
        found=read,
    )


def ranking(request: HttpRequest, pk: int) -> HttpResponse:
    """The ranking as a page, with the envelope it fills."""
    user, table = me(request), tables.build(me(request), "classement", str(pk))
    panel, found, shut, board = table.found.panel, table.found.found, table.found.shut, table.found.board
    context = {
        "panel": panel,
        "board": board,
        "take": tables.take_of(request, table) if table.fixed else None,
        "frozen": panel.recommendation if table.found.is_frozen else None,
        "unscored": [one for one in found.unscored if one.pk not in shut],
        "trace": [steps.said(one) for one in found.result["trace"]] if not shut else [],
        "ties": [tie_label(panel, one) for one in found.case["ties"]],
        "offers": available(panel, user) if rules.is_chair(user, panel) else [],
        "needed": panel.volet.sheets_required,
        "follows": rules.may_follow(user, panel),
        "knows": rules.is_panel_staff(user, panel) or _is_authority(user, panel),
        "figures": figures(panel, board),
        "has_minutes": table.found.is_frozen
        and not shut
        and not minutes_awaited(panel)
        and rules.may_read_minutes(user, panel),
    }
    return render(request, "review/ranking.html", context)


def _is_authority(user: Any, panel: Panel) -> bool:
    from grants.rules import is_authority

    return is_authority(user, panel.call)


def without(user: Any) -> Any:
    """Marks the dossiers from which this person is recused: their lines are withheld."""
    shut = Recusal.objects.filter(dossier_id=OuterRef("pk"), user_id=user.pk, lifted_at__isnull=True)
    return lambda rows: rows.annotate(is_shut=Exists(shut))


def build(panel: Panel, found: Computed, shut: set[int]) -> Board:
    """The lines of the page from the cases and results of the cores."""
    rows = {one.number: one for one in found.dossiers}
    offers = {one["id"]: one for one in found.result["offers"]}
    entries = {one["id"]: one for one in found.case["dossiers"]}
    board = Board(pool=found.case["pool"], spent=found.result["spent"], left=found.result["left"])
    board.requested = sum(entries[number]["requested"] for number in found.result["ranking"])
    names = {one["name"]: formats.tr(one.get("label") or one["name"]) for one in panel.volet.reserves}
    ties = _ties(panel, found, entries)
    running = 0
    for place, number in enumerate(found.result["ranking"], start=1):
        line = _line(place, rows[number], entries[number], found.scoring[number]["result"])
        offer = offers.get(number)
        line.state, line.words = SIGNS[found.standing_of(number)], _words(found, number, offer)
        line.tie = ties.get(number, "")
        if offer is not None:
            running += offer["amount"]
            line.amount, line.running = offer["amount"], running
            line.source = "" if offer["source"] == "pool" else names.get(offer["source"], offer["source"])
            line.partial = _share(offer["amount"], line.asked) if offer["partial"] else ""
            board.last = line.score
            board.cut = place
        if rows[number].pk in shut:
            board.withheld += 1
            continue
        board.lines.append(line)
    hidden = [
        place for place, number in enumerate(found.result["ranking"], start=1) if rows[number].pk in shut
    ]
    board.cut -= sum(1 for place in hidden if place <= board.cut)
    for number in found.result["not_recommended"]:
        line = _line(None, rows[number], entries[number], found.scoring[number]["result"])
        line.state, line.words = SIGNS[computing.REFUSED], _("Non recommandé")
        if rows[number].pk in shut:
            board.withheld += 1
        else:
            board.refused.append(line)
    board.blocks = _blocks(found, board)
    for one in found.case["reserves"]:
        given = sum(offer["amount"] for offer in found.result["offers"] if offer["source"] == one["name"])
        board.reserves.append((names.get(one["name"], one["name"]), one["amount"], given))
    if not board.withheld:
        _weigh_regions(panel, board)
    return board


def _weigh_regions(panel: Panel, board: Board) -> None:
    """Regions whose offers are over the call's soft part of the envelope: the committee is told, nothing is cut."""
    edition = panel.call.edition
    most = edition.content.get("limits", {}).get("region_share") if edition is not None else None
    if not most or not board.pool:
        return
    sums: dict[str, int] = {}
    for line in board.lines:
        sums[line.dossier.region_code] = sums.get(line.dossier.region_code, 0) + line.amount
    over = {code: sum_ for code, sum_ in sums.items() if sum_ > Fraction(most) * board.pool}
    names = dict(Region.objects.filter(code__in=over).values_list("code", "name")) if over else {}
    board.share = percent(Fraction(most), 1)
    board.heavy = [
        (names.get(code, code), sum_, percent(sum_, board.pool)) for code, sum_ in sorted(over.items())
    ]


def percent(part: Fraction | int, whole: int) -> str:
    """A part as a whole number of percents, rounded down."""
    return str(int(Fraction(part) * 100 / whole))


def _line(rank: int | None, row: Dossier, entry: Mapping[str, Any], result: Mapping[str, Any]) -> Line:
    passes = [
        (code, formats.percent(one["percent"]["rounded"], places=2), bool(one["passes"]))
        for code, one in result["criteria"].items()
    ]
    spreads = [Fraction(one["spread"]) for one in result["divergences"] if one["on"] == "total"]
    return Line(
        rank,
        row,
        facts.two_decimals(entry["score"]),
        passes,
        entry["requested"],
        spread=facts.two_decimals(str(spreads[0])) if spreads else ("≠" if result["divergences"] else ""),
    )


def _words(found: Computed, number: str, offer: Mapping[str, Any] | None) -> str:
    if offer is None:
        return _("Liste d’attente")
    return _("Offre partielle") if offer["partial"] else _("Recommandé")


def _share(part: int, whole: int) -> str:
    tenths = (Fraction(part * 2000, whole) + 1).__floor__() // 2
    return formats.percent(f"{tenths // 10}.{tenths % 10}")


def tie_label(panel: Panel, tie: str) -> str:
    """A tie rule in words."""
    if tie == "population":
        return _("la plus petite population")
    if tie == "filed_at":
        return _("le dépôt le plus ancien")
    return _("la meilleure note à %(code)s") % {"code": tie}


def _ties(panel: Panel, found: Computed, entries: Mapping[str, Any]) -> dict[str, str]:
    """For each dossier at equal score with its neighbour: what told them apart."""
    order = found.result["ranking"]
    said: dict[str, str] = {}
    for above, below in itertools.pairwise(order):
        one, other = entries[above], entries[below]
        if Fraction(one["score"]) != Fraction(other["score"]):
            continue
        rule = next((tie for tie in found.case["ties"] if _measure(one, tie) != _measure(other, tie)), "")
        words = tie_label(panel, rule) if rule else _("le numéro")
        said.setdefault(above, _("À égalité; départagé par %(rule)s") % {"rule": words})
        said[below] = _("À égalité; départagé par %(rule)s") % {"rule": words}
    return said


def _measure(entry: Mapping[str, Any], tie: str) -> Any:
    if tie in ("population", "filed_at"):
        return entry[tie]
    return Fraction(entry["criteria"][tie])


def _blocks(found: Computed, board: Board) -> list[Block]:
    """One block an offer, reserves first, as wide as its money; without numbers when lines are withheld."""
    pool = board.pool or 1
    places = {number: place for place, number in enumerate(found.result["ranking"], start=1)}
    offers = sorted(
        found.result["offers"], key=lambda one: (one["source"] == "pool", one["source"], places[one["id"]])
    )
    blocks, at = [], Fraction(0)
    for one in offers:
        width = Fraction(one["amount"] * WIDTH, pool)
        fill = "var(--river)" if one["source"] == "pool" else "var(--spruce)"
        blocks.append(
            Block(
                _units(at + 1),
                _units(max(width - 2, Fraction(1))),
                _units(at + width / 2),
                places[one["id"]],
                fill,
                one["partial"],
            )
        )
        at += width
    return blocks if not board.withheld else []


def _units(value: Fraction) -> str:
    tenths = int(value * 10)
    return f"{tenths // 10}.{tenths % 10}"


def figures(panel: Panel, board: Board) -> list[dict[str, Any]]:
    """Envelope, offered, left, asked, last score served."""
    count = sum(1 for one in board.lines if one.amount)
    found = [
        {"label": _("Enveloppe"), "value": formats.money(board.pool)},
        {
            "label": _("Proposé"),
            "value": formats.money(board.spent),
            "note": _("%(n)s offres") % {"n": count},
        },
        {"label": _("Reste"), "value": formats.money(board.left), "note": _("proposé + reste = enveloppe")},
        {"label": _("Demandé par les dossiers classés"), "value": formats.money(board.requested)},
        {"label": _("Dernière note servie"), "value": board.last or "–"},
    ]
    return found if not board.withheld else found[:1]
