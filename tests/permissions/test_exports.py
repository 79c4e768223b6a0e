"""What is taken away is what is on screen, to the same persons: every list, cell by cell, in CSV and in XLSX."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from review.models import Assignment
from tests.permissions import test_statements as lists
from tests.permissions.cases import ROUTES
from tests.permissions.world import WORDS, World
from web import clock, formats, tables
from workflows.models import Event

pytestmark = pytest.mark.django_db
Part = Callable[[World], str]


def alone(world: World) -> str:
    """A list that has no parts."""
    return ""


def late_sheets(world: World) -> None:
    """More dossiers, and every sheet of them late."""
    lists.more_dossiers(world)
    Assignment.objects.update(due_at=clock.now() - timedelta(days=2))


# Each list: who reads it, which part, what makes it longer.
LISTS: dict[str, tuple[str, Part, Any]] = {
    "dossiers": ("manager", alone, lists.more_dossiers),
    "comites": ("secretary", alone, None),
    "couverture": ("chair", lambda world: str(world.panels["review"].pk), lists.more_dossiers),
    "decisions": ("manager", alone, lists.more_decisions),
    "engagements": ("manager", alone, None),
    "reexamens": ("manager", alone, lists.more_reconsiderations),
    "envois": ("manager", alone, lists.more_messages),
    "envoi": ("manager", lambda world: str(world.things["batch"].pk), lists.more_messages),
    "retards-fiches": ("manager", alone, late_sheets),
    "comptes": ("technical", alone, lists.more_people),
    "organismes": ("manager", alone, lists.more_people),
    "roles": ("manager", alone, None),
    "appels-suivis": ("manager", alone, None),
    "verification": ("auditor", alone, None),
    "dossiers-verifies": ("auditor", lambda world: str(world.calls["open"].code), None),
}

# Built as « retards-fiches » is, column by column.
SIMILAR = {"retards-complements", "retards-liberations"}
# Drawn nowhere: the way by which a call leaves whole, held by tests/audit.
UNDRAWN = {"appel-entier"}

# Their page computes or groups its rows itself: compared on their own below.
OWN = {"classement", "divergences", "mandats", "evaluations", "personnes"}
# Its page has sums before the list, and no call of this world has targets: held by tests/applications.
OWN |= {"engagements-cibles"}


class Cells(HTMLParser):
    """The rows of the first table of a page: text and exact instant of each cell."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, str]]] = []
        self.text, self.iso, self.inside, self.over = "", "", False, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr" and not self.over:
            self.rows.append([])
        elif tag in ("td", "th") and not self.over:
            self.text, self.iso, self.inside = "", "", True
        elif tag == "time" and self.inside:
            self.iso = dict(attrs).get("datetime") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self.inside:
            self.rows[-1].append((self.text.strip(), self.iso))
            self.inside = False
        self.over |= tag == "table"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.text += data


def on_screen(client: Client, url: str) -> list[list[tuple[str, str]]]:
    """Every row of a list, page after page, heads first."""
    found: list[list[tuple[str, str]]] = []
    while url:
        text = client.get(url).content.decode()
        page = Cells()
        page.feed(text[text.index('<table class="tbl') :])
        found += page.rows if not found else page.rows[1:]
        after = re.search(r'rel="next" href="([^"]+)"', text)
        url = url.split("?")[0] + after[1].replace("&amp;", "&") if after else ""
    return found


def taken(client: Client, address: str, kind: str) -> bytes:
    """The file of a list."""
    answer: Any = client.post(address, {"format": kind})
    assert answer.status_code == 200, (address, answer.status_code)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    return b"".join(answer.streaming_content)


def as_rows(data: bytes) -> list[list[str]]:
    """A CSV file as a French Excel opens it."""
    assert data.startswith(b"\xef\xbb\xbf")
    text = data.decode("utf-8-sig")
    assert text.count("\r\n") == text.count("\n") - sum(
        cell.count("\n") for row in csv.reader(io.StringIO(text), delimiter=";") for cell in row
    )
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def figure(text: str) -> float | None:
    """A number however it is written."""
    bare = re.sub(r"[\s\u00a0\u202f$%]", "", text).replace("−", "-").replace(",", ".")
    return float(bare) if bare else None


def same(kind: str, screen: tuple[str, str], plain: str, typed: Any) -> None:
    """One cell three times."""
    text, iso = screen
    if kind in ("text", "state"):
        assert text == plain.removeprefix("'").strip() == str(typed).strip()
    elif kind == "bool":
        assert (text, plain) in {("Oui", "Oui"), ("Non", "Non")}
        assert typed is (text == "Oui")
    elif not text:
        assert plain == ""
        assert typed in ("", None)
    elif kind in ("date", "datetime"):
        exact = formats.local(datetime.fromisoformat(iso)) if "T" in iso else date.fromisoformat(iso)
        local = exact.replace(tzinfo=None, microsecond=0) if isinstance(exact, datetime) else exact
        if kind == "date" and isinstance(local, datetime):
            local = local.date()
        assert plain == str(local)
        assert str(typed)[: len(plain)] == plain
    else:
        assert figure(text) == figure(plain) == typed * (100 if kind == "percent" else 1)


def address(key: str, part: str, query: str) -> str:
    """Where a list is exported."""
    return reverse("export", args=[key, part] if part else [key]) + query


def test_every_list_is_compared() -> None:
    assert {kind.key for kind in tables.kinds()} == set(LISTS) | SIMILAR | UNDRAWN | OWN


