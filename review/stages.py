"""How review and committee behave as stages: what stands against closing them, what happens on entry."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from review.models import Assignment, Recommendation
from workflows.stages import Decision, Review, blocks, on_enter
from workflows.stages import Panel as PanelKind


@blocks.register
def _review_blocks(kind: Review, dossier: Any) -> list[str]:
    """The sheets that the volet asks for are in, and no declaration waits for a judgement."""
    said = []
    needed, done = dossier.volet.sheets_required, dossier.sheets_done
    if done < needed:
        said.append(_("Fiches remises : %(done)s sur %(needed)s.") % {"done": done, "needed": needed})
    is_examined = Q(state="offered", declaration="to_examine")
    is_written = Q(state="accepted", sheet__state="draft")
    rows = Assignment.objects.filter(is_examined | is_written, dossier=dossier)
    waiting = set(rows.values_list("state", flat=True))
    if "offered" in waiting:
        said.append(_("Une déclaration de conflit est à examiner."))
    if "accepted" in waiting:
        said.append(_("Une fiche est encore ouverte : attendez-la ou reprenez le dossier."))
    return said


@on_enter.register
def _review_enter(kind: Review, dossier: Any, actor: Any) -> None:
    """Nothing happens by itself: the secretary gives dossiers out."""


@blocks.register
def _panel_blocks(kind: PanelKind, dossier: Any) -> list[str]:
    """A dossier leaves the committee by the lock of its panel alone, which freezes the ranking first."""
    if Recommendation.objects.filter(panel__volet=dossier.volet_id).exists():
        return []
    return [_("Le comité propose en verrouillant son classement.")]


@on_enter.register
def _panel_enter(kind: PanelKind, dossier: Any, actor: Any) -> None:
    """Nothing happens by itself: the committee meets."""


@blocks.register
def _decision_blocks(kind: Decision, dossier: Any) -> list[str]:
    """Only a released decision of the authority ends what stands here."""
    return [_("Le dossier attend la décision de l’autorité.")]


@on_enter.register
def _decision_enter(kind: Decision, dossier: Any, actor: Any) -> None:
    """The decision is prepared from the frozen recommendation."""
