"""Sample reports: the receipt and the minutes."""

from __future__ import annotations

from datetime import UTC, datetime

from notifications.letters import document as d
from tests.notifications.letters.sample_parts import CALL, HEAD, NOTICE, check


def receipt() -> d.Report:
    """L1: what was filed, when, and the hash of each file."""
    files = (
        (
            "Résolution 2026-03-041",
            "resolution-2026-03-041.pdf",
            "412 ko",
            "8d978be81fe167fa765ee554541d1414",
        ),
        ("Soumission, capteurs", "soumission-capteurs.pdf", "1,8 Mo", "28f57319939413ab511141af72ebf606"),
        (
            "Résumé de l’évaluation relative à la vie privée",
            "resume-efvp.pdf",
            "236 ko",
            "6cf0221b7dfafb0aef3150241c31faf2",
        ),
        ("Plan d’implantation", "plan.pdf", "3,1 Mo", "087bbbfbcc05f949a3dd1d2c7e9af861"),
    )
    return d.Report(
        kind="Récépissé",
        language="fr",
        title="Récépissé de dépôt",
        reference="TI-2026-0042",
        issued=datetime(2026, 3, 27, 20, 12, 8, tzinfo=UTC),
        date="27 mars 2026",
        letterhead=HEAD,
        organisation="Municipalité d’Adstock",
        body=(
            d.Paragraph(
                (
                    "Votre demande a été reçue le vendredi 27\u00a0mars 2026 à ",
                    d.Run("16\u00a0h\u00a012\u00a0min\u00a008\u00a0s", strong=True),
                    ", heure de l’Est, avant la clôture de 16\u00a0h\u00a030. Elle porte le numéro ",
                    d.Run("TI-2026-0042", strong=True),
                    ".",
                )
            ),
            d.facts(
                "Ce qui a été déposé",
                (
                    ("Appel de projets", "Villes et territoires intelligents 2026, volet\u00a02, Réaliser"),
                    ("Demandeur", "Municipalité d’Adstock (code géographique 31056)"),
                    ("Projet", "Réseau de capteurs pour le déneigement et l’eau potable"),
                    ("Aide demandée", "120\u00a0000\u00a0$"),
                    ("Signataire", "Mme Lucie Modèle, mairesse"),
                    ("Version figée", "1"),
                ),
            ),
            d.Table(
                "Pièces reçues, avec l’empreinte SHA-256 de chacune",
                (
                    d.Column("Pièce et fichier", "header"),
                    d.Column("Taille", "amount"),
                    d.Column("Empreinte", "digest"),
                ),
                tuple(
                    (d.Cell(name, file), size, (d.Run(half + half[::-1], digest=True),))
                    for name, file, size, half in files
                ),
            ),
            d.Heading("La suite"),
            d.ItemList(
                (
                    (
                        "D’ici le 14\u00a0avril 2026, un analyste vérifie que le dossier est complet. S’il "
                        "manque une pièce, "
                        "vous recevez une demande précise et quinze jours pour y répondre."
                    ),
                    (
                        "L’admissibilité est confirmée au plus tard le 30\u00a0avril 2026, puis le comité "
                        "évalue les dossiers "
                        "admissibles."
                    ),
                    "La décision vous est transmise par lettre le 26\u00a0juin 2026.",
                ),
                ordered=True,
            ),
            d.Paragraph(
                (
                    (
                        "Jusqu’à la clôture, le signataire peut reprendre le dossier et le déposer de "
                        "nouveau\u00a0: seul le "
                        "dernier dépôt compte. Une question? Écrivez à "
                    ),
                    d.Run("appel@jalon.example", link="mailto:appel@jalon.example"),
                    " ou composez le 418\u00a0555-0100.",
                )
            ),
        ),
        verification=check("7NZK-R2CV-9FHB-3WQ5", "Vérifier ce récépissé"),
        notice=NOTICE,
    )


