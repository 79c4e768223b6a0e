"""The demonstration: sign-in cards and the mailbox of each person, from loopback only."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.models import User
from notifications import mailbox as box
from notifications.demo import PASSWORD, cards


def _guard(request: HttpRequest) -> None:
    """Exists with the demo flag and for this machine only."""
    try:
        peer = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        raise Http404 from None
    is_relayed = "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META
    if not settings.DEMO or not peer.is_loopback or is_relayed:
        raise Http404


@login_not_required
def demo(request: HttpRequest) -> HttpResponse:
    """A card per role: who it is, what to try, sign in with one button, read the mail."""
    _guard(request)
    return render(request, "notifications/demo.html", {"groups": cards(), "password": PASSWORD})


@login_not_required
@require_POST
def demo_sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign in as a person of the demonstration."""
    _guard(request)
    user = get_object_or_404(User, pk=pk, is_active=True)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("home")


@login_not_required
def demo_mailbox(request: HttpRequest, pk: int, name: str = "") -> HttpResponse:
    """The messages a person received."""
    _guard(request)
    person = get_object_or_404(User, pk=pk)
    received = box.received(person.email)
    chosen: dict[str, Any] | None = None
    for key, message in received:
        if key == name:
            body = message.get_body(("plain",)) if hasattr(message, "get_body") else None
            files = [part.get_filename() for part in message.walk() if part.get_filename()]
            chosen = {
                "message": message,
                "body": body.get_content() if body else "",
                "files": files,
                "key": key,
            }
    return render(
        request, "notifications/mailbox.html", {"person": person, "received": received, "chosen": chosen}
    )


@login_not_required
def demo_attachment(request: HttpRequest, pk: int, name: str, position: int) -> HttpResponse:
    """A file that came with a message."""
    _guard(request)
    person = get_object_or_404(User, pk=pk)
    message = dict(box.received(person.email)).get(name)
    parts = [part for part in message.walk() if part.get_filename()] if message is not None else []
    if position >= len(parts):
        raise Http404
    data: Any = parts[position].get_payload(decode=True)
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name[:8]}-{position}.pdf"'
    return response
