"""Roles on programmes, calls and panels: given and taken by managers, two of them for the authority."""

from __future__ import annotations

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, models
from django.utils.translation import gettext as _

from accounts import permissions, rules
from accounts.models import RoleProposal, User
from accounts.models.invitation import Target
from web import clock
from web.formats import tr
from workflows.actors import Actor, SystemActor
from workflows.engine import NotAllowed, Refused, locked, record, unit


def shown_name(obj: models.Model, language: str | None = "fr") -> str:
    """The name of a programme, a call or a panel: in French as an invitation keeps it, or the reader’s."""
    for column in ("title", "name", "label"):
        value = getattr(obj, column, None)
        if value:
            return tr(value, language)
    return str(obj)


def resolve(target: Target) -> models.Model | None:
    """The thing that a proposal or an invitation is about, if it is still there."""
    try:
        found: models.Model = apps.get_model(target.target_model)._default_manager.get(pk=target.target_id)
    except (LookupError, ValueError, ObjectDoesNotExist):
        return None
    return found


def give_role(user: User, role: str, obj: models.Model, *, actor: User) -> RoleProposal | None:
    """Give a role; one that needs two managers is proposed, and the proposal is returned."""
    _require_manager(actor, obj)
    if role not in permissions.declared_roles(type(obj)):
        raise Refused([_("Ce rôle n’existe pas ici.")])
    if not user.is_active:
        raise Refused([_("Ce compte est suspendu.")])
    if role in rules.TWO_MANAGERS:
        return _propose(user, role, obj, actor)
    permissions.grant_role(user, role, obj, actor=actor)
    return None


def take_role(user: User, role: str, obj: models.Model, *, actor: User, reason: str = "") -> bool:
    """Take a role back; the person is without it at the next request."""
    _require_manager(actor, obj)
    with unit():
        done = permissions.revoke_role(user, role, obj, actor=actor, reason=reason)
        if done and role == permissions.MANAGER and not _has_manager(obj):
            raise Refused([_("Nommez d’abord une autre personne : il ne resterait aucun gestionnaire.")])
    return done


def _has_manager(obj: models.Model) -> bool:
    """Somebody still manages the thing, or what it stands under."""
    return any(permissions.holders(permissions.MANAGER, one).exists() for one in permissions.lineage(obj))


def approve_role(proposal: RoleProposal, *, actor: User) -> None:
    """A second manager agrees: the role is given."""
    with unit(locks=[proposal]) as held:
        row, obj = _open_proposal(locked(held, proposal), actor)
        if not row.user.is_active:
            raise Refused([_("Ce compte est suspendu.")])
        if not rules.may_give_role(row.proposed_by, obj):
            raise Refused(
                [_("La personne qui a proposé ce rôle ne gère plus ce programme : proposez-le de nouveau.")]
            )
        _decide(row, actor, approved=True)
        record(
            row,
            "approve",
            actor=actor,
            role=row.role,
            on=permissions.target_text(obj),
            user=row.user_id,
            proposed_by=row.proposed_by_id,
        )
        permissions.grant_role(row.user, row.role, obj, actor=actor)


def refuse_role(proposal: RoleProposal, *, actor: User) -> None:
    """A second manager does not agree, or the first one takes the proposal back."""
    with unit(locks=[proposal]) as held:
        row: RoleProposal = locked(held, proposal)
        obj = resolve(row)
        if obj is None or not rules.may_give_role(actor, obj):
            raise NotAllowed("only managers decide on a role")
        if row.decided_at is not None:
            raise Refused([_("Cette proposition a déjà sa réponse.")])
        record(row, "refuse", actor=actor, role=row.role, on=permissions.target_text(obj), user=row.user_id)
        if actor.pk == row.proposed_by_id:  # taken back: two persons are needed only to give
            row.delete()
        else:
            _decide(row, actor, approved=False)


def appoint(user: User, obj: models.Model, *, actor: SystemActor) -> None:
    """Make the first manager of a programme; afterwards only managers give roles."""
    with unit():
        if permissions.holders(permissions.MANAGER, obj).exists():
            raise Refused(["This programme has a manager already: managers give the other roles."])
        permissions.grant_role(user, permissions.MANAGER, obj, actor=actor)


def _require_manager(actor: Actor, obj: models.Model) -> None:
    if not rules.may_give_role(actor, obj):
        raise NotAllowed("only managers give roles")


def _propose(user: User, role: str, obj: models.Model, actor: User) -> RoleProposal | None:
    if permissions.holders(role, obj).filter(pk=user.pk).exists():
        return None
    label = obj._meta.label_lower
    waiting = RoleProposal.objects.waiting().filter(
        user=user, role=role, target_model=label, target_id=obj.pk
    )
    try:
        with unit():
            row = waiting.first()
            if row is None:
                row = RoleProposal.objects.create(
                    user=user,
                    role=role,
                    target_model=label,
                    target_id=obj.pk,
                    target_name=shown_name(obj),
                    proposed_at=clock.now(),
                    proposed_by=actor,
                )
                record(row, "propose", actor=actor, role=role, on=permissions.target_text(obj), user=user.pk)
            return row
    except IntegrityError:
        return waiting.get()


def _open_proposal(row: RoleProposal, actor: User) -> tuple[RoleProposal, models.Model]:
    obj = resolve(row)
    if obj is None or not rules.may_give_role(actor, obj):
        raise NotAllowed("only managers decide on a role")
    if row.decided_at is not None:
        raise Refused([_("Cette proposition a déjà sa réponse.")])
    if actor.pk == row.proposed_by_id:
        raise Refused([_("Une deuxième personne gestionnaire doit approuver : vous avez proposé ce rôle.")])
    if actor.pk == row.user_id:
        raise Refused([_("On n’approuve pas son propre rôle.")])
    return row, obj


def _decide(row: RoleProposal, actor: User, *, approved: bool) -> None:
    row.decided_at, row.decided_by, row.approved = clock.now(), actor, approved
    row.save(update_fields=["decided_at", "decided_by", "approved"])
