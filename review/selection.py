"""Selection inside an envelope: ranking, reserve passes, general pass, one partial offer at most.

Pure core: `select(case)` takes and returns plain data; run alone as `python -m review.selection`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from workflows.casefile import BadInput, dollars, flag, items, number, record, run, show, text, unique, whole

CASE = ("pool", "partial_min", "aid_min", "reserves", "ties", "dossiers")
DOSSIER = ("id", "score", "requested", "tags", "passes", "criteria", "population", "filed_at")
GENERAL = "pool"
"""The source of an offer made in the general pass."""

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Dossier:
    """One dossier to rank; `filed_at` is microseconds, so that offsets do not matter."""

    id: str
    score: Fraction
    requested: int
    tags: frozenset[str]
    passes: bool
    criteria: dict[str, Fraction]
    population: int | None
    filed_at: int

    def rank(self, ties: list[str]) -> tuple[object, ...]:
        """The sort key: score, then the ties in their order, then the id."""
        keys: list[object] = [-self.score]
        for tie in ties:
            if tie == "population":
                keys.append((self.population is None, self.population or 0))
            elif tie == "filed_at":
                keys.append(self.filed_at)
            else:
                keys.append(-self.criteria[tie])
        return (*keys, self.id)


@dataclass(frozen=True, slots=True)
class Reserve:
    """Money set aside for the dossiers that bear a tag."""

    name: str
    amount: int
    tag: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What a dossier is offered, and from where."""

    amount: int
    partial: bool
    source: str


def _instant(data: object, where: str) -> int:
    written = text(data, where)
    try:
        # Year 1 with an offset stays comparable: the difference below never leaves the range.
        instant = datetime.fromisoformat(written) if _INSTANT.fullmatch(written) else None
    except ValueError:
        instant = None
    if instant is None:
        raise BadInput(f"{where} must be an instant with its offset, not {show(data)}.")
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _dossier(data: object, ties: list[str]) -> Dossier:
    given = record(data, "A dossier", DOSSIER)
    name = text(given["id"], "The id of a dossier")
    where = f"dossier {show(name)}"
    measured = record(given["criteria"], f"The criteria of {where}", [], _keys(given["criteria"]))
    criteria = {
        code: number(value, f"Criterion {show(code)} of {where}", 100) for code, value in measured.items()
    }
    for tie in ties:
        if tie not in ("population", "filed_at") and tie not in criteria:
            raise BadInput(f"The criteria of {where} lack {show(tie)}, which decides ties.")
    population = given["population"]
    tags = [text(tag, f"A tag of {where}") for tag in items(given["tags"], f"The tags of {where}")]
    return Dossier(
        id=name,
        score=number(given["score"], f"The score of {where}", 100),
        requested=whole(given["requested"], f"The sum requested by {where}"),
        tags=frozenset(tags),
        passes=flag(given["passes"], f"The key 'passes' of {where}"),
        criteria=criteria,
        population=None if population is None else whole(population, f"The population of {where}"),
        filed_at=_instant(given["filed_at"], f"The key 'filed_at' of {where}"),
    )


def _keys(data: object) -> list[str]:
    return list(data) if isinstance(data, dict) else []


def _reserves(data: object, pool: int) -> list[Reserve]:
    reserves: list[Reserve] = []
    for entry in items(data, "The reserves"):
        given = record(entry, "A reserve", ["name", "amount", "tag"])
        name = text(given["name"], "The name of a reserve")
        if name == GENERAL:
            raise BadInput("A reserve may not be called 'pool', which names the general pass.")
        amount = whole(given["amount"], f"The amount of reserve {show(name)}")
        reserves.append(Reserve(name, amount, text(given["tag"], f"The tag of reserve {show(name)}")))
    unique([each.name for each in reserves], "The reserve")
    if sum(each.amount for each in reserves) > pool:
        raise BadInput("The reserves sum to more than the pool.")
    return reserves