def minutes() -> d.Report:
    """The minutes of a committee, signed by two persons, with an outline."""
    ranking = (
        ("TI-2026-0031", "88,00", "250 000 $", "Recommandé", "250 000 $"),
        ("TI-2026-0058", "82,00", "200 000 $", "Offre partielle, 87,5 %", "175 000 $"),
        ("TI-2026-0009", "79,00", "150 000 $", "Liste d’attente, rang 1", "–"),
        ("TI-2026-0042", "71,33", "115 000 $", "Recommandé, réserve", "115 000 $"),
        ("TI-2026-0077", "66,00", "60 000 $", "Recommandé, réserve", "60 000 $"),
        ("TI-2026-0117", "60,33", "50 000 $", "Non recommandé", "–"),
    )
    return d.Report(
        kind="Procès-verbal",
        language="fr",
        title="Procès-verbal du comité d’évaluation",
        reference="TI-2026 – PV-02",
        issued=datetime(2026, 6, 2, 18, 0, tzinfo=UTC),
        date="2 juin 2026",
        letterhead=HEAD,
        body=(
            d.Paragraph(
                f"Appel de projets {CALL}, volet\u00a02, Réaliser. Séance du mardi 2\u00a0juin 2026, de "
                "9\u00a0h à "
                "12\u00a0h\u00a020, heure de l’Est, à Québec et en visioconférence."
            ),
            d.facts(
                "Membres et quorum",
                (
                    ("Présidence", "Mme Odile Gabarit"),
                    (
                        "Membres votants",
                        (
                            "M.\u00a0Paul Échantillon, Mme\u00a0Inès Maquette, M.\u00a0Youri Patron, "
                            "Mme\u00a0Aline Calque"
                        ),
                    ),
                    ("Secrétaire, sans vote", "M. Théo Gabarit"),
                    ("Quorum", "Trois membres votants exigés, cinq présents à l’ouverture"),
                ),
            ),
            d.Heading("1. Conflits d’intérêts et retraits"),
            d.Paragraph(
                "Chaque membre a signé sa déclaration avant d’ouvrir un dossier. M.\u00a0Patron, ancien "
                "employé de la MRC "
                "de l’Exemple, s’est retiré du dossier TI-2026-0117\u00a0: il ne l’a ni lu ni noté, et a "
                "quitté la salle "
                "pendant son étude, de 10\u00a0h\u00a005 à 10\u00a0h\u00a025."
            ),
            d.Heading("2. Classement et recommandations"),
            d.Paragraph(
                "L’enveloppe de la séance est de 600\u00a0000\u00a0$, dont 180\u00a0000\u00a0$ réservés aux "
                "organismes de "
                "5\u00a0000\u00a0habitants ou moins. La réserve est attribuée d’abord; le solde de "
                "5\u00a0000\u00a0$ retourne "
                "à l’ensemble."
            ),
            d.Table(
                "Dossiers étudiés, par note décroissante",
                (
                    d.Column("Dossier", "header"),
                    d.Column("Note", "amount"),
                    d.Column("Demandé", "amount"),
                    d.Column("Recommandation"),
                    d.Column("Montant", "amount"),
                ),
                ranking,
                ("Total", "", "825 000 $", "", "600 000 $"),
            ),
            d.Heading("3. Motifs consignés"),
            d.Paragraph(
                (
                    d.Run("TI-2026-0058.", strong=True),
                    (
                        " Après le dossier TI-2026-0031, il reste 175\u00a0000\u00a0$, soit 87,5\u00a0% du "
                        "montant demandé. Le "
                        "comité propose une offre partielle, permise à partir de 80\u00a0%."
                    ),
                )
            ),
            d.Paragraph(
                (
                    d.Run("TI-2026-0042.", strong=True),
                    (
                        " L’écart entre les évaluateurs ne dépasse ni 1,5\u00a0point par critère ni "
                        "20\u00a0points au total; la "
                        "moyenne des trois fiches est maintenue."
                    ),
                )
            ),
            d.Paragraph(
                (
                    d.Run("TI-2026-0117.", strong=True),
                    (
                        " Deux critères sont sous leur seuil. Le comité souligne la qualité de la "
                        "consultation "
                        "et invite la "
                        "MRC à déposer de nouveau."
                    ),
                )
            ),
            d.Heading("4. Vote et levée de la séance"),
            d.Paragraph(
                "Le classement est adopté à l’unanimité des votants. La séance est levée à "
                "12\u00a0h\u00a020. Les fiches "
                "individuelles, les déclarations et la version figée du classement sont conservées au "
                "dossier de l’appel."
            ),
        ),
        signatures=(
            d.Signature("Odile Gabarit", "Présidente du comité"),
            d.Signature("Théo Gabarit", "Secrétaire du comité"),
        ),
        verification=check("M5TJ-W8QA-3DXE-07PK", "Vérifier ce procès-verbal"),
        outline=True,
        notice=NOTICE,
    )
