"""Secrets at rest: encrypted under keys derived from the site's secret keys, the present one first.

A key has a purpose of its own, so that what one part of the product sealed no other part opens. After
`SECRET_KEY` changes, what an earlier key sealed is read with `SECRET_KEY_FALLBACKS` until it is sealed again.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

FACTOR = b"jalon.accounts.second-factor.v1"


class BrokenSeal(ValueError):
    """The sealed text cannot be opened with the keys that are set."""


def cipher(purpose: bytes) -> MultiFernet:
    """The cipher of one purpose: it seals with the present key and opens with the earlier ones too."""
    secrets = [settings.SECRET_KEY, *getattr(settings, "SECRET_KEY_FALLBACKS", [])]
    return MultiFernet([Fernet(_derived(purpose, secret)) for secret in secrets])


def _derived(purpose: bytes, secret: str) -> bytes:
    key = hashlib.blake2b(purpose, key=hashlib.sha256(secret.encode()).digest(), digest_size=32)
    return base64.urlsafe_b64encode(key.digest())


def seal(text: str, purpose: bytes = FACTOR) -> str:
    """Encrypt a text."""
    return cipher(purpose).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str, purpose: bytes = FACTOR) -> str:
    """Decrypt a text; BrokenSeal when it was sealed under a key that is no longer set."""
    try:
        return cipher(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise BrokenSeal("sealed under another key") from error


def sealed_again(sealed: str, purpose: bytes = FACTOR) -> str:
    """The same text under the present key."""
    try:
        return cipher(purpose).rotate(sealed.encode()).decode("ascii")
    except InvalidToken as error:
        raise BrokenSeal("sealed under another key") from error
