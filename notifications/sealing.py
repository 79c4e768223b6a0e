"""Secret bodies: encrypted from the moment they are written until they are sent, then wiped."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

INFO = b"jalon.notifications.secret-body.v1"


class BrokenSeal(ValueError):
    """The sealed body cannot be opened with the keys that are set."""


def _fernet() -> Fernet:
    """The cipher whose key is derived from the site's secret key."""
    key = hashlib.blake2b(INFO, key=hashlib.sha256(settings.SECRET_KEY.encode()).digest(), digest_size=32)
    return Fernet(base64.urlsafe_b64encode(key.digest()))


def seal(text: str) -> bytes:
    """Encrypt a body."""
    return _fernet().encrypt(text.encode())


def unseal(sealed: bytes) -> str:
    """Decrypt a body; BrokenSeal when it was written under another key."""
    try:
        return _fernet().decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise BrokenSeal("the body was sealed under another key") from error
