"""What reconsiderations tell the floors below: the box of a dossier, what awaits whom, words of events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership
from applications.models import Dossier
from applications.reopening import RECONSIDERATION
from grants.models import DecisionLine
from grants.rules import DECISION_ROLES, calls_with, has_call_role
from review import reconsidering
from review.models import Reconsideration
from review.querysets import ANSWERING, recused_dossiers
from web import clock, tables
from web.home import Todo, register_todo
from web.lists import State
from workflows import providers
from workflows.engine import declare_system_actor
from workflows.models import Event
from workflows.vocabulary import declare_event, declare_verbs

DOSSIER = "applications.Dossier"
GROUP = gettext_lazy("Réexamens")
MOST = 100
FOLLOWING = ("manager", "authority", "auditor")  # a dossier that goes on after its refusal
STEPS = {
    "asked": gettext_lazy("Réexamen demandé"),
    "admitted": gettext_lazy("Demande de réexamen admise"),
    "inadmissible": gettext_lazy("Demande de réexamen irrecevable"),
    "answered": gettext_lazy("Réponse à la demande de réexamen"),
}
EVENTS = {
    "ask": gettext_lazy("Réexamen demandé"),
    "admit": gettext_lazy("Demande admise"),
    "dismiss": gettext_lazy("Demande déclarée irrecevable"),
    "name_reconsiderer": gettext_lazy("Réponse confiée"),
    "decide": gettext_lazy("Réponse écrite"),
    "send_back": gettext_lazy("Réponse renvoyée"),
    "countersign": gettext_lazy("Réponse contresignée"),
}


def step_words(event: Event) -> Any:
    """The words of a step of a reconsideration in the history of its dossier."""
    return STEPS.get(str(event.data.get("step")), gettext_lazy("Réexamen"))


# --- the page of a dossier --------------------------------------------------------------------------------
def panel(dossier: Any, user: Any) -> dict[str, Any] | None:
    """On the page of a dossier: what can be asked and until when, or where the request stands."""
    face = dossier.face_for(user)
    if face == "staff" and not has_call_role(user, dossier.call, *DECISION_ROLES, *ANSWERING):
        return None
    if dossier.readable_state not in ("rejected", "accepted"):
        reads = face == "applicant" or has_call_role(user, dossier.call, *FOLLOWING)
        if not (reads and _is_reopened(dossier)):
            return None
    row = reconsidering.latest(dossier, user)
    refusal = reconsidering.refusal_of(dossier) if face == "applicant" else None
    if row is not None and (refusal is None or row.refusal_id == refusal.event.pk):
        code, label = reconsidering.state_of(row, face)
        return {"template": "review/reconsideration_panel.html", "row": row, "state": State(code, label)}
    if refusal is None:
        return None
    return {
        "template": "review/reconsideration_panel.html",
        "refusal": refusal,
        "is_over": refusal.is_over(clock.now()),
        "may_ask": reconsidering.may_ask(dossier, user),
    }


def _is_reopened(dossier: Any) -> bool:
    """Goes on after a refusal: in progress, and the stage it is in was not entered by an outcome."""
    return dossier.state in ("in_progress", "with_applicant") and not dossier.outcome


# --- what awaits whom -------------------------------------------------------------------------------------
def todos(user: Any) -> Iterable[Todo]:
    """The manager examines, confides, prepares the money; the person named answers; an authority countersigns."""
    yield from _ministry(user)
    yield from _municipal(user)


def _ministry(user: Any) -> Iterable[Todo]:
    managed, signs = calls_with(user, "manager"), calls_with(user, "authority")
    staff = calls_with(user)
    if not staff:
        return
    shut = recused_dossiers(user)
    rows = (
        Reconsideration.objects.visible_to(user)
        .exclude(state="inadmissible")
        .exclude(dossier_id__in=shut)
        .filter(dossier__call__in=staff)
        .select_related("dossier__call")
        .order_by("asked_at", "pk")
    )
    rows = rows.exclude(state="closed", effect__in=["", "reopened"]).exclude(
        state="closed", decision__isnull=False
    )
    found = list(rows[:MOST])
    decided = _decided_by(user, [row.dossier_id for row in found if row.state == "decided"])
    for row in found:
        asked = _asked(row, user, managed, signs)
        if asked is None or (row.state == "decided" and row.dossier_id in decided):
            continue
        text, act, since = asked
        yield Todo(
            group=GROUP,
            who=row.dossier.lead_name,
            text=text,
            url=reverse("reconsideration", args=[row.pk]),
            since=since,
            note=f"{row.dossier.number}, {row.dossier.title}",
            act=act,
            state="now",
            rank=18,
        )


def _decided_by(user: Any, dossiers: list[int]) -> set[int]:
    """Those of these dossiers on which this person signed or released a decision: another authority countersigns."""
    if not dossiers:
        return set()
    lines = DecisionLine.objects.filter(dossier_id__in=dossiers, decision__approvals__user_id=user.pk)
    return set(lines.values_list("dossier_id", flat=True))


def _asked(
    row: Reconsideration, user: Any, managed: set[int], signs: set[int]
) -> tuple[str, Any, Any] | None:
    """What this state asks of this person, the word of the button, since when."""
    call = row.dossier.call_id
    if row.state == "admitted" and row.reconsiderer_id == user.pk:
        text = _("la réponse à une demande de réexamen vous est confiée.")
        if row.returned_words:
            text = _("votre réponse à une demande de réexamen vous est renvoyée.")
        return text, _("Répondre"), row.named_at
    if row.state == "asked" and call in managed:
        return _("demande le réexamen d’un refus."), _("Examiner"), row.asked_at
    if row.state == "admitted" and row.reconsiderer_id is None and call in managed:
        return _("un réexamen est admis : la réponse est à confier."), _("Confier"), row.admitted_at
    if row.state == "decided" and call in signs and row.reconsiderer_id != user.pk:
        return _("la réponse à une demande de réexamen attend un contreseing."), _("Lire"), row.decided_at
    if row.state == "closed" and call in managed:
        return _("le refus est renversé : la décision d’aide est à préparer."), _("Préparer"), row.closed_at
    return None


def _municipal(user: Any) -> Iterable[Todo]:
    """For whoever signs: a refusal whose delay runs, while nothing was asked."""
    rows = Dossier.objects.filter(
        pk__in=signed_by(user),
        state="rejected",
        call__reconsideration_days__gt=0,
        reconsiderations__isnull=True,
    )
    found = list(rows.select_related("call").order_by("-pk")[:MOST])
    refusals = reconsidering.refusals_of(found)
    for dossier in found:
        refusal = refusals.get(dossier.pk)
        if refusal is None or refusal.letter_at is None or refusal.is_over(clock.now()):
            continue
        yield Todo(
            group=GROUP,
            who=dossier.title,
            text=_("la demande est refusée; vous pouvez demander le réexamen."),
            url=reverse("dossier", args=[dossier.pk]),
            since=refusal.letter_at,
            due=refusal.until,
            note=", ".join(part for part in (dossier.number, dossier.lead_name) if part),
            act=_("Voir"),
            state="waitlisted",
            rank=60,
        )


def signed_by(user: Any) -> Any:
    """Keys of the dossiers of the organisations for which this person signs."""
    return Membership.objects.filter(
        user_id=user.pk, role="signatory", status="confirmed", organisation__bodies__isnull=False
    ).values("organisation__bodies__dossier")


def register() -> None:
    """Called once, when the site starts."""
    providers.declare("fact", DOSSIER, "refusal_letters")
    providers.register_panel(DOSSIER, panel, "reconsideration", order=15)
    register_todo("reconsiderations", todos)
    _register_list()
    declare_system_actor(RECONSIDERATION, gettext_lazy("Suite d’un réexamen"))
    declare_event("applications.dossier.reconsideration", step_words, audience="all", shows_text=True)
    for verb, words in EVENTS.items():
        declare_event(f"review.reconsideration.{verb}", words)
    declare_verbs(Reconsideration)


def _register_list() -> None:
    """The list by its name: page and exports."""
    from review.views import reconsideration

    tables.register(
        "reexamens",
        GROUP,
        reconsideration.reconsiderations_table,
        "reconsiderations",
        definitions=reconsideration.DEFINITIONS,
    )
