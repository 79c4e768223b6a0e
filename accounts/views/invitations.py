"""The landing of an invitation: who asks what, until when; then the account, then the acceptance."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import outgoing, permissions
from accounts.actions import invitations, roles
from accounts.forms import OpenAccountForm
from accounts.models import Invitation, MembershipRole, User
from accounts.views.asking import me, sentence
from web import clock
from web.http import see_other
from workflows.engine import NotAllowed, Refused

KEY = "invitation_token"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@login_not_required
def open_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """Take the token out of the address at once: it stays in the session, away from logs and referrers."""
    request.session[KEY] = token[:100]
    return redirect("invitation")


@login_not_required
@sensitive_post_parameters("password")
def landing(request: HttpRequest) -> HttpResponseBase:
    """What one is invited to, and the way to accept."""
    row = invitations.invitation_of(request.session.get(KEY, "")) if request.session.get(KEY) else None
    if row is None:
        return _closed(request, None)
    if not row.stands(clock.now()):
        return _closed(request, row)
    if request.user.is_authenticated:
        return _signed_in(request, row)
    if User.objects.filter(email=row.email).exists():
        return render(request, "accounts/invitation.html", {**_shown(row), "sign_in": True})
    form = OpenAccountForm(request.POST or None, email=row.email)
    if request.method == "POST" and form.is_valid():
        try:
            person = invitations.open_account(row, **form.cleaned_data, language=outgoing.here())
        except Refused as refusal:
            form.add_error(None, sentence(refusal))
        else:
            login(request, person, backend=BACKEND)
            return _done(request, row)
    return render(request, "accounts/invitation.html", {**_shown(row), "form": form})


def _signed_in(request: HttpRequest, row: Invitation) -> HttpResponseBase:
    """Accept under the account that is open, or say that it is another person's."""
    other = me(request).email != row.email
    reason = ""
    if request.method == "POST" and not other:
        try:
            invitations.accept_invitation(row, actor=me(request))
        except Refused as refusal:
            reason = sentence(refusal)
        else:
            return _done(request, row)
    return render(
        request,
        "accounts/invitation.html",
        {**_shown(row), "accept": not other, "other": other, "reason": reason},
    )


def _done(request: HttpRequest, row: Invitation) -> HttpResponseBase:
    request.session.pop(KEY, None)
    messages.success(request, _("Invitation acceptée : %(thing)s.") % {"thing": _thing(row)})
    return see_other("home")


def _closed(request: HttpRequest, row: Invitation | None) -> HttpResponse:
    """Used, cancelled, expired or unknown: the same page says which, when the link was a true one."""
    return render(
        request, "accounts/invitation_closed.html", {"invitation": row, "now": clock.now()}, status=410
    )


def _thing(row: Invitation) -> str:
    if row.organisation is not None:
        return row.organisation.name
    thing = roles.resolve(row)
    return row.target_name if thing is None else roles.shown_name(thing, None)


def _shown(row: Invitation) -> dict[str, object]:
    """One sentence: who asks what, by when."""
    if row.organisation is not None:
        role: object = MembershipRole(row.role).label
    else:
        obj = roles.resolve(row)
        role = _(permissions.declared_roles(type(obj))[row.role]) if obj is not None else row.role
    return {
        "invitation": row,
        "thing": _thing(row),
        "role": role,
        "place": getattr(row.organisation, "place", ""),
    }


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take an invitation back."""
    row = get_object_or_404(Invitation.objects.select_related("organisation"), pk=pk)
    try:
        invitations.cancel_invitation(row, actor=me(request))
    except NotAllowed as refusal:
        raise Http404 from refusal
    messages.success(request, _("Invitation annulée : %(email)s.") % {"email": row.email})
    if row.organisation_id is not None:
        return see_other("organisation_people", row.organisation_id)
    return see_other("object_roles", row.target_model, row.target_id)
