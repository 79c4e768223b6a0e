"""The real site with three addresses more, for the tests of the proxy: what arrived, what was read, a long answer."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config.wsgi import application  # isort: skip (Django is ready from here on)

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from config import urls
from web.clock import received_at

__all__ = ["application"]
settings.ROOT_URLCONF = __name__
BLOCK = b"x" * 65536


@csrf_exempt
@login_not_required
def arrived(request: HttpRequest) -> HttpResponseBase:
    """When it counts as received, when the worker had it, and how much came."""
    began = time.time()
    return JsonResponse(
        {
            "received": received_at(request).timestamp(),
            "began": began,
            "bytes": len(request.body) if request.method == "POST" else 0,
            "number": request.request_id,  # type: ignore[attr-defined]
            "peer": request.META["REMOTE_ADDR"],
            "forwarded": request.META.get("HTTP_X_FORWARDED_FOR", ""),
        }
    )


@login_not_required
def long_answer(request: HttpRequest) -> HttpResponseBase:
    """24 MiB, streamed."""

    def blocks() -> Iterator[bytes]:
        for _ in range(384):
            yield BLOCK

    return StreamingHttpResponse(blocks(), content_type="application/octet-stream")


urlpatterns = [
    path("essai/", arrived),
    path("en/essai/", arrived),
    path("long/", long_answer),
    *urls.urlpatterns,
]
handler400, handler500 = urls.handler400, urls.handler500
