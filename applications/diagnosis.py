"""The self-diagnosis of a dossier: what was chosen and its proof, the result in words, its drawing, what to learn.

The value is `{"answers": {STATEMENT: 0..4}, "evidence": {DIMENSION: text}, "done_on": "2026-03-02"}`. It is context
for those who read the dossier and is never scored. The arithmetic is `applications.maturity`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications import maturity, typed
from applications.tables import Table
from applications.typed import BadAnswer
from grants import frames
from web import clock, formats
from workflows.casefile import BadInput

if TYPE_CHECKING:
    from django.http import QueryDict

    from applications.fields import Question

EVIDENCE = 600  # characters of proof for a dimension
RADIUS, CENTRE_X, CENTRE_Y = 96, 210, 132  # of the drawing
WIDTH, HEIGHT = 420, 264


# --- what was typed ---------------------------------------------------------------------------------------
def from_post(question: Question, post: QueryDict) -> dict[str, Any]:
    """The levels, the proof and the day that a page without script sent."""
    code, frame = question.code, question.frame
    return {
        "answers": {
            one["code"]: post.get(f"{code}.answers.{one['code']}", "") for one in frames.statements(frame)
        },
        "evidence": {
            one["code"]: post.get(f"{code}.evidence.{one['code']}", "") for one in frames.dimensions(frame)
        },
        "done_on": post.get(f"{code}.done_on", ""),
    }


def as_typed(question: Question, raw: Mapping[str, Any]) -> dict[str, Any] | None:
    """What can be kept of what was typed: known statements and dimensions, a day as it stands; None when nothing."""
    answers, evidence = _mapping(raw.get("answers")), _mapping(raw.get("evidence"))
    levels: dict[str, int] = {}
    for statement in frames.statements(question.frame):
        level = answers.get(statement["code"])
        if str(level).isdecimal() and not isinstance(level, bool) and int(str(level)) <= frames.MOST:
            levels[str(statement["code"])] = int(str(level))
    said = {
        str(one["code"]): typed.tidy(evidence.get(one["code"]) or "")[: EVIDENCE + 200]
        for one in frames.dimensions(question.frame)
    }
    said = {code: text for code, text in said.items() if text.strip()}
    done_on = str(raw.get("done_on") or "").strip()[:40]
    if not levels and not said and not done_on:
        return None
    return {"answers": levels, "evidence": said, "done_on": _day(done_on)}


def clean(question: Question, raw: Any) -> dict[str, Any] | None:
    """The diagnosis, whole: every statement, the day; BadAnswer says what is missing."""
    if not isinstance(raw, Mapping):
        raise BadAnswer(_("L’autodiagnostic n’a pas pu être lu : rechargez la page."))
    value = as_typed(question, raw)
    if value is None:
        return None
    left = sum(1 for one in frames.statements(question.frame) if one["code"] not in value["answers"])
    if left:
        raise BadAnswer(
            ngettext(
                "Il reste %(n)s énoncé sans niveau choisi.",
                "Il reste %(n)s énoncés sans niveau choisi.",
                left,
            )
            % {"n": left}
        )
    if not value["done_on"]:
        raise BadAnswer(_("Inscrivez la date de l’autodiagnostic."))
    if typed.day(value["done_on"]) > clock.today().isoformat():
        raise BadAnswer(_("La date de l’autodiagnostic est à venir."))
    for dimension in frames.dimensions(question.frame):
        if typed.length(value["evidence"].get(dimension["code"], "")) > EVIDENCE:
            raise BadAnswer(
                _("« %(name)s » : la preuve compte au plus %(n)s caractères.")
                % {"name": formats.tr(dimension["label"]), "n": formats.number(EVIDENCE)}
            )
    return value


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _day(text: str) -> str:
    try:
        return typed.day(text) if text else ""
    except BadAnswer:
        return text


def fact(value: Any) -> list[str] | None:
    """The statements that were answered, for conditions."""
    return sorted(_mapping(_mapping(value).get("answers"))) or None


def done_on(value: Any) -> str | None:
    """The day it was done, where it can be read."""
    try:
        return date.fromisoformat(str(_mapping(value).get("done_on") or "")).isoformat()
    except ValueError:
        return None


# --- the result -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Level:
    """A dimension: its level, exact and in words, and what proves it."""

    code: str
    label: str
    value: Fraction | None
    shown: str  # « 2,3 »; empty while statements are missing
    answered: str  # « 3 énoncés sur 4 »
    evidence: str
    is_weak: bool
    statements: tuple[tuple[str, str, str], ...]  # statement, level, its sentence


@dataclass(frozen=True)
class Spoke:
    """An axis of the drawing: its end, its name, the point that was reached, its sign."""

    x: int
    y: int
    label_x: int
    label_y: int
    anchor: str
    label: str
    shown: str
    point: tuple[int, int] | None


@dataclass(frozen=True)
class Radar:
    """The drawing: axes, rings of the levels, and the shape once every dimension is known."""

    spokes: tuple[Spoke, ...]
    rings: tuple[str, ...]
    shape: str
    ticks: tuple[tuple[int, int, int], ...]  # level, where its digit stands
    width: int = WIDTH
    height: int = HEIGHT
    centre: tuple[int, int] = (CENTRE_X, CENTRE_Y)


@dataclass(frozen=True)
class Diagnosis(Table):
    """The result as a table (what every reader shows), with its levels, its drawing and the training it points to."""

    levels: tuple[Level, ...] = ()
    overall: str = ""
    done_on: str = ""
    weak: tuple[Level, ...] = ()
    paths: tuple[Mapping[str, Any], ...] = ()
    radar: Radar | None = None
    is_begun: bool = False

    def __str__(self) -> str:
        """Every statement, so that two versions differ wherever a level does."""
        lines = [f"{level.label} : {level.shown}" for level in self.levels]
        lines += [
            f"{label} : {level} ({words})" for one in self.levels for label, level, words in one.statements
        ]
        return "\n".join([*lines, *(one.evidence for one in self.levels if one.evidence), self.done_on])

    def __bool__(self) -> bool:
        return self.is_begun

    @property
    def said(self) -> str:
        """The drawing in a sentence."""
        named = ", ".join(f"{one.label} {one.shown or '–'}" for one in self.levels)
        return _("Niveau de 0 à 4 par dimension : %(levels)s.") % {"levels": named}


def judged(frame: frames.Frame, value: Any) -> dict[str, Any]:
    """What the core says of a value; nothing chosen where it cannot be read."""
    case = {
        "dimensions": [
            {"code": one["code"], "statements": [each["code"] for each in one["statements"]]}
            for one in frames.dimensions(frame)
        ],
        "answers": dict(_mapping(_mapping(value).get("answers"))),
        "most": frames.MOST,
        "keep": frames.WEAKEST,
    }
    try:
        found: dict[str, Any] = maturity.judge(case)
    except BadInput:
        found = maturity.judge({**case, "answers": {}})
    return found


def weakest(frame: frames.Frame, value: Any) -> list[str]:
    """The dimensions to work on first."""
    return list(judged(frame, value)["weakest"])


def suggested(frame: frames.Frame, value: Any) -> list[Mapping[str, Any]]:
    """Training paths of the weakest dimensions, the weakest first."""
    weak = weakest(frame, value)
    return frames.paths(frame, *weak) if weak else []


def display(question: Question, value: Any, lang: str | None = None) -> Diagnosis:
    """The result in words, with what draws it."""
    frame, found = question.frame, judged(question.frame, value)
    answers, evidence = _mapping(_mapping(value).get("answers")), _mapping(_mapping(value).get("evidence"))
    told = {one["code"]: one for one in found["dimensions"]}
    levels = tuple(
        _level(one, told[one["code"]], answers, evidence, one["code"] in found["weakest"], lang)
        for one in frames.dimensions(frame)
    )
    by_code = {one.code: one for one in levels}
    day = done_on(value)
    overall = Fraction(found["overall"]["exact"]) if found["overall"] else None
    whole = formats.number(overall, 1, lang) if overall is not None else ""
    rows = [(one.label, one.shown or "–", one.evidence) for one in levels]
    if whole:
        rows.append((_("Ensemble"), whole, ""))
    return Diagnosis(
        columns=((_("Dimension"), False), (_("Niveau sur 4"), True), (_("Ce qui le montre"), False)),
        rows=tuple(rows),
        levels=levels,
        overall=whole,
        done_on=formats.date_long(date.fromisoformat(day), lang) if day else "",
        weak=tuple(by_code[code] for code in found["weakest"]),
        paths=tuple(frames.paths(frame, *found["weakest"]) if found["weakest"] else ()),
        radar=_radar(levels),
        is_begun=bool(answers or evidence or day),
    )


def _level(
    dimension: Mapping[str, Any],
    told: Mapping[str, Any],
    answers: Mapping[str, Any],
    evidence: Mapping[str, Any],
    is_weak: bool,
    lang: str | None,
) -> Level:
    value = Fraction(told["level"]["exact"]) if told["level"] else None
    chosen = [(one, answers.get(one["code"])) for one in dimension["statements"]]
    return Level(
        code=str(dimension["code"]),
        label=formats.tr(dimension["label"], lang),
        value=value,
        shown=formats.number(value, 1, lang) if value is not None else "",
        answered=ngettext("%(n)s énoncé sur %(of)s", "%(n)s énoncés sur %(of)s", told["answered"])
        % {"n": told["answered"], "of": told["of"]},
        evidence=str(evidence.get(dimension["code"]) or ""),
        is_weak=is_weak,
        statements=tuple(
            (formats.tr(one["label"], lang), str(level), formats.tr(one["levels"][level], lang))
            for one, level in chosen
            if type(level) is int and 0 <= level <= frames.MOST
        ),
    )


# --- the drawing ------------------------------------------------------------------------------------------
def _at(place: int, count: int, distance: Fraction | int) -> tuple[int, int]:
    """A point on an axis, the first one straight up, clockwise."""
    turn = 2 * math.pi * place / count
    return (
        CENTRE_X + round(float(distance) * math.sin(turn)),
        CENTRE_Y - round(float(distance) * math.cos(turn)),
    )


def _line(points: list[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _radar(levels: tuple[Level, ...]) -> Radar:
    """Axes from the centre, a ring for each level, the shape of the levels reached."""
    count = max(len(levels), 1)
    spokes: list[Spoke] = []
    for place, one in enumerate(levels):
        x, y = _at(place, count, RADIUS)
        label_x, label_y = _at(place, count, RADIUS + 12)
        point = _at(place, count, RADIUS * one.value / frames.MOST) if one.value is not None else None
        side = label_x - CENTRE_X
        anchor = "middle" if abs(side) < 8 else "start" if side > 0 else "end"
        label_y += 4 if abs(side) >= 8 else 10 if label_y > CENTRE_Y else 0
        spokes.append(Spoke(x, y, label_x, label_y, anchor, one.label, one.shown, point))
    rings = tuple(
        _line([_at(place, count, Fraction(RADIUS * ring, frames.MOST)) for place in range(count)])
        for ring in range(1, frames.LEVELS)
    )
    reached = [one.point for one in spokes if one.point is not None]
    ticks = tuple(
        (ring, CENTRE_X + 5, CENTRE_Y - RADIUS * ring // frames.MOST + 4) for ring in range(1, frames.LEVELS)
    )
    return Radar(tuple(spokes), rings, _line(reached) if len(reached) == len(spokes) else "", ticks)


# --- the controls -----------------------------------------------------------------------------------------
def in_boxes(question: Question, value: Any) -> list[dict[str, Any]]:
    """Each dimension with its statements, what is chosen and what proves it, as the controls of a page hold them."""
    answers, evidence = _mapping(_mapping(value).get("answers")), _mapping(_mapping(value).get("evidence"))
    return [
        {
            "code": dimension["code"],
            "label": dimension["label"],
            "evidence": str(evidence.get(dimension["code"]) or ""),
            "statements": [
                {**one, "chosen": answers.get(one["code"], "")} for one in dimension["statements"]
            ],
        }
        for dimension in frames.dimensions(question.frame)
    ]
