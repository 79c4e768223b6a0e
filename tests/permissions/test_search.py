"""Search: what a person may not see leaves no trace in hits, counts, facets, excerpts or number of pages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from applications import searching
from applications.models import Body, Dossier
from grants.models import Call
from search import feed, interface
from search.declare import Document
from tests.permissions.asking import TakenBack
from tests.permissions.test_statements import twin
from tests.permissions.world import WORDS, World
from web import clock, home

pytestmark = pytest.mark.django_db
LABEL = "applications.Dossier"
ABSENT = "Introuvable-mot"
# Of the planted words, those that a filed version holds; the others are in no index at all.
HELD = (
    "Gadolinium-depot",
    "Lutecium-titre",
    "terbium-piece.pdf",
    "Zirconium-affaires",
    "holmium-devis.pdf",
    "Praseodyme-offre",
)
COMMON = "cherchons"
CAST = ("analyst", "auditor", "secretary", "reviewer", "recused_analyst", "chair", "undeclared", "signatory")
CAST += ("other", "claimant", "technical", "elsewhere", "stranger")


@pytest.fixture(autouse=True)
def _index_of_the_database(settings: Any) -> None:
    """These are its questions, whatever the settings; the index outside has its own tests (test_search_outside.py)."""
    settings.SEARCH_BACKEND = "database"


def page(client: Client, text: str, more: str = "") -> str:
    """The page as a browser gets it."""
    answer = client.get(f"{reverse('search')}?q={text}{more}")
    assert answer.status_code == 200
    return answer.content.decode()


def signless(html: str) -> str:
    """A page without the token of its forms and the seconds left, which are new at each request."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|data-left="\d+"', "", html)


def numbers(html: str) -> set[str]:
    """The dossiers that a page names."""
    return set(re.findall(r'href="/(?:en/)?dossiers/(\d+)/"', html))


def drawn(kept: World, role: str, text: str, more: str = "") -> str:
    """Everything that the page is drawn from, what was typed left out."""
    person: Any = kept.who(role)
    face: Any = "staff" if home.is_staff(person) else "applicant"
    found = searching.results(person, clock.now(), face, QueryDict(f"q={text}{more}"))
    return repr(found).replace(text, "…")


def people(kept: World) -> list[str]:
    """Everybody who may sign in."""
    return [role for role, person in kept.people.items() if person is not None and role != "suspended"]


def test_a_planted_word_is_as_absent_as_a_word_that_nobody_wrote(
    kept: World, clients: dict[str, Client]
) -> None:
    for word in set(WORDS) - set(HELD):
        assert not Dossier.objects.filter(pk__in=interface.find(LABEL, word)).exists(), word
    for word in HELD:
        assert Dossier.objects.filter(pk__in=interface.find(LABEL, word)).exists(), word
    for more in ("", "&tri=date&page=2&region=12&appel=FLIN-REVUE"):
        for role in people(kept):
            gone = drawn(kept, role, ABSENT, more)
            for word in HELD:
                if role not in WORDS[word]:
                    assert drawn(kept, role, word, more) == gone, (word, role, more)
    for role, word in (("other", HELD[0]), ("other", HELD[1]), ("other", HELD[2]), ("signatory", HELD[3])):
        assert "<mark>" in page(clients[role], word), (role, word)
    for role in ("reviewer", "peer", "chair", "analyst", "auditor", "secretary"):
        assert "('Zirconium', True)" in drawn(kept, role, "zirconium"), role
    for role in ("stranger", "undeclared", "recused_reviewer", "technical"):
        there, gone = (signless(page(clients[role], text)) for text in ("zirconium", ABSENT))
        assert there.replace("zirconium", ABSENT) == gone


def all_marked(kept: World) -> int:
    """Every dossier in the index with one common word, thirty more in review that no reviewer was given."""
    first = kept.dossiers["review"]
    lead = first.bodies.get(role="lead").organisation
    for place in range(30):
        made = twin(first, number=f"{first.number}-{place}", title=f"Projet {place}", region_code="10")
        Body.objects.create(dossier=made, organisation=lead, role="lead")
    feed.rebuild(LABEL)
    rows = list(Dossier.objects.filed())
    interface.index(
        LABEL,
        [
            Document(row.pk, 9, f"{row.number} {row.lead_name}", row.title, body=f"Nous {COMMON} {row.pk}.")
            for row in rows
        ],
    )
    return len(rows)


def test_all_is_the_same_when_the_index_holds_only_what_one_may_read(kept: World) -> None:
    """Hits, counts, facets, excerpts, order and pages come from the trimmed rows."""
    total = all_marked(kept)
    views = ("", "&tri=date&page=2", "&page=99&region=10", "&etape=etape-hidden&appel=FLIN-REVUE")
    counts: dict[str, int] = {}
    for role in CAST:
        person: Any = kept.who(role)
        mine = Dossier.objects.visible_to(person).filed().with_readable_content(person, clock.now())
        readable = set(mine.filter(content_readable=True).values_list("pk", flat=True))
        before = [drawn(kept, role, COMMON, more) for more in views]
        counts[role] = len(readable)
        with TakenBack():
            others = Dossier.objects.exclude(pk__in=readable).values_list("pk", flat=True)
            interface.drop(LABEL, list(others))
            assert [drawn(kept, role, COMMON, more) for more in views] == before, role
    assert total > counts["analyst"] > 30
    assert counts["reviewer"] < 5
    assert counts["technical"] == counts["stranger"] == counts["undeclared"] == 0


