"""The outbox: what was written, what waits to be released, what left, what is in trouble; batches live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import Count, Min, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from applications.models import Dossier
from applications.taking import record_taken
from grants.models import Call
from grants.rules import calls_with, holds_anywhere, on_calls
from notifications import actions, progress, restored
from notifications.certificate import cause_words
from notifications.forms import ApplicantsForm
from notifications.models import Batch, Message
from notifications.models.message import MessageState, Mode
from notifications.rules import may_run_outbox
from web import clock, tables
from web.http import whole
from web.lists import Choice, Column, Filter, State
from workflows import providers
from workflows.engine import Refused

STATES = {
    MessageState.HELD: ("warn", gettext_lazy("À libérer")),
    MessageState.WAITING: ("waitlisted", gettext_lazy("En attente d’envoi")),
    MessageState.SENDING: ("now", gettext_lazy("Envoi en cours")),
    MessageState.SENT: ("ok", gettext_lazy("Envoyé")),
    MessageState.UNCERTAIN: ("warn", gettext_lazy("Incertain")),
    MessageState.PARKED: ("ko", gettext_lazy("En panne")),
    MessageState.CANCELLED: ("withdrawn", gettext_lazy("Annulé")),
}


LETTERS = Q(kind__startswith="decision_")
NATURES = {
    "lettres": (gettext_lazy("Lettres de décision"), LETTERS),
    "autres": (gettext_lazy("Autres messages"), ~LETTERS),
}


def _of_natures(values: Sequence[str]) -> Q:
    wanted = Q(pk__in=[])
    for value in values:
        wanted |= NATURES[value][1]
    return wanted


def visible(user: Any) -> QuerySet[Message]:
    """Messages of the calls whose outbox this person reads; never those of a dossier he or she is shut out of."""
    rows = Message.objects.filter(on_calls(user, "manager", "secretary", "auditor")).exclude(mode=Mode.SECRET)
    shut = Dossier.objects.filter(providers.denied("applications.Dossier", user))
    seen = Q(dossier__in=Dossier.objects.visible_to(user)) & ~Q(dossier__in=shut)
    return rows.filter(Q(dossier__isnull=True) | seen)


def state_of(message: Message) -> State:
    """The state of a message as the look shows it."""
    sign, label = STATES[MessageState(message.state)]
    return State(sign, label)


def columns() -> list[Column]:
    """The columns of the outbox."""
    return [
        Column("subject", _("Objet"), lambda m: m.subject, head=True, cut=True, href=_href, typed=True),
        Column("to", _("À"), lambda m: m.to_email, sort="to_email"),
        Column("state", _("État"), state_of, kind="state", sort="state"),
        Column("due", _("Part le"), lambda m: m.sent_at or m.due_at, kind="datetime", sort="due_at"),
        Column("dossier", _("Dossier"), lambda m: m.dossier.number if m.dossier else "", href=_dossier),
    ]


def _href(message: Message) -> str:
    return reverse("message", args=[message.pk])


def _dossier(message: Message) -> str:
    return reverse("dossier", args=[message.dossier_id]) if message.dossier_id else ""


def filters(user: Any) -> list[Filter]:
    """Narrow by state and by call."""
    return [
        Filter(
            "etat",
            _("État"),
            [Choice(state.value, label) for state, (_sign, label) in STATES.items()],
            lambda rows, values: rows.filter(state__in=values),
        ),
        Filter(
            "nature",
            _("Nature"),
            [Choice(key, label) for key, (label, _kinds) in NATURES.items()],
            lambda rows, values: rows.filter(_of_natures(values)),
        ),
        Filter(
            "appel", _("Appel"), lambda: _calls(user), lambda rows, values: rows.filter(call__code__in=values)
        ),
    ]


def _calls(user: Any) -> Sequence[Choice]:
    found = Call.objects.filter(pk__in=calls_with(user, "manager", "secretary", "auditor")).order_by("code")
    return [Choice(call.code, call.title) for call in found]


DEFINITIONS = {
    "subject": gettext_lazy("Objet du message."),
    "to": gettext_lazy("Adresse à laquelle il est écrit."),
    "state": gettext_lazy("Où en est le message, de sa libération à son envoi."),
    "due": gettext_lazy("Instant de l’envoi, sinon celui où il est attendu."),
    "dossier": gettext_lazy("Dossier dont parle le message."),
}


def outbox_table(user: Any, part: str) -> tables.Table:
    """Every message of one's calls."""
    if not holds_anywhere(user, "manager", "secretary", "auditor"):
        raise Http404
    rows = visible(user).select_related("dossier")
    return tables.Table(rows, columns(), "-due", filters(user), record=record_taken)


