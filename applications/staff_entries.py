"""What the ministry's side of dossiers registers with the floors below: navigation, homes, words, hooks, figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import holds_anywhere
from applications import awaiting, listing, standing
from applications.models import Dossier
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


def register() -> None:
    """Called once, when the site starts."""
    _words()
    nav.register(_("Dossiers"), "dossiers", face="staff", predicate=reads, order=20, prefixes=PAGES)
    nav.register(_("Mes dossiers"), "dossiers", face="applicant", order=15, prefixes=PAGES)
    home.register_todo("applications", awaiting.todos)
    register_obstacle("provisional", awaiting.provisional_obstacles)
    cockpit.register_figures("dossiers", figures)


def reads(user: Any) -> bool:
    """Reads dossiers for the ministry."""
    return bool(user is not None and user.is_authenticated and holds_anywhere(user, *READERS))


def _words() -> None:
    declare_event("applications.dossier.confirm_rule", confirmed_words)
    declare_event("applications.dossier.confirm_aid", _("Aide confirmée"))
    declare_event("applications.dossier.name_analyst", _("Responsable nommé"))


def confirmed_words(event: Any) -> Any:
    """« E06 confirmée : non »."""
    answers = {"yes": _("oui"), "provisional": _("oui, provisoire"), "no": _("non"), "na": _("sans objet")}
    data = event.data
    answer = answers.get(data.get("answer"), "")
    return _("%(rule)s confirmée : %(answer)s") % {"rule": data.get("rule", ""), "answer": answer}


def figures(user: Any, call: Any) -> Iterable[Figure]:
    """Dossiers of a call by where they are, as this person may read them; drafts are only counted."""
    rows = listing.rows_for(user, clock.now(), "staff").filter(call=call)
    found = listing.groups(rows)
    here = f"{reverse('dossiers')}?appel={call.code}"
    group = _("Dossiers")
    drafts = Dossier.objects.filter(call=call, state="draft").count()
    yield Figure(_("Brouillons en cours"), drafts, state="draft", group=group)
    yield Figure(_("Déposés"), sum(one.n for one in found), href=here, group=group)
    counted: dict[str, list[Any]] = {}
    for one in found:
        label = (
            standing.stage_label(listing.process_with(one.process), one.stage, "staff")
            if one.state == "in_progress"
            else standing.WORDS[one.state]
        )
        counted.setdefault(listing.situation(one), [label, 0, one.state])[1] += one.n
    for code, (label, n, state) in counted.items():
        yield Figure(formats.tr(label), n, href=f"{here}&etape={code}", state=state, group=group)
