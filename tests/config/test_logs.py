"""A log line tells what the program did; no word of a person, no token, no question, exceptions included."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import structlog
from django.db import IntegrityError
from django.test import Client

from config import logs
from config.celery import app
from tests import factories
from tests.web.test_error_pages import FAULTY
from workflows import deliveries
from workflows.deliveries import register_consumer
from workflows.engine import record
from workflows.models import Delivery

pytestmark = pytest.mark.django_db
WORD = "Zirconium-planté"
ADDRESS = "zoe.plantee@exemple.example"


class Lines:
    """What was written, line by line."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def text(self) -> str:
        return self.stream.getvalue()


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Every logger at its most talkative, through the formatter of production."""
    found = Lines()
    handler = logging.StreamHandler(found.stream)
    handler.setFormatter(logs.Formatter(json_lines=True))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield found
    root.removeHandler(handler)
    root.setLevel(level)


def test_values_go_and_words_of_the_program_stay(lines: Lines) -> None:
    app.finalize()
    assert "config.pulse" in app.tasks
    lines.stream.truncate(0)
    lines.stream.seek(0)
    log = logging.getLogger("notifications.mail")
    log.warning("message %s to %s not sent (%s), try %d", 12, ADDRESS, "ConnectionError", 3)
    log.warning("task %s of %s", "config.pulse", uuid4(), extra={"words": WORD})
    (first, second) = lines.all()
    assert first["event"] == "message 12 to … not sent (ConnectionError), try 3"
    assert (first["level"], first["logger"]) == ("warning", "notifications.mail")
    assert first["at"].endswith("Z")
    assert "config.pulse" in second["event"]
    assert WORD not in lines.text()


def test_sentences_put_together_elsewhere_are_cut(lines: Lines) -> None:
    for sentence in (f"cannot deliver to {ADDRESS}: {WORD}", f"Invalid HTTP_HOST header: {WORD!r}"):
        logging.getLogger("some.library").error(sentence)
    assert [line["event"] for line in lines.all()] == ["cannot deliver to", "Invalid HTTP_HOST header"]


def test_an_exception_is_its_type_and_its_frames(lines: Lines) -> None:
    secret = WORD
    try:
        try:
            raise IntegrityError(f"Key (email)=({ADDRESS}) exists")
        except IntegrityError as fault:
            raise ValueError(secret) from fault
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error: %s", f"/recherche/{WORD}")
        structlog.stdlib.get_logger("config").error("failed", words=WORD, count=3, exc_info=True)
    first, second = lines.all()
    assert [one["type"] for one in first["error"]] == ["ValueError", "IntegrityError"]
    assert first["error"][0]["frames"][0].startswith("tests/config/test_logs.py:")
    assert second["count"] == 3
    assert WORD not in lines.text()
    assert ADDRESS not in lines.text()


@FAULTY
def test_a_fault_of_a_page_is_told_with_its_number(client: Client, lines: Lines) -> None:
    client.raise_request_exception = False
    answer = client.get(f"/casse/?q={WORD}")
    told = [line for line in lines.all() if line["logger"] == "django.request"][-1]
    assert told["request_id"] == answer.headers["X-Request-ID"]
    assert (told["status"], told["path"], told["method"]) == (500, "/casse/", "GET")
    assert told["error"][0]["type"] == "ValueError"
    assert "Planted" not in lines.text()
    assert WORD not in lines.text()


def test_a_delivery_that_fails_says_no_word(lines: Lines) -> None:
    class Broken:
        name = "broken_for_logs"

        def wants(self, event: Any) -> bool:
            return False

        def handle(self, event: Any) -> None:
            raise ValueError(WORD)

    register_consumer("broken_for_logs", lambda event: False, Broken().handle)
    try:
        user = factories.make_user("quelquun@exemple.example")
        event = record(user, "update_profile", actor=user)
        row = Delivery.objects.create(event=event, consumer="broken_for_logs")
        assert deliveries.perform(row) is False
    finally:
        deliveries.forget_consumer("broken_for_logs")
    told = next(line for line in lines.all() if line["logger"] == "workflows.deliveries")
    assert told["event"] == f"delivery {row.pk} to broken_for_logs failed"
    assert WORD not in lines.text()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/", "/"),
        ("/en/sante/", "/en/sante/"),
        ("/invitation/jeton-secret/", "/invitation/…/"),
        ("/dossiers/FLIN-2026-014/", "/dossiers/…/"),
        ("/exports/12/fichier/?q=mot", "/exports/12/fichier/"),
        (f"/{ADDRESS}", "/…"),
    ],
)
def test_paths_keep_what_the_addresses_declare(path: str, told: str) -> None:
    assert logs.masked(path) == told


def test_signing_in_and_searching_leave_no_word(client: Client, lines: Lines) -> None:
    user = factories.make_user(ADDRESS, given_name="Zoé-Planted", family_name="Plantée-Planted")
    user.set_password("un-mot-de-passe-planted")
    user.save()
    for password in ("faux-planted", "un-mot-de-passe-planted"):
        client.post("/connexion/", {"login": ADDRESS, "password": password})
    client.force_login(user)
    client.get("/recherche/", {"q": WORD})
    client.get(f"/nulle-part/{WORD}/{ADDRESS}")
    client.post("/mot-de-passe/oubli/", {"email": ADDRESS})
    text = lines.text()
    assert "/nulle-part" not in text
    for word in (ADDRESS, "Planted", "planted", WORD, "zoe"):
        assert word not in text, word


def test_the_request_goes_with_the_task_that_it_wakes(lines: Lines) -> None:
    seen: list[dict[str, Any]] = []

    @app.task(name="tests.numbered")
    def numbered() -> None:
        seen.append(dict(structlog.contextvars.get_contextvars()))
        logging.getLogger("config").warning("at work")

    with app.connection_for_write() as connection:
        channel = connection.channel()
        queue = app.amqp.queues["celery"](channel)
        queue.declare()
        queue.purge()
        with structlog.contextvars.bound_contextvars(request_id="a-number-of-a-request"):
            numbered.apply_async(connection=connection)
        message = queue.get(no_ack=True)
    assert message.headers["request_id"] == "a-number-of-a-request"
    assert isinstance(message.headers["sent_at"], float)
    numbered.apply(headers={"request_id": "a-number-of-a-request"}).get()
    assert seen[0]["request_id"] == "a-number-of-a-request"
    told = next(line for line in lines.all() if line["event"] == "at work")
    assert (told["request_id"], told["task"]) == ("a-number-of-a-request", "tests.numbered")
    app.tasks.pop("tests.numbered")
