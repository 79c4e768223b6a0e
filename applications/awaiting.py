"""What awaits each person in dossiers: the analyst, who countersigns, those who draft and sign."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from applications import checking
from applications.models import Attachment, Body, CompletionRequest, Dossier, Finding
from grants.models import Call
from grants.rules import calls_with
from web import clock, formats
from web.home import Todo
from workflows import schema

MOST = 300
COUNTERSIGNING = ("second_analyst", "manager")  # roles that a stage of countersignature may name
BEFORE_FILING = Q(
    left_at__lte=F("dossier__last_filed_at")
)  # left before the last filing: it went without them
PRESSING = gettext_lazy("Pressant")
RECEIVED = gettext_lazy("Réponses reçues")
TO_CHECK = gettext_lazy("À vérifier")
TO_COUNTERSIGN = gettext_lazy("À contresigner")
ELSEWHERE = gettext_lazy("Chez quelqu’un d’autre")
COMPLETIONS = gettext_lazy("Compléments demandés")
DRAFTS = gettext_lazy("Brouillons à terminer")
INVITED = gettext_lazy("Partenariats à confirmer")


def todos(user: Any) -> Iterable[Todo]:
    """Everything that awaits this person."""
    now = clock.now()
    yield from _departures(user, now)
    yield from _checks(user, now)
    yield from _countersigns(user, now)
    yield from _municipal(user, now)


def _open_rows(user: Any, calls: set[int], now: datetime) -> Any:
    """Closed calls' dossiers that are being checked, oldest in their stage first."""
    rows = Dossier.objects.visible_to(user).filter(
        call_id__in=calls, call__closes_at__lt=now, secret=False, state__in=["in_progress", "with_applicant"]
    )
    return rows.select_related("call", "edition__definition").order_by("stage_since", "pk")


def _note(dossier: Any) -> str:
    return f"{dossier.number}, {dossier.title}"


def _checks(user: Any, now: datetime) -> Iterable[Todo]:
    """Silence to note, answers to read, dossiers to check; what waits at the municipality is told apart."""
    calls = calls_with(user, "analyst")
    if not calls:
        return
    rows = list(_open_rows(user, calls, now).filter(Q(analyst=user) | Q(analyst__isnull=True))[:MOST])
    answered = dict(
        CompletionRequest.objects.filter(
            dossier__in=[row.pk for row in rows], answered_at__isnull=False
        ).values_list("dossier_id", "answered_at")
    )
    waiting = []
    for row in rows:
        stage = checking.present_stage(row)
        if stage.kind.code != "check":
            continue
        if row.state == "with_applicant":
            if row.due_at is not None and row.due_at < now:
                yield _silent(row)
            else:
                waiting.append(row)
        elif (at := answered.get(row.pk)) is not None and checking.asks_for_more(stage):
            yield _answered(row, at)
        else:
            yield _to_check(row, stage)
    yield from _infected(user, calls)
    if waiting:
        words = ngettext(
            "%(n)s organisme a une demande de compléments ouverte, dans son délai.",
            "%(n)s organismes ont une demande de compléments ouverte, dans leur délai.",
            len(waiting),
        )
        first = min(waiting, key=lambda one: one.due_at or now)
        yield Todo(
            group=ELSEWHERE,
            who="",
            text=words % {"n": formats.number(len(waiting))},
            url=f"{reverse('dossiers')}?etape=with_applicant",
            since=first.stage_since or now,
            due=first.due_at,
            act=_("Voir"),
            state="waitlisted",
            rank=90,
        )


def _silent(row: Any) -> Todo:
    return Todo(
        group=PRESSING,
        who=row.lead_name,
        text=_("n’a pas répondu à la demande de compléments."),
        url=reverse("completeness", args=[row.pk]),
        since=row.due_at,
        due=row.due_at,
        note=_note(row),
        act=_("Constater"),
        state="warn",
        rank=15,
    )


def _answered(row: Any, at: datetime) -> Todo:
    return Todo(
        group=RECEIVED,
        who=row.lead_name,
        text=_("a répondu à la demande de compléments."),
        url=reverse("completeness", args=[row.pk]),
        since=at,
        due=row.due_at,
        note=_note(row),
        act=_("Voir les différences"),
        state="now",
        rank=25,
    )


