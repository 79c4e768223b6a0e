"""Bands of approval of a call: up to which sum the ministry decides alone, and over which an outside act is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from grants.models import DecisionLine

Band = Mapping[str, Any]
KEYS = ("body", "number", "date")


def bands_of(content: Mapping[str, Any]) -> Sequence[Band]:
    """The bands of an edition, from the lowest; none where the call has none."""
    found: Sequence[Band] = content.get("approval_bands") or ()
    return found


def band_of(bands: Iterable[Band], amount: int) -> Band | None:
    """The band in which a sum falls: the first that reaches it."""
    return next((one for one in bands if one["up_to"] is None or amount <= one["up_to"]), None)


def asked_of(line: DecisionLine, bands: Iterable[Band]) -> Band | None:
    """The band whose reference this line must carry, or nothing: a line without money needs none."""
    band = band_of(bands, line.amount) if line.amount else None
    return band if band is not None and band["needs_reference"] else None


def is_referenced(line: DecisionLine, band: Band) -> bool:
    """Whether the line carries the whole reference that this very band asks for."""
    kept = line.reference
    return kept.get("band") == band["code"] and all(kept.get(key) for key in (*KEYS, "document"))


def obstacles(lines: Sequence[DecisionLine]) -> list[str]:
    """Lines whose sum asks for an approval from outside that is not written on them yet."""
    if not lines:
        return []
    edition = lines[0].decision.call.edition
    bands = bands_of(edition.content) if edition is not None else ()
    missing = [
        line.dossier_number
        for line in lines
        if (band := asked_of(line, bands)) is not None and not is_referenced(line, band)
    ]
    if not missing:
        return []
    words = _("Il manque la référence de l’autorisation exigée par le montant : %(numbers)s.")
    return [words % {"numbers": ", ".join(missing)}]


def as_signed(line: DecisionLine, bands: Iterable[Band]) -> dict[str, Any]:
    """What the signature covers of the approval of a line: its band and its reference; nothing where none is asked."""
    band = asked_of(line, bands)
    if band is None:
        return {}
    kept = line.reference if is_referenced(line, band) else {}
    said = {key: str(kept.get(key, "")) for key in KEYS}
    return {
        "approval": {"band": band["code"], **said, "document": kept.get("document", {}).get("digest", "")}
    }
