"""Fixtures of calls, loaded with `pytest_plugins`: the ready-made call, open now, and its people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from grants.actions.calls import Options, load_call, loader
from grants.models import Call, Volet
from grants.reading import folder, read_source
from tests import factories
from web import clock
from workflows.engine import fire

STAFF = ("manager", "authority", "auditor")
CALL_STAFF = ("analyst", "second_analyst", "secretary")


@dataclass
class Flin:
    """The ready-made call with its people."""

    call: Call
    manager: User
    authority: User
    auditor: User
    analyst: User
    second_analyst: User
    secretary: User

    @property
    def volet(self) -> Volet:
        """Its only volet."""
        return self.call.volets.get()

    @property
    def body(self) -> dict[str, Any]:
        """The content of its edition."""
        assert self.call.edition is not None
        return self.call.edition.content


def make_call(code: str = "FLIN-ESSAI", *, closes: datetime | None = None, **options: Any) -> Call:
    """The ready-made call as a draft under a code of its own, closing in 20 days unless said."""
    when = closes or (clock.now() + timedelta(days=20)).replace(microsecond=0)
    source = read_source(folder("flin"))
    return load_call(source, options=Options(code=code, closes=when, **options)).call


def make_flin(
    code: str = "FLIN-ESSAI", *, closes: datetime | None = None, publish: bool = True, **options: Any
) -> Flin:
    """The call, people appointed on it, then published."""
    call = make_call(code, closes=closes, **options)
    people = {
        role: factories.make_staff(role, call.programme, email=f"{role}@ministere.example") for role in STAFF
    }
    people |= {
        role: factories.make_staff(role, call, email=f"{role}@ministere.example") for role in CALL_STAFF
    }
    if publish:
        fire(call, "publish", actor=loader(), past=True)
    call.refresh_from_db()
    return Flin(call=call, **people)


@pytest.fixture
def flin(db: None) -> Flin:
    """The ready-made call, published and open now, with one person in each role of the ministry."""
    return make_flin()


@pytest.fixture
def flin_at(db: None) -> Callable[..., Flin]:
    """Make the call with another code, closing or envelope: `flin_at("FLIN-2", closes=…)`."""
    return make_flin
