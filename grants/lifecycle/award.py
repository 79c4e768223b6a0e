"""The machine of an award, from the offer to its answer; later states belong to the agreement."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.rules import is_signatory
from web import clock
from workflows.lifecycle import Subject, verb


class AwardState(models.TextChoices):
    """States of an award; those after « confirmed » are used by the calls that follow the money."""

    OFFERED = "offered"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    LAPSED = "lapsed"
    SIGNED = "signed"
    IN_PROGRESS = "in_progress"
    REPORTED = "reported"
    CLOSED = "closed"
    TERMINATED = "terminated"


STANDING = (
    AwardState.OFFERED,
    AwardState.CONFIRMED,
    AwardState.SIGNED,
    AwardState.IN_PROGRESS,
    AwardState.REPORTED,
    AwardState.CLOSED,
)


def is_its_signatory(award: Any, user: Any) -> bool:
    """A confirmed signatory of the beneficiary."""
    return is_signatory(user, award.organisation)


def delay_runs(award: Any, actor: Any, data: dict[str, Any]) -> str | None:
    """An offer is answered before its instant."""
    if award.confirm_by is not None and clock.now() > award.confirm_by:
        return _("Le délai pour répondre à l’offre est passé.")
    return None


def delay_is_over(award: Any, actor: Any, data: dict[str, Any]) -> str | None:
    """An offer lapses only after its instant."""
    if award.confirm_by is None or clock.now() <= award.confirm_by:
        return _("Le délai pour répondre à l’offre n’est pas passé.")
    return None


def locks_of_money(award: Any, actor: Any, data: dict[str, Any]) -> list[Any]:
    """The budget line that gets money back."""
    return [award.volet.budget_line]


class AwardLifecycle(Subject):
    """Verbs of an award."""

    class Meta:
        abstract = True

    @verb(
        source=AwardState.OFFERED,
        target=AwardState.CONFIRMED,
        who=is_its_signatory,
        label=gettext_lazy("Confirmer l’offre"),
        help=gettext_lazy("Votre municipalité réalise le projet avec le montant offert."),
        guards=(delay_runs,),
    )
    def confirm(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """The beneficiary takes the offer as it is."""
        return {"dollars": self.amount}

    @verb(
        source=(AwardState.OFFERED, AwardState.CONFIRMED),
        target=AwardState.DECLINED,
        who=is_its_signatory,
        label=gettext_lazy("Renoncer à l’aide…"),
        help=gettext_lazy(
            "L’argent retourne à l’enveloppe et peut aller à la liste d’attente. C’est définitif."
        ),
        needs_reason=True,
        locks=locks_of_money,
        order=1,
    )
    def decline(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """The beneficiary gives the money back."""
        return {"dollars": self.give_back()}

    @verb(
        source=AwardState.OFFERED,
        target=AwardState.LAPSED,
        who=lambda award, user: False,
        label=gettext_lazy("Constater que l’offre est tombée"),
        system=("lapse",),
        guards=(delay_is_over,),
        locks=locks_of_money,
    )
    def lapse(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """The delay passed in silence: the money returns."""
        return {"dollars": self.give_back()}
