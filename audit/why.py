"""« Pourquoi cette décision ? »: input, rule, sheets, people, instants and hashes of one line of a decision."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from applications import keeping
from applications.models import Dossier
from audit import again, cases, reading
from audit.cases import Kept
from grants.models import Decision, DecisionLine
from grants.rules import has_call_role
from review.facts import shown_mark, two_decimals
from review.models import Recommendation, Reconsideration, Recusal, Sheet
from review.querysets import FOLLOWERS
from web import formats
from web.formats import tr
from workflows import schema
from workflows.models import Event

# What of the history of a dossier says who decided: its verbs, and the acts that move figures.
ACTS = (
    "submit", "resubmit", "send_back", "advance", "confirm_aid", "name_analyst", "accept", "waitlist", "reject",
    "withdraw", "conclude", "reopen", "grant", "partner_leave", "partner_weigh", "take_back",
)  # fmt: skip


@dataclass(frozen=True)
class Criterion:
    """A criterion as it was scored: the marks of each sheet, the mean, the threshold."""

    code: str
    label: str
    weight: int
    threshold: str
    marks: list[str]
    mean: str
    agreed: bool
    percent: str
    passes: bool


@dataclass(frozen=True)
class Reviewed:
    """A sheet that counted; its author and words only for who may read them."""

    who: str
    total: str
    at: datetime | None = None
    comments: list[tuple[str, str]] = field(default_factory=list)
    strengths: str = ""
    weaknesses: str = ""


@dataclass(frozen=True)
class Step:
    """Somebody's act that led to the decision."""

    at: datetime
    words: str
    who: str


@dataclass(frozen=True)
class Print:
    """Something with its digest."""

    name: str
    digest: str
    note: str = ""


@dataclass
class Why:
    """All that the page says of a line."""

    line: DecisionLine
    dossier: Dossier
    decision: Decision
    kept: list[Kept]
    entry: Mapping[str, Any]
    case: Mapping[str, Any]
    reserves: list[tuple[str, int]]
    tags: list[str]
    criteria: list[Criterion]
    sheets: list[Reviewed]
    rules: list[str]
    said: list[str]
    steps: list[Step]
    prints: list[Print]
    out: list[str]
    cuts: list[keeping.Cut]
    explanation: str
    is_named: bool
    holds_selection: bool

    @property
    def score(self) -> str:
        """The note on 100, with two decimals."""
        return two_decimals(self.line.score)

    def files(self) -> list[Kept]:
        """The cases that this person may take away."""
        return [one for one in self.kept if one.kind != "selection" or self.holds_selection]


def why(line: DecisionLine, decision: Decision, user: Any, shut: Collection[str] = ()) -> Why:
    """Read everything in a bounded number of statements; `shut`: numbers this person is recused from."""
    dossier = Dossier.objects.select_related("edition__definition", "snapshot__edition").get(
        pk=line.dossier_id
    )
    frozen = Recommendation.objects.filter(panel__volet=decision.volet_id).select_related("frozen_by").first()
    named = has_call_role(user, decision.call, *FOLLOWERS)
    acts = _acts(dossier)
    standing = keeping.standing(dossier, acts)
    kept = _kept(dossier, decision, frozen, line.dossier_number, standing)
    scored = next((one for one in kept if one.kind == "scoring"), None)
    if scored is not None and not named:
        kept[kept.index(scored)] = scored = cases.anonymous(scored)
    case = json.loads(decision.selection_input)
    result = json.loads(decision.selection_result)
    edition = dossier.edition
    line_entry: Mapping[str, Any] = next(
        (one for one in case["dossiers"] if one["id"] == line.dossier_number), {}
    )
    reserves = {one["name"]: tr(one.get("label", one["name"])) for one in decision.volet.reserves}
    tags = {one["code"]: tr(one["label"]) for one in edition.content.get("tags", [])}
    sheets, asked = _rows(dossier) if named else {}, again.of_dossier(dossier)
    return Why(
        line=line,
        dossier=dossier,
        decision=decision,
        kept=kept,
        entry=line_entry,
        case=case,
        criteria=_criteria(scored, edition.content["grid"]) if scored else [],
        sheets=_sheets(scored, sheets, edition.content["grid"]),
        reserves=[(reserves.get(one["name"], one["name"]), one["amount"]) for one in case["reserves"]],
        tags=[tags.get(one, one) for one in line_entry.get("tags", [])],
        rules=_rules(case, edition, reserves),
        said=[*_said(line, case, result, reserves), *again.said(asked)],
        steps=_steps(acts, dossier, decision, frozen, asked),
        prints=_prints(dossier, decision, frozen),
        out=_out(dossier),
        cuts=keeping.cuts(dossier, standing.lines) if standing is not None else [],
        explanation=standing.explanation if standing is not None else "",
        is_named=named,
        holds_selection=not any(one["id"] in shut for one in case["dossiers"]),
    )


