"""Claims of mandates that wait for the ministry, or for the signatory."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import claimed, rules
from accounts.actions import claims
from accounts.forms import ReasonForm
from accounts.models import Membership
from accounts.views.asking import me, sentence
from web.http import see_other
from workflows.engine import Refused


def waiting(request: HttpRequest) -> HttpResponseBase:
    """Every mandate to confirm, nearest closing first."""
    if not rules.is_manager(me(request)):
        raise Http404
    return render(
        request, "accounts/claims.html", {"claims": claimed.nearest_first(claimed.claims_waiting())}
    )


def _claim(request: HttpRequest, pk: int) -> Membership:
    """The claim, for who may decide on it."""
    row = get_object_or_404(Membership.objects.with_names(), pk=pk)
    if not rules.may_decide_claim(me(request), row):
        raise Http404
    return row


def page(request: HttpRequest, pk: int, form: ReasonForm | None = None) -> HttpResponse:
    """Who claims what, what is known of the organisation, and the two answers."""
    row = _claim(request, pk)
    others = Membership.objects.open().filter(organisation=row.organisation).exclude(pk=row.pk)
    shown = {
        "claim": row,
        "organisation": row.organisation,
        "others": others.select_related("user").order_by("-role", "user__sort_name"),
        "closing": claimed.closing_of(row),
        "form": form or ReasonForm(),
        "is_manager": rules.is_manager(me(request)),
        "base": claimed.base_for(me(request)),
    }
    return render(request, "accounts/claim.html", shown)


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Confirm; a second click says the same."""
    row = _claim(request, pk)
    try:
        claims.confirm_claim(row, actor=me(request))
    except Refused as refusal:
        messages.error(request, sentence(refusal))
    else:
        messages.success(
            request,
            _("Mandat confirmé : %(who)s, %(what)s.") % {"who": row.user.name, "what": row.organisation.name},
        )
    return see_other(*_next(request, row))


@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Refuse, with the reason."""
    row = _claim(request, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return page(request, pk, form)
    try:
        claims.refuse_claim(row, actor=me(request), reason=form.cleaned_data["reason"])
    except Refused as refusal:
        messages.error(request, sentence(refusal))
    else:
        messages.success(
            request,
            _("Mandat refusé : %(who)s, %(what)s.") % {"who": row.user.name, "what": row.organisation.name},
        )
    return see_other(*_next(request, row))


def _next(request: HttpRequest, row: Membership) -> tuple[str, ...]:
    """Back to the list of the ministry, or to the people of the organisation."""
    if rules.is_manager(me(request)):
        return ("claims",)
    return ("organisation_people", str(row.organisation_id))
