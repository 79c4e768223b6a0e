"""How Jalon writes money, numbers, dates and instants, in French (fr-CA) and in English.

Plain functions: a value and a language in, a text out. The language is that of the reader when none is
given. Spaces inside a number or before a sign are U+00A0, never U+202F (absent from the typeface).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from babel.dates import get_day_names, get_month_names
from babel.numbers import format_decimal
from django.utils.translation import get_language, gettext, ngettext, override

from web.clock import EASTERN

NBSP = "\u00a0"
MINUS = "\u2212"
Number = int | Decimal | Fraction


def language(lang: str | None = None) -> str:
    """`fr` or `en`: the language asked for, else the reader's, else French."""
    code = lang or get_language() or "fr"
    return "en" if code.lower().startswith("en") else "fr"


def _locale(lang: str | None) -> str:
    return "en_CA" if language(lang) == "en" else "fr_CA"


def tr(value: Any, lang: str | None = None) -> str:
    """The text of a bilingual label `{"fr": …, "en": …}`; French when the other is missing."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return str(value.get(language(lang)) or value.get("fr") or "")
    return str(value)


def _decimal(value: Number | str, places: int) -> Decimal:
    """Round half up, as an accountant does, without a float on the way."""
    if isinstance(value, Fraction):
        scaled = abs(value) * 10**places
        units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
        return Decimal(units if value >= 0 else -units).scaleb(-places)
    return Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def number(value: Number | str, places: int = 0, lang: str | None = None) -> str:
    """`4 216 300`, `88,7` · `4,216,300`, `88.7`."""
    amount = _decimal(value, places)
    return (MINUS if amount < 0 else "") + _written(abs(amount), places, _locale(lang))


@lru_cache(maxsize=8192)
def _written(amount: Decimal, places: int, locale: str) -> str:
    """The digits of an amount already rounded: a page writes the same ones again and again."""
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return str(format_decimal(amount, format=pattern, locale=locale)).replace("\u202f", NBSP)


def money(value: Number | str | None, lang: str | None = None, *, cents: bool | None = None) -> str:
    """`115 000 $`, `1 234,56 $` · `$115,000`, `$1,234.56`; cents when there are some, or when asked."""
    if value is None or value == "":
        return ""
    amount = _decimal(value, 2)
    with_cents = amount != amount.to_integral_value() if cents is None else cents
    text = number(abs(amount), 2 if with_cents else 0, lang)
    sign = MINUS if amount < 0 else ""
    return f"{sign}${text}" if language(lang) == "en" else f"{sign}{text}{NBSP}$"


def money_short(value: Number | str, lang: str | None = None) -> str:
    """`7,0 M$`, `20 M$` · `$7.0M`, `$20M`; below a million, the whole amount."""
    amount = _decimal(value, 2)
    if abs(amount) < 1_000_000:
        return money(amount, lang)
    millions = _decimal(amount / 1_000_000, 1)
    places = 0 if abs(millions) >= 10 and millions == millions.to_integral_value() else 1
    text = number(abs(millions), places, lang)
    sign = MINUS if amount < 0 else ""
    return f"{sign}${text}M" if language(lang) == "en" else f"{sign}{text}{NBSP}M$"


def percent(value: Number | str | None, lang: str | None = None, *, places: int | None = None) -> str:
    """`80 %`, `88,7 %` · `80%`, `88.7%`; the value is already out of 100."""
    if value is None or value == "":
        return ""
    one = _decimal(value, 1)
    wanted = (0 if one == one.to_integral_value() else 1) if places is None else places
    return number(value, wanted, lang) + ("%" if language(lang) == "en" else f"{NBSP}%")


def _day(value: date | datetime) -> date:
    """The day on the ministry's calendar."""
    if isinstance(value, datetime):
        return local(value).date()
    return value


def local(value: datetime) -> datetime:
    """An instant on the clock of Québec City; a naive value is taken as UTC, as it is stored."""
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(EASTERN)


def _ordinal(day: int) -> str:
    return "1er" if day == 1 else str(day)


def date_long(value: date | datetime, lang: str | None = None) -> str:
    """`1er juin 2026` · `June 1, 2026`."""
    day = _day(value)
    month = get_month_names("wide", locale=_locale(lang))[day.month]
    if language(lang) == "en":
        return f"{month} {day.day}, {day.year}"
    return f"{_ordinal(day.day)} {month} {day.year}"


def date_full(value: date | datetime, lang: str | None = None) -> str:
    """`vendredi 27 mars 2026` · `Friday, March 27, 2026`."""
    name = get_day_names("wide", locale=_locale(lang))[_day(value).weekday()]
    return f"{name}{', ' if language(lang) == 'en' else ' '}{date_long(value, lang)}"


def date_short(value: date | datetime, lang: str | None = None, *, this_year: int | None = None) -> str:
    """`2 avr.`, `2 avr. 2025` · `Apr 2`, `Apr 2, 2025`; the year in progress is dropped when it is given."""
    day = _day(value)
    month = get_month_names("abbreviated", locale=_locale(lang))[day.month]
    same = day.year == this_year
    if language(lang) == "en":
        month = month.rstrip(".")
        return f"{month} {day.day}" if same else f"{month} {day.day}, {day.year}"
    text = f"{_ordinal(day.day)} {month}"
    return text if same else f"{text} {day.year}"


