"""What review tells the floors below: who sees dossiers, what awaits whom, words of events, navigation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.permissions import register_parent
from applications import rules as dossier_rules
from applications.models import Dossier
from applications.panels import Tab
from grants.rules import calls_with
from review import querysets, rules
from review.lifecycle import RECUSAL
from review.models import Assignment, Meeting, Panel, Recusal, Sheet
from web import formats, home, nav, tables
from workflows import providers
from workflows.actors import declare_system_actor
from workflows.models import Event
from workflows.vocabulary import declare_event, declare_verbs

DOSSIER = "applications.Dossier"
EVENTS = {
    "review.panel.create": gettext_lazy("Comité créé"),
    "review.panel.date": gettext_lazy("Date des fiches changée"),
    "review.assignment.offer": gettext_lazy("Dossier confié pour évaluation"),
    "review.assignment.accept": gettext_lazy("Aucun conflit déclaré, évaluation acceptée"),
    "review.assignment.refer": gettext_lazy("Lien à examiner déclaré"),
    "review.assignment.declare_conflict": gettext_lazy("Conflit d’intérêts déclaré"),
    "review.assignment.decline": gettext_lazy("Évaluation déclinée"),
    "review.assignment.hand_back": gettext_lazy("Dossier rendu pour conflit d’intérêts"),
    "review.assignment.clear": gettext_lazy("Doute levé sur un lien déclaré"),
    "review.assignment.recuse": gettext_lazy("Récusation"),
    "review.assignment.withdraw": gettext_lazy("Dossier repris à une personne qui évalue"),
    "review.sheet.hand_in": gettext_lazy("Fiche remise"),
    "review.sheet.reopen": gettext_lazy("Fiche rouverte"),
    "review.sheet.exclude": gettext_lazy("Fiche écartée"),
    "review.meeting.open": gettext_lazy("Séance du comité ouverte"),
    "review.meeting.presence": gettext_lazy("Présences inscrites"),
    "review.meeting.order": gettext_lazy("Ordre du jour changé"),
    "review.meeting.add_items": gettext_lazy("Dossiers ajoutés à l’ordre du jour"),
    "review.meeting.discuss": gettext_lazy("Point de l’ordre du jour étudié"),
    "applications.dossier.conclude": gettext_lazy("Conclusion du comité"),
    "applications.dossier.unconclude": gettext_lazy("Conclusion du comité reprise"),
    "applications.dossier.recuse": gettext_lazy("Récusation"),
}


def is_recused(dossier: Any, user: Any) -> bool:
    """The deny of one dossier in hand."""
    return Recusal.objects.filter(dossier_id=dossier.pk, user_id=user.pk, lifted_at__isnull=True).exists()


def may_read(dossier: Any, user: Any) -> bool:
    """The permission of one dossier in hand."""
    return Dossier.objects.filter(querysets.reading_dossiers(user), pk=dossier.pk).exists()


def is_chair_of(dossier: Any, user: Any) -> bool:
    """Presides the panel of the dossier's volet, and is not recused of it."""
    presides = any(volet == dossier.volet_id for volet, _stages in querysets.presided(user))
    return presides and not is_recused(dossier, user)


def tab_of(dossier: Any, user: Any) -> Tab | None:
    """On the page of a dossier in review: the sheets for who follows the panel, the own sheet for a reviewer."""
    if not dossier.secret or not (rules.is_reviewer_anywhere(user) or rules.is_panel_staff_anywhere(user)):
        return None
    panels = Panel.objects.followed_by(user).filter(volet_id=dossier.volet_id)
    followed = panels.select_related("call__edition__definition").first()
    if followed is not None and dossier_rules.is_shut_out(dossier, user):
        return None
    if followed is not None:
        href = reverse("panel_dossier", args=[followed.pk, dossier.pk])
        return (
            Tab("review", gettext_lazy("Évaluation"), href)
            if dossier.stage in followed.open_stages()
            else None
        )
    own = Assignment.objects.own(user).filter(dossier=dossier, state="accepted").first()
    return None if own is None else Tab("review", gettext_lazy("Noter"), reverse("assignment", args=[own.pk]))


def register() -> None:
    """Called once, when the site starts."""
    providers.register_deny(DOSSIER, querysets.denied_dossiers, "recusal")
    providers.register_object_deny(DOSSIER, is_recused, "recusal")
    providers.register_allow(DOSSIER, querysets.reading_dossiers, "assignment")
    providers.register_object_allow(DOSSIER, may_read, "assignment")
    providers.register_tab(DOSSIER, tab_of, "review", order=60)
    providers.register_fact(DOSSIER, is_chair_of, "is_chair")
    register_parent(Panel, lambda panel: panel.call)
    declare_system_actor(RECUSAL, gettext_lazy("Récusation"))
    for verb, words in EVENTS.items():
        declare_event(verb, _told(words))
    for model in (Meeting, Panel, Assignment, Sheet):
        declare_verbs(model)
    _register_tables()
    home.register_staff(rules.is_reviewer_anywhere)
    home.register_todo("review.reviewer", reviewer_todos)
    home.register_todo("review.panel", panel_todos)
    nav.register(
        gettext_lazy("Mes évaluations"),
        "my_assignments",
        face="staff",
        predicate=rules.is_reviewer_anywhere,
        order=30,
        prefixes=("assignment", "sheet_"),
    )
    nav.register(
        gettext_lazy("Comités"),
        "panels",
        face="staff",
        predicate=rules.is_panel_staff_anywhere,
        order=40,
        prefixes=("panel", "ranking"),
    )


def _told(words: Any) -> Any:
    """The words of an event, with the dossier it is about where it names one."""

    def told(event: Event) -> str:
        number = event.data.get("dossier")
        return f"{words} ({number})" if isinstance(number, str) else str(words)

    return told


