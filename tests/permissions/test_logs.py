"""The whole site asked as several people, every logger talking: no planted word, address or sent text in a line."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from config import logs
from tests.permissions import table
from tests.permissions.asking import TakenBack, ask
from tests.permissions.cases import ROUTES
from tests.permissions.world import WORDS, World

TABLE = table.read()
pytestmark = pytest.mark.django_db
CAST = ("manager", "signatory", "secretary", "chair", "technical", "stranger", "anonymous")


@pytest.fixture
def lines(_quiet: None) -> Iterator[io.StringIO]:
    """What every logger writes through the formatter of production."""
    logging.disable(logging.NOTSET)
    found = io.StringIO()
    handler = logging.StreamHandler(found)
    handler.setFormatter(logs.Formatter(json_lines=True))
    root = logging.getLogger()
    level = root.level
    kept = list(root.handlers)
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    yield found
    root.handlers = kept
    root.setLevel(level)


def sent_words(data: dict[str, Any]) -> list[str]:
    """What a form sends that somebody wrote: texts of more than one word, and addresses."""
    texts = [value for value in data.values() if isinstance(value, str)]
    return [text for text in texts if (" " in text or "@" in text) and len(text) > 8]


def who(name: str, case: Any, method: str, clients: dict[str, Client]) -> str:
    """Somebody whom the table lets do it; anybody of the cast where nobody of ours may."""
    cast = route_cast(ROUTES[name].cast(case, clients))
    cell = TABLE.get((name, case.relation, method), {})
    able = [role for role in cast if table.expected_of(cell, role) in ("200", "302", "303")]
    return (able or cast)[0]


def route_cast(roles: list[str]) -> list[str]:
    """In the order of CAST, the others after."""
    return [role for role in CAST if role in roles] + [role for role in roles if role not in CAST]


def test_no_act_leaves_a_word(kept: World, clients: dict[str, Client], lines: io.StringIO) -> None:
    planted = {*WORDS, "motplanté-question"}
    planted |= {person.email for person in kept.people.values() if person is not None}
    planted |= {p.family_name for p in kept.people.values() if p is not None and len(p.family_name) > 4}
    asked = 0
    for name, route in ROUTES.items():
        for case in route.cases[:1]:
            for method in route.methods.split():
                data = case.sent(kept)
                planted |= set(sent_words(data))
                query = {**data, "q": "motplanté-question"} if method == "get" else data
                with TakenBack():
                    ask(clients[who(name, case, method, clients)], name, case.args(kept), method, query)
                asked += 1
    assert asked > 120
    text = lines.getvalue()
    assert text.count("\n") > 20, "the loggers did talk"
    assert sorted(word for word in planted if word in text) == []
