"""The second factor: turned on and off by its owner, taken away by the technical administrator when it is lost."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts import factors, outgoing, rules, sessions
from accounts.models import User
from accounts.sealing import BrokenSeal, sealed_again
from workflows.engine import NotAllowed, Refused, locked, record, unit


def accept(person: Any, text: str) -> Any:
    """Spend a code; a recovery code is an event and its owner is told. None when the code opens nothing."""
    owner = User(pk=person.pk)  # the person of a request is wrapped: a lock wants a row
    with unit(locks=[owner]) as held:
        factor = factors.accept(owner, text)
        if factor is not None and factor.type != factor.Type.TOTP:
            row: User = locked(held, owner)
            left = len(factors.codes_left(row))
            record(row, "factor_recovery", actor=row, left=left)
            _tell(row, "recovery_used", left=str(left))
    return factor


def turn_on(person: User, secret: str, counter: int, *, current: str = "") -> User:
    """Keep a new secret; every other session ends. The locked person, for the present session to be kept."""
    with unit(locks=[person]) as held:
        row: User = locked(held, person)
        if factors.has_factor(row):
            raise Refused([_("La double authentification est déjà active.")])
        factors.turn_on(row, secret, counter)
        sessions.end_all(row, but=current)
        record(row, "factor_on", actor=row)
        _tell(row, "factor_on")
    return row


def turn_off(person: User, *, current: str = "") -> User:
    """Do without codes; refused while a role of this person asks for them."""
    with unit(locks=[person]) as held:
        row: User = locked(held, person)
        if rules.needs_second_factor(row):
            raise Refused(
                [
                    _(
                        "Un de vos rôles demande la double authentification : elle reste active tant que vous "
                        "l’avez. Si vous avez perdu votre appareil, écrivez à l’administration technique."
                    )
                ]
            )
        if not factors.turn_off(row):
            raise Refused([_("La double authentification n’est pas active.")])
        sessions.end_all(row, but=current)
        record(row, "factor_off", actor=row)
        _tell(row, "factor_off")
    return row


def renew_codes(person: User) -> None:
    """Recovery codes anew."""
    with unit(locks=[person]) as held:
        row: User = locked(held, person)
        if not factors.has_factor(row):
            raise Refused([_("La double authentification n’est pas active.")])
        factors.renew_codes(row)
        record(row, "factor_codes", actor=row)


def reset(person: User, *, actor: User, reason: str) -> None:
    """Take a lost factor away: recorded with its reason, told to its owner, every session ended."""
    if not rules.is_technical_admin(actor):
        raise NotAllowed("only the technical administrator resets a factor")
    words = reason.strip()
    if not words:
        raise Refused([_("Indiquez le motif.")])
    if person.pk == actor.pk:
        raise Refused([_("On ne retire pas son propre facteur ainsi : demandez-le à une autre personne.")])
    with unit(locks=[person]) as held:
        row: User = locked(held, person)
        if not factors.turn_off(row):
            raise Refused([_("Ce compte n’a pas de double authentification.")])
        sessions.end_all(row)
        record(row, "factor_reset", actor=actor, text=words)
        _tell(row, "factor_reset", reason=words)


def reseal() -> tuple[int, int]:
    """Seal every secret again under the present key; how many rows, and how many that no key opens."""
    from allauth.mfa.models import Authenticator

    count = lost = 0
    for row in Authenticator.objects.order_by("pk").iterator():
        with unit():
            fresh = Authenticator.objects.select_for_update().filter(pk=row.pk).first()
            if fresh is None:
                continue
            names = [name for name in ("secret", "seed") if name in fresh.data]
            try:
                sealed = {name: sealed_again(fresh.data[name]) for name in names}
            except BrokenSeal:
                lost += 1
                continue
            fresh.data = {**fresh.data, **sealed}
            fresh.save(update_fields=["data"])
            count += 1
    return count, lost


def _tell(person: User, kind: str, **facts: str) -> None:
    outgoing.send_secret(
        kind,
        to=person.email,
        language=person.language,
        user_id=person.pk,
        link=outgoing.address("factor", language=person.language),
        **facts,
    )
