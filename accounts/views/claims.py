"""Claims of mandates that wait for the ministry, or for the signatory."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import claimed, rules
from accounts.actions import claims
from accounts.forms import ReasonForm
from accounts.models import Membership
from accounts.views.asking import me, sentence
from web import tables
from web.http import see_other
from web.lists import Column
from workflows.engine import Refused

DEFINITIONS = {
    "organisme": gettext_lazy("Organisme pour lequel la personne demande à agir."),
    "lieu": gettext_lazy("MRC ou région de l’organisme."),
    "personne": gettext_lazy("Personne qui demande le mandat."),
    "courriel": gettext_lazy("Son adresse."),
    "role": gettext_lazy("Rôle demandé : rédaction ou signature."),
    "demande": gettext_lazy("Instant de la demande."),
    "fermeture": gettext_lazy("Fermeture la plus proche des appels où elle a commencé une demande."),
}


def columns() -> list[Column]:
    """Mandates to confirm, a column a fact."""
    return [
        Column(
            "organisme",
            gettext_lazy("Organisme"),
            lambda one: one.membership.organisation.display_name,
            head=True,
        ),
        Column("lieu", gettext_lazy("Lieu"), lambda one: one.membership.organisation.place),
        Column("personne", gettext_lazy("Personne"), lambda one: one.membership.user.name),
        Column("courriel", gettext_lazy("Courriel"), lambda one: one.membership.user.email),
        Column("role", gettext_lazy("Rôle demandé"), lambda one: one.membership.get_role_display()),
        Column(
            "demande",
            gettext_lazy("Demandé"),
            lambda one: one.membership.created_at,
            kind="datetime",
            sort="created_at",
        ),
        Column(
            "fermeture", gettext_lazy("Fermeture la plus proche"), lambda one: one.closing, kind="datetime"
        ),
    ]


def claims_table(user: Any, part: str) -> tables.Table:
    """Every mandate to confirm, nearest closing first."""
    if not rules.is_manager(user):
        raise Http404
    rows = claimed.claims_waiting()
    return tables.Table(
        rows,
        columns(),
        "demande",
        fixed=claimed.nearest_first(rows),
        order=gettext_lazy("Fermeture la plus proche d’abord"),
    )


def waiting(request: HttpRequest) -> HttpResponseBase:
    """Every mandate to confirm, nearest closing first."""
    table = tables.build(me(request), "mandats")
    shown = {"claims": table.fixed, "take": tables.take_of(request, table) if table.fixed else None}
    return render(request, "accounts/claims.html", shown)


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
