"""Words of decisions and awards in templates."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from review.ledger import outcome_words

register = template.Library()


@register.filter
def line_outcome(outcome: str) -> str:
    """The words of an outcome of a line."""
    return outcome_words(outcome)


@register.filter
def award_state(state: str) -> str:
    """The words of a state of an award."""
    return {
        "offered": _("Offerte"),
        "confirmed": _("Confirmée"),
        "declined": _("Déclinée"),
        "lapsed": _("Tombée"),
        "signed": _("Convention signée"),
        "in_progress": _("En réalisation"),
        "reported": _("Rapport déposé"),
        "closed": _("Close"),
        "terminated": _("Résiliée"),
    }.get(state, state)


@register.filter
def approval_step(step: str) -> str:
    """The words of an act on a decision."""
    return {
        "proposed": _("Proposée"),
        "signed": _("Signée"),
        "release_manager": _("Libération demandée"),
        "release_authority": _("Libération confirmée"),
    }.get(step, step)