def time(value: datetime, lang: str | None = None) -> str:
    """`16 h 30`, `14 h` · `4:30 p.m.`, `2 p.m.`."""
    moment = local(value)
    if language(lang) == "en":
        hour = moment.hour % 12 or 12
        half = f"{'a' if moment.hour < 12 else 'p'}.m."
        return f"{hour}:{moment.minute:02d}{NBSP}{half}" if moment.minute else f"{hour}{NBSP}{half}"
    text = f"{moment.hour}{NBSP}h"
    return f"{text}{NBSP}{moment.minute:02d}" if moment.minute else text


def zone(lang: str | None = None) -> str:
    """The name of the zone, said beside every instant that counts."""
    return "Eastern time" if language(lang) == "en" else "heure de l’Est"


def datetime_long(value: datetime, lang: str | None = None) -> str:
    """`vendredi 27 mars 2026 à 16 h 30, heure de l’Est` · `Friday, March 27, 2026, at 4:30 p.m., …`."""
    joint = ", at " if language(lang) == "en" else " à "
    return f"{date_full(value, lang)}{joint}{time(value, lang)}, {zone(lang)}"


def datetime_short(value: datetime, lang: str | None = None, *, this_year: int | None = None) -> str:
    """`2 avr., 10 h 12` · `Apr 2, 10:12 a.m.`, for lists and timelines."""
    return f"{date_short(value, lang, this_year=this_year)}, {time(value, lang)}"


def datetime_exact(value: datetime, lang: str | None = None) -> str:
    """`26 mars 2026 à 10 h 12 min 05 s, heure de l’Est`, to the second, for receipts."""
    moment = local(value)
    if language(lang) == "en":
        hour = moment.hour % 12 or 12
        half = f"{'a' if moment.hour < 12 else 'p'}.m."
        clock = f"{hour}:{moment.minute:02d}:{moment.second:02d}{NBSP}{half}"
        return f"{date_long(value, lang)}, at {clock}, {zone(lang)}"
    clock = NBSP.join((str(moment.hour), "h", f"{moment.minute:02d}", "min", f"{moment.second:02d}", "s"))
    return f"{date_long(value, lang)} à {clock}, {zone(lang)}"


def duration(span: timedelta, lang: str | None = None) -> str:
    """The largest whole unit: `3 jours`, `5 heures`, `25 minutes`."""
    seconds = int(abs(span).total_seconds())
    with override(lang or get_language()):
        if seconds >= 86400:
            return days(seconds // 86400)
        if seconds >= 3600:
            count = seconds // 3600
            return ngettext("%(n)s heure", "%(n)s heures", count) % {"n": number(count)}
        count = max(1, seconds // 60)
        return ngettext("%(n)s minute", "%(n)s minutes", count) % {"n": number(count)}


def days(count: int) -> str:
    """`1 jour`, `24 jours`."""
    return ngettext("%(n)s jour", "%(n)s jours", count) % {"n": number(count)}


def days_between(now: datetime, instant: datetime) -> int:
    """Days to turn on the ministry's calendar from now to the instant (negative when it is past)."""
    return (local(instant).date() - local(now).date()).days


def due_in(instant: datetime, now: datetime, lang: str | None = None) -> str:
    """How far an instant is: `dans 3 jours`, `demain`, `dans 5 heures`, `depuis 2 jours`."""
    with override(lang or get_language()):
        gap = days_between(now, instant)
        if instant <= now:
            if gap == 0:
                return gettext("aujourd’hui")
            return gettext("depuis %(span)s") % {"span": days(-gap)}
        if gap == 0:
            return gettext("dans %(span)s") % {"span": duration(instant - now)}
        if gap == 1:
            return gettext("demain")
        return gettext("dans %(span)s") % {"span": days(gap)}


def closing_words(instant: datetime, now: datetime, lang: str | None = None) -> str:
    """`Ferme dans 3 jours, le vendredi 27 mars 2026 à 16 h 30, heure de l’Est`, or `Fermé depuis le …`."""
    with override(lang or get_language()):
        when = datetime_long(instant)
        if instant <= now:
            return gettext("Fermé depuis le %(when)s") % {"when": when}
        return gettext("Ferme %(due)s, le %(when)s") % {"due": due_in(instant, now), "when": when}


def opening_words(instant: datetime, now: datetime, lang: str | None = None) -> str:
    """`Ouvre dans 12 jours, le …`, or `Ouvert depuis le …`."""
    with override(lang or get_language()):
        when = datetime_long(instant)
        if instant <= now:
            return gettext("Ouvert depuis le %(when)s") % {"when": when}
        return gettext("Ouvre %(due)s, le %(when)s") % {"due": due_in(instant, now), "when": when}


def size(count: int, lang: str | None = None) -> str:
    """`1,2 Mo`, `640 ko` · `1.2 MB`, `640 KB`: the size of a file, in thousands."""
    units = ("KB", "MB") if language(lang) == "en" else ("ko", "Mo")
    if count < 100_000:
        return f"{number(Fraction(max(count, 1000), 1000), 0, lang)}{NBSP}{units[0]}"
    return f"{number(Fraction(count, 1_000_000), 1, lang)}{NBSP}{units[1]}"
