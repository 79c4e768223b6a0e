"""The page of the bodies of a project: asked and changed by the lead, answered by each partner's own signatory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import proofs
from accounts.models import Organisation
from applications import partners, rules
from applications.actions import departures as leaving
from applications.actions import partners as acts
from applications.departures import LEAVING
from applications.models import Body, Dossier
from applications.typed import BadAnswer, day, whole_number
from applications.views.access import dossier_of, name_of
from applications.views.departing import departure_of
from grants import editions
from web import clock, home
from web.http import see_other, whole
from workflows.engine import NotAllowed, Refused

SHOWN = 12


@require_http_methods(["GET", "HEAD", "POST"])
def dossier_partners(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Who is in the project and who still has to answer; a POST does one act and comes back."""
    dossier = dossier_of(request, pk, to_write=False)
    if not rules.is_applicant(dossier, request.user) and not _reads(dossier, request.user):
        raise Http404
    said: list[str] = []
    if request.method == "POST":
        try:
            messages.success(request, _act(request, dossier))
            return see_other("dossier_partners", dossier.pk)
        except Refused as refused:
            said = list(refused.reasons)
        except BadAnswer as fault:
            said = [str(fault)]
        except NotAllowed as fault:
            raise Http404 from fault
    return _page(request, dossier, said)


def _reads(dossier: Dossier, user: Any) -> bool:
    """Staff of the call, from the closing on: what partners do and pay is content."""
    return rules.is_reader(dossier, user) and clock.now() > dossier.call.closes_at


def _page(request: HttpRequest, dossier: Dossier, said: list[str]) -> HttpResponse:
    user: Any = request.user
    may_write = rules.may_write(dossier, user) and dossier.state == "draft"
    words = request.GET.get("q", "")[:100]
    found = list(Organisation.objects.standing().named(words)[:SHOWN]) if may_write and words else []
    chosen = whole(request.GET.get("organisme", "") or request.POST.get("organisation", ""))
    rows = [_row(one, dossier, user, may_write) for one in rules.bodies_of(dossier)]
    shown = {
        "dossier": dossier,
        "call": dossier.call,
        "base": "base_staff.html" if home.is_staff(user) else "base_applicant.html",
        "rows": rows,
        "unanswered": [one for one in rows if one["may_change"] and one["body"].confirmation != "confirmed"],
        "faults": _against(dossier) if dossier.state == "draft" else [],
        "departure": departure_of(dossier, user),
        "reads_draft": dossier.state == "draft" and not may_write,
        "may_write": may_write,
        "words": words,
        "found": found,
        "chosen": Organisation.objects.standing().filter(pk=chosen).first() if may_write and chosen else None,
        "said": said,
        "typed": request.POST,
        "crumbs": [
            (_("Dossiers"), reverse("dossiers")),
            (name_of(dossier), reverse("dossier", args=[dossier.pk])),
            (_("Partenaires"), ""),
        ],
    }
    return render(request, "applications/partners.html", shown, status=422 if said else 200)


def _against(dossier: Dossier) -> list[str]:
    """What the lead has to do again before it files."""
    content, bodies = dossier.edition.content, rules.bodies_of(dossier)
    said = partners.faults(content, dossier.volet.code, bodies)
    kept = dossier.answers.filter(question=editions.answer_code(content, "budget"))
    return said + partners.orphan_words(kept.values_list("value", flat=True).first(), bodies)


def _row(body: Body, dossier: Dossier, user: Any, may_write: bool) -> dict[str, Any]:
    """A body with what this person may do about it."""
    is_partner = body.role == "partner"
    answers = is_partner and acts.may_answer(body, user)
    is_mine = is_partner and body.organisation_id in rules.memberships(user)
    return {
        "body": body,
        "words": _words(body),
        "sign": partners.SIGNS[body.confirmation] if is_partner else "ok",
        "may_change": is_partner and may_write,
        "may_be_reminded": acts.may_be_reminded(body),
        "may_answer": answers and dossier.state == "draft",
        "is_mine": is_mine,
        "sees_reason": is_mine or rules.may_write(dossier, user) or not rules.is_applicant(dossier, user),
        "may_leave": answers and dossier.state in LEAVING and body.left_at is None,
    }


