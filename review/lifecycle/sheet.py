"""The machine of a score sheet: private, handed in, reopened until the panel locks, excluded by a recusal."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from review import facts, ranking, rules, scoring
from web import clock
from workflows.actors import Actor
from workflows.lifecycle import Data, LockTarget, Subject, verb

RECUSAL = "recusal"  # the system actor that sets sheets aside


class SheetState(models.TextChoices):
    """States of a score sheet."""

    DRAFT = "draft"
    HANDED_IN = "handed_in"
    EXCLUDED = "excluded"  # of somebody recused later: kept, not counted


def panel_is_open(row: Any, actor: Actor, data: Data) -> str:
    """The panel is not locked."""
    panel = row.panel if hasattr(row, "panel_id") else row.assignment.panel
    return "" if panel.state == "open" else _("Le comité est verrouillé : plus rien ne change.")


def every_criterion_is_scored(sheet: Any, actor: Actor, data: Data) -> list[str]:
    """Each criterion has a mark."""
    grid = facts.grid_of(sheet.assignment.dossier)
    missing = [one["id"] for one in grid["criteria"] if not sheet.scores.get(one["id"])]
    return [_("Notez le critère %(code)s.") % {"code": code} for code in missing]


def every_wanted_comment_is_written(sheet: Any, actor: Actor, data: Data) -> list[str]:
    """The comments that the grid asks for are there."""
    grid = facts.grid_of(sheet.assignment.dossier)
    missing = [
        one["id"]
        for one in grid["criteria"]
        if facts.wants_comment(grid, sheet.scores.get(one["id"], ""))
        and not sheet.comments.get(one["id"], "").strip()
    ]
    return [
        _("Écrivez un commentaire pour %(code)s : il est exigé avec la note %(mark)s.")
        % {"code": code, "mark": facts.shown_mark(sheet.scores[code])}
        for code in missing
    ]


def assignment_stands(sheet: Any, actor: Actor, data: Data) -> str:
    """The dossier is still with this reviewer."""
    if sheet.assignment.state == "accepted":
        return ""
    return _("Ce dossier ne vous est plus confié.")


def with_assignment(sheet: Any, actor: Actor, data: Data) -> list[LockTarget]:
    """Panel, dossier and assignment of a sheet."""
    return [sheet.assignment.panel, sheet.assignment.dossier, sheet.assignment]


class SheetLifecycle(Subject):
    """Verbs of a score sheet."""

    class Meta:
        abstract = True

    @verb(
        source=SheetState.DRAFT,
        target=SheetState.HANDED_IN,
        who=lambda sheet, user: rules.is_author_of(user, sheet),
        label=gettext_lazy("Remettre la fiche"),
        help=gettext_lazy(
            "Vos notes comptent dès la remise; vous pouvez rouvrir la fiche tant que le comité n’est pas verrouillé."
        ),
        guards=(panel_is_open, assignment_stands, every_criterion_is_scored, every_wanted_comment_is_written),
        locks=with_assignment,
        order=10,
    )
    def hand_in(self, *, actor: Actor, **data: Any) -> dict[str, Any]:
        """Make the scores count."""
        sheet: Any = self
        sheet.handed_in_at = clock.now()
        sheet.total = self._total()
        ranking.keep_figures(sheet.assignment.dossier, plus=sheet)
        return {"dossier": sheet.assignment.dossier.number}

    @verb(
        source=SheetState.HANDED_IN,
        target=SheetState.DRAFT,
        who=lambda sheet, user: rules.is_author_of(user, sheet),
        label=gettext_lazy("Rouvrir la fiche"),
        guards=(panel_is_open, assignment_stands),
        locks=with_assignment,
        order=20,
    )
    def reopen(self, *, actor: Actor, **data: Any) -> dict[str, Any]:
        """Take the scores back to change them, until the panel locks."""
        sheet: Any = self
        sheet.handed_in_at = None
        ranking.keep_figures(sheet.assignment.dossier, minus=sheet)
        return {"dossier": sheet.assignment.dossier.number}

    @verb(
        source=(SheetState.DRAFT, SheetState.HANDED_IN),
        target=SheetState.EXCLUDED,
        who=lambda sheet, user: False,
        label=gettext_lazy("Écarter la fiche"),
        system=(RECUSAL,),
        order=90,
    )
    def exclude(self, *, actor: Actor, **data: Any) -> dict[str, Any]:
        """Keep the sheet of somebody recused, without counting it."""
        sheet: Any = self
        return {"dossier": sheet.assignment.dossier.number}

    def _total(self) -> str:
        sheet: Any = self
        case = facts.scoring_case(sheet.assignment.dossier, 1, [sheet], {})
        totals: Any = scoring.score(case)["totals"]
        return str(totals[f"user:{sheet.assignment.reviewer_id}"]["exact"])
