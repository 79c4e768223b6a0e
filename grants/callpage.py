"""A call as its pages show it: life, dates, money, limits of each question, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grants import calendar, editions
from grants.models import Call
from web import clock, formats
from web.formats import tr
from workflows.models import Event


@dataclass(frozen=True)
class Step:
    """A stake of the life of a call, or a line of its dates."""

    label: str
    state: str  # done, now, next
    when: str
    iso: str
    note: str = ""


@dataclass(frozen=True)
class Asked:
    """A question as the public page tells it."""

    code: str
    type: str
    label: str
    help: str
    limit: str
    condition: str
    choices: list[str]
    required: bool


@dataclass(frozen=True)
class Part:
    """A section of the form."""

    number: int
    code: str
    title: str
    help: str
    questions: list[Asked]
    criteria: list[str]
    words: str


def said(call: Call, name: str) -> Any:
    """A date of a call as anybody may know it: its public decision's own, else the one of its calendar.

    Reads `with_public_dates`; a decision under embargo leaves the calendar as it was announced.
    """
    told = getattr(call, f"said_{name}", None) if name in ("letters_at", "publish_at") else None
    return told or getattr(call, name)


def is_answered(call: Call, now: datetime) -> bool:
    """Whether a list of the call is public."""
    if hasattr(call, "said_publish_at"):
        return call.said_publish_at is not None
    return call.publish_at <= now


def state_of(call: Call, now: datetime) -> tuple[str, str]:
    """The sign and the word of a call: open, coming, under review, finished."""
    if call.state == "draft":
        return "draft", _("En préparation")
    if now < call.opens_at:
        return "soon", _("Ouvre le %(day)s") % {"day": formats.date_long(call.opens_at)}
    if now <= call.closes_at and call.state == "published":
        return "open", _("Ouvert")
    if is_answered(call, now) or call.state == "archived":
        return "closed", _("Terminé")
    return "in_progress", _("En évaluation")


def _when(value: calendar.Moment | None) -> tuple[str, str]:
    """A date in a list, the year in progress dropped, and its machine writing."""
    if value is None:
        return "", ""
    year = clock.today().year
    text = formats.date_long(value) if _year(value) != year else formats.date_long(value).rsplit(" ", 1)[0]
    if formats.language() == "en" and _year(value) == year:
        text = formats.date_long(value).rsplit(",", 1)[0]
    if isinstance(value, datetime):
        return f"{text}, {formats.time(value)}", formats.local(value).isoformat(timespec="minutes")
    return text, value.isoformat()


def _year(value: calendar.Moment) -> int:
    return formats.local(value).year if isinstance(value, datetime) else value.year


def _ends(value: calendar.Moment, now: datetime) -> bool:
    """Tell whether a date is behind us; a day ends with itself."""
    return value <= now if isinstance(value, datetime) else value < clock.eastern(now).date()


def _when_short(value: calendar.Moment) -> str:
    """A date of a list of dates, narrow: `2 nov., 8 h 30`."""
    year = clock.today().year
    if isinstance(value, datetime):
        return formats.datetime_short(value, this_year=year)
    return formats.date_short(value, this_year=year)


def life(call: Call, now: datetime) -> list[Step]:
    """Six stakes: published, opened, filing, closed, reviewed, answered."""
    published = call.edition.published_at if call.edition else None
    stakes: list[tuple[str, calendar.Moment | None, str]] = [
        (_("Publication"), formats.local(published).date() if published else None, ""),
        (_("Ouverture"), call.opens_at, ""),
        (_("Dépôt des demandes"), call.closes_at, _filing_note(call, now)),
        (_("Clôture"), call.closes_at, ""),
        (_("Évaluation"), said(call, "letters_at"), _review_note(call)),
        (_("Réponses"), said(call, "letters_at"), ""),
    ]
    steps: list[Step] = []
    for label, end, note in stakes:
        state = "next" if end is None or not _ends(end, now) else "done"
        if label == stakes[0][0] and published:
            state = "done"
        if state == "next" and steps and steps[-1].state == "done" and label in (stakes[2][0], stakes[4][0]):
            state = "now"
        if state == "done" and label == stakes[-1][0] and not is_answered(call, now):
            state = "now"  # answers are leaving; that they all left is said with the list
        text, iso = ("", "") if note else _when(end)
        steps.append(Step(label, state, note or text, iso))
    return steps


def _review_note(call: Call) -> str:
    end = call.panel_on or call.decision_on
    return _("jusqu’au %(day)s") % {"day": _when(end)[0]} if end else ""


def _filing_note(call: Call, now: datetime) -> str:
    if call.questions_until and now < call.questions_until:
        return _("questions jusqu’au %(day)s") % {"day": _when(formats.local(call.questions_until).date())[0]}
    return _("jusqu’au %(day)s") % {"day": _when(formats.local(call.closes_at).date())[0]}


def dates(call: Call, now: datetime) -> list[Step]:
    """The calendar, line by line; the next one is the stake."""
    notes = {
        "closes_at": _(
            "L’heure retenue est celle où la demande nous parvient. Jusque-là, vous pouvez reprendre un dossier déposé."
        ),
        "eligibility_until": _("Une personne la confirme pour chaque dossier."),
        "letters_at": _("Chaque organisme reçoit sa réponse motivée, avant l’annonce publique."),
    }
    found: list[Step] = []
    waiting = True
    for name in calendar.FIELDS:
        value = said(call, name)
        if value is None:
            continue
        text, iso = _when_short(value), _when(value)[1]
        state = "done" if _ends(value, now) else "now" if waiting else "next"
        waiting = waiting and state == "done"
        found.append(Step(str(calendar.LABELS[name]), state, text, iso, notes.get(name, "")))
    return found


@dataclass(frozen=True)
class Change:
    """Dates that moved once the call was public, and why."""

    at: datetime
    lines: list[tuple[str, str, str]]
    reason: str


TOLD = ("opens_at", "questions_until", "closes_at", "letters_at", "publish_at")


def changes(call: Call) -> list[Change]:
    """What its public page says of moved dates, the latest first: label, before, after, and the reason."""
    rows = Event.objects.filter(verb="grants.call.calendar", subject_type="grants.call", subject_id=call.pk)
    found = []
    for event in rows.select_related("beside").order_by("-pk")[:10]:
        lines = moved(event)
        if event.data.get("announced") and lines:
            found.append(Change(event.at, lines, event.words))
    return found


def moved(event: Event) -> list[tuple[str, str, str]]:
    """The dates that an event moved and that applicants plan by: label, before, after."""
    before, after = event.data.get("before", {}), event.data.get("after", {})
    return [
        (str(calendar.LABELS[name]), _moment_words(before.get(name)), _moment_words(after.get(name)))
        for name in TOLD
        if name in after
    ]


def _moment_words(written: str | None) -> str:
    """A date of an event, in words."""
    return calendar.words(datetime.fromisoformat(written)) if written else ""


def form_parts(body: Mapping[str, Any]) -> list[Part]:
    """The whole form, section by section, with the limits in words."""
    parts = []
    for number, section in enumerate(editions.sections(body), start=1):
        asked = [_asked(one, body) for one in section["questions"]]
        criteria = editions.criteria_of(body, section)
        words = ngettext("%(n)s question", "%(n)s questions", len(asked)) % {"n": len(asked)}
        if criteria:
            words += ", " + ngettext("critère %(ids)s", "critères %(ids)s", len(criteria)) % {
                "ids": formats_list(criteria)
            }
        parts.append(
            Part(number, section["code"], tr(section["title"]), tr(section["help"]), asked, criteria, words)
        )
    return parts


def formats_list(words: list[str]) -> str:
    """`C1, C2 et C4`."""
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s et %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}


def _asked(question: Mapping[str, Any], body: Mapping[str, Any]) -> Asked:
    condition = ""
    if question["show_when"]:
        condition = _("demandée selon une réponse précédente")
    elif question["require_when"]:
        condition = _("obligatoire dans certains cas")
    limit = limit_words(question)
    if not question["required"] and not condition:
        limit = f"{limit}, {_('facultatif')}" if limit else _("facultatif")
    return Asked(
        code=question["code"],
        type=question["type"],
        label=tr(question["label"]),
        help=tr(question["help"]),
        limit=f"{limit}, {condition}" if condition and limit else limit or condition,
        condition=condition,
        choices=[tr(one["label"]) for one in question.get("choices") or []],
        required=bool(question["required"]),
    )


def limit_words(question: Mapping[str, Any]) -> str:
    """What a question takes, in words."""
    kind = question["type"]
    if kind in ("text", "long_text"):
        if question.get("max_words"):
            return _("%(n)s mots") % {"n": formats.number(question["max_words"])}
        return (
            _("%(n)s caractères") % {"n": formats.number(question["max_chars"])}
            if question.get("max_chars")
            else ""
        )
    if kind == "multi_choice" and question.get("max_choices"):
        count = int(question["max_choices"])
        return ngettext("%(n)s choix au plus", "%(n)s choix au plus", count) % {"n": count}
    if kind == "file":
        named = {
            "types": ", ".join(one.lstrip(".").upper() for one in question["accept"]),
            "size": formats.size(int(question.get("max_mb", 20)) * 1_000_000),
        }
        if question.get("multiple"):
            return _("fichiers %(types)s, %(size)s chacun") % named
        return _("un fichier %(types)s, %(size)s") % named
    simple = {
        "choice": _("un choix"),
        "multi_choice": _("plusieurs choix"),
        "money": _("un montant"),
        "number": _("un nombre"),
        "date": _("une date"),
        "yes_no": _("oui ou non"),
        "budget": _("deux grilles, calcul expliqué"),
        "declaration": _("une case à cocher"),
        "municipality": _("une municipalité du répertoire"),
        "partners": _("organismes, leur part et leur confirmation"),
        "maturity": _("un niveau par énoncé, résultat montré aussitôt"),
        "targets": _("des cibles publiques et des indicateurs chiffrés"),
    }
    if kind == "rows":
        return _rows_words(question)
    return simple.get(kind, "")


def _rows_words(question: Mapping[str, Any]) -> str:
    """What a table asks: its columns, and how many rows at least."""
    named = ", ".join(tr(one["label"]) for one in question["columns"])
    least = int(question.get("min_rows") or 0)
    if least < 2:
        return _("un tableau : %(columns)s") % {"columns": named}
    return _("un tableau d’au moins %(n)s lignes : %(columns)s") % {"n": least, "columns": named}


def strands(call: Call) -> list[dict[str, Any]]:
    """Volets with their sums, as the table of the call shows them."""
    body = call.edition.content if call.edition else {"strands": {}}
    found = []
    for volet in call.volets.all():
        line = getattr(volet, "budget_line", None)
        purpose = body["strands"].get(volet.code, {}).get("purpose")
        found.append({"volet": volet, "purpose": tr(purpose), "envelope": line.amount if line else 0})
    return found


def headline(call: Call) -> list[dict[str, str]]:
    """The three to five numbers at the head of a call."""
    rows = strands(call)
    found = [{"label": _("Enveloppe"), "value": formats.money(sum(one["envelope"] for one in rows))}]
    sums: dict[str, int] = {}
    for row in rows:
        for reserve in row["volet"].reserves:
            label = tr(reserve["label"])
            sums[label] = sums.get(label, 0) + reserve["amount"]
    found += [{"label": label, "value": formats.money(amount)} for label, amount in sums.items()]
    if rows:
        most = max(one["volet"].aid_max for one in rows)
        found.append({"label": _("Aide par projet, au plus"), "value": formats.money(most)})
    if call.edition:
        found.append({"label": _("Taux d’aide"), "value": rate_range(call.edition.content)})
    return found


def rate_range(body: Mapping[str, Any]) -> str:
    """`50 à 90 %`."""
    values = [Decimal(one["rate"]) * 100 for one in body["budget"]["rates"]]
    if min(values) == max(values):
        return formats.percent(values[0])
    return _("%(low)s à %(high)s") % {
        "low": formats.number(min(values)),
        "high": formats.percent(max(values)),
    }


def rate_bands(body: Mapping[str, Any]) -> list[dict[str, str]]:
    """The scale of rates by population, in words."""
    found, low = [], 0
    for band in body["budget"]["rates"]:
        high = band["max_population"]
        if high is None:
            label = _("plus de %(low)s") % {"low": formats.number(low)}
        elif not low:
            label = _("%(high)s et moins") % {"high": formats.number(high)}
        else:
            label = _("de %(low)s à %(high)s") % {
                "low": formats.number(low + 1),
                "high": formats.number(high),
            }
        found.append({"label": label, "rate": formats.percent(Decimal(band["rate"]) * 100)})
        low = high or low
    return found


def grid_rows(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The criteria with their weights out of 100, thresholds and anchors."""
    criteria = editions.criteria(body)
    most = max((one["weight"] for one in criteria), default=1)
    return [
        {
            **one,
            "bar": round(120 * one["weight"] / most),
            "percent": formats.percent(one["threshold"]) if one["threshold"] else _("aucun"),
            "levels": [
                (level, tr(text)) for level, text in sorted(one["anchors"].items(), key=_level, reverse=True)
            ],
            "asks": [
                tr(found["label"]) for code in one["questions"] if (found := editions.question(body, code))
            ],
        }
        for one in criteria
    ]


def tie_words(body: Mapping[str, Any]) -> list[str]:
    """What tells equal scores apart, in order and in words."""
    words = {"population": _("la plus petite population"), "filed_at": _("le dépôt le plus ancien")}
    return [words.get(one) or _("la meilleure note à %(code)s") % {"code": one} for one in body["ties"]]


def _level(item: tuple[str, Any]) -> int:
    return int(item[0])
