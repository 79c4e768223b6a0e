"""What is wrong with the files of a call: every fault as a sentence, none stops the search for the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from grants import checking_committee, checking_frames, checking_tables, editions, facts, letters
from workflows import conditions
from workflows.casefile import BadInput

Source = Mapping[str, Any]
Faults = list[str]
CONSEQUENCES = ("ineligible", "condition", "warning")
ANSWERS = ("yes", "no", "unknown")
# Limits that a call may set: filings as lead (in all, in a volet), as partner, drafts at once, days from the closing
# to the last day of a project, and the part of the envelope over which a region is pointed out to the committee.
LIMITS: Mapping[str, type] = {
    "leads": int,
    "leads_per_volet": int,
    "partners": int,
    "drafts": int,
    "end_days": int,
    "region_share": str,
}


def faults(source: Source, types: Mapping[str, str]) -> Faults:
    """Every fault of a call's files; `types` are the facts that conditions may read beside the answers."""
    found: Faults = []
    checks: tuple[tuple[str, Callable[[Source, Faults], None]], ...] = (
        ("call.json", _check_call),
        ("call.json", _check_volets),
        ("form.json", _check_form),
        ("grid.json", _check_grid),
        ("budget.json", _check_budget),
        ("rules.json", _check_rules),
        ("letters", _check_letters),
        ("maturity.json, targets.json", checking_frames.check),
        ("call.json", checking_committee.check),
    )
    for name, check in checks:
        try:
            check(source, found)
        except (KeyError, TypeError, AttributeError, IndexError) as fault:
            said = (
                _("il manque la clé %(key)s") % {"key": fault} if isinstance(fault, KeyError) else str(fault)
            )
            found.append(_("%(file)s : %(fault)s.") % {"file": name, "fault": said})
    if not found:
        _check_conditions(source, types, found)
    return found


def _bilingual(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(value.get(code), str) and value[code] for code in ("fr", "en")
    )


def _need_words(where: str, value: object, found: Faults) -> None:
    if not _bilingual(value):
        found.append(_("%(where)s doit être écrit en français et en anglais.") % {"where": where})


