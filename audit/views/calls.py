"""The auditor's pages of a call and of a dossier as of a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit import reading, rules
from audit.reading import Hand
from audit.views.frame import STATES, outcome_of, read, sign_of, stage_of
from grants.models import Decision, DecisionLine
from review.models import Assignment
from web import clock
from web.lists import State
from workflows import schema

DECISION_SIGNS = {"draft": "draft", "proposed": "waitlisted", "returned": "warn", "signed": "now"}


@require_safe
def overview(request: HttpRequest, code: str) -> HttpResponse:
    """States, decisions and roles as they stood; the head of the register; the export."""
    reader = read(request, code)
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
            (one, told, _decision_sign(one, told, reader.at))
            for one, told in reading.decisions_at(reader.call, reader.at)
        ],
        roles=reading.roles_at(reader.call, reader.at, is_now=reader.day is None),
        against=rules.against_export(reader.call, request.user),
    )
    return render(request, "audit/call.html", context)


def _decision_sign(decision: Decision, told: dict[str, Any], at: datetime) -> State:
    """The state of a decision as it stood, in the words of its own page."""
    labels = {
        "draft": _("En préparation"),
        "proposed": _("Proposée à l’autorité"),
        "returned": _("Renvoyée"),
        "signed": _("Signée, à libérer"),
        "released": _("Libérée, sous embargo"),
    }
    code = told.get("state", "draft")
    label = labels.get(code, code)
    if code == "released" and decision.letters_at <= at:
        label = _("Publiée") if decision.publish_at <= at else _("Lettres parties")
    return State(DECISION_SIGNS.get(code, "accepted"), label)


@require_safe
def dossier(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One dossier as it stood: state, version in force, people, decision, and its history until then."""
    reader = read(request, code)
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
        sign=sign_of(then),
        stage=stage_of(reader.call, then),
        outcome=outcome_of(process, then),
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
        sign = _decision_sign(row.decision, standing, at)
        made.append({"line": row, "sign": sign, "voided": voided, "same": same})
    return made
