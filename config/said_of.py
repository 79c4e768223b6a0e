"""The words of the page « Santé » for each finding: what it is, how it stands, what it runs with, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from config.probes import Finding

Words = str | Promise

WHAT: dict[str, Words] = {
    "database": _("Base de données"),
    "cache": _("Mémoire partagée"),
    "migrations": _("Tables à jour"),
    "triggers": _("Protection du journal"),
    "pulse": _("Travail en arrière-plan"),
    "queue": _("File des messages internes"),
    "deliveries": _("Suites des événements"),
    "messages": _("Courriels à envoyer"),
    "scanner": _("Antivirus"),
    "index": _("Index de recherche"),
    "mail": _("Serveur de courriel"),
    "disk": _("Espace pour les fichiers"),
}
WITH: dict[str, Words] = {
    "sqlite": _("SQLite, embarqué dans le service"),
    "postgresql": _("PostgreSQL"),
    "database": _("la base de données, embarquée"),
    "redis": _("Redis"),
    "folder": _("un dossier de cette machine, embarqué"),
    "none": _("rien : les fichiers ne sont pas vérifiés"),
    "clamav": _("ClamAV"),
    "elasticsearch": _("Elasticsearch"),
    "smtp": _("un serveur SMTP"),
}
EMBEDDED = {"sqlite", "database", "folder", "none"}
REMEDY: dict[str, Words] = {
    "database": _("Vérifier que le serveur de base de données tourne et que son disque n’est pas plein."),
    "cache": _("Vérifier que Redis tourne."),
    "migrations": _("Lancer « manage.py migrate »."),
    "triggers": _("Lancer « manage.py migrate », qui les remet."),
    "pulse": _("Redémarrer le service « worker », puis « beat »."),
    "queue": _("Le service « worker » est trop chargé ou arrêté : le redémarrer, ou en ajouter un."),
    "deliveries": _("Redémarrer le service « worker »; rien n’est perdu."),
    "messages": _("Vérifier le service « worker » et le serveur de courriel; rien n’est perdu."),
    "scanner": _("Démarrer ClamAV; les fichiers déposés attendent et le disent."),
    "index": _("Démarrer Elasticsearch; la recherche répond depuis la base en attendant."),
    "mail": _("Vérifier l’adresse du serveur et le réseau; les courriels attendent."),
    "disk": _("Agrandir le volume des données; les dépôts de fichiers échoueront bientôt."),
}
SECONDS = {"pulse", "queue", "deliveries", "messages"}


@dataclass(frozen=True)
class Row:
    """One line of the page."""

    what: Words
    well: bool
    off: bool
    state: str
    runs_with: Words
    remedy: Words


def row(finding: Finding) -> Row:
    """The words of a finding."""
    return Row(
        WHAT[finding.code],
        finding.well,
        finding.said == "off",
        state(finding),
        WITH.get(finding.with_, ""),
        "" if finding.well else REMEDY[finding.code],
    )


def state(finding: Finding) -> str:
    """How it stands, with its figure."""
    figure = finding.figure or 0
    if finding.said == "off":
        return ""
    if finding.said == "away":
        return gettext("Ne répond pas")
    if finding.said == "never":
        return gettext("Aucun message traité jusqu’ici")
    if finding.code == "disk":
        return gettext("%(size)s Go libres") % {"size": figure // 1024}
    if finding.code in SECONDS:
        return _waited(finding.code, figure)
    if finding.said == "missing":
        return ngettext("%(count)s manque", "%(count)s manquent", figure) % {"count": figure}
    return ""


def _waited(code: str, seconds: int) -> str:
    if code == "pulse":
        return gettext("Dernier message traité il y a %(seconds)s s") % {"seconds": seconds}
    if code == "queue":
        return gettext("Un message attend %(seconds)s s avant d’être pris") % {"seconds": seconds}
    if not seconds:
        return gettext("Rien en retard")
    return gettext("Le plus ancien attend depuis %(seconds)s s") % {"seconds": seconds}


def embedded(found: Iterable[Finding]) -> list[Words]:
    """What runs inside this very service rather than in a server of its own."""
    return [WHAT[finding.code] for finding in found if finding.with_ in EMBEDDED]
