"""The keys, kept apart from the data: whoever finds a backup opens nothing sealed with it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from config.backups.manifest import fingerprint
from config.backups.trouble import Trouble


def material() -> dict[str, str]:
    """What must be there to read and seal again, by the name of the file that holds it."""
    found = {
        "secret_key": settings.SECRET_KEY,
        "secret_key_fallbacks": ",".join(settings.SECRET_KEY_FALLBACKS),
        "seal_key.pem": _pem("SEAL_KEY"),
        "seal_certificate.pem": _pem("SEAL_CERTIFICATE"),
    }
    return {name: text for name, text in found.items() if text}


def _pem(name: str) -> str:
    path = getattr(settings, f"{name}_FILE")
    try:
        return Path(path).read_text(encoding="utf-8") if path else str(getattr(settings, name))
    except OSError as fault:
        raise Trouble(f"{name}_FILE cannot be read: the keys were not kept.") from fault


def keep(folder: Path, data: Path) -> Path:
    """Write the keys in a folder of their own, named by fingerprint; never inside that of the data."""
    inside, outside = folder.resolve(), data.resolve()
    if inside == outside or inside.is_relative_to(outside) or outside.is_relative_to(inside):
        raise Trouble(
            "Keys are kept apart: name a folder that neither holds the backups nor stands among them."
        )
    target = folder / f"keys-{fingerprint(settings.SECRET_KEY)}"
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, text in material().items():
        file = target / name
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
    return target
