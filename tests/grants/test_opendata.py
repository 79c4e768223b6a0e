"""Files of the funded list: valid against the 360Giving standard, the same as the page, nothing before its instant."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry, Resource

from grants.models import Award
from grants.opendata import atlas, dictionary, giving
from tests.fixtures_calls import Flin, make_flin
from tests.grants.test_funded import listed as listed
from tests.grants.test_funded import rows_of
from tests.grants.test_publication import SECRET, fund
from web import clock

pytestmark = pytest.mark.django_db
SCHEMAS = Path(__file__).parent / "schemas"
ADDRESS = "https://raw.githubusercontent.com/ThreeSixtyGiving/standard/{}/schema/360-giving-schema.json"
PAGES = (
    "projects",
    "open_data",
    "dictionary",
    "catalogue",
    "giving",
    "projects_file",
    "csvw",
    "dictionary_file",
)
Data = dict[str, Any]


def checker() -> Draft202012Validator:
    """The schema of a file, with formats checked."""
    package, one = (
        json.loads((SCHEMAS / name).read_text("utf-8"))
        for name in ("360-giving-package-schema.json", "360-giving-schema.json")
    )
    resource = Resource.from_contents({**one, "$schema": "https://json-schema.org/draft/2020-12/schema"})
    known = [(ADDRESS.format(version), resource) for version in ("1.4.2", "1.4.3")]
    return Draft202012Validator(
        {**package, "$schema": "https://json-schema.org/draft/2020-12/schema"},
        registry=Registry().with_resources(known),
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def read(client: Client, address: str) -> Data:
    """A file of JSON, as it is streamed."""
    answer: Any = client.get(address)
    assert answer.status_code == 200, address
    found: Data = json.loads(b"".join(answer.streaming_content) if answer.streaming else answer.content)
    return found


def describe(row: Award, **public: Any) -> None:
    """Give a project other public answers."""
    Award.objects.filter(pk=row.pk).update(public={**row.public, **public})


@pytest.fixture
def dated(listed: list[Award]) -> list[Award]:
    """The ten projects with dates; a long title, a mail in a summary, no summary, dates the wrong way round."""
    for row in listed:
        describe(row, start="2027-02-01", end="2028-01-31")
    describe(
        listed[0],
        public_summary="Écrire à lac@adstock.example pour en savoir plus.",
        start="2027-02-01",
        end="2028-01-31",
    )
    describe(listed[3], public_summary="", start="2028-01-31", end="2027-02-01")
    Award.objects.filter(pk=listed[4].pk).update(title="Capteurs et réseaux " * 12)
    return list(Award.objects.published(clock.now()).order_by("dossier_number"))


def test_the_checker_refuses_what_it_must(client: Client, dated: list[Award]) -> None:
    data = read(client, reverse("giving"))
    for broken in ({"awardDate": "2026-13-45"}, {"dateModified": "hier"}, {"amountAwarded": "12"}):
        assert list(checker().iter_errors({**data, "grants": [{**data["grants"][0], **broken}]})), broken


@pytest.mark.parametrize("language", ["", "/en"])
def test_the_file_is_valid_and_passes_the_checks_of_360giving(
    client: Client, dated: list[Award], language: str
) -> None:
    for address in ("projets-360giving.json", "FLIN-ESSAI/projets-360giving.json"):
        data = read(client, f"{language}/donnees-ouvertes/{address}")
        assert list(checker().iter_errors(data)) == []
        assert data["version"] == "1.4"
        assert {"title", "description", "issued", "modified", "publisher", "license"} <= data.keys()
        assert data["downloadURL"].endswith(f"{language}/donnees-ouvertes/{address}")
        assert data["accessURL"].endswith(f"{language}/donnees-ouvertes/")
        assert data["publisher"]["name"]
        assert len({one["id"] for one in data["grants"]}) == len(data["grants"])
        assert len({one["fundingOrganization"][0]["id"] for one in data["grants"]}) == 1
        for one in data["grants"]:
            sound(one)


def sound(one: Data) -> None:
    """The checks of the quality tool that matter, said again."""
    assert one["amountAwarded"] > 0
    assert len(one["fundingOrganization"]) == 1
    assert "@" not in json.dumps(one)
    ids = [one["id"], one["recipientOrganization"][0]["id"], one["fundingOrganization"][0]["id"]]
    assert all(re.fullmatch(r"360G-[A-Za-z0-9]+-[A-Za-z0-9-]+", each) for each in ids), ids
    assert date.fromisoformat(one["awardDate"]) <= clock.today()
    assert len(one["title"]) < 140
    assert one["title"] != one["description"]
    assert one["description"]
    assert one["grantProgramme"][0]["title"]
    assert one["beneficiaryLocation"][0]["geoCode"]
    planned = one["plannedDates"][0]
    if "endDate" in planned:
        assert date.fromisoformat(planned["startDate"]) < date.fromisoformat(planned["endDate"])


def test_each_grant_says_what_its_page_says(client: Client, dated: list[Award]) -> None:
    data = read(client, reverse("giving"))
    assert [one["id"] for one in data["grants"]] == [f"360G-jalon-{row.dossier_number}" for row in dated]
    for one, row in zip(data["grants"], dated, strict=True):
        page = client.get(one["url"].removeprefix("http://127.0.0.1:8000")).content.decode()
        shown = re.sub(r"<[^>]+>|\s|&nbsp;", " ", page).replace("&#x27;", "'")
        assert f"{one['amountAwarded']:,}".replace(",", " ") in shown
        assert one["recipientOrganization"][0]["name"] == row.beneficiary
        assert one["beneficiaryLocation"][0]["geoCode"] == row.organisation.code
        assert row.organisation.code in shown
        assert one["grantProgramme"][0]["code"] == row.call.code
        assert {theme["code"] for theme in one.get("classifications", [])} == set(row.public["themes"])
        for address in (one["url"], one["dataSource"], one["grantProgramme"][0]["url"]):
            assert urlsplit(address).scheme == "http"
            assert client.get(urlsplit(address).path).status_code == 200
    assert SECRET not in json.dumps(data)
    assert "amountAppliedFor" not in json.dumps(data)


def test_the_csv_is_the_same_list_and_every_column_is_defined(client: Client, dated: list[Award]) -> None:
    head, *lines = rows_of(client.get(reverse("projects_file")))
    data = read(client, reverse("giving"))
    number, aid, code = (head.index(one) for one in ("Numéro", "Aide", "Code géographique"))
    found = {(one["id"].split("-", 2)[2], str(one["amountAwarded"])) for one in data["grants"]}
    assert {(line[number], line[aid]) for line in lines} == found
    codes = {one["beneficiaryLocation"][0]["geoCode"] for one in data["grants"]}
    assert {line[code] for line in lines} == codes
    meta = read(client, reverse("csvw"))
    assert [one["titles"]["fr"] for one in meta["tableSchema"]["columns"]] == head
    text = client.get(reverse("dictionary_file")).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert [row[2] for row in rows[1:]] == head
    assert len(rows) == len(dictionary.MEANINGS) + 1
    assert all(row[place] for row in rows[1:] for place in (0, 1, 2, 3, 4, 5, 8, 9, 10, 11))
    page = client.get(reverse("dictionary")).content.decode()
    assert all(row[8].replace("’", "’") in page for row in rows[1:])


def test_what_is_not_public_yet_is_in_no_file_no_count_and_no_map(
    client: Client,
    listed: list[Award],
    time_machine: Any,
) -> None:
    call = make_flin("FLIN-EMBARGO")
    late = fund(call, "31056", 777_777, number=77, publish_at=clock.now() + timedelta(hours=2))
    address = reverse("call_giving", args=["FLIN-EMBARGO"])

    def everywhere() -> str:
        found = ""
        for name in PAGES:
            answer: Any = client.get(reverse(name))
            found += (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()
        return found

    before = everywhere()
    assert "FLIN-EMBARGO" not in before
    assert "777777" not in before.replace("\u00a0", "")
    assert client.get(address).status_code == 404
    assert client.get(reverse("project", args=[late.dossier_number])).status_code == 404
    time_machine.move_to(late.publish_at + timedelta(seconds=1))
    after = everywhere()
    assert after.count("FLIN-EMBARGO") > 5
    assert len(read(client, address)["grants"]) == 1


def test_nothing_published_is_no_file(client: Client, flin: Flin) -> None:
    assert client.get(reverse("giving")).status_code == 404
    assert client.get(reverse("call_giving", args=[flin.call.code])).status_code == 404
    assert client.get(reverse("call_giving", args=["FLIN-ABSENT"])).status_code == 404
    assert "Aucune liste publiée" in client.get(reverse("open_data")).content.decode()
    assert "dct:temporal" not in read(client, reverse("catalogue"))


def test_an_offer_that_fell_leaves_the_files(client: Client, listed: list[Award]) -> None:
    with connection.cursor() as cursor:  # the engine alone writes this column
        cursor.execute("UPDATE grants_award SET state = 'declined' WHERE id = %s", [listed[2].pk])
    assert listed[2].dossier_number not in json.dumps(read(client, reverse("giving")))


def test_the_page_of_files_states_rows_date_and_licence(client: Client, dated: list[Award]) -> None:
    page = client.get(reverse("open_data"))
    offers = page.context["offers"]
    assert [(one.kind, one.rows) for one in offers[:2]] == [("CSV", 10), ("JSON (360Giving 1.4)", 10)]
    assert sum(one.rows for one in offers[2:]) == 20
    assert page.content.decode().count('rel="license"') >= len(offers) + 3
    for one in offers:
        answer: Any = client.get(one.href)
        body = b"".join(answer.streaming_content).decode("utf-8-sig")
        rows = len(json.loads(body)["grants"]) if "JSON" in one.kind else len(body.splitlines()) - 1
        assert rows == one.rows, one
        assert 'rel="license"' in answer["Link"]
    front = client.get(reverse("front")).content.decode()
    assert reverse("open_data") in front.partition("<footer")[2]


def test_the_entry_of_the_catalogue(client: Client, dated: list[Award]) -> None:
    entry = read(client, reverse("catalogue"))
    assert entry["@type"] == "dcat:Dataset"
    assert {one["@language"] for one in entry["dct:title"]} == {"fr", "en"}
    for key in ("dct:publisher", "dct:license", "dct:spatial", "dct:temporal", "dct:accrualPeriodicity"):
        assert entry[key], key
    for one in entry["dcat:distribution"]:
        address = one["dcat:downloadURL"]["@id"].removeprefix("http://127.0.0.1:8000")
        assert client.get(address).status_code == 200


def test_statements_do_not_follow_the_rows(client: Client, flin: Flin, listed: list[Award]) -> None:
    def count() -> list[int]:
        found = []
        for name in ("projects", "open_data", "giving", "catalogue", "csvw", "dictionary"):
            with CaptureQueriesContext(connection) as made:
                answer: Any = client.get(reverse(name))
                if answer.streaming:
                    list(answer.streaming_content)
            found.append(len([one for one in made.captured_queries if "SAVEPOINT" not in one["sql"]]))
        return found

    before = count()
    for number in range(300, 330):
        fund(flin, "31056", 10_000, number=number, publish_at=clock.now())
    assert count() == before
    assert max(before) <= 10


# --- the map --------------------------------------------------------------------------------------------
def test_the_map_the_totals_and_the_table_move_together(client: Client, listed: list[Award]) -> None:
    for asked in ({}, {"region": "12"}, {"theme": "mobilite"}, {"carte": "aide"}, {"q": "patinoires"}):
        page = client.get(reverse("projects"), asked).context
        areas = {one.code: one for one in page["atlas"].areas}
        assert len(areas) == 17
        rows = {one.code: one for one in page["regions"]}
        assert rows.keys() == areas.keys()
        assert sum(one.projects for one in rows.values()) == page["totals"].projects
        for code, area in areas.items():
            value = -(-rows[code].dollars // 1000) if "carte" in asked else rows[code].projects
            assert area.figure.replace("\u00a0", "") == str(value)
            assert bool(area.level) == bool(value)
            assert area.level < len(atlas.OPACITIES)
            assert area.taken == (asked.get("region") == code)
        assert page["list"].chips == [] or "Carte" not in {str(one.group) for one in page["list"].chips}


def test_a_region_is_a_link_that_keeps_the_view(client: Client, listed: list[Award]) -> None:
    page = client.get(reverse("projects"), {"theme": "mobilite", "carte": "aide"}).context
    area = next(one for one in page["atlas"].areas if one.level)
    there = client.get(f"{reverse('projects')}{area.href}").context
    assert there["totals"].dollars == sum(one.amount for one in there["list"].objects)
    assert {one.region_code for one in there["list"].objects} == {area.code}
    assert there["atlas"].measure == "aide"
    back = next(one for one in there["atlas"].areas if one.code == area.code)
    assert client.get(f"{reverse('projects')}{back.href}").context["totals"] == page["totals"]
    text = client.get(reverse("projects")).content.decode()
    assert "style=" not in text
    assert len(text) < 60_000


@pytest.mark.parametrize("most", [1, 4, 5, 6, 17, 99, 1_000, 24_999, 7_654_321])
def test_five_classes_hold_the_most(most: int) -> None:
    step = atlas.step_of(most)
    assert -(-most // step) <= 5
    assert str(step)[0] in "125"
    assert len(atlas.legend(most, step, atlas.PROJECTS)) <= 6


# --- plain words ----------------------------------------------------------------------------------------
def test_a_project_in_plain_words(client: Client, dated: list[Award]) -> None:
    row = next(one for one in dated if one.beneficiary == "Adstock")
    address = reverse("project", args=[row.dossier_number])
    told = client.get(address).context["told"]
    assert len(told) == 6
    assert "Adstock réalise le projet" in told[0]
    assert told[-1] == "Le projet doit commencer le 1er février 2027 et finir le 31 janvier 2028."
    assert "80\u00a0% des coûts retenus" in told[3]
    assert len(client.get(f"/en{address}").context["told"]) == 6
    row.refresh_from_db()
    describe(row, start="", end="")
    Award.objects.filter(pk=row.pk).update(kept_costs=0, themes=[])
    told = client.get(address).context["told"]
    assert len(told) == 4


def test_addresses_stay_when_names_change(client: Client, dated: list[Award]) -> None:
    row = dated[0]
    before = read(client, reverse("giving"))["grants"][0]
    row.organisation.name = "Autre-Nom"
    row.organisation.save()
    row.call.title = {"fr": "Autre titre", "en": "Another title"}
    row.call.save(update_fields=["title"])
    after = read(client, reverse("giving"))["grants"][0]
    assert (before["id"], before["url"]) == (after["id"], after["url"])
    assert before["recipientOrganization"] == after["recipientOrganization"]
    assert after["grantProgramme"][0]["url"] == before["grantProgramme"][0]["url"]
    assert giving.file_address() == "http://127.0.0.1:8000/donnees-ouvertes/projets-360giving.json"
    for address in (before["url"], before["grantProgramme"][0]["url"]):
        assert client.get(address.removeprefix("http://127.0.0.1:8000")).status_code == 200
