"""Reminders before a closing, a completion's due instant, a reviewer's date, the delay of an offer and of a recourse.

Each is one message, single by its key: the sweep may run as often as it likes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from applications.models import CompletionRequest, Dossier
from grants.models import Award
from notifications import drafting, recipients
from notifications.compose import Draft, write
from review import reconsidering
from review.models import Assignment
from web import clock
from workflows.models import Event

CLOSING_DAYS = (7, 1)
COMPLETION_DAYS = (5, 1)
SHEET_DAYS = (3, 0)
CONFIRM_DAYS = (5, 1)
RECONSIDERATION_DAYS = (7, 1)
LONGEST_DELAY = timedelta(days=200)


def write_due() -> int:
    """Write every reminder whose day has come; returns the number of new messages."""
    now = clock.now()
    return sum(
        (
            _drafts(now),
            _completions(now),
            _sheets(now),
            _offers(now),
            _reconsiderations(now),
        )
    )


def _within(now: datetime, due: datetime, days: tuple[int, ...]) -> int | None:
    """The nearest step of the reminder that has come, or None."""
    passed = [step for step in days if now >= due - timedelta(days=step)]
    return min(passed) if passed else None


def _drafts(now: datetime) -> int:
    """Drafts of calls that close soon."""
    rows: QuerySet[Dossier] = Dossier.objects.filter(
        state="draft", call__closes_at__gt=now, call__closes_at__lte=now + timedelta(days=max(CLOSING_DAYS))
    ).select_related("call")
    return sum(
        _dossier(
            "closing_reminder",
            dossier,
            dossier.call.closes_at,
            _within(now, dossier.call.closes_at, CLOSING_DAYS),
        )
        for dossier in rows
    )


def _completions(now: datetime) -> int:
    """Requests for completion that nobody answered yet."""
    rows = CompletionRequest.objects.filter(
        closed_at__isnull=True, due_at__gt=now, due_at__lte=now + timedelta(days=max(COMPLETION_DAYS))
    ).select_related("dossier__call")
    return sum(
        _dossier(
            "completion_reminder", row.dossier, row.due_at, _within(now, row.due_at, COMPLETION_DAYS), row.pk
        )
        for row in rows
    )


def _dossier(kind: str, dossier: Dossier, due: datetime, step: int | None, about: int = 0) -> int:
    if step is None:
        return 0
    draft = Draft(
        kind=kind,
        key=f"{kind}:{dossier.pk}:{about}:{due:%Y%m%d}:{step}",
        url=drafting.address_of(dossier),
        call=dossier.call,
        dossier=dossier,
        values={"due": due},
    )
    return len(write(draft, recipients.lead_people(dossier, Event())))


def _sheets(now: datetime) -> int:
    """Reviewers whose sheet is expected soon, or is late."""
    rows: QuerySet[Assignment] = (
        Assignment.objects.filter(
            state__in=["offered", "accepted"],
            panel__state="open",
            due_at__lte=now + timedelta(days=max(SHEET_DAYS)),
        )
        .exclude(sheet__state="handed_in")
        .select_related("reviewer", "panel__call", "dossier")
    )
    return sum(_sheet(now, row) for row in rows)


def _sheet(now: datetime, row: Assignment) -> int:
    step = _within(now, row.due_at, SHEET_DAYS)
    if step is None:
        return 0
    values: dict[str, Any] = {"due": row.due_at, "card": row.card, "late": now > row.due_at}
    draft = Draft(
        kind="sheet_reminder",
        key=f"sheet:{row.pk}:{row.due_at:%Y%m%d}:{step}",
        url=drafting.address_of(row),
        call=row.panel.call,
        dossier=row.dossier,
        values=values,
    )
    return len(write(draft, recipients.reviewer(row, Event())))


def _offers(now: datetime) -> int:
    """Offers that wait for an answer."""
    rows = Award.objects.filter(
        state="offered",
        confirm_by__gt=now,
        confirm_by__lte=now + timedelta(days=max(CONFIRM_DAYS)),
        letters_at__lte=now,
    )
    written = 0
    for award in rows:
        dossier = Dossier.objects.select_related("call").get(pk=award.dossier_id)
        if award.confirm_by is not None:
            step = _within(now, award.confirm_by, CONFIRM_DAYS)
            written += _dossier("confirm_reminder", dossier, award.confirm_by, step, award.pk)
    return written


def _reconsiderations(now: datetime) -> int:
    """Refusals whose reconsideration can still be asked, for a few days more."""
    lately = Event.objects.filter(verb=reconsidering.REJECT, at__gt=now - LONGEST_DELAY)
    rows = Dossier.objects.filter(
        pk__in=lately.values("subject_id"),
        state="rejected",
        call__reconsideration_days__gt=0,
        reconsiderations__isnull=True,
    ).select_related("call")
    found = {one.pk: one for one in rows}
    written = 0
    for pk, refusal in reconsidering.refusals_of(found.values()).items():
        if refusal.until is not None and not refusal.is_over(now):
            step = _within(now, refusal.until, RECONSIDERATION_DAYS)
            written += _dossier("reconsideration_reminder", found[pk], refusal.until, step, refusal.event.pk)
    return written
