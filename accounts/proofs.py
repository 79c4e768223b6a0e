"""What a person showed in this session: the second factor, minutes ago. Verbs ask for it when the act is done.

The session keeps when a code was accepted and which factor it was; the view hands that to `fire` as data (`proof`),
and the guard reads the factor again under the lock. A factor taken away or made anew takes its proofs with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import factors
from web import clock
from workflows.actors import Actor, SystemActor

KEY = "second_factor"


@dataclass(frozen=True)
class Proof:
    """A code that a person gave in a session."""

    user: int
    factor: int
    at: int


def is_asked() -> bool:
    """Tell whether this site asks for a second factor at all (the demonstration does not)."""
    return bool(settings.SECOND_FACTOR)


def give(request: HttpRequest, user: Any) -> None:
    """Keep in the session that this person has just given a code."""
    factor = factors.totp_of(user)
    if factor is not None:
        request.session[KEY] = [user.pk, factor.pk, int(clock.now().timestamp())]


def read(request: HttpRequest) -> Proof | None:
    """What the session keeps."""
    kept = request.session.get(KEY)
    return Proof(*kept) if isinstance(kept, list) and len(kept) == 3 else None


def is_fresh(proof: Any, user: Any, factor: Any) -> bool:
    """Tell whether the proof is this person's, of this factor, and recent."""
    if not isinstance(proof, Proof) or factor is None:
        return False
    age = int(clock.now().timestamp()) - proof.at
    return (
        proof.user == user.pk
        and proof.factor == factor.pk
        and 0 <= age <= settings.SECOND_FACTOR_MINUTES * 60
    )


def missing_words() -> str:
    """What somebody without a factor reads."""
    return _(
        "Cet acte demande la double authentification, que votre compte n’a pas encore. "
        "Activez-la : vous reviendrez ici avec ce que vous avez écrit."
    )


def second_factor(subject: Any, actor: Actor, data: dict[str, Any]) -> str | None:
    """The guard of acts that bind: a code given in the last minutes of the session in which they are done."""
    if isinstance(actor, SystemActor) or not is_asked():
        return None
    factor = factors.totp_of(actor)
    if factor is None:
        return missing_words()
    if not is_fresh(data.get("proof"), actor, factor):
        return _("Donnez le code de votre application d’authentification.")
    return None
