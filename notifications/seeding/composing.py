"""Projects composed for real municipalities: a model of project, the traits of the place, numbers drawn once.

A composed project has the shape of one of the corpus, so that the same forms, papers and verbs take it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

from accounts.models import Organisation
from notifications.seeding.corpus import FOLDER, Project

Json = dict[str, Any]
MONTHS = {"V1": 12, "V2": 24, "V3": 30}
TOTALS = {"V1": (16_000, 88_000), "V2": (90_000, 640_000), "V3": (260_000, 1_150_000)}
AID_MAX = {"V1": 75_000, "V2": 500_000, "V3": 1_500_000}
RATES = ((1_000, 88), (5_000, 78), (25_000, 68), (100_000, 58))  # a little less than what the call allows
LEAST_RATE = 48
WHERE = {
    "01": "au Bas-Saint-Laurent",
    "02": "au Saguenay–Lac-Saint-Jean",
    "03": "dans la Capitale-Nationale",
    "04": "en Mauricie",
    "05": "en Estrie",
    "06": "à Montréal",
    "07": "en Outaouais",
    "08": "en Abitibi-Témiscamingue",
    "09": "sur la Côte-Nord",
    "10": "dans le Nord-du-Québec",
    "11": "en Gaspésie",
    "12": "en Chaudière-Appalaches",
    "13": "à Laval",
    "14": "dans Lanaudière",
    "15": "dans les Laurentides",
    "16": "en Montérégie",
    "17": "au Centre-du-Québec",
}
SUMMARY = 1000  # characters that the form keeps
DIMENSIONS = ("economy", "environment", "governance", "ways_of_life", "mobility", "communities")
COUNTS = ("aucune", "une", "deux", "trois", "quatre", "cinq", "six")
NBSP = "\u00a0"


@dataclass(frozen=True)
class Drawn:
    """What a project is composed from."""

    code: str
    model: Mapping[str, Any]
    lead: Organisation
    partners: Sequence[Organisation]
    turn: int  # how many projects of this model came before


@lru_cache(maxsize=1)
def models() -> list[Json]:
    """The models of projects."""
    lines = (FOLDER / "gabarits.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@lru_cache(maxsize=1)
def phrases() -> Json:
    """Sentences that any project may need, by subject."""
    found: Json = json.loads((FOLDER / "phrases.json").read_text(encoding="utf-8"))
    return found


def compose(drawn: Drawn) -> Project:
    """The whole project, always the same for the same draw."""
    rng = Random(f"{drawn.code}:{drawn.lead.code}")
    words = _words(drawn, rng)
    volet = str(drawn.model["volets"])
    costs, requested = _costs(drawn, volet, rng)
    words["upkeep"] = _figure(max(800, sum(one["amount"] for one in costs) * rng.randint(4, 8) // 100))
    people = _people(drawn, rng)
    answers = _answers(drawn, words, rng)
    total = sum(one["amount"] for one in costs)
    data = {
        "id": drawn.code,
        "volet": volet,
        "language": "fr",
        "filed_at": "2026-03-20T10:00:00-04:00",
        "lead": drawn.lead.code,
        "lead_resolution": {
            "number": f"2026-03-{rng.randint(11, 94)}",
            "date": f"2026-03-{rng.randint(2, 20):02d}",
            "kind": "definitive",
        },
        "partners": _partners(drawn, total, rng),
        "title": {"fr": _said(drawn.model["titles"], drawn.turn, words), "en": drawn.model["en"]},
        "summary_plain": {"fr": _summary(drawn, words)},
        "answers": answers,
        "costs": costs,
        "aid_requested": requested,
        "funding": [
            {
                "id": "f1",
                "kind": "own",
                "public": True,
                "amount": total - requested,
                "label": "Mise de fonds municipale",
            }
        ],
        "self_assessment": {one: [rng.randint(0, 3) for _ in range(4)] for one in DIMENSIONS},
        "expected": {},
        "reviews": [],
        "people": people,
        "words": words,
    }
    return Project(data)


# --- words ------------------------------------------------------------------------------------------------
def _words(drawn: Drawn, rng: Random) -> dict[str, str]:
    """What the sentences of a model may name."""
    town, model = drawn.lead, drawn.model
    population = town.known_population or 640
    where = WHERE.get(str(town.region_id), "au Québec")
    numbers = {name: rng.randint(*ends) for name, ends in model["n"].items()}
    who = str(model["who"])
    name = town.name.replace("'", "’")
    found = {
        "name": name,
        "de": f"d’{name}" if _elides(name) else f"de {name}",
        "a_name": f"à {name}",
        "pop": _figure(population),
        "half": _figure(max(40, population * rng.randint(18, 46) // 100)),
        "region": where,
        "region_cap": where[0].upper() + where[1:],
        "km": str(rng.randint(18, 164)),
        "part": str(rng.randint(17, 38)),
        "x": str(rng.randint(27, 340)),
        "who": who,
        "who_cap": who[0].upper() + who[1:],
        "count": COUNTS[min(len(drawn.partners) + 1, len(COUNTS) - 1)],
        "last": drawn.partners[-1].name.replace("'", "’") if drawn.partners else name,
        **{name: _figure(value) for name, value in numbers.items()},
    }
    label, unit, base, target, source = model["indicator"]
    low, high = _number(base, numbers), _number(target, numbers)
    found |= {"indicator": str(label).lower(), "target": f"{_figure(high)} {unit}", "source": str(source)}
    found["base_n"], found["target_n"] = str(low), str(high)
    return found


def _elides(name: str) -> bool:
    first = unicodedata.normalize("NFKD", name[0]).lower()[0]
    return first in "aeiou"


def _figure(value: int) -> str:
    return f"{value:,}".replace(",", "\u00a0")


def _number(told: Any, numbers: Mapping[str, int]) -> int:
    """A number, or the letter of a drawn one with its zeros (`a00`)."""
    if isinstance(told, int):
        return told
    found = re.fullmatch(r"([abc])(0*)", told)
    return numbers[found[1]] * 10 ** len(found[2]) if found else int(told)


def _said(choices: Sequence[str], turn: int, words: Mapping[str, str]) -> str:
    return choices[turn % len(choices)].format_map(words)


def _summary(drawn: Drawn, words: Mapping[str, str]) -> str:
    """An opening, the need, what is done, what it changes: sentences that another project does not join so."""
    model, turn = drawn.model, drawn.turn
    place = sum(map(ord, str(model["id"])))
    parts = [
        _said(phrases()["opening"], place + 3 * turn, words),
        _said(model["need"], turn, words),
        _said(model["solution"], turn + turn // 3 + place, words),
        _said(model["gain"], turn // 3 + place, words),
    ]
    text = " ".join(parts)
    return text if len(text) <= SUMMARY else " ".join(parts[:3])


def _answers(drawn: Drawn, words: Mapping[str, str], rng: Random) -> Json:
    model, turn, told = drawn.model, drawn.turn, phrases()

    def any_of(name: str, salt: int = 0) -> str:
        return _said(told[name], turn * 2 + salt + len(drawn.lead.name), words)

    order = [turn % 3, (turn + 1) % 3, (turn + 2) % 3]
    need = [_said(model["need"], one, words) for one in order]
    solution = [_said(model["solution"], one, words) for one in reversed(order)]
    makers = rng.sample(told["supplier_names"], 2)
    found: Json = {
        "challenge": _said(model["challenge"], turn, words)
        + " À {name}, {x} personnes l’ont demandé.".format_map(words),
        "need": "\n\n".join([any_of("opening", 4), *need]),
        "territory": any_of("territory"),
        "population": any_of("population"),
        "users": any_of("users"),
        "solution": "\n\n".join([*solution, any_of("team", 2)]),
        "innovation": " ".join(
            [_said(model["innovation"], turn, words), f"{words['name']} en publiera le mode d’emploi."]
        ),
        "themes": list(model["themes"]),
        "orientations": [],
        "data": f"{model['data']} À {words['name']}, la personne responsable de l’accès le vérifie chaque année.",
        "personal_data": {
            "personal_data": bool(model["private"]),
            "efvp": "started" if model["private"] else "not_required",
            "date": "2026-02-12" if model["private"] else None,
        },
        "ai": {"used": False, "purpose_and_human_control": None},
        "inclusion": any_of("inclusion"),
        "maturity": any_of("maturity"),
        "team": any_of("team"),
        "suppliers": _said(told["suppliers"], turn, {**words, "s1": makers[0], "s2": makers[1]}),
        "schedule": _schedule(drawn, rng),
        "risks": [
            {"risk": risk, "mitigation": answer} for risk, answer in rng.sample(told["risks"], 3 + turn % 2)
        ],
        "indicators": [_indicator(drawn, words), _reached(words)],
        "sustainability": any_of("sustainability"),
        "local_strategy": any_of("strategy"),
        "footprint": any_of("footprint"),
    }
    return found


def _indicator(drawn: Drawn, words: Mapping[str, str]) -> Json:
    name, unit, _base, _target, source = drawn.model["indicator"]
    low, high = int(words["base_n"]), int(words["target_n"])
    return {"name": name, "baseline": low, "target": high, "unit": unit, "source": source}


def _reached(words: Mapping[str, str]) -> Json:
    people = int(words["half"].replace(NBSP, ""))
    source = f"Registre {words['de']}"
    return {
        "name": "Citoyens bénéficiaires",
        "baseline": 0,
        "target": people,
        "unit": "personnes",
        "source": source,
    }


def _schedule(drawn: Drawn, rng: Random) -> list[Json]:
    months = MONTHS[str(drawn.model["volets"])]
    steps = phrases()["steps"][drawn.turn % len(phrases()["steps"])]
    size = months // len(steps)
    return [
        {
            "step": step,
            "from": size * place,
            "to": min(months, size * (place + 1) + rng.randint(0, 1)),
        }
        for place, step in enumerate(steps)
    ]


# --- money and people -------------------------------------------------------------------------------------
def _costs(drawn: Drawn, volet: str, rng: Random) -> tuple[list[Json], int]:
    """Lines by weight, administration last; what is asked for stays under what the call allows."""
    low, high = TOTALS[volet]
    population = drawn.lead.known_population or 640
    reach = min(1.0, 0.25 + population / 40_000) if volet == "V2" else 1.0
    total = round(rng.triangular(low, low + (high - low) * reach, low + (high - low) * reach * 0.4), -3)
    lines = []
    for place, (label, category, weight) in enumerate(drawn.model["costs"], start=1):
        amount = int(total * weight / 100) // 100 * 100 + rng.choice((0, 50))
        lines.append(_line(place, label, category, max(amount, 600), 1 + place % 2))
    admin = sum(one["amount"] for one in lines) * rng.randint(3, 8) // 100 // 50 * 50
    lines.append(_line(len(lines) + 1, "Gestion et reddition de comptes", "administration", admin, 2))
    kept = sum(one["amount"] for one in lines)
    rate = next((rate for most, rate in RATES if population <= most), LEAST_RATE)
    return lines, min(kept * rate // 100 // 50 * 50, AID_MAX[volet])


def _line(place: int, label: str, category: str, amount: int, year: int) -> Json:
    return {
        "id": f"l{place}",
        "label": label,
        "amount": amount,
        "eligible": True,
        "administration": category == "administration",
        "year": year,
        "category": category,
    }


def _partners(drawn: Drawn, total: int, rng: Random) -> list[Json]:
    parts = phrases()["parts"]
    first = rng.randrange(len(parts))
    return [
        {
            "code": one.code,
            "role": parts[(first + place) % len(parts)],
            "share_dollars": total * rng.randint(12, 22) // 100,
            "resolution": {
                "number": f"2026-03-{rng.randint(11, 94)}",
                "date": "2026-03-09",
                "kind": "definitive",
            },
        }
        for place, one in enumerate(drawn.partners)
    ]


def _people(drawn: Drawn, rng: Random) -> list[Json]:
    """Who signs, a woman or a man by the given name, with the function that goes with it."""
    told = phrases()
    women, men = told["given"]["f"], told["given"]["m"]
    given = rng.choice([one for pair in zip(women, men, strict=True) for one in pair])
    family, titles = rng.choice(told["family"]), told["titles"]["f" if given in women else "m"]
    place = drawn.lead
    return [
        {
            "id": f"S{drawn.code}",
            "given_name": given,
            "family_name": family,
            "title": rng.choice(titles),
            "roles": ["drafter", "signatory"],
            "organisation": place.name.replace("'", "’"),
            "project": drawn.code,
            "language": "fr",
            "email": f"{slug(given)}.{slug(family)}@m{place.code}.example",
        }
    ]


def slug(text: str) -> str:
    """Plain letters of a name."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z-]", "", plain)
