"""What a meeting of the committee is made of: its rule, its agenda, who counts on an item, the text that is signed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.apps import apps

from review import ranking
from workflows.chain import canonical

if TYPE_CHECKING:
    from review.models import Meeting, Panel


def rule_of(panel: Panel) -> Mapping[str, Any] | None:
    """What the call asks of its committee (`quorum`, `odd`); nothing where it asks for no meeting."""
    edition = panel.call.edition
    found: Mapping[str, Any] | None = edition.content.get("committee") if edition is not None else None
    return found or None


def _rows(name: str) -> Any:
    return apps.get_model(name)._default_manager


def dossiers_before(panel: Panel) -> Any:
    """Dossiers that are before the committee now."""
    process = panel.process()
    codes = [code for code, stage in process.stages.items() if stage.kind.code == "panel"]
    return ranking.dossiers_of(panel).filter(stage__in=codes)


def proposed_order(panel: Panel) -> list[Any]:
    """The dossiers before the committee: the widest spread first, then the nearest to the budget line."""
    rows = list(dossiers_before(panel))
    found = ranking.compute(panel, rows)
    order = found.result["ranking"]
    cut = len({one["id"] for one in found.result["offers"]})
    places = {number: abs(2 * place + 1 - 2 * cut) for place, number in enumerate(order)}

    def key(row: Any) -> tuple[Any, ...]:
        spreads = [Fraction(one["spread"]) for one in found.scoring[row.number]["result"]["divergences"]]
        return (-max(spreads, default=Fraction(0)), places.get(row.number, 2 * len(rows)), row.number)

    return sorted(rows, key=key)


def recusals_of(meeting: Meeting) -> dict[int, dict[int, str]]:
    """Persons recused now of the dossiers of a meeting: dossier → person → name."""
    found: dict[int, dict[int, str]] = {}
    rows = _rows("review.Recusal").filter(
        dossier_id__in=meeting.items.values("dossier_id"), lifted_at__isnull=True
    )
    for row in rows.select_related("user").order_by("user__sort_name", "pk"):
        found.setdefault(row.dossier_id, {})[row.user_id] = str(row.user)
    return found


def short_items(meeting: Meeting) -> list[tuple[int, str]]:
    """Keys and numbers of the dossiers that have not the quorum once the recused have left."""
    there = set(meeting.presences.filter(is_present=True).values_list("user_id", flat=True))
    out = recusals_of(meeting)
    rows = meeting.items.select_related("dossier").order_by("position")
    return [
        (one.dossier_id, one.dossier.number)
        for one in rows
        if len(there - set(out.get(one.dossier_id, {}))) < meeting.quorum
    ]


def last_closed(panel: Panel) -> Meeting | None:
    """The meeting after which a panel locks."""
    found: Meeting | None = panel.meetings.filter(state="closed").order_by("-closed_at", "-pk").first()
    return found


def minutes_awaited(panel: Panel) -> bool:
    """The minutes of a locked panel wait for a signature."""
    held = panel.meetings.exclude(digest="").order_by("-pk").first()
    return held is not None and held.signatures.count() < 2


def freeze(meeting: Meeting, digest: str, scored: Mapping[str, Any]) -> None:
    """Write what chair and secretary will sign: the meeting, its items, and the hash of the ranking it led to."""
    out = recusals_of(meeting)
    moves: dict[int, list[dict[str, str]]] = {}
    keys = list(meeting.items.values_list("dossier_id", flat=True))
    kept = _rows("review.Consensus").filter(dossier_id__in=keys).select_related("by")
    for row in kept.order_by("criterion"):
        moves.setdefault(row.dossier_id, []).append(
            {"criterion": row.criterion, "mark": row.score, "reason": row.reason, "by": str(row.by)}
        )
    people = meeting.presences.select_related("user").order_by("user__sort_name", "pk")
    names = [{"name": str(one.user), "present": one.is_present} for one in people]
    items = [
        {
            "dossier": one.dossier.number,
            "lead": one.dossier.lead_name,
            "score": (scored[one.dossier.number]["result"]["score"] or {}).get("exact", "")
            if one.dossier.number in scored
            else "",
            "note": one.note,
            "out": list(out.get(one.dossier_id, {}).values()),
            "moves": moves.get(one.dossier_id, []),
        }
        for one in meeting.items.select_related("dossier").order_by("position", "pk")
    ]
    meeting.body = canonical(
        {
            "call": meeting.panel.call.code,
            "panel": meeting.panel.code,
            "held_on": meeting.held_on.isoformat(),
            "place": meeting.place,
            "chair": str(meeting.chair),
            "secretary": str(meeting.secretary),
            "quorum": meeting.quorum,
            "odd": meeting.is_odd,
            "members": names,
            "items": items,
            "ranking": digest,
        }
    )
    meeting.digest = "sha256:" + hashlib.sha256(meeting.body.encode()).hexdigest()
