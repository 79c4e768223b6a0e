"""Whose stamp counts for a deadline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import RequestFactory

from web import clock

NOW = datetime(2026, 3, 27, 20, 30, 5, tzinfo=UTC)
TOLD = datetime(2026, 3, 27, 20, 29, 59, 900000, tzinfo=UTC)
SECONDS = f"{Decimal(int(TOLD.timestamp() * 1000)) / 1000}"


def received(settings: Any, trusted: list[str], peer: str, header: str | None) -> datetime:
    settings.TRUSTED_PROXY = trusted
    extra = {} if header is None else {"HTTP_X_REQUEST_START": header}
    request = RequestFactory().post("/", REMOTE_ADDR=peer, **extra)
    with time_machine.travel(NOW, tick=False):
        return clock.received_at(request)


@pytest.mark.parametrize(
    ("trusted", "peer"),
    [(["10.0.0.5"], "10.0.0.5"), (["10.0.0.0/8"], "10.1.2.3"), (["unix"], ""), (["::1"], "::1")],
)
def test_our_proxy_is_believed(settings: Any, trusted: list[str], peer: str) -> None:
    assert received(settings, trusted, peer, f"t={SECONDS}") == TOLD


@pytest.mark.parametrize(
    ("trusted", "peer"),
    [
        ([], "10.0.0.5"),
        (["10.0.0.5"], "10.0.0.6"),
        (["10.0.0.5"], ""),
        (["10.0.0.5"], "nobody"),
        (["unix"], "::1"),
    ],
)
def test_nobody_else_is(settings: Any, trusted: list[str], peer: str) -> None:
    assert received(settings, trusted, peer, f"t={SECONDS}") == NOW


@pytest.mark.parametrize("header", [None, "", "t=", "t=abc", "t=-1", "t=1.2.3", "9" * 30, "t=NaN", "t=inf"])
def test_a_stamp_that_is_none_counts_for_nothing(settings: Any, header: str | None) -> None:
    assert received(settings, ["127.0.0.1"], "127.0.0.1", header) == NOW


@pytest.mark.parametrize("shift", [timedelta(seconds=1), timedelta(hours=-2)])
def test_a_stamp_of_the_future_or_of_long_ago_is_a_fault(settings: Any, shift: timedelta) -> None:
    header = f"t={(NOW + shift).timestamp():.3f}"
    assert received(settings, ["127.0.0.1"], "127.0.0.1", header) == NOW


def test_units_of_a_stamp() -> None:
    milli = str(int(TOLD.timestamp() * 1000))
    assert clock.parse_stamp(milli) == clock.parse_stamp(SECONDS) == clock.parse_stamp(f"{milli}000") == TOLD


def test_a_request_is_stamped_once() -> None:
    request = RequestFactory().get("/")
    with time_machine.travel(NOW, tick=False):
        first = clock.received_at(request)
    assert clock.received_at(request) == first == NOW
