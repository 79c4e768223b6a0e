"""Excerpts: the words asked for are marked whatever their accents, and nothing is ever lost or made up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search import excerpts, words


def asking(text: str) -> excerpts.Marker:
    return excerpts.Marker(words.wanted(text))


def told(pieces: excerpts.Marked) -> str:
    return "".join(f"[{text}]" if is_hit else text for text, is_hit in pieces)


def test_marks_the_words_of_the_text_as_they_are_written() -> None:
    asked = asking("l'innovation numerique")
    assert told(excerpts.marked("L’Innovation et les outils numériques", asked)) == (
        "L’[Innovation] et les outils [numériques]"
    )
    assert told(excerpts.marked("Un cœur", asking("coeurs"))) == "Un [cœur]"
    assert told(excerpts.marked("E\u0301cole", asking("écoles"))) == "[École]"


def test_a_name_is_marked_from_its_beginning() -> None:
    assert told(excerpts.marked("Kamouraska", asking("kamou"), starts=True)) == "[Kamouraska]"
    assert told(excerpts.marked("Kamouraska", asking("kamou"))) == "Kamouraska"


def test_the_excerpt_is_where_most_words_are() -> None:
    text = (
        "Un capteur seul. " + "Rien à voir ici. " * 40 + "Le capteur du lac gelé. " + "Encore du texte. " * 40
    )
    shown = told(excerpts.excerpt(text, asking("capteurs lacs")))
    assert "[capteur] du [lac]" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) < 320
    assert excerpts.excerpt(text, asking("patinoire")) == []


@given(st.text(max_size=400), st.text(max_size=40))
def test_every_text_keeps_its_signs(text: str, asked: str) -> None:
    import unicodedata

    wanted = asking(asked)
    assert "".join(piece for piece, _hit in excerpts.marked(text, wanted)) == unicodedata.normalize(
        "NFC", text
    )
    excerpts.excerpt(text, wanted)


@given(st.text(max_size=60))
def test_a_word_of_a_query_is_letters_and_digits(text: str) -> None:
    for one in words.wanted(text):
        assert one.folded
        assert one.folded.isalnum() or words.WORD.fullmatch(one.folded)
        assert not set("'\"-*:() ") & set(one.folded + one.stem)
