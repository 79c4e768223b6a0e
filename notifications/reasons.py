"""Why a request is not kept, in sentences, and what its own self-diagnosis suggests to learn."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications import diagnosis
from grants import frames
from grants.models.decision import DecisionKind
from notifications.letters import document as model
from notifications.values import NAMES, Subject
from web import formats


def causes(subject: Subject, language: str) -> list[model.Block]:
    """Each threshold that is not reached; where all are, that the money was spent, and until when it could wait."""
    result = subject.scoring.get("result", {})
    said = [*_overall(result, subject, language), *_thresholds(result, subject, language)]
    return [model.ItemList(tuple(said or [_otherwise(subject, language)]))]


def _overall(result: dict[str, Any], subject: Subject, language: str) -> list[str]:
    score, least = (result.get("score") or {}).get("exact"), subject.edition["grid"]["overall_threshold"]
    if score is None or Fraction(score) >= Fraction(str(least)):
        return []
    words = _("La note globale est de %(score)s sur 100, sous le seuil de %(least)s.")
    return [
        words
        % {"score": NAMES["score"](subject, language), "least": formats.number(str(least), lang=language)}
    ]


def _thresholds(result: dict[str, Any], subject: Subject, language: str) -> list[str]:
    words = _("Critère %(id)s, « %(label)s » : %(got)s, sous le seuil de %(least)s.")
    return [
        words
        % {
            "id": one["id"],
            "label": formats.tr(one["label"], language),
            "got": formats.percent(result["criteria"][one["id"]]["percent"]["rounded"], language, places=2),
            "least": formats.percent(one["threshold"], language),
        }
        for one in subject.edition["grid"]["criteria"]
        if one["id"] in result.get("criteria", {}) and result["criteria"][one["id"]]["passes"] is False
    ]


def _otherwise(subject: Subject, language: str) -> str:
    line = subject.line
    if line is not None and line.departs() and line.departure_reason:
        return line.departure_reason
    ended = subject.decision is not None and subject.decision.kind == DecisionKind.WAITING_LIST
    until = subject.call.waiting_valid_until
    if ended and until is not None:
        return _(
            "La demande atteint les seuils, mais la somme du volet est attribuée à des demandes mieux classées. "
            "La liste d’attente a pris fin le %(day)s sans que l’argent revenu permette une offre."
        ) % {"day": formats.date_long(until, language)}
    return _(
        "La demande atteint les seuils, mais la somme du volet est attribuée à des demandes mieux classées."
    )


def support(subject: Subject, language: str) -> list[model.Block]:
    """Training paths of the weakest dimensions of the self-diagnosis frozen with the filing, when it has one."""
    code = next((one["code"] for one in _asked(subject) if one["type"] == "maturity"), "")
    frame, value = frames.of_type(subject.edition, "maturity"), subject.filed.get("answers", {}).get(code)
    paths = diagnosis.suggested(frame, value) if code and value else []
    if not paths:
        return []
    labels = {one["code"]: formats.tr(one["label"], language) for one in frames.dimensions(frame)}
    weak = [labels[one] for one in diagnosis.weakest(frame, value)]
    intro = ngettext(
        "D’après votre autodiagnostic, votre dimension la plus faible est : %(names)s.",
        "D’après votre autodiagnostic, vos dimensions les plus faibles sont : %(names)s.",
        len(weak),
    ) % {"names": ", ".join(weak)}
    rows = tuple(
        (
            model.Cell(formats.tr(one["label"], language), formats.tr(one["provider"], language)),
            labels[one["dimension"]],
            _("%(n)s h") % {"n": formats.number(one["hours"], lang=language)},
        )
        for one in paths
    )
    columns = (
        model.Column(_("Parcours"), "header"),
        model.Column(_("Dimension")),
        model.Column(_("Durée"), "amount"),
    )
    return [
        model.Paragraph(intro + " " + _("Ces parcours de formation vous sont ouverts.")),
        model.Table(_("Formations suggérées par votre autodiagnostic"), columns, rows),
    ]


def _asked(subject: Subject) -> list[dict[str, Any]]:
    sections = subject.edition.get("form", {}).get("sections", [])
    return [one for section in sections for one in section["questions"]]