def _kept(
    dossier: Dossier, decision: Decision, frozen: Any, number: str, standing: keeping.Standing | None
) -> list[Kept]:
    found: list[Kept] = []
    if dossier.snapshot is not None:
        found += cases.of_snapshot(dossier.snapshot, dossier.snapshot.findings.order_by("rule"))
        confirmed = cases.of_standing(standing)
        found += [confirmed] if confirmed is not None else []
    scored = cases.of_scoring(frozen.scoring, number) if frozen is not None else None
    if scored is not None:
        found.append(scored)
    found.append(cases.of_selection(decision.selection_input, decision.selection_result))
    return found


# --- scores ------------------------------------------------------------------------------------------------
def _criteria(kept: Kept, grid: Mapping[str, Any]) -> list[Criterion]:
    labels = {one["id"]: tr(one["label"]) for one in grid["criteria"]}
    sheets, agreed = kept.case["sheets"], kept.case["consensus"]
    found: list[Criterion] = []
    for one in kept.case["criteria"]:
        told = kept.result["criteria"][one["id"]]
        found.append(
            Criterion(
                one["id"],
                labels.get(one["id"], one["id"]),
                one["weight"],
                formats.percent(one["threshold"]) if one["threshold"] is not None else "–",
                [shown_mark(sheet["scores"][one["id"]]) for sheet in sheets],
                two_decimals(told["mean"]["exact"]),
                one["id"] in agreed,
                formats.percent(Fraction(told["percent"]["exact"]), places=2),
                bool(told["passes"]),
            )
        )
    return found


def _rows(dossier: Dossier) -> dict[str, Sheet]:
    rows = Sheet.objects.filter(assignment__dossier=dossier, state="handed_in")
    return {f"user:{row.assignment.reviewer_id}": row for row in rows.select_related("assignment__reviewer")}


def _sheets(kept: Kept | None, rows: Mapping[str, Sheet], grid: Mapping[str, Any]) -> list[Reviewed]:
    if kept is None:
        return []
    labels = {one["id"]: tr(one["label"]) for one in grid["criteria"]}
    found: list[Reviewed] = []
    for place, one in enumerate(kept.case["sheets"], start=1):
        total = two_decimals(kept.result["totals"][one["reviewer"]]["exact"])
        row = rows.get(one["reviewer"])
        if row is None:
            found.append(Reviewed(_("Fiche %(n)s") % {"n": place}, total))
            continue
        said = [(labels.get(code, code), text) for code, text in sorted(row.comments.items()) if text.strip()]
        name = str(row.assignment.reviewer)
        found.append(Reviewed(name, total, row.handed_in_at, said, row.strengths, row.weaknesses))
    return found


# --- rule --------------------------------------------------------------------------------------------------
def _rules(case: Mapping[str, Any], edition: Any, reserves: Mapping[str, str]) -> list[str]:
    """The rule of the edition in words, with the figures that it was given."""
    grid = edition.content["grid"]
    words = {
        "population": _("population, la plus petite d’abord"),
        "filed_at": _("dépôt, le plus tôt d’abord"),
    }
    ties = [
        words.get(one, _("note de %(code)s, la plus haute d’abord") % {"code": one}) for one in case["ties"]
    ]
    said = [
        _(
            "Un dossier passe s’il obtient au moins %(overall)s en tout et le seuil de chaque critère qui en a un; "
            "les seuils sont inclus."
        )
        % {"overall": formats.percent(grid["overall_threshold"])},
        _("Le classement suit la note; à égalité : %(ties)s.") % {"ties": ", ".join(ties)},
    ]
    for one in case["reserves"]:
        said.append(
            _(
                "La réserve « %(name)s » de %(sum)s sert d’abord, dans l’ordre du classement, les dossiers qui y "
                "ont droit; le premier qui n’y tient pas la ferme et son reste revient au fonds."
            )
            % {"name": reserves.get(one["name"], one["name"]), "sum": formats.money(one["amount"])}
        )
    said.append(
        _(
            "Le fonds de %(pool)s sert ensuite le classement. Le premier dossier qui n’y tient pas reçoit le reste "
            "s’il atteint %(part)s de son aide et %(least)s; sinon il attend, et tous les suivants avec lui."
        )
        % {
            "pool": formats.money(case["pool"]),
            "part": formats.percent(Fraction(case["partial_min"]) * 100),
            "least": formats.money(case["aid_min"]),
        }
    )
    return said


