"""Sessions ended: by their owner, one or all the others, or all of them by the technical administrator."""

from __future__ import annotations

from accounts import rules, sessions
from accounts.models import OpenSession, User
from workflows.engine import NotAllowed, locked, record, unit


def end(row: OpenSession, *, actor: User) -> None:
    """End one of one's own sessions."""
    if row.user_id != actor.pk:
        raise NotAllowed("everyone ends their own sessions")
    with unit():
        sessions.end(row)
        record(actor, "session_end", actor=actor)


def end_others(person: User, current: str) -> User:
    """End every session of a person but the present one; the locked person, to keep that one."""
    with unit(locks=[person]) as held:
        row: User = locked(held, person)
        sessions.end_all(row, but=current)
        record(row, "sessions_end", actor=row, kept=1)
    return row


def end_all(person: User, *, actor: User) -> None:
    """End every session of an account, from the outside."""
    if not rules.is_technical_admin(actor):
        raise NotAllowed("only the technical administrator ends the sessions of somebody else")
    with unit(locks=[person]) as held:
        row: User = locked(held, person)
        sessions.end_all(row)
        record(row, "sessions_end", actor=actor, kept=0)
