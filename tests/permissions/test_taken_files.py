"""The files of the list of dossiers as a ZIP: those of the rows on screen that the person reads, and no others."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from applications.packing import LIST
from applications.querysets import DossierQuerySet
from tests.permissions.asking import TakenBack
from tests.permissions.world import WORDS, World

pytestmark = pytest.mark.django_db
READ = (
    "manager",
    "authority",
    "auditor",
    "analyst",
    "second_analyst",
    "secretary",
    "reviewer",
    "peer",
    "chair",
)
SHUT = ("recused_analyst", "recused_reviewer", "undeclared", "unassigned", "technical", "elsewhere")


def taken(client: Client, query: str = "") -> tuple[int, list[str], list[list[str]], str]:
    """Status, paths, list and words of the ZIP."""
    cache.clear()
    with TakenBack():
        answer: Any = client.post(f"/exporter/dossiers/{query}", {"format": "zip"})
        if not answer.streaming:
            return answer.status_code, [], [], answer.content.decode()
        data = b"".join(answer.streaming_content)
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        names = found.namelist()
        text = found.read(LIST).decode("utf-8-sig")
        words = "\n".join(name + found.read(name).decode("utf-8", "replace") for name in names)
    return answer.status_code, names, list(csv.reader(io.StringIO(text), delimiter=";"))[1:], words


@pytest.mark.parametrize("role", [*READ, *SHUT])
def test_only_files_that_the_person_reads(role: str, kept: World, clients: dict[str, Client]) -> None:
    person = kept.who(role)
    rows: DossierQuerySet = type(kept.dossiers["review"]).objects.visible_to(person).filed()
    status, names, lines, words = taken(clients[role])
    assert status == 200
    assert [word for word, knowers in WORDS.items() if role not in knowers and word in words] == []
    assert {line[0] for line in lines} <= set(rows.values_list("number", flat=True))
    review, early = kept.dossiers["review"].number, kept.dossiers["early"].number
    reads = role in READ
    assert (f"{review}/resolution/holmium-devis.pdf" in names) is reads
    assert any(line[0] == review for line in lines) is reads
    told = [line for line in lines if line[0] == early]
    assert all(not any(line[1:6]) and "fermeture" in line[6] for line in told)


@pytest.mark.parametrize("role", ["signatory", "other", "claimant", "stranger"])
def test_nobody_else_has_this_file(role: str, kept: World, clients: dict[str, Client]) -> None:
    status, names, _lines, words = taken(clients[role])
    assert (status, names) == (404, [])
    assert [word for word, knowers in WORDS.items() if role not in knowers and word in words] == []


def test_it_holds_the_rows_of_the_view(kept: World, clients: dict[str, Client]) -> None:
    one = kept.dossiers["review"].number
    _status, names, lines, _words = taken(clients["manager"], f"?q={one}")
    assert {line[0] for line in lines} == {one}
    assert all(name.startswith(f"{one}/") or name == LIST for name in names)
