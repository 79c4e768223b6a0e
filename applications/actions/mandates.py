"""Mandates: what their confirmation or refusal does to the dossiers that the person began."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.models import Membership
from applications.lifecycle import OPEN, DossierState
from applications.models import Dossier
from web import clock
from workflows.actors import Actor
from workflows.engine import SystemActor, fire
from workflows.lifecycle import LockTarget, verbs_of

CLAIM_REFUSED = "claim_refused"


def begun(membership: Membership) -> Any:
    """Dossiers of the organisation that this person began."""
    return Dossier.objects.filter(
        created_by_id=membership.user_id,
        bodies__organisation_id=membership.organisation_id,
        bodies__role="lead",
    )


# --- confirmed --------------------------------------------------------------------------------------------
def confirmation_locks(membership: Membership) -> list[LockTarget]:
    """Every dossier the person began, drafts too: one may be filed at this very moment."""
    return [Dossier.objects.filter(pk__in=begun(membership).values("pk"))]


def confirm_filings(membership: Membership, *, actor: Actor) -> None:
    """What was filed « mandat à confirmer » is filed for good."""
    keys = list(begun(membership).filter(mandate_unconfirmed=True).values_list("pk", flat=True))
    Dossier.objects.filter(pk__in=keys).update(mandate_unconfirmed=False)


# --- refused ----------------------------------------------------------------------------------------------
def _begun_in(membership: Membership, states: Iterable[str]) -> list[Dossier]:
    rows = begun(membership).filter(state__in=list(states))
    return list(rows.select_related("call", "volet", "edition__definition").order_by("pk"))


def refusal_locks(membership: Membership) -> list[LockTarget]:
    """What the withdrawal of each dossier locks; drafts too: one may be filed at this very moment."""
    actor, declared = SystemActor(CLAIM_REFUSED), verbs_of(Dossier)["withdraw"]
    rows = _begun_in(membership, (DossierState.DRAFT, *OPEN))
    return [target for dossier in rows for target in declared.targets(dossier, actor, {})]


def withdraw_filings(membership: Membership, *, actor: Any, reason: str) -> None:
    """Withdraw every filed dossier that the person began, with the reason; nothing is deleted."""
    for dossier in _begun_in(membership, OPEN):
        fire(dossier, "withdraw", actor=SystemActor(CLAIM_REFUSED, actor), text=reason)


# --- pressing ---------------------------------------------------------------------------------------------
def claim_closings(claims: Iterable[Membership]) -> dict[int, datetime]:
    """The nearest closing to come of what each claimant began, by key of membership."""
    rows = list(claims)
    wanted = {(one.user_id, one.organisation_id): one.pk for one in rows}
    found: dict[int, datetime] = {}
    dossiers = Dossier.objects.filter(
        created_by__in={user for user, _org in wanted},
        bodies__organisation__in={org for _user, org in wanted},
        call__closes_at__gt=clock.now(),
    ).exclude(state=DossierState.WITHDRAWN)
    for user, organisation, closes_at in dossiers.values_list(
        "created_by", "bodies__organisation", "call__closes_at"
    ):
        key = wanted.get((user, organisation))
        if key is not None:
            found[key] = min(closes_at, found.get(key, closes_at))
    return found
