"""The contract of search: one list of queries, one list of answers, on the database configured and Elasticsearch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings

from search import declare, interface
from search.declare import Document, Source
from tests.search.engines import Database, Engine, elasticsearch

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


class Asked:
    """An engine that holds the five texts."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.rank = engine, engine.rank
        if not engine.is_clean:
            engine.reset()
            engine.index(KIND, TEXTS.values())
            engine.is_clean = True

    def __call__(self, text: str, *, head_only: bool = False) -> set[int]:
        return self.engine.found(KIND, text, head_only=head_only)

    def index(self, *documents: Document) -> None:
        self.engine.index(KIND, documents)


@pytest.fixture(scope="module")
def elastic_engine() -> Iterator[Engine]:
    with elasticsearch() as engine:
        yield engine


@pytest.fixture(params=["database", pytest.param("elasticsearch", marks=pytest.mark.elastic)])
def found(request: pytest.FixtureRequest) -> Asked:
    is_elastic = request.param == "elasticsearch"
    return Asked(request.getfixturevalue("elastic_engine") if is_elastic else Database())


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
def test_same_answers_everywhere(found: Asked, text: str, keys: set[int]) -> None:
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
def test_no_sign_raises(found: Asked, text: str) -> None:
    assert found(text) <= set(TEXTS)
    assert found.rank(KIND, text, [1, 2]).keys() <= {1, 2}


@pytest.mark.parametrize("sign", list("'\"-*:()&|!^{}[]\\/<>~+%_;,.«»’"))
def test_signs_between_words_change_nothing(found: Asked, sign: str) -> None:
    assert found(f"{sign}innovation{sign} {sign}numérique{sign}") == {1, 2}
    assert found(f"innovation {sign} numérique") == {1, 2}


def test_operators_are_words(found: Asked) -> None:
    assert found("innovation OR kamouraska") == set()
    assert found("innovation NOT numerique") == set()


def test_head_only_reads_number_and_name(found: Asked) -> None:
    assert found("innovation", head_only=True) == set()
    assert found("perce", head_only=True) == {2}
    assert found("perc", head_only=True) == {2}
    assert found("perce innovation", head_only=True) == set()
    assert found("flin", head_only=True) == set(TEXTS)


def test_a_new_version_replaces_the_older_and_never_the_reverse(found: Asked) -> None:
    found.index(Document(1, version=2, head="Saint-Fabien", title="Patinoire"))
    assert found("patinoire") == {1}
    assert found("capteurs") == set()
    found.index(Document(1, version=1, head="Saint-Fabien", title="Capteurs"))
    assert found("capteurs") == set()
    assert found("patinoire") == {1}


def test_what_is_dropped_is_gone(found: Asked) -> None:
    found.engine.drop(KIND, [1, 99])
    assert found("innovation numérique") == {2}
    found.index(TEXTS[1])
    assert found("innovation numérique") == {1, 2}


def test_sources_do_not_meet(found: Asked) -> None:
    found.engine.index("tests.Other", [Document(1, title="Patinoire")])
    assert found("patinoire") == set()
    found.engine.drop("tests.Other", [1])
    assert found("capteurs") == {1}


def test_order_of_answers_reads_these_documents_alone(found: Asked) -> None:
    found.engine.index(
        KIND,
        [
            Document(11, title="Tramway"),
            Document(12, summary="Un tramway"),
            Document(13, body="Un tramway, le tramway"),
            Document(14, body="Un seul tramway"),
        ],
    )
    before = found.rank(KIND, "tramway", [11, 12, 13, 14])
    assert sorted(before, key=lambda key: -before[key]) == [11, 12, 13, 14]
    found.engine.index(KIND, [Document(100 + n, body="tramway " * n) for n in range(30)])
    assert found.rank(KIND, "tramway", [11, 12, 13, 14]) == before
    assert found.rank(KIND, "tramway", [12]) == {12: before[12]}
    assert set(found.rank(KIND, "tramway", [11, 13], head_only=True).values()) == {0.0}
    assert found.rank(KIND, "kamou", [3], head_only=True)[3] > 0


def test_rebuild_writes_what_is_there_and_drops_what_is_gone(found: Asked) -> None:
    there = {1: TEXTS[1], 6: Document(6, title="Patinoire")}
    source = Source(KIND, lambda: list(there), lambda keys: [there[key] for key in keys if key in there])
    declare.declare(source)
    try:
        assert found.engine.rebuild(KIND) == 2
        assert found("innovation") == {1}
        assert found("patinoire") == {6}
        del there[6]
        assert found.engine.refresh(KIND, [1, 6]) == 1
        assert found("patinoire") == set()
    finally:
        declare._sources.pop(KIND)


def test_an_unknown_backend_is_refused() -> None:
    from django.core.exceptions import ImproperlyConfigured

    with override_settings(SEARCH_BACKEND="elsewhere"), pytest.raises(ImproperlyConfigured):
        interface.find(KIND, "innovation")
