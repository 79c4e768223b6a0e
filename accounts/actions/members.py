"""People of an organisation once it has a signatory: removed, handed over, replaced by the ministry."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts import hooks, rules
from accounts.actions.claims import organisation_code
from accounts.models import Membership, MembershipRole, MembershipStatus, User
from web import clock
from workflows.engine import NotAllowed, Refused, locked, record, unit


def remove_member(membership: Membership, *, actor: User, reason: str = "") -> bool:
    """End a mandate: one's own, a colleague's (signatory), or that of a person who left (ministry).

    A claim is given up by its author alone, and what he or she filed under it is withdrawn: nobody would be
    left to confirm it. Others confirm or refuse a claim.
    """
    filed = [] if membership.is_confirmed else hooks.refusal_locks(membership)
    with unit(locks=[membership, *filed]) as held:
        row: Membership = locked(held, membership)
        if not rules.may_remove(actor, row):
            raise NotAllowed("only the person, the signatory or the ministry ends a mandate")
        if not row.is_open:
            return False
        own = actor.pk == row.user_id
        if own and _is_only_signatory(row):
            raise Refused(
                [
                    _(
                        "Vous êtes la seule personne signataire : passez d’abord la signature, ou écrivez au ministère."
                    )
                ]
            )
        is_claim = not row.is_confirmed
        if is_claim and not own:
            raise Refused([_("Ce mandat attend une réponse : confirmez-le ou refusez-le.")])
        by_ministry = not own and not rules.may_manage_people(actor, row.organisation)
        words = reason.strip()
        if by_ministry and not words:
            raise Refused([_("Indiquez le motif.")])
        _close(row, MembershipStatus.ENDED if own or by_ministry else MembershipStatus.REVOKED, actor, words)
        record(
            row,
            "end" if own or by_ministry else "remove",
            actor=actor,
            text=words,
            organisation=organisation_code(row.organisation),
            role=row.role,
            user=row.user_id,
        )
        if is_claim:
            given_up = words or _("La personne a renoncé à son mandat avant qu’il soit confirmé.")
            hooks.apply_refusal(row, actor=actor, reason=given_up)
    return True


def hand_over(membership: Membership, successor: Membership, *, actor: User) -> None:
    """The signatory passes the signature to a confirmed colleague and stays as drafter."""
    with unit(locks=[membership, successor]) as held:
        row: Membership = locked(held, membership)
        heir: Membership = locked(held, successor)
        if actor.pk != row.user_id or not (row.is_confirmed and row.is_signatory):
            raise NotAllowed("only the signatory hands the signature over")
        if heir.organisation_id != row.organisation_id or not heir.is_confirmed or not heir.user.is_active:
            raise Refused([_("La personne choisie n’est plus de l’organisme.")])
        if heir.pk == row.pk or heir.is_signatory:
            raise Refused([_("Cette personne signe déjà pour l’organisme.")])
        row.role, heir.role = MembershipRole.DRAFTER, MembershipRole.SIGNATORY
        row.save(update_fields=["role"])
        heir.save(update_fields=["role"])
        _record_hand_over(row, heir, actor, "")


def replace_signatory(membership: Membership, successor: Membership, *, actor: User, reason: str) -> None:
    """The ministry ends the mandate of a signatory who left and confirms the successor in its place."""
    words = reason.strip()
    with unit(locks=[membership, successor, *hooks.confirmation_locks(successor)]) as held:
        row: Membership = locked(held, membership)
        heir: Membership = locked(held, successor)
        if not rules.is_manager(actor) or actor.pk in (row.user_id, heir.user_id):
            raise NotAllowed("only the ministry replaces a signatory")
        if not words:
            raise Refused([_("Indiquez le motif.")])
        if not (row.is_open and row.is_signatory) or heir.pk == row.pk:
            raise Refused([_("Cette personne ne signe plus pour l’organisme.")])
        if heir.organisation_id != row.organisation_id or not heir.is_open or not heir.user.is_active:
            raise Refused([_("La personne choisie n’est plus de l’organisme.")])
        _close(row, MembershipStatus.ENDED, actor, words)
        if not heir.is_confirmed:
            heir.status, heir.confirmed_at, heir.confirmed_by = MembershipStatus.CONFIRMED, clock.now(), actor
        heir.role = MembershipRole.SIGNATORY
        heir.save(update_fields=["role", "status", "confirmed_at", "confirmed_by"])
        hooks.apply_confirmation(heir, actor=actor)
        _record_hand_over(row, heir, actor, words)


def _record_hand_over(row: Membership, heir: Membership, actor: User, words: str) -> None:
    record(
        heir,
        "hand_over" if actor.pk == row.user_id else "replace",
        actor=actor,
        text=words,
        organisation=organisation_code(row.organisation),
        from_user=row.user_id,
        user=heir.user_id,
        role=heir.role,
    )


def _close(row: Membership, status: MembershipStatus, actor: User, reason: str) -> None:
    row.status, row.closed_at, row.closed_by, row.reason = status, clock.now(), actor, reason
    row.save(update_fields=["status", "closed_at", "closed_by", "reason"])


def _is_only_signatory(row: Membership) -> bool:
    if not (row.is_confirmed and row.is_signatory):
        return False
    others = Membership.objects.confirmed().signatories().filter(organisation_id=row.organisation_id)
    return not others.exclude(pk=row.pk).exists()
