"""Roles that people hold on a programme, a call or a panel: the only door to guardian.

A role is a permission codename of the model it is on (`Meta.permissions`); a row of the model's role table gives it
to a person. Rows are read here and nowhere else, active people only, once a request: what was read is kept on
the person's instance, which lives as long as the request. Nobody calls `has_perm`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from guardian.models import UserObjectPermissionBase

from web import clock
from workflows.actors import Actor, SystemActor

if TYPE_CHECKING:
    from accounts.models import User

NOBODY: frozenset[str] = frozenset()
CACHE = "_roles_read"
MANAGER = "manager"


class RoleBase(UserObjectPermissionBase):
    """Base of a role table: the app above adds `content_object`, a foreign key to what the role is on."""

    granted_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.permission_id} on {self.content_object_id}"  # type: ignore[attr-defined]


@lru_cache(maxsize=32)
def role_model(model: Any) -> Any:
    """The role table of a model (`content_object` is the app's own column, so the table is any type here)."""
    for table in role_models():
        if subject_of(table) is model:
            return table
    raise ImproperlyConfigured(f"{model._meta.label} has no role table")


@lru_cache(maxsize=1)
def role_models() -> tuple[Any, ...]:
    """Every role table of the site."""
    return tuple(model for model in apps.get_models() if issubclass(model, RoleBase))


def subject_of(table: Any) -> Any:
    """The model that a role table gives roles on."""
    return table._meta.get_field("content_object").related_model


def declared_roles(model: type[models.Model]) -> dict[str, str]:
    """Codes and names of the roles that can be held on a model."""
    return {str(code): str(name) for code, name in model._meta.permissions}


# --- what a role on one thing gives on another --------------------------------------------------------
_parents: dict[type[models.Model], Callable[[Any], models.Model | None]] = {}


def register_parent(model: type[models.Model], parent: Callable[[Any], models.Model | None]) -> None:
    """Say under what a thing stands (a call under its programme): its managers give the roles on it."""
    _parents[model] = parent


def lineage(obj: models.Model) -> Iterable[models.Model]:
    """The thing, then what it stands under, upwards."""
    current: models.Model | None = obj
    while current is not None:
        yield current
        parent = _parents.get(type(current))
        current = parent(current) if parent else None


# --- reads --------------------------------------------------------------------------------------------
def roles_by_object(user: Any, model: type[models.Model]) -> dict[int, frozenset[str]]:
    """Every role of a person on the things of one model; one statement a request."""
    if user is None or not user.is_authenticated or not user.is_active:
        return {}
    cache: dict[type[models.Model], dict[int, frozenset[str]]] | None = getattr(user, CACHE, None)
    if cache is None:  # through getattr and setattr, for the lazy user of a request too
        cache = {}
        setattr(user, CACHE, cache)
    if model not in cache:
        cache.update(_read_roles(user))
    return cache[model]


def _read_roles(user: Any) -> dict[type[models.Model], dict[int, frozenset[str]]]:
    """What a person holds in every role table, in one statement."""
    tables = role_models()
    found: dict[int, dict[int, set[str]]] = {place: {} for place in range(len(tables))}
    parts = [
        table._default_manager.filter(user_id=user.pk, user__is_active=True)
        .annotate(table=models.Value(place, output_field=models.IntegerField()))
        .order_by()
        .values_list("table", "content_object_id", "permission__codename")
        for place, table in enumerate(tables)
    ]
    for place, key, code in parts[0].union(*parts[1:], all=True):
        found[place].setdefault(key, set()).add(code)
    return {
        subject_of(table): {key: frozenset(codes) for key, codes in found[place].items()}
        for place, table in enumerate(tables)
    }


def forget(user: Any) -> None:
    """Drop what was read of a person, so that the next question asks the database."""
    if hasattr(user, CACHE):
        delattr(user, CACHE)


def roles_on(user: Any, obj: models.Model) -> frozenset[str]:
    """Roles held on this very thing (what a role on a programme gives on its calls is for grants to say)."""
    return roles_by_object(user, type(obj)).get(obj.pk, NOBODY)


def has_role(user: Any, obj: models.Model, *roles: str) -> bool:
    """Tell whether a person holds one of these roles on this very thing."""
    return not roles_on(user, obj).isdisjoint(roles)


def holds_anywhere(user: Any, *roles: str) -> bool:
    """Tell whether a person holds one of these roles (any role when none is named) on anything."""
    wanted = frozenset(roles)
    for table in role_models():
        for codes in roles_by_object(user, subject_of(table)).values():
            if not wanted or not codes.isdisjoint(wanted):
                return True
    return False


def objects_for(user: Any, role: str | Iterable[str], model: type[models.Model]) -> Any:
    """Keys of the things on which a person holds the role (or one of them), for `pk__in`; none if disabled."""
    table = role_model(model)
    codes = [role] if isinstance(role, str) else list(role)
    if user is None or not user.is_authenticated:
        return table._default_manager.none().values("content_object_id")
    return table._default_manager.filter(
        user_id=user.pk, user__is_active=True, permission__codename__in=codes
    ).values("content_object_id")


def holders(role: str | Iterable[str], obj: models.Model) -> models.QuerySet[User]:
    """Active people who hold the role (or one of them) on this very thing, by name."""
    codes = [role] if isinstance(role, str) else list(role)
    rows = role_model(type(obj))._default_manager.filter(
        content_object_id=obj.pk, permission__codename__in=codes
    )
    people: models.QuerySet[User] = get_user_model()._default_manager.filter(
        is_active=True, pk__in=rows.values("user_id")
    )
    return people.order_by("sort_name", "pk")


def is_manager_of(user: Any, obj: models.Model) -> bool:
    """A manager of the thing, or of what it stands under."""
    return any(has_role(user, one, MANAGER) for one in lineage(obj) if _has_table(type(one)))


def _has_table(model: type[models.Model]) -> bool:
    return any(subject_of(table) is model for table in role_models())


# --- writes -------------------------------------------------------------------------------------------
def grant_role(user: User, role: str, obj: models.Model, *, actor: Actor) -> bool:
    """Give a role and record it in the chain of the site; False when it was already held.

    Who may give is asked by `accounts.actions` (managers; two of them for the authority).
    """
    from workflows.engine import record, unit

    table, permission = role_model(type(obj)), _permission(role, type(obj))
    if not user.is_active:
        raise ValueError("a suspended account receives no role")
    with unit():
        _row, made = table._default_manager.get_or_create(
            user=user, permission=permission, content_object=obj
        )
        if made:
            record(user, "grant", actor=actor, role=role, on=target_text(obj))
    forget(user)
    return bool(made)


def revoke_role(user: User, role: str, obj: models.Model, *, actor: Actor, reason: str = "") -> bool:
    """Take a role back and record it; the person is without it at the next request."""
    from workflows.engine import record, unit

    table, permission = role_model(type(obj)), _permission(role, type(obj))
    with unit():
        gone, _ = table._default_manager.filter(user=user, permission=permission, content_object=obj).delete()
        if gone:
            record(user, "revoke", actor=actor, text=reason, role=role, on=target_text(obj))
    forget(user)
    return bool(gone)


def target_text(obj: models.Model) -> str:
    """`grants.call:3`, as events name what a role is on."""
    return f"{obj._meta.label_lower}:{obj.pk}"


def is_system(actor: Actor) -> bool:
    """A declared system actor, such as the command that appoints."""
    return isinstance(actor, SystemActor)


def _permission(role: str, model: type[models.Model]) -> Permission:
    """The permission row of a role, refused when the model does not declare it."""
    if role not in declared_roles(model):
        raise ImproperlyConfigured(f"{model._meta.label} declares no role {role!r}")
    return Permission.objects.get(
        content_type__app_label=model._meta.app_label,
        content_type__model=model._meta.model_name,
        codename=role,
    )
