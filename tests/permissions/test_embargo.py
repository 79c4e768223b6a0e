"""Two secrets: whatever was decided, who does not know it reads the same bytes until the instant."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from grants.models import Award, BudgetLine, Decision, DecisionLine
from notifications.models import Document, Message
from review import carrying
from review.models import Recommendation
from tests.permissions import table
from tests.permissions.asking import TakenBack, settled
from tests.permissions.cases import ROUTES
from tests.permissions.world import World
from web import clock
from workflows.chain import canonical
from workflows.engine import record

pytestmark = pytest.mark.django_db
TABLE = table.read()
BLIND = ("anonymous", "signatory", "other", "analyst", "reviewer")
# They know the recommendation, not the decision.
COMMITTEE = ("late_chair",)
LISTS = (
    "/dossiers/?tri=depot",
    "/dossiers/?tri=-reste",
    "/dossiers/?tri=organisme",
    "/dossiers/?etape=etape-decision",
    "/dossiers/?etape=etape-comite",
    "/dossiers/?etape=etape-hidden",
    "/dossiers/?etape=accepted&etape=rejected&etape=waitlisted",
    "/dossiers/?q=FLIN-DECIDE",
    "/recherche/?q=FLIN-DECIDE",
    "/recherche/?q=FLIN-DECIDE&tri=date",
    "/recherche/?q=FLIN-DECIDE&etape=etape-decision&etape=accepted",
    "/recherche/?q=FLIN-DECIDE&etape=etape-hidden",
    "/dossiers/?appel=FLIN-DECIDE",
    "/projets/?q=Projet",
    "/en/projets/",
    "/en/dossiers/",
)


@pytest.fixture
def minute(kept: World, time_machine: Any) -> Decision:
    """One minute before the letters of the decision; the clock stands still."""
    time_machine.move_to(clock.now(), tick=False)
    decision = kept.decisions["decided"]
    at = clock.now() + timedelta(minutes=1)
    Decision.objects.filter(pk=decision.pk).update(letters_at=at, publish_at=at + timedelta(days=1))
    return Decision.objects.get(pk=decision.pk)


def addresses(world: World, role: str) -> list[str]:
    """Every page that this person gets, of those that a decision could show through."""
    from django.urls import reverse

    found = []
    for name, route in ROUTES.items():
        for case in route.cases:
            if "get" not in route.methods or case.relation not in ("page", "decided"):
                continue
            if name.startswith(("account", "demo")):
                continue
            cell = TABLE.get((name, case.relation, "get"), {})
            if table.expected_of(cell, role).startswith("2"):
                found.append(reverse(name, args=case.args(world)))
    dossiers = [row.pk for key, row in world.dossiers.items() if key.startswith("FLIN-DECIDE")]
    return [
        *found,
        *LISTS,
        *(f"/dossiers/{pk}/" for pk in dossiers),
        *(f"/dossiers/{pk}/historique/" for pk in dossiers),
    ]


def read_all(world: World, clients: dict[str, Client], roles: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """What each of these people reads on each page, tokens left out."""
    found = {}
    for role in roles:
        for url in dict.fromkeys(addresses(world, role)):
            cache.clear()
            with TakenBack():
                answer = clients[role].get(url)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            found[role, url] = f"{answer.status_code} {settled(body.decode('utf-8', 'replace'))}"
    return found


LINE = (
    "outcome",
    "amount",
    "source",
    "rank",
    "score",
    "proposed",
    "proposed_amount",
    "departure_reason",
    "voided_at",
)


def permute(decision: Decision, shift: int) -> None:
    """Give the lines of the decision, and all that hangs on them, to one another."""
    lines = list(decision.lines.order_by("position"))
    values = [[getattr(line, name) for name in LINE] for line in lines]
    for place, line in enumerate(lines):
        new = dict(zip(LINE, values[(place + shift) % len(lines)], strict=True))
        DecisionLine.objects.filter(pk=line.pk).update(**new)
    BudgetLine.objects.filter(volet=decision.volet_id).update(committed=shift * 1000)
    letters = list(Document.objects.filter(line_id__in=[line.pk for line in lines]).order_by("pk"))
    told = [(one.kind, one.title, one.content) for one in letters]
    for place, one in enumerate(letters):
        kind, title, content = told[(place + shift) % len(letters)]
        Document.objects.filter(pk=one.pk).update(kind=kind, title=title, content=content)
    mails = list(Message.objects.filter(documents__in=letters).order_by("pk"))
    said = [(one.kind, one.subject, one.body) for one in mails]
    for place, mail in enumerate(mails):
        kind, subject, body = said[(place + shift) % len(mails)]
        Message.objects.filter(pk=mail.pk).update(kind=kind, subject=subject, body=body)


CODES = ("recommande", "attente", "non_recommande")


def propose(world: World, shift: int) -> None:
    """Give each dossier another proposal of the committee, another score, another place in the secret stages."""
    rows = [row for key, row in world.dossiers.items() if key.startswith("FLIN-DECIDE")]
    for place, row in enumerate(rows):
        outcome = CODES[(place + shift) % 3]
        stage = ("evaluation", "comite", "decision")[(place + shift) % 3]
        with connection.cursor() as cursor:  # the engine alone writes these columns: here a past is made up
            cursor.execute(
                "UPDATE applications_dossier SET stage = %s, outcome = %s, score = %s, divergent = %s, sheets_done = %s"
                " WHERE id = %s",
                [
                    stage,
                    outcome,
                    f"{(place * 7 + shift) % 9}/10",
                    bool((place + shift) % 2),
                    (place + shift) % 3,
                    row.pk,
                ],
            )
        actor: Any = world.people["secretary"]
        record(
            row, "advance", actor=actor, stage="comite", outcome=outcome, to_stage="decision", text=outcome
        )
    found = Recommendation.objects.get(panel=world.panels["decided"])
    result = json.loads(found.result)
    result["ranking"] = result["ranking"][shift % 5 :] + result["ranking"][: shift % 5]
    Recommendation.objects.filter(pk=found.pk).update(result=canonical(result))


def test_permuted_outcomes_change_no_byte_for_who_does_not_know(
    minute: Decision, kept: World, clients: dict[str, Client]
) -> None:
    seen: dict[int, dict[tuple[str, str], str]] = {}
    for shift in (0, 1):
        with TakenBack():
            propose(kept, shift)
            permute(minute, shift)
            seen[shift] = read_all(kept, clients, BLIND)
    assert [key for key, text in seen[0].items() if seen[1][key] != text] == []
    assert len(seen[0]) > 80


def test_permuted_decisions_change_no_byte_for_the_committee(
    minute: Decision, kept: World, clients: dict[str, Client]
) -> None:
    seen: dict[int, dict[tuple[str, str], str]] = {}
    for shift in (0, 1):
        with TakenBack():
            permute(minute, shift)
            seen[shift] = read_all(kept, clients, COMMITTEE)
    assert [key for key, text in seen[0].items() if seen[1][key] != text] == []


def test_who_knows_reads_the_difference(minute: Decision, kept: World, clients: dict[str, Client]) -> None:
    """The comparison is awake: those who know the decision do read another page."""
    page = f"/decisions/{minute.pk}/"
    for role in ("manager", "authority", "secretary", "auditor"):
        before = clients[role].get(page).content
        with TakenBack():
            permute(minute, 1)
            assert clients[role].get(page).content != before, role


# --- at the instant ---------------------------------------------------------------------------------------
D1, D2, D4, D6 = "FLIN-DECIDE-D1", "FLIN-DECIDE-D2", "FLIN-DECIDE-D4", "FLIN-DECIDE-D6"


def sign_of(client: Client, world: World, number: str) -> tuple[int, bool, bool]:
    """Status of a dossier's page, whether it says accepted, whether it still says under review."""
    answer = client.get(f"/dossiers/{world.dossiers[number].pk}/")
    head = answer.content.decode().partition('<p class="row small">')[2].partition("</p>")[0]
    return answer.status_code, "Accepté" in head, "En évaluation" in head


