"""Where a refusal stands before a reconsideration: which act refused, until when it can be asked, who may ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.rules import is_present
from applications import rules as dossier_rules
from applications.models import Dossier
from review.models import Reconsideration
from review.models.reconsideration import Gate
from web import calendar, clock, formats
from workflows import providers
from workflows.models import Event

REJECT = "applications.dossier.reject"
DOSSIER = "applications.Dossier"


@dataclass(frozen=True)
class Refusal:
    """The act that refused a dossier, and the delay that its letter opened."""

    event: Event
    gate: str
    days: int
    letter_at: datetime | None  # when the letter left; the act itself where the call has no such letter
    until: datetime | None  # end of the delay; none while the letter has not left

    def is_over(self, at: datetime) -> bool:
        """Whether the delay had ended at this instant."""
        return self.until is not None and at > self.until


def refusals_of(dossiers: Iterable[Dossier]) -> dict[int, Refusal]:
    """The refusal in force of each dossier, by its key: none for one that is not refused, or whose call grants no
    reconsideration. Two statements, however many dossiers."""
    rows = {one.pk: one for one in dossiers if one.state == "rejected" and one.call.reconsideration_days}
    if not rows:
        return {}
    acts = Event.objects.filter(verb=REJECT, subject_type="applications.dossier", subject_id__in=list(rows))
    last = {event.subject_id: event for event in acts.order_by("id")}
    letters = providers.fact(DOSSIER, "refusal_letters", list(last.values()))
    return {pk: _refusal(rows[pk], event, letters) for pk, event in last.items()}


def refusal_of(dossier: Dossier) -> Refusal | None:
    """The refusal in force of one dossier."""
    return refusals_of([dossier]).get(dossier.pk)


def _refusal(dossier: Dossier, event: Event, letters: Mapping[int, datetime | None]) -> Refusal:
    """`letters`: when the letter of an act left, nothing while it has not; the act itself where it has no letter."""
    days = dossier.call.reconsideration_days
    start = letters.get(event.pk, event.at)
    until = calendar.due_in_days(start, days) if start is not None else None
    gate = Gate.ELIGIBILITY if event.actor.startswith("user:") else Gate.DECISION
    return Refusal(event, gate, days, start, until)


def may_ask(dossier: Dossier, user: Any) -> bool:
    """A signatory of any body of the dossier, mandate confirmed; or the claimant who began it."""
    if not is_present(user):
        return False
    mine = dossier_rules.held_in(dossier, user)
    for body in dossier_rules.bodies_of(dossier):
        held = mine.get(body.organisation_id)
        signs = held is not None and held.role == "signatory"
        if held is not None and signs and (held.status == "confirmed" or dossier.created_by_id == user.pk):
            return True
    return False


def against(dossier: Dossier, refusal: Refusal | None, at: datetime | None = None) -> list[str]:
    """What stands against asking at this instant, as sentences."""
    if refusal is None:
        return [_("Il n’y a pas de refus à reconsidérer dans ce dossier.")]
    if Reconsideration.objects.filter(refusal=refusal.event).exists():
        return [_("Le réexamen de cette décision a déjà été demandé : une seule demande est permise.")]
    if refusal.until is not None and refusal.is_over(at or clock.now()):
        return [
            _("Le délai pour demander le réexamen a pris fin le %(when)s.")
            % {"when": formats.datetime_long(refusal.until)}
        ]
    return []


def latest(dossier: Dossier, user: Any) -> Reconsideration | None:
    """The latest reconsideration of a dossier that this person reads."""
    rows = Reconsideration.objects.visible_to(user).filter(dossier=dossier.pk)
    return rows.select_related("decision").order_by("-pk").first()


# --- words ------------------------------------------------------------------------------------------------
def gate_words(gate: str) -> str:
    """Where the dossier was refused."""
    return _("Refus avant l’évaluation") if gate == Gate.ELIGIBILITY else _("Refus après l’évaluation")


def ground_words(ground: str) -> str:
    """Why the applicant asks."""
    return {"procedure": _("Erreur de procédure"), "fact": _("Erreur de fait")}.get(ground, ground)


def answer_words(row: Reconsideration) -> str:
    """What was answered."""
    return {"maintained": _("Décision maintenue"), "reversed": _("Décision renversée")}.get(row.answer, "")


def dismissal_words(row: Reconsideration) -> str:
    """Why it was not admitted."""
    return {"late": _("Hors délai"), "no_ground": _("Sans motif qui permette un réexamen")}.get(
        row.dismissal, ""
    )


def state_of(row: Reconsideration, face: str) -> tuple[str, str]:
    """The sign and the words of a state; an applicant reads nothing of an answer before its countersignature."""
    if row.state == "closed":
        return ("accepted" if row.is_reversed else "rejected"), answer_words(row)
    if row.state == "inadmissible":
        return "withdrawn", _("Demande irrecevable")
    if face == "applicant":
        return "in_progress", _("Demande de réexamen reçue") if row.state == "asked" else _("À l’étude")
    if row.state == "asked":
        return "now", _("À examiner")
    if row.state == "decided":
        return "now", _("À contresigner")
    return "in_progress", _("Réponse à écrire") if row.reconsiderer_id else _("À confier")


def follow_up(row: Reconsideration) -> str:
    """What a closed answer leads to, in a sentence for the applicant."""
    if row.state != "closed":
        return ""
    if row.effect == "reopened":
        return _("La demande reprend son cours là où elle s’était arrêtée.")
    if row.effect == "money":
        return _("L’aide fera l’objet d’une décision distincte, qui vous sera communiquée par lettre.")
    return _("Le refus est maintenu.")
