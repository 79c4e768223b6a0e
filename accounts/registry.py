"""The official directory as shipped, read into plain rows, and its difference from what is stored. Pure.

A row is a mapping of our column names; the key of an organisation is (scheme, code).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Key = tuple[str, ...]

KINDS = {
    "municipalite_locale": "municipality",
    "territoire_non_organise": "unorganised",
    "territoire_autochtone": "land",
}
APPLICANTS = frozenset({"municipality", "mrc", "regional"})
FRENCH_AND_OTHER = frozenset({"07", "08", "20", "21", "22", "23"})  # Cree, Naskapi, Inuit and other bodies


@dataclass(frozen=True)
class Files:
    """What the files hold."""

    regions: list[Row]
    territories: list[Row]
    organisations: list[Row]
    replaced: dict[str, str]  # old code géographique → new one


@dataclass(frozen=True)
class Change:
    """One row that differs: the columns that change, before and after."""

    key: Key
    name: str
    fields: dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Difference:
    """What an import would do to one kind of row."""

    added: list[Row] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    gone: list[Key] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone)


def read_csv(path: Path) -> list[dict[str, str]]:
    """The lines of a file, each a mapping of its header."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def read_files(folder: Path) -> Files:
    """Read the four files of a folder."""
    replaced = read_csv(folder / "codes_remplaces_2022_2026.csv")
    territories = [_territory(line) for line in read_csv(folder / "mrc.csv")]
    bodies = [_municipality(line) for line in read_csv(folder / "municipalites.csv")]
    bodies += [
        _mrc(line)
        for line in read_csv(folder / "mrc.csv")
        if line["mrc_code"] or line["type"].startswith("Adm")
    ]
    regions = [
        {"code": line["region_code"], "name": line["nom"]} for line in read_csv(folder / "regions.csv")
    ]
    return Files(
        regions, territories, bodies, {line["code_ancien"]: line["code_nouveau"] for line in replaced}
    )


def _territory(line: Mapping[str, str]) -> Row:
    return {
        "code": line["territoire_code"],
        "name": line["nom"],
        "kind": line["type"],
        "mrc_code": line["mrc_code"],
        "region_id": line["region_code"],
    }


def _municipality(line: Mapping[str, str]) -> Row:
    kind = KINDS[line["categorie"]]
    if line["designation_code"] == "40":
        kind = "regional"
    return {
        "scheme": "qc",
        "code": line["code"],
        "name": line["nom"],
        "kind": kind,
        "designation_code": line["designation_code"],
        "designation": line["designation"],
        "region_id": line["region_code"],
        "territory_id": line["territoire_code"] or None,
        "mrc_code": line["mrc_code"],
        "mrc_name": line["mrc"],
        "metropolitan_community": line["communaute_metropolitaine"],
        "population": int(line["population"]) if line["population"] else None,
        "address": line["adresse_bureau"],
        "locality": line["localite_bureau"],
        "postal_address": line["adresse_postale"],
        "postal_locality": line["localite_postale"],
        "postal_code": line["code_postal"],
        "website": line["site_web"],
        "lat": line["lat"] or None,
        "lon": line["lon"] or None,
        "language_regime": "fr_plus_autre" if line["designation_code"] in FRENCH_AND_OTHER else "fr",
        "is_applicant": kind in APPLICANTS,
    }


def _mrc(line: Mapping[str, str]) -> Row:
    """An MRC, or the regional administration, which has no code of MRC and keeps that of its territory."""
    is_mrc = bool(line["mrc_code"])
    blank = dict.fromkeys(
        (
            "metropolitan_community",
            "address",
            "locality",
            "postal_address",
            "postal_locality",
            "postal_code",
            "website",
        ),
        "",
    )
    return {
        "scheme": "mrc",
        "code": line["mrc_code"] or line["territoire_code"],
        "name": line["nom"],
        "kind": "mrc" if is_mrc else "regional",
        "designation_code": "",
        "designation": "MRC" if is_mrc else line["type"],
        "region_id": line["region_code"],
        "territory_id": line["territoire_code"],
        "mrc_code": line["mrc_code"],
        "mrc_name": line["nom"] if is_mrc else "",
        **blank,
        "population": int(line["population"]) if line["population"] else None,
        "lat": line["lat"] or None,
        "lon": line["lon"] or None,
        "language_regime": "fr" if is_mrc else "fr_plus_autre",
        "is_applicant": True,
    }


def difference(wanted: Iterable[Row], stored: Mapping[Key, Row], keys: tuple[str, ...]) -> Difference:
    """Rows to add, columns to change, keys that left; both sides in the order of their keys."""
    added: list[Row] = []
    changed: list[Change] = []
    seen: set[Key] = set()
    for row in sorted(wanted, key=lambda one: tuple(one[name] for name in keys)):
        key = tuple(str(row[name]) for name in keys)
        if key in seen:
            raise ValueError(f"the directory holds {key} twice")
        seen.add(key)
        before = stored.get(key)
        if before is None:
            added.append(row)
            continue
        fields = {name: (before.get(name), value) for name, value in row.items() if before.get(name) != value}
        if fields:
            changed.append(Change(key, row["name"], fields))
    return Difference(added, changed, sorted(set(stored) - seen))
