"""Dates of calls for calendars and the feed: public dates only, the same bytes at each reading."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import icalendar
import pytest
from django.test import Client
from django.urls import reverse

from grants import callpage
from grants.actions.dates import change_calendar
from grants.models import Call, Decision
from tests.fixtures_calls import Flin, make_call, make_flin
from tests.grants.test_publication import fund
from web import clock

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def entries(body: bytes) -> dict[str, Any]:
    """Each entry by its identity, and the zones named."""
    book = icalendar.Calendar.from_ical(body)
    return {str(one["uid"]): one for one in book.walk("VEVENT")}


def test_one_call_names_its_zone_and_its_dates(client: Client, flin: Flin) -> None:
    answer = client.get(reverse("call_calendar", args=[flin.call.code]))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    found = entries(answer.content)
    closing = found[f"{flin.call.code}-closes_at@jalon"]
    assert closing.decoded("dtstart") == flin.call.closes_at
    assert closing["dtstart"].params["TZID"] == "America/Toronto"
    assert b"BEGIN:VTIMEZONE" in answer.content
    assert str(closing["url"]).endswith(f"/appels/{flin.call.code}/")
    assert client.get(reverse("call_calendar", args=[flin.call.code])).content == answer.content


def test_every_call_but_drafts(client: Client, flin: Flin) -> None:
    make_flin("FLIN-PASSE", closes=clock.now() - timedelta(days=200))
    make_call("FLIN-SECRET")
    answer = client.get(reverse("calls_calendar"))
    names = {uid.split("@")[0].rpartition("-")[::2] for uid in entries(answer.content)}
    assert names == {
        (code, name)
        for code in ("FLIN-ESSAI", "FLIN-PASSE")
        for name in ("opens_at", "closes_at", "publish_at")
    }
    assert b"FLIN-SECRET" not in answer.content
    assert client.get(reverse("call_calendar", args=["FLIN-SECRET"])).status_code == 404
    english = client.get("/en/appels/calendrier.ics").content
    assert b"/en/appels/FLIN-ESSAI/" in english
    assert set(entries(english)) == set(entries(answer.content))


def test_a_date_that_moves_keeps_its_identity(client: Client, flin: Flin) -> None:
    before = entries(client.get(reverse("calls_calendar")).content)["FLIN-ESSAI-publish_at@jalon"]
    later = flin.call.publish_at + timedelta(days=3)
    change_calendar(flin.call, actor=flin.manager, reason="Reporté.", publish_at=later)
    after = entries(client.get(reverse("calls_calendar")).content)["FLIN-ESSAI-publish_at@jalon"]
    assert after.decoded("dtstart") == later
    assert (int(before["sequence"]), int(after["sequence"])) == (0, 1)
    assert after.decoded("dtstamp") > before.decoded("dtstamp")


def test_no_call_at_all_is_still_a_calendar(client: Client, db: None) -> None:
    assert entries(client.get(reverse("calls_calendar")).content) == {}
    assert not ET.fromstring(client.get(reverse("calls_feed")).content).findall(f"{ATOM}entry")


def test_feed_of_new_calls(client: Client, flin: Flin) -> None:
    make_call("FLIN-SECRET")
    feed = ET.fromstring(client.get(reverse("calls_feed")).content)
    assert feed.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "fr-CA"
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == "urn:x-jalon:call:FLIN-ESSAI"
    assert (entry.findtext(f"{ATOM}title") or "") == flin.call.title["fr"]
    english = ET.fromstring(client.get("/en/appels/fil.xml").content)
    assert english.findtext(f"{ATOM}entry/{ATOM}title") == flin.call.title["en"]
    assert english.findtext(f"{ATOM}entry/{ATOM}id") == "urn:x-jalon:call:FLIN-ESSAI"
    for where, title in (
        ("/appels/", "Nouveaux appels de projets"),
        ("/en/appels/", "New calls for projects"),
    ):
        page = client.get(where).content.decode()
        assert f'type="application/atom+xml" title="{title}" href="{where}fil.xml"' in page


# --- the dates that a decision made -----------------------------------------------------------------------
def test_pages_say_the_instants_of_the_decision_once_its_list_is_public(client: Client, flin: Flin) -> None:
    now = clock.now()
    Call.objects.filter(pk=flin.call.pk).update(
        opens_at=now - timedelta(days=60),
        questions_until=now - timedelta(days=50),
        closes_at=now - timedelta(days=40),
        letters_at=now - timedelta(days=2),
        publish_at=now - timedelta(days=1),
    )
    award = fund(flin, "31056", 115_000, number=1, publish_at=now + timedelta(days=4))
    call = Call.objects.with_edition().get(pk=flin.call.pk)
    assert callpage.state_of(call, now)[0] == "in_progress"
    assert callpage.said(call, "publish_at") == call.publish_at
    page = client.get(reverse("calls")).content.decode()
    assert "La liste n’est pas encore publique." in page
    assert "115" not in page
    Decision.objects.filter(pk=award.line.decision_id).update(
        publish_at=now, letters_at=now - timedelta(days=5)
    )
    type(award).objects.update(publish_at=now)
    call = Call.objects.with_edition().get(pk=flin.call.pk)
    assert callpage.state_of(call, now)[0] == "closed"
    assert (callpage.said(call, "letters_at"), callpage.said(call, "publish_at")) == (
        now - timedelta(days=5),
        now,
    )
    found = entries(client.get(reverse("call_calendar", args=[call.code])).content)
    assert found[f"{call.code}-publish_at@jalon"].decoded("dtstart") == now.replace(microsecond=0)
    assert "1 projet soutenu" in client.get(reverse("calls")).content.decode()
    assert "1 projet soutenu" in client.get(reverse("front")).content.decode()
