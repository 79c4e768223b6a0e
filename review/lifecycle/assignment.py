"""The machine of an assignment: declared, accepted, handed back, shut."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from review import ranking, rules
from review.lifecycle.sheet import RECUSAL, SheetState, panel_is_open
from web import clock
from workflows import engine
from workflows.actors import Actor, SystemActor
from workflows.lifecycle import Data, LockTarget, Subject, verb


class AssignmentState(models.TextChoices):
    """States of an assignment of a dossier to a reviewer."""

    OFFERED = "offered"
    ACCEPTED = "accepted"  # and no conflict declared: content is open
    DECLINED = "declined"
    HANDED_BACK = "handed_back"
    RECUSED = "recused"
    WITHDRAWN = "withdrawn"  # taken back by the secretary


def _rows(name: str) -> Any:
    return apps.get_model(name)._default_manager


def dossier_is_reviewed(row: Any, actor: Actor, data: Data) -> str:
    """The dossier is in a stage of review."""
    stage = row.panel.process().stages.get(row.dossier.stage)
    if row.dossier.state == "in_progress" and stage is not None and stage.kind.code == "review":
        return ""
    return _("Le dossier n’est plus à l’étape de l’évaluation.")


def nothing_is_to_examine(row: Any, actor: Actor, data: Data) -> str:
    """No declaration waits for a judgement."""
    return _("Votre déclaration est à l’examen.") if row.declaration == "to_examine" else ""


def something_is_to_examine(row: Any, actor: Actor, data: Data) -> str:
    """A declaration waits for a judgement."""
    return "" if row.declaration == "to_examine" else _("Rien n’est à examiner.")


def sheet_is_not_handed_in(row: Any, actor: Actor, data: Data) -> str:
    """The sheet was not handed in."""
    handed = _rows("review.Sheet").filter(assignment_id=row.pk, state="handed_in").exists()
    return (
        _("La fiche est déjà remise : elle compte. En cas de conflit, récusez la personne.") if handed else ""
    )


def reviewer_is_of_the_panel(row: Any, actor: Actor, data: Data) -> str:
    """The person still sits on the panel and is not recused of the dossier."""
    if not rules.is_member(row.reviewer, row.panel):
        return _("Cette personne n’est plus du comité.")
    shut = _rows("review.Recusal").filter(
        dossier_id=row.dossier_id, user_id=row.reviewer_id, lifted_at__isnull=True
    )
    return _("Cette personne est en récusation sur ce dossier.") if shut.exists() else ""


def with_dossier(row: Any, actor: Actor, data: Data) -> list[LockTarget]:
    """Panel, dossier and sheet of an assignment."""
    return [row.panel, row.dossier, _rows("review.Sheet").filter(assignment_id=row.pk)]


class AssignmentLifecycle(Subject):
    """Verbs of an assignment."""

    class Meta:
        abstract = True

    @verb(
        source=(AssignmentState.DECLINED, AssignmentState.WITHDRAWN),
        target=AssignmentState.OFFERED,
        who=lambda row, user: rules.is_panel_staff(user, row.panel),
        label=gettext_lazy("Confier de nouveau"),
        guards=(panel_is_open, dossier_is_reviewed, reviewer_is_of_the_panel),
        locks=with_dossier,
        order=5,
    )
    def offer(self, *, actor: Actor, **data: Any) -> dict[str, Any]:
        """Give the dossier again to somebody who had it before."""
        row: Any = self
        row.declaration, row.declared_at, row.closed_reason = "", None, ""
        row.due_at, row.assigned_by = data.get("due_at") or row.panel.due_at, actor
        return {"dossier": row.dossier.number}

    @verb(
        source=AssignmentState.OFFERED,
        target=AssignmentState.ACCEPTED,
        who=lambda row, user: rules.is_reviewer_of(user, row),
        label=gettext_lazy("Aucun conflit, j’accepte"),
        guards=(panel_is_open, dossier_is_reviewed, nothing_is_to_examine),
        locks=with_dossier,
        order=10,
    )
    def accept(self, *, actor: Actor, **data: Any) -> dict[str, Any]:
        """Declare no conflict and take the dossier: its content opens."""
        return self._open(actor)

    @verb(
        source=AssignmentState.OFFERED,
        target=None,
        who=lambda row, user: rules.is_reviewer_of(user, row),
        label=gettext_lazy("À examiner…"),
        guards=(panel_is_open, nothing_is_to_examine),
        locks=with_dossier,
        needs_reason=True,
        order=20,
    )
    def refer(self, *, actor: Actor, **data: Any) -> dict[str, Any]:
        """Declare a tie that somebody else must judge: content stays closed."""
        return self._declare("to_examine")

    @verb(
        source=AssignmentState.OFFERED,
        target=AssignmentState.RECUSED,
        who=lambda row, user: rules.is_reviewer_of(user, row),
        label=gettext_lazy("Conflit d’intérêts…"),
        locks=with_dossier,
        needs_reason=True,
        order=30,
    )
    def declare_conflict(self, *, actor: Actor, **data: Any) -> dict[str, Any]:
        """Declare a conflict before reading: the card goes too."""
        self._declare("conflict")
        return self._shut(actor, data)

    @verb(
        source=AssignmentState.OFFERED,
        target=AssignmentState.DECLINED,
        who=lambda row, user: rules.is_reviewer_of(user, row),
        label=gettext_lazy("Décliner…"),
        locks=with_dossier,
        needs_reason=True,
        order=40,
    )
    def decline(self, *, actor: Actor, **data: Any) -> dict[str, Any]:
        """Say no for a reason that is not a conflict."""
        row: Any = self
        row.closed_reason = str(data.get("text", ""))
        return {"dossier": row.dossier.number}

    @verb(
        source=AssignmentState.ACCEPTED,
        target=AssignmentState.HANDED_BACK,
        who=lambda row, user: rules.is_reviewer_of(user, row),
        label=gettext_lazy("Déclarer un conflit et rendre le dossier…"),
        help=gettext_lazy(
            "Votre fiche est gardée, mais ne compte plus. Le dossier se ferme pour vous aussitôt."
        ),
        guards=(panel_is_open,),
        locks=with_dossier,
        needs_reason=True,
        order=50,
    )
    def hand_back(self, *, actor: Actor, **data: Any) -> dict[str, Any]:
        """Declare a conflict after reading: nothing of the dossier is seen from the next request on."""
        self._declare("conflict")
        return self._shut(actor, data)

    @verb(
        source=AssignmentState.OFFERED,
        target=AssignmentState.ACCEPTED,
        who=lambda row, user: rules.may_judge(user, row.panel) and user.pk != row.reviewer_id,
        label=gettext_lazy("Lever le doute"),
        guards=(panel_is_open, something_is_to_examine, reviewer_is_of_the_panel),
        locks=with_dossier,
        needs_reason=True,
        order=60,
    )
    def clear(self, *, actor: Actor, **data: Any) -> dict[str, Any]:
        """Judge that what was declared is no conflict: content opens."""
        return self._open(actor)

    @verb(
        source=(AssignmentState.OFFERED, AssignmentState.ACCEPTED),
        target=AssignmentState.RECUSED,
        who=lambda row, user: rules.may_judge(user, row.panel) and user.pk != row.reviewer_id,
        label=gettext_lazy("Récuser…"),
        help=gettext_lazy(
            "La personne ne voit plus rien du dossier dès sa prochaine requête. Sa fiche ne compte plus."
        ),
        guards=(panel_is_open,),
        locks=with_dossier,
        needs_reason=True,
        order=70,
    )
    def recuse(self, *, actor: Actor, **data: Any) -> dict[str, Any]:
        """Shut the reviewer out of the dossier."""
        return self._shut(actor, data)

    @verb(
        source=(AssignmentState.OFFERED, AssignmentState.ACCEPTED),
        target=AssignmentState.WITHDRAWN,
        who=lambda row, user: rules.is_panel_staff(user, row.panel),
        label=gettext_lazy("Reprendre le dossier…"),
        guards=(panel_is_open, sheet_is_not_handed_in),
        locks=with_dossier,
        needs_reason=True,
        order=80,
    )
    def withdraw(self, *, actor: Actor, **data: Any) -> dict[str, Any]:
        """Take the dossier back from a reviewer, to give it to somebody else."""
        row: Any = self
        row.closed_reason = str(data.get("text", ""))
        return {"dossier": row.dossier.number}

    # effects shared by several verbs
    def _declare(self, word: str) -> dict[str, Any]:
        row: Any = self
        row.declaration, row.declared_at = word, clock.now()
        return {"dossier": row.dossier.number, "declaration": word}

    def _open(self, actor: Actor) -> dict[str, Any]:
        row: Any = self
        said = self._declare("none")
        _rows("review.Sheet").get_or_create(
            assignment_id=row.pk,
            defaults={
                "state": SheetState.DRAFT,
                "snapshot_id": row.dossier.snapshot_id,
                "updated_at": clock.now(),
            },
        )
        return said

    def _shut(self, actor: Actor, data: Data) -> dict[str, Any]:
        """Write the recusal, set the sheet aside, count the dossier's figures again."""
        row: Any = self
        row.closed_reason = str(data.get("text", ""))
        sheet = _rows("review.Sheet").filter(assignment_id=row.pk).exclude(state=SheetState.EXCLUDED).first()
        if sheet is not None:
            engine.fire(sheet, "exclude", actor=SystemActor(RECUSAL))
        _rows("review.Recusal").get_or_create(
            dossier_id=row.dossier_id,
            user_id=row.reviewer_id,
            lifted_at=None,
            defaults={
                "at": clock.now(),
                "by": actor,
                "reason": row.closed_reason,
                "snapshot_id": sheet.snapshot_id if sheet is not None else None,
            },
        )
        ranking.keep_figures(row.dossier)
        return {"dossier": row.dossier.number, "person": row.reviewer_id}
