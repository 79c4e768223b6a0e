"""Single things as people type them: a text, a whole number, a day, yes or no. Refused with a sentence."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

MOST = 10**12  # dollars; more is a mistake of the keyboard
SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'’$")
YES = frozenset({"yes", "oui", "true", "1", "on"})
NO = frozenset({"no", "non", "false", "0", "off"})
WORD = re.compile(r"[^\W_]+(?:[-\u2010\u2011][^\W_]+)*")  # a hyphen joins, an apostrophe separates
DIGITS = re.compile(r"(?<=[0-9])[ \u00a0\u202f](?=[0-9]{3}(?![0-9]))|(?<=[0-9])[.,](?=[0-9])")
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # categories Cc and Cs
WHOLE = re.compile(r"aujourd['’]hui", re.IGNORECASE)


class BadAnswer(ValueError):
    """What was typed does not answer the question; the message is a sentence for the person."""


def length(text: str) -> int:
    """Characters as a person counts them: accents composed, one for an end of line."""
    return len(unicodedata.normalize("NFC", text.replace("\r\n", "\n")))


def word_count(text: str) -> int:
    """Words as French counts them: « l’eau » is two, « arc-en-ciel » one, « aujourd’hui » one, « 12 500,50 » one."""
    joined = DIGITS.sub("", WHOLE.sub("aujourdhui", unicodedata.normalize("NFC", text)))
    return len(WORD.findall(joined))


def tidy(raw: Any) -> str:
    """A text as it is stored: composed accents, plain ends of lines, no control characters."""
    text = unicodedata.normalize("NFC", str(raw)).replace("\r\n", "\n").replace("\r", "\n")
    return CONTROLS.sub("", text)


def line(raw: Any, most: int) -> str:
    """A text of one line as it was typed (its spaces too), cut where no box of ours lets more in."""
    return tidy("" if raw is None else raw).replace("\n", " ")[:most]


def whole_number(raw: Any) -> int:
    """A whole number as people type it (`12 500`, `12500 $`), or BadAnswer."""
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        raise BadAnswer(_("Inscrivez un nombre, en chiffres."))
    text = str(raw).translate(SPACES)
    if re.fullmatch(r"[0-9]+[.,]0{1,2}", text):
        text = re.split("[.,]", text)[0]
    if re.fullmatch(r"[0-9]+[.,][0-9]{1,2}", text):
        raise BadAnswer(_("Inscrivez un nombre entier, sans cents ni décimales."))
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+", text):
        text = text.replace(",", "")
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise BadAnswer(_("Inscrivez un nombre entier, en chiffres (par exemple 12 500)."))
    if int(text) > MOST:
        raise BadAnswer(_("Ce nombre est trop grand."))
    return int(text)


def day(raw: Any) -> str:
    """A day as `YYYY-MM-DD`, or BadAnswer."""
    text = str(raw).strip()
    local = re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", text)
    if local:
        text = f"{local[3]}-{int(local[2]):02d}-{int(local[1]):02d}"
    try:
        found = date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        found = None
    if found is None:
        raise BadAnswer(_("Inscrivez une date qui existe : année, mois et jour (par exemple 2026-09-01)."))
    if not 1900 <= found.year <= 2200:
        raise BadAnswer(_("L’année de cette date n’est pas plausible."))
    return found.isoformat()


def yes_or_no(raw: Any) -> bool:
    """A yes or a no, or BadAnswer."""
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word not in YES | NO:
        raise BadAnswer(_("Répondez par oui ou par non."))
    return word in YES
