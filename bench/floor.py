"""Addresses of the site and a floor beside them: a bare view of so many rows, every middleware on."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.urls import path

from config.urls import handler400, handler500
from config.urls import urlpatterns as site

__all__ = ["handler400", "handler500", "urlpatterns"]

PAGE = Engine().from_string(
    "<!doctype html><html lang=en><title>Floor</title><table>{% for row in rows %}<tr>{% for cell in row %}"
    "<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table></html>"
)


@login_not_required
def floor(request: HttpRequest, rows: int) -> HttpResponse:
    """The person, and so many flat rows in one statement."""
    from applications.models import Dossier

    assert request.user.is_authenticated
    names = ("number", "lead_name", "title", "stage", "state", "aid", "sort_at")
    found: Any = Dossier.objects.order_by("-sort_at", "-pk").values_list(*names)[:rows]
    return HttpResponse(PAGE.render(Context({"rows": list(found)})))


urlpatterns = [path("plancher/<int:rows>/", floor), *site]
