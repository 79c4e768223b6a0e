"""The index outside: swapped without an empty instant, nothing lost; away, the database answers and says so."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from applications import looking
from applications.models import Dossier
from applications.querysets import LABEL
from search import declare, elastic, feed, interface
from search.declare import Away, Document, Source
from search.tasks import keep
from tests.applications import filled
from tests.applications.checked import filed, signed_in
from tests.applications.conftest import _own_files, adstock, ready, signatory
from tests.fixtures_calls import flin, flin_at
from tests.search.engines import Elastic, elasticsearch
from workflows import deliveries
from workflows.models import Delivery

__all__ = ["_own_files", "adstock", "filed", "flin", "flin_at", "ready", "signatory"]
pytestmark = [pytest.mark.django_db, pytest.mark.elastic]
KIND = "tests.Many"
NOTE = "ces résultats viennent de la base de données"


@pytest.fixture
def outside() -> Iterator[Elastic]:
    with elasticsearch() as engine:
        yield engine


@pytest.fixture
def many() -> Iterator[dict[int, Document]]:
    """A source of things that a test changes as it goes; its reader is slow enough to be raced."""
    there = {key: Document(key, body=f"tramway numero{key}", at=key) for key in range(1, 61)}

    def read(keys: Any) -> Any:
        time.sleep(0.02)
        return [there[key] for key in keys if key in there]

    declare.declare(Source(KIND, lambda: list(there), read))
    yield there
    declare._sources.pop(KIND)


def keys(text: str) -> set[int]:
    return {key for one in interface.look(KIND, text) for key in one.scores}


# --- swap and fill ------------------------------------------------------------------------------------
def test_readers_never_see_an_empty_index_while_it_is_replaced(
    outside: Elastic, many: dict[int, Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elastic, "GRACE", 0.5)
    feed.rebuild_outside(KIND)
    seen: list[int] = []
    faults: list[Exception] = []
    is_over = threading.Event()

    def read() -> None:
        while not is_over.is_set():
            try:
                seen.append(len(keys("tramway")))
            except Exception as fault:
                faults.append(fault)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for one in readers:
        one.start()
    for _ in range(3):
        assert feed.rebuild_outside(KIND) == 60
    is_over.set()
    for one in readers:
        one.join()
    assert faults == []
    assert len(seen) > 20
    assert set(seen) == {60}
    server = elastic.client()
    assert len(server.indices.get(index=f"{elastic.alias(KIND)}-*").body) == 1  # the others are gone


def test_what_is_written_while_an_index_is_filled_is_in_it(
    outside: Elastic, many: dict[int, Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writers go on; the last word of each stands, though the filling read an earlier one."""
    monkeypatch.setattr(feed, "BATCH", 5)
    feed.rebuild_outside(KIND)
    begun = threading.Event()

    def write() -> None:
        begun.wait(5)
        for key in range(1, 61):
            many[key] = Document(key, version=2, body=f"patinoire numero{key}", at=key)
            feed.refresh_outside(KIND, [key])

    writer = threading.Thread(target=write)
    writer.start()
    begun.set()
    feed.rebuild_outside(KIND)
    writer.join()
    elastic.refresh(KIND)
    assert keys("patinoire") == set(range(1, 61))
    assert keys("tramway") == set()


def test_an_older_reading_never_replaces_a_newer_one(outside: Elastic) -> None:
    outside.index(KIND, [Document(1, version=2, revision=512, files="patinoire")])
    outside.index(KIND, [Document(1, version=2, revision=511, files="tramway")])
    outside.index(KIND, [Document(1, version=1, revision=9999, files="tramway")])
    assert (keys("patinoire"), keys("tramway")) == ({1}, set())
    outside.index(KIND, [Document(1, version=2, revision=513)])
    assert keys("patinoire") == set()


def test_a_filling_that_breaks_leaves_the_index_that_is_asked(
    outside: Elastic, many: dict[int, Document]
) -> None:
    feed.rebuild_outside(KIND)

    def broken() -> Iterator[list[Document]]:
        yield [Document(1, body="autre")]
        raise ValueError("no disk")

    with pytest.raises(ValueError, match="no disk"):
        elastic.rebuild(KIND, broken)
    assert len(keys("tramway")) == 60
    assert len(elastic.client().indices.get(index=f"{elastic.alias(KIND)}-*").body) == 1


