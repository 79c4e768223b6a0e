"""The cockpit of a call: each number opens exactly its rows for who reads it; the others say why not."""

from __future__ import annotations

import re
from datetime import timedelta
from html import escape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import permissions
from applications.models import CompletionRequest, Dossier
from grants import cockpit
from notifications.models import Message
from review.models import Assignment
from tests.permissions.test_statements import CONTROL, twin
from tests.permissions.world import World
from web import clock, formats

pytestmark = pytest.mark.django_db
CALLS = ("open", "review", "decided", "late")
ASKED = [("manager", call) for call in CALLS] + [
    (role, "decided") for role in ("authority", "auditor", "analyst", "second_analyst", "secretary")
]


def stir(world: World) -> None:
    """Something in every list: a late sheet, an awaited answer, an instant that passed, a message in trouble."""
    Assignment.objects.filter(panel__state="open").update(due_at=clock.now() - timedelta(days=2))
    dossier = world.dossiers["review"]
    CompletionRequest.objects.create(
        dossier=dossier,
        asked_by=world.people["analyst"],
        asked_at=clock.now(),
        due_at=clock.now() + timedelta(days=2),
        message="Une pièce manque.",
    )
    letter = Message.objects.filter(call__isnull=False, kind__startswith="decision_").first()
    assert letter is not None
    twin(letter, key="t1", message_id="<t1@x>", state="parked")
    twin(letter, key="t2", message_id="<t2@x>", state="uncertain", kind="to_applicants")


def figures(world: World, role: str, call: str) -> list[cockpit.Figure]:
    person = world.who(role)
    permissions.forget(person)
    return cockpit.figures(
        person, type(world.calls[call]).objects.with_edition().get(pk=world.calls[call].pk)
    )


def behind(page: str) -> str:
    """What the page of rows says it counts: `3 dossiers`, `2 lignes, 115 000 $`."""
    found = re.search(r'<b class="push small num">([^<]*)</b>', page)
    assert found, "no list behind"
    return found[1].replace("\xa0", " ").replace("&nbsp;", " ")


@pytest.mark.parametrize(("role", "call"), ASKED)
def test_every_number_opens_exactly_its_rows(
    kept: World, clients: dict[str, Client], role: str, call: str
) -> None:
    stir(kept)
    page = clients[role].get(reverse("manage_call", args=[kept.calls[call].code])).content.decode()
    seen = set()
    for one in figures(kept, role, call):
        if not one.href:
            assert str(one.note), f"{one.label} neither opens rows nor says why"
            continue
        assert f'href="{escape(one.href)}"' in page, (one.label, one.href)
        answer = clients[role].get(one.href.partition("#")[0])
        assert answer.status_code == 200, (role, one.label, one.href)
        shown = formats.money(one.value) if one.is_money else formats.number(one.value)
        shown = shown.replace("\xa0", " ")
        if "#" in one.href:  # a setting: the page where it is written
            assert shown in answer.content.decode().replace("\xa0", " ")
        elif one.is_money:
            assert behind(answer.content.decode()).endswith(f", {shown}"), (one.label, one.href)
        else:
            assert behind(answer.content.decode()).partition(" ")[0] == shown.partition(" ")[0], (role, one)
        seen.add(one.href)
    assert seen


def test_the_numbers_are_those_of_the_world(kept: World) -> None:
    stir(kept)
    found = {str(one.label): one for one in figures(kept, "manager", "review")}
    assert found["Fiches d’évaluation en retard"].value > 0
    assert found["Compléments attendus"].value == 1
    decided = [
        one for one in figures(kept, "manager", "late") + figures(kept, "manager", "decided") if one.is_money
    ]
    assert any(str(one.label) == "Engagé" and one.value for one in decided)


def test_drafts_are_counted_and_never_opened(kept: World, clients: dict[str, Client]) -> None:
    drafts = [one for one in figures(kept, "manager", "open") if one.state == "draft"]
    assert [one.value for one in drafts] == [
        Dossier.objects.filter(call=kept.calls["open"], state="draft").count()
    ]
    assert not drafts[0].href
    assert "n’est lu que par son organisme" in str(drafts[0].note)


def test_who_does_not_know_decisions_reads_no_promised_money(kept: World) -> None:
    for role in ("analyst", "second_analyst"):
        labels = {str(one.label) for one in figures(kept, role, "decided")}
        assert "Enveloppe" in labels
        assert not labels & {"Engagé", "Libre"}


def test_a_day_or_a_sign_that_is_none_narrows_nothing(kept: World, clients: dict[str, Client]) -> None:
    whole = behind(clients["manager"].get("/dossiers/").content.decode())
    for odd in ("depot=hier", "depot=9999-12-31", "depot=0001-01-01", "retard=1", "depot=%00"):
        assert behind(clients["manager"].get(f"/dossiers/?{odd}").content.decode()) == whole


@pytest.mark.parametrize("call", ["review", "decided"])
def test_the_cockpit_costs_at_most_fifteen_statements(
    kept: World, clients: dict[str, Client], call: str
) -> None:
    stir(kept)
    url = reverse("manage_call", args=[kept.calls[call].code])
    clients["manager"].get(url)
    with CaptureQueriesContext(connection) as made:
        assert clients["manager"].get(url).status_code == 200
    said: list[Any] = [one["sql"] for one in made.captured_queries if not one["sql"].startswith(CONTROL)]
    assert len(said) <= 15, "\n".join(f"{place} {sql[:400]}" for place, sql in enumerate(said))
