"""Whether a neighbour answers: one short question in its own protocol, two seconds at most, no secret in the answer."""

from __future__ import annotations

import json
import smtplib
import urllib.error
import urllib.request
from base64 import b64encode
from contextlib import closing
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PATIENCE = 2.0


def redis(url: str) -> str:
    """Version of the Redis at an address, "" when it does not answer."""
    from redis import Redis
    from redis.exceptions import RedisError

    try:
        with closing(Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)) as client:
            told: Any = client.info("server")
            return str(told["redis_version"])
    except (RedisError, OSError, ValueError):
        return ""


def clamav() -> str:
    """Version of the ClamAV that the worker asks, by the worker's own client; "" when it does not answer it."""
    from applications import quarantine

    try:
        return quarantine.version().split("/")[0].removeprefix("ClamAV ")
    except (quarantine.Away, ImproperlyConfigured):
        return ""


def elasticsearch(url: str) -> str:
    """Health of the Elasticsearch cluster at an address (green, yellow, red), "" when it does not answer."""
    place = urlsplit(url)
    plain = place._replace(netloc=f"{place.hostname}:{place.port or 9200}", path="/_cluster/health").geturl()
    headers = {}
    if place.username:
        pair = f"{unquote(place.username)}:{unquote(place.password or '')}"
        headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
    if place.scheme not in {"http", "https"}:
        return ""
    try:
        asked = urllib.request.Request(plain, headers=headers)  # noqa: S310 (http or https, looked at above)
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310
            return str(json.load(answer)["status"])
    except (OSError, ValueError, KeyError, urllib.error.URLError):
        return ""


def smtp(host: str, port: int) -> str:
    """`ready` when a mail server greets at an address, "" otherwise; no message and no password is sent."""
    try:
        with smtplib.SMTP(host, port, timeout=PATIENCE):
            return "ready"
    except (OSError, smtplib.SMTPException):
        return ""
