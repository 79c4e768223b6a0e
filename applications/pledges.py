"""Public targets a project is tied to, and the values of indicators it pledges.

The value is `{"targets": [codes], "pledges": [{"id", "indicator", "baseline", "target", "date", "source"}]}`. A pledge
is one row of a table whose columns are fixed; the catalogue of indicators comes from the call (`targets.json`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications import tables
from applications.tables import Column, Table
from applications.typed import BadAnswer
from grants import editions, frames
from web import formats

if TYPE_CHECKING:
    from django.http import QueryDict

    from applications.fields import Question

LESS, MORE = "\u2212", "+"


def columns_of(frame: frames.Frame) -> tuple[Column, ...]:
    """The columns of the table of pledges, with the catalogue as choices."""
    return tables.columns_of(
        [
            {
                "code": "indicator",
                "type": "choice",
                "label": _("Indicateur"),
                "required": True,
                "choices": [
                    {"code": code, "label": _with_unit(one)} for code, one in frames.indicators(frame).items()
                ],
            },
            {"code": "baseline", "type": "number", "label": _("Départ"), "required": True},
            {"code": "target", "type": "number", "label": _("Cible"), "required": True},
            {"code": "date", "type": "date", "label": _("Atteinte le"), "required": True},
            {"code": "source", "type": "text", "label": _("Source de la mesure"), "required": True},
        ]
    )


def _with_unit(indicator: Mapping[str, Any]) -> dict[str, str]:
    label, unit = indicator["label"], indicator["unit"]
    return {lang: f"{label[lang]} ({unit[lang]})" for lang in ("fr", "en")}


# --- what was typed ---------------------------------------------------------------------------------------
def from_post(question: Question, post: QueryDict) -> dict[str, Any]:
    """The targets ticked and the rows that a page without script sent."""
    gone = set(post.getlist(f"{question.code}.remove"))
    rows = [
        {
            "id": key,
            **{one.code: post.get(f"{question.code}.rows.{key}.{one.code}", "") for one in question.columns},
        }
        for key in dict.fromkeys(post.getlist(f"{question.code}.rows"))
        if key not in gone
    ]
    return {"targets": post.getlist(f"{question.code}.targets"), "pledges": rows}


def as_typed(question: Question, raw: Mapping[str, Any]) -> dict[str, Any] | None:
    """Known targets, and rows read where they can be; None when there is nothing."""
    sent = raw.get("targets")
    given = {str(one) for one in sent} if isinstance(sent, list) else set()
    chosen = [code for code in frames.targets(question.frame) if code in given]
    pledges = tables.as_typed(question, {"rows": raw.get("pledges")})["rows"]
    return {"targets": chosen, "pledges": pledges} if chosen or pledges else None


def clean(question: Question, raw: Any) -> dict[str, Any] | None:
    """Targets and pledges as the call wants them; BadAnswer says what is missing."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("pledges", []), list):
        raise BadAnswer(_("Les cibles n’ont pas pu être lues : rechargez la page."))
    value = as_typed(question, raw)
    if value is None:
        return None
    _check_targets(question, value["targets"])
    rows = value["pledges"]
    tables.clean(question, {"rows": rows})
    named = [row["indicator"] for row in rows]
    catalogue = frames.indicators(question.frame)
    for code in named:
        if named.count(code) > 1:
            raise BadAnswer(
                _("L’indicateur « %(name)s » est donné deux fois.")
                % {"name": formats.tr(catalogue[code]["label"])}
            )
    for code in frames.required(question.frame):
        if code not in named:
            raise BadAnswer(
                _("Ajoutez l’indicateur « %(name)s » : il est demandé à tous.")
                % {"name": formats.tr(catalogue[code]["label"])}
            )
    if len(named) < question.min_pledges:
        raise BadAnswer(
            _("Il faut au moins %(least)s indicateurs : il y en a %(n)s.")
            % {"least": question.min_pledges, "n": len(named)}
        )
    return value


def _check_targets(question: Question, chosen: list[str]) -> None:
    least, most = question.min_targets, question.max_targets
    if len(chosen) < least:
        raise BadAnswer(
            ngettext("Choisissez au moins %(n)s cible.", "Choisissez au moins %(n)s cibles.", least)
            % {"n": least}
        )
    if len(chosen) > most:
        raise BadAnswer(
            ngettext("Choisissez au plus %(n)s cible.", "Choisissez au plus %(n)s cibles.", most)
            % {"n": most}
        )


def fact(value: Any) -> list[str] | None:
    """The indicators pledged, for conditions."""
    rows = value.get("pledges", []) if isinstance(value, Mapping) else []
    return [str(row["indicator"]) for row in rows if row.get("indicator")] or None


# --- in words ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Pledged(Table):
    """The pledges as a table, under the targets they serve."""

    targets: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([*self.targets, super().__str__()])

    def __bool__(self) -> bool:
        return bool(self.rows or self.targets)


