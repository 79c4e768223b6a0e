"""What the corpus answers to the questions of the reference call, by their codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from notifications.seeding.corpus import Project

LOCAL = (
    "Le plan triennal d’immobilisations et la politique familiale nomment tous deux ce besoin.",
    "La planification stratégique du conseil, adoptée en séance publique, en fait une action de sa deuxième année.",
    "Le plan d’action numérique de la MRC prévoit cette mesure et la municipalité l’a reprise à son compte.",
    "Le conseil en a fait une priorité de son budget, après la consultation du printemps.",
    "Le schéma d’aménagement révisé demande mieux que des relevés à la main, et le projet y répond.",
)
FOOTPRINT = (
    "Aucun serveur n’est acheté. Les appareils servent au moins sept ans et les piles vont à l’écocentre.",
    "Les mesures sont résumées chaque jour, les brutes effacées après trois ans, et rien ne tourne la nuit pour rien.",
    "Le matériel est remis à neuf quand il existe ainsi, réparable sur place, et repris par le vendeur en fin de vie.",
    "Le site est léger et se lit sur un vieux téléphone. L’hébergement est à Québec, à l’hydroélectricité.",
)
SECURITY = (
    "Second facteur pour chaque compte, comptes revus deux fois l’an, copies de sécurité essayées chaque trimestre.",
    "Accès par rôle, journal des lectures, mises à jour posées en moins de trente jours, plan de reprise écrit.",
    "Réseau des appareils séparé du réseau administratif, mots de passe uniques, exercice de panne une fois l’an.",
)
PLACES = (
    ("Bureau municipal", "Du lundi au jeudi, 8 h à 16 h", "La greffière aide à remplir la demande"),
    (
        "Bibliothèque municipale",
        "Mardi et jeudi soir, samedi matin",
        "Des bénévoles formés accompagnent sur place",
    ),
    ("Centre communautaire", "Tous les jours, 9 h à 20 h", "Un poste public, et quelqu’un à l’accueil"),
)
DATA = (
    ("Relevés des appareils", "Suivre le service et ses pannes", False, "Équipe du projet", "Trois ans"),
    (
        "Demandes reçues et suites données",
        "Répondre aux personnes dans le délai",
        True,
        "Greffe et service visé",
        "Deux ans",
    ),
    (
        "Mesures par secteur, sans adresse",
        "Publier un bilan chaque mois",
        False,
        "Tout le monde",
        "Permanente",
    ),
)
TRAINED = (
    ("Employés du service", "Prise en main et procédures", 4),
    ("Direction générale et élus", "Gouvernance des données", 7),
    ("Personnel de l’accueil", "Accueil et aide au numérique", 3),
)
STATES = {
    "not_required": "not_started",
    "not_started": "not_started",
    "started": "started",
    "completed": "completed",
}


def pick(project: Project, choices: Sequence[Any], salt: int = 0) -> Any:
    """One of them, always the same for a project."""
    return choices[(sum(map(ord, project.code)) + salt) % len(choices)]


def told(project: Project, closing: date, start: date) -> dict[str, Any]:
    """Answers by code, as they would be typed; what is not here is answered by role or by type."""
    said = project.data["answers"]
    people = project.people
    signatory, writer = people[0], people[-1]
    return {
        "applicant_language": "fr",
        "contact_name": f"{writer['given_name']} {writer['family_name']}",
        "contact_function": writer["title"],
        "contact_email": writer["email"],
        "contact_phone": f"418 555-{1000 + sum(map(ord, project.code)) % 9000:04d}",
        "signatory_name": f"{signatory['given_name']} {signatory['family_name']}",
        "signatory_function": signatory["title"],
        "partners_agreement": said["team"],
        "people": said["population"],
        "results": f"{said['territory']}\n\n{said['sustainability']}",
        "local_strategy": said.get("local_strategy") or f"{pick(project, LOCAL)} {said['challenge']}",
        "reusable_result": said["innovation"],
        "deliverable": ["plan", "training"],
        "regular_operation": False,
        "only_broadband": False,
        **_data(project),
        "accessibility": "wcag22",
        "accessibility_details": said["inclusion"],
        "footprint": said.get("footprint") or f"{pick(project, FOOTPRINT)} {_entered(project)}",
        "governance": said["team"],
        **_work(project, start),
        "federal_money": False,
        "operating_cost": {"rows": _operation(project)},
        "resolution_kind": (project.data["lead_resolution"] or {})
        .get("kind", "final")
        .replace("definitive", "final"),
        "application_language": "fr" if project.language == "fr" else "other",
    }


def _entered(project: Project) -> str:
    """What the project buys first, for a sentence."""
    label = str(project.data["costs"][0]["label"])
    return f"Premier achat prévu\u00a0: {label[0].lower()}{label[1:]}."


def _data(project: Project) -> dict[str, Any]:
    said = project.data["answers"]
    private, ai = bool(said["personal_data"]["personal_data"]), bool(said["ai"]["used"])
    names = ("data", "purpose", "personal", "access", "retention")
    kept = [one for one in DATA if private or not one[2]]
    found: dict[str, Any] = {
        "personal_data": private,
        "data_inventory": {"rows": [dict(zip(names, one, strict=True)) for one in kept]},
        "hosting": pick(project, ("quebec", "own", "canada")),
        "hosting_details": "Centre de données situé au Québec, contrat avec remise des données.",
        "security": f"{pick(project, SECURITY)} {said['data']}",
        "open_data": True,
        "open_data_details": "Les mesures par secteur, chaque mois, en CSV, sous licence CC BY 4.0.",
        "ai_used": ai,
    }
    if private:
        found["privacy_state"] = STATES.get(said["personal_data"]["efvp"], "started")
        found["privacy_date"] = said["personal_data"]["date"] or "2026-02-10"
    if ai:
        purpose = str(said["ai"]["purpose_and_human_control"] or said["solution"])
        found |= {"ai_purpose": purpose, "ai_control": purpose, "ai_transparency": purpose}
    return found


def _work(project: Project, start: date) -> dict[str, Any]:
    said = project.data["answers"]
    lead = {"scheme": "mrc" if len(project.lead) == 3 else "qc", "code": project.lead}
    steps = [
        {
            "step": one["step"],
            "starts": _after(start, one["from"]).isoformat(),
            "ends": _after(start, max(one["to"], one["from"] + 1)).isoformat(),
        }
        for one in said["schedule"]
    ]
    levels = ("low", "medium", "high")
    risks = [
        {
            **one,
            "likelihood": levels[place % 2],
            "impact": levels[(place + 1) % 3],
            "owner": "Chargé de projet",
        }
        for place, one in enumerate(said["risks"])
    ]
    first = next(
        (one for one in project.data["costs"] if not one["administration"]), project.data["costs"][0]
    )
    place, hours, aid = pick(project, PLACES)
    who, path, count = pick(project, TRAINED)
    return {
        "territory": {"rows": [{"name": said["territory"].partition(",")[0][:120], "municipality": lead}]},
        "access_places": {"rows": [{"name": place, "municipality": lead, "hours": hours, "help": aid}]},
        "schedule": {"rows": steps},
        "risks": {"rows": risks},
        "procurement": {
            "rows": [
                {
                    "object": first["label"],
                    "mode": "invitation" if first["amount"] < 100_000 else "public",
                    "amount": first["amount"],
                    "date": _after(start, 2).isoformat(),
                }
            ]
        },
        "training": {
            "rows": [{"who": who, "path": path, "date": _after(start, 6).isoformat(), "people": count}]
        },
    }


def _operation(project: Project) -> list[dict[str, Any]]:
    total = sum(one["amount"] for one in project.data["costs"])
    return [
        {"year": f"year_{n}", "amount": total * (3 + n) // 100, "payer": "Budget de fonctionnement"}
        for n in (1, 2, 3)
    ]


def _after(start: date, months: int) -> date:
    """So many months after a first of the month."""
    whole = start.month - 1 + months
    return date(start.year + whole // 12, whole % 12 + 1, 1)
