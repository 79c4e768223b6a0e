"""Sample letters that bring money: the promise and the partial offer."""

from __future__ import annotations

from dataclasses import replace

from notifications.letters import document as d
from tests.notifications.letters.sample_parts import CALL, CONTACT, HEAD, ISSUED, NOTICE, SIGNATURE, check


def acceptance() -> d.Letter:
    """L4: the money is promised."""
    return d.Letter(
        kind="Lettre d’annonce",
        language="fr",
        title="Annonce d’une aide financière maximale de 115\u00a0000\u00a0$",
        reference="TI-2026-0042",
        issued=ISSUED,
        date="1er décembre 2026",
        letterhead=HEAD,
        place_and_date="Québec, le 1er décembre 2026",
        mode="PAR COURRIEL",
        organisation="Municipalité d’Adstock",
        recipient=d.Address(
            (
                "Madame Lucie Modèle",
                "Mairesse",
                "Municipalité d’Adstock",
                "35, rue Principale Ouest",
                "Adstock (Québec)  G0N\u00a01S0",
            )
        ),
        subject=f"Annonce d’une aide financière maximale de 115\u00a0000\u00a0$ – appel de projets {CALL}",
        salutation="Madame la Mairesse,",
        body=(
            d.Paragraph(
                (
                    (
                        "J’ai le plaisir de vous annoncer que le projet «\u00a0Réseau de capteurs pour le "
                        "déneigement et "
                        "l’eau potable\u00a0», déposé par la Municipalité d’Adstock dans le volet\u00a02, "
                        "Réaliser, est "
                        "retenu. Une aide financière maximale de "
                    ),
                    d.Run("115\u00a0000\u00a0$", strong=True),
                    " (cent quinze mille dollars) lui est réservée.",
                )
            ),
            d.Paragraph(
                (
                    (
                        "Le comité d’évaluation a souligné la clarté du besoin et la volonté de partager les "
                        "données avec "
                        "les municipalités voisines. Votre projet s’inscrit dans ce que les membres ont "
                        "appelé "
                    ),
                    d.Run("small town, open data", emphasis=True, lang="en-CA"),
                    (
                        "\u00a0: une petite équipe, des outils simples, un résultat que d’autres peuvent "
                        "reprendre."
                    ),
                )
            ),
            d.Heading("Ce que couvre l’aide"),
            d.Paragraph(
                "Le taux d’aide est de 80\u00a0% des dépenses admissibles retenues. Comme une aide fédérale "
                "de "
                "20\u00a0000\u00a0$ est déjà confirmée, le cumul des aides publiques, limité à 90\u00a0%, "
                "ramène l’aide "
                "du Ministère à 115\u00a0000\u00a0$."
            ),
            d.Table(
                "Montage financier retenu",
                (
                    d.Column("Poste", "header"),
                    d.Column("Demandé", "amount"),
                    d.Column("Retenu", "amount"),
                    d.Column("Aide", "amount"),
                ),
                (
                    ("Capteurs et passerelles de communication", "64 000 $", "62 000 $", "47 533 $"),
                    ("Logiciels et abonnements (36 mois au plus)", "31 500 $", "31 500 $", "24 150 $"),
                    ("Intégration et données ouvertes", "28 000 $", "28 000 $", "21 467 $"),
                    ("Formation du personnel", "14 500 $", "13 500 $", "10 350 $"),
                    ("Administration (10 % au plus)", "18 000 $", "15 000 $", "11 500 $"),
                ),
                ("Total", "156 000 $", "150 000 $", "115 000 $"),
            ),
            d.Heading("Conditions avant tout versement"),
            d.Paragraph(
                "Cette lettre est une promesse, et non la convention. Aucun versement n’est fait avant que "
                "les "
                "conditions suivantes soient remplies\u00a0:"
            ),
            d.ItemList(
                (
                    (
                        "la convention d’aide financière est signée par les deux parties dans les "
                        "60\u00a0jours, soit au plus "
                        "tard le 30\u00a0janvier 2027;"
                    ),
                    (
                        "la résolution du conseil, transmise à titre provisoire, est remplacée par la "
                        "résolution finale;"
                    ),
                    "l’évaluation des facteurs relatifs à la vie privée est déposée au dossier;",
                    (
                        "le décret autorisant l’aide fédérale de 20\u00a0000\u00a0$ est connu, ou la demande "
                        "est en cours."
                    ),
                )
            ),
            d.Heading("Dépenses et engagement du Ministère"),
            d.Paragraph(
                "Les dépenses sont admissibles à compter de la date de la présente lettre, et jusqu’au "
                "31\u00a0décembre "
                "2028. Celles qui ont été faites avant cette date restent à votre charge. Le Ministère ne "
                "s’engage pas "
                "au-delà du montant maximal indiqué, même si le coût du projet augmente."
            ),
            d.Heading("Confidentialité et visibilité"),
            d.Paragraph(
                (
                    (
                        "Nous vous demandons de garder cette décision confidentielle jusqu’à l’annonce "
                        "publique, prévue le "
                        "15\u00a0décembre 2026 à 10\u00a0h, heure de l’Est. Par la suite, la contribution du "
                        "Ministère est "
                        "mentionnée dans vos communications, selon le guide de visibilité publié à l’adresse "
                    ),
                    d.Run("jalon.example/guide/visibilite", link="https://jalon.example/guide/visibilite"),
                    ".",
                )
            ),
            d.Paragraph(
                "Votre conseillère, Mme\u00a0Salima Gabarit, communiquera avec vous d’ici cinq jours "
                "ouvrables. Vous "
                "pouvez la joindre au 418\u00a0555-0142 ou par l’intermédiaire de votre dossier en ligne."
            ),
        ),
        closing="Veuillez agréer, Madame la Mairesse, mes salutations distinguées.",
        signatures=(SIGNATURE,),
        enclosures=("Projet de convention d’aide financière", "guide de visibilité"),
        copies=("Direction régionale de la Chaudière-Appalaches",),
        contact=CONTACT,
        verification=check("K7QF-2M9X-T4RD-8HW3"),
        notice=NOTICE,
    )