def display(question: Question, value: Any, lang: str | None = None) -> Pledged:
    """The targets and the pledges in words, with the change that each pledges."""
    given = value if isinstance(value, Mapping) else {}
    known = frames.targets(question.frame)
    table = tables.display(question, {"rows": given.get("pledges", [])}, lang)
    changes = [change(row) for row in given.get("pledges", [])]
    head = (*table.columns[:3], (_("Changement"), True), *table.columns[3:])
    rows = tuple(
        (*row[:3], signed(by, lang) if by is not None else "", *row[3:])
        for row, by in zip(table.rows, changes, strict=True)
    )
    named = tuple(
        formats.tr(known[code]["label"], lang) for code in given.get("targets", []) if code in known
    )
    return Pledged(head, rows, named)


def change(row: Mapping[str, Any]) -> int | None:
    """What a pledge adds to its starting point."""
    baseline, target = row.get("baseline"), row.get("target")
    return target - baseline if type(baseline) is int and type(target) is int else None


def signed(value: int, lang: str | None = None) -> str:
    """`+1 250`, `−40`, `0`."""
    sign = MORE if value > 0 else LESS if value < 0 else ""
    return sign + formats.number(abs(value), lang=lang)


def figure(value: Any, lang: str | None = None) -> str:
    """A figure of the file of targets, with the decimal sign of the language; words stay as written."""
    text = str(value if value is not None else "")
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return text
    return formats.number(text, len(text.partition(".")[2]), lang)


def target_words(target: Mapping[str, Any], lang: str | None = None) -> str:
    """« de 62 à 100 % des foyers, d’ici 2030 »: what a public target wants."""
    named = {
        "baseline": figure(target.get("baseline"), lang),
        "target": figure(target.get("target"), lang),
        "unit": formats.tr(target["unit"], lang),
    }
    if not named["target"]:
        said = named["unit"]
    elif named["baseline"]:
        said = _("de %(baseline)s à %(target)s %(unit)s") % named
    else:
        said = _("%(target)s %(unit)s") % named
    by = str(target.get("by") or "")
    return _("%(what)s, d’ici %(by)s") % {"what": said, "by": by} if by else said


def public(frame: frames.Frame, value: Any) -> dict[str, Any]:
    """What may be published of a pledge, with the words of its call: indicators and figures, never their source."""
    given = value if isinstance(value, Mapping) else {}
    known, catalogue = frames.targets(frame), frames.indicators(frame)
    return {
        "targets": [
            {"code": code, "label": known[code]["label"]}
            for code in given.get("targets", [])
            if code in known
        ],
        "pledges": [
            {
                "code": row["indicator"],
                "label": catalogue[row["indicator"]]["label"],
                "unit": catalogue[row["indicator"]]["unit"],
                "baseline": row["baseline"],
                "target": row["target"],
                "date": row["date"],
            }
            for row in given.get("pledges", [])
            if row.get("indicator") in catalogue and change(row) is not None
        ],
    }


def spoken(question: Question, value: Any) -> list[str]:
    """The words that may be searched: targets and indicators in both languages, sources as typed."""
    given = value if isinstance(value, Mapping) else {}
    known = frames.targets(question.frame)
    named = [
        formats.tr(known[code]["label"], lang)
        for code in given.get("targets", [])
        if code in known
        for lang in ("fr", "en")
    ]
    return named + tables.spoken(question, {"rows": given.get("pledges", [])})


def in_boxes(question: Question, value: Any) -> list[tuple[str, dict[str, str]]]:
    """The id and the cells of each pledge, as the controls of a page hold them."""
    rows = value.get("pledges", []) if isinstance(value, Mapping) else []
    return tables.in_boxes(question, {"rows": rows})


# --- kept as rows -----------------------------------------------------------------------------------------
def rows(
    snapshot: Any, content: Mapping[str, Any], answers: Mapping[str, Any]
) -> tuple[list[Any], list[Any]]:
    """The pledges and the ties of a version, not saved yet; nothing for a form without targets."""
    asked = next((one for one in editions.questions(content) if one["type"] == "targets"), None)
    value = answers.get(asked["code"]) if asked else None
    if not isinstance(value, Mapping):
        return [], []
    made = [
        snapshot.pledges.model(
            snapshot=snapshot,
            indicator=row["indicator"],
            baseline=row["baseline"],
            target=row["target"],
            by=row["date"],
        )
        for row in value.get("pledges", [])
    ]
    return made, [snapshot.ties.model(snapshot=snapshot, target=code) for code in value.get("targets", [])]


def store(snapshot: Any, content: Mapping[str, Any], answers: Mapping[str, Any]) -> None:
    """Keep what a version pledges as rows, to be added up."""
    made, ties = rows(snapshot, content, answers)
    if made:
        snapshot.pledges.bulk_create(made)
    if ties:
        snapshot.ties.bulk_create(ties)
