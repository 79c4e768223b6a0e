"""The certificate of the ministry: read from what the settings name, kept while it does not change, checked each time.

Nothing given (no name, or both files empty): documents leave without a seal. Something given that cannot be used, or
nothing any more where documents were sealed before: SealTrouble, and documents wait. Only the worker that draws
needs the key; no page does.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.utils.translation import gettext as _

from notifications.letters.seal import Sealer, SealTrouble
from notifications.models import Document
from web import clock, formats

_lock = Lock()
_kept: dict[tuple[bytes, bytes], Sealer] = {}


def sealer() -> Sealer | None:
    """What seals now, or None when no certificate is given; SealTrouble when a seal is due and cannot be put.

    Files are read each time, so a renewed certificate counts from the next letter on; the key is parsed once.
    """
    if settings.SEAL == "none":
        return None
    key, own = _material("SEAL_KEY", "key"), _material("SEAL_CERTIFICATE", "certificate")
    if not key and not own:
        if Document.objects.filter(sealed_at__isnull=False).exists():
            raise SealTrouble(
                "gone"
            )  # a secret lost on the way to another machine is no decision to stop sealing
        return None
    if not key or not own:
        raise SealTrouble("certificate_missing" if key else "key_missing")
    with _lock:
        found = _kept.get((key, own))
        if found is None:
            _kept.clear()
            found = _kept[key, own] = Sealer(key, own)
    found.check(clock.now())
    return found


def _material(name: str, what: str) -> bytes:
    """The PEM text of a setting, or of the file it names; nothing when neither is given."""
    path, text = getattr(settings, f"{name}_FILE"), getattr(settings, name)
    try:
        return (Path(path).read_bytes() if path else str(text).encode()).strip()
    except OSError as error:
        raise SealTrouble(f"{what}_unreadable") from error


PREFIX = "seal "  # in the error of a document: the rest is the code of a SealTrouble


def cause_words(error: str) -> str:
    """Why a document waits, for the people who read its error; an error of another kind is left as it is."""
    if not error.startswith(PREFIX):
        return error
    reason, _colon, day = error.removeprefix(PREFIX).partition(":")
    words = {
        "gone": _("les documents d’ici portent un sceau, et ni clé ni certificat ne sont plus donnés"),
        "key_missing": _("le certificat du sceau est donné sans sa clé (SEAL_KEY_FILE)"),
        "key_unreadable": _("la clé du sceau ne se lit pas (SEAL_KEY_FILE : PEM, sans mot de passe)"),
        "key_kind": _("la clé du sceau n’est ni RSA ni à courbe elliptique"),
        "key_of_another": _("la clé du sceau n’est pas celle du certificat"),
        "certificate_missing": _("la clé du sceau est donnée sans son certificat (SEAL_CERTIFICATE_FILE)"),
        "certificate_unreadable": _("le certificat du sceau ne se lit pas (SEAL_CERTIFICATE_FILE : PEM)"),
        "certificate_early": _("le certificat du sceau ne vaut pas avant le %(day)s"),
        "certificate_expired": _("le certificat du sceau a expiré le %(day)s"),
    }
    said = words.get(reason, reason)
    if day:
        said %= {"day": formats.date_long(date.fromisoformat(day))}
    return _("Le document attend son sceau : %(cause)s. Il partira quand ce sera corrigé.") % {"cause": said}
