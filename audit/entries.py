"""What the audit registers with the floors below: navigation, a way in from the home, the word of an export."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit.rules import is_auditor_anywhere
from web import home, nav
from workflows.vocabulary import declare_event


def hint(user: Any) -> home.Hint | None:
    """Nothing awaits an auditor by itself: the way to the calls."""
    if not is_auditor_anywhere(user):
        return None
    return home.Hint(
        _("Vous lisez tout de vos appels, tels qu’ils sont ou tels qu’ils étaient à une date."),
        reverse("audit"),
        _("Vérifier un appel"),
    )


def register() -> None:
    """Called once, when the site starts."""
    from audit.views import lists, whole

    lists.register()
    whole.register()
    nav.register(
        _("Vérification"),
        "audit",
        face="staff",
        predicate=is_auditor_anywhere,
        order=65,
        prefixes=("audit",),
    )
    home.register_hint(hint)
    declare_event("grants.call.export_whole", _("Appel exporté en entier"))
