"""The technical administrator, who reads the list of accounts, and that person's browser."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from tests import factories


@pytest.fixture
def admin(db: None) -> User:
    """Reads the list of accounts."""
    return factories.make_user("technique@exemple.example", is_technical_admin=True)


@pytest.fixture
def browser(admin: User) -> Client:
    """The administrator's."""
    made = Client()
    made.force_login(admin)
    return made
