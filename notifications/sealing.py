"""Secret bodies: encrypted from the moment they are written until they are sent, then wiped.

The cipher is that of `accounts.sealing`, with a purpose of its own: what was sealed before `SECRET_KEY` changed is
read with `SECRET_KEY_FALLBACKS` until it has left.
"""

from __future__ import annotations

from accounts.sealing import BrokenSeal, sealed_again
from accounts.sealing import seal as seal_text
from accounts.sealing import unseal as unseal_text

__all__ = ["BrokenSeal", "reseal", "seal", "unseal"]
INFO = b"jalon.notifications.secret-body.v1"


def seal(text: str) -> bytes:
    """Encrypt a body."""
    return seal_text(text, INFO).encode("ascii")


def unseal(sealed: bytes) -> str:
    """Decrypt a body; BrokenSeal when it was written under a key that is no longer set."""
    return unseal_text(bytes(sealed).decode("ascii", "replace"), INFO)


def reseal(sealed: bytes) -> bytes:
    """The same body under the present key."""
    return sealed_again(bytes(sealed).decode("ascii", "replace"), INFO).encode("ascii")
