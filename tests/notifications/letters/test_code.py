"""Codes: long enough, never mistaken, read as people type them."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.letters.code import ALPHABET, LENGTH, new_code, normalise


def test_a_code_holds_eighty_bits_and_no_letter_like_a_digit() -> None:
    assert LENGTH * math.log2(len(set(ALPHABET))) >= 80
    assert not set("ILOU") & set(ALPHABET)
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)


@pytest.mark.parametrize(
    "typed",
    [
        "k7qf2m9xt4rd8hw0",
        " K7QF 2M9X\u00a0T4RD–8HWO ",
        "k-7-q-f-2-m-9-x-t-4-r-d-8-h-w-o",
        "K7QF-2M9X-T4RD-8HW0\n",
    ],
)
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert normalise(typed) == "K7QF-2M9X-T4RD-8HW0"


@pytest.mark.parametrize(
    "typed", ["", "K7QF", "K7QF-2M9X-T4RD-8HWU", "K7QF-2M9X-T4RD-8HW00", "é" * 16, "ı" * 16, "ſ" * 16]
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert normalise(typed) is None


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(typed: str) -> None:
    once = normalise(typed)
    assert once is None or normalise(once) == once


def test_look_alikes_mean_the_digit() -> None:
    assert normalise("OIL0" * 4) == "0110-0110-0110-0110"
