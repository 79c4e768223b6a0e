"""What was typed as the value of a question: read, refused with a sentence, or kept as it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from applications import budget_rows, diagnosis, municipality, pledges, tables
from applications.typed import BadAnswer, day, length, tidy, whole_number, word_count, yes_or_no
from web import formats

if TYPE_CHECKING:
    from applications.fields import Question

Value = Any


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
    "budget": budget_rows.clean,
    "declaration": _yes_no,
    "rows": tables.clean,
    "partners": _partners,
    "municipality": lambda _question, raw: municipality.clean(raw),
    "maturity": diagnosis.clean,
    "targets": pledges.clean,
}
FRAMED = {"maturity": diagnosis.as_typed, "targets": pledges.as_typed, "budget": budget_rows.as_typed}
