"""A worker killed in a batch of letters: a real process, a real SIGKILL, each letter exactly once."""

from __future__ import annotations

import os
import re
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from notifications.models import Document, Message
from notifications.models.document import DocumentState
from notifications.models.message import MessageState
from review import carrying, deciding
from tests.fixtures_awards import Ranked, make_ranked
from web import clock
from workflows import deliveries
from workflows.engine import fire

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
WORK = (
    "import django; django.setup(); from notifications import tasks\n"
    "import time\n"
    "for _ in range(400): tasks.draw_and_send(); time.sleep(0.05)\n"
)
PATIENCE = 25


def database_url() -> str:
    """The database of the tests, as another process names it."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    host, port = str(given["HOST"]), str(given["PORT"])
    person = f"{quote(given['USER'])}:{quote(given['PASSWORD'])}"
    if host.startswith("/"):
        return f"postgresql://{person}@/{given['NAME']}?host={host}&port={port}"
    return f"postgresql://{person}@{host}:{port}/{given['NAME']}"


class Sink(socketserver.ThreadingTCPServer):
    """A mail server that counts what it took, and on the third message never answers."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, silent_on: int) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.taken: list[str] = []
        self.silent_on = silent_on
        self.is_silent = threading.Event()


class Talk(socketserver.StreamRequestHandler):
    """The few words of SMTP that a client needs."""

    server: Sink

    def handle(self) -> None:
        """Answer until the client leaves."""
        self.say("220 sink")
        while line := self.rfile.readline().decode().strip():
            if line.upper().startswith("DATA"):
                self.say("354 go on")
                if not self.take():
                    return
            elif line.upper().startswith("QUIT"):
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

    def take(self) -> bool:
        """Read one message and note it; False when no answer will come."""
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.decode(errors="replace"))
        found = re.search(r"^Message-ID:\s*(<\S+>)", "".join(lines), re.MULTILINE | re.IGNORECASE)
        self.server.taken.append(found[1] if found else "?")
        if len(self.server.taken) == self.server.silent_on:
            self.server.is_silent.set()
            time.sleep(PATIENCE)
            return False
        self.say("250 taken")
        return True

    def say(self, words: str) -> None:
        """One line back."""
        self.wfile.write(f"{words}\r\n".encode())


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A mail server on loopback that goes silent on its third message."""
    server = Sink(silent_on=3)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def letters(tmp_path: Path, settings: Any) -> Ranked:
    """Six letters of a released decision whose instant has come, none drawn, none sent."""
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    ranked = make_ranked()
    now = clock.now()
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    instant = now + timedelta(seconds=4)
    deciding.set_instants(decision, instant, instant, actor=ranked.flin.manager)
    fire(decision, "propose", actor=ranked.flin.manager)
    fire(decision, "sign", actor=ranked.flin.authority, digest=decision.digest)
    fire(decision, "ask_release", actor=ranked.flin.manager)
    fire(decision, "release", actor=ranked.flin.authority)
    while deliveries.run_due():
        pass
    Message.objects.exclude(kind__startswith="decision_L").update(state=MessageState.CANCELLED)
    until(lambda: clock.now() > instant)
    assert carrying.carry_out() == 6
    return ranked


def until(true: Callable[[], bool]) -> None:
    """Wait, not for ever."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.02)


def worker(tmp_path: Path, mail: str = "") -> subprocess.Popen[bytes]:
    """A worker as a process of its own, on the same rows, files and mailbox."""
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"REDIS_URL", "DEBUG"}},
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(),
        "DATA_DIR": str(tmp_path),
        "DEMO": "1",
        "EMAIL_URL": mail,
        "SITE_URL": "http://127.0.0.1:8000",
    }
    with (tmp_path / "worker.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-c", WORK], cwd=ROOT, env=environment, stdout=log, stderr=log
        )


def kill(process: subprocess.Popen[bytes]) -> None:
    """No farewell: the process is gone between two instructions."""
    process.send_signal(signal.SIGKILL)
    process.wait(10)


def expire_leases() -> None:
    """What the clock does in five minutes."""
    past = clock.now() - timedelta(seconds=1)
    Message.objects.filter(lease_until__isnull=False).update(lease_until=past)
    Document.objects.filter(lease_until__isnull=False).update(lease_until=past)
    Message.objects.filter(state=MessageState.WAITING).update(due_at=past)


def of_letters() -> Any:
    """The messages that carry the letters."""
    return Message.objects.filter(kind__startswith="decision_L")


def test_killed_three_times_each_letter_is_drawn_and_sent_once(letters: Ranked, tmp_path: Path) -> None:
    box = tmp_path / "mail"
    total = of_letters().count()
    assert total >= 6
    for step in (1, 2, 3):  # dies while drawing, while sending, while sending again
        process = worker(tmp_path)
        if step == 1:
            until(lambda: Document.objects.filter(drawn_at__isnull=False).exists())
        else:
            known = len(list(box.glob("*.eml"))) if box.is_dir() else 0
            until(lambda known=known: len(list(box.glob("*.eml"))) > known)
        kill(process)
        expire_leases()
    last = worker(tmp_path)
    until(lambda: of_letters().filter(state=MessageState.SENT).count() == total)
    kill(last)
    assert len(list(box.glob("*.eml"))) == total
    assert Document.objects.filter(line_id__isnull=False).count() == 6
    assert {d.state for d in Document.objects.filter(line_id__isnull=False)} == {DocumentState.DRAWN}
    assert all(message.documents.count() == 1 for message in of_letters())
    assert not Document.objects.filter(line_id__isnull=False, left_at__isnull=True).exists()


def test_killed_before_the_server_answers_the_letter_is_shown_not_repeated(
    letters: Ranked, tmp_path: Path, sink: Sink
) -> None:
    total = of_letters().count()
    address = f"smtp://127.0.0.1:{sink.server_address[1]}"
    process = worker(tmp_path, address)
    until(sink.is_silent.is_set)
    kill(process)
    expire_leases()
    last = worker(tmp_path, address)
    until(lambda: of_letters().filter(state__in=["waiting", "sending"]).count() == 0)
    kill(last)
    assert Counter(of_letters().values_list("state", flat=True)) == {
        MessageState.SENT: total - 1,
        MessageState.UNCERTAIN: 1,
    }
    assert len(sink.taken) == total
    assert set(Counter(sink.taken).values()) == {1}
    assert set(sink.taken) == set(of_letters().values_list("message_id", flat=True))
