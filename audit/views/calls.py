"""The auditor's pages: a call and its dossiers as of a day, and the export of a call whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from applications.panels import Tab
from applications.standing import WORDS
from audit import actions, package, reading, rules
from audit.forms import DAY, DayForm, end_of
from audit.reading import Hand, Then
from grants.models import Call, DecisionLine
from review.models import Assignment
from web import clock, formats
from web.formats import tr
from web.http import see_other
from web.lists import Choice, Column, Filter, State, build_list
from workflows import schema
from workflows.engine import Refused

STATES = {"in_progress": gettext_lazy("En traitement"), **WORDS}
DECISION_SIGNS = {"draft": "draft", "proposed": "waitlisted", "returned": "warn", "signed": "now"}


@dataclass
class Reader:
    """An auditor in front of a call, as of a day or now."""

    request: HttpRequest
    call: Call
    form: DayForm
    day: date | None
    at: datetime

    @property
    def query(self) -> str:
        """What keeps the day in an address."""
        return f"?{DAY}={self.day.isoformat()}" if self.day else ""

    def context(self, current: str, here: str, **more: Any) -> dict[str, Any]:
        """What every page of a call shows."""
        return {
            "reader": self,
            "call": self.call,
            "form": self.form,
            "day": self.day,
            "query": self.query,
            "tabs": [
                self._tab("audit_call", _("L’appel"), current),
                self._tab("audit_dossiers", _("Dossiers"), current),
            ],
            "here": here,
            **more,
        }

    def _tab(self, name: str, label: str, current: str) -> Tab:
        href = reverse(name, args=[self.call.code]) + self.query
        return Tab(name, label, href, "", name == current)


def _reader(request: HttpRequest, code: str) -> Reader:
    """The call, for its auditors alone; a day that cannot be read is said, and the page is of now."""
    rows = rules.audited_by(request.user).select_related("programme", "edition__definition")
    call = get_object_or_404(rows, code=code)
    form = DayForm(request.GET if DAY in request.GET else None, today=clock.today())
    day = form.cleaned_data[DAY] if form.is_bound and form.is_valid() else None
    if not form.is_bound:
        form = DayForm({}, today=clock.today())
    return Reader(request, call, form, day, end_of(day) if day else clock.now())


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The calls this person audits."""
    if not rules.is_auditor_anywhere(request.user):
        raise Http404
    page = build_list(
        request,
        rules.audited_by(request.user),
        [
            Column("code", _("Appel"), lambda one: one.code, head=True, href=_href, sort="code"),
            Column("title", _("Titre"), lambda one: tr(one.title)),
            Column("closes", _("Clôture"), lambda one: one.closes_at, kind="datetime", sort="closes_at"),
        ],
        default_sort="-closes",
    )
    return render(
        request, "audit/index.html", {"list": page, "title": _("Vérification"), "noun": _("appels")}
    )


def _href(call: Call) -> str:
    return reverse("audit_call", args=[call.code])


@require_safe
def overview(request: HttpRequest, code: str) -> HttpResponse:
    """States, decisions and roles as they stood; the head of the register; the export."""
    reader = _reader(request, code)
    rows = reading.dossiers_at(request.user, reader.call, reader.at)
    counts = rows.order_by().values("state_then").annotate(n=Count("pk")).order_by("state_then")
    events, head = reading.head_at(reader.call.code, reader.at)
    context = reader.context(
        "audit_call",
        _("L’appel"),
        figures=[(one["state_then"], STATES[one["state_then"]], one["n"]) for one in counts],
        events=events,
        head=head,
        decisions=[
            (one, told, _decision_sign(told)) for one, told in reading.decisions_at(reader.call, reader.at)
        ],
        roles=reading.roles_at(reader.call, reader.at, is_now=reader.day is None),
        against=rules.against_export(reader.call, request.user),
    )
    return render(request, "audit/call.html", context)


def _decision_sign(told: dict[str, Any]) -> State:
    labels = {
        "draft": _("En préparation"),
        "proposed": _("Proposée à l’autorité"),
        "returned": _("Renvoyée"),
        "signed": _("Signée"),
        "released": _("Libérée"),
    }
    code = told.get("state", "draft")
    return State(DECISION_SIGNS.get(code, "accepted"), labels.get(code, code))


