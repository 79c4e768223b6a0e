"""People of an organisation: the signatory invites, removes and hands over; the ministry replaces."""

from __future__ import annotations

from dataclasses import replace as changed
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import claimed, rules
from accounts.actions import directory, invitations, members
from accounts.forms import ContactForm, InviteMemberForm, ReasonForm, ReplaceForm, SuccessorForm
from accounts.models import Invitation, Membership, MembershipRole, Organisation
from accounts.querysets import MembershipQuerySet
from accounts.views.asking import me, sentence
from web import tables
from web.http import see_other, whole
from web.lists import Column
from workflows.engine import NotAllowed, Refused


def _organisation(request: HttpRequest, pk: int) -> Organisation:
    """The organisation, for its confirmed people and the managers of the ministry."""
    user = me(request)
    organisation = get_object_or_404(Organisation.objects.select_related("region", "territory"), pk=pk)
    if not (rules.is_member(user, organisation) or rules.is_manager(user)):
        raise Http404
    return organisation


def people_table(user: Any, part: str) -> tables.Table:
    """Who acts for an organisation: for its confirmed people and the managers of the ministry."""
    organisation = get_object_or_404(Organisation, pk=whole(part) or 0)
    if not (rules.is_member(user, organisation) or rules.is_manager(user)):
        raise Http404
    return _table_of(organisation)


def _table_of(organisation: Organisation) -> tables.Table:
    rows = Membership.objects.open().confirmed().filter(organisation=organisation).with_names()
    columns = [
        Column("name", gettext_lazy("Nom"), lambda row: row.user.name, sort="user__sort_name", head=True),
        Column("email", gettext_lazy("Courriel"), lambda row: row.user.email),
        Column("function", gettext_lazy("Fonction"), lambda row: row.user.function),
        Column("role", gettext_lazy("Rôle"), lambda row: str(row.get_role_display())),
        Column("since", gettext_lazy("Depuis"), lambda row: row.confirmed_at, kind="date"),
    ]
    return tables.Table(rows, columns, "name")


DEFINITIONS = {
    "name": gettext_lazy("Prénom et nom de la personne."),
    "email": gettext_lazy("Adresse de connexion."),
    "function": gettext_lazy("Fonction, comme la personne la dit."),
    "role": gettext_lazy("Ce que la personne fait pour l’organisme."),
    "since": gettext_lazy("Jour où le mandat a été confirmé."),
}


def page(
    request: HttpRequest,
    pk: int,
    form: InviteMemberForm | None = None,
    contact: ContactForm | None = None,
) -> HttpResponse:
    """Who acts for the organisation, who is invited, who asks to join."""
    user = me(request)
    organisation = _organisation(request, pk)
    rows = Membership.objects.open().filter(organisation=organisation).with_names()
    manages = rules.may_manage_people(user, organisation)
    members_now = list(rows.confirmed().order_by("-role", "user__sort_name"))
    shown = {
        "organisation": organisation,
        "take": tables.take_of(request, changed(_table_of(organisation), key="personnes", part=str(pk)))
        if members_now
        else None,
        "members": members_now,
        "claims": rows.claimed().order_by("created_at"),
        "invitations": Invitation.objects.standing().filter(organisation=organisation).order_by("created_at"),
        "manages": manages,
        "is_manager": rules.is_manager(user),
        "may_hand_over": manages and any(not row.is_signatory for row in members_now),
        "form": form or InviteMemberForm(),
        "contact": contact
        or ContactForm(initial={"own_email": organisation.own_email, "phone": organisation.phone}),
        "base": claimed.base_for(user),
    }
    return render(request, "accounts/people.html", shown)


