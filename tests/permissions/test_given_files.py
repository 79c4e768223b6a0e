"""Whatever gives a file gives it to keep, under a type that nobody guesses, to run nothing and to stay nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.permissions import table
from tests.permissions.asking import TakenBack
from tests.permissions.cases import ROUTES
from tests.permissions.world import World

pytestmark = pytest.mark.django_db
TABLE = table.read()
PAGES = (
    "text/html",
    "application/json",
    "application/ld+json",
    "application/csvm+json",
    "application/atom+xml",
    "image/svg+xml",
)


def given(world: World, clients: dict[str, Client], name: str) -> Iterator[tuple[str, str, Any]]:
    """What a route answers that is no page: (address and role, role, headers)."""
    for case in ROUTES[name].cases:
        cell = TABLE[(name, case.relation, "get")]
        role = next((one for one in clients if table.expected_of(cell, one) == "200"), None)
        if role is None:
            continue
        with TakenBack():
            url = reverse(name, args=case.args(world))
            answer: Any = clients[role].get(url, case.sent(world))
        if answer.streaming:
            b"".join(answer.streaming_content)
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        if answer.status_code == 200 and kind not in PAGES:
            yield f"{url} as {role}", role, answer.headers


def test_every_file_is_given_to_keep(kept: World, clients: dict[str, Client]) -> None:
    met, wrong = set(), []
    for name in [name for name, route in ROUTES.items() if "get" in route.methods.split()]:
        for where, role, headers in given(kept, clients, name):
            met.add(name)
            policy = headers.get("Content-Security-Policy", "")
            fair = (
                headers.get("Content-Disposition", "").startswith("attachment")
                and headers.get("X-Content-Type-Options") == "nosniff"
                and "sandbox" in policy
                and "default-src 'none'" in policy
                and (role in table.GROUPS["VISITORS"] or headers.get("Cache-Control") == "no-store")
            )
            if not fair:
                wrong.append(f"{where}: {dict(headers)}")
    assert wrong == []
    assert {"file", "dossier_pdf"} <= met, sorted(met)