@pytest.mark.parametrize("key", list(LISTS))
def test_a_file_is_what_is_on_screen(key: str, kept: World, clients: dict[str, Client]) -> None:
    role, part_of, more = LISTS[key]
    if more is late_sheets:
        more(kept)
    part, kind = part_of(kept), tables.kind_of(key)
    assert kind is not None
    table = tables.build(kept.who(role), key, part)
    assert all(str(one.help) for one in table.columns), "every column has its definition"
    whole = "&".join(f"col={one.key}" for one in table.columns)
    sorted_by = next(one.key for one in table.columns if one.sort)
    for query in ("", f"?{whole}", f"?tri=-{sorted_by}"):
        seen = on_screen(clients[role], kind.page(part) + query)
        plain = as_rows(taken(clients[role], address(key, part, query), "csv"))
        book = CalamineWorkbook.from_filelike(
            io.BytesIO(taken(clients[role], address(key, part, query), "xlsx"))
        )
        rows = book.get_sheet_by_index(0).to_python()
        assert [cell for cell, _iso in seen[0]] == plain[0] == [str(one) for one in rows[0]]
        assert len(seen) == len(plain) == len(rows)
        assert len(seen) > 1
        kinds = {str(one.label): one.kind for one in table.columns}
        for one, two, three in zip(seen[1:], plain[1:], rows[1:], strict=True):
            for head, cell, text, typed in zip(plain[0], one, two, three, strict=True):
                same(kinds[head], cell, text, typed)
        told = book.get_sheet_by_index(1).to_python()
        assert ["Nombre de lignes", len(seen) - 1] in [row[:2] for row in told]
        assert ["Exporté par", str(kept.who(role))] in [row[:2] for row in told]
        assert [row[0] for row in told][-len(plain[0]) :] == plain[0]


@pytest.mark.parametrize("key", [key for key, (_role, _part, more) in LISTS.items() if more])
def test_an_export_asks_as_much_for_thirty_rows(key: str, kept: World, clients: dict[str, Client]) -> None:
    role, part_of, more = LISTS[key]
    url = address(key, part_of(kept), "")
    if more is late_sheets:
        Assignment.objects.update(due_at=clock.now() - timedelta(days=2))
    taken(clients[role], url, "csv")

    def counted(kind: str) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as made:
            data = taken(clients[role], url, kind)
        asked = [one["sql"] for one in made.captured_queries if not one["sql"].startswith(lists.CONTROL)]
        return len(asked), data.count(b"\r\n") if kind == "csv" else 0

    few, few_book = counted("csv"), counted("xlsx")
    more(kept)
    many, many_book = counted("csv"), counted("xlsx")
    assert many[1] >= few[1] + lists.MORE
    assert (many[0], many_book) == (few[0], few_book)
    assert many[0] <= 20


def test_a_ranking_is_taken_away_in_its_order(kept: World, clients: dict[str, Client]) -> None:
    """A page that computes its rows: ranks, bodies, money and proposals, line by line; nothing of a recusal."""
    panel = kept.panels["decided"]
    page = on_screen(clients["secretary"], reverse("ranking", args=[panel.pk]))
    seen = [row for row in page[1:] if len(row) > 1]
    plain = as_rows(taken(clients["secretary"], address("classement", str(panel.pk), ""), "csv"))
    assert len(seen) == len(plain) - 1 > 2
    for one, two in zip(seen, plain[1:], strict=True):
        line = dict(zip(plain[0], two, strict=True))
        assert one[0][0] == (line["Rang"] or "–")
        assert one[1][0].startswith(line["Organisme"])
        assert line["Numéro"] in one[1][0]
        assert line["Projet"] in one[2][0]
        assert one[3][0] == line["Note"]
        assert figure(one[5][0]) == figure(line["Aide confirmée"])
        assert figure(one[6][0].strip("–")) == figure(line["Proposée"])
        assert line["Proposition"] in one[8][0]


def test_lists_that_their_page_draws_itself(kept: World, clients: dict[str, Client]) -> None:
    claims = as_rows(taken(clients["manager"], address("mandats", "", ""), "csv"))
    page = clients["manager"].get(reverse("claims")).content.decode()
    assert page.count('<th scope="row">') == len(claims) - 1 == 1
    assert all(cell in page for cell in claims[1][:5])
    mine = as_rows(taken(clients["reviewer"], address("evaluations", "", ""), "csv"))
    page = clients["reviewer"].get(reverse("my_assignments")).content.decode()
    assert [row[0] for row in mine[1:]] == [kept.dossiers["review"].number]
    assert all(text in page for text in mine[1][:3])


CELLS = [(case.relation, case.args) for case in ROUTES["export"].cases]


@pytest.mark.parametrize(("relation", "args"), CELLS, ids=[one[0] for one in CELLS])
def test_a_workbook_holds_no_word_of_others(
    relation: str, args: Any, kept: World, clients: dict[str, Client]
) -> None:
    """The permission table reads the CSV; a workbook is unpacked here."""
    cast = ("signatory", "other", "analyst", "manager", "auditor", "recused_reviewer", "chair", "technical")
    for role in cast:
        answer: Any = clients[role].post(reverse("export", args=args(kept)), {"format": "xlsx"})
        if answer.status_code != 200:
            assert answer.status_code == 404
            continue
        book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
        text = "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
        assert [word for word, knowers in WORDS.items() if role not in knowers and word in text] == [], role


def test_dossiers_taken_away_are_recorded(kept: World, clients: dict[str, Client]) -> None:
    before = Event.objects.count()
    taken(clients["analyst"], address("dossiers", "", ""), "csv")
    rows = list(Event.objects.order_by("pk")[before:])
    assert {row.verb for row in rows} == {"grants.call.export"}
    calls = {row.chain: row.data for row in rows}
    assert "FLIN-OUVERT" in calls
    assert calls["FLIN-OUVERT"]["format"] == "csv"
    assert calls["FLIN-OUVERT"]["rows"] == 1
    assert clock.now() >= rows[0].at
