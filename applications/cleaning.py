"""What was typed as the value of a question: read, refused with a sentence, or kept as it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from applications import diagnosis, municipality, pledges, tables
from applications.typed import YES, BadAnswer, day, length, tidy, whole_number, word_count, yes_or_no
from web import formats

if TYPE_CHECKING:
    from applications.fields import Question

Value = Any
ROWS = 100  # lines of a budget


# --- values -----------------------------------------------------------------------------------------------
def is_raw(value: Value) -> bool:
    """Words kept although they cannot be read as the type wanted."""
    return isinstance(value, dict) and set(value) == {"raw"}


def is_blank(value: Value) -> bool:
    """Nothing was answered (no is an answer, zero too; an unticked declaration is false)."""
    if value is None:
        return True
    if isinstance(value, bool | int):
        return False
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, dict):
        return not str(value["raw"]).strip() if is_raw(value) else not any(value.values())
    return not value


def clean(question: Question, raw: Any) -> Value:
    """The value of what was typed (None when blank), or BadAnswer with a sentence. A clean value stays as it is."""
    if isinstance(raw, dict) and is_raw(raw):
        raw = raw["raw"]
    if raw is None or raw in ([], {}) or (isinstance(raw, str) and not raw.strip()):
        return None
    return CLEANERS[question.type](question, raw)


def keep(question: Question, raw: Any) -> tuple[Value, str]:
    """What is stored of what was typed, whatever it is, with the sentence against it (empty when it is right)."""
    try:
        return clean(question, raw), ""
    except BadAnswer as fault:
        if question.type in ("text", "long_text"):
            return tidy(raw), str(fault)
        if question.type == "budget" and isinstance(raw, dict) and not is_raw(raw):
            return _budget_as_typed(raw), str(fault)
        if question.type == "rows" and isinstance(raw, dict) and not is_raw(raw):
            return tables.as_typed(question, raw), str(fault)
        if question.type in FRAMED and isinstance(raw, dict) and not is_raw(raw):
            return FRAMED[question.type](question, raw), str(fault)
        if question.type == "multi_choice" and isinstance(raw, list):
            return [tidy(one)[:200] for one in raw[:200]], str(fault)
        text = raw["raw"] if isinstance(raw, dict) and is_raw(raw) else raw
        return {"raw": tidy(text)[:2000]}, str(fault)


def problem(question: Question, value: Value) -> str:
    """The sentence against a stored value, empty when it stands."""
    try:
        clean(question, value)
    except BadAnswer as fault:
        return str(fault)
    return ""


def _text(question: Question, raw: Any) -> str:
    if not isinstance(raw, str):
        raise BadAnswer(_("Écrivez un texte."))
    text = tidy(raw)
    if question.type == "text":
        text = " ".join(text.split("\n"))
    if question.max_chars and length(text) > question.max_chars:
        raise BadAnswer(
            _("Le texte compte %(n)s caractères : la limite est de %(most)s. Il en reste %(over)s à enlever.")
            % {
                "n": formats.number(length(text)),
                "most": formats.number(question.max_chars),
                "over": formats.number(length(text) - question.max_chars),
            }
        )
    if question.max_words and word_count(text) > question.max_words:
        raise BadAnswer(
            _("Le texte compte %(n)s mots : la limite est de %(most)s. Il en reste %(over)s à enlever.")
            % {
                "n": formats.number(word_count(text)),
                "most": formats.number(question.max_words),
                "over": formats.number(word_count(text) - question.max_words),
            }
        )
    return text


def _choice(question: Question, raw: Any) -> str:
    if not isinstance(raw, str) or raw not in {one.code for one in question.choices}:
        raise BadAnswer(_("Choisissez une des réponses proposées."))
    return str(raw)


def _multi_choice(question: Question, raw: Any) -> list[str] | None:
    given = {
        str(one) for one in ([raw] if isinstance(raw, str) else raw if isinstance(raw, list) else [None])
    }
    known = [one.code for one in question.choices]
    if not given <= set(known):
        raise BadAnswer(_("Choisissez parmi les réponses proposées."))
    if question.max_choices and len(given) > question.max_choices:
        raise BadAnswer(_("Choisissez au plus %(n)s réponses.") % {"n": question.max_choices})
    return [code for code in known if code in given] or None


def _number(question: Question, raw: Any) -> int:
    return whole_number(raw)


def _date(question: Question, raw: Any) -> str:
    return day(raw)


def _yes_no(question: Question, raw: Any) -> bool:
    return yes_or_no(raw)


def _file(question: Question, raw: Any) -> None:
    raise BadAnswer(_("Joignez un fichier à cette question."))


def _partners(question: Question, raw: Any) -> None:
    raise BadAnswer(_("Les partenaires s’inscrivent sur leur page."))


# --- budget -----------------------------------------------------------------------------------------------
LINE = ("id", "category", "description", "amount")
FUNDING = ("id", "source", "kind", "public", "amount")
TYPED = ("description", "source", "amount")  # a row without any of these is blank


def _budget(question: Question, raw: Any) -> dict[str, Any] | None:
    """Lines of cost and sources of funding; blank rows are dropped."""
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            raw = None
    if not isinstance(raw, dict) or not all(
        isinstance(raw.get(one, []), list) for one in ("lines", "funding")
    ):
        raise BadAnswer(_("Le budget n’a pas pu être lu : rechargez la page."))
    typed = _budget_as_typed(raw)
    if len(typed["lines"]) > ROWS or len(typed["funding"]) > ROWS:
        raise BadAnswer(_("Un budget compte au plus %(n)s lignes.") % {"n": ROWS})
    categories, kinds = {one.code for one in question.categories}, {one.code for one in question.kinds}
    lines = [_row(row, n, "category", categories, "description") for n, row in enumerate(typed["lines"], 1)]
    funding = [_row(row, n, "kind", kinds, "source") for n, row in enumerate(typed["funding"], 1)]
    for row in funding:
        row["public"] = row["public"] is True and row["kind"] != "own"
    return {"lines": lines, "funding": funding} if lines or funding else None


def _row(row: dict[str, Any], place: int, coded: str, codes: set[str], words: str) -> dict[str, Any]:
    is_cost = coded == "category"
    where = (_("Dépense %(n)s") if is_cost else _("Financement %(n)s")) % {"n": place}
    said = where + "\u00a0: "
    if row[coded] not in codes:
        raise BadAnswer(said + (_("choisissez la catégorie.") if is_cost else _("choisissez la nature.")))
    if not row[words].strip():
        raise BadAnswer(said + (_("décrivez la dépense.") if is_cost else _("nommez la source.")))
    if row["amount"] in (None, ""):
        raise BadAnswer(said + _("inscrivez le montant."))
    try:
        amount = whole_number(row["amount"])
    except BadAnswer as fault:
        raise BadAnswer(said + str(fault)) from None
    return {**row, "amount": amount}


def _budget_as_typed(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The rows with the keys wanted and nothing else, amounts read where they can be, blank rows dropped."""
    typed: dict[str, Any] = {}
    for part, names in (("lines", LINE), ("funding", FUNDING)):
        rows: list[dict[str, Any]] = []
        seen: set[str] = set()
        sent = raw.get(part)
        for place, data in enumerate((sent if isinstance(sent, list) else [])[: ROWS + 1], 1):
            given = data if isinstance(data, dict) else {}
            row = {name: _cell(name, given.get(name)) for name in names}
            if all(row[name] in ("", None) for name in names if name in TYPED):
                continue
            row["id"] = _fresh(row["id"], place, part, seen)
            rows.append(row)
        typed[part] = rows
    return typed


