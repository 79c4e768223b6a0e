"""A real mail server that hangs, refuses, is late, cuts or falls silent: what becomes of each message."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench import faults_smtp
from bench.stage import Mail

pytestmark = pytest.mark.django_db
TIMEOUT = 2.0


@pytest.fixture
def server(tmp_path: Path, settings: Any) -> Iterator[Mail]:
    """A server whose manners depend on the address."""
    made = Mail(tmp_path, "mixed")
    made.start()
    settings.EMAIL_BACKEND = "notifications.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", made.port, TIMEOUT
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = False
    yield made
    made.kill()


def test_each_message_ends_where_its_server_left_it_and_others_go_on(server: Mail, settings: Any) -> None:
    faults_smtp.write(list(faults_smtp.MANNERS))
    taken = faults_smtp.rounds()
    _lines, wrong = faults_smtp.judge(server)
    assert wrong == []
    assert max(taken) < 2 * TIMEOUT + 10
    _said, wrong = faults_smtp.away(settings)
    assert wrong == []
