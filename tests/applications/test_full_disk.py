"""A disk without room under uploads: a sentence, no half file, answers saved, the dossier filed all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import Organisation, User
from bench import faults_disk
from tests.applications import filled
from tests.fixtures_calls import Flin

pytestmark = pytest.mark.django_db


def test_a_full_disk_costs_the_file_and_nothing_else(
    tmp_path: Path, settings: Any, flin: Flin, adstock: Organisation, signatory: User
) -> None:
    place = tmp_path / "disk"
    kept = settings.STORAGES["default"]
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**kept, "OPTIONS": {**kept["OPTIONS"], "location": str(place)}},
    }
    with faults_disk.small_disk(place):
        dossier = filled.make_filled(flin.call, adstock, signatory)
        client = Client()
        client.force_login(signatory)
        assert faults_disk.scenario(client, dossier, signatory, place) == []
