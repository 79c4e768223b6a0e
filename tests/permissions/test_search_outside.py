"""Search on Elasticsearch: what one may not see leaves no trace, and nothing hidden takes a visible one’s place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from applications import looking, searching
from applications.models import Dossier
from search import elastic, feed
from search.declare import Document
from tests.permissions.asking import TakenBack
from tests.permissions.test_search import (
    ABSENT,
    COMMON,
    HELD,
    LABEL,
    all_marked,
    drawn,
    numbers,
    page,
    people,
)
from tests.permissions.world import WORDS, World
from tests.search.engines import Elastic, elasticsearch

pytestmark = [pytest.mark.django_db, pytest.mark.elastic]
VIEWS = ("", "&tri=date&page=2", "&etape=etape-hidden&appel=FLIN-REVUE")
SOME = ("analyst", "reviewer", "recused_analyst", "chair", "signatory", "claimant", "stranger")


@pytest.fixture(scope="module")
def outside() -> Iterator[Elastic]:
    with elasticsearch() as engine:
        yield engine


def marked_outside() -> list[Document]:
    """What `all_marked` put into the index of the database, outside too."""
    rows = list(Dossier.objects.filed().prefetch_related("bodies"))
    made = [
        Document(
            row.pk, 9, f"{row.number} {row.lead_name}", row.title, body=f"Nous {COMMON} {row.pk}.",
            places=(f"call:{row.call_id}", *(f"body:{one.organisation_id}" for one in row.bodies.all())),
            at=int(row.sort_at.timestamp() * 1_000_000),
        )
        for row in rows
    ]  # fmt: skip
    elastic.rebuild(LABEL, lambda: [made])
    return made


def test_a_planted_word_is_as_absent_as_a_word_that_nobody_wrote(kept: World, outside: Elastic) -> None:
    feed.rebuild(LABEL)
    feed.rebuild_outside(LABEL)
    for word in set(WORDS) - set(HELD):
        assert not outside.found(LABEL, word), word
    for word in HELD:
        assert outside.found(LABEL, word), word
    for role in people(kept):
        gone = drawn(kept, role, ABSENT)
        assert "is_away=False" in gone
        for word in HELD:
            if role not in WORDS[word]:
                assert drawn(kept, role, word) == gone, (word, role)
    assert "('Zirconium', True)" in drawn(kept, "analyst", "zirconium")


def test_all_is_the_same_when_the_index_holds_only_what_one_may_read(
    kept: World, outside: Elastic, settings: Any
) -> None:
    """Hits, counts, facets, excerpts, order and pages come from the trimmed rows, and are those of the database."""
    all_marked(kept)
    made = marked_outside()
    for role in SOME:
        person: Any = kept.who(role)
        readable = set(Dossier.objects.visible_to(person).filed().values_list("pk", flat=True))
        before = [drawn(kept, role, COMMON, more) for more in VIEWS]
        settings.SEARCH_BACKEND = "database"
        assert drawn(kept, role, COMMON, VIEWS[1]) == before[1], role
        settings.SEARCH_BACKEND = "elasticsearch"
        with TakenBack():
            elastic.drop(LABEL, [one.key for one in made if one.key not in readable])
            elastic.refresh(LABEL)
            assert [drawn(kept, role, COMMON, more) for more in VIEWS] == before, role
        elastic.index(LABEL, made)
        elastic.refresh(LABEL)


def test_no_hidden_dossier_takes_the_place_of_a_visible_one(
    kept: World, clients: dict[str, Client], outside: Elastic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index gives three at a time, the newest first; thirty newer ones are hidden from this reviewer."""
    all_marked(kept)
    marked_outside()
    whole = {role: numbers(page(clients[role], COMMON)) for role in ("reviewer", "signatory", "analyst")}
    assert whole["reviewer"]
    monkeypatch.setattr(elastic, "FIRST", 3)
    monkeypatch.setattr(elastic, "NEXT", 2)
    for role in ("reviewer", "signatory"):
        assert numbers(page(clients[role], COMMON)) == whole[role], role
    monkeypatch.setattr(searching, "BOUND", 5)
    assert drawn(kept, "analyst", COMMON).count("Result(") == 5


def test_places_hold_everything_that_one_may_see(kept: World) -> None:
    for role in people(kept):
        person: Any = kept.who(role)
        places = set(looking.places_of(person))
        for row in Dossier.objects.visible_to(person).filed().prefetch_related("bodies"):
            own = {f"call:{row.call_id}", *(f"body:{one.organisation_id}" for one in row.bodies.all())}
            assert own & places, (role, row.number)
        if role in ("stranger", "technical", "other"):
            assert not any(place.startswith("call:") for place in places), role
