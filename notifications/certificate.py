"""The certificate of the ministry: read from what the settings name, kept while it does not change, checked each time.

Nothing set: documents leave without a seal. Something set that cannot be used: SealTrouble, and documents wait.
Only the worker that draws comes here; no page needs the key.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.utils.translation import gettext as _

from notifications.letters.seal import Sealer, SealTrouble
from web import clock, formats

_lock = Lock()
_kept: dict[tuple[bytes, bytes], Sealer] = {}


def is_wanted() -> bool:
    """A key or a certificate is named."""
    names = ("SEAL_KEY", "SEAL_KEY_FILE", "SEAL_CERTIFICATE", "SEAL_CERTIFICATE_FILE")
    return any(getattr(settings, name) for name in names)


def sealer() -> Sealer | None:
    """What seals now, or None when no certificate is named; SealTrouble when one is named and no seal can be put.

    Files are read each time, so a renewed certificate counts from the next letter on; the key is parsed once.
    """
    if not is_wanted():
        return None
    pair = (_material("SEAL_KEY", "key"), _material("SEAL_CERTIFICATE", "certificate"))
    with _lock:
        found = _kept.get(pair)
        if found is None:
            _kept.clear()
            found = _kept[pair] = Sealer(*pair)
    found.check(clock.now())
    return found


def _material(name: str, what: str) -> bytes:
    """The PEM text of a setting, or of the file it names."""
    path, text = getattr(settings, f"{name}_FILE"), getattr(settings, name)
    if not path and not text:
        raise SealTrouble(f"{what}_missing")
    try:
        return Path(path).read_bytes() if path else str(text).encode()
    except OSError as error:
        raise SealTrouble(f"{what}_unreadable") from error


PREFIX = "seal "  # in the error of a document: the rest is the code of a SealTrouble


def cause_words(error: str) -> str:
    """Why a document waits, for the people who read its error; an error of another kind is left as it is."""
    if not error.startswith(PREFIX):
        return error
    reason, _colon, day = error.removeprefix(PREFIX).partition(":")
    words = {
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
