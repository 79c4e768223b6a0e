"""Timelines in plain words, each face its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.workflows.sample.models import Folder
from workflows import engine, vocabulary

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_words() -> Iterator[None]:
    kept = dict(vocabulary._declared)
    vocabulary.declare_event("sample.folder.submit", "Déposé par l’organisme", "Demande déposée", "all")
    vocabulary.declare_event("sample.folder.noted", lambda event: f"Note de {event.data['pages']} pages")
    vocabulary.declare_event("sample.folder.decide", "Décidé", "Décision rendue", "all", shows_text=True)
    yield
    vocabulary._declared.clear()
    vocabulary._declared.update(kept)


def test_each_face_reads_its_own_words(folder: Folder, owner: Any, clerk: Any) -> None:
    engine.fire(folder, "submit", actor=owner)
    engine.record(folder, "noted", actor=clerk, pages=2, text="À revoir.")
    engine.fire(folder, "decide", actor=clerk, end="accepted", text="Très bien.")
    staff = vocabulary.timeline(folder, clerk, face="staff")
    assert [(row.label, row.who, row.text) for row in staff] == [
        ("Décidé", "Vous", "Très bien."),
        ("Note de 2 pages", "Vous", "À revoir."),
        ("Déposé par l’organisme", str(owner), ""),
    ]
    applicant = vocabulary.timeline(folder, owner)
    assert [(row.label, row.who, row.text) for row in applicant] == [
        ("Décision rendue", "", "Très bien."),
        ("Demande déposée", "Vous", ""),
    ]


def test_an_undeclared_event_is_for_staff_only(folder: Folder, owner: Any) -> None:
    engine.record(folder, "whispered", actor=owner)
    assert vocabulary.timeline(folder, owner, face="applicant") == []
    assert len(vocabulary.timeline(folder, owner, face="staff")) == 1


def test_verbs_lend_their_labels(folder: Folder, owner: Any) -> None:
    vocabulary.declare_verbs(Folder)
    engine.fire(folder, "classify", actor=owner)
    assert vocabulary.timeline(folder, owner, face="staff")[0].label == "Classer"


def test_a_subject_may_hide_an_event(folder: Folder, owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.fire(folder, "submit", actor=owner)
    monkeypatch.setattr(Folder, "hides", lambda self, event, user: True, raising=False)
    monkeypatch.setattr(Folder, "face_for", lambda self, user: "staff", raising=False)
    assert vocabulary.timeline(folder, owner) == []


def test_the_same_number_of_statements_for_one_event_and_for_thirty(
    folder: Folder, owner: Any, clerk: Any, django_assert_num_queries: Any
) -> None:
    for count in (1, 29):
        for _ in range(count):
            engine.record(folder, "noted", actor=clerk, pages=1, text="Note.")
        with django_assert_num_queries(2):
            vocabulary.timeline(folder, owner, face="staff")
