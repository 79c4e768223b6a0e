"""Health: three endpoints for machines, one page for the technical administrator. Codes and figures, no content.

`/sante/vivant/` this process answers · `/sante/pret/` it can serve: database, cache, tables, triggers ·
`/sante/travail/` messages are consumed and what is due leaves. 200 or 503, never cached. Anybody reads « ok » or
« not ok »; the loopback, or a bearer of HEALTH_TOKEN, reads each finding.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import rules
from config import probes, said_of
from config.probes import Finding
from web import clock


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is asked."""
    return _answer(request, [])


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """This process can serve people."""
    return _answer(request, probes.look(probes.READY))


@login_not_required
@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """Work is done: proved by what was consumed, not by a process."""
    more = probes.AROUND if reads_details(request) else ()
    return _answer(request, probes.look((*probes.WORK_DONE, *more)))


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """« Santé »: everything, with words about what runs embedded."""
    if not rules.is_technical_admin(request.user):
        raise Http404
    found = probes.look((*probes.READY, *probes.WORK_DONE, *probes.AROUND))
    rows = [said_of.row(finding) for finding in found]
    context = {"rows": rows, "well": _is_well(found), "at": clock.now(), "embedded": said_of.embedded(found)}
    return render(request, "web/health.html", context)


def reads_details(request: HttpRequest) -> bool:
    """The machine itself (not through a proxy), or who knows the token."""
    told = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.HEALTH_TOKEN and hmac.compare_digest(told.encode(), settings.HEALTH_TOKEN.encode()):
        return True
    peer = request.META.get("REMOTE_ADDR", "")
    if not peer or "HTTP_X_FORWARDED_FOR" in request.META or clock.is_trusted_peer(peer):
        return False
    try:
        return ip_address(peer).is_loopback
    except ValueError:
        return False


def _is_well(found: Iterable[Finding]) -> bool:
    return all(finding.well for finding in found if finding.needed)


def _answer(request: HttpRequest, found: Sequence[Finding]) -> JsonResponse:
    well = _is_well(found)
    told: dict[str, object] = {"status": "ok" if well else "not ok"}
    if found and reads_details(request):
        told["checks"] = [finding.public() for finding in found]
    answer = JsonResponse(told, status=200 if well else 503)
    answer.headers["Cache-Control"] = "no-store"
    return answer
