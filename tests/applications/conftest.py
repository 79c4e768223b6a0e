"""The ready-made call, a municipality with its signatory, and a dossier with nothing against it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accounts.models import Organisation, User
from applications.models import Dossier
from tests import factories
from tests.applications import filled
from tests.applications.joint import draft, lead, staff
from tests.fixtures_calls import Flin, flin, flin_at

__all__ = ["draft", "flin", "flin_at", "lead", "staff"]


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: Any) -> None:
    """Files of a test go to its own folder."""
    kept = settings.STORAGES["default"]
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**kept, "OPTIONS": {**kept["OPTIONS"], "location": str(tmp_path)}},
    }


@pytest.fixture
def adstock(db: None) -> Organisation:
    return factories.make_org("31056")


@pytest.fixture
def signatory(adstock: Organisation) -> User:
    return filled.signatory_of(adstock)


@pytest.fixture
def ready(flin: Flin, adstock: Organisation, signatory: User) -> Dossier:
    """A draft that may be filed."""
    return filled.make_filled(flin.call, adstock, signatory)
