"""What stands against filing, in sentences that lead to the answer: empty exactly when filing would succeed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from applications import budget_rows, facts, fields, partners, snapshots
from applications.fields import Question
from applications.snapshots import Material
from grants import editions
from web import clock, formats
from workflows.actors import SystemActor
from workflows.lifecycle import verbs_of

MEMO = "_material_under_lock"
NOBODY = SystemActor("blockers")  # guards of filing judge the dossier, whoever asks


@dataclass(frozen=True)
class Blocker:
    """A sentence, where to go, and its kind: required, invalid, file, declaration, dates, withheld, rule."""

    sentence: str
    question: str = ""
    section: str = ""
    kind: str = "rule"


def of(dossier: Any, now: datetime | None = None, made: Material | None = None) -> list[Blocker]:
    """Everything against filing (or against answering a request): the call, the limits, then the answers."""
    data = {"received_at": now or clock.now()}
    model: type[models.Model] = type(dossier)
    declared = verbs_of(model)["resubmit" if dossier.state == snapshots.WITH_APPLICANT else "submit"]
    found: list[Blocker] = []
    for guard in declared.guards:
        if getattr(guard, "__name__", "") == "nothing_blocks":
            found += in_answers(dossier, made)
        else:
            said = guard(dossier, NOBODY, data)
            words = said if isinstance(said, list | tuple) else [said] if said else []
            found += [Blocker(str(one)) for one in words]
    return found


def in_answers(dossier: Any, made: Material | None = None) -> list[Blocker]:
    """What is missing or wrong in answers and files; only reopened ones count while a request is open."""
    ready = made or snapshots.material(dossier)
    found = [
        one
        for question in ready.questions
        if ready.may_change(question.code)
        for one in _of_question(question, ready)
    ]
    if not ready.bodies:
        found.append(Blocker(_("Le dossier n’a pas d’organisme.")))
    found += _of_partners(dossier, ready)
    return found + [one for one in _of_dates(dossier, ready) if ready.may_change(one.question)]


def warnings(dossier: Any, made: Material | None = None) -> list[Blocker]:
    """What does not stop filing but may stop the aid: said before, never after."""
    ready = made or snapshots.material(dossier)
    content = dossier.edition.content
    strand = editions.strand(content, dossier.volet.code)
    budget = editions.by_role(content, "budget")
    found: list[Blocker] = []
    aid = ready.facts.get("aid")
    if budget and aid is not None and aid < strand["aid_min"]:
        words = _(
            "L’aide calculée, %(aid)s, est sous le minimum de %(least)s : aucune aide ne pourrait être accordée."
        )
        said = words % {"aid": formats.money(aid), "least": formats.money(strand["aid_min"])}
        found.append(_at(ready, budget["code"], said, "amount"))
    amount = editions.answer_code(content, "amount")
    asked = ready.facts.get("asked")
    if amount and asked is not None and asked > strand["aid_max"]:
        words = _("La somme demandée, %(asked)s, dépasse le maximum de %(most)s : elle y sera ramenée.")
        said = words % {"asked": formats.money(asked), "most": formats.money(strand["aid_max"])}
        found.append(_at(ready, amount, said, "amount"))
    months, end = ready.facts.get("months"), editions.answer_code(content, "end")
    if end and months is not None and months > strand["months"]:
        words = _("Le projet dure %(n)s mois, le maximum est de %(most)s.")
        found.append(_at(ready, end, words % {"n": months, "most": strand["months"]}, "dates"))
    day, code = (
        facts.day_of(content, ready.answers, "resolution_date"),
        editions.answer_code(content, "resolution_date"),
    )
    if day is not None and day > formats.local(dossier.call.closes_at).date():
        found.append(_at(ready, code, _("La résolution est datée après la clôture de l’appel."), "dates"))
    return found + _untouched(dossier, ready)


def _untouched(dossier: Any, ready: Material) -> list[Blocker]:
    """Points of the open request at which nothing has changed since the filing."""
    if not ready.reopened:
        return []
    filed = json.loads(dossier.snapshot.text)
    pieces = {(one["slot"], one["digest"]) for one in filed["files"]}
    now = {(one["slot"], one["digest"]) for one in ready.files}
    changed = {slot for slot, _digest in pieces ^ now}
    said = _("« %(question)s » : rien n’a changé depuis la demande de compléments.")
    return [
        _at(ready, one.code, said % {"question": one}, "required")
        for one in ready.questions
        if one.code in ready.reopened
        and one.code not in changed
        and ready.answers.get(one.code) == filed["answers"].get(one.code)
    ]


def _at(ready: Material, code: str, sentence: str, kind: str) -> Blocker:
    section = next((one.section for one in ready.questions if one.code == code), "")
    return Blocker(sentence, code, section, kind)


def _of_question(question: Question, ready: Material) -> Iterator[Blocker]:
    """At most one sentence a question."""
    label = str(question)
    if question.type == "file":
        yield from _of_files(question, ready)
        return
    if question.type == "partners":
        return  # see `_of_partners`: it has no answer of its own
    value = ready.answers.get(question.code)
    is_missing = value is None or (question.type == "declaration" and value is not True)
    if is_missing and fields.is_required(question, ready.facts):
        if question.type == "declaration":
            said, kind = _("La déclaration n’est pas faite : « %(question)s »"), "declaration"
        else:
            said, kind = _("Répondez à la question « %(question)s »"), "required"
        yield Blocker(said % {"question": label}, question.code, question.section, kind)
    elif value is not None:
        wrong = fields.problem(question, value)
        if not wrong and question.type == "budget" and not _has_costs(value):
            wrong = _("Inscrivez au moins une dépense.")
        if wrong:
            said = _("« %(question)s » : %(wrong)s") % {"question": label, "wrong": wrong}
            yield Blocker(said, question.code, question.section, "invalid")


def _of_partners(dossier: Any, ready: Material) -> list[Blocker]:
    """Partners that have not answered, too few of them for the volet, costs left behind by one that went."""
    asked = next((one for one in ready.questions if one.type == "partners"), None)
    if asked is None or ready.reopened is not None:
        return []
    said = partners.faults(dossier.edition.content, dossier.volet.code, facts.bodies_of(dossier))
    found = [Blocker(one, asked.code, asked.section, "partner") for one in said]
    for question in ready.questions:
        if question.type == "budget":
            said = partners.orphan_words(ready.answers.get(question.code), facts.bodies_of(dossier))
            found += [Blocker(one, question.code, question.section, "partner") for one in said]
    return found


def _has_costs(value: Any) -> bool:
    return any(dollars for _row, dollars in budget_rows.costs(value))


def _of_files(question: Question, ready: Material) -> Iterator[Blocker]:
    files = [one for one in ready.files if one["slot"] == question.code]
    label = str(question)
    for one in files:
        if one["id"] in ready.withheld:
            words = _("Le fichier « %(name)s » est retenu : il porte un logiciel malveillant. Retirez-le.")
            yield Blocker(words % {"name": one["name"]}, question.code, question.section, "withheld")
            return
    if not files and fields.is_required(question, ready.facts):
        words = _("Il manque un fichier : « %(question)s »") % {"question": label}
        yield Blocker(words, question.code, question.section, "file")


def _of_dates(dossier: Any, ready: Material) -> list[Blocker]:
    """The end comes after the start."""
    content = dossier.edition.content
    start, end = (facts.day_of(content, ready.answers, role) for role in ("start", "end"))
    if start is None or end is None or end >= start:
        return []
    words = _("Le projet se termine le %(end)s, avant de commencer le %(start)s.")
    said = words % {"end": formats.date_long(end), "start": formats.date_long(start)}
    return [_at(ready, editions.answer_code(content, "end"), said, "dates")]


# --- under the lock ---------------------------------------------------------------------------------------
def under_lock(dossier: Any) -> list[Blocker]:
    """What the guard of `submit` asks: the material read here is the one that `filing.freeze` takes next."""
    made = snapshots.material(dossier)
    dossier.__dict__[MEMO] = made
    return in_answers(dossier, made)


def taken(dossier: Any) -> Material:
    """The material that the guard read in this very verb, or a fresh one."""
    made: Material | None = dossier.__dict__.pop(MEMO, None)
    return made or snapshots.material(dossier)
