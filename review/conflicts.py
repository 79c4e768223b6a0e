"""Hints of a conflict of interest, from facts alone: a person declares, this only points.

Pure core: `hints(case)` takes and returns plain data; `python -m review.conflicts < case.json` runs it alone.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from workflows.casefile import BadInput, items, record, run, show, text, unique
from workflows.conditions import is_date

YEARS = 3
"""How long a former employer still counts."""
_HOLLOW = frozenset(
    re.findall(
        r"[a-z]+",
        "a au aux cie compagnie corp corporation d de des du en enr et inc incorporee l la le les ltd ltee "
        "limitee mrc municipalite paroisse regie s senc sencrl srl the ville village canton cantons unis",
    )
)
"""Words of a name that tell nobody apart."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body of the dossier."""

    code: str
    name: str
    mrc: str | None


def fold(name: str) -> tuple[str, ...]:
    """The words of a name that tell it from others: no accents, no case, no legal form."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    found = re.findall(r"[^\W_]+", bare)
    return tuple(word for word in found if word not in _HOLLOW) or tuple(found)


def _names(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one name stands whole inside the other."""
    short, long = sorted((one, other), key=len)
    if not short or (len(short) < len(long) and len("".join(short)) < 4):
        return False
    return any(long[at : at + len(short)] == short for at in range(len(long) - len(short) + 1))


def _day(data: object, where: str) -> date:
    if not isinstance(data, str) or not is_date(data):
        raise BadInput(f"{where} must be a day written YYYY-MM-DD, not {show(data)}.")
    return date.fromisoformat(data)


def _code(data: object, where: str) -> str | None:
    return None if data is None else text(data, where)


def _employers(data: object, today: date) -> list[str]:
    """The employers that still count on that day."""
    names: list[str] = []
    for entry in items(data, "The employers"):
        given = record(entry, "An employer", ["name"], ["until"])
        name, until = text(given["name"], "The name of an employer"), given.get("until")
        left = None if until is None else _day(until, f"The end at employer {show(name)}")
        if left is None or (today.year - left.year, (today.month, today.day)) <= (
            YEARS,
            (left.month, left.day),
        ):
            names.append(name)
    return sorted(set(names))


def _bodies(data: object) -> list[Body]:
    bodies: list[Body] = []
    for entry in items(data, "The bodies"):
        given = record(entry, "A body", ["code", "name", "mrc"])
        code = text(given["code"], "The code of a body")
        name = text(given["name"], f"The name of body {show(code)}")
        bodies.append(Body(code, name, _code(given["mrc"], f"The MRC of body {show(code)}")))
    unique([each.code for each in bodies], "The body")
    return sorted(bodies, key=lambda each: each.code)


def hints(case: object) -> list[dict[str, str]]:
    """The ties that the facts show between a person and a dossier, each with what it is about."""
    given = record(case, "The case", ["on", "person", "bodies", "suppliers"])
    person = record(given["person"], "The person", ["municipality", "mrc", "employers"])
    home = _code(person["municipality"], "The municipality of the person")
    region = _code(person["mrc"], "The MRC of the person")
    employers = _employers(person["employers"], _day(given["on"], "The key 'on'"))
    bodies = _bodies(given["bodies"])
    suppliers = sorted({text(each, "A supplier") for each in items(given["suppliers"], "The suppliers")})
    found: list[dict[str, str]] = []
    for body in bodies:
        if home is not None and body.code == home:
            found.append({"code": "same_municipality", "body": body.code, "name": body.name})
        elif region is not None and region in (body.mrc, body.code):
            found.append({"code": "same_mrc", "body": body.code, "name": body.name})
        found += [
            {"code": "employer_is_body", "body": body.code, "name": body.name, "employer": employer}
            for employer in employers
            if _names(fold(employer), fold(body.name))
        ]
    found += [
        {"code": "employer_is_supplier", "name": supplier, "employer": employer}
        for supplier in suppliers
        for employer in employers
        if _names(fold(employer), fold(supplier))
    ]
    return found


if __name__ == "__main__":
    raise SystemExit(run(hints))
