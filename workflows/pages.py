"""The page of a verb: its help, its form, what stands against it; one page serves every verb of every subject."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from workflows.engine import NotAllowed, NotVisible, Offer, Refused, Stale, available, fire
from workflows.forms import ConfirmForm, ReasonForm, VerbForm
from workflows.lifecycle import Subject


@dataclass
class VerbPage:
    """Where a verb's page stands: its frame, where it leads back to, and words around the form."""

    back: str  # address after the act, and of « Annuler »
    base: str = "base_staff.html"
    template: str = "workflows/verb.html"
    done: str = ""  # message after the act
    context: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)  # given to `fire` beside the form


def offer_of(subject: Subject, verb: str, user: Any) -> Offer:
    """The offer of a verb to this person; 404 when it is not offered at all (nothing tells why)."""
    for offer in available(subject, user):
        if offer.verb == verb:
            return offer
    raise Http404


def form_of(offer: Offer, subject: Subject, request: HttpRequest) -> VerbForm:
    """The form of a verb: its own, the reason alone, or nothing but the button."""
    kind: type[VerbForm] = import_string(offer.form) if offer.form else ConfirmForm
    if offer.form is None and offer.needs_reason:
        kind = ReasonForm
    posted = request.method == "POST"
    return kind(
        request.POST if posted else None,
        request.FILES if posted else None,
        subject=subject,
        actor=request.user,
        request=request,
    )


def verb_page(request: HttpRequest, subject: Subject, verb: str, page: VerbPage) -> HttpResponse:
    """Show the form of a verb, or do it: 303 on success, 422 with the sentences on refusal, all that was typed kept."""
    offer = offer_of(subject, verb, request.user)
    form = form_of(offer, subject, request)
    reasons: tuple[str, ...] = offer.reasons if request.method != "POST" else ()
    status = 200
    if request.method == "POST":
        if away := form.detour():
            return HttpResponseRedirect(away, status=303)
        reasons, status = _do(request, subject, verb, form, page)
        if status == 303:
            messages.success(
                request, page.done or _("C’est fait : %(verb)s.") % {"verb": offer.label.rstrip("…")}
            )
            return HttpResponseRedirect(page.back, status=303)
    context = {
        "offer": offer,
        "form": form,
        "reasons": reasons,
        "subject": subject,
        "seen": subject.version,
        "back": page.back,
        "base": page.base,
        **page.context,
    }
    return render(request, page.template, context, status=status)


def _do(
    request: HttpRequest, subject: Subject, verb: str, form: VerbForm, page: VerbPage
) -> tuple[tuple[str, ...], int]:
    """Fire the verb with what the form gives; the sentences against it and the status."""
    if not form.is_valid():
        return (), 422
    seen = request.POST.get("seen", "")
    try:
        fire(
            subject,
            verb,
            actor=request.user,  # type: ignore[arg-type]
            seen=int(seen) if seen.isdecimal() and len(seen) < 10 else None,
            **{**form.verb_data(), **page.data},
        )
    except NotVisible:
        raise Http404 from None
    except NotAllowed:
        return (_("Vous ne pouvez plus faire cet acte : vos droits ont changé."),), 403
    except Stale:
        said = _(
            "Le dossier a changé pendant que vous lisiez. Relisez-le, puis refaites l’acte : votre texte est gardé ici."
        )
        subject.refresh_from_db()
        return (said,), 409
    except Refused as refused:
        return refused.reasons, 422
    return (), 303
