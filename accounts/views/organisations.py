"""Organisations: mine, claiming one, and the directory as staff read it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import claimed, places, rules
from accounts.actions import claims
from accounts.actions import directory as bodies
from accounts.forms import BodyForm, ClaimForm
from accounts.models import Membership, MembershipStatus, Organisation, OrganisationKind, Region
from accounts.names import fold
from accounts.views.asking import back_to, me, sentence
from web import tables
from web.http import see_other
from web.lists import Choice, Column, Filter, Rows, Search, State
from workflows.engine import Refused

SHOWN = 20


def mine(request: HttpRequest) -> HttpResponseBase:
    """The organisations one acts for, and what became of one's claims."""
    rows = Membership.objects.of(me(request)).with_names().select_related("closed_by")
    shown = rows.exclude(status__in=[MembershipStatus.ENDED, MembershipStatus.REVOKED])
    return render(
        request,
        "accounts/organisations.html",
        {"memberships": shown.order_by("-created_at"), "base": _base(request)},
    )


def _base(request: HttpRequest) -> str:
    return claimed.base_for(me(request))


def search(request: HttpRequest) -> HttpResponseBase:
    """Find one's municipality by name; homonyms show their MRC."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    found = list(Organisation.objects.standing().named(words)[: SHOWN + 1]) if words else []
    shown = {"words": words, "found": found[:SHOWN], "more": len(found) > SHOWN, "base": _base(request)}
    shown["next"] = back_to(request)
    return render(request, "accounts/claim_search.html", shown)


def claim(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Claim a mandate for this organisation."""
    user = me(request)
    organisation = get_object_or_404(
        Organisation.objects.applicants().select_related("region", "territory"), pk=pk
    )
    already = Membership.objects.open().of(user).filter(organisation=organisation).first()
    form = ClaimForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            claims.claim(organisation, form.cleaned_data["role"], actor=user)
        except Refused as refusal:
            form.add_error(None, sentence(refusal))
        else:
            messages.success(
                request,
                _("Vous pouvez commencer : votre mandat pour %(name)s est à confirmer.")
                % {"name": organisation.name},
            )
            return see_other(back_to(request) or "organisations")
    has_signatory = Membership.objects.confirmed().signatories().filter(organisation=organisation).exists()
    shown = {
        "organisation": organisation,
        "already": already,
        "form": form,
        "has_signatory": has_signatory,
        "next": back_to(request),
        "base": _base(request),
    }
    return render(request, "accounts/claim_organisation.html", shown)


def _regions() -> list[Choice]:
    return [Choice(region.code, region.name) for region in Region.objects.all()]


def _look(rows: Rows, words: str) -> Rows:
    for word in fold(words).split():
        rows = rows.filter(Q(sort_name__contains=word) | Q(code=word))
    return rows


def _mandate(row: Organisation) -> State:
    count = getattr(row, "confirmed", 0)
    if count:
        return State("ok", gettext_lazy("Signataire confirmé"))
    if getattr(row, "claims", 0):
        return State("warn", gettext_lazy("Mandat à confirmer"))
    return State("draft", gettext_lazy("Personne"))


COLUMNS = (
    Column(
        "name",
        gettext_lazy("Nom"),
        lambda row: row.name,
        sort="sort_name",
        head=True,
        href=lambda row: reverse("organisation", args=[row.pk]),
    ),
    Column("kind", gettext_lazy("Désignation"), lambda row: row.designation_name),
    Column("code", gettext_lazy("Code"), lambda row: row.code, sort="code"),
    Column("mrc", gettext_lazy("MRC"), lambda row: row.mrc_name, sort="mrc_name"),
    Column("region", gettext_lazy("Région"), lambda row: row.region.name, sort="region__sort_name"),
    Column("population", gettext_lazy("Population"), lambda row: row.known_population, kind="int"),
    Column("people", gettext_lazy("Mandat"), _mandate, kind="state"),
)
FILTERS = (
    Filter(
        "genre",
        gettext_lazy("Genre"),
        [Choice(value, label) for value, label in OrganisationKind.choices],
        lambda rows, values: rows.filter(kind__in=values),
    ),
    Filter("region", gettext_lazy("Région"), _regions, lambda rows, values: rows.filter(region__in=values)),
)


DEFINITIONS = {
    "name": gettext_lazy("Nom officiel de l’organisme."),
    "kind": gettext_lazy("Désignation au répertoire des municipalités, sinon genre d’organisme."),
    "code": gettext_lazy("Code géographique, ou celui donné à la création."),
    "mrc": gettext_lazy("Municipalité régionale de comté."),
    "region": gettext_lazy("Région administrative."),
    "population": gettext_lazy("Population au décret; vide quand elle n’est pas connue."),
    "people": gettext_lazy("Si une personne signataire est confirmée, ou demande à l’être."),
}


def directory_table(user: Any, part: str) -> tables.Table:
    """Every organisation with whether somebody signs for it."""
    if not (rules.is_ministry(user) or rules.is_technical_admin(user)):
        raise Http404
    signing = Q(memberships__role="signatory", memberships__user__is_active=True)
    rows = (
        Organisation.objects.standing()
        .select_related("region")
        .annotate(
            confirmed=Count("memberships", filter=signing & Q(memberships__status="confirmed")),
            claims=Count(
                "memberships", filter=Q(memberships__status="claimed", memberships__user__is_active=True)
            ),
        )
    )
    look = Search(gettext_lazy("Nom ou code"), _look)
    return tables.Table(rows, COLUMNS, "name", FILTERS, look, bound=2000, share=("region",))


def directory(request: HttpRequest) -> HttpResponseBase:
    """Every organisation, for people of the ministry."""
    found = tables.draw(request, tables.build(me(request), "organismes"))
    return render(
        request, "accounts/directory.html", {"list": found, "may_create": rules.is_manager(me(request))}
    )


def create(request: HttpRequest) -> HttpResponseBase:
    """Create a council or a régie, on request."""
    user = me(request)
    if not rules.is_manager(user):
        raise Http404
    form = BodyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            if told["kind"] == OrganisationKind.COUNCIL:
                row = bodies.council(told["name"], told["code"], told["land"], actor=user)
            else:
                row = bodies.regie(told["name"], told["code"], told["region"], actor=user)
        except Refused as refusal:
            form.add_error("code", sentence(refusal))
        else:
            messages.success(request, _("Organisme créé : %(name)s.") % {"name": row.name})
            return see_other("organisation", row.pk)
    return render(request, "accounts/organisation_create.html", {"form": form})


def detail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One organisation as the directory has it, with its people for the manager."""
    user = me(request)
    if not (rules.is_ministry(user) or rules.is_technical_admin(user)):
        raise Http404
    organisation = get_object_or_404(
        Organisation.objects.select_related("region", "territory", "successor", "land"), pk=pk
    )
    people = Membership.objects.filter(organisation=organisation).with_names().order_by("-created_at")
    shown = {
        "organisation": organisation,
        "people": people if rules.is_manager(user) else None,
        "open_statuses": ("claimed", "confirmed"),
    }
    return render(request, "accounts/organisation.html", shown)


@require_safe
def suggest_places(request: HttpRequest) -> JsonResponse:
    """Municipalities that a text may mean, as a form shows and reads them back."""
    found = places.suggested(request.GET.get("q", "")[:80])
    return JsonResponse({"places": [str(one) for one in found]})
