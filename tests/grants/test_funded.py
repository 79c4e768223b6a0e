"""The funded list behind its filters: what they leave, its sums, its file, odd addresses."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.models import Organisation
from grants import classes, funded, publication
from grants.models import Award, AwardTheme, Call
from tests.fixtures_calls import Flin, make_flin
from tests.grants.test_publication import SECRET, fund, refuse
from web import clock

pytestmark = pytest.mark.django_db
TOWNS = ("31056", "31084", "10070", "10043", "88057", "99025", "44037", "02005", "14050", "93080")
AMOUNTS = (24_999, 25_000, 49_999, 50_000, 99_999, 100_000, 249_999, 250_000, 500_000, 731_250)
THEMES = (["environnement"], ["environnement", "mobilite"], ["mobilite"], [], ["inclusion"])
Row = dict[str, Any]


def texts(number: int) -> tuple[str, str]:
    """A title and a summary."""
    found = (
        ("L’innovation numérique au service des lacs", "Trente enregistreurs mesurent l’eau des lacs."),
        ("Un cœur de village branché", "Des capteurs sur les patinoires municipales."),
        ("=SOMME(A1)", "Une épluchette citoyenne, données ouvertes."),
    )
    return found[number % len(found)]


@pytest.fixture
def listed(flin: Flin) -> list[Award]:
    """Ten projects of two calls, a refused one, and one that is not public yet."""
    other = make_flin("FLIN-AUTRE")
    now, made = clock.now(), []
    for number, (town, amount) in enumerate(zip(TOWNS, AMOUNTS, strict=True)):
        call = (flin, other)[number % 3 == 0]
        award = fund(call, town, amount, number=number + 1, publish_at=now)
        title, summary = texts(number)
        award.title = title
        award.public = {"public_summary": summary, "themes": THEMES[number % 5], "suppliers": SECRET}
        award.pk, award._state.adding = None, True
        Award.objects.filter(line=award.line_id).delete()
        award.save()
        made.append(award)
    refuse(flin, made[1], 90, 40_000)
    late = make_flin("FLIN-TARD")
    fund(late, "31045", 12_345, number=91, publish_at=now + timedelta(days=1))
    return made


def themes_of(row: Award) -> set[str]:
    return set(row.public["themes"])


def size_of(row: Award) -> str:
    body = row.organisation
    return classes.size_of(body.kind, body.known_population)


def amount_of(row: Award) -> str:
    return next(band.code for band in classes.AMOUNTS if band.holds(row.amount))


FILTERS: dict[str, Callable[[Award, str], bool]] = {
    "region": lambda row, value: row.region_code == value,
    "mrc": lambda row, value: bool(row.organisation.territory) and row.organisation.territory.code == value,  # type: ignore[union-attr]
    "appel": lambda row, value: row.call.code == value,
    "theme": lambda row, value: value in themes_of(row),
    "taille": lambda row, value: size_of(row) == value,
    "aide": lambda row, value: amount_of(row) == value,
}


def test_totals_are_the_sums_of_what_each_filter_leaves(client: Client, listed: list[Award]) -> None:
    asked = 0
    answer = client.get(reverse("projects"))
    facets = {facet.key: facet for facet in answer.context["list"].facets}
    for key, holds in FILTERS.items():
        values = [choice.value for choice, _taken in facets[key].choices]
        found_by_any = set()
        for value in values:
            page = client.get(reverse("projects"), {key: value}).context
            left = [row for row in listed if holds(row, value)]
            told = page["totals"]
            assert told.projects == len(left), (key, value)
            assert told.dollars == sum(row.amount for row in left), (key, value)
            assert told.bodies == len({row.organisation_id for row in left}), (key, value)
            assert {row.pk for row in page["list"].objects} == {row.pk for row in left}, (key, value)
            assert sum(one.dollars for one in page["regions"]) == told.dollars
            assert sum(one.projects for one in page["regions"]) == told.projects
            found_by_any |= {row.pk for row in left}
            asked += 1
        assert len(found_by_any) == len(listed) - (2 if key == "theme" else 0), key
    assert asked > 25


def test_filters_cross_and_a_project_of_two_themes_is_one(client: Client, listed: list[Award]) -> None:
    page = client.get(reverse("projects"), {"theme": ["environnement", "mobilite"]})
    left = [row for row in listed if themes_of(row) & {"environnement", "mobilite"}]
    assert page.context["totals"].dollars == sum(row.amount for row in left)
    assert page.context["list"].total == len(left) == 6
    page = client.get(reverse("projects"), {"theme": "mobilite", "aide": "25000-49999", "tri": "-aide"})
    assert [row.amount for row in page.context["list"].objects] == [49_999, 25_000]
    chips = [(str(chip.group), chip.label, chip.href) for chip in page.context["list"].chips]
    assert [group for group, _label, _href in chips] == ["Thème", "Aide"]
    without = client.get(f"{reverse('projects')}{chips[0][2]}").context["list"]
    assert without.chips[0].label == chips[1][1]
    assert "tri=-aide" in chips[0][2]
    assert page.context["refused"] == (0, 0)
    assert client.get(reverse("projects")).context["refused"] == (1, 40_000)


WANTED = {
    "innovations numeriques": 4,
    "L'INNOVATION": 4,
    "coeur villages": 3,
    "patinoire municipale": 3,
    "épluchettes": 3,
    "adst": 1,
    "les appalaches": 2,
    "enregistreurs patinoire": 0,
    "%": 10,
    "le la les": 0,
    SECRET: 0,
    "'\"; --": 10,
}


def test_search_folds_accents_elision_and_plural(listed: list[Award]) -> None:
    rows = publication.published(clock.now())
    assert {query: publication.search(rows, query).count() for query in WANTED} == WANTED


def rows_of(answer: Any) -> list[list[str]]:
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(body), delimiter=";"))


def test_the_file_has_the_rows_and_columns_of_the_page(client: Client, listed: list[Award]) -> None:
    asked = {"theme": "environnement", "tri": "-aide"}
    page = client.get(reverse("projects"), asked)
    answer = client.get(reverse("projects_file"), asked)
    raw = b"".join(answer.streaming_content)
    assert raw.startswith(b"\xef\xbb\xbf")
    head, *lines = csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";")
    shown = page.context["list"]
    assert head[: len(shown.heads)] == [str(one.label) for one in shown.heads]
    for line, row in zip(lines, shown.lines, strict=True):
        cells = [cell.text.removesuffix("\u00a0$").replace("\u00a0", "") for cell in row.cells]
        assert [one.removeprefix("'").replace("\u00a0", "") for one in line[: len(cells)]] == cells
    by_head = dict(zip(head, lines[0], strict=True))
    assert by_head["Licence des données"] == "CC BY 4.0"
    assert by_head["Données au"] == str(clock.today())
    assert by_head["Adresse permanente"].endswith(f"/projets/{by_head['Numéro']}/")
    assert answer["Link"].endswith('rel="license"')
    english = rows_of(client.get("/en/projets/liste.csv"))
    assert english[1][-3].startswith("http://127.0.0.1:8000/en/projets/FLIN-")
    everything = rows_of(client.get(reverse("projects_file")))
    assert len(everything) == len(english) == 11
    assert {row[0] for row in everything if "SOMME" in row[0]} == {"'=SOMME(A1)"}
    assert SECRET not in str(everything)
    assert "12345" not in str(everything)
    assert "refus" not in str(everything)


ODD = (
    "region=99&mrc=zz&appel=%00&theme=%27&taille=x&aide=-1",
    "organisme=qc&organisme=-&organisme=%00-%00&organisme=" + "x" * 300,
    "tri=amount&page=@@@&col=a&densite=%00",
    "q=" + "%00" * 5 + "&q=" + "x" * 500,
    "page=WzAsImEiLCJiIiwxXQ&tri=-aide",
    "q=%25_%5C&tri=&tri=aide",
    "region=01&region=12&region=01",
)


def test_odd_addresses_do_not_fail(client: Client, listed: list[Award]) -> None:
    for query in ODD:
        for name in ("projects", "projects_file"):
            answer = client.get(f"{reverse(name)}?{query}")
            assert answer.status_code == 200, query
            assert b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_pages_hold_together(client: Client, flin: Flin, listed: list[Award]) -> None:
    first = listed[1]
    for number in range(200, 230):
        line = first.line
        line.pk, line.dossier_id, line.dossier_number = None, number, f"FLIN-ESSAI-{number}"
        line._state.adding = True
        line.save()
        twin = Award.objects.get(pk=first.pk)
        twin.pk, twin._state.adding, twin.line = None, True, line
        twin.dossier_number = line.dossier_number
        twin.save()
    seen: list[str] = []
    href = "?tri=aide&appel=FLIN-ESSAI"
    while href:
        with CaptureQueriesContext(connection) as made:
            page = client.get(f"{reverse('projects')}{href}")
        assert len(made) <= 10
        shown = page.context["list"]
        seen += [row.dossier_number for row in shown.objects]
        assert shown.total_words == "36"
        href = shown.next_href
    assert len(seen) == len(set(seen)) == 36
    assert page.context["totals"].projects == 36
    assert page.context["totals"].bodies == 6
    assert len(rows_of(client.get(f"{reverse('projects_file')}?appel=FLIN-ESSAI"))) == 37


def test_projects_of_one_organisation(client: Client, listed: list[Award]) -> None:
    body = Organisation.objects.get(scheme="qc", code="31056")
    page = client.get(reverse("projects"), {"organisme": funded.body_key(body)})
    assert [row.beneficiary for row in page.context["list"].objects] == ["Adstock"]
    assert page.context["list"].chips[0].label == "Adstock"
    never = client.get(reverse("projects"), {"organisme": "qc-31045"})
    assert never.context["list"].chips == []


def test_a_later_edit_of_a_municipality_changes_nothing(client: Client, listed: list[Award]) -> None:
    Organisation.objects.filter(code="31056").update(
        name="Autre-Nom", mrc_name="Ailleurs", population=1_900_000
    )
    row = Award.objects.get(beneficiary="Adstock")
    assert (row.mrc_name, row.size) == ("Les Appalaches", "2000-9999")
    assert AwardTheme.objects.filter(award=row).get().label["fr"] == "Environnement"


# --- the page of a project ------------------------------------------------------------------------------
def test_page_in_both_languages(client: Client, listed: list[Award]) -> None:
    row = next(one for one in listed if one.beneficiary == "Adstock")
    address = reverse("project", args=[row.dossier_number])
    page = client.get(f"{address}?suivi=oui").content.decode()
    assert f'<link rel="canonical" href="http://127.0.0.1:8000{address}">' in page
    assert f'hreflang="en-CA" href="http://127.0.0.1:8000/en{address}"' in page
    assert f'hreflang="fr-CA" href="http://127.0.0.1:8000{address}"' in page
    assert 'lang="fr-CA"' not in page.partition("<main")[2]
    english = client.get(f"/en{address}").content.decode()
    assert f'<link rel="canonical" href="http://127.0.0.1:8000/en{address}">' in english
    assert '<h1 class="big" lang="fr-CA">L’innovation numérique' in english
    assert '<p class="measure" lang="fr-CA">Trente enregistreurs' in english
    assert SECRET not in page + english


def test_the_list_in_english_says_which_titles_are_french(client: Client, listed: list[Award]) -> None:
    page = client.get("/en/projets/").content.decode()
    assert page.count('scope="row" lang="fr-CA"') == 10
    with translation.override("en"):
        assert classes.size_label("moins-2000").count("2,000") == 1


def test_an_offer_that_fell_has_no_page_and_no_row(client: Client, listed: list[Award]) -> None:
    for gone, state in enumerate(("declined", "lapsed", "terminated"), start=1):
        row = listed[gone]
        with connection.cursor() as cursor:  # the engine alone writes this column
            cursor.execute("UPDATE grants_award SET state = %s WHERE id = %s", [state, row.pk])
        assert client.get(reverse("project", args=[row.dossier_number])).status_code == 404
        assert row.dossier_number not in str(rows_of(client.get(reverse("projects_file"))))
        assert client.get(reverse("projects")).context["totals"].projects == 10 - gone


def test_a_draft_call_lists_nothing(client: Client, listed: list[Award]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE grants_call SET state = 'draft' WHERE code = 'FLIN-AUTRE'")
    assert Call.objects.get(code="FLIN-AUTRE").state == "draft"
    page = client.get(reverse("projects"))
    assert page.context["totals"].projects == 6
    assert "FLIN-AUTRE" not in page.content.decode()
