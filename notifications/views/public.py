"""The public page that tells whether a document is ours, and nothing else."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from applications.models import Snapshot
from notifications.forms import VerifyForm
from notifications.letters.code import normalise
from notifications.models import Document

TRIES, WINDOW = 20, 600  # checks of one address in ten minutes


def is_authentic(code: str) -> bool:
    """A document that has left, or the receipt of a filing; never one that still waits."""
    if Document.objects.filter(code=code, left_at__isnull=False).exists():
        return True
    return Snapshot.objects.filter(code=code).exists()


def is_throttled(request: HttpRequest) -> bool:
    """Count the checks of an address; an unreachable cache means not now."""
    key = f"verify:{request.META.get('REMOTE_ADDR', '')}"
    try:
        cache.add(key, 0, WINDOW)
        return int(cache.incr(key)) > TRIES
    except ValueError:
        return False
    except Exception:  # noqa: BLE001 (cache away: not now)
        return True


@login_not_required
def verify(request: HttpRequest, code: str = "") -> HttpResponse:
    """« Authentique » or « Inconnu », without content."""
    given = request.POST.get("code", code) if request.method == "POST" else request.GET.get("code", code)
    form = VerifyForm({"code": given} if given else None)
    answer, status = "", 200
    if given and form.is_valid():
        if is_throttled(request):
            return render(request, "429.html", status=429)
        found = normalise(form.cleaned_data["code"])
        answer = "authentic" if found and is_authentic(found) else "unknown"
    return render(request, "notifications/verify.html", {"form": form, "answer": answer}, status=status)
