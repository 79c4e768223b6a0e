"""Pages anybody reads: calls, one call whole, its blank form and its dates for a calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Calendar as Ics
from icalendar import Event as IcsEvent

from grants import calendar, callpage, cockpit, publication
from grants.models import Call
from web import clock
from web.formats import tr


def _cards(calls: list[Call], now: datetime) -> list[dict[str, object]]:
    """What a list of calls shows of each."""
    cards: list[dict[str, object]] = []
    for call in calls:
        state, word = callpage.state_of(call, now)
        cards.append({"call": call, "state": state, "word": word})
    return cards


def _closed_notes(calls: list[Call], now: datetime) -> dict[int, dict[str, object]]:
    """Counts of closed calls: filed, and funded once the list is public."""
    counted = cockpit.counts(calls) if calls else {}
    notes: dict[int, dict[str, object]] = {}
    for call in calls:
        funded = None
        if call.publish_at <= now:
            funded = publication.totals(publication.published(now).filter(call=call), now, [call.pk])
        notes[call.pk] = {"filed": counted.get(call.pk), "funded": funded}
    return notes


@login_not_required
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """The first page: calls open, coming and closed."""
    now = clock.now()
    opened = list(Call.objects.with_edition().open_at(now))
    coming = list(Call.objects.with_edition().coming_at(now)[:6])
    closed = list(Call.objects.with_edition().closed_at(now)[:4])
    cards = _cards(opened, now)
    for card, call in zip(cards, opened, strict=True):
        card["life"] = callpage.life(call, now)
        card["figures"] = callpage.headline(call)
        card["start"] = cockpit.start(request.user, call)
    notes = _closed_notes(closed, now)
    past = _cards(closed, now)
    for card, call in zip(past, closed, strict=True):
        card |= notes[call.pk]
    context = {
        "opened": cards,
        "coming": _cards(coming, now),
        "closed": past,
        "contact": (opened or coming or closed),
    }
    return render(request, "grants/front.html", context)


@login_not_required
@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """Every published call, by where it stands."""
    now = clock.now()
    found = list(Call.objects.public().with_edition().order_by("-opens_at", "code")[:200])
    notes = _closed_notes([one for one in found if one.closes_at < now], now)
    groups: dict[str, list[dict[str, object]]] = {"open": [], "soon": [], "in_progress": [], "closed": []}
    for card, call in zip(_cards(found, now), found, strict=True):
        groups[str(card["state"])].append(card | notes.get(call.pk, {}))
    titles = (
        ("open", _("Ouverts")),
        ("soon", _("À venir")),
        ("in_progress", _("En évaluation")),
        ("closed", _("Terminés")),
    )
    return render(request, "grants/calls.html", {"groups": [(title, groups[code]) for code, title in titles]})


def _public_call(request: HttpRequest, code: str) -> Call:
    return get_object_or_404(
        Call.objects.visible_to(request.user).with_edition(), code=code, edition__isnull=False
    )


@login_not_required
@require_safe
def call(request: HttpRequest, code: str) -> HttpResponse:
    """One call, whole, before any sign-up."""
    found, now = _public_call(request, code), clock.now()
    assert found.edition is not None
    body = found.edition.content
    state, word = callpage.state_of(found, now)
    parts = callpage.form_parts(body)
    context = {
        "call": found,
        "state": state,
        "word": word,
        "body": body,
        "figures": callpage.headline(found),
        "strands": callpage.strands(found),
        "bands": callpage.rate_bands(body),
        "dates": callpage.dates(found, now),
        "grid": callpage.grid_rows(body),
        "parts": parts,
        "asked": sum(len(part.questions) for part in parts),
        "start": cockpit.start(request.user, found) if state == "open" else None,
        "crumbs": [(_("Appels de projets"), reverse("calls")), (found.code, "")],
    }
    return render(request, "grants/call.html", context)


@login_not_required
@require_safe
def call_form(request: HttpRequest, code: str) -> HttpResponse:
    """The blank form, to read, print or copy."""
    found = _public_call(request, code)
    assert found.edition is not None
    context = {
        "call": found,
        "parts": callpage.form_parts(found.edition.content),
        "body": found.edition.content,
    }
    return render(request, "grants/call_form.html", context)


@login_not_required
@require_safe
def call_calendar(request: HttpRequest, code: str) -> HttpResponse:
    """The dates of a call for anybody's calendar."""
    found = _public_call(request, code)
    feed = Ics()
    feed.add("prodid", "-//Jalon//appels//FR")
    feed.add("version", "2.0")
    address = request.build_absolute_uri(request.path.rsplit("/", 1)[0] + "/")
    for name in calendar.FIELDS:
        value = getattr(found, name)
        if value is not None:
            feed.add_component(_entry(found, name, value, address))
    answer = HttpResponse(feed.to_ical(), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.code}.ics"'
    return answer


def _entry(found: Call, name: str, value: datetime | date, address: str) -> IcsEvent:
    """One date: an instant lasts nothing, a day lasts its day."""
    entry = IcsEvent()
    entry.add("uid", f"{found.code}-{name}@jalon")
    entry.add("dtstamp", found.edition.created_at if found.edition else found.opens_at)
    entry.add("dtstart", clock.eastern(value) if isinstance(value, datetime) else value)
    entry.add("dtend", clock.eastern(value) if isinstance(value, datetime) else value + timedelta(days=1))
    entry.add("summary", f"{calendar.LABELS[name]}, {tr(found.title)}")
    entry.add("url", address)
    return entry
