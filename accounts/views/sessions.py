"""My sessions; and what the technical administrator ends on an account: its sessions, a lost factor."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import claimed, sessions
from accounts.actions import factors as factor_acts
from accounts.actions import sessions as acts
from accounts.forms import ReasonForm
from accounts.models import OpenSession, User
from accounts.views import account
from accounts.views.asking import me, sentence
from web.http import see_other
from workflows.engine import Refused


def page(request: HttpRequest) -> HttpResponse:
    """Where this person is signed in."""
    user = me(request)
    shown = {"sessions": sessions.standing(request, user), "base": claimed.base_for(user)}
    return render(request, "accounts/sessions.html", shown)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponseBase:
    """End one session."""
    user = me(request)
    rows = OpenSession.objects.filter(user_id=user.pk).exclude(session_key=request.session.session_key)
    acts.end(get_object_or_404(rows, pk=pk), actor=user)
    messages.success(request, _("Session terminée : cet appareil est déconnecté à sa prochaine requête."))
    return see_other("my_sessions")


@require_POST
def end_others(request: HttpRequest) -> HttpResponseBase:
    """End every session but this one."""
    person = acts.end_others(me(request), str(request.session.session_key))
    sessions.keep(request, person)
    messages.success(request, _("Vos autres sessions sont terminées."))
    return see_other("my_sessions")


@require_POST
def reset_factor(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a lost factor away."""
    user = account.admin(request)
    person = get_object_or_404(User, pk=pk)
    form = ReasonForm(request.POST, prefix="facteur")
    if not form.is_valid():
        return account.detail(request, pk, factor_form=form)
    try:
        factor_acts.reset(person, actor=user, reason=form.cleaned_data["reason"])
    except Refused as refusal:
        form.add_error(None, sentence(refusal))
        return account.detail(request, pk, factor_form=form)
    messages.success(request, _("Double authentification retirée. La personne en est avertie par courriel."))
    return see_other("account_detail", pk)


@require_POST
def end_account(request: HttpRequest, pk: int) -> HttpResponseBase:
    """End every session of an account."""
    user = account.admin(request)
    person = get_object_or_404(User, pk=pk)
    acts.end_all(person, actor=user)
    messages.success(request, _("Toutes les sessions de la personne sont terminées."))
    return see_other("account_detail", pk)
