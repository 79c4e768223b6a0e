"""Texts of letters: notation, names, mentions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants import checking, letters
from grants.reading import folder, read_source

TEXTS = read_source(folder("flin"))["letters"]
words = (
    st.text(alphabet="abcé «»’.,:{}0", min_size=1, max_size=30)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
blocks = st.one_of(
    words.map(lambda text: {"p": text}),
    words.map(lambda text: {"h": text}),
    st.lists(words, min_size=1, max_size=4).map(lambda items: {"list": items}),
    st.sampled_from(sorted(letters.SLOTS)).map(lambda name: {"slot": name}),
)


@given(st.lists(blocks, max_size=8))
def test_notation_gives_back_the_blocks(body: list[dict[str, object]]) -> None:
    assert letters.from_text(letters.to_text(body)) == body


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: str(text["kind"]))
def test_ready_made_texts_are_whole(text: dict[str, object]) -> None:
    assert checking.letter_faults(text["kind"], text["subject"], text["body"]) == []  # type: ignore[arg-type]
    assert letters.from_text(letters.to_text(text["body"])) == text["body"]  # type: ignore[arg-type]


def test_every_kind_has_its_text() -> None:
    assert {one["kind"] for one in TEXTS} == set(letters.KINDS)


def test_a_name_without_value_is_never_left_in_a_letter() -> None:
    assert letters.fill("Aide de {{ amount }}.", {"amount": "115 000 $"}) == "Aide de 115 000 $."
    with pytest.raises(KeyError):
        letters.fill("Aide de {{amount}}.", {})
