"""What this app registers with the floors below: words of the events of a dossier, effects of mandates."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts import hooks
from applications.actions import mandates
from workflows.vocabulary import declare_event

DOSSIER = "applications.dossier"


def register() -> None:
    """Called once, when the site starts."""
    hooks.register_claim_refused("applications", mandates.refusal_locks, mandates.withdraw_filings)
    hooks.register_claim_confirmed("applications", mandates.confirmation_locks, mandates.confirm_filings)
    hooks.register_claim_closings(mandates.claim_closings)
    _declare_verbs()
    _declare_facts()


def _declare_verbs() -> None:
    """Verbs in the past tense; acts of a secret stage are kept from those who do not know it (`telling.hides`)."""
    declare_event(f"{DOSSIER}.submit", _("Demande déposée"), audience="all")
    declare_event(
        f"{DOSSIER}.send_back",
        _("Compléments demandés"),
        _("Le ministère demande des compléments"),
        "all",
        shows_text=True,
    )
    declare_event(f"{DOSSIER}.resubmit", _("Compléments envoyés"), audience="all")
    declare_event(f"{DOSSIER}.advance", _("Étape terminée"), audience="all")
    declare_event(f"{DOSSIER}.accept", _("Demande acceptée"), audience="all")
    declare_event(f"{DOSSIER}.waitlist", _("Demande inscrite à la liste d’attente"), audience="all")
    declare_event(f"{DOSSIER}.reject", _("Demande refusée"), audience="all")
    declare_event(f"{DOSSIER}.withdraw", _("Demande retirée"), audience="all", shows_text=True)


def _declare_facts() -> None:
    """Facts recorded beside the verbs."""
    declare_event(f"{DOSSIER}.start", _("Brouillon commencé"), audience="all")
    declare_event(f"{DOSSIER}.delete", _("Brouillon supprimé"), audience="all")
    declare_event(f"{DOSSIER}.file_added", _("Fichier ajouté"), audience="all")
    declare_event(f"{DOSSIER}.file_removed", _("Fichier retiré"), audience="all")
    declare_event(f"{DOSSIER}.file_infected", _("Fichier retenu : logiciel malveillant"), audience="all")
    declare_event(f"{DOSSIER}.file_scanned", _("Fichier analysé"))
    declare_event(f"{DOSSIER}.file_read", _("Fichier confidentiel consulté"))
