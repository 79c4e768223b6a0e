"""SQLite: a virtual table of FTS5 over folded and stemmed words, one column a zone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models.expressions import RawSQL

from search import words
from search.declare import WEIGHTS, ZONES, Document
from search.models import Indexed
from search.words import Word

TABLE = "search_words"  # made by the migrations
UPSERT = (
    "INSERT INTO search_indexed (source, key, version, revision, head, title, summary, body, files) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (source, key) DO UPDATE SET version = excluded.version, revision = excluded.revision, "
    "head = excluded.head, title = excluded.title, summary = excluded.summary, body = excluded.body, "
    "files = excluded.files WHERE (search_indexed.version, search_indexed.revision) "
    "<= (excluded.version, excluded.revision) RETURNING id"
)
AT_ONCE = 400  # keys in a statement


def index(source: str, documents: Sequence[Document]) -> None:
    """Write documents and their words together."""
    with transaction.atomic(), connection.cursor() as cursor:
        for one in documents:
            said = [one.head, one.title, one.summary, one.body, one.files]
            cursor.execute(UPSERT, [source, one.key, one.version, one.revision, *said])
            row = cursor.fetchone()
            if row is None:  # a newer version stands already
                continue
            cursor.execute(f"DELETE FROM {TABLE} WHERE rowid = %s", [row[0]])  # noqa: S608
            cursor.execute(
                f"INSERT INTO {TABLE} (rowid, {', '.join(ZONES)}, files) "  # noqa: S608
                "VALUES (%s, %s, %s, %s, %s, %s)",
                [row[0], _head(one.head), *(_stems(text) for text in said[1:])],
            )


def _stems(text: str) -> str:
    return " ".join(words.stems(text))


def _head(text: str) -> str:
    """Names and numbers are found by their stems and by the beginning of their words."""
    folded = words.folded_words(text)
    return " ".join([*folded, *(words.stem(one) for one in folded)])


def drop(source: str, keys: Sequence[int]) -> None:
    """Take documents and their words out."""
    for start in range(0, len(keys), AT_ONCE):
        rows = Indexed.objects.filter(source=source, key__in=keys[start : start + AT_ONCE])
        with transaction.atomic(), connection.cursor() as cursor:
            found = list(rows.values_list("pk", flat=True))
            cursor.executemany(f"DELETE FROM {TABLE} WHERE rowid = %s", [(pk,) for pk in found])  # noqa: S608
            rows.filter(pk__in=found).delete()


def find(source: str, wanted: Sequence[Word], *, head_only: bool) -> Any:
    """Keys of the documents that hold every word."""
    # the words first: a join lets SQLite ask them again for every document
    words_of = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s"  # noqa: S608
    sql = f"SELECT key FROM search_indexed WHERE id IN ({words_of}) AND source = %s"  # noqa: S608
    return RawSQL(sql, (match(wanted, head_only=head_only), source))  # noqa: S611


def match(wanted: Sequence[Word], *, head_only: bool) -> str:
    """A query of FTS5: words are letters and digits only, and quoted one by one all the same."""
    parts = []
    for one in wanted:
        begun = f' OR {{head}} : "{one.folded}" *' if one.may_start else ""
        parts.append(f'({"{head} : " if head_only else ""}"{one.stem}"{begun})')
    return " AND ".join(parts)


def rank(source: str, wanted: Sequence[Word], keys: Sequence[int], *, head_only: bool) -> dict[int, float]:
    """Weights of the zones that hold the words, a little more for each repetition.

    The ranking of FTS5 weighs a word by how rare it is in the whole index: it would tell of documents that this
    person may not see.
    """
    zones = ZONES[:1] if head_only else ZONES
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT i.key, {', '.join('w.' + zone for zone in zones)} FROM search_indexed i "  # noqa: S608
            f"JOIN {TABLE} w ON w.rowid = i.id "
            "WHERE i.source = %s AND i.key IN (SELECT value FROM json_each(%s))",
            [source, json.dumps(list(keys))],
        )
        return {key: _score(wanted, said) for key, *said in cursor.fetchall()}


def _score(wanted: Sequence[Word], said: Sequence[str]) -> float:
    score = 0.0
    for zone, text in zip(ZONES, said, strict=False):
        padded = f" {text} "
        for one in wanted:
            times = padded.count(f" {one.stem} ")
            if zone == "head" and one.may_start and not times:
                times = padded.count(f" {one.folded}")
            score += WEIGHTS[zone] * times / (times + 1.0)
    return score
