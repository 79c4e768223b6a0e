"""People of two municipalities and of the ministry, and the secret messages asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts import outgoing
from accounts.models import Organisation, User
from grants.models import Call, Programme
from tests import factories
from web import clock


@pytest.fixture
def secrets() -> Iterator[list[outgoing.SecretMessage]]:
    """Secret messages asked for, in order (the sender of the site is put back afterwards)."""
    kept = list(outgoing._senders)
    asked: list[outgoing.SecretMessage] = []
    outgoing.register_sender(asked.append)
    yield asked
    outgoing._senders[:] = kept


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Rate limits count in the cache."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def adstock(db: None) -> Organisation:
    return factories.make_org("31056")


@pytest.fixture
def clerk(db: None) -> User:
    return factories.make_user("clerk@adstock.example", given_name="Maude", family_name="Gélinas")


@pytest.fixture
def signatory(adstock: Organisation) -> User:
    user = factories.make_user("dg@adstock.example", given_name="Étienne", family_name="Roy")
    factories.make_member(user, adstock, "signatory")
    return user


@pytest.fixture
def programme(db: None) -> Programme:
    return Programme.objects.create(
        code="flin",
        name={"fr": "Fonds local", "en": "Local fund"},
        ministry={"fr": "Ministère"},
        contact_name="Camille",
        contact_phone="418 555-0100",
        contact_email="camille@ministere.example",
    )


@pytest.fixture
def call(programme: Programme) -> Call:
    now = clock.now()
    day = timedelta(days=1)
    fields: dict[str, Any] = {
        "title": {"fr": "Appel du fonds local"},
        "summary": {"fr": "Court"},
        "contact_name": "Camille",
        "contact_phone": "418 555-0100",
        "contact_email": "camille@ministere.example",
    }
    return Call.objects.create(
        programme=programme,
        code="FLIN-1",
        opens_at=now - day,
        closes_at=now + day,
        letters_at=now + 2 * day,
        publish_at=now + 3 * day,
        **fields,
    )


@pytest.fixture
def manager(programme: Programme) -> User:
    return factories.make_staff("manager", programme, email="manager@ministere.example")


@pytest.fixture
def second_manager(programme: Programme) -> User:
    return factories.make_staff("manager", programme, email="manager2@ministere.example")


@pytest.fixture
def admin(db: None) -> User:
    return factories.make_user("admin@ministere.example", is_technical_admin=True)


def as_user(user: User) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client
