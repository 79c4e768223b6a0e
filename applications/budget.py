"""The aid of a dossier: costs kept, rate of its bodies, aid and what limited it, in whole dollars.

Pure core: `compute(case)` takes and returns plain data; run alone as `python -m applications.budget`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import Any

from workflows.casefile import (
    BadInput,
    choice,
    dollars,
    flag,
    items,
    number,
    record,
    run,
    show,
    text,
    told,
    unique,
    whole,
)

CASE = (
    "rates",
    "default_rate",
    "joint",
    "admin_cap",
    "cumul_cap",
    "public_weight",
    "aid",
    "bodies",
    "costs",
    "funding",
    "requested",
)
KINDS = ("grant", "repayable", "own")
REASONS = {
    "DEMANDE": "la demande",
    "PLAFOND": "le maximum du volet",
    "CUMUL": "le cumul des aides publiques",
}


@dataclass(frozen=True, slots=True)
class Rates:
    """The scale of rates by population; the last band has no upper limit."""

    bands: list[tuple[int, Fraction]]
    above: Fraction
    default: Fraction

    def of(self, population: int) -> Fraction:
        """The rate of a known population."""
        return next((rate for most, rate in self.bands if population <= most), self.above)


@dataclass(frozen=True, slots=True)
class Body:
    """A body with its share of the costs, its rate and where the rate comes from."""

    code: str
    share: int
    rate: Fraction
    basis: str


@dataclass(slots=True)
class Working:
    """What is said and taken off on the way to the aid."""

    reductions: list[dict[str, object]] = field(default_factory=list)
    explanation: list[str] = field(default_factory=list)

    def limit(self, aid: int, most: int, code: str) -> int:
        """The aid held to `most`; what that takes off is noted under `code`."""
        most = max(most, 0)
        if aid <= most:
            return aid
        self.reductions.append({"code": code, "amount": aid - most})
        self.explanation.append(f"Aide limitée à {dollars(most)} par {REASONS[code]}.")
        return most


def _rates(case: dict[str, object]) -> Rates:
    bands: list[tuple[int, Fraction]] = []
    above: list[Fraction] = []
    for entry in items(case["rates"], "The rates"):
        given = record(entry, "A rate", ["max_population", "rate"])
        rate, most = number(given["rate"], "A rate", 1), given["max_population"]
        if most is None:
            above.append(rate)
        else:
            bands.append((whole(most, "A max_population"), rate))
    unique([str(most) for most, _ in bands], "The max_population")
    if len(above) != 1:
        raise BadInput("The rates need exactly one band whose max_population is null.")
    return Rates(sorted(bands), above[0], number(case["default_rate"], "The default rate", 1))


def _population(data: object, where: str) -> int:
    """A population, 0 where it is not known."""
    return 0 if data is None else whole(data, where)


def _body(data: object, rates: Rates) -> Body:
    given = record(data, "A body", ["code", "population", "share", "members"])
    code = text(given["code"], "The code of a body")
    share = whole(given["share"], f"The share of body {show(code)}")
    own = _population(given["population"], f"The population of body {show(code)}")
    members: list[tuple[str, int]] = []
    for entry in items(given["members"], f"The members of body {show(code)}"):
        member = record(entry, f"A member of body {show(code)}", ["code", "population"])
        name = text(member["code"], f"The code of a member of body {show(code)}")
        members.append((name, _population(member["population"], f"The population of member {show(name)}")))
    unique([name for name, _ in members], f"In body {show(code)}, the member")
    people = sum(count for _, count in members)
    if people:
        rate = sum((rates.of(count) * count for _, count in members if count), Fraction(0)) / people
        return Body(code, share, rate, "members")
    if own:
        return Body(code, share, rates.of(own), "population")
    return Body(code, share, rates.default, "default")


def _bodies(case: dict[str, object], rates: Rates) -> list[Body]:
    bodies = [_body(entry, rates) for entry in items(case["bodies"], "The bodies")]
    unique([each.code for each in bodies], "The body")
    if not sum(each.share for each in bodies):
        raise BadInput("The shares of the bodies sum to 0.")
    return sorted(bodies, key=lambda each: each.code)


def _rate(case: dict[str, object], bodies: list[Body], working: Working) -> Fraction:
    """The rate of the dossier: the mean of its bodies by share, bonus of a joint one, under its cap."""
    joint = record(case["joint"], "The key 'joint'", ["min_bodies", "bonus", "cap"])
    enough = whole(joint["min_bodies"], "The joint min_bodies", 1)
    bonus, cap = number(joint["bonus"], "The joint bonus", 1), number(joint["cap"], "The joint cap", 1)
    rate = sum((each.rate * each.share for each in bodies), Fraction(0)) / sum(e.share for e in bodies)
    if len(bodies) > 1:
        if len(bodies) >= enough:
            rate += bonus
            working.explanation.append(f"Projet de {len(bodies)} organismes\u00a0: taux bonifié.")
        rate = min(rate, cap)
    percent = told(rate * 100)["rounded"].replace(".", ",").removesuffix(",00")
    working.explanation.append(f"Taux d’aide\u00a0: {percent}\u00a0%.")
    return rate


def _kept(case: dict[str, object], working: Working) -> int:
    """The costs kept: the eligible ones, administration held to its part of the whole."""
    cap = number(case["admin_cap"], "The admin_cap", 1)
    if cap == 1:
        raise BadInput("The admin_cap must be under 1.")
    administration = other = 0
    names: list[str] = []
    for entry in items(case["costs"], "The costs"):
        given = record(entry, "A cost", ["id", "amount", "eligible", "administration"], ["asked"])
        names.append(text(given["id"], "The id of a cost"))
        amount = whole(given["amount"], f"The amount of cost {show(names[-1])}")
        if "asked" in given:
            asked = whole(given["asked"], f"What is asked of cost {show(names[-1])}")
            if asked > amount:
                raise BadInput(f"Cost {show(names[-1])} asks for more than its amount.")
            amount = asked
        eligible = flag(given["eligible"], f"The key 'eligible' of cost {show(names[-1])}")
        overhead = flag(given["administration"], f"The key 'administration' of cost {show(names[-1])}")
        if eligible and overhead:
            administration += amount
        elif eligible:
            other += amount
    unique(names, "The cost")
    allowed = min(administration, floor(other * cap / (1 - cap)))
    if administration > allowed:
        working.reductions.append({"code": "ADMIN10", "amount": administration - allowed})
        working.explanation.append(
            f"Frais d’administration\u00a0: {dollars(allowed)} retenus sur {dollars(administration)}."
        )
    working.explanation.append(f"Coûts retenus\u00a0: {dollars(other + allowed)}.")
    return other + allowed


def _funding(case: dict[str, object]) -> tuple[Fraction, int]:
    """The weighted public money, and all the money that is not the bodies' own."""
    weighing = record(case["public_weight"], "The public_weight", KINDS)
    weights = {kind: number(weighing[kind], f"The public_weight of {kind}") for kind in KINDS}
    public, others = Fraction(0), 0
    names: list[str] = []
    for entry in items(case["funding"], "The funding"):
        given = record(entry, "A funding", ["id", "kind", "public", "amount"])
        names.append(text(given["id"], "The id of a funding"))
        kind = choice(given["kind"], f"The kind of funding {show(names[-1])}", KINDS)
        amount = whole(given["amount"], f"The amount of funding {show(names[-1])}")
        counted = flag(given["public"], f"The key 'public' of funding {show(names[-1])}")
        if kind == "own":
            continue
        others += amount
        if counted:
            public += weights[kind] * amount
    unique(names, "The funding")
    return public, others


