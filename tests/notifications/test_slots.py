"""What a refusal for eligibility says that was examined."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from applications.models import Finding
from notifications import slots
from notifications.letters import document as model
from notifications.values import Subject
from tests import factories
from tests.applications import filled
from tests.fixtures_calls import Flin, flin
from web import clock

__all__ = ["flin"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def subject(flin: Flin, tmp_path: Path, settings: Any) -> Subject:
    """A filed dossier that two rules refuse."""
    options = {"location": str(tmp_path / "files")}
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    town = factories.make_org("31056")
    signatory = filled.signatory_of(town)
    dossier = filled.make_filled(flin.call, town, signatory)
    filled.file_now(dossier, signatory)
    dossier.refresh_from_db()
    for rule, note in (("E04", "Résolution non signée."), ("E99", "Constat sans règle.")):
        Finding.objects.create(snapshot=dossier.snapshot, rule=rule, proposed="no", confirmed="no", note=note)
    return Subject(dossier=dossier, kind="L3", at=clock.now(), snapshot=dossier.snapshot)


def test_each_rule_has_its_article_its_facts_and_what_was_examined(subject: Subject) -> None:
    [table] = slots.blocks_of("rules", subject, "fr")
    assert isinstance(table, model.Table)
    assert [column.title for column in table.columns][2] == "Pièces et renseignements examinés"
    resolution, other = table.rows
    assert isinstance(resolution[0], model.Cell)
    assert resolution[0].note == "article 5.2"
    assert resolution[1] == "Résolution non signée."
    seen = str(resolution[2])
    for words in (
        "Jour de la clôture\u00a0: ",
        "(dépôt et calendrier).",
        "? 2026-02-034.",
        "resolution.pdf.",
    ):
        assert words in seen, seen
    assert str(other[2]).startswith("La demande et ses pièces, version 1 reçue le ")
