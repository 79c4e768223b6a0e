"""Accounts: made, suspended, unlocked by the technical administrator; told about themselves by their owner."""

from __future__ import annotations

from allauth.account import app_settings as allauth_settings
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from django.contrib.sites.shortcuts import get_current_site
from django.core.cache import cache
from django.utils.translation import gettext as _

from accounts import outgoing, rules, sessions
from accounts.models import User
from web import clock
from workflows.actors import Actor, SystemActor
from workflows.engine import NotAllowed, Refused, locked, record, unit

PROFILE = ("given_name", "family_name", "phone", "function", "language")


def new_account(
    email: str,
    *,
    given_name: str = "",
    family_name: str = "",
    password: str | None = None,
    language: str = "fr",
) -> User:
    """A person whose address is known to be theirs (invited, or made by the administrator)."""
    person = User.objects.create_user(
        email, password, given_name=given_name, family_name=family_name, language=language
    )
    EmailAddress.objects.update_or_create(
        user=person, email=person.email, defaults={"verified": True, "primary": True}
    )
    return person


def create_account(
    email: str,
    *,
    given_name: str,
    family_name: str,
    language: str = "fr",
    actor: Actor,
    technical: bool = False,
) -> User:
    """Make an account and ask for the message that lets its owner choose a password."""
    _require_admin(actor)
    if User.objects.filter(email=email.strip().lower()).exists():
        raise Refused([_("Ce courriel a déjà un compte.")])
    with unit():
        person = new_account(email, given_name=given_name, family_name=family_name, language=language)
        if technical:
            _make_technical(person)
        record(person, "create", actor=actor, technical=technical)
        outgoing.send_secret(
            "account_created",
            to=person.email,
            language=person.language,
            user_id=person.pk,
            link=password_link(person),
            by=actor.name if isinstance(actor, User) else "Jalon",
        )
    return person


def password_link(person: User) -> str:
    """The address where a person chooses a password; it serves once."""
    from allauth.account.utils import user_pk_to_url_str

    token = allauth_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(person)
    return outgoing.address(
        "account_reset_password_from_key", user_pk_to_url_str(person), token, language=person.language
    )


def appoint_technical(person: User, *, actor: SystemActor) -> None:
    """Make a technical administrator, from the command line only."""
    with unit():
        _make_technical(person)
        record(person, "appoint_technical", actor=actor)


def _make_technical(person: User) -> None:
    person.is_technical_admin = True
    person.save(update_fields=["is_technical_admin"])


def suspend(person: User, *, actor: User, reason: str) -> bool:
    """Close an account: its next request is signed out, its roles stop counting."""
    _require_admin(actor)
    words = reason.strip()
    if not words:
        raise Refused([_("Indiquez le motif.")])
    if person.pk == actor.pk:
        raise Refused([_("On ne suspend pas son propre compte.")])
    with unit(locks=[person]) as held:
        row: User = locked(held, person)
        if not row.is_active:
            return False
        row.is_active, row.suspended_at = False, clock.now()
        row.save(update_fields=["is_active", "suspended_at"])
        sessions.end_all(row)
        record(row, "suspend", actor=actor, text=words)
    return True


def reinstate(person: User, *, actor: User) -> bool:
    """Open a suspended account again."""
    _require_admin(actor)
    with unit(locks=[person]) as held:
        row: User = locked(held, person)
        if row.is_active:
            return False
        row.is_active, row.suspended_at = True, None
        row.save(update_fields=["is_active", "suspended_at"])
        record(row, "reinstate", actor=actor)
    return True


def unlock(person: User, *, actor: User) -> None:
    """Forget the failed sign-ins that made a person wait."""
    _require_admin(actor)
    with unit():
        record(person, "unlock", actor=actor)
    cache.delete_many([*_locks(person), *_locks(person, f"mfa-auth-user-{person.pk}")])


def is_locked(person: User) -> bool:
    """Tell whether failed sign-ins make this person wait."""
    counted = [*_locks(person), *_locks(person, f"mfa-auth-user-{person.pk}")]
    for rate, key in zip(_rates() * 2, counted, strict=True):
        allowed, _history = ratelimit.apply_rate(
            list(cache.get(key, [])), clock.now().timestamp(), rate, dry_run=True
        )
        if not allowed:
            return True
    return False


def _rates() -> list[ratelimit.Rate]:
    """Limits that follow a mail address (those of an IP address are nobody's)."""
    found = ratelimit.get_rates(app="allauth.account", action="login_failed")
    return [rate for rate in found if rate.per == "key"]


def _locks(person: User, key: str = "") -> list[str]:
    """Where the cache counts failed sign-ins of this person (or, under another key, false codes)."""
    key = key or f"{get_current_site(None).domain}:{person.email}"
    return [
        ratelimit.get_cache_key(None, app="allauth.account", action="login_failed", rate=rate, key=key)
        for rate in _rates()
    ]


def update_profile(person: User, *, actor: User, **values: str) -> bool:
    """Change what a person says of themselves; False when nothing differs."""
    if actor.pk != person.pk:
        raise NotAllowed("everyone writes their own page")
    with unit(locks=[person]) as held:
        row: User = locked(held, person)
        changed = [name for name in PROFILE if name in values and getattr(row, name) != values[name]]
        if not changed:
            return False
        for name in changed:
            setattr(row, name, values[name])
        row.save(update_fields=changed)
        record(row, "update_profile", actor=actor, fields=changed)
    return True


def _require_admin(actor: Actor) -> None:
    if isinstance(actor, SystemActor) or rules.is_technical_admin(actor):
        return
    raise NotAllowed("only the technical administrator keeps accounts")
