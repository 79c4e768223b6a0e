"""The aid of a dossier in words: where each figure comes from, step by step, line by line, body by body.

The sums are those of `applications.budget`, whose input and result are given; nothing is computed again but what of
each line is kept: administration over its part of the whole is taken off in the order of the lines, the last first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from applications import budget_rows, facts, fields, partners, rules
from applications.tables import Table
from grants import editions
from web import formats

NBSP = "\u00a0"


@dataclass(frozen=True)
class Line:
    """A cost and what of it is kept, dollars."""

    number: int
    description: str
    cost: int
    kept: int
    why: str

    @property
    def is_cut(self) -> bool:
        """Whether something of it is not kept."""
        return self.kept < self.cost


def value_of(dossier: Any, answers: Mapping[str, Any]) -> Any:
    """The answer that holds the budget, None where the call has none."""
    return answers.get(editions.answer_code(dossier.edition.content, "budget"))


def bodies(dossier: Any) -> list[tuple[str, str]]:
    """The bodies that costs are written under: key and name, the lead first, under an empty key."""
    rows = [one for one in facts.bodies_of(dossier) if partners.stands(one)]
    return [("" if one.role == "lead" else partners.key(one), str(one.organisation.name)) for one in rows]


def explain(
    computed: Mapping[str, Any],
    dossier: Any,
    value: Any = None,
    *,
    filed: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The figures and the sum of the aid in words; {} while there is nothing to compute.

    With `value`, the answer that holds the budget: `lines`, each cost with what is kept and why, and `parts`, the
    costs by year and by body as tables. With `filed`, the input as it was filed: the words are those of the
    ministry, and what an analyst does not keep is a step of its own.
    """
    result = computed.get("result") or {}
    case = computed.get("input") or {}
    if not result or not case.get("costs"):
        return {}
    total = sum(one["amount"] for one in case["costs"])
    others = sum(one["amount"] for one in case["funding"] if one["kind"] != "own")
    before = result["aid"] + sum(one["amount"] for one in result["reductions"] if one["code"] != "ADMIN10")
    each = lines(case, result, value)
    return {
        "total": total,
        "kept": result["kept"],
        "rate": _percent(result["rate"]["exact"]),
        "aid": result["aid"],
        "own": max(total - result["aid"] - others, 0),
        "others": others,
        "less": before - result["aid"],
        "steps": list(_steps(case, result, dossier, before, filed)),
        "manual": result["manual_check"],
        "lead": next((b.organisation for b in rules.bodies_of(dossier, lead_only=True)), None),
        "is_joint": len(case["bodies"]) > 1,
        "lines": each,
        "is_cut": any(one.is_cut for one in each),
        "parts": _parts(case, dossier, value),
    }


# --- steps ------------------------------------------------------------------------------------------------
def _steps(
    case: Mapping[str, Any],
    result: Mapping[str, Any],
    dossier: Any,
    before: int,
    filed: Mapping[str, Any] | None,
) -> Iterator[dict[str, Any]]:
    yield _step("", _("Coûts inscrits"), "", sum(one["amount"] for one in case["costs"]))
    refused = sum(one["amount"] for one in case["costs"] if not one["eligible"])
    if refused:
        yield _less(_("Dépenses non admissibles"), _("Catégories que le cadre normatif exclut"), refused)
    aside = _aside(filed or case)
    if aside:
        label = _("Dépenses que vous ne demandez pas") if filed is None else _("Dépenses non demandées")
        yield _less(label, _("Hors du calcul de l’aide"), aside)
    if filed is not None and _aside(case) > aside:
        said = _("Ligne par ligne, avec la raison de chacune")
        yield _less(_("Dépenses que l’analyse ne retient pas"), said, _aside(case) - aside)
    said_of = _why if filed is None else _why_of_them
    for one in result["reductions"]:
        if one["code"] == "ADMIN10":
            yield _less(*said_of(one["code"], case, result), one["amount"])
    yield _step("=", _("Coûts retenus"), "", result["kept"])
    label = _("Taux du projet conjoint : %(rate)s") if len(case["bodies"]) > 1 else ""
    label = label or _("Taux selon la population : %(rate)s")
    yield _step(
        "×", label % {"rate": _percent(result["rate"]["exact"])}, _rate_why(case, result, dossier), before
    )
    for one in result["reductions"]:
        if one["code"] != "ADMIN10":
            yield _less(*said_of(one["code"], case, result), one["amount"])
    yield _step("=", _("Aide calculée"), "", result["aid"], "total")