@pytest.mark.parametrize("is_swept", [False, True], ids=["before the sweep", "after the sweep"])
def test_at_the_instant_pages_read_the_decision(
    is_swept: bool, minute: Decision, kept: World, clients: dict[str, Client], time_machine: Any
) -> None:
    for role in ("signatory", "drafter", "analyst"):
        assert sign_of(clients[role], kept, D1)[:2] == (200, False), role
    time_machine.move_to(minute.letters_at, tick=False)
    if is_swept:
        assert carrying.carry_out() == 6
    for role in (
        "signatory",
        "drafter",
        "analyst",
        "second_analyst",
        "manager",
        "authority",
        "auditor",
        "late_chair",
    ):
        status, is_accepted, _ = sign_of(clients[role], kept, D1)
        assert (status, is_accepted) == (200, True), role
    assert sign_of(clients["other"], kept, D2)[:2] == (200, True)
    assert sign_of(clients["other"], kept, D1)[0] == 404
    for role in ("stranger", "elsewhere", "technical", "chair"):
        assert sign_of(clients[role], kept, D1)[0] == 404, role
    refused = clients["analyst"].get(f"/dossiers/{kept.dossiers[D6].pk}/").content.decode()
    assert "Non retenu" in refused or "refusée" in refused
    listed = clients["signatory"].get("/dossiers/?etape=accepted").content.decode()
    assert D1 in listed
    assert D1 not in clients["signatory"].get("/dossiers/?etape=etape-hidden").content.decode()


