"""What this app registers with the floors below: navigation, words of events, the parent of a call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.permissions import holds_anywhere, register_parent
from grants import bands
from grants.models import Call, CallQuestion, QuestionState
from grants.obstacles import register_obstacle
from grants.rules import STAFF_ROLES
from web import home, nav
from web.formats import tr
from workflows import providers
from workflows.vocabulary import declare_event


def is_staff(user: Any) -> bool:
    """Tell whether a person holds a role of the ministry anywhere."""
    return user is not None and user.is_authenticated and holds_anywhere(user, *STAFF_ROLES)


def _letter_words(event: Any) -> str:
    """Which letter changed."""
    data = event.data
    return gettext("Lettre %(kind)s (%(language)s) : texte de la version %(n)s") % {
        "kind": data.get("kind"),
        "language": data.get("language"),
        "n": data.get("version"),
    }


def drafts(user: Any) -> Iterator[home.Todo]:
    """Calls in preparation, for their managers: what stands before their opening."""
    for call in Call.objects.managed_by(user, "manager").filter(state="draft").order_by("opens_at", "code"):
        yield home.Todo(
            group=_("Appels à publier"),
            who=call.code,
            text=tr(call.title),
            url=reverse("manage_call", args=[call.code]),
            since=call.opens_at,
            due=call.opens_at,
            act=_("Préparer"),
            state="draft",
            rank=70,
        )


def unanswered(user: Any) -> Iterator[home.Todo]:
    """Questions that wait for an answer, one line a call, for its managers."""
    rows = CallQuestion.objects.filter(
        status=QuestionState.RECEIVED, call__in=Call.objects.managed_by(user, "manager")
    )
    found = rows.values("call__code", "call__title", "call__questions_until", "call__closes_at")
    for row in found.annotate(count=Count("pk"), first=Min("received_at")).order_by("first"):
        words = ngettext("%(n)s question sans réponse", "%(n)s questions sans réponse", row["count"])
        yield home.Todo(
            group=_("Questions à répondre"),
            who=row["call__code"],
            text=words % {"n": row["count"]},
            url=reverse("manage_questions", args=[row["call__code"]]),
            since=row["first"],
            due=row["call__questions_until"] or row["call__closes_at"],
            act=_("Répondre"),
            state="now",
            rank=40,
        )


def register() -> None:
    """Called once, when the site starts."""
    register_parent(Call, lambda call: call.programme)
    providers.declare("fact", "grants.Call", "refused_without_decision")
    providers.declare("fact", "applications.Dossier", "ended")
    from grants.views import lists

    register_obstacle("approval_bands", bands.obstacles)
    lists.register()
    home.register_staff(is_staff)
    home.register_todo("grants.drafts", drafts)
    home.register_todo("grants.questions", unanswered)
    faces: tuple[tuple[nav.Face, int], ...] = (("public", 20), ("applicant", 60))
    for face, order in faces:
        nav.register(_("Appels de projets"), "calls", face=face, order=10, prefixes=("call", "front"))
        nav.register(_("Projets soutenus"), "projects", face=face, order=order, prefixes=("project",))
    nav.register_footer(_("Données ouvertes"), "open_data", order=30)
    nav.register(
        _("Appels"), "manage_calls", face="staff", predicate=is_staff, order=60, prefixes=("manage_",)
    )
    declare_event("grants.call.publish", _("Appel publié"))
    declare_event("grants.call.archive", _("Appel archivé"))
    declare_event("grants.call.created", _("Appel créé"))
    declare_event("grants.call.edition", _("Contenu de l’appel enregistré"))
    declare_event("grants.call.letter_text", _letter_words)
    declare_event("grants.call.calendar", _("Dates de l’appel modifiées"))
    declare_event("grants.call.ask_question", _("Question reçue"))
    declare_event("grants.call.note_question", _("Question notée"))
    declare_event("grants.call.prepare_answer", _("Réponse préparée"))
    declare_event("grants.call.set_question_aside", _("Question mise de côté"))
    declare_event("grants.call.publish_answers", _("Réponses aux questions publiées"))
