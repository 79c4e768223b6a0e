"""The aid that stands for a dossier: as filed, as departures left it, or as an analyst kept it line by line.

What an analyst keeps is an event of the chain (`confirm_aid`): the lines with the code of each reason, the input and
the result of `applications.budget`. Nothing that was filed is altered.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import explaining, fields, kept
from applications.kept import Line
from grants import editions
from web import formats
from workflows.models import Event

VERB = "applications.dossier.confirm_aid"
REASONS: Mapping[str, Any] = {
    "unproven": gettext_lazy("Pas assez de détails ou de preuves"),
    "excessive": gettext_lazy("Coût plus élevé que nécessaire"),
    "unrelated": gettext_lazy("Sans lien avec le projet"),
    "ineligible": gettext_lazy("Dépense non admissible selon le cadre normatif"),
    "duplicate": gettext_lazy("Dépense comptée deux fois ou payée par une autre source"),
    "miscounted": gettext_lazy("Erreur de calcul"),
    "other": gettext_lazy("Autre raison, dite à l’explication"),
}


@dataclass(frozen=True)
class Standing:
    """The computed aid that stands: its input and its result, and what an analyst kept of it."""

    input: Mapping[str, Any]
    result: Mapping[str, Any]
    lines: list[Line] = field(default_factory=list)  # empty: nobody went through the lines
    event: Event | None = None

    @property
    def aid(self) -> int:
        """The aid that the lines give."""
        return int(self.result["aid"])

    @property
    def cut(self) -> list[Line]:
        """The lines that are not kept whole."""
        return [one for one in self.lines if one.is_cut]

    @property
    def explanation(self) -> str:
        """The words said with it."""
        return self.event.words if self.event is not None else ""


def base(dossier: Any) -> Standing | None:
    """The aid as filed, or as departures since left it; None where the call computes none."""
    snapshot = dossier.snapshot
    if snapshot is None:
        return None
    computed = (snapshot.since or {}).get("budget") or json.loads(snapshot.text).get("budget") or {}
    if not computed.get("result"):
        return None
    return Standing(computed["input"], computed["result"])


def standing(dossier: Any, acts: Iterable[Event] | None = None) -> Standing | None:
    """The aid that stands: what an analyst kept last of this version, else the base.

    One statement at most; none when its acts were read already (`acts`, the newest first, with their words).
    """
    found = base(dossier)
    if found is None or dossier.confirmed_aid is None:
        return found
    if acts is None:
        rows = Event.objects.filter(subject_type="applications.dossier", subject_id=dossier.pk, verb=VERB)
        acts = rows.select_related("beside").order_by("-id")[:1]
    event = next((one for one in acts if one.verb == VERB), None)
    data = event.data if event is not None else {}
    if not data.get("result") or not _stands(dossier, data):
        return found
    lines = [Line(one["id"], one["asked"], one["kept"], one["reason"]) for one in data.get("lines", [])]
    return Standing(data["input"], data["result"], lines, event)


def _stands(dossier: Any, data: Mapping[str, Any]) -> bool:
    """Whether nothing was filed, left or confirmed since."""
    said = (data["version"], data["dollars"], data["result"]["kept"])
    return bool(said == (dossier.snapshot.version, dossier.confirmed_aid, dossier.kept_costs))


# --- in words ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Cut:
    """A line that is not kept whole, in words."""

    number: int
    description: str
    asked: int
    kept: int
    reason: str


def rows_of(dossier: Any) -> list[Mapping[str, Any]]:
    """The costs as they were typed, in the version in force."""
    answers = json.loads(dossier.snapshot.text)["answers"]
    value = explaining.value_of(dossier, answers)
    found: list[Mapping[str, Any]] = value.get("lines", []) if isinstance(value, Mapping) else []
    return found


def cuts(dossier: Any, lines: Iterable[Line]) -> list[Cut]:
    """What is not kept, line by line, as people read it."""
    found = {one.id: one for one in lines if one.is_cut}
    return [
        Cut(number, str(row.get("description") or ""), one.asked, one.kept, str(REASONS.get(one.reason, "")))
        for number, row in enumerate(rows_of(dossier) if found else (), 1)
        if (one := found.get(row["id"])) is not None
    ]


def categories(dossier: Any) -> dict[str, str]:
    """Labels of the categories of costs, by code."""
    content = dossier.edition.content
    question = fields.question_of(content, editions.answer_code(content, "budget"))
    return {one.code: formats.tr(one.label) for one in question.categories} if question else {}


# --- what stands against ----------------------------------------------------------------------------------
def fault(line: Line, words: str) -> str:
    """What is wrong with what an analyst would keep of one line, in a sentence; empty when nothing is."""
    if not 0 <= line.kept <= line.asked:
        said = _("le montant retenu va de 0\u00a0$ au montant demandé, %(asked)s.")
        return said % {"asked": formats.money(line.asked)}
    if line.is_cut and line.reason not in kept.REASONS:
        return _("choisissez la raison du montant plus bas que la demande.")
    if line.is_cut and line.reason == kept.OTHER and not words.strip():
        return _("«\u00a0autre raison\u00a0» se dit à l’explication.")
    return ""


def against(case: Mapping[str, Any], lines: Sequence[Line], words: str) -> list[str]:
    """Sentences on what an analyst would keep of a case; empty when it can be kept."""
    known = {one.id: one.asked for one in kept.whole(case)}
    if lines and {one.id: one.asked for one in lines} != known:
        return [_("Ces lignes ne sont plus celles du dossier\u00a0: relisez le budget sur cette page.")]
    said = [found for one in lines if (found := fault(one, words))]
    return [f"{one[0].upper()}{one[1:]}" for one in dict.fromkeys(said)]