@require_safe
def dossiers(request: HttpRequest, code: str) -> HttpResponse:
    """Dossiers filed by then, each in the state it had."""
    reader = _reader(request, code)
    rows = reading.dossiers_at(request.user, reader.call, reader.at)
    told: dict[int, Then] = {}

    def then(row: Any) -> Then:
        if row.pk not in told:
            told[row.pk] = reading.then(row)
        return told[row.pk]

    def href(row: Any) -> str:
        return reverse("audit_dossier", args=[code, row.pk]) + reader.query

    page = build_list(
        request,
        rows,
        [
            Column("number", _("Dossier"), lambda row: row.number, head=True, href=href, sort="number"),
            Column("lead", _("Organisme"), lambda row: row.lead_name, sort="lead_sort"),
            Column("state", _("État d’alors"), lambda row: _sign(then(row)), kind="state"),
            Column("stage", _("Étape d’alors"), lambda row: _stage(reader.call, then(row))),
            Column("since", _("Depuis"), lambda row: then(row).since, kind="datetime"),
            Column("version", _("Version"), lambda row: then(row).snapshot.get("version"), kind="int"),
        ],
        [_state_filter(), *_day_filter(reader.day)],
        default_sort="number",
    )
    context = reader.context(
        "audit_dossiers",
        _("Dossiers"),
        list=page,
        title=_("Dossiers tels qu’ils étaient"),
        noun=_("dossiers"),
        empty_title=_("Aucun dossier n’était déposé"),
        empty_text=_(
            "Les dossiers paraissent ici dès leur dépôt, dans l’état qu’ils avaient à la date choisie."
        ),
    )
    return render(request, "audit/dossiers.html", context)


def _state_filter() -> Filter:
    def choices() -> list[Choice]:
        return [Choice(code, label) for code, label in STATES.items() if code != "draft"]

    return Filter("etat", _("État d’alors"), choices, lambda rows, codes: rows.filter(state_then__in=codes))


def _day_filter(day: date | None) -> Iterable[Filter]:
    """The day stays in the addresses of the list as a filter of its own."""
    if day is not None:
        only = [Choice(day.isoformat(), formats.date_long(day))]
        yield Filter(DAY, _("Lu au"), only, lambda rows, _taken: rows)


def _sign(then: Then) -> State:
    return State(then.state, STATES.get(then.state, then.state))


def _stage(call: Call, then: Then) -> str:
    """The stage in the words of the process; nothing once the dossier ended."""
    if call.edition is None or not then.stage or then.state not in ("in_progress", "with_applicant"):
        return ""
    found = schema.parse(call.edition.definition.body).stages.get(then.stage)
    return tr(found.labels.staff) if found is not None else then.stage


@require_safe
def dossier(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One dossier as it stood: state, version in force, people, decision, and its history until then."""
    reader = _reader(request, code)
    found = get_object_or_404(
        reading.of_call(request.user, reader.call).select_related("edition__definition"), pk=pk
    )
    given = {row.pk: row for row in Assignment.objects.filter(dossier_id=pk)}
    lines = list(DecisionLine.objects.filter(dossier_id=pk).select_related("decision").order_by("pk"))
    events = reading.story(found, given, {row.decision_id for row in lines}, reader.at)
    subjects = reading.fold(one.line for one in events).subjects
    told = subjects.get(f"{reading.DOSSIER}:{pk}", {})
    if told.get("state", "draft") == "draft":
        raise Http404
    then = reading.then_of(told)
    hands = reading.hands_at(found, given, events, reader.at)
    past = [one for one in reversed(events) if one.subject_type == reading.DOSSIER]
    names = reading.people_names([*(one[0] for one in hands), *(one.actor for one in past)])
    process = schema.parse(found.edition.definition.body)
    context = reader.context(
        "audit_dossiers",
        found.number,
        dossier=found,
        then=then,
        sign=_sign(then),
        stage=_stage(reader.call, then),
        aid=told.get("confirmed_aid"),
        snapshot=reading.snapshot_then(found, then),
        is_open=clock.now() > reader.call.closes_at,
        hands=[
            Hand(names.get(who, who), what, reading.instant(since), state)
            for who, what, since, state in hands
        ],
        lines=_lines(lines, subjects, reader.at),
        past=[(one, reading.act_words(one, process), names.get(one.actor, one.actor)) for one in past],
    )
    return render(request, "audit/dossier.html", context)


def _lines(lines: Iterable[DecisionLine], told: Mapping[str, Any], at: datetime) -> list[dict[str, Any]]:
    """Lines of decisions about the dossier that existed then, each with the standing of its decision."""
    made = []
    for row in lines:
        standing = told.get(f"grants.decision:{row.decision_id}")
        if standing is None:
            continue
        voided = row.pk in standing.get("voided", []) or (row.voided_at is not None and row.voided_at <= at)
        # The text is kept as it was last proposed: what an earlier proposal said is known by its digest alone.
        same = not standing.get("digest") or standing["digest"] == row.decision.digest
        made.append({"line": row, "sign": _decision_sign(standing), "voided": voided, "same": same})
    return made


@require_POST
def export(request: HttpRequest, code: str) -> HttpResponseBase:
    """The call whole, as one zip written while it is sent; an event of the chain says who took it."""
    reader = _reader(request, code)
    try:
        made = actions.export(reader.call, actor=request.user)
    except Refused as refused:
        messages.error(request, " ".join(refused.reasons))
        return see_other("audit_call", code)
    at = clock.now()
    told = {
        "format": 1,
        "call": reader.call.code,
        "made_at": reading.written(at),
        "by": f"user:{request.user.pk}",
        "chain": {"events": made.events, "head": made.head},
    }
    answer = StreamingHttpResponse(package.stream(made.entries(), told, at), content_type="application/zip")
    name = f"{reader.call.code}-{formats.local(at):%Y-%m-%d}.zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
