"""A filed dossier, the call closed, and the acts of the ministry on it: fixtures of the staff side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts import permissions
from accounts.models import User
from applications import verifying
from applications.models import Dossier
from tests.applications.filled import file_now
from tests.fixtures_calls import Flin
from workflows.engine import fire


@pytest.fixture
def filed(ready: Dossier, signatory: User) -> Dossier:
    """Filed, the call still open."""
    file_now(ready, signatory)
    ready.refresh_from_db()
    return ready


@pytest.fixture
def closed(filed: Dossier) -> Iterator[Dossier]:
    """Two days after the closing: staff read."""
    with time_machine.travel(filed.call.closes_at + timedelta(days=2), tick=False):
        yield filed


@pytest.fixture
def judged(closed: Dossier, flin: Flin) -> Dossier:
    """Declared complete: the rules are proposed."""
    fire(closed, "advance", actor=flin.analyst, outcome="complet")
    return closed


def signed_in(user: User) -> Client:
    """A browser of this person."""
    permissions.forget(user)
    client = Client()
    client.force_login(user)
    return client


def later(dossier: Dossier, **span: Any) -> datetime:
    """An instant after the due instant of a dossier."""
    assert dossier.due_at is not None
    return dossier.due_at + timedelta(**span)


def confirm_all(dossier: Dossier, analyst: User, **answers: str) -> None:
    """Confirm every rule: « yes » unless said, a note where one is wanted."""
    dossier.refresh_from_db()
    assert dossier.snapshot is not None
    for finding in dossier.snapshot.findings.all():
        answer = answers.get(finding.rule, "na" if finding.proposed == "na" else "yes")
        verifying.confirm(finding, answer, actor=analyst, note="Vu au dossier.")
