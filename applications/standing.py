"""Where a dossier stands, in words: its sign, its life past and to come. Reads the readable columns only.

Every row given here comes from `with_readable_outcome(user, now)`: `readable_state`, `readable_stage` and
`readable_outcome`; the stored state, stage and outcome are never shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.lifecycle import process_of
from applications.querysets import HIDDEN
from grants.models import DecisionLine
from web import clock, formats
from web.lists import State
from workflows.schema import Face, Process, Stage

if TYPE_CHECKING:
    from workflows.vocabulary import Row

ENDS = frozenset({"accepted", "rejected", "withdrawn", "waitlisted"})
WORDS: Mapping[str, Any] = {
    "draft": gettext_lazy("Brouillon"),
    "with_applicant": gettext_lazy("Compléments demandés"),
    "waitlisted": gettext_lazy("Liste d’attente"),
    "accepted": gettext_lazy("Accepté"),
    "rejected": gettext_lazy("Non retenu"),
    "withdrawn": gettext_lazy("Désisté"),
}
# Fields of the call that date the end of a stage, by kind of stage.
DATED = {
    "intake": "closes_at",
    "check": "eligibility_until",
    "countersign": "eligibility_until",
    "review": "review_until",
    "panel": "panel_on",
    "decision": "decision_on",
}


@dataclass(frozen=True)
class Step:
    """A step of the life of a dossier: done, now or next, and when."""

    label: Any
    state: str
    when: str = ""
    iso: str = ""


@dataclass(frozen=True)
class Line:
    """A line of a timeline, past (a sign) or to come (`next`)."""

    at: datetime | date
    text: str
    who: str = ""  # with the hour, beside a day
    state: str = ""
    href: str = ""
    words: str = ""
    person: str = ""
    rule: str = ""


def stage_of(dossier: Any) -> Stage | None:
    """The readable stage; nothing for a draft, or while it is a secret."""
    return process_of(dossier).stages.get(dossier.readable_stage)


def stage_label(process: Process, stage: str, face: Face) -> Any:
    """The words of a readable stage; a neutral one has those that applicants read."""
    found = process.stages.get(stage)
    return found.labels.of(face) if found is not None else neutral_label(process)


def neutral_label(process: Process) -> Any:
    """What everybody reads from the first panel stage on, until the outcome is readable."""
    for stage in process.stages.values():
        if stage.code in process.secret:
            return stage.labels.applicant
    return _("En évaluation")


def sign_of(dossier: Any, face: Face) -> State:
    """The sign and the word of a row: its state when that says it, else its stage."""
    state = str(dossier.readable_state)
    if state == "in_progress":
        return State("in_progress", stage_label(process_of(dossier), dossier.readable_stage, face))
    return State(state, WORDS.get(state, state))


def outcome_label(dossier: Any, face: Face) -> Any:
    """The words of the readable outcome, nothing while there is none."""
    stage = stage_of(dossier)
    if stage is None or not dossier.readable_outcome or dossier.readable_state == "withdrawn":
        return ""
    found = [one for one in stage.outcomes if one.code == dossier.readable_outcome]
    return found[0].labels.of(face) if found else ""


def entries(rows: Iterable[Row]) -> dict[str, datetime]:
    """When each stage was entered for the last time, from the events that a person may read."""
    found: dict[str, datetime] = {}
    for row in sorted(rows, key=lambda one: one.event.pk):
        to = row.event.data.get("to_stage")
        if isinstance(to, str):
            found[to] = row.at
        elif row.verb.endswith(".submit"):
            found.setdefault("", row.at)
    return found


def life(dossier: Any, face: Face, rows: Iterable[Row], now: datetime) -> list[Step]:
    """The steps of a dossier: those behind with their day, the present one, those to come with theirs."""
    process, entered = process_of(dossier), entries(rows)
    is_hidden = dossier.readable_stage == HIDDEN
    secret = [code for code in process.stages if code in process.secret]
    present = secret[0] if is_hidden and secret else dossier.readable_stage or process.start
    codes = [code for code in process.stages if code == present or _is_main(process, code)]
    if is_hidden or (face == "applicant" and dossier.readable_state not in ENDS):
        codes = [code for code in codes if code not in secret[1:] or code == present]
    is_over = dossier.readable_state in ENDS
    codes = _walked(process, codes, present, entered)
    place = codes.index(present) if present in codes else 0
    is_refusal = (
        face == "staff"
        and not is_over
        and present in process.stages
        and process.stages[present].kind.code == "countersign"
    )
    if is_refusal:  # what would follow an acceptance is not on the way
        codes = codes[: place + 1]
    steps: list[Step] = []
    for index, code in enumerate(codes):
        stage = process.stages[code]
        words = stage.labels.applicant if is_hidden and code == present else stage.labels.of(face)
        if index < place or (is_over and index == place):
            after = entered.get(codes[index + 1]) if index + 1 < len(codes) else None
            steps.append(_dated(words, "done", after))
        elif index == place:
            steps.append(_present(dossier, stage, words, now))
        elif not is_over:
            steps.append(_dated(words, "next", _planned(dossier, stage)))
    steps = _merged(steps)
    if is_over:
        steps.append(Step(outcome_label(dossier, face) or WORDS[dossier.readable_state], "now"))
    elif is_refusal:
        steps.append(Step(_("Lettre de refus"), "next"))
    else:
        if face == "applicant" or is_hidden:
            steps.append(_dated(_("Décision"), "next", dossier.call.decision_on))
        steps.append(_dated(_("Lettre"), "next", announced(dossier)[0]))
    return _ahead(steps, dossier, now)


def _ahead(steps: list[Step], dossier: Any, now: datetime) -> list[Step]:
    """Steps to come without the planned days that are over, or that the delay given to the applicant passes."""
    waits = dossier.due_at if dossier.readable_state == "with_applicant" else None
    first = formats.local(max(now, waits) if waits else now).date().isoformat()
    return [
        replace(one, when="", iso="") if one.state == "next" and one.iso and one.iso < first else one
        for one in steps
    ]


def announced(dossier: Any) -> tuple[datetime, datetime]:
    """Letters and public list: the instants of the decision for those who know it, else the calendar's.

    One statement, for a dossier in a secret stage that its reader may read; read once.
    """
    call = dossier.call
    planned = (call.letters_at, call.publish_at)
    if not dossier.secret or dossier.readable_stage == HIDDEN:
        return planned
    if not hasattr(dossier, "_announced"):
        lines = DecisionLine.objects.filter(
            dossier_id=dossier.pk, voided_at__isnull=True, decision__released_at__isnull=False
        )
        found = lines.order_by("-decision_id").values_list("decision__letters_at", "decision__publish_at")
        dossier._announced = found.first() or planned
    return cast("tuple[datetime, datetime]", dossier._announced)


def _walked(process: Process, codes: list[str], present: str, entered: Mapping[str, datetime]) -> list[str]:
    """A stage before the present one that the dossier never entered was not on its way."""
    place = codes.index(present) if present in codes else 0
    return [
        code
        for index, code in enumerate(codes)
        if index >= place or code == process.start or code in entered or code in process.secret
    ]


def _is_main(process: Process, code: str) -> bool:
    """A refusal's own stage is a side road: shown only when the dossier is on it."""
    return process.stages[code].kind.code not in ("countersign", "appeal")