def _words(body: Body) -> Any:
    if body.role == "lead":
        return _("Responsable")
    return _("Retiré") if body.left_at is not None else partners.WORDS[body.confirmation]


# --- acts ---------------------------------------------------------------------------------------------------
def _act(request: HttpRequest, dossier: Dossier) -> str:
    """Do what the post asks; the sentence that says it is done."""
    name = request.POST.get("act", "")
    if name == "add":
        return _add(request, dossier)
    if name == "conclude":
        return _conclude(request, dossier)
    if name not in ACTS:
        raise Http404
    key = whole(request.POST.get("body", ""))
    body = (
        dossier.bodies.filter(pk=key or 0, role="partner").select_related("organisation", "dossier").first()
    )
    if body is None:
        raise Http404
    body.dossier = dossier
    return ACTS[name](request, body)


def _share(request: HttpRequest) -> int:
    return whole_number(request.POST.get("share", "").strip() or "0")


def _add(request: HttpRequest, dossier: Dossier) -> str:
    if not rules.may_write(dossier, request.user):
        raise Http404
    key = whole(request.POST.get("organisation", ""))
    organisation = Organisation.objects.standing().filter(pk=key or 0).first()
    if organisation is None:
        raise Refused([_("Choisissez un organisme du répertoire.")])
    acts.add(
        dossier, organisation, part=request.POST.get("part", ""), share=_share(request), actor=request.user
    )
    return _("%(name)s est invité : sa personne signataire confirme de son compte.") % {
        "name": organisation.name
    }


def _change(request: HttpRequest, body: Body) -> str:
    acts.change(body, part=request.POST.get("part", ""), share=_share(request), actor=request.user)
    return _("La part de %(name)s est enregistrée.") % {"name": body.organisation.name}


def _remind(request: HttpRequest, body: Body) -> str:
    acts.remind(body, actor=request.user)
    return _("Le rappel part à %(name)s.") % {"name": body.organisation.name}


def _remove(request: HttpRequest, body: Body) -> str:
    acts.remove(body, actor=request.user)
    return _("%(name)s n’est plus dans le projet.") % {"name": body.organisation.name}


def _confirm(request: HttpRequest, body: Body) -> str:
    raw = request.POST.get("day", "").strip()
    acts.confirm(
        body,
        number=request.POST.get("number", ""),
        day=_date(raw),
        kind=request.POST.get("kind", ""),
        actor=request.user,
        proof=proofs.read(request),
    )
    return _("La participation de %(name)s est confirmée.") % {"name": body.organisation.name}


def _date(raw: str) -> date | None:
    return date.fromisoformat(day(raw)) if raw else None


def _decline(request: HttpRequest, body: Body) -> str:
    acts.decline(body, request.POST.get("reason", ""), actor=request.user)
    return _("Le responsable du projet est prévenu de votre refus.")


def _leave(request: HttpRequest, body: Body) -> str:
    leaving.leave(body, request.POST.get("reason", ""), actor=request.user)
    return _("Le retrait de %(name)s est enregistré; le ministère en décide les suites.") % {
        "name": body.organisation.name
    }


def _conclude(request: HttpRequest, dossier: Dossier) -> str:
    raw = request.POST.get("amount", "").strip()
    leaving.conclude(
        dossier,
        request.POST.get("answer", ""),
        request.POST.get("reason", ""),
        amount=whole_number(raw) if raw else None,
        actor=request.user,
    )
    return _("Votre conclusion est enregistrée.")


ACTS: dict[str, Callable[[HttpRequest, Body], str]] = {
    "change": _change,
    "remind": _remind,
    "remove": _remove,
    "confirm": _confirm,
    "decline": _decline,
    "leave": _leave,
}
