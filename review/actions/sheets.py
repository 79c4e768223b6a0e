"""Writing a score sheet: saved as one goes, private until it is handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from review import facts, rules
from review.models import Sheet
from web import clock
from workflows.engine import NotAllowed, Refused, locked, unit

LONGEST = 4000


@dataclass(frozen=True)
class Written:
    """What a page sends of a sheet; a part that is not there is left as it was."""

    scores: Mapping[str, str] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    strengths: str | None = None
    weaknesses: str | None = None


def save(sheet: Sheet, written: Written, *, actor: Any) -> Sheet:
    """Keep what was written, under the lock of the sheet; no event, no other sheet sees it."""
    faults = _faults(sheet, written)
    if faults:
        raise Refused(faults)
    with unit(locks=[sheet.assignment, sheet]) as held:
        row, assignment = locked(held, sheet), locked(held, sheet.assignment)
        if not rules.is_reviewer_of(actor, assignment) or assignment.state != "accepted":
            raise NotAllowed("the dossier is not with this person any more")
        if row.state != "draft" or assignment.panel.state != "open":
            raise Refused([_("La fiche est remise : rouvrez-la pour la changer.")])
        row.scores = {code: mark for code, mark in {**row.scores, **written.scores}.items() if mark}
        row.comments = {
            code: text for code, text in {**row.comments, **written.comments}.items() if text.strip()
        }
        row.strengths = row.strengths if written.strengths is None else written.strengths
        row.weaknesses = row.weaknesses if written.weaknesses is None else written.weaknesses
        row.updated_at = clock.now()
        row.save(update_fields=["scores", "comments", "strengths", "weaknesses", "updated_at"])
    return sheet_of(row.pk)


def sheet_of(pk: int) -> Sheet:
    """A sheet with all that its page reads."""
    return Sheet.objects.select_related(
        "snapshot", "assignment__panel__call", "assignment__dossier__edition", "assignment__dossier__volet"
    ).get(pk=pk)


def _faults(sheet: Sheet, written: Written) -> list[str]:
    grid = facts.grid_of(sheet.assignment.dossier)
    known, allowed = {one["id"] for one in grid["criteria"]}, {"", *facts.marks(grid)}
    faults = []
    if any(code not in known or mark not in allowed for code, mark in written.scores.items()):
        faults.append(_("Une note n’est pas sur l’échelle."))
    texts = [*written.comments.values(), written.strengths or "", written.weaknesses or ""]
    if any(len(text) > LONGEST for text in texts) or not set(written.comments) <= known:
        faults.append(_("Un texte dépasse 4 000 caractères."))
    return faults


def provisional(grid: Mapping[str, Any], scores: Mapping[str, str]) -> tuple[str, int]:
    """Points so far on 100 (two decimals, of the criteria scored) and how many are scored."""
    from fractions import Fraction

    weights = sum(one["weight"] for one in grid["criteria"])
    done = [one for one in grid["criteria"] if scores.get(one["id"])]
    points = sum((one["weight"] * Fraction(scores[one["id"]]) for one in done), Fraction(0))
    total = points * 100 / (Fraction(grid["scale"]["max"]) * weights)
    return facts.two_decimals(str(total)), len(done)