def test_a_decision_that_was_not_released_opens_nothing(
    minute: Decision, kept: World, clients: dict[str, Client], time_machine: Any
) -> None:
    Decision.objects.filter(pk=minute.pk).update(released_at=None)
    time_machine.move_to(minute.letters_at + timedelta(hours=1), tick=False)
    for role in ("signatory", "drafter", "analyst", "late_chair"):
        assert sign_of(clients[role], kept, D1)[:2] == (200, False), role


# --- the funded list --------------------------------------------------------------------------------------
DOORS = (
    "/",
    "/appels/",
    "/appels/calendrier.ics",
    "/appels/fil.xml",
    "/projets/",
    "/en/projets/",
    "/projets/?q=FLIN-DECIDE",
    "/projets/?organisme=qc-31056&organisme=qc-10043",
    "/projets/liste.csv",
    "/en/projets/liste.csv?tri=-aide",
)


def whole(client: Client, url: str) -> bytes:
    """An answer to its last byte, streamed or not."""
    answer = client.get(url)
    assert answer.status_code == 200, url
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_the_public_list_counts_nothing_before_its_instant(
    minute: Decision, kept: World, clients: dict[str, Client], time_machine: Any
) -> None:
    doors = [*DOORS, *(f"/appels/{call.code}/" for call in kept.calls.values())]
    number = f"/projets/{D1}/"
    time_machine.move_to(minute.letters_at, tick=False)
    before = {role: [whole(clients[role], url) for url in doors] for role in ("anonymous", "stranger")}
    assert carrying.carry_out() == 6
    assert Award.objects.filter(call=kept.calls["decided"]).count() == 4
    time_machine.move_to(minute.publish_at - timedelta(seconds=1), tick=False)
    clients["stranger"].force_login(kept.people["stranger"])  # type: ignore[arg-type]
    for role in ("anonymous", "stranger", "signatory", "manager"):
        clients[role].cookies.clear() if role == "anonymous" else clients[role].force_login(kept.people[role])  # type: ignore[func-returns-value,arg-type]
        assert clients[role].get(number).status_code == 404, role
        texts = [whole(clients[role], url).decode() for url in doors]
        assert not [url for url, text in zip(doors, texts, strict=True) if D1 in text], role
    for url in ("/projets/", "/projets/liste.csv"):
        text = whole(clients["anonymous"], url).decode()
        assert settled(text) == settled(before["anonymous"][doors.index(url)].decode()), url
    time_machine.move_to(minute.publish_at, tick=False)
    assert clients["anonymous"].get(number).status_code == 200
    assert D1 in clients["anonymous"].get("/projets/").content.decode()
    assert D6 not in clients["anonymous"].get("/projets/").content.decode()
    assert D1 in whole(clients["anonymous"], "/projets/liste.csv").decode()
    assert D6 not in whole(clients["anonymous"], "/projets/liste.csv").decode()
    assert clients["anonymous"].get(f"/projets/{D6}/").status_code == 404
