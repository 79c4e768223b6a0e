"""How money, numbers, days and instants are written, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from web import formats

CLOSING = datetime(2026, 3, 27, 20, 30, tzinfo=UTC)
N = "\u00a0"


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (115000, f"115{N}000{N}$", "$115,000"),
        (0, f"0{N}$", "$0"),
        (Decimal("1234.56"), f"1{N}234,56{N}$", "$1,234.56"),
        (Decimal("1234.00"), f"1{N}234{N}$", "$1,234"),
        (-5000, f"−5{N}000{N}$", "−$5,000"),
        (None, "", ""),
        ("", "", ""),
    ],
)
def test_money(value: Decimal | None, french: str, english: str) -> None:
    assert formats.money(value, "fr-ca") == french
    assert formats.money(value, "en") == english


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (7_000_000, f"7,0{N}M$", "$7.0M"),
        (20_000_000, f"20{N}M$", "$20M"),
        (14_760_000, f"14,8{N}M$", "$14.8M"),
        (999_999, f"999{N}999{N}$", "$999,999"),
    ],
)
def test_money_short(value: int, french: str, english: str) -> None:
    assert formats.money_short(value, "fr") == french
    assert formats.money_short(value, "en") == english


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (80, f"80{N}%", "80%"),
        (Decimal("88.7"), f"88,7{N}%", "88.7%"),
        (Decimal("88.75"), f"88,8{N}%", "88.8%"),
        (Fraction(266, 3), f"88,7{N}%", "88.7%"),
    ],
)
def test_percent(value: Decimal, french: str, english: str) -> None:
    assert formats.percent(value, "fr") == french
    assert formats.percent(value, "en") == english


def test_days() -> None:
    assert formats.date_long(date(2026, 6, 1), "fr") == "1er juin 2026"
    assert formats.date_long(date(2026, 6, 1), "en") == "June 1, 2026"
    assert formats.date_full(date(2026, 3, 27), "fr") == "vendredi 27 mars 2026"
    assert formats.date_full(date(2026, 3, 27), "en") == "Friday, March 27, 2026"
    assert formats.date_short(date(2026, 4, 2), "fr", this_year=2026) == "2 avr."
    assert formats.date_short(date(2025, 4, 2), "fr", this_year=2026) == "2 avr. 2025"
    assert formats.date_short(date(2025, 4, 2), "en", this_year=2026) == "Apr 2, 2025"


def test_instants_are_said_on_the_eastern_clock() -> None:
    assert formats.datetime_long(CLOSING, "fr") == f"vendredi 27 mars 2026 à 16{N}h{N}30, heure de l’Est"
    assert formats.datetime_long(CLOSING, "en") == f"Friday, March 27, 2026, at 4:30{N}p.m., Eastern time"
    winter = datetime(2026, 1, 19, 13, 30, tzinfo=UTC)
    assert formats.time(winter, "fr") == f"8{N}h{N}30"
    assert formats.time(winter.replace(minute=0), "fr") == f"8{N}h"
    assert formats.time(winter.replace(minute=0), "en") == f"8{N}a.m."
    night = datetime(2026, 6, 2, 2, 0, tzinfo=UTC)
    assert formats.date_long(night, "fr") == "1er juin 2026"
    exact = datetime(2026, 3, 26, 14, 12, 5, tzinfo=UTC)
    assert formats.datetime_exact(exact, "fr").replace(N, " ") == (
        "26 mars 2026 à 10 h 12 min 05 s, heure de l’Est"
    )


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(days=3, hours=20), "dans 4 jours"),
        (timedelta(days=3), "dans 3 jours"),
        (timedelta(hours=23), "demain"),
        (timedelta(hours=5), "dans 5 heures"),
        (timedelta(minutes=25), "dans 25 minutes"),
        (timedelta(seconds=20), "dans 1 minute"),
        (timedelta(0), "aujourd’hui"),
        (timedelta(days=-1), "depuis 1 jour"),
    ],
)
def test_distance_of_a_deadline(before: timedelta, words: str) -> None:
    closing = CLOSING + timedelta(hours=2, minutes=30)  # 19 h, so that five hours before is the same day
    assert formats.due_in(closing, closing - before, "fr-ca") == words


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(days=3), "in 3 days"),
        (timedelta(hours=23), "tomorrow"),
        (timedelta(hours=5), "in 5 hours"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(0), "today"),
        (timedelta(days=-1), "1 day ago"),
    ],
)
def test_distance_of_a_deadline_in_english(before: timedelta, words: str) -> None:
    closing = CLOSING + timedelta(hours=2, minutes=30)
    assert formats.due_in(closing, closing - before, "en") == words


def test_everything_is_said_in_english() -> None:
    early = CLOSING - timedelta(days=3)
    when = f"Friday, March 27, 2026, at 4:30{N}p.m., Eastern time"
    assert formats.closing_words(CLOSING, early, "en") == f"Closes in 3 days, on {when}"
    assert formats.closing_words(CLOSING, CLOSING, "en") == f"Closed since {when}"
    assert formats.opening_words(CLOSING, early, "en") == f"Opens in 3 days, on {when}"
    assert formats.opening_words(CLOSING, CLOSING, "en") == f"Open since {when}"
    assert formats.datetime_exact(CLOSING, "en") == f"March 27, 2026, at 4:30:00{N}p.m., Eastern time"
    assert formats.datetime_short(CLOSING, "en", this_year=2026) == f"Mar 27, 4:30{N}p.m."
    assert formats.number(1234, 0, "en") == "1,234"
    assert formats.number(Decimal("1234.5"), 1, "en") == "1,234.5"
    assert formats.duration(timedelta(days=2), "en") == "2 days"
    assert formats.duration(timedelta(minutes=1), "en") == "1 minute"
    with override("en"):
        assert (formats.days(0), formats.days(1), formats.days(2)) == ("0 days", "1 day", "2 days")
    with override("fr-ca"):
        assert (formats.days(0), formats.days(1), formats.days(2)) == ("0 jour", "1 jour", "2 jours")


@pytest.mark.parametrize(
    ("hour", "words"), [(4, "12 a.m."), (16, "12 p.m."), (15, "11 a.m."), (17, "1 p.m.")]
)
def test_hours_of_the_day_in_english(hour: int, words: str) -> None:
    moment = datetime(2026, 6, 2, hour, 0, tzinfo=UTC)
    assert formats.time(moment, "en").replace(N, " ") == words


def test_closing_in_words() -> None:
    said = formats.closing_words(CLOSING, CLOSING - timedelta(days=3), "fr-ca").replace(N, " ")
    assert said == "Ferme dans 3 jours, le vendredi 27 mars 2026 à 16 h 30, heure de l’Est"
    assert formats.closing_words(CLOSING, CLOSING, "fr-ca").startswith("Fermé depuis le vendredi 27 mars")


def test_bilingual_label_falls_back_to_french() -> None:
    assert formats.tr({"fr": "Eau", "en": "Water"}, "en") == "Water"
    assert formats.tr({"fr": "Eau"}, "en") == "Eau"
    assert formats.tr({"fr": "Eau", "en": ""}, "en") == "Eau"
    assert formats.tr("Eau") == "Eau"
    assert formats.tr(None) == ""


def test_size_of_a_file() -> None:
    assert formats.size(1_240_000, "fr") == f"1,2{N}Mo"
    assert formats.size(640_000, "en") == f"0.6{N}MB"
    assert formats.size(12, "fr") == f"1{N}ko"


@given(st.integers(-(10**13), 10**13), st.sampled_from(["fr", "en"]))
def test_an_amount_can_be_read_back(amount: int, lang: str) -> None:
    text = formats.money(amount, lang)
    assert "\u202f" not in text
    digits = "".join(sign for sign in text if sign.isdigit())
    assert int(digits) == abs(amount)
    assert text.startswith("−") == (amount < 0)


@given(st.fractions(min_value=-1000, max_value=1000))
def test_fractions_round_half_up_exactly(value: Fraction) -> None:
    shown = formats.number(value, 1, "en").replace("−", "-").replace(",", "")
    assert abs(Fraction(shown) - value) <= Fraction(1, 20)
