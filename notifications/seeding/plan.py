"""Which project is in which call, and what happens to it: the story as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from notifications.seeding.clock import at, on_weekday

# Marks of a sheet's life in the call that is being reviewed.
IN, DRAFT, OFFERED, LATE_DRAFT, LATE_OFFERED = "in", "draft", "offered", "late_draft", "late_offered"


@dataclass(frozen=True)
class CallPlan:
    """A call of the demonstration, at one point of its life."""

    letter: str
    closes_in: int  # days from today, put back to a weekday
    projects: tuple[str, ...]
    envelope: int = 4_000_000
    reserve: int = 1_200_000
    refused: dict[str, str] = field(default_factory=dict)  # project: the rule that shuts it out
    silent: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()  # asked for more

    def closing_day(self, today: date) -> date:
        """The day on which it closes."""
        return on_weekday(today + timedelta(days=self.closes_in))

    def closes_at(self, today: date) -> datetime:
        """16:30, as in the corpus."""
        return at(self.closing_day(today), 16, 30)

    def code(self, today: date) -> str:
        """`FLIN-2026-A`: the year of its closing."""
        return f"FLIN-{self.closing_day(today).year}-{self.letter}"

    def filed(self) -> tuple[str, ...]:
        """Projects that are filed."""
        return tuple(one for one in self.projects if one not in UNFILED)

    def reviewed(self) -> tuple[str, ...]:
        """Projects that reach evaluation."""
        stopped = {*self.refused, *self.silent, *STOPPED}
        return tuple(one for one in self.filed() if one not in stopped)


# Each of these drafts is stuck on another kind of blocker.
UNFILED = {"P067": "required", "P068": "file", "P055": "declaration", "P024": "dates"}
UNCONFIRMED = "P016"  # filed under « mandat à confirmer »
FILED_TWICE = "P013"
WITHDRAWN = {
    "P020": "La Ville s’est jointe à une étude métropolitaine sur le bruit qui couvre les mêmes rues.",
    "P064": "La même demande est portée par la MRC de L’Érable, dont Inverness est partenaire.",
}
STOPPED = ("P018", "P023")  # completion answered, completion awaited

OPEN = CallPlan(
    "A", 16, ("P067", "P068", "P055", "P024", "P020", "P064", "P005", "P013", "P016", "P034", "P044", "P050")
)
REVIEW = CallPlan(
    "B",
    -36,
    (
        *("P047", "P018", "P023", "P049"),
        *(
            "P004",
            "P008",
            "P010",
            "P017",
            "P019",
            "P021",
            "P025",
            "P035",
            "P039",
            "P053",
            "P057",
            "P059",
            "P062",
        ),
    ),
    refused={"P047": "E04"},
    silent=("P049",),
    returned=("P018", "P023", "P049"),
)
EMBARGO = CallPlan(
    "C",
    -66,
    ("P003", "P007", "P011", "P028", "P030", "P032", "P036", "P037", "P043", "P048", "P054", "P066"),
    envelope=880_000,
    reserve=270_000,
)
PUBLISHED = CallPlan(
    "D",
    -160,
    ("P042", "P041", "P001", "P014", "P027", "P029", "P046", "P052", "P058", "P061", "P065"),
    envelope=580_000,
    reserve=240_000,
    silent=("P042",),
    returned=("P042", "P014"),
)
CALLS = (PUBLISHED, EMBARGO, REVIEW, OPEN)

# --- the call in review -----------------------------------------------------------------------------------
# Where each of the two sheets of a project is; two are in for whatever is not named.
SHEETS = {
    "P008": (OFFERED, IN),
    "P010": (IN, DRAFT),
    "P021": (IN, OFFERED),
    "P025": (IN, DRAFT),
    "P053": (DRAFT, IN),
    "P059": (IN, LATE_DRAFT),
    "P062": (IN, LATE_OFFERED),
}
TO_COMMITTEE = ("P004", "P057")  # complete, and passed on
CLEARED = {
    ("P035", "R14"): (
        "J’ai donné une formation en sécurité civile à Chibougamau en 2023, payée par la Ville.",
        "Une formation ponctuelle, terminée depuis plus d’un an et sans suite : le lien n’empêche pas d’évaluer.",
    ),
    ("P039", "R18"): (
        "Je connais la personne qui dirige le service, nous siégeons au même comité régional.",
        "Relation professionnelle ordinaire, sans intérêt financier : le doute est levé.",
    ),
}
# Given to a third person: one is recused after reading, one waits for a judgement.
RECUSED = (
    "P010",
    "R16",
    "La personne siège à l’un des deux conseils atikamekw nommés comme collaborateurs : le lien est réel.",
)
TO_EXAMINE = (
    "P017",
    "R06",
    "J’habite un des secteurs pilotes et j’ai signé la pétition de 2024 sur le stationnement de nuit.",
)
# --- decisions --------------------------------------------------------------------------------------------
RETURNED_BECAUSE = {
    "C": "La date des lettres tombe la veille de la rencontre des préfets. Reportez-la d’une journée, s’il vous plaît.",
    "D": "Je voudrais lire l’avis du comité sur la divergence de Carleton-sur-Mer avant de signer.",
}
KEPT_MEAN = (
    "Les deux lectures ont été entendues. L’écart tient à l’absence de durée de conservation des images : "
    "la moyenne est conservée, le seuil n’est pas atteint de toute façon."
)
PARTIAL, DECLINED = "P065", "P029"
DECLINED_BECAUSE = (
    "The council obtained the full amount from the harbour authority in July and prefers that the funding go to "
    "another community."
)
SECOND_PARTIAL = "P001"  # offered from the waiting list, never answered

# --- what is asked and answered ---------------------------------------------------------------------------
REQUEST = (
    "Bonjour, voici ce qui manque à votre demande. Écrivez-moi ou téléphonez-moi "
    "si une question n’est pas claire."
)
ASKED_OF_P049 = {
    "budget": (
        "La première ligne porte la mention «\u00a0facture de novembre 2025\u00a0». Dites si cet achat a été fait "
        "avant le dépôt, et donnez la date du bon de commande."
    ),
    "price_evidence": (
        "La preuve de prix des capteurs est une facture acquittée. "
        "Joignez une soumission pour la part qui reste à acheter."
    ),
}
E04_NOTE = (
    "La résolution jointe a été adoptée après la clôture de l’appel. L’article 5.2 demande qu’elle le soit "
    "au plus tard ce jour-là, et ce défaut ne se corrige pas par un complément."
)
NOTES = {
    "E04": "Résolution lue : elle autorise le dépôt, engage la mise de fonds et nomme la personne qui signe.",
    "E08": "Aucune reddition de comptes en retard au registre des ententes.",
    "E10": "Rien n’est commandé ni commencé selon le budget et les preuves de prix.",
    "E13": "Dossier en français.",
}
E13_ENGLISH = (
    "Résumé et titre fournis en français, ou régime linguistique particulier de l’organisme\u00a0: "
    "la règle est respectée."
)
