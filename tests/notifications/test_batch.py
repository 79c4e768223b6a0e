"""A batch of letters seen while it leaves: pace, what is in trouble, stop at the next item, go on, take up again."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from notifications import actions, documents, mail, progress, tasks
from notifications.models import Batch, Document, Message
from notifications.models.document import DocumentState
from notifications.models.message import MessageState, Mode
from tests.fixtures_calls import Flin, make_flin
from web import clock
from workflows.engine import Refused
from workflows.models import Event


def batch_of(flin: Flin, n: int) -> Batch:
    """A batch of messages that may leave now."""
    now = clock.now()
    batch = Batch.objects.create(call=flin.call, kind="to_applicants", key="essai", total=n, created_at=now)
    Message.objects.bulk_create(
        Message(
            key=f"lot:{i}",
            kind="to_applicants",
            mode=Mode.HELD,
            state=MessageState.WAITING,
            call=flin.call,
            to_email=f"greffe{i}@ville.example",
            language="fr",
            subject="Essai",
            body="Bonjour,\n",
            message_id=f"<lot-{i}@jalon.example>",
            created_at=now,
            due_at=now,
            batch=batch,
        )
        for i in range(n)
    )
    return batch


@pytest.fixture(autouse=True)
def box(tmp_path: Path, settings: Any) -> Path:
    settings.EMAIL_BACKEND = "notifications.mailbox.MailboxBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return tmp_path / "mail"


def states(batch: Batch) -> Counter[str]:
    return Counter(Message.objects.filter(batch=batch).values_list("state", flat=True))


@pytest.mark.django_db
def test_stopped_nothing_leaves_and_going_on_sends_the_rest(flin: Flin, box: Path) -> None:
    batch = batch_of(flin, 12)
    mail.send_due(5)
    actions.stop(batch, actor=flin.manager)
    tasks.draw_and_send()
    assert states(batch) == {"sent": 5, "waiting": 7}
    with pytest.raises(Refused):
        actions.stop(batch, actor=flin.manager)
    actions.go_on(batch, actor=flin.manager)
    tasks.draw_and_send()
    assert states(batch) == {"sent": 12}
    assert len(list(box.glob("*.eml"))) == 12


@pytest.mark.django_db
def test_a_stopped_batch_is_not_drawn_either(flin: Flin, held_letter: Document) -> None:
    batch = held_letter.batch
    assert batch is not None
    actions.stop(batch, actor=flin.manager)
    assert documents.draw_due() == 0
    assert documents.draw_one(held_letter.pk) == 0
    actions.go_on(batch, actor=flin.manager)
    assert documents.draw_one(held_letter.pk) == 1


@pytest.fixture
def held_letter(flin: Flin) -> Document:
    """A document of a batch, composed."""
    from notifications import codec
    from notifications.letters import document as model
    from tests.fixtures_awards import make_ranked

    ranked = make_ranked(code="FLIN-LOT")
    batch = Batch.objects.create(call=flin.call, kind="letters", key="lettres", created_at=clock.now())
    content = model.Report(
        kind="Avis",
        language="fr",
        title="Essai",
        reference="X",
        issued=clock.now(),
        date="1er mai",
        letterhead=model.Letterhead("Ministère", "Fonds"),
        body=(model.Paragraph("Bonjour."),),
        contact=None,
        verification=model.Verification("AAAA-BBBB-CCCC", "https://jalon.example/verifier/"),
        organisation="Ville",
        notice="",
    )
    return Document.objects.create(
        key="essai",
        kind="L4",
        call=flin.call,
        dossier=next(iter(ranked.dossiers.values())),
        language="fr",
        title="Essai",
        content=codec.dumps(content),
        code="AAAA-BBBB-CCCC-DDDD",
        created_at=clock.now(),
        batch=batch,
    )


@pytest.mark.django_db
def test_the_manager_sees_pace_and_causes_and_takes_up_what_failed(flin: Flin) -> None:
    batch = batch_of(flin, 40)
    mail.send_due(20)
    Message.objects.filter(key__in=["lot:30", "lot:31"]).update(
        state=MessageState.PARKED, tries=6, error="SMTPRecipientsRefused 550"
    )
    Message.objects.filter(key="lot:32").update(state=MessageState.UNCERTAIN, error="TimeoutError")
    Message.objects.filter(sent_at__isnull=False).update(sent_at=clock.now() - timedelta(seconds=30))
    client = Client()
    client.force_login(flin.manager)
    url = reverse("batch", args=[batch.pk])
    with CaptureQueriesContext(connection) as seen:
        told = client.get(url).content.decode()
    assert len(seen) <= 12
    assert "20 sur 40" in told.replace("\xa0", " ")
    pace = re.search(r"(\d+) par minute", told.replace("\xa0", " "))
    assert pace is not None
    assert 30 <= int(pace[1]) <= 40
    assert "encore 1 minute" in told.replace("\xa0", " ")
    assert 'data-refresh="3"' in told
    assert "refuse l’adresse (550)" in told
    assert "peut-être arrivé" in told
    assert client.post(reverse("batch_act", args=[batch.pk, "reprendre"])).status_code == 302
    assert states(batch) == {"sent": 20, "waiting": 19, "uncertain": 1}
    assert Event.objects.get(verb="notifications.batch.retry").data == {"messages": 2, "documents": 0}
    with pytest.raises(Refused):
        actions.retry_failed(batch, actor=flin.manager)


def test_every_fault_has_words_and_none_shows_an_address() -> None:
    for state in MessageState:
        for error in ("SMTPDataError 554", "ConnectionRefusedError", "KeyError", "Interrupted"):
            words = progress.why(state, error)
            assert words
            assert "@" not in words
    assert progress.why(MessageState.WAITING, "") == ""


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_stopped_while_workers_run_it_stops_at_the_next_item_and_nothing_is_doubled(box: Path) -> None:
    flin = make_flin()
    batch = batch_of(flin, 60)
    ended = threading.Event()

    def work() -> None:
        try:
            while not ended.is_set():
                tasks.draw_and_send()
                time.sleep(0.02)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(work) for _ in range(3)]
        for turn in range(3):
            until(lambda least=12 * (turn + 1): states(batch)["sent"] >= least)
            actions.stop(batch, actor=flin.manager)
            time.sleep(0.4)  # what each worker had in hand is over
            held = states(batch)
            assert held["sending"] == 0
            time.sleep(0.3)
            assert states(batch) == held
            actions.go_on(batch, actor=flin.manager)
        until(lambda: states(batch)["sent"] == 60)
        ended.set()
        for one in running:
            one.result(timeout=20)
    assert len(list(box.glob("*.eml"))) == 60
    assert Message.objects.filter(batch=batch).values("message_id").distinct().count() == 60
    assert Document.objects.filter(state=DocumentState.PARKED).count() == 0


def until(true: Any) -> None:
    end = time.monotonic() + 25
    while not true():
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.02)
