"""Pages anybody reads: calls, one call whole, its blank form and its dates for a calendar."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grants import addresses, agenda, answers, callpage, cockpit, feed, publication
from grants.actions.questions import why_closed
from grants.models import Call
from web import clock

MOST_CALLS = 200


def _cards(calls: list[Call], now: datetime) -> list[dict[str, object]]:
    """What a list of calls shows of each."""
    cards: list[dict[str, object]] = []
    for call in calls:
        state, word = callpage.state_of(call, now)
        cards.append({"call": call, "state": state, "word": word})
    return cards


def _closed_notes(calls: list[Call], now: datetime) -> dict[int, dict[str, object]]:
    """Counts of closed calls: filed, and funded once a list is public; else when answers are expected."""
    counted = cockpit.counts(calls) if calls else {}
    answered = [call.pk for call in calls if callpage.is_answered(call, now)]
    funded = publication.funded_by_call(now, answered)
    return {
        call.pk: {
            "filed": counted.get(call.pk),
            "funded": funded.get(call.pk),
            "expected": call.letters_at if call.pk not in answered and call.letters_at > now else None,
        }
        for call in calls
    }


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
        "both": addresses.both(request),
    }
    return render(request, "grants/front.html", context)


@login_not_required
@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """Every published call, by where it stands."""
    now = clock.now()
    found = list(Call.objects.public().with_edition().order_by("-opens_at", "code")[:MOST_CALLS])
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
    context = {
        "groups": [(title, groups[code]) for code, title in titles],
        "both": addresses.both(request),
    }
    return render(request, "grants/calls.html", context)


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
        "changes": callpage.changes(found),
        "answers": answers.public(found),
        "may_ask": not why_closed(found),
        "grid": callpage.grid_rows(body),
        "parts": parts,
        "asked": sum(len(part.questions) for part in parts),
        "start": cockpit.start(request.user, found) if state == "open" else None,
        "both": addresses.both(request),
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
    """The dates of a call for anybody's calendar, as its page says them."""
    found = _public_call(request, code)
    return _ics(agenda.of_call(found), found.code)


@login_not_required
@require_safe
def calls_calendar(request: HttpRequest) -> HttpResponse:
    """Opening, closing and public list of every published call, to subscribe to."""
    found = Call.objects.public().with_edition().order_by("-opens_at", "code")[:MOST_CALLS]
    return _ics(agenda.of_calls(list(found)), _("appels-de-projets"))


def _ics(body: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return answer


@login_not_required
@require_safe
def calls_feed(request: HttpRequest) -> HttpResponse:
    """New calls, for those who follow: the latest published first."""
    found = Call.objects.public().filter(edition__isnull=False).select_related("edition")
    return HttpResponse(
        feed.atom(list(found.order_by("-edition__published_at", "code")[: feed.MOST_ENTRIES])),
        content_type="application/atom+xml; charset=utf-8",
    )