def batch_table(user: Any, part: str) -> tables.Table:
    """The messages of a batch."""
    found = get_object_or_404(Batch.objects.select_related("call"), pk=whole(part) or 0)
    rows = visible(user).filter(batch=found)
    counts = batch_rows(rows)
    if not counts or found.call is None:
        raise Http404
    shown = rows.select_related("dossier")
    return tables.Table(
        shown, columns(), "due", filters(user)[:1], record=record_taken, found=(found, counts[0])
    )


def outbox(request: HttpRequest) -> HttpResponse:
    """Every message of my calls, and the batches with their progress."""
    page = tables.draw(request, tables.build(request.user, "envois"))
    batches = batch_rows(visible(request.user))
    context = {"list": page, "batches": batches, "noun": _("messages"), "title": _("Envois")}
    context["may_chase"] = holds_anywhere(request.user, "manager", "secretary")
    return render(request, "notifications/outbox.html", context)


def batch_rows(rows: QuerySet[Message]) -> list[dict[str, Any]]:
    """Batches with their counts by state, newest first: one statement."""
    now = clock.now()
    counted = (
        rows.filter(batch__isnull=False)
        .order_by()
        .values(
            "batch_id", "batch__key", "batch__kind", "batch__stopped_at", "batch__created_at", "call__title"
        )
        .annotate(
            total=Count("pk"),
            sent=Count("pk", filter=Q(state=MessageState.SENT)),
            held=Count("pk", filter=Q(state=MessageState.HELD)),
            trouble=Count("pk", filter=Q(state__in=[MessageState.PARKED, MessageState.UNCERTAIN])),
            parked=Count("pk", filter=Q(state=MessageState.PARKED)),
            restored=Count("pk", filter=restored.UNSURE),
            left=Count("pk", filter=Q(state__in=[MessageState.WAITING, MessageState.SENDING])),
            due=Count("pk", filter=Q(state=MessageState.WAITING, due_at__lte=now)),
            next=Min("due_at", filter=Q(state=MessageState.WAITING)),
            lately=Count("pk", filter=Q(sent_at__gte=now - progress.LATELY)),
            since=Min("sent_at", filter=Q(sent_at__gte=now - progress.LATELY)),
            cancelled=Count("pk", filter=Q(state=MessageState.CANCELLED)),
        )
        .order_by("-batch__created_at")[:12]
    )
    return [dict(row) for row in counted]


def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message, as its reader receives it."""
    found = get_object_or_404(
        visible(request.user).select_related("call", "dossier", "batch", "released_by"), pk=pk
    )
    context = {
        "message": found,
        "state": state_of(found),
        "documents": [(one, cause_words(one.error)) for one in found.documents.all()],
        "others": together(found).exclude(pk=found.pk).values_list("to_email", flat=True),
        "may_run": found.call is not None and may_run_outbox(request.user, found.call),
        "may_release": found.state == MessageState.HELD and not found.kind.startswith("decision_"),
        "may_retry": found.state in actions.RETRIED,
        "may_settle": found.state == MessageState.UNCERTAIN,
        "why": progress.why(found.state, found.error),
    }
    return render(request, "notifications/message.html", context)


def together(found: Message) -> QuerySet[Message]:
    """The message and the same one to its other readers, still held: one letter is released once."""
    same = Q(pk=found.pk)
    if found.event_id is not None:
        same |= Q(
            event_id=found.event_id, kind=found.kind, dossier_id=found.dossier_id, state=MessageState.HELD
        )
    return Message.objects.filter(same)


@require_POST
def message_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Release or retry one message."""
    found = get_object_or_404(visible(request.user), pk=pk)
    if found.call is None or not may_run_outbox(request.user, found.call):
        raise Http404
    try:
        if act == "liberer":
            actions.release(together(found), actor=request.user)
            messages.success(request, _("Le message est libéré : il part dans la minute."))
        elif act == "reprendre":
            actions.retry(found, actor=request.user)
            messages.success(request, _("Le message est repris : il part dans la minute."))
        elif act == "parti":
            restored.had_left(Message.objects.filter(pk=found.pk), found, actor=request.user)
            messages.success(request, _("Le message est noté comme parti : il ne part pas de nouveau."))
        else:
            raise Http404
    except Refused as refused:
        messages.error(request, " ".join(refused.reasons))
    return redirect("message", pk=pk)


