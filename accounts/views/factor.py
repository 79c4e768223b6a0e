"""Two-step sign-in as its owner keeps it: on, off, recovery codes shown once."""

from __future__ import annotations

import io
from collections.abc import Callable

import segno
from allauth.account.decorators import reauthentication_required
from allauth.mfa.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import claimed, factors, proofs, rules, sealing, sessions
from accounts.actions import factors as acts
from accounts.factor_forms import FirstCodeForm, OffForm
from accounts.models import User
from accounts.views.asking import back_to, me, sentence
from web import clock
from web.http import see_other
from workflows.engine import Refused

PENDING, UNTIL, NEXT = "factor_pending", "factor_codes_until", "factor_next"
SHOWN = 10 * 60  # seconds during which the page of new recovery codes may be read again

View = Callable[[HttpRequest], HttpResponseBase]


def again(view: View) -> View:
    """Ask for the password (or the factor) once more, unless it was given in the last minutes."""
    guarded: View = reauthentication_required(app="allauth.mfa")(view)
    return guarded


def home(request: HttpRequest) -> HttpResponse:
    """Whether it is on, since when, and how many recovery codes are left."""
    user = me(request)
    factor = factors.totp_of(user)
    shown = {
        "factor": factor,
        "left": len(factors.codes_left(user)) if factor else 0,
        "required": rules.needs_second_factor(user),
        "base": claimed.base_for(user),
    }
    return render(request, "accounts/factor.html", shown)


@again
def enrol(request: HttpRequest) -> HttpResponseBase:
    """Scan or type the secret, then give its first code."""
    user = me(request)
    back = back_to(request)
    if factors.has_factor(user):
        return see_other(back or "factor")
    secret = _pending(request)
    form = FirstCodeForm(request.POST or None, user=user, secret=secret)
    if request.method == "POST" and form.is_valid():
        try:
            person = acts.turn_on(user, secret, form.counter, current=str(request.session.session_key))
        except Refused as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return _turned_on(request, person, back)
    shown = {"form": form, "secret": factors.grouped(secret), "back": back, "base": claimed.base_for(user)}
    return render(request, "accounts/factor_enrol.html", shown, status=422 if form.errors else 200)


def _turned_on(request: HttpRequest, person: User, back: str) -> HttpResponseBase:
    sessions.keep(request, person)
    proofs.give(request, person)
    request.session.pop(PENDING, None)
    request.session[UNTIL] = int(clock.now().timestamp()) + SHOWN
    request.session[NEXT] = back
    messages.success(request, _("La double authentification est active. Gardez vos codes de secours."))
    return see_other("factor_codes")


def _pending(request: HttpRequest) -> str:
    """The secret that waits for its first code, sealed in the session: the same from page to page."""
    kept = request.session.get(PENDING)
    if kept:
        try:
            return sealing.unseal(kept)
        except sealing.BrokenSeal:
            pass
    secret = factors.new_secret()
    request.session[PENDING] = sealing.seal(secret)
    return secret


@require_safe
def image(request: HttpRequest) -> HttpResponse:
    """The code to scan, drawn here."""
    kept = request.session.get(PENDING)
    if not kept:
        raise Http404
    try:
        secret = sealing.unseal(kept)
    except sealing.BrokenSeal:
        raise Http404 from None
    made = segno.make(get_adapter().build_totp_url(me(request), secret), error="m")
    target = io.BytesIO()
    made.save(target, kind="svg", scale=4, border=4, dark="#000", light="#fff", xmldecl=False)
    return HttpResponse(target.getvalue(), content_type="image/svg+xml")


def _shown(request: HttpRequest) -> list[str]:
    """New recovery codes, in the minutes and the session in which they were made; 404 afterwards."""
    if int(clock.now().timestamp()) > int(request.session.get(UNTIL) or 0):
        raise Http404
    return factors.codes_left(me(request))


@require_safe
def codes(request: HttpRequest) -> HttpResponse:
    """The recovery codes, once."""
    found = _shown(request)
    shown = {
        "codes": [f"{code[:4]} {code[4:]}" for code in found],
        "back": request.session.get(NEXT) or reverse("factor"),
        "base": claimed.base_for(me(request)),
    }
    return render(request, "accounts/factor_codes.html", shown)


@require_safe
def codes_file(request: HttpRequest) -> HttpResponse:
    """The same codes as a file of text."""
    title = _("Codes de secours de Jalon : %(email)s") % {"email": me(request).email}
    lines = [title, _("Chaque code sert une fois."), "", *(f"{one[:4]} {one[4:]}" for one in _shown(request))]
    answer = HttpResponse("\r\n".join(lines) + "\r\n", content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="jalon-codes-de-secours.txt"'
    return answer


@require_POST
@again
def renew(request: HttpRequest) -> HttpResponseBase:
    """Recovery codes anew; the earlier ones no longer serve."""
    try:
        acts.renew_codes(me(request))
    except Refused as refusal:
        messages.error(request, sentence(refusal))
        return see_other("factor")
    request.session[UNTIL] = int(clock.now().timestamp()) + SHOWN
    request.session[NEXT] = ""
    return see_other("factor_codes")


@again
def off(request: HttpRequest) -> HttpResponseBase:
    """Do without codes, when no role asks for them."""
    user = me(request)
    if not factors.has_factor(user):
        return see_other("factor")
    required = rules.needs_second_factor(user)
    form = OffForm(request.POST or None, user=user)
    if request.method == "POST" and (required or form.is_valid()):
        try:
            person = acts.turn_off(user, current=str(request.session.session_key))
        except Refused as refusal:
            messages.error(request, sentence(refusal))
            return see_other("factor")
        sessions.keep(request, person)
        messages.success(request, _("La double authentification n’est plus active."))
        return see_other("factor")
    shown = {"form": form, "required": required, "base": claimed.base_for(user)}
    return render(request, "accounts/factor_off.html", shown, status=422 if form.errors else 200)
