"""Roles of the ministry: who holds what on a programme, a call or a panel; given and taken by its managers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.db import models
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import permissions, rules
from accounts.actions import invitations, roles
from accounts.forms import GiveRoleForm
from accounts.models import Invitation, RoleProposal, User
from accounts.names import fold
from accounts.views.asking import me, sentence
from web import tables
from web.http import see_other, whole
from web.lists import Column, Rows, Search
from workflows.engine import NotAllowed, Refused


@dataclass(frozen=True)
class Holding:
    """A role with those who hold it."""

    code: str
    name: str
    people: list[User]


@dataclass(frozen=True)
class Thing:
    """Something on which this manager gives roles."""

    obj: models.Model
    label: str
    kind: str
    name: str
    count: int


# What carries roles, in words; the floors above declare them.
KINDS = {
    "grants.programme": gettext_lazy("programme"),
    "grants.call": gettext_lazy("appel de projets"),
    "review.panel": gettext_lazy("comité d’évaluation"),
}


def _things(user: User) -> list[Thing]:
    """Everything that a person manages, programmes first; a statement or two a kind of thing."""
    found: list[Thing] = []
    for table in permissions.role_models():
        model: Any = permissions.subject_of(table)
        counts: dict[int, int] = {}
        for key in table._default_manager.filter(user__is_active=True).values_list(
            "content_object_id", flat=True
        ):
            counts[key] = counts.get(key, 0) + 1
        for obj in model._default_manager.all().order_by("pk"):
            if permissions.is_manager_of(user, obj):
                label = model._meta.label_lower
                kind = str(KINDS.get(label, model._meta.verbose_name))
                found.append(Thing(obj, label, kind, roles.shown_name(obj, None), counts.get(obj.pk, 0)))
    return found


def _held(things: list[Thing]) -> dict[int, list[str]]:
    """The roles that people hold on these things, in words, by key of person; a statement a kind of thing."""
    names = {(type(thing.obj), thing.obj.pk): thing.name for thing in things}
    found: dict[int, list[str]] = {}
    for table in permissions.role_models():
        model = permissions.subject_of(table)
        words = permissions.declared_roles(model)
        mine = [pk for known, pk in names if known is model]
        rows = table._default_manager.filter(content_object_id__in=mine).order_by("content_object_id", "pk")
        for person, code, pk in rows.values_list("user_id", "permission__codename", "content_object_id"):
            found.setdefault(person, []).append(f"{_(words[code])}, {names[model, pk]}")
    return found


def _look(rows: Rows, words: str) -> Rows:
    for word in fold(words).split():
        rows = rows.filter(Q(sort_name__contains=word) | Q(email__contains=word))
    return rows


def holders_table(user: Any, part: str) -> tables.Table:
    """Everybody who holds a role on what a manager manages."""
    if not rules.is_manager(user):
        raise Http404
    things = _things(user)
    held = _held(things)
    columns = [
        Column("name", gettext_lazy("Nom"), lambda one: one.name, sort="sort_name", head=True),
        Column("email", gettext_lazy("Courriel"), lambda one: one.email, sort="email"),
        Column("roles", gettext_lazy("Rôles"), lambda one: "; ".join(held.get(one.pk, []))),
    ]
    rows = User.objects.active().filter(pk__in=list(held))
    look = Search(gettext_lazy("Nom ou courriel"), _look)
    return tables.Table(rows, columns, "name", search=look, found=things)


DEFINITIONS = {
    "name": gettext_lazy("Prénom et nom de la personne."),
    "email": gettext_lazy("Adresse de connexion."),
    "roles": gettext_lazy("Chaque rôle tenu, et sur quoi, parmi ce que vous gérez."),
}


def index(request: HttpRequest) -> HttpResponseBase:
    """The programmes, calls and panels whose roles this person gives, then everybody who holds one."""
    table = tables.build(me(request), "roles")
    shown = {"things": table.found, "list": tables.draw(request, table)}
    return render(request, "accounts/roles_index.html", shown)


def _target(request: HttpRequest, label: str, pk: int) -> models.Model:
    """The thing, for its managers."""
    try:
        model: Any = apps.get_model(label)
        permissions.role_model(model)
    except Exception as error:  # an unknown label, or a model without roles: nothing to see
        raise Http404 from error
    obj: models.Model = get_object_or_404(model._default_manager, pk=pk)
    if not rules.may_give_role(me(request), obj):
        raise Http404
    return obj


def page(request: HttpRequest, label: str, pk: int) -> HttpResponseBase:
    """Who holds what here; give a role, by mail address."""
    obj = _target(request, label, pk)
    names = {code: _(name) for code, name in permissions.declared_roles(type(obj)).items()}
    form = GiveRoleForm(request.POST or None, roles=names)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, _give(request, obj, **form.cleaned_data))
        except Refused as refusal:
            form.add_error("email", sentence(refusal))
        else:
            return see_other("object_roles", label, pk)
    return _render(request, obj, names, form)


def _render(
    request: HttpRequest, obj: models.Model, names: dict[str, str], form: GiveRoleForm
) -> HttpResponse:
    table = permissions.role_model(type(obj))
    by_role: dict[str, list[User]] = {}
    rows = table._default_manager.filter(content_object_id=obj.pk, user__is_active=True)
    for row in rows.select_related("user", "permission").order_by("user__sort_name"):
        by_role.setdefault(row.permission.codename, []).append(row.user)
    label = obj._meta.label_lower
    proposals = RoleProposal.objects.waiting().filter(target_model=label, target_id=obj.pk)
    shown = {
        "label": label,
        "obj": obj,
        "name": roles.shown_name(obj, None),
        "holdings": [Holding(code, name, by_role.get(code, [])) for code, name in names.items()],
        "names": names,
        "proposals": proposals.select_related("user", "proposed_by"),
        "invitations": Invitation.objects.standing().filter(target_model=label, target_id=obj.pk),
        "form": form,
    }
    return render(request, "accounts/roles.html", shown)


def _give(request: HttpRequest, obj: models.Model, *, email: str, role: str) -> str:
    """Give the role to a known person, invite an unknown one; what was done, in words."""
    person = User.objects.active().filter(email=email.strip().lower()).first()
    if person is None:
        row = invitations.invite_to_role(obj, email, role, actor=me(request))
        return _("Invitation envoyée à %(email)s.") % {"email": row.email}
    proposal = roles.give_role(person, role, obj, actor=me(request))
    if proposal is not None:
        return _("Rôle proposé à %(who)s : une deuxième personne gestionnaire doit approuver.") % {
            "who": person.name
        }
    return _("Rôle donné à %(who)s.") % {"who": person.name}


@require_POST
def take(request: HttpRequest, label: str, pk: int) -> HttpResponseBase:
    """Take a role back."""
    obj = _target(request, label, pk)
    user_id, role = whole(request.POST.get("user", "")), request.POST.get("role", "")
    person = get_object_or_404(User, pk=user_id) if user_id is not None else None
    if person is None or role not in permissions.declared_roles(type(obj)):
        raise Http404
    try:
        roles.take_role(person, role, obj, actor=me(request))
    except Refused as refusal:
        messages.error(request, sentence(refusal))
    else:
        messages.success(
            request, _("Rôle retiré à %(who)s, dès sa prochaine requête.") % {"who": person.name}
        )
    return see_other("object_roles", label, pk)


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Approve a role proposed by another manager."""
    return _decide(request, pk, roles.approve_role, _("Rôle approuvé."))


@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Refuse a role proposed by another manager, or take one's own proposal back."""
    return _decide(request, pk, roles.refuse_role, _("Proposition écartée."))


def _decide(request: HttpRequest, pk: int, act: Any, done: str) -> HttpResponseBase:
    row = get_object_or_404(RoleProposal.objects.select_related("user", "proposed_by"), pk=pk)
    try:
        act(row, actor=me(request))
    except NotAllowed as refusal:
        raise Http404 from refusal
    except Refused as refusal:
        messages.error(request, sentence(refusal))
    else:
        messages.success(request, done)
    return see_other("object_roles", row.target_model, row.target_id)