def _to_check(row: Any, stage: Any) -> Todo:
    page = "eligibility" if checking.judges_rules(stage) else "completeness"
    words = _("%(stage)s à vérifier.") % {"stage": formats.tr(stage.labels.staff)}
    if row.mandate_unconfirmed:
        words = _("%(stage)s à vérifier; le mandat reste à confirmer.") % {
            "stage": formats.tr(stage.labels.staff)
        }
    return Todo(
        group=TO_CHECK,
        who=row.lead_name,
        text=words,
        url=reverse(page, args=[row.pk]),
        since=row.stage_since or row.sort_at,
        due=row.due_at,
        note=_note(row),
        act=_("Vérifier"),
        state="in_progress",
        rank=40,
    )


def _infected(user: Any, calls: set[int]) -> Iterable[Todo]:
    """Files withheld where the stage no longer asks: a person decides."""
    rows = Attachment.objects.filter(
        scan=checking.INFECTED,
        removed_at__isnull=True,
        dossier__in=Dossier.objects.visible_to(user).filter(call_id__in=calls, state="in_progress"),
    ).select_related("dossier")
    for row in rows[:MOST]:
        yield Todo(
            group=PRESSING,
            who=row.dossier.lead_name,
            text=_("a joint un fichier qui porte un logiciel malveillant; il est retenu."),
            url=reverse("dossier_files", args=[row.dossier_id]),
            since=row.uploaded_at,
            note=f"{row.dossier.number}, {row.name}",
            act=_("Voir"),
            state="warn",
            rank=15,
        )


def _departures(user: Any, now: datetime) -> Iterable[Todo]:
    """Partners that left: the analyst concludes; the manager, once an award is made."""
    analysed, managed = calls_with(user, "analyst"), calls_with(user, "manager")
    if not (analysed or managed):
        return
    going = Q(call_id__in=analysed, state__in=["in_progress", "waitlisted"], snapshot__findings__isnull=False)
    mine = Dossier.objects.visible_to(user).filter(
        going | Q(call_id__in=managed, state="accepted"), call__closes_at__lt=now
    )
    rows = Body.objects.filter(
        dossier__in=mine.values("pk"), left_at__isnull=False, weighed_at__isnull=True
    ).exclude(BEFORE_FILING)
    for row in rows.select_related("dossier", "organisation").order_by("left_at", "pk")[:MOST]:
        yield Todo(
            group=PRESSING,
            who=row.organisation.name,
            text=_("se retire d’un projet conjoint : dites ce que ce départ change."),
            url=reverse("dossier_partners", args=[row.dossier_id]),
            since=row.left_at or now,
            note=_note(row.dossier),
            act=_("Conclure"),
            state="warn",
            rank=14,
        )


def _countersigns(user: Any, now: datetime) -> Iterable[Todo]:
    """Refusals that another person proposed."""
    held = {role: calls_with(user, role) for role in COUNTERSIGNING}
    calls = set().union(*held.values())
    if not calls:
        return
    theirs = Q()
    for call, body in Call.objects.filter(pk__in=calls).values_list("pk", "edition__definition__body"):
        for stage in schema.parse(body).stages.values() if body else ():
            if stage.kind.code == "countersign" and call in held.get(stage.actor, ()):
                theirs |= Q(call_id=call, stage=stage.code)
    if not theirs.children:
        return
    for row in _open_rows(user, calls, now).filter(theirs, state="in_progress")[:MOST]:
        yield Todo(
            group=TO_COUNTERSIGN,
            who=row.lead_name,
            text=_("un refus est proposé."),
            url=reverse("countersign", args=[row.pk]),
            since=row.stage_since or row.sort_at,
            note=_note(row),
            act=_("Lire"),
            state="now",
            rank=20,
        )