def _aside(case: Mapping[str, Any]) -> int:
    """What of the costs that count is not asked."""
    return sum(one["amount"] - one.get("asked", one["amount"]) for one in case["costs"] if one["eligible"])


def _why_of_them(code: str, case: Mapping[str, Any], result: Mapping[str, Any]) -> tuple[str, str]:
    """`_why`, said of the body to the ministry."""
    if code != "DEMANDE":
        return _why(code, case, result)
    words = _("L’organisme demande %(asked)s, moins que l’aide calculée")
    return _("Demande plus basse"), words % {"asked": formats.money(case["requested"])}


def _step(sign: str, label: str, why: str, amount: int, kind: str = "") -> dict[str, Any]:
    return {"sign": sign, "label": label, "why": why, "amount": amount, "kind": kind}


def _less(label: str, why: str, amount: int) -> dict[str, Any]:
    return _step("−", label, why, amount, "less")


def _percent(exact: Any) -> str:
    percent = Fraction(exact) * 100
    places = next((one for one in (0, 1) if (percent * 10**one).denominator == 1), 2)
    return formats.percent(percent, places=places)


def _why(code: str, case: Mapping[str, Any], result: Mapping[str, Any]) -> tuple[str, str]:
    """The rule behind a reduction and its arithmetic."""
    kept = formats.money(result["kept"])
    if code == "ADMIN10":
        cap = formats.percent(Decimal(case["admin_cap"]) * 100)
        words = _("Règle ADMIN10 : %(cap)s des coûts retenus, soit de %(kept)s")
        return _("Administration au-delà de %(cap)s") % {"cap": cap}, words % {"cap": cap, "kept": kept}
    if code == "DEMANDE":
        words = _("Vous demandez %(asked)s, moins que l’aide calculée")
        return _("Demande plus basse"), words % {"asked": formats.money(case["requested"])}
    if code == "PLAFOND":
        most = formats.money(case["aid"]["max"])
        return _("Maximum du volet"), _("Règle PLAFOND : %(most)s au plus") % {"most": most}
    if code == "CUMUL":
        cap = formats.percent(Decimal(case["cumul_cap"]) * 100)
        words = _("Règle CUMUL : au plus %(cap)s de %(kept)s d’argent public, toutes sources")
        return _("Cumul des aides publiques"), words % {"cap": cap, "kept": kept}
    least = formats.money(case["aid"]["min"])
    return _("Aide sous le minimum"), _("Règle MINIMUM : aucune aide sous %(least)s") % {"least": least}


def _rate_why(case: Mapping[str, Any], result: Mapping[str, Any], dossier: Any) -> str:
    if len(case["bodies"]) > 1:
        return _joint_why(case, result, dossier)
    lead = next((b.organisation for b in rules.bodies_of(dossier, lead_only=True)), None)
    if lead is None or lead.known_population is None:
        return _("Population inconnue au répertoire : taux à vérifier")
    words = _("%(name)s compte %(n)s habitants au répertoire")
    return words % {"name": lead.name, "n": formats.number(lead.known_population)}