# --- what awaits whom -----------------------------------------------------------------------------------
def reviewer_todos(user: Any) -> Iterable[home.Todo]:
    """Declarations to make and sheets to write."""
    if not rules.is_reviewer_anywhere(user):
        return
    rows = Assignment.objects.own(user).filter(panel__state="open").exclude(sheet__state="handed_in")
    for row in rows.exclude(declaration="to_examine").order_by("due_at", "pk"):
        offered = row.state == "offered"
        yield home.Todo(
            group=gettext_lazy("Déclarer vos liens") if offered else gettext_lazy("Évaluer"),
            who=str(row.card.get("number", "")),
            text=str(row.card.get("title", "")),
            url=reverse("my_assignments") if offered else reverse("assignment", args=[row.pk]),
            since=row.assigned_at,
            due=row.due_at,
            act=gettext_lazy("Déclarer") if offered else gettext_lazy("Noter"),
            state="warn" if offered else "now",
            rank=20 if offered else 30,
        )


def panel_todos(user: Any) -> Iterable[home.Todo]:
    """Judgements, divergences, dossiers without reviewers, dossiers to pass on, panels to lock."""
    chaired = rules.panels_with(user, "chair")
    kept = calls_with(user, "secretary")
    if not chaired and not kept:
        return
    from django.db.models import Q

    panels = Panel.objects.filter(Q(pk__in=chaired) | Q(call_id__in=kept), state="open")
    for panel in panels.select_related("call__edition__definition", "volet").order_by("due_at", "pk"):
        yield from _todos_of(panel, user, is_secretary=panel.call_id in kept)


def _todos_of(panel: Panel, user: Any, *, is_secretary: bool) -> Iterable[home.Todo]:
    name, url = formats.tr(panel.name), reverse("panel", args=[panel.pk])
    since = panel.due_at

    def todo(count: int, words: str, act: Any, where: str = url, state: str = "now") -> home.Todo:
        return home.Todo(
            gettext_lazy("Comité"), name, words % {"n": count}, where, since, act=act, state=state, rank=40
        )

    waiting = Assignment.objects.visible_to(user).filter(
        panel=panel, state="offered", declaration="to_examine"
    )
    examined = waiting.exclude(reviewer=user).count()
    if examined:
        yield todo(examined, _("Déclarations à examiner : %(n)s"), gettext_lazy("Juger"), state="warn")
    rows = Dossier.objects.visible_to(user).filter(
        querysets.not_recused(user),
        call_id=panel.call_id,
        volet_id=panel.volet_id,
        state="in_progress",
        stage__in=panel.open_stages(),
    )
    divergent = rows.filter(divergent=True).count()
    if divergent:
        queue = reverse("panel_divergences", args=[panel.pk])
        yield todo(divergent, _("Divergences à régler : %(n)s"), gettext_lazy("Conclure"), queue)
    if not is_secretary:
        return
    reviewed = [code for code, stage in panel.process().stages.items() if stage.kind.code == "review"]
    held = rows.filter(stage__in=reviewed)
    ready = held.filter(sheets_done__gte=F("volet__sheets_required")).count()
    if ready:
        yield todo(ready, _("Dossiers complets à passer au comité : %(n)s"), gettext_lazy("Passer"))
    given = Assignment.objects.filter(panel=panel, state__in=["offered", "accepted"]).values("dossier_id")
    alone = held.exclude(pk__in=given).filter(sheets_done__lt=F("volet__sheets_required")).count()
    if alone:
        grid = reverse("panel_grid", args=[panel.pk])
        yield todo(alone, _("Dossiers confiés à personne : %(n)s"), gettext_lazy("Confier"), grid)


def _register_tables() -> None:
    """Lists by name, and the rights that exports are held against."""
    from review.views import assignments, decisions, engaged

    _register_panel_tables()

    tables.register(
        "evaluations",
        gettext_lazy("Mes évaluations"),
        assignments.mine_table,
        "my_assignments",
        definitions=assignments.DEFINITIONS,
    )
    tables.register(
        "decisions",
        gettext_lazy("Décisions"),
        decisions.decisions_table,
        "decisions",
        definitions=decisions.DEFINITIONS,
    )
    tables.register(
        "engagements",
        gettext_lazy("Engagements"),
        engaged.engaged_table,
        "engagements",
        definitions=engaged.DEFINITIONS,
    )
    tables.register_rights("review", _rights)


def _register_panel_tables() -> None:
    """Lists of panels, and of one panel."""
    from review.views import divergences, panels, ranking

    tables.register(
        "comites", gettext_lazy("Comités"), panels.panels_table, "panels", definitions=panels.PANELS
    )
    tables.register(
        "couverture",
        gettext_lazy("Couverture d’un comité"),
        panels.coverage_table,
        "panel",
        definitions=panels.COVERAGE,
        has_parts=True,
    )
    tables.register(
        "divergences",
        gettext_lazy("Divergences d’un comité"),
        divergences.divergences_table,
        "panel_divergences",
        definitions=divergences.DEFINITIONS,
        has_parts=True,
    )
    tables.register(
        "classement",
        gettext_lazy("Classement d’un comité"),
        ranking.ranking_table,
        "ranking",
        definitions=ranking.DEFINITIONS,
        has_parts=True,
    )


def _rights(user: Any) -> Iterable[Any]:
    """What a person evaluates, and what he or she is shut out of."""
    yield from Assignment.objects.filter(reviewer_id=user.pk).values_list("pk", "state", "declaration")
    yield from Recusal.objects.filter(user_id=user.pk).values_list("dossier_id", "lifted_at")
