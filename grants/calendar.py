"""The calendar of a call: instants given relative to a day, and what makes an order of dates impossible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from web import formats
from web.calendar import add_working_days
from web.clock import EASTERN

Moment = datetime | date

# In the order in which they must follow one another.
INSTANTS = ("opens_at", "questions_until", "closes_at", "review_until", "letters_at", "publish_at")
DAYS = ("eligibility_until", "panel_on", "decision_on", "waiting_valid_until")
FIELDS = (
    "opens_at",
    "questions_until",
    "closes_at",
    "eligibility_until",
    "review_until",
    "panel_on",
    "decision_on",
    "letters_at",
    "publish_at",
    "waiting_valid_until",
)
REQUIRED = ("opens_at", "closes_at", "letters_at", "publish_at")
LABELS = {
    "opens_at": gettext_lazy("Ouverture du dépôt"),
    "questions_until": gettext_lazy("Dernier jour pour poser une question"),
    "closes_at": gettext_lazy("Clôture"),
    "eligibility_until": gettext_lazy("Admissibilité confirmée"),
    "review_until": gettext_lazy("Fin des évaluations"),
    "panel_on": gettext_lazy("Comité d’évaluation"),
    "decision_on": gettext_lazy("Décision"),
    "letters_at": gettext_lazy("Lettres aux municipalités"),
    "publish_at": gettext_lazy("Liste publique des projets soutenus"),
    "waiting_valid_until": gettext_lazy("Fin de la liste d’attente"),
}
# (earlier, later, may be the same instant)
ORDER = (
    ("opens_at", "closes_at", False),
    ("opens_at", "questions_until", False),
    ("questions_until", "closes_at", True),
    ("closes_at", "eligibility_until", True),
    ("eligibility_until", "review_until", True),
    ("closes_at", "review_until", False),
    ("review_until", "panel_on", True),
    ("closes_at", "panel_on", False),
    ("panel_on", "decision_on", True),
    ("decision_on", "letters_at", True),
    ("closes_at", "letters_at", False),
    ("letters_at", "publish_at", True),
    ("letters_at", "waiting_valid_until", False),
)


NOTICE = 5  # working days of warning before a date that people plan by comes nearer, in a published call
NOTICED = ("opens_at", "questions_until", "review_until", "panel_on")
WIDTH = 160
STRETCHES = (
    (gettext_lazy("Dépôt des demandes"), "opens_at", "closes_at"),
    (gettext_lazy("Questions"), "opens_at", "questions_until"),
    (gettext_lazy("Vérification des dossiers"), "closes_at", "eligibility_until"),
    (gettext_lazy("Évaluation"), "eligibility_until", "review_until"),
    (gettext_lazy("Comité"), "review_until", "panel_on"),
    (gettext_lazy("Décision"), "panel_on", "decision_on"),
    (gettext_lazy("Préparation des lettres"), "decision_on", "letters_at"),
    (gettext_lazy("Embargo public"), "letters_at", "publish_at"),
    (gettext_lazy("Liste d’attente"), "letters_at", "waiting_valid_until"),
)


class BadCalendar(ValueError):
    """A calendar that cannot be read; the message is a sentence."""


def day_of(value: Moment) -> date:
    """The day of a date or of an instant, on the ministry's calendar."""
    return value.astimezone(EASTERN).date() if isinstance(value, datetime) else value


def _precedes(earlier: Moment, later: Moment, *, same: bool) -> bool:
    """Two instants are compared to the second, a day and anything else by days."""
    if isinstance(earlier, datetime) and isinstance(later, datetime):
        return earlier <= later if same else earlier < later
    return day_of(earlier) <= day_of(later)


def words(value: Moment) -> str:
    """A day or an instant, for a sentence."""
    if isinstance(value, datetime):
        return f"{formats.date_long(value)}, {formats.time(value)}"
    return formats.date_long(value)


def faults(values: Mapping[str, Moment | None]) -> dict[str, str]:
    """Why an order of dates is impossible: the later field of each pair, and the sentence."""
    found: dict[str, str] = {}
    for name in REQUIRED:
        if values.get(name) is None:
            found[name] = _("« %(label)s » n’a pas de date.") % {"label": LABELS[name]}
    for earlier, later, same in ORDER:
        first, second = values.get(earlier), values.get(later)
        if first is None or second is None or _precedes(first, second, same=same):
            continue
        said = _("« %(later)s » (%(second)s) doit suivre « %(earlier)s » (%(first)s).") % {
            "later": LABELS[later],
            "second": words(second),
            "earlier": LABELS[earlier],
            "first": words(first),
        }
        found[later] = f"{found[later]} {said}" if later in found else said
    return found


