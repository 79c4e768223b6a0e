"""What is wrong with the frames of a call: self-diagnosis of maturity, public targets, and who reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from grants import editions, frames

Faults = list[str]


def check(source: Mapping[str, Any], found: Faults) -> None:
    """Add the faults of `maturity.json` and `targets.json`, and of the questions that read them."""
    questions = list(editions.questions({"form": source["form"]}))
    for kind, name in frames.TYPES.items():
        asked = [one for one in questions if one["type"] == kind]
        if len(asked) > 1:
            found.append(_("Le formulaire pose deux fois une question de type %(type)s.") % {"type": kind})
        if asked and not source.get(name):
            found.append(_("Le formulaire a besoin du fichier %(name)s.json.") % {"name": name})
    if source.get("maturity"):
        _check_maturity(source["maturity"], found)
    if source.get("targets"):
        _check_targets(source["targets"], found)
    for question in questions:
        _check_question(question, source, found)
    _check_never_scored(source, questions, found)


def _check_question(question: Mapping[str, Any], source: Mapping[str, Any], found: Faults) -> None:
    named = {"code": question["code"]}
    suggest = question.get("suggest")
    if suggest and (suggest not in frames.SUGGESTIONS or not (source.get("maturity") or {}).get("paths")):
        found.append(_("Question %(code)s : rien à proposer sous ce nom.") % named)
    if question["type"] != "targets" or not source.get("targets"):
        return
    least, most = question.get("min_targets", 1), question.get("max_targets", 3)
    pledges = question.get("min_pledges", 0)
    numbers = (least, most, pledges)
    if any(type(one) is not int or one < 0 for one in numbers) or most < max(least, 1):
        found.append(_("Question %(code)s : le nombre de cibles ou d’indicateurs ne peut pas être.") % named)
    elif least > len(frames.targets(source["targets"])) or pledges > len(
        frames.indicators(source["targets"])
    ):
        found.append(
            _("Question %(code)s : elle demande plus de cibles ou d’indicateurs qu’il n’y en a.") % named
        )


def _check_never_scored(
    source: Mapping[str, Any], questions: Iterable[Mapping[str, Any]], found: Faults
) -> None:
    """The self-diagnosis is context: no criterion is tied to it."""
    context = {one["code"] for one in questions if one["type"] == "maturity"}
    for criterion in source["grid"]["criteria"]:
        for code in context.intersection(criterion["questions"]):
            words = _("Critère %(id)s : l’autodiagnostic (%(code)s) est un contexte, il n’est jamais noté.")
            found.append(words % {"id": criterion["id"], "code": code})


# --- maturity ---------------------------------------------------------------------------------------------
def _check_maturity(frame: Mapping[str, Any], found: Faults) -> None:
    _words(_("Le titre de l’autodiagnostic"), frame["title"], found)
    dimensions = frames.dimensions(frame)
    if len(dimensions) < 3:
        found.append(_("L’autodiagnostic a au moins trois dimensions."))
    for dimension in dimensions:
        _words(_("La dimension %(code)s") % {"code": dimension["code"]}, dimension["label"], found)
        if not dimension["statements"]:
            found.append(_("La dimension %(code)s n’a pas d’énoncé.") % {"code": dimension["code"]})
        for statement in dimension["statements"]:
            named = {"code": statement["code"]}
            _words(_("L’énoncé %(code)s") % named, statement["label"], found)
            if len(statement["levels"]) != frames.LEVELS:
                found.append(_("L’énoncé %(code)s n’a pas ses cinq niveaux.") % named)
            for level in statement["levels"]:
                _words(_("Un niveau de l’énoncé %(code)s") % named, level, found)
    _once(_("Autodiagnostic"), [one["code"] for one in dimensions], found)
    _once(_("Autodiagnostic"), [one["code"] for one in frames.statements(frame)], found)
    _once(_("Autodiagnostic"), [one["code"] for one in frames.paths(frame)], found)
    known = {one["code"] for one in dimensions}
    for path in frames.paths(frame):
        named = {"code": path["code"]}
        for key in ("label", "provider", "audience"):
            _words(_("La formation %(code)s") % named, path[key], found)
        if path["dimension"] not in known or type(path["hours"]) is not int or path["hours"] < 1:
            found.append(_("La formation %(code)s : dimension ou nombre d’heures inconnus.") % named)


# --- targets ----------------------------------------------------------------------------------------------
def _check_targets(frame: Mapping[str, Any], found: Faults) -> None:
    for framework in frame["frameworks"]:
        named = {"code": framework["code"]}
        _words(_("Le cadre de cibles %(code)s") % named, framework["label"], found)
        _words(_("La source du cadre de cibles %(code)s") % named, framework["source"], found)
        for target in framework["targets"]:
            named = {"code": target["code"]}
            _words(_("La cible %(code)s") % named, target["label"], found)
            _words(_("L’unité de la cible %(code)s") % named, target["unit"], found)
            for key in ("baseline", "target", "by"):
                if target[key] is not None and not isinstance(target[key], str):
                    found.append(
                        _("La cible %(code)s : « %(key)s » est un texte ou rien.") % {**named, "key": key}
                    )
    every = [one["code"] for each in frame["frameworks"] for one in each["targets"]]
    _once(_("Cibles"), [one["code"] for one in frame["frameworks"]], found)
    _once(_("Cibles"), every, found)
    _once(_("Indicateurs"), [one["code"] for one in frame["indicators"]], found)
    if not every or not frame["indicators"]:
        found.append(_("Les cibles ou les indicateurs manquent."))
    for indicator in frame["indicators"]:
        named = {"code": indicator["code"]}
        _words(_("L’indicateur %(code)s") % named, indicator["label"], found)
        _words(_("L’unité de l’indicateur %(code)s") % named, indicator["unit"], found)
        if indicator["target"] is not None and indicator["target"] not in every:
            found.append(_("L’indicateur %(code)s suit une cible inconnue.") % named)


def _words(where: str, value: object, found: Faults) -> None:
    if not isinstance(value, Mapping) or not all(
        isinstance(value.get(lang), str) and value[lang] for lang in ("fr", "en")
    ):
        found.append(_("%(where)s doit être écrit en français et en anglais.") % {"where": where})


def _once(where: str, codes: list[str], found: Faults) -> None:
    for code in sorted({one for one in codes if codes.count(one) > 1}):
        found.append(_("%(where)s : %(code)s est donné deux fois.") % {"where": where, "code": code})
