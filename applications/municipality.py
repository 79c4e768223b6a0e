"""The answer that names a municipal body: typed by name or code, kept with its MRC so that homonyms stay apart."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts import places
from applications.typed import BadAnswer, line

SHOWN = 4  # homonyms named in a sentence


def clean(raw: Any) -> dict[str, str]:
    """`{"scheme", "code", "name", "mrc"}` of what was typed, or BadAnswer that tells homonyms apart."""
    if isinstance(raw, dict):
        found = places.of(str(raw.get("scheme", "")), str(raw.get("code", "")))
        if found is None and not {"scheme", "code", "name", "mrc"} <= set(raw):
            raise BadAnswer(_("Choisissez un organisme municipal du répertoire."))
        return _value(found) if found else {key: str(raw[key]) for key in ("scheme", "code", "name", "mrc")}
    text = " ".join(line(raw, 200).split())
    meant = places.meant(text)
    if len(meant) == 1:
        return _value(meant[0])
    if not meant:
        raise BadAnswer(
            _("« %(name)s » n’est pas un organisme municipal du répertoire : vérifiez le nom ou le code.")
            % {"name": text}
        )
    shown = "; ".join(str(one) for one in meant[:SHOWN])
    raise BadAnswer(_("Précisez l’organisme (le code suffit) : %(names)s.") % {"names": shown})


def _value(place: places.Place) -> dict[str, str]:
    return {"scheme": place.scheme, "code": place.code, "name": place.name, "mrc": place.mrc}


def words(value: Any) -> str:
    """« Adstock (Les Appalaches), 31056 »; the text itself when it names nothing yet."""
    if not isinstance(value, dict) or "name" not in value:
        return str(value or "")
    is_told_apart = value.get("mrc") and value["mrc"] != value["name"]
    named = f"{value['name']} ({value['mrc']})" if is_told_apart else str(value["name"])
    return f"{named}, {value['code']}"


def key(value: Any) -> str | None:
    """`qc:31056`, what conditions compare."""
    return f"{value['scheme']}:{value['code']}" if isinstance(value, dict) and "code" in value else None
