"""Small fictional files: a council's resolution, a price. Drawn as any document of the house, said to be fictional."""

from __future__ import annotations

import re
from datetime import date

from django.core.files.base import ContentFile

from notifications.letters import document as model
from notifications.letters.render import render
from notifications.seeding.clock import at
from notifications.seeding.corpus import Project
from web import formats

NOTICE = "Document fictif, produit pour une démonstration."


def resolution(project: Project, name: str, closing: date, *, number: bool = True) -> ContentFile[bytes]:
    """The resolution of a council that authorises the filing."""
    day = project.resolution_on(closing)
    said = project.resolution_number(closing) if number else "à venir"
    aim = str(project.data["title"]["fr"])
    resolved = (
        f"Il est résolu d’autoriser le dépôt du projet «\u00a0{aim}\u00a0», d’engager la mise de fonds "
        "et les coûts d’exploitation pendant trois ans, et de nommer la personne qui signe la demande."
    )
    words = (
        f"Extrait du procès-verbal de la séance du conseil tenue le {formats.date_long(day, 'fr')}.",
        resolved,
        "Adopté à l’unanimité.",
    )
    body = tuple(model.Paragraph(one) for one in words)
    return _pdf(f"Résolution {said}", name, day, body, f"resolution-{project.code}.pdf")


def price(project: Project, name: str, closing: date) -> ContentFile[bytes]:
    """Prices received, one line a cost."""
    rows = tuple(
        (str(one["label"]), formats.money(one["amount"], "fr"))
        for one in project.data["costs"]
        if not one["administration"]
    )
    table = model.Table(
        "Prix reçus", (model.Column("Poste", "header"), model.Column("Prix avant taxes", "amount")), rows
    )
    body = (model.Paragraph(str(project.data["answers"]["suppliers"])), table)
    day = project.resolution_on(closing)
    return _pdf("Preuves de prix", name, day, body, f"prix-{project.code}.pdf")


def plain(text: str) -> str:
    """A name of file from a reference."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def drawn(title: str, name: str, day: date, body: tuple[model.Block, ...]) -> bytes:
    """The bytes of a small document of somebody."""
    report = model.Report(
        kind="piece",
        language="fr",
        title=title,
        reference=f"{title}, {name}",
        issued=at(day, 12),
        date=formats.date_long(day, "fr"),
        letterhead=model.Letterhead(f"{name} (document fictif)"),
        body=body,
        organisation=name,
        notice=NOTICE,
    )
    return render(report)


def _pdf(
    title: str, name: str, day: date, body: tuple[model.Block, ...], filename: str
) -> ContentFile[bytes]:
    return ContentFile(drawn(title, name, day, body), name=filename)