def without(case: Mapping[str, Any], left: Collection[str], lead: str) -> dict[str, Any]:
    """The case without some bodies, by code: what they carried is the lead's, in dollars."""
    carried = sum(int(one["share"]) for one in case["bodies"] if one["code"] in left)
    rest = [dict(one) for one in case["bodies"] if one["code"] not in left]
    for one in rest:
        if one["code"] == lead:
            one["share"] += carried
    return {**case, "bodies": rest}


def compute(case: object) -> dict[str, object]:
    """Costs kept, rate, aid, own part and reductions of one dossier, as docs/cores.md says."""
    given = record(case, "The case", CASE)
    rates = _rates(given)
    cumul = number(given["cumul_cap"], "The cumul_cap", 1)
    bounds = record(given["aid"], "The key 'aid'", ["min", "max"])
    least, most = whole(bounds["min"], "The aid's min"), whole(bounds["max"], "The aid's max")
    if least > most:
        raise BadInput("The aid's min is over its max.")
    requested = None if given["requested"] is None else whole(given["requested"], "The sum requested")
    bodies = _bodies(given, rates)
    public, others = _funding(given)

    working = Working()
    kept = _kept(given, working)
    rate = _rate(given, bodies, working)
    aid = floor(rate * kept)
    working.explanation.append(f"Aide calculée\u00a0: {dollars(aid)}.")
    if requested is not None:
        aid = working.limit(aid, requested, "DEMANDE")
    aid = working.limit(aid, most, "PLAFOND")
    aid = working.limit(aid, floor(cumul * kept - public), "CUMUL")
    if 0 < aid < least:
        working.reductions.append({"code": "MINIMUM", "amount": aid})
        working.explanation.append(f"Aide sous le minimum de {dollars(least)}\u00a0: aucune aide.")
        aid = 0
    manual = any(each.basis != "population" for each in bodies)
    if manual:
        working.explanation.append("Taux à vérifier\u00a0: population inconnue ou moyenne de membres.")
    own = max(kept - aid - others, 0)
    working.explanation.append(
        f"Aide\u00a0: {dollars(aid)}. À trouver par les organismes\u00a0: {dollars(own)}."
    )
    return {
        "kept": kept,
        "rate": told(rate),
        "aid": aid,
        "own": own,
        "reductions": working.reductions,
        "manual_check": manual,
        "explanation": working.explanation,
        "bodies": [{"code": each.code, "rate": told(each.rate), "basis": each.basis} for each in bodies],
    }


if __name__ == "__main__":
    raise SystemExit(run(compute))
