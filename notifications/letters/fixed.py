"""The words a document brings by itself, in its own language and not in that of the person at the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .document import Language


@dataclass(frozen=True, slots=True)
class Words:
    """Fixed words of one language; ``{…}`` is filled by :meth:`str.format`."""

    tag: str
    page: str
    code: str
    reference: str
    subject: str
    enclosures: str
    copies: str
    contact: str
    verify_letter: str
    verify_report: str
    verify_before: str
    verify_middle: str
    verify_scan: str
    verify_private: str
    qr_alt: str
    colon: str
    seal: str


WORDS: Final[dict[Language, Words]] = {
    "fr": Words(
        tag="fr-CA",
        page="Page {number} de {total}",
        code="Code de vérification {code}",
        reference="N/Réf.\u00a0: {reference}",
        subject="Objet\u00a0: {subject}",
        enclosures="p.\u00a0j.",
        copies="c.\u00a0c.",
        contact="Renseignements",
        verify_letter="Vérifier cette lettre",
        verify_report="Vérifier ce document",
        verify_before="Code\u00a0: ",
        verify_middle=". Saisissez ce code à l’adresse ",
        verify_scan=" ou photographiez le code QR.",
        verify_private=(
            " La page confirme seulement l’authenticité\u00a0: elle ne montre aucun renseignement du dossier."
        ),
        qr_alt="Code QR de l’adresse {address}",
        colon="\u00a0: ",
        seal="Sceau électronique\u00a0: {name}",
    ),
    "en": Words(
        tag="en-CA",
        page="Page {number} of {total}",
        code="Verification code {code}",
        reference="Our ref.: {reference}",
        subject="Subject: {subject}",
        enclosures="Encl.",
        copies="c.c.",
        contact="Contact",
        verify_letter="Verify this letter",
        verify_report="Verify this document",
        verify_before="Code: ",
        verify_middle=". Enter this code at ",
        verify_scan=" or photograph the QR code.",
        verify_private=" The page only confirms authenticity: it shows nothing of what the file contains.",
        qr_alt="QR code of the address {address}",
        colon=": ",
        seal="Electronic seal: {name}",
    ),
}