def _said(
    line: DecisionLine, case: Mapping[str, Any], result: Mapping[str, Any], reserves: Mapping[str, str]
) -> list[str]:
    """What the rule gives for this dossier, in words."""
    number, ranking = line.dossier_number, list(result["ranking"])
    if number in result["not_recommended"]:
        return [
            _("Un seuil n’est pas atteint : le dossier n’est pas recommandé et n’entre pas au classement.")
        ]
    if number not in ranking:
        return []
    rank = {"rank": formats.number(ranking.index(number) + 1), "total": formats.number(len(ranking))}
    said = [_("Rang %(rank)s de %(total)s dossiers classés.") % rank]
    offer = next((one for one in result["offers"] if one["id"] == number), None)
    if offer is None:
        said.append(_("L’argent s’arrête plus haut dans le classement : le dossier attend."))
        return said
    asked = next(one["requested"] for one in case["dossiers"] if one["id"] == number)
    sums = {"sum": formats.money(offer["amount"]), "asked": formats.money(asked)}
    if offer["partial"]:
        said.append(_("Il restait %(sum)s au fonds pour une aide de %(asked)s : offre partielle.") % sums)
    elif offer["source"] == "pool":
        said.append(_("L’aide confirmée de %(sum)s tient entière dans le fonds.") % sums)
    else:
        sums["name"] = reserves.get(offer["source"], offer["source"])
        said.append(_("L’aide confirmée de %(sum)s tient entière dans la réserve « %(name)s ».") % sums)
    return said


# --- people ------------------------------------------------------------------------------------------------
def _acts(dossier: Dossier) -> list[Event]:
    """The acts on the dossier that led to the decision, the newest first, with their words."""
    verbs = [f"{reading.DOSSIER}.{verb}" for verb in ACTS]
    rows = Event.objects.filter(subject_type=reading.DOSSIER, subject_id=dossier.pk, verb__in=verbs)
    return list(rows.select_related("beside").order_by("-id")[:60])


def _steps(
    acts: list[Event], dossier: Dossier, decision: Decision, frozen: Any, asked: list[Reconsideration]
) -> list[Step]:
    """Who did what, in order: on the dossier, at the lock of the panel, on the decision, on what was asked again."""
    approvals = decision.approvals.filter(cancelled_at__isnull=True).select_related("user")
    names = reading.people_names([*(one.actor for one in acts), *(one.behalf for one in acts if one.behalf)])
    process = schema.parse(dossier.edition.definition.body)
    steps = [Step(one.at, reading.act_words(one, process), names.get(one.actor, one.actor)) for one in acts]
    if frozen is not None:
        steps.append(
            Step(frozen.frozen_at, _("Comité verrouillé, recommandation figée"), str(frozen.frozen_by))
        )
    words = {
        "proposed": _("Décision proposée"),
        "signed": _("Décision signée"),
        "release_manager": _("Libération demandée"),
        "release_authority": _("Libération confirmée"),
    }
    steps += [Step(one.at, words.get(one.step, one.step), str(one.user)) for one in approvals]
    steps += [Step(*one) for one in again.steps(asked)]
    return sorted(steps, key=lambda one: one.at)


def _out(dossier: Dossier) -> list[str]:
    """Who was shut out of the dossier."""
    rows = Recusal.objects.filter(dossier=dossier, lifted_at__isnull=True).select_related("user")
    return [f"{row.user}, {formats.datetime_short(row.at)}" for row in rows.order_by("at")]


# --- hashes ------------------------------------------------------------------------------------------------
def _prints(dossier: Dossier, decision: Decision, frozen: Any) -> list[Print]:
    found = [Print(_("Édition %(n)s de l’appel") % {"n": dossier.edition.version}, dossier.edition.digest)]
    if dossier.snapshot is not None:
        found.append(
            Print(_("Version déposée %(n)s") % {"n": dossier.snapshot.version}, dossier.snapshot.digest)
        )
    if frozen is not None:
        found.append(Print(_("Recommandation du comité"), frozen.digest))
    if decision.digest:
        found.append(Print(_("Décision signée") if decision.signed_at else _("Décision"), decision.digest))
    return found