def _reserve_pass(
    reserve: Reserve, ranking: list[Dossier], offers: dict[str, Offer], trace: list[str]
) -> int:
    """Offer from one reserve down the ranking; give back what is left of it."""
    left = reserve.amount
    trace.append(f"Réserve « {reserve.name} »\u00a0: {dollars(left)} pour les dossiers « {reserve.tag} ».")
    for each in ranking:
        if reserve.tag not in each.tags or each.id in offers:
            continue
        if each.requested > left:
            trace.append(f"{each.id}\u00a0: {dollars(each.requested)} dépasse le reste, {dollars(left)}.")
            break
        offers[each.id] = Offer(each.requested, partial=False, source=reserve.name)
        left -= each.requested
        trace.append(f"{each.id}\u00a0: {dollars(each.requested)} offerts, il reste {dollars(left)}.")
    trace.append(f"Réserve « {reserve.name} »\u00a0: {dollars(left)} reviennent à l’enveloppe.")
    return left


def _general_pass(
    left: int, ranking: list[Dossier], offers: dict[str, Offer], least: tuple[Fraction, int], trace: list[str]
) -> list[str]:
    """Offer from the envelope down the ranking; give the dossiers that wait."""
    share, floor = least
    waiting: list[str] = []
    closed = False
    trace.append(f"Passe générale\u00a0: {dollars(left)} à offrir.")
    for each in ranking:
        if each.id in offers:
            continue
        if closed:
            waiting.append(each.id)
            trace.append(f"{each.id}\u00a0: liste d’attente.")
        elif each.requested <= left:
            offers[each.id] = Offer(each.requested, partial=False, source=GENERAL)
            left -= each.requested
            trace.append(f"{each.id}\u00a0: {dollars(each.requested)} offerts, il reste {dollars(left)}.")
        else:
            closed = True
            asked = dollars(each.requested)
            if left >= share * each.requested and left >= floor:
                offers[each.id] = Offer(left, partial=True, source=GENERAL)
                trace.append(f"{each.id}\u00a0: offre partielle de {dollars(left)} sur {asked}.")
            else:
                waiting.append(each.id)
                trace.append(f"{each.id}\u00a0: liste d’attente, {asked} dépasse le reste, {dollars(left)}.")
    return waiting


def select(case: object) -> dict[str, object]:
    """Ranking, offers, waiting list and the trace of how they came, as docs/cores.md says."""
    given = record(case, "The case", CASE)
    pool = whole(given["pool"], "The pool")
    least = (number(given["partial_min"], "The key 'partial_min'", 1), whole(given["aid_min"], "The aid_min"))
    reserves = _reserves(given["reserves"], pool)
    ties = [text(tie, "A tie") for tie in items(given["ties"], "The ties")]
    unique(ties, "The tie")
    dossiers = [_dossier(entry, ties) for entry in items(given["dossiers"], "The dossiers")]
    unique([each.id for each in dossiers], "The dossier")

    ranking = sorted((each for each in dossiers if each.passes), key=lambda each: each.rank(ties))
    refused = sorted(each.id for each in dossiers if not each.passes)
    trace = [f"{name}\u00a0: non recommandé, un seuil n’est pas atteint." for name in refused]
    trace.append("Classement\u00a0: " + (", ".join(each.id for each in ranking) or "aucun dossier") + ".")
    offers: dict[str, Offer] = {}
    general = pool - sum(each.amount for each in reserves)
    back = [_reserve_pass(reserve, ranking, offers, trace) for reserve in reserves]
    waiting = _general_pass(general + sum(back), ranking, offers, least, trace)
    spent = sum(offer.amount for offer in offers.values())
    trace.append(f"Total\u00a0: {dollars(spent)} offerts, {dollars(pool - spent)} non attribués.")
    return {
        "ranking": [each.id for each in ranking],
        "offers": [
            {"id": each.id, "amount": offer.amount, "partial": offer.partial, "source": offer.source}
            for each in ranking
            if (offer := offers.get(each.id))
        ],
        "waiting": waiting,
        "not_recommended": refused,
        "spent": spent,
        "left": pool - spent,
        "trace": trace,
    }


if __name__ == "__main__":
    raise SystemExit(run(select))
