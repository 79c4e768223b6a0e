"""Elasticsearch: the one file that knows its client. It gives identifiers, newest first; it never answers alone.

One source lives behind aliases: NAME, which is asked, and one NAME-in-… for each index that is written to (two while
a new one is filled). Indices carry the print of their mapping and are never changed, only replaced. A version kept
outside the index sees to it that an older document never replaces a newer one.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from secrets import token_hex
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError
from elasticsearch.dsl import Keyword, Long, Q, Search, Text, analyzer, token_filter
from elasticsearch.dsl import Mapping as Fields
from elasticsearch.helpers import streaming_bulk

from search import words
from search.declare import WEIGHTS, Away, Document, Unfit, Zone
from search.words import Word

SEARCH_SECONDS = 1.5  # a page does not wait longer before it asks the database
FEED_SECONDS = 3.0
FILL_SECONDS = 60.0
SILENCE = 10.0  # seconds without asking a server that did not answer
GRACE = 3.0  # seconds that a replaced index still answers those who had begun to ask it
FORGOTTEN = 6 * 3600  # seconds after which an index that was never finished is taken away
REVISIONS = 1 << 40  # of one version
AT_ONCE = 500
FIRST, NEXT = 1001, 4000  # documents in the first answer, in those that follow
SHOWN = "timed_out,_shards.failed,hits.hits.sort,hits.hits._score,hits.hits.matched_queries"  # half the bytes
TEXTS: tuple[Zone, ...] = ("head", "title", "summary", "body", "files")

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Hits(NamedTuple):
    """Some documents that hold every word: how well each answers, and which hold every word at the head."""

    scores: dict[int, float]
    heads: frozenset[int]
    score_at_head: float  # of those, the rest of them unread


# --- the server -------------------------------------------------------------------------------------------
class _Silence:
    """Until when this process does not ask the server again."""

    until = 0.0


def forget_silence() -> None:
    """Ask again at once (after a change of address)."""
    _Silence.until = 0.0


def client() -> Elasticsearch:
    """The client of this process, for the address of the settings."""
    return _client(settings.ELASTICSEARCH_URL, os.getpid())


@cache
def _client(url: str, _process: int) -> Elasticsearch:
    return Elasticsearch(url, max_retries=0, retry_on_timeout=False, request_timeout=FEED_SECONDS)


def _ask(work: Callable[[Elasticsearch], T], seconds: float) -> T:
    """Do something with the server; `Away` when it does not answer in time or has no index."""
    if time.monotonic() < _Silence.until:
        raise Away("the search server did not answer a moment ago")
    try:
        return work(client().options(request_timeout=seconds))
    except NotFoundError as fault:
        raise Away(f"no index: {fault.message}") from fault
    except TransportError as fault:
        _Silence.until = time.monotonic() + SILENCE
        raise Away(f"{type(fault).__name__}: {fault}"[:200]) from fault
    except ApiError as fault:
        if fault.meta.status in (429, 502, 503, 504):
            _Silence.until = time.monotonic() + SILENCE
            raise Away(f"{fault.meta.status}: {fault.message}"[:200]) from fault
        logger.exception("the search server refused a request")
        raise Unfit(f"{fault.meta.status}: {fault.message}"[:200]) from fault


# --- the index --------------------------------------------------------------------------------------------
def fields() -> Fields:
    """The mapping: what is found by words, by the beginning of words of the head, by place."""
    french = analyzer(
        "jalon_fr",
        tokenizer="standard",
        filter=[
            token_filter(
                "jalon_elision",
                "elision",
                articles_case=True,
                articles=list(words.ARTICLES),
            ),
            "lowercase",
            "asciifolding",
            token_filter("jalon_stemmer", "stemmer", language="french"),
        ],
    )
    plain = analyzer("jalon_plain", tokenizer="standard", filter=["lowercase", "asciifolding"])
    made = Fields()
    made.meta("dynamic", "strict")
    made.meta("_source", enabled=False)  # identifiers come out, texts never do
    for zone in TEXTS:
        begun = {"begun": Text(analyzer=plain, norms=False)} if zone == "head" else {}
        made.field(zone, Text(analyzer=french, norms=False, fields=begun))
    made.field("places", Keyword())
    made.field("at", Long())
    made.field("key", Long())
    return made


@cache
def body() -> dict[str, Any]:
    """Settings and mapping of a new index."""
    made = fields()
    kept = {"number_of_shards": 1, "auto_expand_replicas": "0-1", "analysis": made._collect_analysis()}
    return {"settings": kept, "mappings": made.to_dict()}


def print_of_mapping() -> str:
    """Changes when the mapping does: an index with another one is replaced."""
    return hashlib.sha256(json.dumps(body(), sort_keys=True).encode()).hexdigest()[:8]


def alias(source: str) -> str:
    """The name that is asked."""
    return f"{settings.ELASTICSEARCH_INDEX}-{source.lower().replace('.', '-')}"


def _behind(server: Elasticsearch, name: str) -> list[str]:
    """The indices behind an alias."""
    try:
        return sorted(server.indices.get_alias(name=name).body)
    except NotFoundError:
        return []


def _fed(server: Elasticsearch, name: str) -> list[str]:
    """The aliases that are written to, one an index: none is made by writing to it."""
    found = server.indices.get_alias(name=f"{name}-in-*").body.values()
    return sorted(one for index in found for one in index["aliases"] if one.startswith(f"{name}-in-"))


def is_current(source: str) -> bool:
    """True when there is an index to ask, with the mapping of today."""
    asked = _ask(lambda server: _behind(server, alias(source)), FEED_SECONDS)
    return len(asked) == 1 and f"-{print_of_mapping()}-" in asked[0]


def refresh(source: str) -> None:
    """Show what was written, now (tests, and the end of a filling)."""
    _ask(lambda server: server.indices.refresh(index=_fed(server, alias(source))), FILL_SECONDS)


# --- writing ----------------------------------------------------------------------------------------------
def _action(one: Document, index: str) -> dict[str, Any]:
    """A document as it is written: words are cut and folded as on every backend, the index stems them."""
    said = {zone: " ".join(words.folded_words(getattr(one, zone))) for zone in TEXTS}
    return {
        "_op_type": "index",
        "_index": index,
        "require_alias": True,
        "_id": str(one.key),
        "version": one.version * REVISIONS + one.revision,
        "version_type": "external_gte",
        "_source": {**said, "places": list(one.places), "at": one.at, "key": one.key},
    }


def _write(server: Elasticsearch, actions: Iterable[dict[str, Any]]) -> int:
    """Send, in pieces; a newer version that stands already is no fault. How many were written."""
    written = 0
    for is_done, said in streaming_bulk(server, actions, chunk_size=AT_ONCE, raise_on_error=False):
        status = next(iter(said.values())).get("status")
        if not is_done and status not in (404, 409):
            raise Unfit(f"a document was refused: {str(said)[:300]}")
        written += is_done
    return written


def index(source: str, documents: Sequence[Document]) -> None:
    """Write documents everywhere they are fed to.

    Read them first, then call this: an index that begins to be filled after the question below reads what is
    at least as new.
    """

    def write(server: Elasticsearch) -> None:
        targets = _fed(server, alias(source))
        if not targets:
            raise Away("there is no index yet")
        _write(server, (_action(one, name) for name in targets for one in documents))

    _ask(write, FEED_SECONDS)


def drop(source: str, keys: Sequence[int]) -> None:
    """Take documents out, unless a newer version arrives meanwhile."""

    def take(server: Elasticsearch) -> None:
        for name in _fed(server, alias(source)):
            for start in range(0, len(keys), AT_ONCE):
                asked = [str(key) for key in keys[start : start + AT_ONCE]]
                there = server.mget(index=name, ids=asked, source=False).body["docs"]
                _write(server, (_gone(name, one) for one in there if one.get("found")))

    _ask(take, FEED_SECONDS)


def _gone(index: str, found: Mapping[str, Any]) -> dict[str, Any]:
    version = {"version": found["_version"], "version_type": "external_gte"}
    return {"_op_type": "delete", "_index": index, "_id": found["_id"], **version}


def rebuild(source: str, batches: Callable[[], Iterable[Sequence[Document]]]) -> int:
    """Fill a new index, then let it take the place of the one that is asked, in one move; how many documents.

    What is written meanwhile goes to both, and there is no instant without an index to ask.
    """
    name, stamp = alias(source), f"{datetime.now(UTC):%Y%m%d%H%M%S}"
    mark = f"{print_of_mapping()}-{stamp}-{token_hex(3)}"
    fresh, entry = f"{name}-{mark}", f"{name}-in-{mark}"
    forget_silence()
    _ask(lambda server: server.indices.create(index=fresh, aliases={entry: {}}, **body()), FILL_SECONDS)
    try:
        # read only once the index is fed: what changes after that is written by who changes it
        actions = (_action(one, entry) for one in chain.from_iterable(batches()))
        written = _ask(lambda server: _write(server, actions), FILL_SECONDS)
        _ask(lambda server: server.indices.refresh(index=fresh), FILL_SECONDS)
        replaced = _ask(lambda server: _swap(server, name, fresh), FILL_SECONDS)
    except BaseException:
        with suppress(Away):
            _ask(lambda server: server.indices.delete(index=fresh, ignore_unavailable=True), FEED_SECONDS)
        raise
    if replaced:
        time.sleep(GRACE)
    _ask(lambda server: _sweep(server, name, replaced), FILL_SECONDS)
    return written


def _swap(server: Elasticsearch, name: str, fresh: str) -> list[str]:
    """One move of the aliases; the indices that are neither asked nor fed any more."""
    replaced = _behind(server, name)
    actions: list[dict[str, Any]] = [{"add": {"index": fresh, "alias": name}}]
    for old in replaced:
        actions.append({"remove": {"index": old, "aliases": [name, f"{name}-in-*"]}})
    server.indices.update_aliases(actions=actions)
    return replaced


def _sweep(server: Elasticsearch, name: str, replaced: Sequence[str]) -> None:
    """Take away what was replaced, and what somebody began to fill long ago and never finished."""
    limit = f"{datetime.fromtimestamp(time.time() - FORGOTTEN, UTC):%Y%m%d%H%M%S}"
    asked, fed = _behind(server, name), _behind(server, f"{name}-in-*")
    stale = [one for one in fed if one not in asked and one.rsplit("-", 2)[1] < limit]
    for one in {*replaced, *stale}:
        server.indices.delete(index=one, ignore_unavailable=True)


# --- asking -----------------------------------------------------------------------------------------------
def hits(source: str, wanted: Sequence[Word], within: Sequence[Sequence[str]] = ()) -> Iterator[Hits]:
    """The documents that hold every word, newest first, an answer at a time: stop when there is enough.

    `within`: of each group, one place at least.
    """
    asked = Search(index=alias(source)).query(_query(wanted)).sort("-at", "-key")
    for places in within:
        asked = asked.filter("terms", places=list(places))
    asked = asked.extra(track_scores=True, track_total_hits=False, stored_fields="_none_")
    size, after = FIRST, None
    while True:
        sent = asked.extra(size=size, **({"search_after": after} if after else {})).to_dict()
        answer = _search(alias(source), sent)
        if answer["timed_out"] or answer["_shards"]["failed"]:
            raise Away("the index answered in part")
        rows = answer.get("hits", {}).get("hits", [])
        named = {row["sort"][1]: row for row in rows}
        yield Hits(
            {key: float(row["_score"]) for key, row in named.items()},
            frozenset(key for key, row in named.items() if row.get("matched_queries")),
            len(wanted) * WEIGHTS["head"],
        )
        if len(rows) < size:
            return
        after, size = rows[-1]["sort"], NEXT


def _search(name: str, sent: dict[str, Any]) -> Any:
    return _ask(lambda server: server.search(index=name, filter_path=SHOWN, **sent).body, SEARCH_SECONDS)


def _query(wanted: Sequence[Word]) -> Any:
    """Every word somewhere; each zone that holds it weighs, and nothing of any other document does."""
    everywhere = [_anywhere(one) for one in wanted]
    at_head = Q("bool", filter=[_at_head(one) for one in wanted], boost=0, _name="head")
    return Q("bool", must=everywhere, should=[at_head])


def _anywhere(one: Word) -> Any:
    zones = [_at_head(one)]
    for zone in TEXTS[1:]:
        matched = Q("match", **{zone: {"query": one.folded, "operator": "and"}})
        zones.append(Q("constant_score", filter=matched, boost=WEIGHTS.get(zone, 0.0)))
    return Q("bool", should=zones, minimum_should_match=1)


def _at_head(one: Word) -> Any:
    """Names and numbers are found by the beginning of their words too."""
    ways = [Q("match", head={"query": one.folded, "operator": "and"})]
    if one.may_start:
        ways.append(Q("prefix", **{"head.begun": {"value": one.folded}}))
    return Q("constant_score", filter=Q("bool", should=ways, minimum_should_match=1), boost=WEIGHTS["head"])
