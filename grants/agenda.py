"""The dates of calls for anybody's calendar (iCalendar): what their public pages say, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Count, Max
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from grants import addresses, calendar, callpage
from grants.models import Call
from web import clock, formats
from web.formats import tr
from workflows import models as trail

ZONE = "America/Toronto"
# What a calendar of every call holds: the rest is in the calendar of each.
MAIN = ("opens_at", "closes_at", "publish_at")
CHANGED = "grants.call.calendar"


def of_call(call: Call) -> bytes:
    """Every date of one call."""
    title = _("Appel %(code)s, %(title)s") % {"code": call.code, "title": tr(call.title)}
    return _written([call], calendar.FIELDS, title)


def of_calls(calls: list[Call]) -> bytes:
    """Opening, closing and public list of many calls."""
    return _written(calls, MAIN, _("Appels de projets"))


def _written(calls: list[Call], fields: Iterable[str], title: str) -> bytes:
    revised = _revisions(calls)
    book = Calendar()
    book.add("prodid", f"-//Jalon//appels//{formats.language().upper()}")
    book.add("version", "2.0")
    book.add("method", "PUBLISH")
    book.add("name", title)
    book.add("x-wr-calname", title)
    book.add("x-wr-timezone", ZONE)
    entries = []
    for call in calls:
        for name in fields:
            value = callpage.said(call, name)
            if value is not None:
                entries.append(_entry(call, name, value, *revised[call.pk]))
    for entry in entries:
        book.add_component(entry)
    if entries:
        days = [calendar.day_of(callpage.said(call, "opens_at")) for call in calls]
        book.add_missing_timezones(date(min(days).year - 1, 1, 1), date(max(days).year + 3, 1, 1))
    return bytes(book.to_ical())


def _revisions(calls: list[Call]) -> dict[int, tuple[datetime, int]]:
    """When the dates of each call last changed, and how many times: told by the trail, the same at each reading."""
    events = trail.Event.objects.filter(
        verb=CHANGED, subject_type=Call._meta.label_lower, subject_id__in=[call.pk for call in calls]
    )
    changed = {
        key: (last, count)
        for key, last, count in events.order_by()
        .values("subject_id")
        .annotate(last=Max("at"), count=Count("pk"))
        .values_list("subject_id", "last", "count")
    }
    return {call.pk: changed.get(call.pk, (_first(call), 0)) for call in calls}


def _first(call: Call) -> datetime:
    edition = call.edition
    return (edition.published_at or edition.created_at) if edition else call.opens_at


def _entry(call: Call, name: str, value: datetime | date, stamped: datetime, sequence: int) -> Event:
    """One date: an instant lasts nothing, a day lasts its day."""
    entry = Event()
    entry.add("uid", f"{call.code}-{name}@jalon")
    entry.add("dtstamp", stamped)
    entry.add("sequence", sequence)
    entry.add("dtstart", clock.eastern(value) if isinstance(value, datetime) else value)
    entry.add("dtend", clock.eastern(value) if isinstance(value, datetime) else value + timedelta(days=1))
    entry.add("summary", f"{calendar.LABELS[name]}, {tr(call.title)}")
    entry.add("url", addresses.whole(reverse("call", args=[call.code])))
    entry.add("transp", "TRANSPARENT")
    return entry
