"""Invitations: to an organisation by its signatory, to a role by a manager."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts import hooks, outgoing, permissions, rules
from accounts.actions import roles
from accounts.actions.claims import organisation_code
from accounts.actions.people import new_account
from accounts.models import Invitation, Membership, MembershipRole, MembershipStatus, Organisation, User
from web import clock, formats
from workflows.engine import NotAllowed, Refused, locked, record, unit

VALID_DAYS = 14


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_of(token: str) -> Invitation | None:
    """The invitation that a token opens, whatever its state."""
    found = Invitation.objects.filter(token_digest=digest_of(token))
    return found.select_related("organisation", "created_by").first()


def invite_member(organisation: Organisation, email: str, role: str, *, actor: User) -> Invitation:
    """The signatory invites a colleague; an earlier invitation to the same address is replaced."""
    if not rules.may_manage_people(actor, organisation):
        raise NotAllowed("only the signatory invites")
    if role not in MembershipRole.values:
        raise Refused([_("Choisissez ce que la personne fera.")])
    members = Membership.objects.confirmed().filter(
        organisation=organisation, user__email=email.strip().lower()
    )
    if members.exists():
        raise Refused([_("Cette personne est déjà de l’organisme.")])
    return _invite(
        email, role, actor, MembershipRole(role).label, organisation.name, organisation=organisation
    )


def invite_to_role(obj: models.Model, email: str, role: str, *, actor: User) -> Invitation:
    """A manager invites somebody to a role on a programme, a call or a panel."""
    if not rules.may_give_role(actor, obj):
        raise NotAllowed("only managers give roles")
    labels = permissions.declared_roles(type(obj))
    if role not in labels:
        raise Refused([_("Ce rôle n’existe pas ici.")])
    name = roles.shown_name(obj)
    return _invite(
        email,
        role,
        actor,
        labels[role],
        name,
        target_model=obj._meta.label_lower,
        target_id=obj.pk,
        target_name=name,
    )


def _invite(email: str, role: str, actor: User, role_name: object, thing: str, **target: Any) -> Invitation:
    """Store the digest, ask for the secret message, record: one transaction."""
    token, now, to = secrets.token_urlsafe(32), clock.now(), email.strip().lower()
    until = now + timedelta(days=VALID_DAYS)
    known = User.objects.active().filter(email=to).first()
    language = known.language if known else outgoing.here()
    with unit():
        earlier = Invitation.objects.standing().filter(
            email=to,
            role=role,
            organisation=target.get("organisation"),
            target_model=target.get("target_model", ""),
            target_id=target.get("target_id"),
        )
        earlier.update(cancelled_at=now)
        row = Invitation.objects.create(
            email=to,
            role=role,
            token_digest=digest_of(token),
            created_at=now,
            created_by=actor,
            expires_at=until,
            **target,
        )
        record(row, "send", actor=actor, role=role, on=_target_code(row))
        outgoing.send_secret(
            "invitation",
            to=to,
            language=language,
            user_id=known.pk if known else None,
            link=outgoing.address("invitation_open", token, language=language),
            by=actor.name,
            role=_in(language, role_name),
            thing=thing,
            until=formats.date_long(until, language),
        )
    return row


def _in(language: str, words: object) -> str:
    """The name of a role in the language of the person who will read it."""
    with override("en" if language == "en" else "fr-ca"):
        return _(words) if isinstance(words, str) else str(words)


def cancel_invitation(invitation: Invitation, *, actor: User) -> bool:
    """Take an invitation back."""
    with unit(locks=[invitation]) as held:
        row: Invitation = locked(held, invitation)
        if not _may_invite(actor, row):
            raise NotAllowed("only who may invite takes an invitation back")
        if not row.stands(clock.now()):
            return False
        row.cancelled_at = clock.now()
        row.save(update_fields=["cancelled_at"])
        record(row, "cancel", actor=actor, role=row.role, on=_target_code(row))
    return True


def accept_invitation(invitation: Invitation, *, actor: User) -> None:
    """The person invited accepts, signed in under the very address that was invited."""
    mine = Membership.objects.filter(
        user=actor, organisation=invitation.organisation_id, status__in=["claimed", "confirmed"]
    )
    begun = [lock for membership in mine for lock in hooks.confirmation_locks(membership)]
    with unit(locks=[invitation, mine, *begun]) as held:
        row: Invitation = locked(held, invitation)
        _require_standing(row)
        if actor.email != row.email:
            raise Refused([_("Cette invitation est adressée à un autre courriel que celui de votre compte.")])
        _accept(row, actor)


def open_account(
    invitation: Invitation, *, given_name: str, family_name: str, password: str, language: str
) -> User:
    """Make the account of the person invited, whose address the link has proved, and accept."""
    with unit(locks=[invitation]) as held:
        row: Invitation = locked(held, invitation)
        _require_standing(row)
        if User.objects.filter(email=row.email).exists():
            raise Refused([_("Ce courriel a déjà un compte : connectez-vous pour accepter.")])
        person = new_account(
            row.email, given_name=given_name, family_name=family_name, password=password, language=language
        )
        record(person, "create", actor=person, invitation=row.pk)
        _accept(row, person)
    return person


def _require_standing(row: Invitation) -> None:
    if row.accepted_at is not None:
        raise Refused([_("Cette invitation a déjà servi.")])
    if row.cancelled_at is not None:
        raise Refused([_("Cette invitation a été annulée.")])
    if not row.stands(clock.now()):
        raise Refused(
            [_("Cette invitation a expiré. Demandez-en une nouvelle à la personne qui vous a écrit.")]
        )
    if not _may_invite(row.created_by, row):
        raise Refused(
            [_("La personne qui vous a invité n’en a plus le droit. Demandez une nouvelle invitation.")]
        )


def _may_invite(person: User, row: Invitation) -> bool:
    if row.organisation is not None:
        return rules.may_manage_people(person, row.organisation)
    obj = roles.resolve(row)
    return obj is not None and rules.may_give_role(person, obj)


def _accept(row: Invitation, person: User) -> None:
    """Give what the invitation promises, and close it."""
    row.accepted_at, row.accepted_by = clock.now(), person
    row.save(update_fields=["accepted_at", "accepted_by"])
    record(row, "accept", actor=person, role=row.role, on=_target_code(row), invited_by=row.created_by_id)
    if row.organisation is not None:
        _join(row, row.organisation, person)
        return
    obj = roles.resolve(row)
    if obj is None:
        raise Refused([_("Ce à quoi vous étiez invité n’existe plus.")])
    roles.give_role(person, row.role, obj, actor=row.created_by)


def _join(row: Invitation, organisation: Organisation, person: User) -> None:
    """Confirm a claim of the person, widen a mandate, or make one."""
    now = clock.now()
    mine = Membership.objects.open().filter(user=person, organisation=organisation).first()
    if mine is None:
        mine = Membership(user=person, organisation=organisation, role=row.role, created_at=now)
    elif row.role == MembershipRole.SIGNATORY or not mine.is_confirmed:
        mine.role = row.role
    if not mine.is_confirmed:
        mine.status, mine.confirmed_at, mine.confirmed_by = MembershipStatus.CONFIRMED, now, row.created_by
    mine.save()
    hooks.apply_confirmation(mine, actor=person)
    record(
        mine,
        "join",
        actor=person,
        organisation=organisation_code(organisation),
        role=mine.role,
        user=person.pk,
        invited_by=row.created_by_id,
    )


def _target_code(row: Invitation) -> str:
    if row.organisation is not None:
        return organisation_code(row.organisation)
    return f"{row.target_model}:{row.target_id}"
