"""What a departure changes after the filing: the case and the facts that were filed, without the bodies that left.

Nothing that was filed is altered. What is so since then stands beside the version (`Snapshot.since`): the budget
computed again by the same core, over the frozen case without those bodies, and the facts that rules read.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from applications import budget, eligibility, facts, kept, partners
from grants import editions
from web import formats
from workflows.casefile import BadInput
from workflows.models import Event

KEPT, INELIGIBLE, NOTED = "kept", "ineligible", "noted"
GOING = ("in_progress", "with_applicant")
CONFIRMED = "applications.dossier.confirm_aid"
LEAVING = (*GOING, "waitlisted", "accepted")  # states in which a partner may still leave


def gone(dossier: Any, bodies: Iterable[Any]) -> list[Any]:
    """Bodies that left since the last filing: one that goes before the closing may be left out of another filing."""
    filed = dossier.last_filed_at
    return [one for one in bodies if one.left_at is not None and (filed is None or one.left_at > filed)]


def keys(dossier: Any, bodies: Iterable[Any]) -> list[str]:
    """`scheme:code` of those that left since the last filing, in order."""
    return sorted(partners.key(one) for one in gone(dossier, bodies))


def waiting(dossier: Any, bodies: Iterable[Any]) -> list[Any]:
    """Those of which nobody of the ministry has concluded anything yet."""
    return [one for one in gone(dossier, bodies) if one.weighed_at is None]


# --- the budget and the facts without them ----------------------------------------------------------------
def since(dossier: Any, bodies: Iterable[Any]) -> dict[str, Any]:
    """What is so since the departures: `{"budget": {"input", "result"}, "facts"}`; {} when nobody left."""
    rows = list(bodies)
    left = keys(dossier, rows)
    if not left or dossier.snapshot is None:
        return {}
    frozen = json.loads(dossier.snapshot.text)
    content, answers = dossier.edition.content, frozen["answers"]
    known: dict[str, Any] = dict(
        facts.of_bodies(rows, answers.get(editions.answer_code(content, "resolution_number")))
    )
    if "entries_as_partner" in frozen["facts"]:
        known["entries_as_partner"] = facts.as_partner(dossier, rows)
    computed = _computed(frozen, left)
    if computed:
        known |= facts.budget_facts(content, answers, computed)
        known.pop("asked", None)
    return {"budget": computed, "facts": known}


def _computed(frozen: Mapping[str, Any], left: Collection[str]) -> dict[str, Any]:
    """The frozen budget computed again; {} when the call computes none, or it cannot be."""
    filed = frozen.get("budget") or {}
    if not filed.get("result"):
        return {}
    lead = next(f"{one['scheme']}:{one['code']}" for one in frozen["bodies"] if one["role"] == "lead")
    case = budget.without(filed["input"], left, lead)
    try:
        return {"input": case, "result": budget.compute(case)}
    except BadInput:
        return {}


def lines_kept(dossier: Any) -> list[kept.Line]:
    """What an analyst kept last of each cost of the version in force; [] when nobody went through them."""
    rows = Event.objects.filter(subject_type="applications.dossier", subject_id=dossier.pk, verb=CONFIRMED)
    event = rows.order_by("-id").first()
    if event is None or event.data.get("version") != dossier.snapshot.version:
        return []
    return [
        kept.Line(one["id"], one["asked"], one["kept"], one["reason"]) for one in event.data.get("lines", [])
    ]


def aid_now(dossier: Any, lines: Sequence[kept.Line]) -> dict[str, Any]:
    """`{"input", "result"}` of the budget without those who left, of which no more is kept than before; {} without."""
    computed: dict[str, Any] = (dossier.snapshot.since or {}).get("budget") or {}
    return kept.compute(computed["input"], lines) if computed and lines else computed


def reopened(dossier: Any) -> list[Any]:
    """Findings of the version in force whose verdict is no longer the one proposed, with the new one; unsaved."""
    judged: Any = eligibility.judge(
        {"rules": dossier.edition.content["rules"], "facts": facts.judged(dossier.snapshot)}
    )
    verdicts = {one["id"]: one for one in judged}
    found = []
    for row in dossier.snapshot.findings.order_by("rule"):
        said = verdicts.get(row.rule)
        if said is None or said["result"] == row.proposed:
            continue
        row.proposed, row.cause, row.missing = said["result"], said["cause"], said["missing"]
        row.confirmed, row.confirmed_by, row.confirmed_at = "", None, None
        found.append(row)
    return found


# --- side by side -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Row:
    """One thing, as filed and as it is since."""

    label: Any
    filed: str
    now: str
    cause: Any = None
    is_rule: bool = False

    @property
    def differs(self) -> bool:
        """Whether the departure changed it."""
        return self.filed != self.now


def compared(dossier: Any) -> list[Row]:
    """What was filed beside what is so since the departures: bodies, rate, costs, aid, then rules that changed."""
    if dossier.snapshot is None or not dossier.snapshot.since:
        return []
    frozen, after = json.loads(dossier.snapshot.text), dossier.snapshot.since
    before = frozen["facts"]
    found = [Row(_("Organismes"), _names(frozen, before["bodies"]), _names(frozen, after["facts"]["bodies"]))]
    old, new = (frozen.get("budget") or {}).get("result"), (after.get("budget") or {}).get("result")
    if old and new:
        found += [
            Row(_("Taux d’aide"), _percent(old), _percent(new)),
            Row(_("Coûts retenus"), formats.money(old["kept"]), formats.money(new["kept"])),
            Row(_("Aide calculée"), formats.money(old["aid"]), formats.money(new["aid"])),
            Row(_("À trouver par les organismes"), formats.money(old["own"]), formats.money(new["own"])),
        ]
        found += _kept(dossier, frozen)
    return found + _rules(dossier)


def _kept(dossier: Any, frozen: Mapping[str, Any]) -> list[Row]:
    """The aid of what an analyst had kept of the costs, where that is less than was asked."""
    lines = lines_kept(dossier)
    if not any(one.is_cut for one in lines):
        return []
    old: Any = kept.compute(frozen["budget"]["input"], lines)["result"]
    new: Any = aid_now(dossier, lines)["result"]
    label = _("Aide avec les coûts que l’analyse a retenus")
    return [Row(label, formats.money(int(old["aid"])), formats.money(int(new["aid"])))]


def _names(frozen: Mapping[str, Any], keys: Iterable[str]) -> str:
    named = {f"{one['scheme']}:{one['code']}": str(one["name"]) for one in frozen["bodies"]}
    return ", ".join(named.get(one, one) for one in keys)


def _percent(result: Mapping[str, Any]) -> str:
    return formats.percent(Fraction(result["rate"]["exact"]) * 100)


def changed(dossier: Any) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Verdicts that are no longer those of the facts that were filed: as filed, and now."""
    rules = dossier.edition.content["rules"]
    then: Any = eligibility.judge({"rules": rules, "facts": facts.filed(dossier.snapshot)})
    now: Any = eligibility.judge({"rules": rules, "facts": facts.judged(dossier.snapshot)})
    return [(a, b) for a, b in zip(then, now, strict=True) if a["result"] != b["result"]]


def _rules(dossier: Any) -> list[Row]:
    """Rules whose verdict changed, in words."""
    words = {"yes": _("Oui"), "no": _("Non"), "unknown": _("À lire"), "na": _("Sans objet")}
    labels = {one["id"]: formats.tr(one["label"]) for one in dossier.edition.content["rules"]}
    return [
        Row(f"{a['id']} {labels[a['id']]}", words[a["result"]], words[b["result"]], b["cause"], is_rule=True)
        for a, b in changed(dossier)
    ]
