"""Changing the dates of a call: impossible orders and pasts are refused, with the reason, beside each date."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from grants import calendar, rules
from grants.lifecycle.call import CallState
from grants.models import Call
from web import clock
from workflows.actors import Actor, Person, SystemActor
from workflows.engine import NotAllowed, Refused, locked, record, unit


class ImpossibleDates(Refused):
    """Dates that cannot be; `by_field` says why, for each field of the form."""

    def __init__(self, by_field: dict[str, str]) -> None:
        self.by_field = by_field
        super().__init__(by_field.values())


def date_faults(call: Call, changes: dict[str, calendar.Moment | None], now: datetime) -> dict[str, str]:
    """Why these changes of a calendar are impossible."""
    values = {name: getattr(call, name) for name in calendar.FIELDS}
    found: dict[str, str] = {}
    for name, value in changes.items():
        if value == values[name]:
            continue
        if call.state != CallState.DRAFT:
            said = calendar.frozen(name, values[name], value, now)
            if said:
                found[name] = said
        values[name] = value
    ordered = calendar.faults(values)
    return {
        name: " ".join(one for one in (found.get(name), ordered.get(name)) if one)
        for name in (*calendar.FIELDS,)
        if name in found or name in ordered
    }


def change_calendar(
    call: Call, *, actor: Actor, reason: str = "", **changes: calendar.Moment | None
) -> list[str]:
    """Move dates of a call; returns the fields that changed. Raises ImpossibleDates with the reasons."""
    _require_manager(actor, call)
    with unit(locks=[call]) as held:
        row: Call = locked(held, call)
        faults = date_faults(row, changes, clock.now())
        if faults:
            raise ImpossibleDates(faults)
        changed = [name for name, value in changes.items() if getattr(row, name) != value]
        if not changed:
            return []
        before = {name: _code(getattr(row, name)) for name in changed}
        for name in changed:
            setattr(row, name, changes[name])
        row.save(update_fields=changed)
        after = {name: _code(getattr(row, name)) for name in changed}
        said = row.state != CallState.DRAFT
        record(row, "calendar", actor=actor, text=reason, before=before, after=after, announced=said)
    call.refresh_from_db()
    return changed


def extend_closing(call: Call, closes_at: datetime, *, actor: Actor, reason: str) -> None:
    """Give more time: a later closing, before the present one has passed; everything after it must still follow."""
    if not reason.strip():
        raise Refused([_("Indiquez le motif du report.")])
    if closes_at <= call.closes_at:
        raise ImpossibleDates({"closes_at": _("La nouvelle clôture doit suivre la clôture actuelle.")})
    change_calendar(call, actor=actor, reason=reason, closes_at=closes_at)


def _code(value: calendar.Moment | None) -> str | None:
    """A date as an event writes it."""
    return None if value is None else value.isoformat()


def _require_manager(actor: Actor, call: Call) -> None:
    person: Person | None = None if isinstance(actor, SystemActor) else actor
    if person is not None and not rules.is_manager(person, call):
        raise NotAllowed(f"user {person.pk} does not manage {call}")