@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Invite a colleague."""
    organisation = _organisation(request, pk)
    if not rules.may_manage_people(me(request), organisation):
        raise Http404
    form = InviteMemberForm(request.POST)
    if form.is_valid():
        try:
            row = invitations.invite_member(organisation, **form.cleaned_data, actor=me(request))
        except Refused as refusal:
            form.add_error("email", sentence(refusal))
        else:
            messages.success(request, _("Invitation envoyée à %(email)s.") % {"email": row.email})
            return see_other("organisation_people", pk)
    return page(request, pk, form)


@require_POST
def contact(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Write the organisation's own address."""
    organisation = _organisation(request, pk)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return page(request, pk, contact=form)
    try:
        done = directory.set_contact(organisation, **form.cleaned_data, actor=me(request))
    except NotAllowed as refusal:
        raise Http404 from refusal
    if done:
        messages.success(request, _("Adresse enregistrée."))
    return see_other("organisation_people", pk)


def _membership(request: HttpRequest, pk: int) -> Membership:
    """A standing mandate that this person may end."""
    row = get_object_or_404(Membership.objects.open().with_names(), pk=pk)
    if not rules.may_remove(me(request), row):
        raise Http404
    return row


def remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a person's access away, or leave."""
    user = me(request)
    row = _membership(request, pk)
    own = row.user_id == user.pk
    by_ministry = not own and not rules.may_manage_people(user, row.organisation)
    form = ReasonForm(request.POST or None)
    form.fields["reason"].required = by_ministry
    if request.method == "POST" and form.is_valid():
        try:
            members.remove_member(row, actor=user, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(None, sentence(refusal))
        else:
            messages.success(request, _("%(who)s n’agit plus pour %(what)s.") % _names(row))
            return (
                see_other("organisations") if own else see_other("organisation_people", row.organisation_id)
            )
    shown = {"membership": row, "own": own, "form": form, "base": claimed.base_for(user)}
    return render(request, "accounts/remove.html", shown)


def hand_over(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Pass the signature to a colleague."""
    user = me(request)
    row = get_object_or_404(Membership.objects.confirmed().signatories().of(user).with_names(), pk=pk)
    heirs = _candidates(row).confirmed().filter(role=MembershipRole.DRAFTER)
    form = SuccessorForm(request.POST or None, candidates=heirs)
    if request.method == "POST" and form.is_valid():
        heir = form.cleaned_data["successor"]
        try:
            members.hand_over(row, heir, actor=user)
        except (Refused, NotAllowed) as refusal:
            form.add_error(
                None, sentence(refusal) if isinstance(refusal, Refused) else _("Vous ne signez plus.")
            )
        else:
            messages.success(request, _("%(who)s signe désormais pour %(what)s.") % _names(heir))
            return see_other("organisation_people", row.organisation_id)
    shown = {"membership": row, "form": form, "heirs": heirs, "base": claimed.base_for(user)}
    return render(request, "accounts/hand_over.html", shown)


def replace(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The ministry replaces a signatory who left."""
    user = me(request)
    row = get_object_or_404(Membership.objects.filter(role="signatory").with_names(), pk=pk)
    if not rules.is_manager(user) or not row.is_open or row.user_id == user.pk:
        raise Http404
    heirs = _candidates(row)
    form = ReplaceForm(request.POST or None, candidates=heirs)
    if request.method == "POST" and form.is_valid():
        heir = form.cleaned_data["successor"]
        try:
            members.replace_signatory(row, heir, actor=user, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(None, sentence(refusal))
        else:
            messages.success(request, _("%(who)s signe désormais pour %(what)s.") % _names(heir))
            return see_other("organisation_people", row.organisation_id)
    shown = {"membership": row, "form": form, "heirs": heirs, "base": claimed.base_for(user)}
    return render(request, "accounts/replace.html", shown)


def _candidates(row: Membership) -> MembershipQuerySet:
    """The other people of the organisation."""
    others = Membership.objects.open().filter(organisation_id=row.organisation_id).exclude(pk=row.pk)
    return others.select_related("user").order_by("user__sort_name")


def _names(row: Membership) -> dict[str, str]:
    return {"who": row.user.name, "what": row.organisation.name}
