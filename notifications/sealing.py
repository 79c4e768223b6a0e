"""Secret bodies: encrypted from the moment they are written until they are sent, then wiped.

While a key is being changed, what the earlier one sealed is opened with `SECRET_KEY_FALLBACKS`.
"""

from __future__ import annotations

from cryptography.fernet import InvalidToken

from accounts.sealing import cipher

INFO = b"jalon.notifications.secret-body.v1"


class BrokenSeal(ValueError):
    """The sealed body cannot be opened with the keys that are set."""


def seal(text: str) -> bytes:
    """Encrypt a body."""
    return cipher(INFO).encrypt(text.encode())


def unseal(sealed: bytes) -> str:
    """Decrypt a body; BrokenSeal when it was written under another key."""
    try:
        return cipher(INFO).decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise BrokenSeal("the body was sealed under another key") from error
