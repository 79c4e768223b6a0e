"""Views kept by name: the address of a list, opened, renamed, removed by the person who named it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from web import home, tables
from web.http import see_other
from web.models import SavedView

MOST = 60  # views a person keeps
LONGEST = 80


def _name(request: HttpRequest) -> str:
    """The name as it is kept: one line."""
    return " ".join(request.POST.get("nom", "").replace("\x00", "").split())[:LONGEST]


def _own(request: HttpRequest) -> Any:
    owner: Any = request.user
    return SavedView.objects.filter(user_id=owner.pk)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every view this person kept, list by list."""
    rows = [
        {"view": row, "title": kind.title, "href": f"{kind.page(row.part)}?{row.query}"}
        for row in _own(request)[:MOST]
        if (kind := tables.kind_of(row.table)) is not None
    ]
    base = "base_staff.html" if home.is_staff(request.user) else "base_applicant.html"
    return render(request, "web/views.html", {"rows": rows, "base": base, "longest": LONGEST})


@require_POST
def keep(request: HttpRequest, key: str, part: str = "") -> HttpResponse:
    """Keep the address of a list under a name; the same name keeps the new one."""
    table = tables.build(request.user, key, part)
    query, name = tables.query_of(table.select(request.GET)), _name(request)
    kind = tables.kind_of(key)
    assert kind is not None
    if not name:
        messages.error(request, _("Donnez un nom à cette vue."))
    elif _own(request).exclude(table=key, part=part, name=name).count() >= MOST:
        messages.error(request, _("Vous avez déjà soixante vues : supprimez-en une."))
    else:
        _own(request).update_or_create(
            user=request.user, table=key, part=part, name=name, defaults={"query": query}
        )
        messages.success(request, _("Vue enregistrée : %(name)s.") % {"name": name})
    return see_other(f"{kind.page(part)}?{query}")


@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name."""
    row, name = get_object_or_404(_own(request), pk=pk), _name(request)
    taken = _own(request).filter(table=row.table, part=row.part, name=name).exclude(pk=row.pk).exists()
    if not name:
        messages.error(request, _("Donnez un nom à cette vue."))
    elif taken:
        messages.error(request, _("Une autre vue de cette liste porte déjà ce nom."))
    else:
        _own(request).filter(pk=row.pk).update(name=name)
        messages.success(request, _("Vue renommée : %(name)s.") % {"name": name})
    return see_other("views")


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a view."""
    get_object_or_404(_own(request), pk=pk).delete()
    messages.success(request, _("Vue supprimée."))
    return see_other("views")
