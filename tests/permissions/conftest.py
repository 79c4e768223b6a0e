"""The world, once per module; each test works in a savepoint that is taken back."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.template.base import Template
from django.test import Client, override_settings
from django.test.utils import _TestState

from tests.permissions import world as worlds
from tests.permissions.world import World


@pytest.fixture
def _django_db_helper() -> None:
    """The marker `django_db` makes the test database; the world below holds the transaction, not each test."""


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Every call, every dossier, every person; gone at the end of the module."""
    from django.conf import settings

    folder = tmp_path_factory.mktemp("permissions")
    kept = settings.STORAGES["default"]
    storages = {
        **settings.STORAGES,
        "default": {**kept, "OPTIONS": {**kept.get("OPTIONS", {}), "location": str(folder)}},
    }
    mailbox = {
        "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    }
    assert "test" in str(connection.settings_dict["NAME"]), (
        "mark the module django_db: this is no test database"
    )
    with django_db_blocker.unblock(), override_settings(STORAGES=storages, **mailbox), transaction.atomic():
        yield worlds.build()
        transaction.set_rollback(True)


@pytest.fixture
def kept(world: World, django_db_blocker: Any) -> Iterator[World]:
    """The world, put back as it was after the test."""
    cache.clear()
    with django_db_blocker.unblock(), transaction.atomic():
        yield world
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def browsers(world: World) -> dict[str, Client]:
    """A browser for each person; nobody is signed in for the anonymous one."""
    found = {}
    for role, person in world.people.items():
        found[role] = Client(raise_request_exception=False)
        if person is not None:
            found[role].force_login(person)
    return found


@pytest.fixture
def clients(kept: World, browsers: dict[str, Client]) -> Iterator[dict[str, Client]]:
    """The browsers, each with its session again after the test."""
    cookies = {role: deepcopy(client.cookies) for role, client in browsers.items()}
    yield browsers
    for role, client in browsers.items():
        client.cookies = cookies[role]


@pytest.fixture(autouse=True)
def _plain_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates render as in production: nobody here reads the contexts that the test client copies."""
    saved: Any = getattr(_TestState, "saved_data", None)
    if saved is not None:
        monkeypatch.setattr(Template, "_render", saved.template_render)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """A thousand refusals are no news."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)
