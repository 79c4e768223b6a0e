"""The contract of search, on whichever database is configured: one list of queries, one list of answers."""

from __future__ import annotations

import pytest
from django.test import override_settings

from search import declare, feed, interface
from search.declare import Document, Source
from search.models import Indexed

pytestmark = pytest.mark.django_db
KIND = "tests.Thing"
TEXTS: dict[int, Document] = {
    1: Document(
        1,
        head="FLIN-2026-0001 Saint-Fabien",
        title="Innovations numeriques",
        body="Capteurs de lacs et de rivières",
    ),
    2: Document(
        2,
        head="FLIN-2026-0002 Percé",
        title="L’innovation numérique au cœur du village",
        summary="Des œuvres d’art",
    ),
    3: Document(
        3, head="FLIN-2026-0003 Kamouraska", title="École d’été", body="« Aujourd’hui » : l'hôtel de ville"
    ),
    4: Document(
        4, head="FLIN-2026-0010 Adstock", title="Chasse-neige", body="Un chasse-neige électrique, 12,5 t"
    ),
    5: Document(5, head="FLIN-2026-0020 Mistissini", title="ᒥᔅᑎᓯᓃ water", body="NUMÉRIQUE et rapide"),
}


@pytest.fixture(autouse=True)
def indexed() -> None:
    interface.index(KIND, TEXTS.values())


def found(text: str, *, head_only: bool = False) -> set[int]:
    keys = interface.find(KIND, text, head_only=head_only)
    return set(Indexed.objects.filter(source=KIND, key__in=keys).values_list("key", flat=True))


# What is typed, and what it finds: the same on every backend.
QUERIES: list[tuple[str, set[int]]] = [
    ("l'innovation numérique", {1, 2}),
    ("l’innovation numérique", {1, 2}),
    ("innovations numeriques", {1, 2}),
    ("INNOVATION Numérique", {1, 2}),
    ("numerique", {1, 2, 5}),
    ("innovant", {1, 2}),  # one stem
    ("oeuvre", {2}),
    ("œuvres", {2}),
    ("coeur", {2}),
    ("d'œuvre", {2}),
    ("ecole", {3}),
    ("E\u0301cole", {3}),  # accents apart
    ("hôtels de villes", {3}),
    ("aujourd'hui", {3}),
    ("chasse-neige", {4}),
    ("chasse neige", {4}),
    ("neige -chasse", {4}),
    ("riviere capteur", {1}),
    ("capteur kamouraska", set()),
    ("FLIN-2026-0003", {3}),
    ("0010", {4}),
    ("00", {1, 2, 3, 4, 5}),
    ("2026 0002", {2}),
    ("saint-fabien", {1}),
    ("kamou", {3}),  # the beginning of a name
    ("lac", {1}),
    ("capte", set()),  # but not of any other word
    ("perce innovation", {2}),
    ("12,5", {4}),
    ("ᒥᔅᑎᓯᓃ", {5}),
    ("de et", {1}),  # common words are asked for when there is nothing else
    ("introuvable", set()),
]


@pytest.mark.parametrize(("text", "keys"), QUERIES, ids=[text for text, _keys in QUERIES])
def test_same_answers_everywhere(text: str, keys: set[int]) -> None:
    assert found(text) == keys


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "'",
        '"',
        "-",
        "''",
        '"""',
        "l'",
        "NEAR(",
        "a AND",
        "* OR *",
        "title:",
        "{head} : x",
        ":*",
        "!",
        "&|",
        "\\",
        "(",
        "%",
    ],
)
def test_no_sign_raises(text: str) -> None:
    assert found(text) <= set(TEXTS)
    assert interface.rank(KIND, text, [1, 2]).keys() <= {1, 2}


@pytest.mark.parametrize("sign", list("'\"-*:()&|!^{}[]\\/<>~+%_;,.«»’"))
def test_signs_between_words_change_nothing(sign: str) -> None:
    assert found(f"{sign}innovation{sign} {sign}numérique{sign}") == {1, 2}
    assert found(f"innovation {sign} numérique") == {1, 2}


def test_operators_are_words() -> None:
    assert found("innovation OR kamouraska") == set()
    assert found("innovation NOT numerique") == set()


def test_head_only_reads_number_and_name() -> None:
    assert found("innovation", head_only=True) == set()
    assert found("perce", head_only=True) == {2}
    assert found("perc", head_only=True) == {2}
    assert found("perce innovation", head_only=True) == set()
    assert found("flin", head_only=True) == set(TEXTS)


def test_a_new_version_replaces_the_older_and_never_the_reverse() -> None:
    interface.index(KIND, [Document(1, version=2, head="Saint-Fabien", title="Patinoire")])
    assert found("patinoire") == {1}
    assert found("capteurs") == set()
    interface.index(KIND, [Document(1, version=1, head="Saint-Fabien", title="Capteurs")])
    assert found("capteurs") == set()
    assert found("patinoire") == {1}


def test_what_is_dropped_is_gone() -> None:
    interface.drop(KIND, [1, 99])
    assert found("innovation numérique") == {2}
    interface.index(KIND, [TEXTS[1]])
    assert found("innovation numérique") == {1, 2}


def test_sources_do_not_meet() -> None:
    interface.index("tests.Other", [Document(1, title="Patinoire")])
    assert found("patinoire") == set()
    interface.drop("tests.Other", [1])
    assert found("capteurs") == {1}


def test_order_of_answers_reads_these_documents_alone() -> None:
    interface.index(
        KIND,
        [
            Document(11, title="Tramway"),
            Document(12, summary="Un tramway"),
            Document(13, body="Un tramway, le tramway"),
            Document(14, body="Un seul tramway"),
        ],
    )
    before = interface.rank(KIND, "tramway", [11, 12, 13, 14])
    assert sorted(before, key=lambda key: -before[key]) == [11, 12, 13, 14]
    interface.index(KIND, [Document(100 + n, body="tramway " * n) for n in range(30)])
    assert interface.rank(KIND, "tramway", [11, 12, 13, 14]) == before
    assert interface.rank(KIND, "tramway", [12]) == {12: before[12]}
    assert set(interface.rank(KIND, "tramway", [11, 13], head_only=True).values()) == {0.0}
    assert interface.rank(KIND, "kamou", [3], head_only=True)[3] > 0


def test_rebuild_writes_what_is_there_and_drops_what_is_gone() -> None:
    there = {1: TEXTS[1], 6: Document(6, title="Patinoire")}
    source = Source(KIND, lambda: list(there), lambda keys: [there[key] for key in keys if key in there])
    declare.declare(source)
    try:
        assert feed.rebuild(KIND) == (2, 4)
        assert found("innovation") == {1}
        assert found("patinoire") == {6}
        del there[6]
        assert feed.refresh(KIND, [1, 6]) == 1
        assert found("patinoire") == set()
    finally:
        declare._sources.pop(KIND)


def test_an_unknown_backend_is_refused() -> None:
    from django.core.exceptions import ImproperlyConfigured

    with override_settings(SEARCH_BACKEND="elsewhere"), pytest.raises(ImproperlyConfigured):
        interface.find(KIND, "innovation")
