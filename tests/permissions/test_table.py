"""The permission table: every route × every role × its relation to the thing; a status and planted words."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import translation

from tests.permissions import table
from tests.permissions.asking import TakenBack, ask, route_names, settled, writes
from tests.permissions.cases import ROUTES
from tests.permissions.world import World

pytestmark = pytest.mark.django_db
TABLE = table.read()
REFUSED = ("400", "401", "403", "404", "405", "login")
# Read and recorded at once: who opened which confidential file or letter.
RECORDED = (
    "file",
    "reconsideration_file",
    "document_pdf",
    "minutes_pdf",
    "dossier_pdf",
    "dossier_zip",
    "my_data",
)


def test_every_route_has_a_row() -> None:
    names = set(route_names())
    assert sorted(names - set(ROUTES)) == [], "routes without a row in tests/permissions/cases.py"
    assert sorted(set(ROUTES) - names) == [], "rows of routes that are gone"


def test_every_cell_is_written() -> None:
    asked = {
        (name, case.relation, method)
        for name, route in ROUTES.items()
        for case in route.cases
        for method in route.methods.split()
    }
    assert sorted(asked - set(TABLE)) == [], "cells without a line in tests/permissions/table.txt"
    assert sorted(set(TABLE) - asked) == [], "lines that nothing asks for"


def met(client: Client, name: str, args: Any, method: str, data: Any, role: str) -> tuple[str, list[str]]:
    """The status that a person meets, and what is wrong with the answer besides."""
    cache.clear()
    with TakenBack(), writes() as made:
        answer = ask(client, name, args, method, data)
    status = "login" if answer.signs_in() else str(answer.status)
    faults = [f"reads {word}" for word in answer.leaks(role)]
    if made and (status in REFUSED or (method == "get" and name not in RECORDED)):
        faults.append(f"{status} yet it writes {made[0][:80]}")
    return status, faults


@pytest.mark.parametrize("name", list(ROUTES))
def test_route(name: str, kept: World, clients: dict[str, Client]) -> None:
    route, wrong = ROUTES[name], []
    seen: dict[str, dict[str, list[str]]] = {}
    for case in route.cases:
        for method in route.methods.split():
            cell = TABLE.get((name, case.relation, method), {})
            for role in route.cast(case, clients):
                status, faults = met(clients[role], name, case.args(kept), method, case.sent(kept), role)
                seen.setdefault(f"{name} {case.relation} {method}", {}).setdefault(status, []).append(role)
                wanted = table.expected_of(cell, role)
                if status != wanted:
                    faults.append(f"{status}, not {wanted}")
                wrong += [f"{case.relation} {method} as {role}: {fault}" for fault in faults]
    if folder := os.environ.get("PERMISSIONS_SEEN"):
        import json
        from pathlib import Path

        Path(folder, f"{name}.json").write_text(json.dumps(seen))
    assert wrong == []


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.gone])
def test_what_is_not_for_you_does_not_exist(name: str, kept: World, clients: dict[str, Client]) -> None:
    """Anonymous: the same redirect whether the thing exists or not; signed in: the same 404."""
    route, case = ROUTES[name], ROUTES[name].cases[0]
    args = case.args(kept)
    for method in route.methods.split():
        cell = TABLE[(name, case.relation, method)]
        for role in ("anonymous", "stranger", "recused_reviewer", "elsewhere"):
            if table.expected_of(cell, role) not in ("login", "404"):
                continue
            with TakenBack():
                there = ask(clients[role], name, args, method, case.sent(kept))
            with TakenBack():
                gone = ask(clients[role], name, route.gone, method, case.sent(kept))
            assert there.status == gone.status, (method, role)
            assert plain(there, name, args) == plain(gone, name, route.gone), (method, role)


def plain(answer: Any, name: str, args: Any) -> str:
    """An answer without the address that was asked for."""
    url = reverse(name, args=args)
    return settled(f"{answer.location}\n{answer.text}", url, quote(url, safe=""), quote(url))


ENGLISH = (
    "dossiers",
    "dossier",
    "dossier_content",
    "dossier_pdf",
    "file",
    "check",
    "ranking",
    "panel_dossier",
    "assignment",
)
ENGLISH += ("decision", "document_pdf", "message", "projects", "project", "home", "organisation_people")


@pytest.mark.parametrize("name", ENGLISH)
def test_the_english_door_is_the_same_door(name: str, kept: World, clients: dict[str, Client]) -> None:
    route = ROUTES[name]
    case = route.cases[-1]
    with translation.override("en"):
        for role in (
            "anonymous",
            "stranger",
            "signatory",
            "other",
            "analyst",
            "manager",
            "recused_reviewer",
            "chair",
        ):
            status, faults = met(clients[role], name, case.args(kept), "get", {}, role)
            cell = TABLE[(name, case.relation, "get")]
            assert (status, faults) == (table.expected_of(cell, role), []), role


DEMO = ("demo", "demo_sign_in", "demo_mailbox", "demo_message", "demo_attachment")


@pytest.mark.parametrize("name", DEMO)
def test_the_demonstration_is_for_this_machine_only(
    name: str, kept: World, clients: dict[str, Client]
) -> None:
    case, method = ROUTES[name].cases[0], ROUTES[name].methods
    far: list[dict[str, str]] = [
        {"REMOTE_ADDR": "203.0.113.5"},
        {"REMOTE_ADDR": "2001:db8::5"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.5"},
    ]
    with override_settings(DEMO=True):
        for peer in far:
            with TakenBack():
                answer = ask(clients["anonymous"], name, case.args(kept), method, {}, **peer)
            assert answer.status == 404, peer
            assert answer.leaks("anonymous") == []
        with TakenBack():
            near = ask(clients["anonymous"], name, case.args(kept), method, {})
        assert near.status in ((200, 404) if name == "demo_attachment" else (200, 302)), near.status
