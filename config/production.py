"""What production wants before it starts. Each refusal is one sentence: the variable, what is wrong, the remedy."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

WEAK = "development-only"
SHORTEST_KEY = 50


def refuse(given: Mapping[str, str]) -> None:
    """Stop with every sentence at once, so that one start is enough to learn all of them."""
    if found := refusals(given):
        raise ImproperlyConfigured("Jalon does not start in production:\n- " + "\n- ".join(found))


def refusals(given: Mapping[str, str]) -> list[str]:
    """What is missing or too weak, in the order of .env.example."""
    checks = [
        _secret_key(given["SECRET_KEY"]),
        _database(given["DATABASE_URL"]),
        _redis(given["REDIS_URL"]),
        _site(given["SITE_URL"]),
        _hosts(given["ALLOWED_HOSTS"]),
        _mail(given["EMAIL_URL"]),
        _sender(given["DEFAULT_FROM_EMAIL"]),
        _scanner(given["FILE_SCANNER"]),
        _debug(given["DEBUG"]),
    ]
    return [sentence for sentence in checks if sentence]


def _secret_key(key: str) -> str:
    remedy = "make one with `python3 deploy/new_secrets.py` and name its file in SECRET_KEY_FILE."
    if not key:
        return f"SECRET_KEY is not set: {remedy}"
    if len(key) < SHORTEST_KEY or len(set(key)) < 5 or key.startswith(WEAK):
        return f"SECRET_KEY is too weak (at least {SHORTEST_KEY} signs drawn at random): {remedy}"
    return ""


def _database(url: str) -> str:
    remedy = "set postgresql://USER@HOST:5432/NAME, with the password in DATABASE_PASSWORD_FILE."
    if not url:
        return f"DATABASE_URL is not set: {remedy}"
    if urlsplit(url).scheme not in {"postgres", "postgresql"}:
        return f"DATABASE_URL is not PostgreSQL (SQLite is for the demonstration): {remedy}"
    return ""


def _redis(url: str) -> str:
    if urlsplit(url).scheme not in {"redis", "rediss"} or not urlsplit(url).hostname:
        return "REDIS_URL is not the address of a Redis: set redis://HOST:6379/0."
    return ""


def _site(url: str) -> str:
    if urlsplit(url).scheme != "https" or not urlsplit(url).hostname:
        return "SITE_URL is not an https address: set the one people type, as in https://jalon.example."
    return ""


def _hosts(hosts: str) -> str:
    names = [name.strip() for name in hosts.split(",") if name.strip()]
    if not names:
        return "ALLOWED_HOSTS is empty: set the name in SITE_URL, as in jalon.example."
    if any(name == "*" for name in names):
        return "ALLOWED_HOSTS lets any name in (*): set the name in SITE_URL, as in jalon.example."
    return ""


def _mail(url: str) -> str:
    if urlsplit(url).scheme not in {"smtp", "smtps"} or not urlsplit(url).hostname:
        return "EMAIL_URL is not the address of a mail server: set smtp://USER:PASSWORD@HOST:PORT (or EMAIL_URL_FILE)."
    return ""


def _sender(sender: str) -> str:
    if "@" not in sender:
        return (
            "DEFAULT_FROM_EMAIL is not set: set the sender of messages, as in Jalon <no-reply@jalon.example>."
        )
    return ""


def _scanner(address: str) -> str:
    if address == "none":
        return "FILE_SCANNER is none (files would never be checked): set tcp://HOST:PORT of ClamAV."
    try:
        place = urlsplit(address if "://" in address else f"tcp://{address}")
        known = (place.scheme == "tcp" and place.hostname and place.port) or (
            place.scheme == "unix" and place.path
        )
    except ValueError:
        known = ""
    if not known:
        return "FILE_SCANNER is not the address of ClamAV: set tcp://HOST:PORT or unix:///PATH."
    return ""


def _debug(debug: str) -> str:
    return "DEBUG shows settings and data to anybody: take it out of the environment." if debug else ""
