"""The steps of a selection, said in the reader's language; what is stored, and hashed, stays French.

`selection.py` writes its trace in French, because the trace is part of the result that a recommendation keeps.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext, gettext_noop

from web.formats import language, money

PLACE = re.compile(r"%\((\w+)\)s")
SUMS = frozenset({"sum", "left", "asked"})
SAID = (
    gettext_noop("Réserve « %(name)s » : %(sum)s pour les dossiers « %(tag)s »."),
    gettext_noop("Réserve « %(name)s » : %(sum)s reviennent à l’enveloppe."),
    gettext_noop("%(id)s : %(sum)s dépasse le reste, %(left)s."),
    gettext_noop("%(id)s : %(sum)s offerts, il reste %(left)s."),
    gettext_noop("Passe générale : %(sum)s à offrir."),
    gettext_noop("%(id)s : liste d’attente."),
    gettext_noop("%(id)s : liste d’attente, %(asked)s dépasse le reste, %(left)s."),
    gettext_noop("%(id)s : offre partielle de %(sum)s sur %(asked)s."),
    gettext_noop("%(id)s : non recommandé, un seuil n’est pas atteint."),
    gettext_noop("Classement : aucun dossier."),
    gettext_noop("Classement : %(ids)s."),
    gettext_noop("Total : %(sum)s offerts, %(left)s non attribués."),
)


def _pattern(message: str) -> re.Pattern[str]:
    """What reads a step back: a sum is digits and a dollar sign, a name is anything, spaces are alike."""
    parts = PLACE.split(message)
    for index in range(0, len(parts), 2):
        parts[index] = re.sub(r"\\ |\u00a0", lambda _space: r"\s", re.escape(parts[index]))
    for index in range(1, len(parts), 2):
        name = parts[index]
        parts[index] = rf"(?P<{name}>\d[\d\s]*\$)" if name in SUMS else rf"(?P<{name}>.+?)"
    return re.compile("".join(parts))


PATTERNS = tuple((_pattern(message), message) for message in SAID)


def said(step: str) -> str:
    """A step of the trace in the reader's language; as it is stored when it is French, or not known."""
    if language() == "fr":
        return step
    for pattern, message in PATTERNS:
        if found := pattern.fullmatch(step):
            told = {
                name: money(re.sub(r"\D", "", value)) if name in SUMS else value
                for name, value in found.groupdict().items()
            }
            return gettext(message) % told
    return step
