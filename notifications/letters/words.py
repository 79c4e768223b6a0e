"""Amounts in words, for the sums that a letter writes twice, in French and in English. Pure.

French follows the classical spelling throughout: hyphens only under one hundred and never around « et »;
« vingt » and « cent » take an s when multiplied and last, or before « millions »; « mille » never does.
"""

from __future__ import annotations

from typing import Final, Literal

LIMIT: Final = 10**12

_FR: Final = (
    *("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
    *("dix", "onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"),
)
_FR_TENS: Final = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante", 8: "quatre-vingt"}
_EN: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *(
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ),
)
_EN_TENS: Final = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def _fr_under_hundred(number: int, *, plural: bool) -> str:
    if number < 20:
        return _FR[number]
    tens, unit = divmod(number, 10)
    if tens in {7, 9}:
        tens, unit = tens - 1, unit + 10
    name = _FR_TENS[tens]
    if unit == 0:
        return name + "s" if tens == 8 and plural else name
    if unit in {1, 11} and tens != 8:
        return f"{name} et {_FR[unit]}"
    return f"{name}-{_FR[unit]}"


def _fr_under_thousand(number: int, *, plural: bool) -> str:
    hundreds, rest = divmod(number, 100)
    if hundreds == 0:
        return _fr_under_hundred(rest, plural=plural)
    name = "cent" if hundreds == 1 else f"{_FR[hundreds]} cent"
    if rest == 0:
        return name + "s" if hundreds > 1 and plural else name
    return f"{name} {_fr_under_hundred(rest, plural=plural)}"


def french(number: int) -> str:
    """Return a whole number in French words."""
    _check(number)
    if number == 0:
        return _FR[0]
    parts = []
    for size, name in ((10**9, "milliard"), (10**6, "million")):
        count, number = divmod(number, size)
        if count:
            parts.append(f"{_fr_under_thousand(count, plural=True)} {name}{'s' if count > 1 else ''}")
    thousands, number = divmod(number, 1000)
    if thousands:
        parts.append("mille" if thousands == 1 else f"{_fr_under_thousand(thousands, plural=False)} mille")
    if number:
        parts.append(_fr_under_thousand(number, plural=True))
    return " ".join(parts)


def _en_under_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    parts = [f"{_EN[hundreds]} hundred"] if hundreds else []
    if 0 < rest < 20:
        parts.append(_EN[rest])
    elif rest:
        tens, unit = divmod(rest, 10)
        parts.append(f"{_EN_TENS[tens]}-{_EN[unit]}" if unit else _EN_TENS[tens])
    return " ".join(parts)


def english(number: int) -> str:
    """Return a whole number in English words."""
    _check(number)
    if number == 0:
        return _EN[0]
    parts = []
    for size, name in ((10**9, " billion"), (10**6, " million"), (1000, " thousand"), (1, "")):
        count, number = divmod(number, size)
        if count:
            parts.append(_en_under_thousand(count) + name)
    return " ".join(parts)


def _check(number: int) -> None:
    if not 0 <= number < LIMIT:
        raise ValueError(f"an amount in words lies between 0 and {LIMIT - 1}, not {number}")


def dollars(amount: int, language: Literal["fr", "en"]) -> str:
    """Return whole dollars in words: « cent quinze mille dollars », « un million de dollars »."""
    if language == "en":
        return f"{english(amount)} dollar" if amount == 1 else f"{english(amount)} dollars"
    words = french(amount)
    link = " de " if amount and amount % 10**6 == 0 else " "
    return f"{words}{link}dollar{'s' if amount > 1 else ''}"
