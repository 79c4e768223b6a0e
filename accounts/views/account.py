"""My account; accounts as the technical administrator keeps them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import claimed, factors, rules
from accounts.actions import people
from accounts.forms import AccountForm, ProfileForm, ReasonForm
from accounts.models import Membership, User
from accounts.names import fold
from accounts.views.asking import me, sentence
from web import tables
from web.http import see_other
from web.lists import Choice, Column, Filter, Rows, Search, State
from workflows.engine import Refused


def home(request: HttpRequest) -> HttpResponseBase:
    """What a person says of themselves, and the organisations they act for."""
    user = me(request)
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        if people.update_profile(user, actor=user, **form.cleaned_data):
            messages.success(request, _("Vos renseignements sont enregistrés."))
        return see_other("account_home")
    memberships = Membership.objects.open().of(user).with_names().order_by("organisation__sort_name")
    return render(
        request,
        "accounts/account.html",
        {
            "form": form,
            "memberships": memberships,
            "factor": factors.has_factor(user),
            "base": claimed.base_for(user),
        },
    )


def email(request: HttpRequest) -> HttpResponseBase:
    """Where the sign-in library sends people to see their address: their account."""
    return redirect("account_home")


def admin(request: HttpRequest) -> User:
    """The technical administrator, or a page that does not exist."""
    user = me(request)
    if not rules.is_technical_admin(user):
        raise Http404
    return user


def _state(user: User) -> State:
    if not user.is_active:
        return State("ko", gettext_lazy("Suspendu"))
    if user.last_login is None:
        return State("waitlisted", gettext_lazy("Jamais connecté"))
    return State("ok", gettext_lazy("Ouvert"))


def _look(rows: Rows, words: str) -> Rows:
    for word in fold(words).split():
        rows = rows.filter(Q(sort_name__contains=word) | Q(email__contains=word))
    return rows


def _in_state(rows: Rows, values: object) -> Rows:
    wanted = set(values) if isinstance(values, list | tuple) else set()
    chosen = Q(pk__in=[])
    for value, rule in STATES.items():
        chosen |= rule if value in wanted else Q(pk__in=[])
    return rows.filter(chosen)


# As the column of states says it: an account that nobody opened yet is neither open nor closed.
STATES = {
    "active": Q(is_active=True, last_login__isnull=False),
    "never": Q(is_active=True, last_login__isnull=True),
    "suspended": Q(is_active=False),
}
COLUMNS = (
    Column(
        "name",
        gettext_lazy("Nom"),
        lambda user: user.name,
        sort="sort_name",
        head=True,
        href=lambda user: reverse("account_detail", args=[user.pk]),
    ),
    Column("email", gettext_lazy("Courriel"), lambda user: user.email, sort="email"),
    Column("state", gettext_lazy("État"), _state, kind="state"),
    Column("created", gettext_lazy("Créé"), lambda user: user.created_at, kind="date", sort="created_at"),
    Column("seen", gettext_lazy("Dernière connexion"), lambda user: user.last_login, kind="datetime"),
)
FILTERS = (
    Filter(
        "etat",
        gettext_lazy("État"),
        (
            Choice("active", gettext_lazy("Ouvert")),
            Choice("never", gettext_lazy("Jamais connecté")),
            Choice("suspended", gettext_lazy("Suspendu")),
        ),
        _in_state,
    ),
)


DEFINITIONS = {
    "name": gettext_lazy("Prénom et nom de la personne."),
    "email": gettext_lazy("Adresse de connexion."),
    "state": gettext_lazy("Ouvert, suspendu, ou jamais connecté."),
    "created": gettext_lazy("Jour de création du compte."),
    "seen": gettext_lazy("Instant de la dernière connexion."),
}


def accounts_table(user: Any, part: str) -> tables.Table:
    """Every account, for the technical administrator."""
    if not rules.is_technical_admin(user):
        raise Http404
    look = Search(gettext_lazy("Nom ou courriel"), _look)
    return tables.Table(User.objects.all(), COLUMNS, "name", FILTERS, look)


def accounts(request: HttpRequest) -> HttpResponseBase:
    """Every account, without a word of what its owner does."""
    found = tables.draw(request, tables.build(me(request), "comptes"))
    return render(request, "accounts/accounts.html", {"list": found})


def create(request: HttpRequest) -> HttpResponseBase:
    """Make an account; its owner chooses the password."""
    user = admin(request)
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = people.create_account(**form.cleaned_data, actor=user)
        except Refused as refusal:
            form.add_error("email", sentence(refusal))
        else:
            messages.success(request, _("Compte créé. Un message permet d’y choisir un mot de passe."))
            return see_other("account_detail", person.pk)
    return render(request, "accounts/account_create.html", {"form": form})


def detail(
    request: HttpRequest, pk: int, form: ReasonForm | None = None, factor_form: ReasonForm | None = None
) -> HttpResponse:
    """One account: open, suspended, waiting after failed sign-ins."""
    user = admin(request)
    person = get_object_or_404(User, pk=pk)
    shown = {
        "person": person,
        "state": _state(person),
        "locked": people.is_locked(person),
        "form": form or ReasonForm(),
        "factor": factors.totp_of(person),
        "factor_form": factor_form or ReasonForm(prefix="facteur"),
        "self": person.pk == user.pk,
    }
    return render(request, "accounts/account_detail.html", shown)


@require_POST
def suspend(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Close an account."""
    user = admin(request)
    person = get_object_or_404(User, pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return detail(request, pk, form)
    try:
        people.suspend(person, actor=user, reason=form.cleaned_data["reason"])
    except Refused as refusal:
        form.add_error(None, sentence(refusal))
        return detail(request, pk, form)
    messages.success(request, _("Compte suspendu. La personne est sortie à sa prochaine requête."))
    return see_other("account_detail", pk)


@require_POST
def reinstate(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Open a suspended account again."""
    user = admin(request)
    people.reinstate(get_object_or_404(User, pk=pk), actor=user)
    messages.success(request, _("Compte rétabli."))
    return see_other("account_detail", pk)


@require_POST
def unlock(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let a person try to sign in again at once."""
    user = admin(request)
    people.unlock(get_object_or_404(User, pk=pk), actor=user)
    messages.success(request, _("La personne peut de nouveau essayer de se connecter."))
    return see_other("account_detail", pk)
