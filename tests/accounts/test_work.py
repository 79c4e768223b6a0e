"""Queues and jobs as the technical administrator sees them: counts, ids and classes of faults, no word of anybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from notifications.compose import Draft, write
from notifications.models import Message
from notifications.models.message import MessageState
from notifications.recipients import Recipient
from tests import factories
from tests.fixtures_calls import Flin
from web import clock, jobs
from web.models import Export, ExportStatus, Pulse
from workflows import deliveries
from workflows.models import Delivery, Event

pytestmark = pytest.mark.django_db
PLANTED = "Berkelium"


@pytest.fixture
def technical() -> User:
    return factories.make_user("tech@exemple.example", is_technical_admin=True)


@pytest.fixture
def page(technical: User) -> Client:
    client = Client()
    client.force_login(technical)
    return client


def parked(flin: Flin, n: int = 1, state: str = MessageState.PARKED) -> list[Message]:
    """Messages in trouble, their fault full of words."""
    start = Message.objects.count()
    for i in range(start, start + n):
        draft = Draft(
            kind="decision_returned",
            key=f"essai-{i}",
            call=flin.call,
            values={"words": f"{PLANTED} à revoir"},
        )
        write(draft, [Recipient(f"{PLANTED.lower()}-{i}@b.example", f"Ana {PLANTED}", "fr")])
    rows = list(Message.objects.filter(key__startswith="essai").order_by("pk")[start:])
    error = f"SMTPRecipientsRefused 550: {PLANTED.lower()}@b.example"
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(state=state, tries=6, error=error)
    return rows


def test_every_queue_is_on_the_page_with_its_kinds(page: Client, flin: Flin) -> None:
    parked(flin)
    answer = page.get(reverse("work"))
    told = answer.content.decode()
    for queue in jobs.queues():
        assert reverse("work_queue", args=[queue.code]) in told
        assert page.get(reverse("work_queue", args=[queue.code])).status_code == 200
    assert {"deliveries", "documents", "messages", "exports", "scans"} <= {one.code for one in jobs.queues()}
    assert PLANTED.lower() not in told.lower()
    (one,) = [s for s in jobs.stands() if s.queue.code == "messages" and s.failed]
    assert (one.kind, one.failed) == ("other", 1)


def test_a_fault_is_named_by_its_class_and_no_word_more(page: Client, flin: Flin) -> None:
    (row,) = parked(flin)
    told = page.get(reverse("work_queue", args=["messages"])).content.decode()
    assert f"Travail {row.pk}" in told
    assert "<code>SMTPRecipientsRefused</code>" in told
    assert PLANTED.lower() not in told.lower()
    assert flin.call.code not in told


@pytest.mark.parametrize("name", ["work", "work_queue"])
def test_few_statements_whatever_the_rows(page: Client, flin: Flin, name: str) -> None:
    url = reverse(name, args=[] if name == "work" else ["messages"])
    counts = []
    for more in (1, 29):
        parked(flin, more)
        page.get(url)
        with CaptureQueriesContext(connection) as seen:
            page.get(url)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10


def test_retry_of_one_is_an_event_of_the_site(page: Client, technical: User, flin: Flin) -> None:
    one, other = parked(flin, 2)
    answer = page.post(reverse("work_retry", args=["messages", one.pk]))
    assert answer.status_code == 303
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.state, one.tries, other.state) == (MessageState.WAITING, 0, MessageState.PARKED)
    event = Event.objects.get(verb="accounts.user.retry_job")
    assert (event.chain, event.actor) == ("site", f"user:{technical.pk}")
    assert event.data == {"queue": "messages", "row": one.pk}
    again = page.post(reverse("work_retry", args=["messages", one.pk]), follow=True).content.decode()
    assert "n’est pas en panne" in again
    assert Event.objects.filter(verb="accounts.user.retry_job").count() == 1


def test_what_is_uncertain_is_left_to_those_who_run_the_call(page: Client, flin: Flin) -> None:
    (row,) = parked(flin, state=MessageState.UNCERTAIN)
    page.post(reverse("work_retry", args=["messages", row.pk]))
    row.refresh_from_db()
    assert row.state == MessageState.UNCERTAIN


def test_a_parked_delivery_and_a_failed_export_are_put_back(page: Client, flin: Flin) -> None:
    event = Event.objects.order_by("pk").first()
    assert event is not None
    row = Delivery.objects.create(
        event=event, consumer="planted", failed=True, tries=8, error="KeyError: 'x'"
    )
    export = Export.objects.create(
        user=flin.manager,
        table="dossiers",
        language="fr-ca",
        format="csv",
        status=ExportStatus.FAILED,
        tries=3,
    )
    told = page.get(reverse("work_queue", args=["deliveries"])).content.decode()
    assert "<code>KeyError</code>" in told
    page.post(reverse("work_retry", args=["deliveries", row.pk]))
    page.post(reverse("work_retry", args=["exports", export.pk]))
    assert deliveries.due().filter(pk=row.pk).exists()
    export.refresh_from_db()
    assert (export.status, export.tries) == (ExportStatus.WAITING, 0)


def test_the_worker_is_alive_silent_or_was_never_seen(page: Client) -> None:
    assert "jamais vu" in page.get(reverse("work")).content.decode()
    Pulse.objects.create(name="work", beaten_at=clock.now())
    assert "Travailleur actif" in page.get(reverse("work")).content.decode()
    Pulse.objects.update(beaten_at=clock.now() - timedelta(minutes=5))
    assert "Travailleur silencieux" in page.get(reverse("work")).content.decode()


def test_nobody_else_knows_the_page(flin: Flin) -> None:
    client = Client()
    client.force_login(flin.manager)
    for url in (reverse("work"), reverse("work_queue", args=["messages"])):
        assert client.get(url).status_code == 404
    assert client.post(reverse("work_retry", args=["messages", 1])).status_code == 404


def test_a_lease_without_a_queue_is_an_error(monkeypatch: Any) -> None:
    assert list(jobs.undeclared()) == []
    kept = {code: one for code, one in jobs._queues.items() if code != "messages"}
    monkeypatch.setattr(jobs, "_queues", kept)
    assert list(jobs.undeclared()) == ["notifications.Message.lease_until"]
    assert jobs.queues_are_declared()[0].id == "web.E001"
