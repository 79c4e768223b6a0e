"""What this app registers with the floors below: words of the events of a dossier, effects of mandates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from accounts import hooks
from applications import contribution, taking
from applications.actions import mandates
from applications.models import Dossier
from applications.reopening import DEPARTURE
from grants.models import DecisionLine
from web import clock, tables
from workflows import providers
from workflows.actors import declare_system_actor
from workflows.vocabulary import declare_event

DOSSIER = "applications.dossier"


def register() -> None:
    """Called once, when the site starts."""
    hooks.register_claim_refused("applications", mandates.refusal_locks, mandates.withdraw_filings)
    hooks.register_claim_confirmed("applications", mandates.confirmation_locks, mandates.confirm_filings)
    hooks.register_claim_closings(mandates.claim_closings)
    providers.register_fact("grants.Call", refused_without_decision, "refused_without_decision")
    providers.register_fact(Dossier._meta.label, ended, "ended")
    tables.register("dossiers", _("Dossiers"), taking.dossiers, "dossiers", definitions=taking.DEFINITIONS)
    contribution.register()
    declare_system_actor(DEPARTURE, _("Suite d’un départ"))
    _declare_verbs()
    _declare_facts()


def ended(dossiers: Iterable[int], *, after_refusal: bool = False) -> set[int]:
    """Which of these dossiers no decision can end any more; `after_refusal` asks for those that were refused."""
    open_to = ["rejected"] if after_refusal else ["in_progress", "waitlisted"]
    rows = Dossier.objects.filter(pk__in=list(dossiers)).exclude(state__in=open_to)
    return set(rows.values_list("pk", flat=True))


def refused_without_decision(calls: Iterable[int]) -> tuple[int, int]:
    """How many dossiers of these calls were refused before any decision (eligibility, silence), and for how much."""
    lines = DecisionLine.objects.filter(voided_at__isnull=True)
    again = lines.filter(
        decision__kind="reconsideration"
    )  # a reversed refusal counts until its own list is public
    granted = Q(
        state="accepted", pk__in=again.filter(decision__publish_at__gt=clock.now()).values("dossier_id")
    )
    rows = Dossier.objects.filter(Q(state="rejected") | granted, call_id__in=list(calls))
    decided = lines.exclude(decision__in=again.values("decision")).values("dossier_id")
    found = rows.exclude(pk__in=decided).aggregate(count=Count("pk"), dollars=Sum("requested"))
    return found["count"], found["dollars"] or 0


def _filed_words(event: Any) -> Any:
    """The first filing, then each one that replaced it before the closing."""
    return _("Demande déposée") if event.from_state == "draft" else _("Demande déposée de nouveau")


def _declare_verbs() -> None:
    """Verbs in the past tense; acts of a secret stage are kept from those who do not know it (`telling.hides`)."""
    declare_event(f"{DOSSIER}.submit", _filed_words, audience="all")
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
    declare_event(f"{DOSSIER}.reopen", _("Refus renversé : la demande reprend"), audience="all")
    declare_event(f"{DOSSIER}.grant", _("Demande acceptée après un réexamen"), audience="all")


def _declare_facts() -> None:
    """Facts recorded beside the verbs."""
    declare_event("grants.call.export", _("Liste exportée"))
    declare_event(f"{DOSSIER}.start", _("Brouillon commencé"), audience="all")
    declare_event(f"{DOSSIER}.partner_ask", _("Partenaire invité à confirmer"), audience="all")
    declare_event(f"{DOSSIER}.partner_remind", _("Partenaire relancé"), audience="all")
    declare_event(f"{DOSSIER}.partner_reopen", _("Participations à confirmer de nouveau"), audience="all")
    declare_event(f"{DOSSIER}.partner_change", _("Part d’un partenaire changée"), audience="all")
    declare_event(f"{DOSSIER}.partner_remove", _("Partenaire retiré du brouillon"), audience="all")
    declare_event(f"{DOSSIER}.partner_confirm", _("Participation d’un partenaire confirmée"), audience="all")
    declare_event(
        f"{DOSSIER}.partner_decline",
        _("Participation d’un partenaire refusée"),
        audience="all",
    )
    declare_event(f"{DOSSIER}.partner_leave", _("Départ d’un partenaire"), audience="all")
    declare_event(
        f"{DOSSIER}.partner_weigh", _("Départ d’un partenaire : conclusion du ministère"), shows_text=True
    )
    declare_event(f"{DOSSIER}.take_back", _("Dossier ramené à l’admissibilité après un départ"))
    declare_event(f"{DOSSIER}.delete", _("Brouillon supprimé"), audience="all")
    declare_event(f"{DOSSIER}.file_added", _("Fichier ajouté"), audience="all")
    declare_event(f"{DOSSIER}.file_removed", _("Fichier retiré"), audience="all")
    declare_event(f"{DOSSIER}.file_infected", _("Fichier retenu : logiciel malveillant"), audience="all")
    declare_event(f"{DOSSIER}.file_scanned", _("Fichier analysé"))
    declare_event(f"{DOSSIER}.file_read", _("Fichier confidentiel consulté"))
    declare_event(f"{DOSSIER}.pdf", _("Dossier entier emporté en PDF"))
    declare_event(f"{DOSSIER}.zip", _("Fichiers confidentiels emportés"))