def _present(dossier: Any, stage: Stage, label: Any, now: datetime) -> Step:
    if dossier.readable_state == "with_applicant":
        label = WORDS["with_applicant"]
    due = dossier.due_at if dossier.readable_state == "with_applicant" else _planned(dossier, stage)
    if due is None:
        return Step(label, "now")
    words = formats.date_short(due, this_year=now.year)
    if isinstance(due, datetime) and due > now:
        words = _("reste %(days)s") % {"days": formats.days(max(1, formats.days_between(now, due)))}
    elif not isinstance(due, datetime):
        words = _("jusqu’au %(day)s") % {"day": words}
    return Step(label, "now", words)


def _planned(dossier: Any, stage: Stage) -> datetime | date | None:
    name = DATED.get(stage.kind.code, "")
    return getattr(dossier.call, name, None) if name else None


def _dated(label: Any, state: str, day: datetime | date | None) -> Step:
    if day is None:
        return Step(label, state)
    local = formats.local(day).date() if isinstance(day, datetime) else day
    return Step(label, state, formats.date_short(local, this_year=clock.today().year), local.isoformat())


def _merged(steps: list[Step]) -> list[Step]:
    """Neighbours with the same words are one step (« en évaluation » covers review, committee and decision)."""
    kept: list[Step] = []
    for step in steps:
        if kept and formats.tr(kept[-1].label) == formats.tr(step.label):
            if "now" in (kept[-1].state, step.state):
                now = kept[-1] if kept[-1].state == "now" else step
                kept[-1] = now
            elif step.when:
                kept[-1] = step
        else:
            kept.append(step)
    return kept


