"""Sample letters that say no, or not yet."""

from __future__ import annotations

from notifications.letters import document as d
from tests.notifications.letters.sample_parts import CALL, CONTACT, HEAD, ISSUED, NOTICE, SIGNATURE, check


def refusal() -> d.Letter:
    """L5: the project is not kept."""
    under = d.Run("Sous le seuil.", alert=True)
    return d.Letter(
        kind="Décision",
        language="fr",
        title="Décision sur votre demande",
        reference="TI-2026-0117",
        issued=ISSUED,
        date="26 juin 2026",
        letterhead=HEAD,
        place_and_date="Québec, le 26 juin 2026",
        mode="PAR COURRIEL",
        organisation="MRC de l’Exemple",
        recipient=d.Address(
            (
                "Monsieur Marc Spécimen, préfet",
                "MRC de l’Exemple",
                "100, rue du Modèle Est, Saint-Exemple (Québec)  G9Z\u00a09Z9",
            )
        ),
        subject=f"Décision sur votre demande – appel {CALL}",
        salutation="Monsieur le Préfet,",
        body=(
            d.Paragraph(
                "Nous avons étudié avec soin le projet «\u00a0Guichet cartographique des plans "
                "d’eau\u00a0», déposé dans "
                "le volet\u00a02. Il n’est pas retenu, car la note est sous le seuil pour deux critères. Sa "
                "note globale "
                "est de 60,33 sur 100; la plus basse note financée dans ce volet est de 71,33. Le Ministère "
                "a reçu "
                "48\u00a0demandes, pour 14\u00a0200\u00a0000\u00a0$, et disposait de "
                "11\u00a0000\u00a0000\u00a0$."
            ),
            d.Table(
                "Note et motif par critère",
                (
                    d.Column("Critère", "header"),
                    d.Column("Note", "amount"),
                    d.Column("Seuil", "amount"),
                    d.Column("Motif"),
                ),
                (
                    (
                        "Pertinence et besoin de la population",
                        "70,0 %",
                        "50 %",
                        "Besoin établi par deux consultations.",
                    ),
                    (
                        "Retombées et contribution aux cibles",
                        (d.Run("53,3 %", strong=True),),
                        "60 %",
                        (under, " Sans valeur de départ."),
                    ),
                    (
                        "Faisabilité, gouvernance, capacité",
                        "63,3 %",
                        "50 %",
                        "Équipe solide; échéancier serré.",
                    ),
                    (
                        "Données, sécurité, vie privée, éthique",
                        (d.Run("46,7 %", strong=True),),
                        "60 %",
                        (under, " Accès non décrits."),
                    ),
                    (
                        "Mutualisation, réutilisation, ouverture",
                        "60,0 %",
                        "aucun",
                        "Code réutilisable, sans partenaire.",
                    ),
                    ("Inclusion, accessibilité, sobriété", "70,0 %", "aucun", "Point de service maintenu."),
                    ("Montage financier et pérennité", "60,0 %", "aucun", "Coût sur trois ans fourni."),
                ),
                ("Note globale", "60,33", "60", "Seuil global atteint."),
            ),
            d.Paragraph(
                (
                    d.Run("Points forts et faibles.", strong=True),
                    (
                        " Le comité a relevé l’appui des riverains et la simplicité de la solution. Il a "
                        "manqué "
                        "la valeur de "
                        "départ des indicateurs et une description de l’hébergement, des accès et de la "
                        "conservation des "
                        "données."
                    ),
                )
            ),
            d.Paragraph(
                (
                    d.Run("Vos recours.", strong=True),
                    (
                        " Vous pouvez demander un réexamen d’ici le 27\u00a0juillet 2026 à "
                        "16\u00a0h\u00a030, "
                        "heure de l’Est, si "
                        "vous croyez qu’une erreur de procédure ou de fait a été commise; d’autres personnes "
                        "étudieront votre "
                        "demande. Vous pouvez aussi porter plainte au Ministère ou au Protecteur du citoyen. "
                        "Marche à "
                        "suivre\u00a0: "
                    ),
                    d.Run("jalon.example/recours", link="https://jalon.example/recours"),
                    ".",
                )
            ),
            d.Paragraph(
                (
                    d.Run("Notre appui.", strong=True),
                    (
                        " Mme\u00a0Salima Gabarit (418\u00a0555-0142) peut revoir avec vous les deux "
                        "critères. "
                        "Formation "
                        "«\u00a0Données et vie privée\u00a0» en septembre; prochain appel en janvier 2027."
                    ),
                )
            ),
        ),
        closing="Veuillez agréer, Monsieur le Préfet, mes salutations distinguées.",
        signatures=(SIGNATURE,),
        verification=check("P3WD-8HXN-QY6C-1F0V"),
        notice=NOTICE,
    )


def english() -> d.Letter:
    """A completion request in English, for a call held in English."""
    return d.Letter(
        kind="Completion request",
        language="en",
        title="Documents missing from your application",
        reference="SF-2026-0007",
        issued=ISSUED,
        date="July 1, 2026",
        letterhead=d.Letterhead("Department of Sample Communities", "Small projects"),
        place_and_date="Québec, July 1, 2026",
        mode="BY EMAIL",
        organisation="Naskapi Nation of Example",
        recipient=d.Address(("Ms. Ruth Sample", "Chief", "Naskapi Nation of Example")),
        subject="Documents missing from your application",
        salutation="Dear Chief Sample:",
        body=(
            d.Paragraph("Two documents are missing before we can confirm that your application is complete."),
            d.ItemList(
                ("The resolution of the council (section 11).", "A quote for the line over $25,000."),
                ordered=True,
            ),
            d.Paragraph(
                "Send them in your file by July 15, 2026, 4:30 p.m. Eastern time. Without an "
                "answer, we close it."
            ),
        ),
        closing="Yours truly,",
        signatures=(d.Signature("Paul Pattern", "Program analyst"),),
        contact=CONTACT,
        verification=check("HJ42-99XW-A0BC-DE7F"),
    )