def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """One batch: how far it is, and its items."""
    table = tables.build(request.user, "envoi", str(pk))
    found, counts = table.found
    drawing = progress.drawing(found)
    page = tables.draw(request, table)
    context = {
        "batch": found,
        "counts": counts,
        "figures": _batch_figures(counts),
        "drawing": drawing,
        "pace": progress.pace(counts, found, drawing),
        "troubles": progress.troubles(table.rows),
        "list": page,
        "noun": _("messages"),
        "may_run": may_run_outbox(request.user, found.call),
        "is_decision": found.kind == "letters",
        "title": _("Un envoi et ses messages"),
    }
    return render(request, "notifications/batch.html", context)


def _batch_figures(counts: dict[str, Any]) -> list[dict[str, Any]]:
    """How far a batch is; each number opens its messages."""
    told = [
        (_("En tout"), "total", "?"),
        (_("Envoyés"), "sent", "?etat=sent"),
        (_("À libérer"), "held", "?etat=held"),
        (_("En panne ou incertains"), "trouble", "?etat=parked&etat=uncertain"),
        (_("Annulés"), "cancelled", "?etat=cancelled"),
    ]
    return [{"label": label, "value": counts[key], "href": href} for label, key, href in told]


@require_POST
def batch_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Release, stop or go on with a batch."""
    found = get_object_or_404(Batch.objects.select_related("call"), pk=pk)
    mine = visible(request.user).filter(batch=found)
    if found.call is None or not may_run_outbox(request.user, found.call) or not mine.exists():
        raise Http404
    try:
        if act == "liberer":
            actions.release(Message.objects.filter(batch=found), actor=request.user)
            messages.success(request, _("L’envoi est libéré."))
        elif act == "arreter":
            actions.stop(found, actor=request.user)
            messages.success(request, _("L’envoi est arrêté : ce qui n’est pas parti attend."))
        elif act == "poursuivre":
            actions.go_on(found, actor=request.user)
            messages.success(request, _("L’envoi se poursuit."))
        elif act == "reprendre":
            count = actions.retry_failed(found, actor=request.user)
            messages.success(request, _("Ce qui était en panne est repris : %(n)s.") % {"n": count})
        elif act == "partis":
            count = restored.had_left(
                Message.objects.filter(restored.UNSURE, batch=found), found, actor=request.user
            )
            messages.success(request, _("Messages notés comme partis : %(n)s.") % {"n": count})
        elif act == "renvoyer":
            count = restored.send_again(found, actor=request.user)
            messages.success(request, _("Messages renvoyés : %(n)s.") % {"n": count})
        else:
            raise Http404
    except Refused as refused:
        messages.error(request, " ".join(refused.reasons))
    return redirect("batch", pk=pk)


def write_to_applicants(request: HttpRequest, code: str) -> HttpResponse:
    """The manager writes to all applicants of a call; the messages wait in the outbox."""
    call = get_object_or_404(Call.objects.filter(pk__in=calls_with(request.user, "manager")), code=code)
    form = ApplicantsForm(request.POST or None, initial={"key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.write_to_applicants(
                call, data["subject"], data["body"], data["key"], actor=request.user
            )
        except Refused as refused:
            form.add_error(None, " ".join(refused.reasons))
        else:
            messages.success(request, _("Le message est écrit : lisez-le, puis libérez-le."))
            if made.total:
                return redirect("batch", pk=made.pk)
            return redirect("outbox")
    return render(
        request,
        "notifications/to_applicants.html",
        {"form": form, "call": call},
        status=422 if form.errors else 200,
    )
