"""The clock: one place tells the time, one place tells when a request was received."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

EASTERN = ZoneInfo("America/Toronto")

# A stamp older than this is a fault of the proxy's clock, not a queue.
OLDEST_STAMP = timedelta(hours=1)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return timezone.now()


def today() -> date:
    """The present day where the ministry works."""
    return now().astimezone(EASTERN).date()


def eastern(instant: datetime) -> datetime:
    """The same instant on the clock of Québec City."""
    return instant.astimezone(EASTERN)


@lru_cache(maxsize=8)
def _networks(addresses: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Parse the trusted addresses once; the word `unix` stands for a socket file."""
    return tuple(ip_network(item, strict=False) for item in addresses if item != "unix")


def is_trusted_peer(address: str) -> bool:
    """Tell whether the peer that speaks to us is our own proxy."""
    trusted: tuple[str, ...] = tuple(getattr(settings, "TRUSTED_PROXY", ()) or ())
    if not address:
        return "unix" in trusted
    try:
        peer = ip_address(address)
    except ValueError:
        return False
    return any(peer in network for network in _networks(trusted))


def parse_stamp(text: str) -> datetime | None:
    """Read `t=1774643400.123` (seconds, or a whole number of milli or microseconds)."""
    raw = text.strip().removeprefix("t=")
    if not raw or len(raw) > 24 or raw.strip("0123456789."):
        return None
    try:
        value = Decimal(raw)
    except InvalidOperation:
        return None
    if value > 10**14:
        micro = int(value)
    elif value > 10**11:
        micro = int(value * 1000)
    else:
        micro = int(value * 1_000_000)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micro)


def stamp(request: HttpRequest) -> datetime:
    """Decide the arrival of a request: the proxy's stamp when it is ours, else this instant."""
    here = now()
    header = request.META.get("HTTP_X_REQUEST_START", "")
    if header and is_trusted_peer(request.META.get("REMOTE_ADDR", "")):
        told = parse_stamp(header)
        if told is not None and here - OLDEST_STAMP <= told <= here:
            return told
    return here


def received_at(request: HttpRequest) -> datetime:
    """The instant that counts against a deadline; stamped once, by the first middleware."""
    arrived: datetime | None = getattr(request, "arrived_at", None)
    if arrived is None:
        arrived = stamp(request)
        request.arrived_at = arrived  # type: ignore[attr-defined]
    return arrived
