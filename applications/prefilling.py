"""What a new draft knows already: facts of the directory, put where the form of the call asks for them.

A question says `"prefill": NAME`, one of `grants.editions.PREFILLS`; the person changes what is no longer true.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import translation

from accounts.models import Organisation
from applications import fields
from grants import editions


def answers(content: Mapping[str, Any], volet: str, organisation: Organisation, lang: str) -> dict[str, Any]:
    """Answers by question that the directory gives, in the language of the call; what it does not say is left out."""
    known = _known(organisation, lang)
    wanted = {one["code"]: one["prefill"] for one in editions.questions(content) if one.get("prefill")}
    place = editions.by_role(content, "place")
    if place is not None and place["type"] in ("text", "long_text"):
        wanted.setdefault(place["code"], "name")
    found: dict[str, Any] = {}
    for question in fields.questions(content, volet):
        raw = known.get(wanted.get(question.code, ""))
        if raw in (None, ""):
            continue
        value, wrong = fields.keep(question, raw)
        if value is not None and not wrong:
            found[question.code] = value
    return found


def _known(organisation: Organisation, lang: str) -> dict[str, Any]:
    with translation.override("en" if lang == "en" else "fr-ca"):
        kind = organisation.designation_name
    one = organisation
    return {
        "name": one.name,
        "code": one.code,
        "kind": kind,
        "mrc": one.place,
        "region": one.region.name,
        "population": one.known_population,
        "address": ", ".join(part for part in (one.address, one.locality, one.postal_code) if part),
        "phone": one.phone,
        "email": one.own_email,
        "website": one.website,
        "municipality": {"scheme": one.scheme, "code": one.code},
    }