def _municipal(user: Any, now: datetime) -> Iterable[Todo]:
    """Requests to answer, drafts nearest closing first."""
    rows = (
        Dossier.objects.all()
        .applicant_side(user)
        .filter(
            Q(state="with_applicant") | Q(state="draft", call__closes_at__gt=now, call__state="published")
        )
        .select_related("call")
        .order_by("due_at", "call__closes_at", "pk")
    )
    found = list(rows[:MOST])
    invited = _parts(user, found)
    for row in found:
        if row.pk in invited:
            if invited[row.pk] == "pending" and row.state == "draft":
                yield _invited(row)
            continue
        asked = row.state == "with_applicant"
        yield Todo(
            group=COMPLETIONS if asked else DRAFTS,
            who=row.title or formats.tr(row.call.title),
            text=_("le ministère demande des compléments.")
            if asked
            else _("demande commencée, pas encore déposée."),
            url=reverse("dossier", args=[row.pk]),
            since=row.sort_at,
            due=row.due_at if asked else row.call.closes_at,
            note=", ".join(part for part in (row.number, row.lead_name, formats.tr(row.call.title)) if part),
            act=_("Répondre") if asked else _("Reprendre"),
            state="now" if asked else "draft",
            rank=10 if asked else 30,
        )


def _parts(user: Any, rows: list[Any]) -> dict[int, str]:
    """Dossiers in which this person's body is a partner, not the lead, with its answer."""
    if not rows:
        return {}
    mine = Body.objects.filter(
        dossier__in=[row.pk for row in rows],
        organisation__memberships__user=user,
        organisation__memberships__status__in=["claimed", "confirmed"],
    )
    told = list(mine.values_list("dossier_id", "role", "confirmation"))
    leads = {dossier for dossier, role, _answer in told if role == "lead"}
    return {dossier: answer for dossier, role, answer in told if role == "partner" and dossier not in leads}


def _invited(row: Any) -> Todo:
    return Todo(
        group=INVITED,
        who=row.lead_name,
        text=_("vous invite comme partenaire : confirmez ou refusez votre participation."),
        url=reverse("dossier_partners", args=[row.pk]),
        since=row.sort_at,
        due=row.call.closes_at,
        note=", ".join(part for part in (row.title, formats.tr(row.call.title)) if part),
        act=_("Répondre"),
        state="now",
        rank=12,
    )


# --- figures and obstacles ------------------------------------------------------------------------------
def provisional_obstacles(lines: Iterable[Any]) -> list[str]:
    """A rule confirmed for now stops the signature of a line until the final resolution is received."""
    rows = Finding.objects.filter(
        confirmed="provisional",
        snapshot__dossier__in=[line.dossier_id for line in lines],
        snapshot=F("snapshot__dossier__snapshot"),
    )
    said = _(
        "%(number)s\u00a0: la résolution finale n’est pas reçue (%(rule)s est confirmée à titre provisoire)."
    )
    found = rows.order_by("snapshot__dossier__number", "rule").values_list(
        "snapshot__dossier__number", "rule"
    )
    return [said % {"number": number, "rule": rule} for number, rule in found]


def departure_obstacles(lines: Iterable[Any]) -> list[str]:
    """A partner that left stops the signature of a line: nothing is concluded yet, or less aid was kept."""
    told = {line.dossier_id: line for line in lines}
    rows = Body.objects.filter(dossier__in=list(told), left_at__isnull=False).exclude(BEFORE_FILING)
    found = []
    for one in rows.select_related("dossier", "organisation").order_by("dossier__number", "position"):
        named = {"number": one.dossier.number, "name": one.organisation.name}
        most = one.dossier.confirmed_aid
        if one.weighed_at is None:
            words = _("%(number)s : le départ de %(name)s attend la conclusion de l’analyste.")
            found.append(words % named)
        elif one.weighed_as == "ineligible" and not one.dossier.secret:
            words = _("%(number)s : depuis le départ de %(name)s, l’admissibilité est à juger de nouveau.")
            found.append(words % named)
        elif most is not None and told[one.dossier_id].amount > most:
            words = _("%(number)s : depuis le départ de %(name)s, l’aide maintenue est de %(aid)s.")
            found.append(words % {**named, "aid": formats.money(most)})
    return found
