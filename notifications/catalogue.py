"""The catalogue: every message of the house, how it leaves, and the words that head it.

A message of a new kind is one line here and one text in `templates/mail/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from grants.callpage import TOLD
from notifications import recipients
from notifications.models.message import Mode
from notifications.recipients import Recipient
from web.nav import Label
from workflows.models import Event


@dataclass(frozen=True)
class Line:
    """One kind of message.

    `event` is the verb that calls for it ("" when an action or a sweep writes it), `letter` the kind of document
    that goes with it, `to` gives the recipients from the event and its subject, `when` narrows.
    """

    kind: str
    mode: Mode
    subject: Label
    event: str = ""
    to: Callable[[Any, Event], list[Recipient]] | None = None
    when: Callable[[Any, Event], bool] | None = None
    letter: str = ""
    url_name: str = ""
    to_many: bool = False  # its messages are one batch of the outbox


def _by_a_person(subject: Any, event: Event) -> bool:
    """A refusal that a person countersigned; those of a decision are carried out by the release."""
    return event.actor.startswith("user:")


def _is_announced(call: Any, event: Event) -> bool:
    """A date that applicants plan by moved, in a published call."""
    return bool(event.data.get("announced")) and not set(TOLD).isdisjoint(event.data.get("after", {}))


def _is_not_asked(dossier: Any, event: Event) -> bool:
    """The request for completion, where there is one, says it already."""
    return bool(dossier.state in ("draft", "in_progress"))


LINES = (
    Line(
        "receipt",
        Mode.AT_ONCE,
        _("Votre demande %(number)s est déposée"),
        event="applications.dossier.submit",
        to=recipients.lead_people,
        letter="L1",
    ),
    Line(
        "completion_request",
        Mode.AT_ONCE,
        _("Demande de compléments, dossier %(number)s"),
        event="applications.dossier.send_back",
        to=recipients.lead_people,
        letter="L2",
    ),
    Line(
        "partner_asked",
        Mode.AT_ONCE,
        _("Une participation à confirmer"),
        event="applications.dossier.partner_ask",
        to=recipients.partner_people,
        url_name="dossier_partners",
    ),
    Line(
        "partner_reminded",
        Mode.AT_ONCE,
        _("Rappel : une participation attend votre réponse"),
        event="applications.dossier.partner_remind",
        to=recipients.partner_people,
        url_name="dossier_partners",
    ),
    Line(
        "partner_reopened",
        Mode.AT_ONCE,
        _("Une participation à confirmer de nouveau"),
        event="applications.dossier.partner_reopen",
        to=recipients.partner_people,
        url_name="dossier_partners",
    ),
    Line(
        "partner_confirmed",
        Mode.AT_ONCE,
        _("Un partenaire a confirmé"),
        event="applications.dossier.partner_confirm",
        to=recipients.lead_people,
        url_name="dossier_partners",
    ),
    Line(
        "partner_declined",
        Mode.AT_ONCE,
        _("Un partenaire ne participe pas"),
        event="applications.dossier.partner_decline",
        to=recipients.lead_people,
        url_name="dossier_partners",
    ),
    Line(
        "partner_left",
        Mode.AT_ONCE,
        _("Un partenaire se retire du projet"),
        event="applications.dossier.partner_leave",
        to=recipients.lead_people,
        url_name="dossier_partners",
    ),
    Line(
        "file_withheld",
        Mode.AT_ONCE,
        _("Un fichier de votre dossier est retenu"),
        event="applications.dossier.file_infected",
        to=recipients.lead_people,
        when=_is_not_asked,
    ),
    Line(
        "completion_received",
        Mode.AT_ONCE,
        _("Compléments reçus, dossier %(number)s"),
        event="applications.dossier.resubmit",
        to=recipients.lead_people,
        letter="L1",
    ),
    Line(
        "refusal_eligibility",
        Mode.HELD,
        _("Avis de non-admissibilité, dossier %(number)s"),
        event="applications.dossier.reject",
        to=recipients.letter_people,
        when=_by_a_person,
        letter="L3",
    ),
    Line(
        "withdrawal",
        Mode.AT_ONCE,
        _("Avis de désistement, dossier %(number)s"),
        event="applications.dossier.withdraw",
        to=recipients.letter_people,
        letter="L12",
    ),
    Line(
        "award_declined",
        Mode.AT_ONCE,
        _("Avis de désistement, dossier %(number)s"),
        event="grants.award.decline",
        to=recipients.award_people,
        letter="L12",
    ),
    Line(
        "award_lapsed",
        Mode.AT_ONCE,
        _("Avis d’annulation, dossier %(number)s"),
        event="grants.award.lapse",
        to=recipients.award_people,
        letter="L12",
    ),
    Line("decision_L4", Mode.HELD, _("Annonce d’une aide financière, dossier %(number)s"), letter="L4"),
    Line("decision_L5", Mode.HELD, _("Décision sur votre demande, dossier %(number)s"), letter="L5"),
    Line("decision_L6", Mode.HELD, _("Décision sur votre demande, dossier %(number)s"), letter="L6"),
    Line("decision_L7", Mode.HELD, _("Offre d’une aide partielle, dossier %(number)s"), letter="L7"),
    Line(
        "assignment",
        Mode.AT_ONCE,
        _("Une demande vous est confiée pour évaluation"),
        event="review.assignment.offer",
        to=recipients.reviewer,
    ),
    Line(
        "sheet_reminder",
        Mode.AT_ONCE,
        _("Rappel : une évaluation est attendue"),
    ),
    Line("closing_reminder", Mode.AT_ONCE, _("Rappel : l’appel ferme bientôt")),
    Line(
        "completion_reminder", Mode.AT_ONCE, _("Rappel : des compléments sont attendus, dossier %(number)s")
    ),
    Line("confirm_reminder", Mode.AT_ONCE, _("Rappel : une offre attend votre réponse, dossier %(number)s")),
    Line(
        "claim_confirmed",
        Mode.AT_ONCE,
        _("Votre mandat est confirmé"),
        event="accounts.membership.confirm",
        to=recipients.member,
    ),
    Line(
        "claim_refused",
        Mode.AT_ONCE,
        _("Votre mandat n’est pas confirmé"),
        event="accounts.membership.refuse",
        to=recipients.member,
    ),
    Line(
        "claim_made",
        Mode.AT_ONCE,
        _("Une personne demande à agir pour votre municipalité"),
        event="accounts.membership.claim",
        to=recipients.signatories,
    ),
    Line(
        "decision_proposed",
        Mode.AT_ONCE,
        _("Une décision attend votre signature"),
        event="grants.decision.propose",
        to=recipients.authorities,
    ),
    Line(
        "decision_returned",
        Mode.AT_ONCE,
        _("La décision vous est renvoyée"),
        event="grants.decision.send_back",
        to=recipients.managers,
    ),
    Line(
        "reconsideration_received",
        Mode.AT_ONCE,
        _("Votre demande de réexamen est reçue, dossier %(number)s"),
        event="review.reconsideration.ask",
        to=recipients.asking_people,
    ),
    Line(
        "reconsideration_asked",
        Mode.AT_ONCE,
        _("Un réexamen est demandé, dossier %(number)s"),
        event="review.reconsideration.ask",
        to=recipients.managers,
    ),
    Line(
        "reconsideration_admitted",
        Mode.AT_ONCE,
        _("Votre demande de réexamen est admise, dossier %(number)s"),
        event="review.reconsideration.admit",
        to=recipients.asking_people,
    ),
    Line(
        "reconsideration_inadmissible",
        Mode.AT_ONCE,
        _("Votre demande de réexamen n’est pas recevable, dossier %(number)s"),
        event="review.reconsideration.dismiss",
        to=recipients.asking_people,
    ),
    Line(
        "reconsideration_named",
        Mode.AT_ONCE,
        _("Une demande de réexamen vous est confiée, dossier %(number)s"),
        event="review.reconsideration.name_reconsiderer",
        to=recipients.reconsiderer,
    ),
    Line(
        "reconsideration_returned",
        Mode.AT_ONCE,
        _("Votre réponse à un réexamen vous est renvoyée, dossier %(number)s"),
        event="review.reconsideration.send_back",
        to=recipients.reconsiderer,
    ),
    Line(
        "reconsideration_decided",
        Mode.AT_ONCE,
        _("La réponse à un réexamen attend un contreseing, dossier %(number)s"),
        event="review.reconsideration.decide",
        to=recipients.authorities,
    ),
    Line(
        "reconsideration_answered",
        Mode.AT_ONCE,
        _("Réponse à votre demande de réexamen, dossier %(number)s"),
        event="review.reconsideration.countersign",
        to=recipients.answered_people,
        letter="L8",
    ),
    Line(
        "reconsideration_reminder",
        Mode.AT_ONCE,
        _("Rappel : le délai pour demander le réexamen finit bientôt, dossier %(number)s"),
    ),
    Line(
        "answers_published",
        Mode.HELD,
        _("Réponses aux questions sur l’appel"),
        event="grants.call.publish_answers",
        to=recipients.applicants,
        to_many=True,
    ),
    Line(
        "dates_changed",
        Mode.HELD,
        _("Dates changées d’un appel"),
        event="grants.call.calendar",
        to=recipients.applicants,
        when=_is_announced,
        to_many=True,
    ),
    Line("to_applicants", Mode.HELD, _("Message du ministère")),
    Line("secret", Mode.SECRET, _("Jalon")),
)

BY_KIND = {line.kind: line for line in LINES}
BY_EVENT: dict[str, list[Line]] = {}
for _line in LINES:
    if _line.event:
        BY_EVENT.setdefault(_line.event, []).append(_line)