def frozen(name: str, old: Moment | None, new: Moment | None, now: datetime) -> str:
    """Why a date of a published call cannot move so: it has passed, it goes into the past, or nobody is warned."""
    label = {"label": LABELS[name]}
    if old is not None and _is_past(old, now):
        return _("« %(label)s » est passé : cette date ne change plus.") % label
    if new is None:
        return ""
    if _is_past(new, now):
        return _("« %(label)s » ne peut pas être mis dans le passé.") % label
    if old is None or not day_of(new) < day_of(old):
        return ""
    if name == "closes_at":
        return _("La clôture d’un appel publié peut être reportée, jamais avancée.")
    first = add_working_days(day_of(now), NOTICE)
    if name in NOTICED and day_of(new) < first:
        told = {**label, "n": NOTICE, "day": formats.date_long(first)}
        return (
            _("« %(label)s » ne s’avance qu’avec %(n)s jours ouvrables de préavis : le %(day)s au plus tôt.")
            % told
        )
    return ""


def _is_past(value: Moment, now: datetime) -> bool:
    """An instant has come; a day is over."""
    return value <= now if isinstance(value, datetime) else value < day_of(now)


@dataclass(frozen=True)
class Span:
    """A stretch of the calendar as it is drawn: from one date to another, in days, and what is wrong with it."""

    label: Any
    first: str
    last: str
    days: int
    x: int
    width: int
    is_wrong: bool


def spans(values: Mapping[str, Moment | None], found: Mapping[str, str]) -> list[Span]:
    """The stretches between the dates that are known, on one scale of `WIDTH` units."""
    known = {name: day_of(value) for name in FIELDS if (value := values.get(name)) is not None}
    start, end = min(known.values()), max(known.values())
    scale = max(1, (end - start).days)
    drawn = []
    for label, first, last in STRETCHES:
        if first not in known or last not in known:
            continue
        left, right = sorted((known[first], known[last]))
        drawn.append(
            Span(
                label,
                formats.date_short(known[first], this_year=start.year),
                formats.date_short(known[last], this_year=start.year),
                (known[last] - known[first]).days,
                round(WIDTH * (left - start).days / scale),
                max(2, round(WIDTH * (right - left).days / scale)),
                last in found or known[last] < known[first],
            )
        )
    return drawn


def place(values: Mapping[str, Moment | None], now: datetime) -> int | None:
    """Where today stands on the scale of `spans`, nothing when it is outside."""
    known = [day_of(value) for name in FIELDS if (value := values.get(name)) is not None]
    start, end = min(known), max(known)
    today = day_of(now)
    return round(WIDTH * (today - start).days / max(1, (end - start).days)) if start <= today <= end else None


def resolve(spec: Mapping[str, Any], today: date, closes: datetime | None = None) -> dict[str, Moment | None]:
    """The dates of a file as instants: ISO texts, or days from today or from the closing.

    A relative day that falls on a Saturday or a Sunday moves to the Monday.
    """
    unknown = sorted(set(spec) - set(FIELDS))
    if unknown:
        raise BadCalendar(_("Le calendrier a une date inconnue : %(name)s.") % {"name": unknown[0]})
    closing = closes or _moment("closes_at", spec.get("closes_at"), today, None)
    if not isinstance(closing, datetime):
        raise BadCalendar(_("Le calendrier n’a pas de clôture."))
    found: dict[str, Moment | None] = {}
    for name in FIELDS:
        found[name] = closing if name == "closes_at" else _moment(name, spec.get(name), today, closing)
    return found


def _moment(name: str, given: Any, today: date, closing: datetime | None) -> Moment | None:
    """One date of a file."""
    if given is None:
        return None
    if isinstance(given, str):
        return _absolute(name, given)
    try:
        if "from_closing" in given and closing is not None:
            day = day_of(closing) + timedelta(days=int(given["from_closing"]))
        else:
            day = today + timedelta(days=int(given["from_today"]))
        moment = time.fromisoformat(given["at"]) if "at" in given else None
    except (KeyError, TypeError, ValueError) as fault:
        raise BadCalendar(_("La date « %(name)s » du calendrier est illisible.") % {"name": name}) from fault
    day += timedelta(days=(7 - day.weekday()) if day.weekday() >= 5 else 0)
    return _typed(name, day, moment)


def _typed(name: str, day: date, moment: time | None) -> Moment:
    """A day for a field of days, an instant (Eastern time) for the others."""
    if name in DAYS:
        return day
    return datetime.combine(day, moment or time(16, 30), tzinfo=EASTERN)


def _absolute(name: str, given: str) -> Moment:
    try:
        if name in DAYS:
            return date.fromisoformat(given)
        found = datetime.fromisoformat(given)
    except ValueError as fault:
        raise BadCalendar(_("La date « %(name)s » du calendrier est illisible.") % {"name": name}) from fault
    return found if found.tzinfo else found.replace(tzinfo=EASTERN)
