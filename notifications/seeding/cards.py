"""The cards of the demonstration: one person a role, and what to try first."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from notifications.demo import register_card
from notifications.seeding import corpus

TOWNS, MINISTRY, COMMITTEE, DECISION, CONTROL = (
    _("Municipalités"),
    _("Ministère"),
    _("Comité"),
    _("Décision"),
    _("Contrôle"),
)
LATE_PARTNER = "signature@mqc87085.example"  # of the joint project P026, made when the partner was asked
# person of the corpus or address, group, role, what to try now
CARDS = (
    (
        "M043",
        TOWNS,
        _("Rédaction et signature"),
        _("Un brouillon presque prêt : ses dates se contredisent. Corrigez-les, relisez, déposez."),
    ),
    (
        "M119",
        TOWNS,
        _("Rédaction"),
        _("Le brouillon de Chertsey : il manque la résolution. Joignez un PDF; le maire signera."),
    ),
    (
        "M120",
        TOWNS,
        _("Signature"),
        _("Le maire de Chertsey : invitez une collègue, puis déposez le dossier."),
    ),
    (
        "M028",
        TOWNS,
        _("Mandat à confirmer"),
        _("Un dossier déposé pendant que le ministère vérifie qui signe."),
    ),
    (
        "M042",
        TOWNS,
        _("Compléments demandés"),
        _("Répondez aux questions rouvertes avant la date limite; les autres restent fermées."),
    ),
    (
        "M046",
        TOWNS,
        _("Rédaction d’un projet conjoint"),
        _("Cinq municipalités, une qui n’a pas répondu : relancez-la, ou allez de l’avant sans elle."),
    ),
    (
        "M047",
        TOWNS,
        _("Signature d’un projet conjoint"),
        _("Tout est écrit, mais le dépôt attend un partenaire."),
    ),
    (
        LATE_PARTNER,
        TOWNS,
        _("Partenaire d’un projet"),
        _("Sa réponse est attendue : lisez votre part, puis confirmez avec la résolution du conseil."),
    ),
    ("A02", MINISTRY, _("Analyste"), _("Une réponse est arrivée : comparez les deux versions, concluez.")),
    (
        "A05",
        MINISTRY,
        _("Analyste contresignataire"),
        _("Un silence à constater : confirmez le refus, ou renvoyez le dossier."),
    ),
    (
        "S01",
        MINISTRY,
        _("Secrétaire du comité"),
        _("Confiez des dossiers, jugez un lien déclaré, passez au comité."),
    ),
    (
        "G01",
        MINISTRY,
        _("Gestionnaire de programme"),
        _("Un mandat à confirmer, des évaluations en retard, des lettres retenues jusqu’à leur instant."),
    ),
    ("G02", MINISTRY, _("Deuxième gestionnaire"), _("Approuve avec un collègue le rôle de l’autorité.")),
    ("R03", COMMITTEE, _("Évaluatrice"), _("Un dossier lui est confié : déclarez vos liens, puis notez.")),
    ("R17", COMMITTEE, _("Évaluateur en retard"), _("Une fiche commencée, attendue depuis quelques jours.")),
    (
        "R37",
        COMMITTEE,
        _("Évaluateur de projets conjoints"),
        _("Le volet 3 de l’appel de référence : sept critères, des fiches remises et d’autres à faire."),
    ),
    ("PR1", COMMITTEE, _("Présidence du comité"), _("Une divergence à régler, puis le classement à figer.")),
    (
        "AU1",
        DECISION,
        _("Autorité décisionnelle"),
        _("Une décision sur la liste d’attente : signez-la ou renvoyez-la avec un motif."),
    ),
    (
        "V01",
        CONTROL,
        _("Vérificateur"),
        _("Tout se lit, rien ne se change : remontez le fil d’une décision."),
    ),
    (
        "T01",
        CONTROL,
        _("Administration technique"),
        _("Des comptes, aucun rôle à donner, aucun dossier à voir."),
    ),
)


def register() -> None:
    """Called once, when the site starts; a card shows once its person exists."""
    for code, group, role, hint in CARDS:
        register_card(code if "@" in code else corpus.people()[code]["email"], group, role, hint)
