"""Dossiers counted by what the filters of a list offer: one statement counts, one names what was counted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import Count, QuerySet, TextField, Value
from django.db.models.functions import Cast

from accounts.models import User
from grants.models import Edition
from workflows import schema
from workflows.models import Definition
from workflows.schema import Process

if TYPE_CHECKING:
    from applications.models import Dossier


@dataclass(frozen=True)
class Group:
    """Dossiers that share what the filters read; `process` is the digest of its definition."""

    call: int
    state: str
    stage: str
    region: str
    analyst: int | None
    process: str
    n: int
    code: str = ""
    title: Any = ""
    analyst_name: str = ""
    analyst_sort: str = ""


KINDS = ("call_id", "readable_state", "readable_stage", "region_code", "analyst_id")


def groups(rows: QuerySet[Dossier]) -> list[Group]:
    """Count the rows by everything the filters offer: one statement counts, one names what was counted."""
    counted = _counted(rows, "edition_id")
    calls, people = _names({row[5] for row in counted}, {row[4] for row in counted if row[4]})
    found = []
    for call, state, stage, region, analyst, edition, n in counted:
        code, title, process = calls[edition]
        name, sort = people.get(analyst, ("", ""))
        found.append(Group(call, state, stage, region, analyst, process, n, code, title, name, sort))
    return found


def situations_of(rows: QuerySet[Dossier]) -> list[Group]:
    """Count them for a page that names neither calls nor analysts: one statement."""
    return [Group(*row) for row in _counted(rows, "edition__definition__digest")]


def _counted(rows: QuerySet[Dossier], process: str) -> list[tuple[Any, ...]]:
    plain = rows.select_related(None).order_by()
    return list(plain.values_list(*KINDS, process).annotate(n=Count("pk")))


def _names(editions: set[int], analysts: set[int]) -> tuple[dict[int, Any], dict[int, Any]]:
    """Code, title and process of the call of each edition; name and sort name of each analyst: one statement."""
    if not editions:
        return {}, {}
    title: Any = Cast("call__title", TextField())
    of_calls = Edition.objects.filter(pk__in=editions).order_by()
    of_people = User.objects.filter(pk__in=analysts).order_by()
    found = of_calls.values_list(Value(0), "pk", "call__code", title, "definition__digest").union(
        of_people.values_list(Value(1), "pk", "given_name", "family_name", "sort_name"), all=True
    )
    calls: dict[int, Any] = {}
    people: dict[int, Any] = {}
    for kind, key, one, two, three in found:
        if kind:
            people[key] = (f"{one} {two}".strip(), three)
        else:
            calls[key] = (one, json.loads(two), three)
    return calls, people


@lru_cache(maxsize=64)
def process_with(digest: str) -> Process:
    """The process whose text has this digest: read once, it never changes."""
    row = Definition.objects.filter(digest=digest).first()
    if row is None:
        raise LookupError(f"no definition has the digest {digest}")
    return schema.parse(row.body)
