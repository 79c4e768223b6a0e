"""Lists: allow-lists, one order through all pages, two statements whatever the length."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from web import paging
from web.lists import Choice, Column, Filter, ListPage, Search, State, build_list, select

pytestmark = pytest.mark.django_db

COLUMNS = [
    Column("app", "Groupe", lambda row: row.app_label, sort="app_label", head=True),
    Column("model", "Nom", lambda row: row.model, sort="model", href=lambda row: f"/m/{row.pk}/"),
    Column("key", "Clé", lambda row: row.pk, kind="int", sort="pk"),
    Column("aid", "Aide", lambda row: row.pk * 1000, kind="money", hidden_by_default=True),
    Column("state", "État", lambda row: State("ok", {"fr": "Prêt"}), kind="state"),
]
GROUPS = Filter(
    "group",
    "Groupe",
    [Choice("zz0", "Zéro"), Choice("zz1", "Un"), Choice("zz2", "Deux")],
    lambda rows, values: rows.filter(app_label__in=values),
)
SEARCH = Search("Nom", lambda rows, words: rows.filter(model__icontains=words))


def fill(count: int, groups: int = 3) -> Any:
    """Rows with many ties on the first column."""
    ContentType.objects.bulk_create(
        ContentType(app_label=f"zz{i % groups}", model=f"m{i * 7919 % 10007:05d}") for i in range(count)
    )
    return ContentType.objects.filter(app_label__startswith="zz")


def page(query: str, rows: Any, size: int = 5, **more: Any) -> ListPage:
    request = RequestFactory().get("/liste/" + query)
    return build_list(request, rows, COLUMNS, [GROUPS], "app", search=SEARCH, size=size, **more)


def walk(query: str, rows: Any, size: int = 5) -> list[ListPage]:
    """All pages, following « Suivants »."""
    pages = [page(query, rows, size)]
    while pages[-1].next_href:
        pages.append(page(pages[-1].next_href, rows, size))
    return pages


def keys(shown: ListPage) -> list[int]:
    return [row.pk for row in shown.objects]


@pytest.mark.parametrize("sort", ["app", "-app", "model", "-model", "key", "-key"])
def test_pages_forward_and_back_are_the_whole_order(sort: str) -> None:
    rows = fill(23)
    query = f"?tri={sort}"
    forward = walk(query, rows)
    request = RequestFactory().get("/" + query)
    whole = [row.pk for row in select(request, rows, COLUMNS, [GROUPS], "app").ordered()]
    assert [key for shown in forward for key in keys(shown)] == whole
    assert [shown.place.replace("\u00a0", " ") for shown in forward] == [
        "1 à 5 sur 23",
        "6 à 10 sur 23",
        "11 à 15 sur 23",
        "16 à 20 sur 23",
        "21 à 23 sur 23",
    ]
    back = forward[-1]
    for expected in reversed(forward[:-1]):
        back = page(back.previous_href, rows)
        assert (keys(back), back.place) == (keys(expected), expected.place)
    assert back.previous_href == ""


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20
)
@given(count=st.integers(0, 17), size=st.integers(1, 6), groups=st.integers(1, 4))
def test_no_row_is_lost_nor_shown_twice(count: int, size: int, groups: int) -> None:
    ContentType.objects.filter(app_label__startswith="zz").delete()
    rows = fill(count, groups)
    seen = [key for shown in walk("?tri=-app", rows, size) for key in keys(shown)]
    assert len(seen) == len(set(seen)) == count


@pytest.mark.parametrize("count", [1, 30])
def test_two_statements(count: int, django_assert_num_queries: Any) -> None:
    rows = fill(count)
    with django_assert_num_queries(2):
        shown = page("", rows, size=25)
    with django_assert_num_queries(0):
        render_to_string("components/list.html", {"list": shown, "title": "Liste", "noun": "lignes"})


def test_a_deep_page_skips_no_row() -> None:
    from django.db import connection

    rows = fill(40)
    deep = walk("", rows)[-1]
    with CaptureQueriesContext(connection) as seen:
        page(deep.previous_href, rows)
    assert not any("OFFSET" in one["sql"] for one in seen.captured_queries)


def test_the_count_stops_at_its_bound() -> None:
    shown = page("", fill(12), bound=10)
    assert (shown.total, shown.more) == (10, True)
    assert shown.total_words == "plus de 10"
    assert paging.count_up_to(ContentType.objects.filter(app_label="zz0"), 10) == (4, False)


def test_only_known_values_narrow() -> None:
    rows = fill(9)
    shown = page("?group=zz1&group=secret&app_label=zz2&q=", rows)
    assert shown.total == 3
    assert [(chip.group, chip.label) for chip in shown.chips] == [("Groupe", "Un")]
    assert "group=" not in shown.chips[0].href
    assert page(shown.chips[0].href, rows).total == 9
    assert page("?tri=password", rows).selection.sort_key == "app"


def test_search_keeps_filters_and_its_own_chip() -> None:
    rows = fill(9)
    name = rows.filter(app_label="zz1").first().model
    shown = page(f"?group=zz1&q={name}", rows)
    assert shown.total == 1
    assert len(shown.chips) == 2
    assert page(f"?q=%00{name}", rows).total == 1
    assert "group=zz1" in shown.chips[0].href
    assert "q=" not in shown.chips[0].href


@pytest.mark.parametrize("token", ["x", "e30", "WzBd", "a" * 3000, "WzAsIiIsIngiLDFd", "%00"])
def test_a_spoiled_cursor_shows_the_first_page(token: str) -> None:
    rows = fill(9)
    assert keys(page(f"?tri=key&page={token}", rows)) == keys(page("?tri=key", rows))


def test_columns_are_chosen() -> None:
    rows = fill(2)
    assert [head.key for head in page("", rows).heads] == ["app", "model", "key", "state"]
    assert [head.key for head in page("?col=aid&col=nothing", rows).heads] == ["app", "aid"]


def test_cells_are_typed_for_exports_and_formatted_for_the_page() -> None:
    rows = fill(1)
    shown = page("?col=aid&col=model&col=state", rows)
    row = shown.objects[0]
    assert shown.selection.typed_row(row)[2] == row.pk * 1000
    name, link, money, state = shown.lines[0].cells
    assert (name.head, money.css) == (True, "n")
    assert link.html == f'<a href="/m/{row.pk}/">{row.model}</a>'
    assert money.text.endswith("\u00a0$")
    assert state.html == '<span class="tag" data-s="ok">Prêt</span>'


def test_a_value_is_escaped() -> None:
    ContentType.objects.create(app_label="zz0", model="<script>alert(1)</script>")
    shown = page("", ContentType.objects.filter(app_label="zz0"))
    html = render_to_string("components/list.html", {"list": shown, "title": "Liste", "noun": "lignes"})
    assert "<script>" not in html


def test_head_says_how_it_is_sorted() -> None:
    rows = fill(2)
    first = page("", rows).heads[0]
    assert (first.sorted, first.href) == ("ascending", "?tri=-app")
    assert page(first.href, rows).heads[0].sorted == "descending"


def test_an_empty_view_says_which_filter_empties_it() -> None:
    html = render_to_string(
        "components/list.html", {"list": page("?group=zz1", fill(0)), "title": "Liste", "noun": "lignes"}
    )
    assert re.search(r"Retirer le filtre\s+Un", html)
    assert "Tout effacer" in html
