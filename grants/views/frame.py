"""What every staff page of a call shows: the call, for those who hold a role on it, its name, state and tabs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from grants import callpage, rules
from grants.models import Call
from web import clock


def call_of(request: HttpRequest, code: str) -> Call:
    """The call, for those who hold a role of the ministry on it; else the same 404 as for none."""
    rows = Call.objects.managed_by(request.user).with_edition().select_related("edition__definition")
    return get_object_or_404(rows, code=code)


def frame(request: HttpRequest, call: Call, page: str, **context: Any) -> dict[str, Any]:
    """What every page of a call shows: name, state, tabs."""
    labels = {
        "manage_call": _("Vue d’ensemble"),
        "manage_calendar": _("Calendrier"),
        "manage_money": _("Montants"),
        "manage_form": _("Formulaire"),
        "manage_rules": _("Règles"),
        "manage_grid": _("Grille"),
        "manage_process": _("Processus"),
        "manage_letters": _("Lettres"),
        "manage_questions": _("Questions"),
        "manage_people": _("Personnes"),
        "manage_targets": _("Cibles"),
    }
    has_targets = call.edition is not None and bool(call.edition.content.get("targets"))
    state, word = callpage.state_of(call, clock.now())
    return {
        "call": call,
        "state": state,
        "word": word,
        "body": call.edition.content if call.edition else None,
        "may_change": rules.is_manager(request.user, call),
        "tabs": [
            {"label": label, "href": reverse(name, args=[call.code]), "current": name == page}
            for name, label in labels.items()
            if name != "manage_targets" or has_targets or page == name
        ],
        "here": labels[page],
        **context,
    }
