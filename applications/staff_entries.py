"""What the ministry's side of dossiers registers with the floors below: navigation, homes, words, hooks, figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import holds_anywhere
from applications import awaiting, listing, queues
from applications.grouping import Group, situations_of
from applications.rules import READERS
from grants import cockpit
from grants.cockpit import Figure
from grants.obstacles import register_obstacle
from web import clock, formats, home, nav
from workflows.vocabulary import declare_event

PAGES = (
    "dossier",
    "completeness",
    "eligibility",
    "finding",
    "countersign",
    "ask",
    "section",
    "check",
    "receipt",
)
DAYS_SHOWN = 14


def register() -> None:
    """Called once, when the site starts."""
    _words()
    queues.register()
    nav.register(_("Dossiers"), "dossiers", face="staff", predicate=reads, order=20, prefixes=PAGES)
    nav.register(_("Mes dossiers"), "dossiers", face="applicant", order=15, prefixes=PAGES)
    home.register_todo("applications", awaiting.todos)
    register_obstacle("provisional", awaiting.provisional_obstacles)
    register_obstacle("departures", awaiting.departure_obstacles)
    cockpit.register_figures("10 dossiers", figures)


def reads(user: Any) -> bool:
    """Reads dossiers for the ministry."""
    return bool(user is not None and user.is_authenticated and holds_anywhere(user, *READERS))


def _words() -> None:
    declare_event("applications.dossier.confirm_rule", confirmed_words)
    declare_event("applications.dossier.confirm_aid", _("Aide confirmée"))
    declare_event("applications.dossier.name_analyst", _("Responsable nommé"))


def confirmed_words(event: Any) -> Any:
    """« E06 confirmée : non »."""
    answers = {"yes": _("oui"), "provisional": _("oui, provisoire"), "no": _("non"), "na": _("sans objet")}
    data = event.data
    answer = answers.get(data.get("answer"), "")
    return _("%(rule)s confirmée : %(answer)s") % {"rule": data.get("rule", ""), "answer": answer}


def figures(user: Any, call: Any) -> Iterable[Figure]:
    """Dossiers of a call by where they are, as this person may read them; drafts are only counted."""
    now = clock.now()
    rows = listing.rows_for(user, now, "staff", is_asked=False).filter(call=call)
    found = situations_of(rows)
    here = f"{reverse('dossiers')}?appel={call.code}"
    group = _("Dossiers")
    tally = listing.tally(rows, call, now)
    why = _("Compté seulement : un brouillon n’est lu que par son organisme.")
    yield Figure(_("Brouillons en cours"), tally.drafts, state="draft", group=group, note=why)
    yield Figure(_("Déposés"), sum(one.n for one in found), href=here, group=group)
    for one in listing.situations(found, "staff"):
        state = "in_progress" if one.value.startswith("etape-") else one.value
        href = f"{here}&etape={one.value}"
        yield Figure(formats.tr(one.label), one.count or 0, href, state=state, group=group)
    yield from _checks(found, tally.late, here)
    for day, n in list(tally.by_day.items())[-DAYS_SHOWN:]:
        href = f"{here}&depot={day.isoformat()}"
        yield Figure(formats.date_short(day), n, href=href, group=_("Dépôts par jour"), day=day)


def _checks(found: list[Group], late: int, here: str) -> Iterable[Figure]:
    """What waits for a check: nobody follows it, or its instant has passed."""
    group = _("Complétude et admissibilité")
    alone = sum(one.n for one in found if one.analyst is None)
    if found:
        yield Figure(_("Sans responsable"), alone, href=f"{here}&analyste=personne", group=group)
        words = _("Échéance passée")
        yield Figure(words, late, href=f"{here}&retard=oui", state="ko" if late else "", group=group)
