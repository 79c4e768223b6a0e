"""A person's second factor: a secret shared with an authenticator application, and recovery codes.

The rows are django-allauth's; the secrets in them are sealed. A code serves once: the number of the last half-minute
that was accepted is kept with the secret and only a later one is accepted, under the lock of the row.
"""

from __future__ import annotations

import hmac
import logging
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.db import transaction

from accounts.sealing import BrokenSeal, seal, unseal
from web import clock

PERIOD = 30  # seconds a code lasts
DRIFT = 1  # periods by which a telephone's clock may be wrong
DIGITS = 6
ISSUER = "Jalon"
LAST, SECRET = "last", "secret"

log = logging.getLogger(__name__)


def totp_of(user: Any) -> Any:
    """The authenticator of a person, or None."""
    return Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).first()


def has_factor(user: Any) -> bool:
    """Tell whether a person has a second factor."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists())


def new_secret() -> str:
    """A secret of 160 bits in the letters that applications read."""
    return str(generate_totp_secret())


def grouped(secret: str) -> str:
    """`ABCD EFGH …`: the secret as somebody types it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def code_at(secret: str, counter: int) -> str:
    """The six digits of one half-minute."""
    return str(format_hotp_value(hotp_value(secret, counter)))


def present() -> int:
    """The number of the present half-minute."""
    return int(clock.now().timestamp()) // PERIOD


def counter_of(secret: str, code: str, *, after: int = -1) -> int | None:
    """The half-minute whose code this is, among those that still serve; None when it is none of them."""
    now = present()
    for counter in (now, *(now + sign * step for step in range(1, DRIFT + 1) for sign in (-1, 1))):
        if counter > after and hmac.compare_digest(code_at(secret, counter).encode(), code.encode()):
            return counter
    return None


def digits_of(text: str) -> str:
    """A code without the spaces that people write in it."""
    return "".join(text.split())


def accept(user: Any, text: str) -> Any:
    """The authenticator that this code opens, the code spent; None when it opens nothing."""
    code = digits_of(text)
    with transaction.atomic():
        rows = {row.type: row for row in Authenticator.objects.select_for_update().filter(user_id=user.pk)}
        totp = rows.get(Authenticator.Type.TOTP)
        spare = rows.get(Authenticator.Type.RECOVERY_CODES)
        if totp is None:
            return None
        try:
            if len(code) == DIGITS:
                return totp if _spend(totp, code) else None
            return spare if spare is not None and spare.wrap().validate_code(code) else None
        except BrokenSeal:
            log.error("the second factor of user %s is sealed under a key that is not set", user.pk)
            return None


def _spend(row: Any, code: str) -> bool:
    """Accept a code of the application later than the last one that was accepted."""
    counter = counter_of(unseal(row.data[SECRET]), code, after=int(row.data.get(LAST, -1)))
    if counter is None:
        return False
    row.data = {**row.data, LAST: counter}
    row.last_used_at = clock.now()
    row.save(update_fields=["data", "last_used_at"])
    return True


def turn_on(user: Any, secret: str, counter: int) -> Any:
    """Keep a secret whose first code was just given, with new recovery codes."""
    Authenticator.objects.filter(user_id=user.pk).delete()
    made = Authenticator.objects.create(
        user=user,
        type=Authenticator.Type.TOTP,
        data={SECRET: seal(secret), LAST: counter},
        created_at=clock.now(),
    )
    RecoveryCodes.activate(user)
    return made


def turn_off(user: Any) -> bool:
    """Forget the secret and the recovery codes; False when there was none."""
    gone, _rows = Authenticator.objects.filter(user_id=user.pk).delete()
    return bool(gone)


def renew_codes(user: Any) -> None:
    """Recovery codes anew; the earlier ones no longer serve."""
    Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).delete()
    RecoveryCodes.activate(user)


def codes_left(user: Any) -> list[str]:
    """Recovery codes that were not used."""
    row = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).first()
    try:
        return list(row.wrap().get_unused_codes()) if row is not None else []
    except BrokenSeal:
        return []