def partial() -> d.Letter:
    """L7: less than asked, and a choice to make."""
    return replace(
        acceptance(),
        kind="Offre partielle",
        title="Offre d’une aide financière partielle de 175\u00a0000\u00a0$",
        reference="TI-2026-0058",
        date="26 juin 2026",
        place_and_date="Québec, le 26 juin 2026",
        organisation="Ville de Saint-Gabarit",
        recipient=d.Address(
            (
                "Monsieur Hugo Échantillon",
                "Maire",
                "Ville de Saint-Gabarit",
                "2, place de la Mairie",
                "Saint-Gabarit (Québec)  J0X\u00a01X0",
            )
        ),
        subject=f"Offre d’une aide financière partielle – appel de projets {CALL}",
        salutation="Monsieur le Maire,",
        body=(
            d.Paragraph(
                (
                    (
                        "Le comité d’évaluation a recommandé votre projet «\u00a0Bibliothèque d’objets et "
                        "atelier "
                        "numérique\u00a0». La somme qui reste dans le volet\u00a02 ne permet pas d’accorder "
                        "toute l’aide "
                        "demandée. Nous vous offrons "
                    ),
                    d.Run("175\u00a0000\u00a0$", strong=True),
                    (
                        " (cent soixante-quinze mille dollars), soit 87,5\u00a0% des 200\u00a0000\u00a0$ "
                        "demandés."
                    ),
                )
            ),
            d.Figure(
                "Aide demandée 200 000 $, aide offerte 175 000 $, écart 25 000 $.",
                d.Bars(
                    (
                        d.Bar("Aide demandée", 200, "200 000 $"),
                        d.Bar("Aide offerte", 175, "175 000 $"),
                        d.Bar("Écart à combler ou à retrancher", 25, "25 000 $"),
                    ),
                    200,
                ),
            ),
            d.Heading("Ce que vous devez confirmer"),
            d.Paragraph(
                "L’offre tient si le projet garde ses résultats. D’ici le 27\u00a0juillet 2026 à "
                "16\u00a0h\u00a030, heure "
                "de l’Est, indiquez dans votre dossier\u00a0:"
            ),
            d.ItemList(
                (
                    "ce que vous retranchez, poste par poste, ou l’argent qui remplace l’aide;",
                    d.Item(
                        "les cibles revues, s’il y a lieu\u00a0:",
                        d.ItemList(("citoyens bénéficiaires;", "heures d’ouverture de l’atelier.")),
                    ),
                    "la résolution du conseil qui accepte l’offre.",
                ),
                ordered=True,
            ),
            d.Heading("Sans réponse de votre part"),
            d.Paragraph(
                "Passé ce délai, l’offre tombe et la somme retourne à la liste d’attente. Vous pouvez aussi "
                "la refuser "
                "plus tôt; un autre organisme en profitera. Mme\u00a0Salima Gabarit répond à vos questions "
                "au "
                "418\u00a0555-0142."
            ),
        ),
        closing="Veuillez agréer, Monsieur le Maire, mes salutations distinguées.",
        enclosures=("Tableau des postes retenus",),
        copies=(),
        verification=check("C2M8-VQ4T-90JH-ZK6E"),
    )
