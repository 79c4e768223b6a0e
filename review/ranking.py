"""The ranking of a panel, computed by the two cores from the sheets that stand; what the lock freezes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps

from review import facts, scoring, selection
from workflows.chain import canonical

if TYPE_CHECKING:
    from applications.models import Dossier
    from review.models import Panel
    from workflows.schema import Stage

OFFERED, WAITING, REFUSED = "offered", "waiting", "refused"


@dataclass
class Computed:
    """Cases and results of a panel's dossiers, and what could not be scored yet."""

    dossiers: list[Dossier]
    scoring: dict[str, Any]  # number → {"input", "result"}
    case: dict[str, Any]
    result: dict[str, Any]
    unscored: list[Dossier]

    def standing_of(self, number: str) -> str:
        """What the rule proposes for a dossier: an offer, to wait, or no offer."""
        if number in {one["id"] for one in self.result["offers"]}:
            return OFFERED
        return WAITING if number in self.result["waiting"] else REFUSED

    def texts(self) -> tuple[str, str, str]:
        """Scoring, input and result as canonical text: what is stored and hashed."""
        return canonical({"dossiers": self.scoring}), canonical(self.case), canonical(self.result)


def outcome_of(stage: Stage, standing: str) -> str:
    """The outcome of a committee's stage for a proposal: first, second and last, in the order of the definition.

    Where there are two, a dossier that waits goes the first way: it passed; where there is one, all go there.
    """
    codes = [one.code for one in stage.outcomes]
    if standing == REFUSED:
        return codes[-1]
    return codes[1] if standing == WAITING and len(codes) > 2 else codes[0]


def digest_of(scored: str, case: str, result: str) -> str:
    """The hash of a recommendation: of the canonical JSON of its three texts."""
    text = canonical({"scoring": scored, "input": case, "result": result})
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def dossiers_of(panel: Panel) -> Any:
    """Dossiers of a panel that review or committee hold now."""
    model: Any = apps.get_model("applications", "Dossier")
    rows = model._default_manager.filter(
        call_id=panel.call_id, volet_id=panel.volet_id, state="in_progress", stage__in=panel.open_stages()
    )
    return rows.select_related("edition").order_by("number")


def compute(panel: Panel, dossiers: Iterable[Dossier] | None = None) -> Computed:
    """Score every dossier and select inside the envelope, with the very functions of the cores."""
    rows = list(dossiers_of(panel) if dossiers is None else dossiers)
    sheets = standing_sheets(rows)
    agreed = consensus_of(rows)
    required = panel.volet.sheets_required
    scored: dict[str, Any] = {}
    entries, unscored = [], []
    for row in rows:
        case = facts.scoring_case(row, required, sheets.get(row.pk, []), agreed.get(row.pk, {}))
        result = scoring.score(case)
        scored[row.number] = {"input": case, "result": result}
        if result["score"] is None or result["passes"] is None:
            unscored.append(row)
        else:
            entries.append(facts.selection_entry(row, result))
    edition = panel.call.edition
    assert edition is not None
    case = facts.selection_case(panel.volet, edition.content, entries)
    return Computed(rows, scored, case, selection.select(case), unscored)


def frozen(panel: Panel, narrowed: Any = None) -> Computed | None:
    """The ranking as it was frozen by the lock, or nothing; `narrowed` may annotate the dossiers."""
    found = getattr(panel, "recommendation", None)
    if found is None:
        return None
    scored = json.loads(found.scoring)["dossiers"]
    dossier: Any = apps.get_model("applications", "Dossier")
    rows = dossier._default_manager.filter(call_id=panel.call_id, number__in=list(scored)).order_by("number")
    kept = list(rows if narrowed is None else narrowed(rows))
    return Computed(kept, scored, json.loads(found.input), json.loads(found.result), [])


def standing_sheets(dossiers: Iterable[Dossier]) -> dict[int, list[Any]]:
    """Sheets that count, by dossier."""
    model: Any = apps.get_model("review", "Sheet")
    found: dict[int, list[Any]] = {}
    rows = model._default_manager.filter(
        state="handed_in", assignment__dossier_id__in=[one.pk for one in dossiers]
    )
    for sheet in rows.select_related("assignment").order_by("assignment_id"):
        found.setdefault(sheet.assignment.dossier_id, []).append(sheet)
    return found


def consensus_of(dossiers: Iterable[Dossier]) -> dict[int, dict[str, str]]:
    """Scores agreed in committee, by dossier and criterion (a row without score keeps the mean)."""
    model: Any = apps.get_model("review", "Consensus")
    found: dict[int, dict[str, str]] = {}
    rows = model._default_manager.filter(dossier_id__in=[one.pk for one in dossiers]).exclude(score="")
    for key, criterion, score in rows.values_list("dossier_id", "criterion", "score"):
        found.setdefault(key, {})[criterion] = score
    return found


def settled(dossier: Dossier) -> set[str]:
    """On what the committee concluded: a consensus score, or the mean kept with a reason."""
    model: Any = apps.get_model("review", "Consensus")
    return set(model._default_manager.filter(dossier=dossier).values_list("criterion", flat=True))


def score_dossier(dossier: Dossier, plus: Any = None, minus: Any = None) -> dict[str, Any]:
    """Case and result of one dossier now; a sheet that the running verb counts or sets aside may be named."""
    changed = {one.pk for one in (plus, minus) if one is not None}
    sheets = [one for one in standing_sheets([dossier]).get(dossier.pk, []) if one.pk not in changed]
    if plus is not None:
        sheets = sorted([*sheets, plus], key=lambda one: one.assignment_id)
    agreed = consensus_of([dossier]).get(dossier.pk, {})
    case = facts.scoring_case(dossier, dossier.volet.sheets_required, sheets, agreed)
    return {"input": case, "result": scoring.score(case)}


def keep_figures(dossier: Dossier, plus: Any = None, minus: Any = None) -> None:
    """Write what lists show of the review of a dossier, under its lock, in the transaction of the act."""
    scored = score_dossier(dossier, plus, minus)
    result: dict[str, Any] = scored["result"]
    counted = result["enough_sheets"] and result["score"] is not None
    open_on = {one["on"] for one in result["divergences"]} - settled(dossier)
    model: Any = apps.get_model("applications", "Dossier")
    model._default_manager.filter(pk=dossier.pk).update(
        sheets_done=len(scored["input"]["sheets"]),
        score=result["score"]["exact"] if counted else "",
        divergent=bool(open_on),
    )