def test_a_new_mapping_is_seen_and_filled_by_itself(
    outside: Elastic, many: dict[int, Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert feed.keep_outside(KIND)
    assert not feed.keep_outside(KIND)
    monkeypatch.setattr(elastic, "print_of_mapping", lambda: "00000000")
    assert feed.keep_outside(KIND)
    assert len(keys("tramway")) == 60


def test_answers_come_in_pieces_in_the_same_order(
    outside: Elastic, many: dict[int, Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    feed.rebuild_outside(KIND)
    monkeypatch.setattr(elastic, "FIRST", 7)
    monkeypatch.setattr(elastic, "NEXT", 10)
    pieces = [list(one.scores) for one in interface.look(KIND, "tramway")]
    assert [len(one) for one in pieces] == [7, 10, 10, 10, 10, 10, 3]
    assert [key for one in pieces for key in one] == list(range(60, 0, -1))


# --- away ---------------------------------------------------------------------------------------------
def drain() -> None:
    """Everything that waits is due now."""
    Delivery.objects.filter(done_at=None).update(due_at=timezone.now())
    while deliveries.run_due(limit=500):
        if not Delivery.objects.filter(done_at=None, due_at__lte=timezone.now(), failed=False).exists():
            return


def back() -> None:
    elastic.forget_silence()
    keep()
    drain()
    elastic.refresh(LABEL)


@contextmanager
def short_patience() -> Iterator[None]:
    """A page and a delivery wait one second."""
    kept = elastic.SEARCH_SECONDS, elastic.FEED_SECONDS
    elastic.SEARCH_SECONDS = elastic.FEED_SECONDS = 1.0
    try:
        yield
    finally:
        elastic.SEARCH_SECONDS, elastic.FEED_SECONDS = kept


def closed_port() -> str:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def hanging() -> Iterator[str]:
    """A server that takes the call and says nothing."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("kind", ["closed", "hanging"])
def test_away_the_database_answers_says_so_and_all_is_caught_up(
    kind: str, outside: Elastic, hanging: str, ready: Dossier, signatory: User, settings: Any
) -> None:
    alive = settings.ELASTICSEARCH_URL
    back()
    assert elastic.is_current(LABEL)
    settings.ELASTICSEARCH_URL = closed_port() if kind == "closed" else hanging
    elastic.forget_silence()
    filled.file_now(ready, signatory)
    with short_patience():
        began = time.monotonic()
        for _ in range(3):
            drain()
        page = signed_in(signatory).get("/recherche/?q=debitmetres").content.decode()
        assert time.monotonic() - began < 15
    assert f"/dossiers/{ready.pk}/" in page
    assert NOTE in page
    waiting = Delivery.objects.filter(consumer=looking.OUTSIDE, done_at=None)
    assert waiting.exists()
    assert not Delivery.objects.exclude(consumer=looking.OUTSIDE).filter(done_at=None).exists()
    with short_patience():
        for _ in range(2 * deliveries.MAX_TRIES):  # however long it lasts, nothing is parked
            drain()
    assert not waiting.filter(failed=True).exists()
    settings.ELASTICSEARCH_URL = alive
    elastic.forget_silence()
    page = signed_in(signatory).get("/recherche/?q=debitmetres").content.decode()
    assert NOTE in page  # it answers, and is behind: the database still does
    assert f"/dossiers/{ready.pk}/" in page
    back()
    page = signed_in(signatory).get("/recherche/?q=debitmetres").content.decode()
    assert NOTE not in page
    assert f"/dossiers/{ready.pk}/" in page
    assert "<mark>débitmètres</mark>" in page


def test_an_index_wiped_outside_is_filled_again_without_anybody(
    outside: Elastic, filed: Dossier, signatory: User
) -> None:
    back()
    assert NOTE not in signed_in(signatory).get("/recherche/?q=debitmetres").content.decode()
    outside.reset()
    page = signed_in(signatory).get("/recherche/?q=debitmetres").content.decode()
    assert NOTE in page
    assert f"/dossiers/{filed.pk}/" in page
    back()
    assert NOTE not in signed_in(signatory).get("/recherche/?q=debitmetres").content.decode()


def test_a_silent_server_is_not_asked_again_at_once(outside: Elastic, hanging: str, settings: Any) -> None:
    settings.ELASTICSEARCH_URL = hanging
    elastic.forget_silence()
    with short_patience(), pytest.raises(Away):
        keys("tramway")
    began = time.monotonic()
    for _ in range(20):
        with pytest.raises(Away):
            keys("tramway")
    assert time.monotonic() - began < 1


def test_the_command_fills_both_and_says_what_is_away(
    outside: Elastic, filed: Dossier, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("reindex")
    assert f"{LABEL}: 1 in a new index outside" in capsys.readouterr().out
    settings.ELASTICSEARCH_URL = closed_port()
    with pytest.raises(CommandError, match="the database is done"):
        call_command("reindex")