def test_counts_facets_and_pages(kept: World, clients: dict[str, Client]) -> None:
    all_marked(kept)
    analyst, reviewer = page(clients["analyst"], COMMON), page(clients["reviewer"], COMMON)
    assert "1 à 20 sur" in analyst
    assert "page=2" in analyst
    assert "page=2" not in reviewer
    assert len(numbers(page(clients["analyst"], COMMON, "&page=2"))) > 5
    narrowed = page(clients["analyst"], COMMON, "&region=10")
    assert "30 dossiers" in narrowed
    assert 'value="10" checked' in narrowed
    odd = page(clients["analyst"], COMMON, "&region=zz&etape=%00&page=x&tri=zz")
    assert not numbers(odd)
    assert "Chercher partout" in odd


def test_beyond_the_bound_filters_are_applied_by_the_database(
    kept: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_marked(kept)
    monkeypatch.setattr(searching, "BOUND", 5)
    person: Any = kept.who("analyst")
    whole = searching.results(person, clock.now(), "staff", QueryDict(f"q={COMMON}"))
    assert (whole.total, whole.total_words, len(whole.rows)) == (5, "plus de 5", 5)
    other = QueryDict(f"q={COMMON}&appel=FLIN-DECIDE&tri=date")
    narrowed = searching.results(person, clock.now(), "staff", other)
    assert narrowed.rows
    assert {row.call["fr"] for row in narrowed.rows} == {kept.calls["decided"].title["fr"]}
    odd = searching.results(person, clock.now(), "staff", QueryDict(f"q={COMMON}&appel=FLIN-ABSENT"))
    assert (odd.total, [chip.label for chip in odd.chips]) == (0, ["FLIN-ABSENT"])


def test_before_the_closing_staff_find_number_and_body_only(kept: World, clients: dict[str, Client]) -> None:
    early = kept.dossiers["early"]
    for role in ("analyst", "manager", "secretary", "auditor", "authority"):
        found = drawn(kept, role, early.number)
        assert f"/dossiers/{early.pk}/" in found, role
        assert "Lutecium" not in found
        assert "Gadolinium" not in found
        assert f"/dossiers/{early.pk}/" not in drawn(kept, role, f"{early.number} Gadolinium")
    listed = clients["analyst"].get("/dossiers/?q=Gadolinium").content.decode()
    assert str(early.number) not in listed
    assert "Lutecium" in page(clients["other"], early.number)
    Call.objects.filter(pk=early.call_id).update(closes_at=clock.now() - timedelta(minutes=1))
    assert "<mark>Gadolinium</mark>" in page(clients["analyst"], "gadolinium")
    assert str(early.number) in clients["analyst"].get("/dossiers/?q=Gadolinium").content.decode()


def test_unread_content_moves_no_row(kept: World) -> None:
    """Before the closing the order of what staff find does not read the answers."""
    early = kept.dossiers["early"]
    rows = [early, *(twin(early, number=f"{early.number}-{place}") for place in range(3))]
    lead = early.bodies.get(role="lead").organisation
    for row in rows[1:]:
        Body.objects.create(dossier=row, organisation=lead, role="lead")
    plain = [Document(row.pk, 9, head=f"{row.number} {row.lead_name}") for row in rows]
    interface.index(LABEL, plain)
    before = {role: drawn(kept, role, "Rimouski") for role in ("analyst", "manager", "other")}
    for row in rows:
        assert f"/dossiers/{row.pk}/" in before["analyst"]
    interface.index(
        LABEL, [replace(one, title="Rimouski", body="Rimouski " * n) for n, one in enumerate(plain)]
    )
    assert drawn(kept, "analyst", "Rimouski") == before["analyst"]
    assert drawn(kept, "manager", "Rimouski") == before["manager"]
    assert drawn(kept, "other", "Rimouski") != before["other"]  # its own municipality reads it


def test_the_list_and_search_agree(kept: World, clients: dict[str, Client]) -> None:
    for role in ("analyst", "reviewer", "signatory"):
        for text in ("cherchons", "FLIN-REVUE-0001", "l'eau"):
            rows = clients[role].get("/dossiers/", {"q": text}).content.decode()
            assert numbers(page(clients[role], text)) <= numbers(rows), (role, text)


def test_what_is_shown_is_escaped(kept: World, clients: dict[str, Client]) -> None:
    row = kept.dossiers["review"]
    text = "Un <b>capteur</b> & <script>x</script>"
    interface.index(LABEL, [Document(row.pk, 9, row.number, row.title, body=text)])
    found = page(clients["analyst"], "capteur+script", "&region=<script>y")
    assert "&lt;b&gt;<mark>capteur</mark>&lt;/b&gt; &amp; &lt;<mark>script</mark>&gt;" in page(
        clients["analyst"], "capteur+script"
    )
    assert "<script>x" not in found
    assert "<script>y" not in found
