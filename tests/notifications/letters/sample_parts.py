"""What the sample documents share. Everything in them is fictional."""

from __future__ import annotations

from datetime import UTC, datetime

from notifications.letters import document as d

ISSUED = datetime(2026, 12, 1, 13, 30, tzinfo=UTC)
HEAD = d.Letterhead(
    "Ministère des Municipalités et des Territoires", "Direction des villes et territoires intelligents"
)
CALL = "«\u00a0Villes et territoires intelligents 2026\u00a0»"
CONTACT = d.Contact("Mme\u00a0Salima Gabarit", "418\u00a0555-0142", "appel@jalon.example")
SIGNATURE = d.Signature("Antoine Exemple", "Sous-ministre adjoint aux territoires")
NOTICE = "Exemple fictif"


def check(code: str, title: str = "") -> d.Verification:
    """Return how a sample is checked."""
    return d.Verification(code, f"https://jalon.example/v/{code}", title)