def _doubles(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return sorted({name for name in names if name in seen or seen.add(name)})  # type: ignore[func-returns-value]


def _check_call(source: Source, found: Faults) -> None:
    call = source["call"]
    _need_words(_("Le titre de l’appel"), call["title"], found)
    _need_words(_("Le résumé de l’appel"), call["summary"], found)
    for key in ("name", "ministry"):
        _need_words(_("Le programme"), call["programme"][key], found)
    for who in (call["contact"], call["programme"]["contact"]):
        if not all(who[key] for key in ("name", "phone", "email")):
            found.append(_("La personne à joindre a un nom, un téléphone et un courriel."))
    recourse = call["recourse"]
    if not all(recourse[key] for key in ("name", "email", "address")):
        found.append(
            _("Le recours a besoin du nom, du courriel et de l’adresse de la personne à qui écrire.")
        )
    _need_words(_("La fonction de la personne du recours"), recourse["function"], found)
    if call["language"] not in ("fr", "en"):
        found.append(_("La langue de l’appel est fr ou en."))
    for name, value in (call.get("limits") or {}).items():
        if name not in LIMITS or (LIMITS[name] is int and (type(value) is not int or value < 1)):
            found.append(
                _("Limites : « %(name)s » n’est pas connue, ou n’est pas un nombre.") % {"name": name}
            )
        elif LIMITS[name] is str and not 0 < _number(value) <= 1:
            found.append(_("Limites : « %(name)s » est une part, de 0 à 1.") % {"name": name})


def _check_volets(source: Source, found: Faults) -> None:
    volets = source["call"]["volets"]
    if not volets:
        found.append(_("Un appel a au moins un volet."))
    for double in _doubles(one["code"] for one in volets):
        found.append(_("Le volet %(code)s est donné deux fois.") % {"code": double})
    tags = {one["code"] for one in source["tags"]}
    for volet in volets:
        code = volet["code"]
        wrong = _not_whole(volet)
        if wrong:
            words = _("Volet %(code)s : « %(key)s » est un nombre entier, zéro ou plus.")
            found += [words % {"code": code, "key": key} for key in wrong]
            continue
        _need_words(_("Le nom du volet %(code)s") % {"code": code}, volet["label"], found)
        if not 0 <= volet["aid_min"] <= volet["aid_max"]:
            found.append(_("Volet %(code)s : l’aide minimale dépasse l’aide maximale.") % {"code": code})
        if volet["months"] < 1 or volet["sheets_required"] < 1:
            found.append(
                _("Volet %(code)s : la durée et le nombre de fiches sont d’au moins 1.") % {"code": code}
            )
        _check_reserves(volet, tags, found)


def _not_whole(volet: Mapping[str, Any]) -> list[str]:
    """Keys of a volet whose value is not a whole number from zero on (dollars, months, sheets)."""
    keys = ("envelope", "aid_min", "aid_max", "months", "sheets_required")
    values = [(key, volet[key]) for key in keys]
    values += [(f"reserves.{one['name']}", one["amount"]) for one in volet["reserves"]]
    return [key for key, value in values if type(value) is not int or value < 0]


def _check_reserves(volet: Mapping[str, Any], tags: set[str], found: Faults) -> None:
    """The reserves are inside the envelope, and each follows a tag of the call."""
    total = sum(one["amount"] for one in volet["reserves"])
    if total > volet["envelope"]:
        found.append(
            _("Volet %(code)s : les réserves (%(total)s $) dépassent l’enveloppe (%(envelope)s $).")
            % {"code": volet["code"], "total": total, "envelope": volet["envelope"]}
        )
    for reserve in volet["reserves"]:
        _need_words(_("La réserve %(name)s") % {"name": reserve["name"]}, reserve["label"], found)
        if reserve["tag"] not in tags:
            found.append(
                _("La réserve %(name)s suit l’étiquette %(tag)s, que l’appel ne définit pas.")
                % {"name": reserve["name"], "tag": reserve["tag"]}
            )
    for double in _doubles(one["name"] for one in volet["reserves"]):
        found.append(_("La réserve %(name)s est donnée deux fois.") % {"name": double})


def _check_form(source: Source, found: Faults) -> None:
    sections = source["form"]["sections"]
    for double in _doubles(one["code"] for one in sections):
        found.append(_("La section %(code)s est donnée deux fois.") % {"code": double})
    questions = list(editions.questions({"form": source["form"]}))
    for double in _doubles(one["code"] for one in questions):
        found.append(_("La question %(code)s est donnée deux fois.") % {"code": double})
    for double in _doubles(one["role"] for one in questions if one["role"]):
        found.append(_("Deux questions tiennent le rôle %(role)s.") % {"role": double})
    for role in ("title", "public_summary"):
        if all(one["role"] != role for one in questions):
            found.append(_("Aucune question ne tient le rôle %(role)s.") % {"role": role})
    for section in sections:
        _need_words(_("La section %(code)s") % {"code": section["code"]}, section["title"], found)
    for question in questions:
        _check_question(question, found)


def _check_question(question: Mapping[str, Any], found: Faults) -> None:
    code = question["code"]
    named = {"code": code}
    _need_words(_("La question %(code)s") % named, question["label"], found)
    if question["help"] is not None:
        _need_words(_("L’aide de la question %(code)s") % named, question["help"], found)
    if question["type"] not in editions.QUESTION_TYPES:
        found.append(_("Question %(code)s : type inconnu %(type)s.") % {**named, "type": question["type"]})
    if code in facts.FACTS:
        found.append(_("Question %(code)s : ce code est celui d’un fait du répertoire.") % named)
    if question["role"] is not None and question["role"] not in editions.QUESTION_ROLES:
        found.append(_("Question %(code)s : rôle inconnu %(role)s.") % {**named, "role": question["role"]})
    if question["sensitivity"] not in editions.SENSITIVITIES:
        found.append(_("Question %(code)s : sensibilité inconnue.") % named)
    if question["role"] in editions.PUBLIC_ROLES and question["sensitivity"] != "public":
        found.append(_("Question %(code)s : un rôle publié demande une réponse publique.") % named)
    if question["type"] in ("choice", "multi_choice"):
        choices = question["choices"]
        for choice in choices:
            _need_words(_("Un choix de la question %(code)s") % named, choice["label"], found)
        if not choices or _doubles(one["code"] for one in choices):
            found.append(_("Question %(code)s : les choix manquent ou se répètent.") % named)
    checking_tables.check(question, found)
    if question["type"] == "file" and not question["accept"]:
        found.append(_("Question %(code)s : les types de fichiers acceptés manquent.") % named)


def _check_grid(source: Source, found: Faults) -> None:
    grid = source["grid"]
    codes = {one["code"] for one in editions.questions({"form": source["form"]})}
    low, high = int(_number(grid["scale"]["min"])), int(_number(grid["scale"]["max"]))
    for double in _doubles(one["id"] for one in grid["criteria"]):
        found.append(_("Le critère %(id)s est donné deux fois.") % {"id": double})
    for criterion in grid["criteria"]:
        named = {"id": criterion["id"]}
        _need_words(_("Le critère %(id)s") % named, criterion["label"], found)
        if set(criterion["anchors"]) != {str(level) for level in range(low, high + 1)}:
            found.append(_("Critère %(id)s : chaque niveau entier a besoin de son repère écrit.") % named)
        for level, anchor in criterion["anchors"].items():
            _need_words(_("Le repère %(level)s du critère %(id)s") % {**named, "level": level}, anchor, found)
        for code in criterion["questions"]:
            if code not in codes:
                found.append(_("Critère %(id)s : question inconnue %(code)s.") % {**named, "code": code})
        if criterion["weight"] < 1:
            found.append(_("Critère %(id)s : le poids est d’au moins 1.") % named)
        if criterion["threshold"] is not None:
            _percent(criterion["threshold"], criterion["id"], found)
    _percent(grid["overall_threshold"], _("seuil global"), found)
    known = {one["id"] for one in grid["criteria"]} | {"population", "filed_at"}
    for tie in source["call"]["ties"]:
        if tie not in known:
            found.append(_("Égalités : critère inconnu %(id)s.") % {"id": tie})


def _number(text: object) -> Decimal:
    try:
        return Decimal(text if isinstance(text, str) else "?")
    except InvalidOperation as fault:
        raise TypeError(_("un nombre décimal s’écrit comme un texte, « 0.80 »")) from fault


def _percent(text: object, where: str, found: Faults) -> None:
    if not 0 <= _number(text) <= 100:
        found.append(_("%(where)s : un seuil va de 0 à 100.") % {"where": where})


def _check_budget(source: Source, found: Faults) -> None:
    budget = source["budget"]
    values = [one["rate"] for one in budget["rates"]]
    values += [
        budget["default_rate"],
        budget["admin_cap"],
        budget["cumul_cap"],
        source["call"]["partial_min"],
    ]
    if any(not 0 <= _number(value) <= 1 for value in values):
        found.append(_("Budget : un taux va de 0 à 1."))
    if _number(budget["admin_cap"]) >= 1:
        found.append(_("Budget : le plafond d’administration est sous 1."))
    checking_tables.check_budget(budget, found)
    limits = [one["max_population"] for one in budget["rates"]]
    if (
        not limits
        or limits[-1] is not None
        or limits[:-1] != sorted({one for one in limits[:-1] if one is not None})
    ):
        found.append(_("Budget : les populations montent, et la dernière tranche n’a pas de limite."))
    for double in _doubles(one["code"] for one in budget["categories"]):
        found.append(_("Budget : la catégorie %(code)s est donnée deux fois.") % {"code": double})
    for category in (*budget["categories"], *budget["funding_kinds"]):
        _need_words(_("Budget : %(code)s") % {"code": category["code"]}, category["label"], found)
    values = [budget["joint"]["bonus"], budget["joint"]["cap"], *budget["public_weight"].values()]
    if (
        any(not 0 <= _number(value) <= 1 for value in values)
        or type(budget["joint"]["min_bodies"]) is not int
    ):
        found.append(_("Budget : les points d’un projet conjoint et les poids vont de 0 à 1."))
    for kind in budget["funding_kinds"]:
        if kind["code"] not in editions.FUNDING_KINDS:
            known = ", ".join(editions.FUNDING_KINDS)
            found.append(
                _("Budget : le financement %(code)s n’est pas un de ceux du calcul (%(known)s).")
                % {"code": kind["code"], "known": known}
            )
        elif kind["code"] not in budget["public_weight"]:
            found.append(_("Budget : le financement %(code)s n’a pas de poids.") % {"code": kind["code"]})


def _check_rules(source: Source, found: Faults) -> None:
    rules = source["rules"]["rules"]
    for double in _doubles(one["id"] for one in rules):
        found.append(_("La règle %(id)s est donnée deux fois.") % {"id": double})
    norms = " ".join(one["body"]["fr"] + one["title"]["fr"] for one in source["norms"])
    for rule in rules:
        named = {"id": rule["id"]}
        _need_words(_("La règle %(id)s") % named, rule["label"], found)
        if rule["consequence"] not in CONSEQUENCES or rule["else"] not in ANSWERS:
            found.append(_("Règle %(id)s : conséquence ou issue inconnue.") % named)
        if not rule["article"] or rule["article"] not in norms:
            found.append(
                _("Règle %(id)s : l’article %(article)s n’est pas dans le cadre normatif.")
                % {**named, "article": rule["article"]}
            )
        for case in rule["cases"]:
            if case["then"] not in ANSWERS:
                found.append(_("Règle %(id)s : issue inconnue.") % named)
            if case["then"] == "no":
                _need_words(_("La cause de la règle %(id)s") % named, case.get("cause"), found)


def _check_letters(source: Source, found: Faults) -> None:
    for letter in source["letters"]:
        found += letter_faults(letter["kind"], letter["subject"], letter["body"])
    held = {one["kind"] for one in source["letters"]}
    for kind in letters.ALWAYS:
        if kind not in held:
            found.append(_("La lettre %(kind)s manque.") % {"kind": kind})


def letter_faults(kind: str, subject: str, body: Sequence[Mapping[str, Any]]) -> Faults:
    """What is wrong with the text of a letter."""
    found: Faults = []
    named = {"kind": kind}
    if kind not in letters.KINDS:
        return [_("La lettre %(kind)s n’est pas connue.") % named]
    if not subject.strip() or not body:
        found.append(_("Lettre %(kind)s : l’objet ou le texte manque.") % named)
    for name in sorted(letters.names_in(subject, body) - letters.PLACEHOLDERS):
        found.append(_("Lettre %(kind)s : le nom {{%(name)s}} n’est pas permis.") % {**named, "name": name})
    for slot in sorted(letters.slots_in(body)):
        if kind not in letters.SLOTS.get(slot, ()):
            found.append(
                _("Lettre %(kind)s : le tableau %(slot)s n’y a pas sa place.") % {**named, "slot": slot}
            )
    for mention in letters.missing_mentions(kind, subject, body):
        found.append(_("Lettre %(kind)s : la mention %(name)s est obligatoire.") % {**named, "name": mention})
    return found


def _check_conditions(source: Source, types: Mapping[str, str], found: Faults) -> None:
    """Every condition reads declared facts and compares values of the same type."""
    questions = list(editions.questions({"form": source["form"]}))
    known = {**types, **facts.question_facts(questions)}
    wanted: list[tuple[str, object]] = []
    for question in questions:
        for key in ("show_when", "require_when"):
            wanted.append((_("Question %(code)s") % {"code": question["code"]}, question[key]))
    for rule in source["rules"]["rules"]:
        where = _("Règle %(id)s") % {"id": rule["id"]}
        wanted += [(where, rule["when"]), *((where, case["if"]) for case in rule["cases"])]
    for tag in source["tags"]:
        wanted.append((_("Étiquette %(code)s") % {"code": tag["code"]}, tag["when"]))
    for where, data in wanted:
        if data is not None:
            found += condition_faults(where, data, known)


def condition_faults(where: str, data: object, types: Mapping[str, str]) -> Faults:
    """What is wrong with one condition."""
    try:
        condition = conditions.parse(data)
        unknown = sorted(conditions.facts_of(condition) - set(types))
        if unknown:
            return [_("%(where)s : fait inconnu %(name)s.") % {"where": where, "name": ", ".join(unknown)}]
        conditions.check_types(condition, types)
    except BadInput as fault:
        return [f"{where}{chr(0xA0)}: {fault}"]
    return []
