"""Public and staff pages of calls: who reads what, how many statements, what a form refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from grants import calendar
from grants.models import Call, LetterText
from tests import factories
from tests.fixtures_calls import Flin
from web import clock, formats
from workflows.engine import fire
from workflows.models import Event

pytestmark = pytest.mark.django_db
STAFF_PAGES = (
    "manage_call",
    "manage_calendar",
    "manage_money",
    "manage_form",
    "manage_rules",
    "manage_grid",
    "manage_process",
    "manage_letters",
    "manage_people",
)


def test_front_page_shows_open_coming_and_closed(client: Client, flin_at: Callable[..., Flin]) -> None:
    now = clock.now()
    flin_at("OUVERT", closes=now + timedelta(days=10))
    flin_at("AVENIR", closes=now + timedelta(days=90))
    flin_at("PASSE", closes=now - timedelta(days=10))
    flin_at("CACHE", closes=now + timedelta(days=15), publish=False)
    page = client.get(reverse("front"))
    assert [card["call"].code for card in page.context["opened"]] == ["OUVERT"]
    assert [card["call"].code for card in page.context["coming"]] == ["AVENIR"]
    assert [card["call"].code for card in page.context["closed"]] == ["PASSE"]
    assert "CACHE" not in page.content.decode()
    listed = client.get(reverse("calls")).content.decode()
    assert "CACHE" not in listed
    assert "PASSE" in listed


def test_front_page_without_a_call_says_so(client: Client, db: None) -> None:
    page = client.get(reverse("front")).content.decode()
    assert "Aucun appel n’est ouvert aujourd’hui." in page


def test_call_page_shows_everything_before_sign_up(client: Client, flin: Flin) -> None:
    page = client.get(reverse("call", args=[flin.call.code])).content.decode()
    for section in flin.body["form"]["sections"]:
        for question in section["questions"]:
            assert question["label"]["fr"] in page
    for criterion in flin.body["grid"]["criteria"]:
        for anchor in criterion["anchors"].values():
            assert anchor["fr"] in page
    for rule in flin.body["rules"]:
        assert rule["label"]["fr"] in page
    for document in flin.body["documents"]:
        assert document["why"]["fr"] in page
    assert flin.call.contact_name in page
    assert "4\u00a0000\u00a0000\u00a0$" in page
    assert "heure de l’Est" in page
    blank = client.get(reverse("call_form", args=[flin.call.code])).content.decode()
    assert flin.body["form"]["sections"][3]["questions"][2]["help"]["fr"] in blank


def test_call_page_in_english(client: Client, flin: Flin) -> None:
    page = client.get(f"/en/appels/{flin.call.code}/").content.decode()
    assert "Local Digital Innovation Fund" in page
    assert "Summarise the project in plain language" in page


def test_dates_for_a_calendar(client: Client, flin: Flin) -> None:
    answer = client.get(reverse("call_calendar", args=[flin.call.code]))
    assert answer["Content-Type"].startswith("text/calendar")
    feed = answer.content.decode()
    assert feed.count("BEGIN:VEVENT") == 10
    assert "TZID=America/Toronto" in feed


def test_draft_is_a_404_for_strangers(client: Client, flin_at: Callable[..., Flin]) -> None:
    draft = flin_at("BROUILLON", publish=False)
    address = reverse("call", args=["BROUILLON"])
    assert client.get(address).status_code == 404
    client.force_login(factories.make_user())
    assert client.get(address).status_code == 404
    client.force_login(draft.analyst)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("name", STAFF_PAGES)
def test_staff_pages_are_for_staff_of_the_call(
    client: Client, flin: Flin, name: str, django_assert_max_num_queries: Any
) -> None:
    address = reverse(name, args=[flin.call.code])
    assert client.get(address).status_code == 302
    client.force_login(factories.make_user())
    assert client.get(address).status_code == 404
    for person in (flin.manager, flin.analyst, flin.auditor):
        client.force_login(person)
        assert client.get(address).status_code == 200
    with django_assert_max_num_queries(20 if name in {"manage_call", "manage_people"} else 14):
        client.get(address)


def test_lists_cost_the_same_for_one_call_and_for_many(
    client: Client, flin_at: Callable[..., Flin], django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    first = flin_at("A-1")
    client.force_login(first.manager)
    counts = []
    for size in (1, 4):
        for number in range(2, size + 1):
            flin_at(f"A-{number}")
        for name in ("front", "calls", "manage_calls"):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(reverse(name)).status_code == 200
            counts.append((name, len(queries)))
    assert counts[:3] == counts[3:]
    assert max(count for _name, count in counts) <= 10


def _dates(call: Call, **changes: str) -> dict[str, str]:
    """The calendar as the form posts it."""
    data = {"reason": ""}
    for name in ("opens_at", "questions_until", "closes_at", "review_until", "letters_at", "publish_at"):
        data[name] = formats.local(getattr(call, name)).strftime("%Y-%m-%dT%H:%M")
    for name in ("eligibility_until", "panel_on", "decision_on", "waiting_valid_until"):
        data[name] = getattr(call, name).isoformat()
    return data | changes


def test_closing_is_extended_with_a_reason(client: Client, flin: Flin) -> None:
    client.force_login(flin.manager)
    address = reverse("manage_calendar", args=[flin.call.code])
    later = formats.local(flin.call.closes_at + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    refused = client.post(address, _dates(flin.call, closes_at=later))
    assert refused.status_code == 422
    assert "Dites pourquoi" in refused.content.decode()
    done = client.post(
        address, _dates(flin.call, closes_at=later, reason="Panne du service le jour de la clôture.")
    )
    assert done.status_code == 303
    before = flin.call.closes_at
    flin.call.refresh_from_db()
    assert flin.call.closes_at - before > timedelta(days=1, hours=23)
    event = Event.objects.get(verb="grants.call.calendar", subject_id=flin.call.pk)
    assert set(event.data["after"]) == {"closes_at"}
    assert event.words == "Panne du service le jour de la clôture."


def test_impossible_date_is_refused_beside_its_field(client: Client, flin: Flin) -> None:
    client.force_login(flin.manager)
    early = (flin.call.closes_at - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    answer = client.post(
        reverse("manage_calendar", args=[flin.call.code]), _dates(flin.call, letters_at=early)
    )
    assert answer.status_code == 422
    assert "doit suivre" in str(answer.context["form"].errors["letters_at"])
    flin.call.refresh_from_db()
    assert flin.call.letters_at > flin.call.closes_at


def test_every_fault_is_said_at_once_and_what_was_typed_is_kept(client: Client, flin: Flin) -> None:
    client.force_login(flin.manager)
    before = {name: getattr(flin.call, name) for name in calendar.FIELDS}
    early = (flin.call.closes_at - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    tomorrow = formats.local(clock.now() + timedelta(days=1)).date().isoformat()
    answer = client.post(
        reverse("manage_calendar", args=[flin.call.code]),
        _dates(flin.call, letters_at=early, panel_on=tomorrow, opens_at="jamais"),
    )
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert {"letters_at", "panel_on", "opens_at", "reason"} <= set(errors)
    page = answer.content.decode()
    assert f'value="{early}"' in page
    assert f'value="{tomorrow}"' in page
    assert 'value="jamais"' in page
    assert 'fill="var(--maple)"' in page, "the drawing shows the conflict"
    assert page.count('id="erreurs"') == 1
    flin.call.refresh_from_db()
    assert {name: getattr(flin.call, name) for name in calendar.FIELDS} == before
    assert not Event.objects.filter(verb="grants.call.calendar", subject_id=flin.call.pk).exists()


def test_a_moved_date_is_announced_on_the_page_of_the_call(client: Client, flin: Flin) -> None:
    client.force_login(flin.manager)
    later = formats.local(flin.call.publish_at + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    data = _dates(flin.call, publish_at=later, reason="Le conseil se réunit plus tard.")
    assert client.post(reverse("manage_calendar", args=[flin.call.code]), data).status_code == 303
    client.logout()
    page = client.get(reverse("call", args=[flin.call.code])).content.decode()
    assert "Dates changées" in page
    assert "Le conseil se réunit plus tard." in page


def test_dates_of_a_draft_are_announced_to_nobody(client: Client, flin_at: Callable[..., Flin]) -> None:
    draft = flin_at("CACHE", publish=False)
    client.force_login(draft.manager)
    later = formats.local(draft.call.publish_at + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    address = reverse("manage_calendar", args=["CACHE"])
    assert client.post(address, _dates(draft.call, publish_at=later)).status_code == 303
    assert "Dates changées" not in client.get(address).content.decode()


def test_only_managers_change_dates_and_letters(client: Client, flin: Flin) -> None:
    client.force_login(flin.analyst)
    assert (
        client.post(reverse("manage_calendar", args=[flin.call.code]), _dates(flin.call)).status_code == 404
    )
    assert client.post(reverse("manage_letter", args=[flin.call.code, "L1"]), {}).status_code == 404


def test_letter_text_is_versioned_and_checked(client: Client, flin: Flin) -> None:
    client.force_login(flin.manager)
    address = reverse("manage_letter", args=[flin.call.code, "L12"])
    form = client.get(address).context["form"]
    data = {"subject": form["subject"].value(), "text": form["text"].value()}
    assert client.post(address, data).status_code == 303
    assert LetterText.objects.filter(call=flin.call, kind="L12").count() == 1
    bad = client.post(address, {**data, "text": data["text"] + "\n\n{{salaire}}"})
    assert bad.status_code == 422
    assert "salaire" in bad.content.decode()
    assert (
        client.post(address, {**data, "text": data["text"] + "\n\nMerci de votre intérêt."}).status_code
        == 303
    )
    assert LetterText.objects.filter(call=flin.call, kind="L12").count() == 2


def test_publishing_by_the_page(client: Client, flin_at: Callable[..., Flin]) -> None:
    draft = flin_at("A-PUBLIER", publish=False)
    address = reverse("call_verb", args=["A-PUBLIER", "publish"])
    client.force_login(draft.analyst)
    assert client.get(address).status_code == 404
    client.force_login(draft.manager)
    assert client.get(address).status_code == 200
    assert client.post(address, {"seen": draft.call.version}).status_code == 303
    draft.call.refresh_from_db()
    assert draft.call.state == "published"


def test_archiving_waits_for_the_public_list(flin: Flin) -> None:
    with pytest.raises(Exception, match="liste publique"):
        fire(flin.call, "archive", actor=flin.manager)
    assert flin.call.publish_at > timezone.now()


def test_managers_are_told_of_calls_to_publish(flin_at: Callable[..., Flin]) -> None:
    from grants.entries import drafts

    draft = flin_at("A-PUBLIER", publish=False)
    assert [todo.who for todo in drafts(draft.manager)] == ["A-PUBLIER"]
    assert list(drafts(draft.analyst)) == []
    fire(draft.call, "publish", actor=draft.manager)
    assert list(drafts(draft.manager)) == []
