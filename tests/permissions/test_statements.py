"""Statements: a list makes as many for one row as for thirty, at most ten; the page of a dossier at most fifteen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, Organisation, User
from applications.models import Body
from grants.models import Award, Decision, DecisionLine
from notifications.models import Message
from review.models import Assignment, Sheet
from search import feed
from tests import factories
from tests.permissions.world import World
from web import clock
from workflows.models import Event

pytestmark = pytest.mark.django_db
MORE = 29
CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "PRAGMA", "SET ")


def statements(client: Client, url: str, **sent: Any) -> list[str]:
    """What a page asks of the database, transaction control left out; read once before, so that caches are warm."""
    if not sent:
        assert client.get(url).status_code == 200, url
    with CaptureQueriesContext(
        connection,
    ) as made:
        answer = client.post(url, sent) if sent else client.get(url)
    assert answer.status_code < 400, (url, answer.status_code)
    return [one["sql"] for one in made.captured_queries if not one["sql"].startswith(CONTROL)]


def twin(row: Any, **changes: Any) -> Any:
    """Another row like this one."""
    made = type(row).objects.get(pk=row.pk)
    made.pk, made._state.adding = None, True
    for name, value in changes.items():
        setattr(made, name, value)
    made.save(force_insert=True)
    return made


def more_dossiers(world: World) -> None:
    """Dossiers in review, each given to the reviewers of the first."""
    first = world.dossiers["review"]
    lead = first.bodies.get(role="lead").organisation
    for place in range(MORE):
        made = twin(first, number=f"{first.number}-{place}", title=f"Projet {place}")
        Body.objects.create(dossier=made, organisation=lead, role="lead")
        for role in ("reviewer", "undeclared"):
            given = twin(world.assignments[role], dossier=made)
            if role == "reviewer":
                sheet = Sheet.objects.get(assignment=world.assignments[role])
                twin(sheet, assignment=given, state="draft")
    feed.rebuild("applications.Dossier")


def more_drafts(world: World) -> None:
    """Drafts of one municipality."""
    first = world.dossiers["draft"]
    lead = first.bodies.get(role="lead").organisation
    for place in range(MORE):
        Body.objects.create(dossier=twin(first, title=f"Projet {place}"), organisation=lead, role="lead")


def more_decisions(world: World) -> None:
    """Decisions of a call."""
    for place in range(MORE):
        twin(world.decisions["decided"], number=50 + place)


def more_reconsiderations(world: World) -> None:
    """Refusals of a call asked again."""
    first = world.things["reconsideration"]
    for _place in range(MORE):
        refusal = twin(first.refusal, n=Event.objects.filter(chain=first.refusal.chain).count() + 1_000)
        twin(first, refusal=refusal)


def more_messages(world: World) -> None:
    """Messages of a call."""
    for place in range(MORE):
        twin(world.things["held_message"], key=f"plus:{place}", message_id=f"<plus-{place}@jalon.example>")


def more_awards(world: World) -> None:
    """Published projects."""
    first = world.things["award"]
    line = DecisionLine.objects.get(pk=first.line_id)
    Award.objects.filter(pk=first.pk).update(publish_at=clock.now() - timedelta(hours=1))
    first = Award.objects.get(pk=first.pk)
    for place in range(MORE):
        row = twin(line, dossier_id=900_000 + place, dossier_number=f"PLUS-{place}")
        twin(first, line=row, dossier_id=900_000 + place, dossier_number=f"PLUS-{place}")


def more_people(world: World) -> None:
    """Accounts, organisations, mandates to confirm."""
    region = factories.make_region("12")
    for place in range(MORE):
        user = User.objects.create(
            email=f"plus{place}@exemple.example", given_name="Plus", family_name=f"Un{place}"
        )
        org = Organisation.objects.create(
            scheme="qc", code=f"9{place:04d}", name=f"Bourg {place}", kind="municipality", region=region
        )
        factories.make_member(user, org, "signatory", status="claimed")
        Membership.objects.create(
            user=user,
            organisation=world.things["adstock"],
            role="drafter",
            status="confirmed",
            created_at=clock.now(),
        )


def more_sessions(world: World) -> None:
    """Sessions of one person, all of them alive."""
    person = world.who("stranger")
    assert person is not None
    for _place in range(MORE):
        Client().force_login(person)


def page(name: str, *things: Callable[[World], Any]) -> Callable[[World], str]:
    """The address of a page of the world."""
    return lambda world: reverse(name, args=[thing(world) for thing in things])


LISTS: dict[str, tuple[str, Callable[[World], str], Callable[[World], None]]] = {
    "dossiers of staff": ("analyst", page("dossiers"), more_dossiers),
    "search": ("analyst", lambda world: reverse("search") + "?q=capteurs", more_dossiers),
    "search by date": ("manager", lambda world: reverse("search") + "?q=capteurs&tri=date", more_dossiers),
    "dossiers of the manager": ("manager", page("dossiers"), more_dossiers),
    "dossiers of a municipality": ("signatory", page("dossiers"), more_drafts),
    "start": ("signatory", page("start", lambda w: "FLIN-OUVERT"), more_drafts),
    "assignments": ("reviewer", page("my_assignments"), more_dossiers),
    "declarations": ("undeclared", page("my_assignments"), more_dossiers),
    "panels": ("secretary", page("panels"), more_dossiers),
    "panel": ("chair", page("panel", lambda w: w.panels["review"].pk), more_dossiers),
    "grid of a panel": ("secretary", page("panel_grid", lambda w: w.panels["review"].pk), more_dossiers),
    "divergences": ("secretary", page("panel_divergences", lambda w: w.panels["review"].pk), more_dossiers),
    "late": ("secretary", page("late"), more_dossiers),
    "decisions": ("manager", page("decisions"), more_decisions),
    "reconsiderations": ("manager", page("reconsiderations"), more_reconsiderations),
    "outbox": ("manager", page("outbox"), more_messages),
    "batch": ("manager", page("batch", lambda w: w.things["batch"].pk), more_messages),
    "projects": ("anonymous", page("projects"), more_awards),
    "accounts": ("technical", page("accounts"), more_people),
    "directory": ("manager", page("directory"), more_people),
    "claims": ("manager", page("claims"), more_people),
    "people of a municipality": (
        "signatory",
        page("organisation_people", lambda w: w.things["adstock"].pk),
        more_people,
    ),
    "calls": ("stranger", page("calls"), more_people),
    "organisations": ("signatory", page("organisations"), more_people),
    "sessions": ("stranger", page("my_sessions"), more_sessions),
}


# Not one list but a board: figures, what is late, what diverges, who may act.
BOARDS = ("panel",)


@pytest.mark.parametrize("name", list(LISTS))
def test_a_list_asks_as_much_for_thirty_rows(
    name: str, kept: World, clients: dict[str, Client], settings: Any
) -> None:
    settings.SEARCH_BACKEND = "database"  # rows are added to its index alone
    role, url, more = LISTS[name]
    if more is more_awards:
        Award.objects.filter(pk=kept.things["award"].pk).update(publish_at=clock.now() - timedelta(hours=1))
    few = statements(clients[role], url(kept))
    more(kept)
    many = statements(clients[role], url(kept))
    assert len(many) == len(few), [one[:160] for one in many]
    assert len(many) <= (20 if name in BOARDS else 10), [one[:160] for one in many]


READERS = (
    "signatory",
    "drafter",
    "analyst",
    "second_analyst",
    "secretary",
    "manager",
    "authority",
    "auditor",
)
READERS += ("reviewer", "peer", "chair")


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("name", ["dossier", "dossier_content", "dossier_files", "dossier_history"])
def test_a_dossier_asks_at_most_fifteen_times(
    name: str, role: str, kept: World, clients: dict[str, Client]
) -> None:
    found = statements(clients[role], reverse(name, args=[kept.dossiers["review"].pk]))
    assert len(found) <= 15, [one[:420] for one in found]


@pytest.mark.parametrize("role", ["manager", "authority", "secretary", "auditor"])
def test_a_decision_and_its_ranking_ask_at_most_fifteen_times(
    role: str, kept: World, clients: dict[str, Client]
) -> None:
    for url in (
        reverse("decision", args=[kept.decisions["decided"].pk]),
        reverse("ranking", args=[kept.panels["decided"].pk]),
    ):
        found = statements(clients[role], url)
        assert len(found) <= 15, (url, [one[:420] for one in found])


def test_nothing_was_left_behind(kept: World) -> None:
    assert Message.objects.count() < MORE * 2
    assert Assignment.objects.count() == 4
    assert Decision.objects.count() == 2
