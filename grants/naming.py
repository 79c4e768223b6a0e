"""Names of what a question is: its type, its role, how confidential its answer is."""

from __future__ import annotations

from django.utils.translation import gettext as _


def type_names() -> dict[str, str]:
    """Types of questions, in words."""
    return {
        "text": _("texte court"),
        "long_text": _("texte long"),
        "choice": _("un choix"),
        "multi_choice": _("plusieurs choix"),
        "money": _("montant"),
        "number": _("nombre"),
        "date": _("date"),
        "yes_no": _("oui ou non"),
        "file": _("fichier"),
        "budget": _("budget"),
        "declaration": _("déclaration"),
        "rows": _("tableau"),
        "partners": _("partenaires"),
        "municipality": _("municipalité du répertoire"),
        "maturity": _("autodiagnostic"),
        "targets": _("cibles et indicateurs"),
    }


def role_names() -> dict[str | None, str]:
    """What the answer of a question means to the rest of the house."""
    return {
        None: "",
        "title": _("titre"),
        "public_summary": _("résumé publié"),
        "amount": _("montant demandé"),
        "start": _("début"),
        "end": _("fin"),
        "place": _("lieu"),
        "themes": _("thèmes"),
        "budget": _("budget"),
        "suppliers": _("fournisseurs"),
        "resolution": _("résolution"),
        "resolution_number": _("numéro de résolution"),
        "resolution_date": _("date de résolution"),
        "indicators": _("indicateurs publiés"),
    }


def sensitivity_names() -> dict[str, str]:
    """How confidential an answer is."""
    return {
        "public": _("publique"),
        "business": _("confidentielle d’affaires"),
        "personal": _("renseignement personnel"),
        "opinion": _("avis"),
    }
