"""The shipped directory: what it holds, its differences, its import."""

from __future__ import annotations

import shutil
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts import registry
from accounts.actions import directory
from accounts.models import Organisation, Region, Territory, User
from accounts.names import fold
from tests import factories
from tests.accounts.conftest import as_user
from workflows.actors import SystemActor
from workflows.models import Event

ACTOR = SystemActor("directory")


def run(*args: object) -> str:
    out = StringIO()
    call_command("import_directory", *args, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_import_shows_first_then_applies_once() -> None:
    said = run()
    assert "organisation: 1369 added" in said
    assert "Nothing was written" in said
    assert not Organisation.objects.exists()
    started = time.perf_counter()
    assert "Applied." in run("--apply")
    assert time.perf_counter() - started < 5
    counts = (Region.objects.count(), Territory.objects.count(), Organisation.objects.count())
    assert counts == (17, 104, 1281 + 88)
    assert "up to date" in run("--apply")
    assert Event.objects.filter(verb__startswith="accounts.organisation").count() == 1
    kinds = {
        kind: Organisation.objects.filter(scheme="qc", kind=kind).count() for kind in ("unorganised", "land")
    }
    assert kinds == {"unorganised": 105, "land": 53}
    assert Organisation.objects.applicants().filter(scheme="qc").count() == 1123
    assert Organisation.objects.get(code="93080").mrc_name
    same = Organisation.objects.standing().named("saint-prosper")
    assert len({row.mrc_name for row in same}) > 1
    adstock = Organisation.objects.get(scheme="qc", code="31056")
    assert (adstock.known_population, adstock.mrc_code, adstock.territory_id) == (3198, "310", "31")
    cree = Organisation.objects.get(scheme="qc", name="Mistissini", kind="municipality")
    assert (cree.population, cree.known_population, cree.language_regime) == (10, None, "fr_plus_autre")


@pytest.mark.django_db
def test_a_second_edition_changes_removes_and_replaces(tmp_path: Path) -> None:
    for file in directory.FOLDER.glob("*.csv"):
        shutil.copy(file, tmp_path)
    old = tmp_path / "old"
    old.mkdir()
    for file in tmp_path.glob("*.csv"):
        shutil.copy(file, old)
    path = old / "municipalites.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    hebertville = next(line for line in lines if line.startswith("93022,"))
    lines.append(hebertville.replace("93022,", "93025,").replace("Hébertville", "Hébertville-Station"))
    lines = [line.replace("Adstock,05", "Adstok,05") for line in lines if not line.startswith("93022,")]
    path.write_text("".join(lines), encoding="utf-8")
    directory.apply(directory.plan(old), actor=ACTOR)
    before = Organisation.objects.get(code="93025")
    plan = directory.plan(tmp_path)
    (change,) = plan.organisations.changed
    assert change.fields == {"name": ("Adstok", "Adstock")}
    assert plan.organisations.gone == [("qc", "93025")]
    said = run("--folder", str(tmp_path))
    assert "name: 'Adstok' -> 'Adstock'" in said
    assert "- qc 93025 (replaced by 93022)" in said
    directory.apply(plan, actor=ACTOR)
    before.refresh_from_db()
    assert before.gone_at is not None
    assert before.successor == Organisation.objects.get(code="93022")
    assert Organisation.objects.get(code="31056").sort_name == "adstock"
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert {"accounts.organisation.leave", "accounts.organisation.update"} <= verbs
    assert not directory.plan(tmp_path)
    directory.apply(directory.plan(old), actor=ACTOR)  # the code comes back: the same organisation
    before.refresh_from_db()
    assert before.gone_at is None


@pytest.mark.django_db
def test_council_of_a_land(clerk: User) -> None:
    adstock = factories.make_org("31056")
    adstock.kind, adstock.designation_code = "land", "20"
    adstock.save()
    row = directory.council("Conseil d’essai", "cons-1", adstock, actor=clerk)
    assert (row.region_id, row.designation_code, row.is_applicant, row.land) == ("12", "20", True, adstock)


@pytest.mark.django_db
def test_manager_creates_a_council_or_a_regie(manager: User, clerk: User) -> None:
    land = factories.make_org("31056")
    land.kind = "land"
    land.save()
    url, client = "/repertoire/nouveau/", as_user(manager)
    assert as_user(clerk).get(url).status_code == 404
    told = {"kind": "council", "name": "Conseil d’essai", "code": "essai", "land": "31056", "region": ""}
    assert client.post(url, {**told, "land": "99999"}).status_code == 200
    assert client.post(url, told).status_code == 303
    assert "déjà pris" in client.post(url, told).content.decode()
    assert client.post(url, {**told, "kind": "regie", "region": ""}).status_code == 200
    assert client.post(url, {**told, "kind": "regie", "region": "12"}).status_code == 303
    regie = Organisation.objects.get(scheme="regie")
    assert (regie.known_population, regie.is_applicant) == (None, True)


@pytest.mark.django_db
def test_staff_read_the_directory(clerk: User, manager: User, django_assert_max_num_queries: object) -> None:
    factories.make_org("31056")
    client = as_user(manager)
    client.get("/repertoire/")
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        one = client.get("/repertoire/")
    assert "Adstock" in one.content.decode()
    for code in ("02005", "10043", "14050", "44037", "88057", "66023"):
        factories.make_org(code)
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        many = client.get("/repertoire/", {"q": "thetford"})
    assert "Adstock" not in many.content.decode()
    adstock = Organisation.objects.get(code="31056")
    assert client.get(f"/repertoire/{adstock.pk}/").status_code == 200
    assert as_user(clerk).get(f"/repertoire/{adstock.pk}/").status_code == 404


rows = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 3)), unique_by=lambda pair: pair[0]).map(
    lambda pairs: [{"code": code, "name": code, "n": n} for code, n in pairs]
)


@given(rows, rows)
def test_difference_applied_gives_what_was_wanted(
    wanted: list[registry.Row], stored: list[registry.Row]
) -> None:
    kept = {(row["code"],): dict(row) for row in stored}
    found = registry.difference(wanted, kept, ("code",))
    for key in found.gone:
        del kept[key]
    for change in found.changed:
        kept[change.key].update({name: after for name, (_before, after) in change.fields.items()})
    for row in found.added:
        kept[row["code"],] = row
    assert kept == {(row["code"],): row for row in wanted}


def test_fold() -> None:
    assert fold("Les Îles-de-la-Madeleine") == "les iles de la madeleine"
    assert fold("SACRÉ-CŒUR  d’Issoudun") == "sacre coeur d issoudun"


@given(st.text())
def test_fold_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)
