"""What this app adds to the head of pages, and its system actors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import claimed, jobs, rules, sessions
from accounts.models import Membership
from accounts.permissions import role_models, roles_by_object, subject_of
from web import home, nav, session, tables
from workflows.actors import declare_system_actor
from workflows.vocabulary import declare_event

APPOINTING = "appoint"
DIRECTORY = "directory"

EVENTS = {
    "user.create": _("Compte créé"),
    "user.update_profile": _("Renseignements modifiés"),
    "user.own_data": _("Données personnelles emportées"),
    "user.suspend": _("Compte suspendu"),
    "user.reinstate": _("Compte rétabli"),
    "user.unlock": _("Compte débloqué"),
    "user.factor_on": _("Double authentification activée"),
    "user.factor_off": _("Double authentification désactivée"),
    "user.factor_codes": _("Codes de secours renouvelés"),
    "user.factor_recovery": _("Code de secours utilisé"),
    "user.factor_reset": _("Double authentification retirée par l’administration technique"),
    "user.session_end": _("Session terminée"),
    "user.sessions_end": _("Toutes les sessions terminées"),
    "user.retry_job": _("Travail en panne repris"),
    "user.appoint_technical": _("Administration technique confiée"),
    "user.grant": _("Rôle donné"),
    "user.revoke": _("Rôle retiré"),
    "membership.claim": _("Mandat demandé"),
    "membership.confirm": _("Mandat confirmé"),
    "membership.refuse": _("Mandat refusé"),
    "membership.remove": _("Accès retiré"),
    "membership.end": _("Mandat terminé"),
    "membership.hand_over": _("Signature passée à une autre personne"),
    "membership.replace": _("Personne signataire remplacée par le ministère"),
    "membership.join": _("Invitation acceptée, mandat confirmé"),
    "invitation.send": _("Invitation envoyée"),
    "invitation.cancel": _("Invitation annulée"),
    "invitation.accept": _("Invitation acceptée"),
    "roleproposal.propose": _("Rôle proposé"),
    "roleproposal.approve": _("Rôle approuvé par une deuxième personne"),
    "roleproposal.refuse": _("Rôle écarté"),
    "organisation.import": _("Organismes ajoutés au répertoire"),
    "organisation.update": _("Organisme mis à jour par le répertoire"),
    "organisation.leave": _("Organisme retiré du répertoire"),
    "organisation.create": _("Organisme créé sur demande"),
    "organisation.contact": _("Adresse de l’organisme modifiée"),
}
# What the technical administrator looks at when nothing waits.
TECHNICAL = (
    ("accounts", _("Les comptes : en créer, en suspendre, en débloquer."), _("Voir les comptes")),
    ("work", _("Le travail en attente, en cours et en panne."), _("Voir les travaux")),
    ("health", _("Ce qui est branché, et ce qui répond."), _("Voir l’état du site")),
)


def register() -> None:
    """Declare actors and entries."""
    declare_system_actor(APPOINTING, _("Commande de nomination"))
    declare_system_actor(DIRECTORY, _("Répertoire des municipalités"))
    for verb, words in EVENTS.items():
        declare_event(f"accounts.{verb}", words)
    home.register_staff(lambda user: rules.is_ministry(user) or rules.is_technical_admin(user))
    home.register_todo("accounts.claims", claimed.todos)
    home.register_hint(claimed.hint)
    for view, text, label in TECHNICAL:
        home.register_hint(claimed.technical_hint(view, text, label))
    session.register_witness(sessions.seen)
    jobs.register()
    _register_tables()
    nav.register(_("Mes organisations"), "organisations", face="applicant", predicate=_municipal, order=60)
    nav.register(
        _("Mandats"), "claims", face="staff", predicate=rules.is_manager, order=70, prefixes=("claim",)
    )
    nav.register(
        _("Personnes"),
        "role_people",
        face="staff",
        predicate=rules.is_manager,
        order=75,
        prefixes=("object_roles",),
    )
    nav.register(
        _("Organisations"),
        "directory",
        face="staff",
        predicate=rules.is_ministry,
        order=80,
        prefixes=("organisation",),
    )
    nav.register(
        _("Comptes"),
        "accounts",
        face="staff",
        predicate=rules.is_technical_admin,
        order=90,
        prefixes=("account_",),
    )
    nav.register(
        _("Travaux"), "work", face="staff", predicate=rules.is_technical_admin, order=91, prefixes=("work",)
    )
    nav.register(_("Santé"), "health", face="staff", predicate=rules.is_technical_admin, order=95)


def _municipal(user: Any) -> bool:
    return bool(user is not None and user.is_authenticated)


def _register_tables() -> None:
    """Lists by name, and the rights that exports are held against."""
    from accounts.views import account, claims, organisations, people, roles

    tables.register(
        "comptes", _("Comptes"), account.accounts_table, "accounts", definitions=account.DEFINITIONS
    )
    tables.register(
        "mandats", _("Mandats à confirmer"), claims.claims_table, "claims", definitions=claims.DEFINITIONS
    )
    tables.register(
        "organismes",
        _("Organisations"),
        organisations.directory_table,
        "directory",
        definitions=organisations.DEFINITIONS,
    )
    tables.register(
        "personnes",
        _("Qui agit pour l’organisme"),
        people.people_table,
        "organisation_people",
        definitions=people.DEFINITIONS,
        has_parts=True,
    )
    tables.register(
        "roles", _("Qui tient un rôle"), roles.holders_table, "role_people", definitions=roles.DEFINITIONS
    )
    tables.register_rights("accounts", _rights)


def _rights(user: Any) -> Iterable[Any]:
    """Roles on everything, mandates, and the technical administration."""
    yield ("technical", rules.is_technical_admin(user))
    for table in role_models():
        for key, codes in roles_by_object(user, subject_of(table)).items():
            yield (subject_of(table)._meta.label, key, sorted(codes))
    yield from Membership.objects.open().of(user).values_list("pk", "role", "status")
