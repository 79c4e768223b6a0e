"""Amounts in words, on the values that trip people and by reading them back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.letters.words import LIMIT, dollars, english, french

FRENCH = {
    0: "zéro dollar",
    1: "un dollar",
    2: "deux dollars",
    16: "seize dollars",
    17: "dix-sept dollars",
    21: "vingt et un dollars",
    60: "soixante dollars",
    61: "soixante et un dollars",
    70: "soixante-dix dollars",
    71: "soixante et onze dollars",
    77: "soixante-dix-sept dollars",
    80: "quatre-vingts dollars",
    81: "quatre-vingt-un dollars",
    90: "quatre-vingt-dix dollars",
    91: "quatre-vingt-onze dollars",
    99: "quatre-vingt-dix-neuf dollars",
    100: "cent dollars",
    101: "cent un dollars",
    180: "cent quatre-vingts dollars",
    200: "deux cents dollars",
    201: "deux cent un dollars",
    1000: "mille dollars",
    1001: "mille un dollars",
    1100: "mille cent dollars",
    2000: "deux mille dollars",
    21000: "vingt et un mille dollars",
    80000: "quatre-vingt mille dollars",
    80080: "quatre-vingt mille quatre-vingts dollars",
    115000: "cent quinze mille dollars",
    175000: "cent soixante-quinze mille dollars",
    200000: "deux cent mille dollars",
    280000: "deux cent quatre-vingt mille dollars",
    1000000: "un million de dollars",
    1000001: "un million un dollars",
    1234567: "un million deux cent trente-quatre mille cinq cent soixante-sept dollars",
    2000000: "deux millions de dollars",
    80000000: "quatre-vingts millions de dollars",
    200000000: "deux cents millions de dollars",
    200300000: "deux cents millions trois cent mille dollars",
    1000000000: "un milliard de dollars",
    1000200000: "un milliard deux cent mille dollars",
}
ENGLISH = {
    0: "zero dollars",
    1: "one dollar",
    71: "seventy-one dollars",
    80: "eighty dollars",
    101: "one hundred one dollars",
    115000: "one hundred fifteen thousand dollars",
    1000000: "one million dollars",
    1234567: "one million two hundred thirty-four thousand five hundred sixty-seven dollars",
}


@pytest.mark.parametrize(("amount", "words"), FRENCH.items())
def test_french(amount: int, words: str) -> None:
    assert dollars(amount, "fr") == words


@pytest.mark.parametrize(("amount", "words"), ENGLISH.items())
def test_english(amount: int, words: str) -> None:
    assert dollars(amount, "en") == words


_SMALL = {french(value): value for value in range(17)} | {
    "vingt": 20,
    "vingts": 20,
    "trente": 30,
    "quarante": 40,
    "cinquante": 50,
    "soixante": 60,
}
_LARGE = {"mille": 10**3, "million": 10**6, "millions": 10**6, "milliard": 10**9, "milliards": 10**9}


def read_french(words: str) -> int:
    """Read a French number, knowing nothing of how it was written."""
    total = group = 0
    for word in re.split(r"[ -]", words):
        if word in _LARGE:
            total, group = total + max(group, 1) * _LARGE[word], 0
        elif word in {"cent", "cents"}:
            group = max(group, 1) * 100
        elif word.startswith("vingt") and group % 100 == 4:
            group += 76
        elif word != "et":
            group += _SMALL[word]
    return total + group


_ENGLISH_SMALL = {english(value): value for value in [*range(20), *range(20, 100, 10)]}


def read_english(words: str) -> int:
    """Read an English number."""
    total = group = 0
    for word in re.split(r"[ -]", words):
        if word == "hundred":
            group *= 100
        elif word in {"thousand", "million", "billion"}:
            total, group = total + group * {"thousand": 10**3, "million": 10**6, "billion": 10**9}[word], 0
        else:
            group += _ENGLISH_SMALL[word]
    return total + group


@given(st.one_of(st.integers(0, 9999), st.integers(0, LIMIT - 1)))
def test_every_number_reads_back(number: int) -> None:
    assert read_french(french(number)) == number
    assert read_english(english(number)) == number


@pytest.mark.parametrize("number", [-1, LIMIT])
def test_a_number_out_of_bounds_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="words"):
        dollars(number, "fr")
