"""Claims of a mandate for an organisation: made, confirmed, refused."""

from __future__ import annotations

from django.db import IntegrityError
from django.utils.translation import gettext as _

from accounts import hooks, rules
from accounts.models import Membership, MembershipRole, MembershipStatus, Organisation, User
from web import clock
from workflows.engine import NotAllowed, Refused, locked, record, unit


def organisation_code(organisation: Organisation) -> str:
    """`qc:31056`, as events name an organisation."""
    return f"{organisation.scheme}:{organisation.code}"


def claim(organisation: Organisation, role: str = MembershipRole.SIGNATORY, *, actor: User) -> Membership:
    """Say that one acts for an organisation, mandate to be confirmed; a second click gives the first claim."""
    if organisation.gone_at is not None or not organisation.is_applicant:
        raise Refused([_("Cet organisme ne peut pas présenter de demande.")])
    if role not in MembershipRole.values:
        raise Refused([_("Choisissez ce que vous faites pour l’organisme.")])
    standing = Membership.objects.open().filter(user=actor, organisation=organisation)
    try:
        with unit():
            mine = standing.first()
            if mine is not None:
                return mine
            mine = Membership.objects.create(
                user=actor,
                organisation=organisation,
                role=role,
                status=MembershipStatus.CLAIMED,
                created_at=clock.now(),
            )
            record(mine, "claim", actor=actor, organisation=organisation_code(organisation), role=role)
            return mine
    except IntegrityError:  # the same person, in the same instant, from another tab
        return standing.get()


def confirm_claim(membership: Membership, *, actor: User) -> bool:
    """Confirm a mandate; False when it was confirmed already (one effect, one event)."""
    with unit(locks=[membership, *hooks.confirmation_locks(membership)]) as held:
        row: Membership = locked(held, membership)
        _require_decider(row, actor)
        if row.status == MembershipStatus.CONFIRMED:
            return False
        _require_claimed(row)
        row.status, row.confirmed_at, row.confirmed_by = MembershipStatus.CONFIRMED, clock.now(), actor
        row.save(update_fields=["status", "confirmed_at", "confirmed_by"])
        record(
            row,
            "confirm",
            actor=actor,
            organisation=organisation_code(row.organisation),
            role=row.role,
            user=row.user_id,
        )
        hooks.apply_confirmation(row, actor=actor)
    return True


def refuse_claim(membership: Membership, *, actor: User, reason: str) -> bool:
    """Refuse a mandate with its reason; what the claimant filed is withdrawn in the same transaction."""
    words = reason.strip()
    if not words:
        raise Refused([_("Indiquez le motif du refus : la personne le lira.")])
    with unit(locks=[membership, *hooks.refusal_locks(membership)]) as held:
        row: Membership = locked(held, membership)
        _require_decider(row, actor)
        if row.status == MembershipStatus.REFUSED:
            return False
        _require_claimed(row)
        row.status, row.closed_at, row.closed_by, row.reason = (
            MembershipStatus.REFUSED,
            clock.now(),
            actor,
            words,
        )
        row.save(update_fields=["status", "closed_at", "closed_by", "reason"])
        record(
            row,
            "refuse",
            actor=actor,
            text=words,
            organisation=organisation_code(row.organisation),
            role=row.role,
            user=row.user_id,
        )
        hooks.apply_refusal(row, actor=actor, reason=words)
    return True


def _require_decider(row: Membership, actor: User) -> None:
    if not rules.may_decide_claim(actor, row):
        raise NotAllowed("only the ministry or a confirmed signatory decides on a claim")


def _require_claimed(row: Membership) -> None:
    if row.status != MembershipStatus.CLAIMED:
        raise Refused([_("Ce mandat n’attend plus de réponse.")])
