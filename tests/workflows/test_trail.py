"""The chain as stored: triggers, verification, export, words that are erased."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from tests.workflows.sample.models import Folder
from workflows import chain, engine, triggers
from workflows.checks import triggers_are_installed
from workflows.models import ChainHead, Event, EventText
from workflows.trail import head_of, verify_chain

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(folder: Folder, owner: Any, clerk: Any) -> Folder:
    engine.fire(folder, "submit", actor=owner)
    engine.fire(folder, "decide", actor=clerk, end="rejected", text="Hors sujet.")
    engine.record(folder, "noted", actor=clerk, pages=2)
    return folder


def sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE workflows_event SET verb = 'x'",
        "DELETE FROM workflows_event",
        "INSERT OR REPLACE INTO workflows_event SELECT * FROM workflows_event WHERE n = 1",
    ],
)
def test_events_are_never_changed(filed: Folder, statement: str) -> None:
    if "REPLACE" in statement and connection.vendor != "sqlite":
        pytest.skip("REPLACE exists on SQLite only")
    with pytest.raises(DatabaseError, match="never changed"):
        sql(statement)
    assert Event.objects.count() == 3


@pytest.mark.postgres
def test_events_are_never_truncated(filed: Folder) -> None:
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="never changed"):
        sql("TRUNCATE workflows_event CASCADE")


def test_a_published_definition_is_held_by_the_database(filed: Folder) -> None:
    sql(
        "INSERT INTO workflows_definition (code, version, body, digest, published_at) "
        "VALUES ('a', 1, '{}', '', '2026-01-01 00:00:00+00:00')"
    )
    with pytest.raises(DatabaseError, match="never changed"):
        sql("UPDATE workflows_definition SET body = '[]'")
    with pytest.raises(DatabaseError, match="never changed"):
        sql("DELETE FROM workflows_definition")


def test_the_check_tells_when_a_trigger_is_gone() -> None:
    assert triggers.missing(connection) == []
    assert triggers_are_installed(databases=["default"]) == []
    triggers.remove(connection)
    assert len(triggers_are_installed(databases=["default"])[0].msg.split(",")) == len(
        triggers.expected(connection)
    )
    triggers.install(connection)
    assert triggers_are_installed(databases=["default"]) == []
    assert triggers_are_installed() == []


def test_a_whole_chain_verifies_and_any_change_is_found(filed: Folder) -> None:
    assert verify_chain("TI-2026") == {"ok": True, "events": 3, "head": head_of("TI-2026")[1]}
    with triggers.lifted():
        Event.objects.filter(n=2).update(to_state="accepted")
    assert verify_chain("TI-2026") == {"ok": False, "line": 2, "fault": "changed"}


def test_a_line_that_is_changed_deleted_or_cut_is_located(filed: Folder) -> None:
    second = Event.objects.get(n=2)
    with triggers.lifted():
        Event.objects.filter(n=2).update(line=second.line.replace("rejected", "accepted"))
    assert verify_chain("TI-2026") == {"ok": False, "line": 2, "fault": "changed"}
    with triggers.lifted():
        Event.objects.filter(n=2).update(line=second.line)
        Event.objects.filter(n=3).delete()
    assert verify_chain("TI-2026") == {"ok": False, "line": 3, "fault": "truncated"}
    with triggers.lifted():
        Event.objects.filter(n=1).delete()
    assert verify_chain("TI-2026")["fault"] == "missing"


def test_a_head_put_back_is_found(filed: Folder) -> None:
    first = Event.objects.get(n=1)
    ChainHead.objects.filter(code="TI-2026").update(n=1, head=first.hash)
    assert verify_chain("TI-2026") == {"ok": False, "line": 2, "fault": "inserted"}


def test_words_may_be_erased_but_not_changed(filed: Folder) -> None:
    EventText.objects.update(text="Autre chose.")
    assert verify_chain("TI-2026") == {"ok": False, "line": 2, "fault": "changed"}
    EventText.objects.all().delete()
    assert verify_chain("TI-2026")["ok"]
    assert Event.objects.get(n=2).words == ""


def test_the_commands_verify_and_export(filed: Folder, tmp_path: Path) -> None:
    out = StringIO()
    call_command("verify_trail", stdout=out)
    assert "TI-2026: 3 events" in out.getvalue()
    lines, side = StringIO(), tmp_path / "texts.jsonl"
    call_command("export_trail", "TI-2026", texts=str(side), stdout=lines)
    exported = lines.getvalue().splitlines(keepends=True)
    assert json.loads(side.read_text(encoding="utf-8"))["text"] == "Hors sujet."
    n, head = head_of("TI-2026")
    with side.open("rb") as texts:
        assert chain.verify(exported, head=head, count=n, texts=texts)["ok"]
    with triggers.lifted():
        Event.objects.filter(n=1).update(hash="x")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_trail", stdout=StringIO())
    assert ended.value.code == 1