def _cell(name: str, value: Any) -> Any:
    if name == "public":
        return value is True or str(value).lower() in YES
    if name == "amount":
        try:
            return whole_number(value) if value not in (None, "") else None
        except BadAnswer:
            return tidy(value)[:40]
    return " ".join(tidy("" if value is None else value).split())[:300]


def _fresh(name: str, place: int, part: str, seen: set[str]) -> str:
    """A stable id for a row, one of its kind."""
    wanted = re.sub(r"[^A-Za-z0-9_-]", "", name)[:20] or f"{part[0]}{place}"
    while wanted in seen:
        wanted += "x"
    seen.add(wanted)
    return wanted


CLEANERS: dict[str, Callable[[Question, Any], Value]] = {
    "text": _text,
    "long_text": _text,
    "choice": _choice,
    "multi_choice": _multi_choice,
    "money": _number,
    "number": _number,
    "date": _date,
    "yes_no": _yes_no,
    "file": _file,
    "budget": _budget,
    "declaration": _yes_no,
    "rows": tables.clean,
    "partners": _partners,
    "municipality": lambda _question, raw: municipality.clean(raw),
    "maturity": diagnosis.clean,
    "targets": pledges.clean,
}
FRAMED = {"maturity": diagnosis.as_typed, "targets": pledges.as_typed}
