"""PostgreSQL: full text with a configuration of our own (unaccent, then the French stemmer without stop words)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from search import words
from search.declare import WEIGHTS, Document
from search.models import Indexed
from search.words import Word

CONFIGURATION = "jalon_fr"  # made in the first migration
VECTOR = (
    f"setweight(to_tsvector('simple', %s) || to_tsvector('{CONFIGURATION}', %s), 'A') "
    f"|| setweight(to_tsvector('{CONFIGURATION}', %s), 'B') "
    f"|| setweight(to_tsvector('{CONFIGURATION}', %s), 'C') "
    f"|| setweight(to_tsvector('{CONFIGURATION}', %s), 'D')"
)
UPSERT = (
    "INSERT INTO search_indexed "  # noqa: S608
    "(source, key, version, revision, head, title, summary, body, files, ranked, vector) "
    f"SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, made.zones, made.zones || made.files FROM (SELECT {VECTOR} AS zones, "
    f"setweight(to_tsvector('{CONFIGURATION}', %s), 'D') AS files) made "
    "ON CONFLICT (source, key) DO UPDATE SET version = excluded.version, revision = excluded.revision, "
    "head = excluded.head, title = excluded.title, summary = excluded.summary, body = excluded.body, "
    "files = excluded.files, ranked = excluded.ranked, vector = excluded.vector "
    "WHERE (search_indexed.version, search_indexed.revision) <= (excluded.version, excluded.revision)"
)
RANKS = "{{{body}, {summary}, {title}, {head}}}".format(**WEIGHTS)
HEAD_RANKS = f"{{0, 0, 0, {WEIGHTS['head']}}}"


def index(source: str, documents: Sequence[Document]) -> None:
    """Write documents; words are cut and folded as on every backend, the database stems them."""
    with connection.cursor() as cursor:
        for one in documents:
            said = [one.head, one.title, one.summary, one.body, one.files]
            head, *zones = [" ".join(words.folded_words(text)) for text in said]
            cursor.execute(UPSERT, [source, one.key, one.version, one.revision, *said, head, head, *zones])


def drop(source: str, keys: Sequence[int]) -> None:
    """Take documents out."""
    Indexed.objects.filter(source=source, key__in=keys).delete()


def find(source: str, wanted: Sequence[Word], *, head_only: bool) -> Any:
    """Keys of the documents that hold every word."""
    query, sent = match(wanted, head_only=head_only)
    sql = f"SELECT key FROM search_indexed WHERE source = %s AND vector @@ ({query})"  # noqa: S608
    return RawSQL(sql, (source, *sent))  # noqa: S611


def match(wanted: Sequence[Word], *, head_only: bool) -> tuple[str, list[str]]:
    """A query, each word quoted; names and numbers are found by the beginning of their words too."""
    parts, sent = [], []
    for one in wanted:
        part = f"to_tsquery('{CONFIGURATION}', %s)"
        sent.append(f"'{one.folded}'{':A' if head_only else ''}")
        if one.may_start:
            part = f"({part} || to_tsquery('simple', %s))"
            sent.append(f"'{one.folded}':*A")
        parts.append(part)
    return " && ".join(parts), sent


def rank(source: str, wanted: Sequence[Word], keys: Sequence[int], *, head_only: bool) -> dict[int, float]:
    """`ts_rank`: the weights of the zones and the repetitions of a document alone."""
    query, sent = match(wanted, head_only=head_only)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT key, ts_rank(%s::real[], ranked, {query}) FROM search_indexed "  # noqa: S608
            "WHERE source = %s AND key = ANY(%s)",
            [HEAD_RANKS if head_only else RANKS, *sent, source, list(keys)],
        )
        return dict(cursor.fetchall())
