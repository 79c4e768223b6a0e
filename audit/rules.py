"""Who audits a call, and what stands against taking it away whole."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.permissions import holds_anywhere, roles_by_object
from applications.models import Dossier
from grants.models import Call, Programme
from grants.rules import is_auditor
from review.models import Recusal
from web import clock, formats


def is_auditor_anywhere(user: Any) -> bool:
    """Audits some programme or call."""
    return bool(user is not None and user.is_authenticated and holds_anywhere(user, "auditor"))


def audited_by(user: Any) -> Any:
    """The calls that a person audits; no statement of its own."""
    own = [pk for pk, roles in roles_by_object(user, Call).items() if "auditor" in roles]
    above = [pk for pk, roles in roles_by_object(user, Programme).items() if "auditor" in roles]
    return Call.objects.filter(Q(pk__in=own) | Q(programme_id__in=above))


def against_export(call: Call, user: Any) -> list[str]:
    """What stands against the export of a call by this person, in sentences; also asked when it is made."""
    said: list[str] = []
    if not (user.is_active and is_auditor(user, call)):
        said.append(_("Seule une personne qui vérifie l’appel l’exporte en entier."))
    if clock.now() <= call.closes_at:
        said.append(
            _("Les demandes se lisent après la fermeture de l’appel, le %(when)s.")
            % {"when": formats.datetime_long(call.closes_at)}
        )
    if Dossier.objects.applicant_side(user).filter(call=call).exists():
        said.append(_("Un dossier de cet appel est de votre organisme : une autre personne l’exporte."))
    if Recusal.objects.filter(user_id=user.pk, lifted_at__isnull=True, dossier__call=call).exists():
        said.append(
            _(
                "Vous êtes en récusation sur un dossier de cet appel : une autre personne qui vérifie l’exporte."
            )
        )
    return said
