"""Tables of a form and municipalities: read, kept as typed, refused by row and column, shown, without script too."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from accounts import places
from applications import facts, fields, tables, typed
from applications.fields import BadAnswer, Question
from grants import checking_tables
from tests import factories

COLUMNS = [
    {"code": "what", "type": "choice", "required": True, "label": {"fr": "Indicateur", "en": "Indicator"},
     "choices": [{"code": "served", "label": {"fr": "Personnes servies", "en": "People served"}},
                 {"code": "trained", "label": {"fr": "Personnes formées", "en": "People trained"}}]},
    {"code": "base", "type": "number", "required": True, "label": {"fr": "Départ", "en": "Baseline"}},
    {"code": "by", "type": "date", "label": {"fr": "Date", "en": "Date"}},
    {"code": "source", "type": "text", "max_chars": 20, "label": {"fr": "Source", "en": "Source"}},
]  # fmt: skip


def table(**more: Any) -> Question:
    data = {
        "code": "q",
        "type": "rows",
        "label": {"fr": "Résultats", "en": "Results"},
        "columns": COLUMNS,
        **more,
    }
    return fields.question_from({}, data)


def row(**cells: Any) -> dict[str, Any]:
    return {"id": "r1", "what": "served", "base": 10, "by": None, "source": None, **cells}


def test_cells_are_read_as_their_columns_want() -> None:
    typed_rows = {
        "rows": [{"id": "r1", "what": "served", "base": "1 250", "by": "3/11/2027", "source": "  Registre "}]
    }
    kept = row(base=1250, by="2027-11-03", source="  Registre ")  # words stay as they were typed
    assert fields.clean(table(), typed_rows) == {"rows": [kept]}


def test_blank_rows_go_and_ids_last() -> None:
    sent = {"rows": [row(id="a"), {"id": "b", "what": "", "base": " "}, row(id="a"), row(id="<x>")]}
    cleaned = fields.clean(table(), sent)
    assert [one["id"] for one in cleaned["rows"]] == ["a", "ax", "x"]
    assert fields.clean(table(), {"rows": [{"id": "b"}]}) is None


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"base": "dix"}, "Ligne 1, «\u00a0Départ\u00a0»"),
        ({"base": ""}, "inscrivez une réponse"),
        ({"what": "other"}, "choisissez"),
        ({"by": "2027-02-30"}, "date qui existe"),
        ({"source": "x" * 21}, "20 caractères"),
    ],
)
def test_a_wrong_cell_is_named_and_kept(cells: dict[str, Any], words: str) -> None:
    value, said = fields.keep(table(), {"rows": [row(**cells)]})
    assert words in said
    (name, wanted), *_ = cells.items()
    assert (value["rows"][0][name] or "") == wanted


def test_enough_rows_and_the_one_that_everybody_gives() -> None:
    with pytest.raises(BadAnswer, match="au moins 2"):
        fields.clean(table(min_rows=2), {"rows": [row()]})
    wanted = table(must_have=[{"column": "what", "value": "trained"}])
    with pytest.raises(BadAnswer, match="Personnes formées"):
        fields.clean(wanted, {"rows": [row()]})
    assert fields.clean(wanted, {"rows": [row(what="trained")]})
    with pytest.raises(BadAnswer, match="au plus 1"):
        fields.clean(table(max_rows=1), {"rows": [row(), row(id="r2")]})


def test_a_page_without_script_gives_the_same_rows() -> None:
    post = QueryDict(mutable=True)
    post.setlist("q.rows", ["r1", "r2"])
    post.update(
        {"q.rows.r1.what": "served", "q.rows.r1.base": "10", "q.rows.r2.what": "trained", "q.remove": "r2"}
    )
    assert fields.clean(table(), fields.from_post(table(), post)) == {"rows": [row()]}


def test_shown_in_words_and_as_a_fact() -> None:
    value = {"rows": [row(base=1250, by="2027-11-03"), row(id="r2", what="trained")]}
    shown = fields.display(table(), value, "fr")
    assert shown.rows[0] == ("Personnes servies", "1\u00a0250", "3 novembre 2027", "")
    assert facts.fact(table(), value) == ["served", "trained"]
    assert "People trained" in tables.spoken(table(), value)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["what", "base", "by", "source", "id", "odd"]), st.text("abé 10-/", max_size=30)
        ),
        max_size=5,
    )
)
def test_whatever_is_typed_is_kept_and_cleaning_twice_changes_nothing(rows: list[dict[str, str]]) -> None:
    value, said = fields.keep(table(), {"rows": rows})
    if value is None:
        assert all(not (one.get(c["code"]) or "").strip() for one in rows for c in COLUMNS)
        return
    again, said_again = fields.keep(table(), value)
    assert (again, said_again) == (value, said)


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("l’eau d'ici", 4),
        ("arc-en-ciel", 1),
        ("aujourd’hui", 1),
        ("12\u00a0500,50\u00a0$ en 2026", 3),
        ("Oui; non — peut-être.", 3),
        ("", 0),
    ],
)
def test_words_are_counted_as_french_counts_them(text: str, n: int) -> None:
    assert typed.word_count(text) == n


def test_too_many_words_are_refused_with_the_number_to_take_away() -> None:
    asked = Question("q", "long_text", {"fr": "?"}, max_words=3)
    with pytest.raises(BadAnswer, match=r"4 mots.*3.*1 à enlever"):
        fields.clean(asked, "un deux trois quatre")


def test_the_faults_of_a_table_are_said() -> None:
    bad = {
        "code": "q",
        "type": "rows",
        "prefill": "mayor",
        "columns": [{"code": "a", "type": "color", "label": {"fr": "A"}}],
        "min_rows": 3,
        "max_rows": 2,
        "must_have": [{"column": "b", "value": "x"}],
    }
    found: list[str] = []
    checking_tables.check(bad, found)
    assert len(found) == 5
    good: list[str] = []
    checking_tables.check(
        {
            "code": "q",
            "type": "rows",
            "columns": COLUMNS,
            "must_have": [{"column": "what", "value": "served"}],
        },
        good,
    )
    assert good == []


# --- municipalities ---------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_municipality_is_named_with_its_mrc_and_homonyms_are_told_apart() -> None:
    factories.make_org("31056")
    for code, mrc in (("02005", "Bonaventure"), ("10043", "La Nouvelle-Beauce")):
        factories.make_org(code, name="Saint-Elzéar", mrc_name=mrc)
    places.forget()
    asked = Question("q", "municipality", {"fr": "Où?"})
    one = {"scheme": "qc", "code": "31056", "name": "Adstock", "mrc": "Les Appalaches"}
    for text in ("adstock", "31056", "Adstock (Les Appalaches), 31056", one):
        assert fields.clean(asked, text) == one
    with pytest.raises(
        BadAnswer, match=r"Saint-Elzéar \(Bonaventure\), 02005; Saint-Elzéar \(La Nouvelle-Beauce\)"
    ):
        fields.clean(asked, "Saint-Elzéar")
    assert fields.clean(asked, "saint elzear beauce")["code"] == "10043"
    value, said = fields.keep(asked, "Nulle-Part")
    assert value == {"raw": "Nulle-Part"}
    assert "n’est pas un organisme municipal" in said
    assert facts.fact(asked, one) == "qc:31056"
    assert fields.display(asked, one) == "Adstock (Les Appalaches), 31056"
    places.forget()


@pytest.mark.django_db
def test_names_are_suggested_to_whoever_is_signed_in(client: Any) -> None:
    factories.make_org("31056")
    places.forget()
    assert client.get("/organisations/municipalites.json?q=ads").status_code == 302
    client.force_login(factories.make_user())
    told = client.get("/organisations/municipalites.json?q=ads").json()
    assert told == {"places": ["Adstock (Les Appalaches), 31056"]}
    places.forget()
