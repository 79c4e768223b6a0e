"""Providers: deny wins, order is kept, a missing one never opens a door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q

from tests.workflows.sample.models import Folder
from workflows import providers
from workflows.checks import providers_are_complete

LABEL = "sample.Folder"


@pytest.fixture(autouse=True)
def own_registry() -> Iterator[None]:
    declared, provided = (
        set(providers._declared),
        {key: dict(value) for key, value in providers._provided.items()},
    )
    yield
    providers._declared.clear()
    providers._declared.update(declared)
    providers._provided.clear()
    providers._provided.update(provided)


@pytest.mark.django_db
def test_rows_are_denied_and_allowed_by_name(folder: Folder, owner: Any, clerk: Any) -> None:
    assert not Folder.objects.filter(providers.denied(LABEL, clerk)).exists()
    providers.register_deny(LABEL, lambda user: Q(owner=user), "own")
    providers.register_allow("sample.folder", lambda user: ~Q(owner=user), "others")
    assert list(Folder.objects.filter(providers.denied(LABEL, owner))) == [folder]
    assert list(Folder.objects.filter(providers.allowed(LABEL, clerk))) == [folder]
    assert not Folder.objects.filter(providers.allowed(LABEL, owner)).exists()
    providers.register_object_deny(LABEL, lambda row, user: row.owner_id == user.pk, "own")
    providers.register_object_allow(LABEL, lambda row, user: row.owner_id != user.pk, "others")
    assert providers.is_denied(folder, owner)
    assert providers.is_allowed(folder, clerk)


@pytest.mark.django_db
def test_a_declared_provider_that_is_missing_shuts_the_door(folder: Folder, clerk: Any) -> None:
    providers.declare("deny", LABEL, "conflicts")
    providers.declare("deny_object", LABEL, "conflicts")
    with pytest.raises(ImproperlyConfigured):
        providers.denied(LABEL, clerk)
    with pytest.raises(ImproperlyConfigured):
        providers.is_denied(folder, clerk)
    said = " ".join(message.msg for message in providers_are_complete())
    assert "deny conflicts of sample.folder" in said


def test_one_name_is_registered_once() -> None:
    providers.register_deny(LABEL, lambda user: Q(), "one")
    with pytest.raises(ImproperlyConfigured):
        providers.register_deny(LABEL, lambda user: Q(), "one")


def test_tabs_and_panels_come_in_order_and_may_be_withheld() -> None:
    providers.register_tab(LABEL, lambda row, user: "files", "files", order=20)
    providers.register_tab(LABEL, lambda row, user: "answers", "answers", order=10)
    providers.register_tab(LABEL, lambda row, user: None, "scores", order=15)
    providers.register_panel(LABEL, lambda row, user: f"panel of {row}", "one")
    providers.register_fact(LABEL, lambda row: row * 2, "double")
    assert providers.tabs(LABEL, 1, None) == ["answers", "files"]
    assert providers.panels(LABEL, 1, None) == ["panel of 1"]
    assert providers.fact(LABEL, "double", 4) == 8
    with pytest.raises(ImproperlyConfigured):
        providers.fact(LABEL, "unknown")