CONFIRMED = "applications.dossier.confirm_rule"
SIGNS = {
    "submit": "done",
    "resubmit": "done",
    "send_back": "now",
    "advance": "done",
    "accept": "ok",
    "waitlist": "waitlisted",
    "reject": "ko",
    "reopen": "now",
    "take_back": "now",
    "partner_leave": "warn",
    "grant": "ok",
    "withdraw": "withdrawn",
    "offer": "ok",
    "confirm": "done",
    "decline": "withdrawn",
    "lapse": "withdrawn",
}


def told(dossier: Any, rows: Iterable[Row], face: Face) -> list[Line]:
    """Past events as lines, newest first; a step of the process is told by its outcome."""
    process = process_of(dossier)
    lines = [
        Line(
            at=row.at,
            text=text,
            who=", ".join(part for part in (row.who, formats.time(row.at)) if part),
            state=SIGNS.get(row.verb.rpartition(".")[2], "info"),
            words=row.text,
            person=row.who,
            rule=str(row.event.data.get("rule", "")) if row.verb == CONFIRMED and not row.text else "",
        )
        for row in rows
        if (text := _words_of(process, row, face))
    ]
    return _together(lines)


def _together(lines: list[Line]) -> list[Line]:
    """Rules that one person confirmed in a row, without a word, are one line."""
    kept: list[Line] = []
    for line in lines:
        last = kept[-1] if kept else None
        if last and line.rule and last.rule and (last.person, _day(last.at)) == (line.person, _day(line.at)):
            rules = f"{line.rule}, {last.rule}"
            kept[-1] = replace(last, rule=rules, text=_("%(rules)s confirmées") % {"rules": rules})
        else:
            kept.append(line)
    return kept


def _words_of(process: Process, row: Row, face: Face) -> str:
    """The words of an event; a step that says nothing to applicants is left out."""
    if row.verb != "applications.dossier.advance":
        return row.label
    data = row.event.data
    stage = process.stages.get(str(data.get("stage")))
    found = [one for one in stage.outcomes if one.code == data.get("outcome")] if stage else []
    if stage is None or not found:
        return row.label
    words = formats.tr(found[0].labels.of(face))
    return "" if face == "applicant" and words == formats.tr(stage.labels.applicant) else words


def coming(dossier: Any, now: datetime) -> list[Line]:
    """What is still to come, from the calendar of the call, latest first; nothing once the dossier is over."""
    if dossier.readable_state in ENDS:
        return []
    call = dossier.call
    letters_at, publish_at = announced(dossier)
    planned: list[tuple[datetime | date | None, str]] = [
        (call.closes_at, _("Clôture de l’appel")),
        (call.eligibility_until, _("Fin de la vérification des dossiers")),
        (call.review_until, _("Fin de l’évaluation")),
        (call.panel_on, _("Réunion du comité")),
        (call.decision_on, _("Décision")),
        (letters_at, _("Envoi des lettres")),
        (publish_at, _("Publication des projets soutenus")),
    ]
    if dossier.readable_state == "with_applicant" and dossier.due_at:
        planned.append((dossier.due_at, _("Fin du délai pour répondre à la demande de compléments")))
    today = formats.local(now).date()
    lines = [
        Line(at, text, who=formats.time(at) if isinstance(at, datetime) else "", state="next")
        for at, text in planned
        if at is not None and (at > now if isinstance(at, datetime) else at >= today)
    ]
    return sorted(lines, key=lambda one: _day(one.at), reverse=True)


def _day(at: datetime | date) -> tuple[date, int]:
    if isinstance(at, datetime):
        local = formats.local(at)
        return local.date(), local.hour
    return at, 12
