"""People, folders and a clean registry of consumers for the tests of the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from tests.workflows.sample.models import Drawer, Folder
from workflows import triggers
from workflows.actors import SystemActor
from workflows.consumers import _consumers


@pytest.fixture
def rows(transactional_db: None) -> None:
    """A database with real commits."""
    assert triggers.missing(connection) == []


@pytest.fixture
def make_user() -> Callable[[str], Any]:
    def make(name: str) -> Any:
        model = get_user_model()
        return model._default_manager.create(**{model.USERNAME_FIELD: f"{name}@example.org"})

    return make


@pytest.fixture
def owner(make_user: Callable[[str], Any]) -> Any:
    return make_user("owner")


@pytest.fixture
def clerk(make_user: Callable[[str], Any]) -> Any:
    return make_user("clerk")


@pytest.fixture
def folder(owner: Any) -> Folder:
    return Folder.objects.create(owner=owner, title="Un titre", drawer=Drawer.objects.create())


@pytest.fixture
def release() -> SystemActor:
    return SystemActor("release")


@pytest.fixture(autouse=True)
def own_consumers() -> Iterator[None]:
    """Only the consumers that a test registers."""
    kept = dict(_consumers)
    _consumers.clear()
    yield
    _consumers.clear()
    _consumers.update(kept)