def _joint_why(case: Mapping[str, Any], result: Mapping[str, Any], dossier: Any) -> str:
    """« Adstock : 3 198 habitants, 80 % de 60 000 $; … Moyenne selon les parts, plus 10 points, au plus 90 %. »"""
    names = {partners.key(one): str(one.organisation.name) for one in facts.bodies_of(dossier)}
    given = {one["code"]: one for one in case["bodies"]}
    said = []
    for one in result["bodies"]:
        body = given[one["code"]]
        people = (
            _("%(n)s habitants") % {"n": formats.number(body["population"])}
            if one["basis"] == "population"
            else _("moyenne de ses municipalités")
            if one["basis"] == "members"
            else _("population inconnue")
        )
        words = _("%(name)s : %(people)s, %(rate)s de %(share)s")
        said.append(
            words
            % {
                "name": names.get(one["code"], one["code"]),
                "people": people,
                "rate": _percent(one["rate"]["exact"]),
                "share": formats.money(body["share"]),
            }
        )
    joint = case["joint"]
    if len(given) >= joint["min_bodies"]:
        words = _("Moyenne selon les parts, plus %(bonus)s points, au plus %(cap)s")
    else:
        words = _("Moyenne selon les parts, au plus %(cap)s; %(bonus)s points de plus à %(least)s organismes")
    rule = words % {
        "bonus": _points(joint["bonus"]),
        "cap": _percent(joint["cap"]),
        "least": joint["min_bodies"],
    }
    return "; ".join(said) + f". {rule}"


def _points(text: str) -> str:
    points = Decimal(text) * 100
    return formats.number(int(points)) if points == int(points) else str(points.normalize()).replace(".", ",")


# --- line by line -----------------------------------------------------------------------------------------
def lines(case: Mapping[str, Any], result: Mapping[str, Any], value: Any) -> list[Line]:
    """Each cost whose sum can be read, with what is kept of it; the kept sums make `kept`."""
    costs = {one["id"]: one for one in case["costs"]}
    rows = value.get("lines", []) if isinstance(value, Mapping) else []
    overhead = sum(
        one.get("asked", one["amount"]) for one in costs.values() if one["eligible"] and one["administration"]
    )
    cut = sum(one["amount"] for one in result["reductions"] if one["code"] == "ADMIN10")
    left, found = overhead - cut, []
    cap = formats.percent(Decimal(case["admin_cap"]) * 100)
    for number, row in enumerate(rows, 1):
        one = costs.get(row["id"])
        if one is None:
            continue
        kept, why = one.get("asked", one["amount"]), ""
        if not one["eligible"]:
            kept, why = 0, _("Catégorie non admissible")
        elif one["administration"]:
            kept, allowed = min(kept, left), kept
            left -= kept
            if kept < allowed:
                why = _("ADMIN10 : l’administration s’arrête à %(cap)s des coûts retenus") % {"cap": cap}
        if one["eligible"] and not why and kept < one["amount"]:
            why = _("Vous ne demandez que cette part")
        found.append(Line(number, str(row.get("description") or ""), one["amount"], kept, why))
    return found


def _parts(case: Mapping[str, Any], dossier: Any, value: Any) -> list[tuple[str, Table]]:
    """Costs by year and by body, for a call that asks for them."""
    content = dossier.edition.content
    question = fields.question_of(content, editions.answer_code(content, "budget"))
    read = budget_rows.costs(value)
    if question is None or not read:
        return []
    grid, found = budget_rows.grid_of(question), list[tuple[str, Table]]()
    if grid.years > 1:
        years = {year: sum(c for row, c in read if (row.get("year") or 1) == year) for year in grid.choices}
        by_year = tuple((_("An %(n)s") % {"n": year}, formats.money(cost)) for year, cost in years.items())
        found.append((_("Coûts par année"), Table(((_("Année"), False), (_("Coûts"), True)), by_year)))
    known = bodies(dossier)
    if grid.by_partner and len(known) > 1:
        shares = {one["code"]: one["share"] for one in case["bodies"]}
        lead = next((partners.key(one) for one in facts.bodies_of(dossier) if one.role == "lead"), "")
        rows = tuple(
            (
                name,
                formats.money(sum(c for row, c in read if (row.get("partner") or "") == key)),
                formats.money(shares.get(key or lead, 0)),
            )
            for key, name in known
        )
        heads = ((_("Organisme"), False), (_("Dépenses inscrites"), True), (_("Part des coûts"), True))
        found.append((_("Coûts par organisme"), Table(heads, rows)))
    return found
