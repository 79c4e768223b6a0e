"""Asking a route as somebody: the answer with its redirects, and what of the world it gave away."""

from __future__ import annotations

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.permissions.world import WORDS

HIDDEN = r'name="(?:csrfmiddlewaretoken|key|submit_key)" value="[^"]*"'
TOKENS = re.compile(rf'({HIDDEN}|nonce="[^"]*"|left="\d+")')


@dataclass
class Answer:
    """What came back."""

    status: int
    location: str
    text: str
    headers: str

    def signs_in(self) -> bool:
        """A redirect to the page of sign-in."""
        return self.status in (302, 303) and "/connexion/?next=" in self.location

    def leaks(self, role: str) -> list[str]:
        """Planted words that this person may not read and that came back."""
        whole = self.text + self.headers
        return [word for word, knowers in WORDS.items() if role not in knowers and word in whole]


def route_names() -> dict[str, str]:
    """Every route of the site by name, with its pattern; a route without a name stands under its pattern."""

    def walk(found: Any, prefix: str) -> list[tuple[str, str]]:
        rows: list[tuple[str, str]] = []
        for one in found:
            if isinstance(one, URLResolver):
                rows += walk(one.url_patterns, prefix + str(one.pattern))
            elif isinstance(one, URLPattern):
                rows.append((one.name or prefix + str(one.pattern), prefix + str(one.pattern)))
        return rows

    return dict(walk(get_resolver().url_patterns, ""))


def ask(
    client: Client, name: str, args: tuple[Any, ...], method: str = "get", data: Any = None, **extra: Any
) -> Answer:
    """Ask, then follow what it redirects to when that is not the sign-in; the browser keeps its session."""
    cookies = deepcopy(client.cookies)
    try:
        return _ask(client, name, args, method, data, **extra)
    finally:
        client.cookies = cookies


def _ask(client: Client, name: str, args: tuple[Any, ...], method: str, data: Any, **extra: Any) -> Answer:
    url = reverse(name, args=args)
    sent = dict(data or {})
    if sent.pop("as_json", False) and method == "post":
        response = client.post(url, json.dumps(sent), content_type="application/json", **extra)
    else:
        response = getattr(client, method)(url, sent, **extra)
    first = _answer(response)
    hops = 0
    while response.status_code in (301, 302, 303) and not _answer(response).signs_in() and hops < 3:
        target = response.headers["Location"]
        if method == "get" and (cookies_of(client), target) in _followed:
            break
        _followed.add((cookies_of(client), target))
        response = client.get(target, **extra)
        first.text += _answer(response).text
        first.headers += _answer(response).headers
        hops += 1
    return first


_followed: set[tuple[str, str]] = set()


def cookies_of(client: Client) -> str:
    """Whose browser it is."""
    found = client.cookies.get("sessionid")
    return found.value if found is not None else ""


def _answer(response: Any) -> Answer:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return Answer(
        response.status_code,
        response.headers.get("Location", ""),
        words_of(body),
        "\n".join(f"{key}: {value}" for key, value in response.items()),
    )


def words_of(body: bytes) -> str:
    """The words of an answer: those on the pages of a PDF, those of every file of a ZIP."""
    if body.startswith(b"%PDF-"):
        read = subprocess.run(["pdftotext", "-", "-"], input=body, capture_output=True, check=False)
        return read.stdout.decode() + body.decode("utf-8", "replace")
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as found:
            return "\n".join(name + found.read(name).decode("utf-8", "replace") for name in found.namelist())
    return body.decode("utf-8", "replace")


def settled(text: str, *names: str) -> str:
    """A page without what changes at every request, and without the names given."""
    text = TOKENS.sub("", text)
    for name in names:
        text = text.replace(name, "…")
    return text


class Writes:
    """Statements that write, those of sessions left out: what a refused act must not make."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Note a statement, then run it."""
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and "django_session" not in sql:
            self.made.append(sql)
        return execute(sql, params, many, context)


@contextmanager
def writes() -> Iterator[list[str]]:
    """The writing statements of a block."""
    noted = Writes()
    with connection.execute_wrapper(noted):
        yield noted.made


class TakenBack:
    """A savepoint that is always taken back."""

    def __enter__(self) -> None:
        self._atomic = transaction.atomic()
        self._atomic.__enter__()

    def __exit__(self, *problem: Any) -> None:
        transaction.set_rollback(True)
        self._atomic.__exit__(None, None, None)
