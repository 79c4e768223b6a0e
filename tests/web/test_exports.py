"""Exports: harmless cells, typed cells, pieces, work out of the request, rights read again, files that go away."""

from __future__ import annotations

import io
import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from accounts.models import User
from tests import factories
from web import clock, export_jobs, export_views, exports, tables, tasks
from web.lists import Column, Selection, State, select
from web.models import Export, ExportStatus

pytestmark = pytest.mark.django_db
INSTANT = datetime(2026, 3, 27, 20, 30, 5, tzinfo=UTC)
VALUES: list[tuple[str, Any, str, str]] = [
    ("text", "=1+1", "'=1+1", "'=1+1"),
    ("int", -1234, "-1234", "-1234"),
    ("money", 115000, "115000", "115000"),
    ("money", Decimal("1234.50"), "1234,50", "1234.50"),
    ("percent", Fraction(887, 10), "88,7", "88.7"),
    ("date", date(2026, 4, 2), "2026-04-02", "2026-04-02"),
    ("datetime", INSTANT, "2026-03-27 16:30:05", "2026-03-27 16:30:05"),
    ("state", State("ok", {"fr": "Prêt", "en": "Ready"}), "Prêt", "Ready"),
    ("bool", True, "Oui", "Oui"),
    ("text", None, "", ""),
    ("text", 'Dit "oui"; à ligne\r\ndeux', '"Dit ""oui""; à ligne\ndeux"', '"Dit ""oui""; à ligne\ndeux"'),
]


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: Any) -> None:
    """Files of this test alone."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path), "base_url": None}},
    }


def chosen_of(count: int = 1) -> Selection:
    """A list of a column a kind."""
    ContentType.objects.bulk_create(ContentType(app_label="zz", model=f"m{i:04d}") for i in range(count))

    def reader(value: Any) -> Any:
        return lambda row: value

    columns = [
        Column(f"c{place}", f"Colonne {place}", reader(value), kind=kind)  # type: ignore[arg-type]
        for place, (kind, value, _fr, _en) in enumerate(VALUES)
    ]
    columns.append(Column("model", "Nom", lambda row: row.model, sort="model", head=True))
    request = RequestFactory().get("/?q=")
    return select(request, ContentType.objects.filter(app_label="zz"), columns, (), "model")


# --- files ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("lang", "place"), [("fr-ca", 2), ("en", 3)])
def test_cells_of_a_csv(lang: str, place: int) -> None:
    with override(lang):
        pieces = list(exports.csv_chunks(chosen_of()))
    line = b"".join(pieces).decode("utf-8-sig").split("\r\n")[1]
    expected = ";".join(str(one[place]) for one in VALUES) + ";m0000"
    with override(lang):
        said = exports.PLAIN["bool"](True)
    assert line == expected.replace(";Oui;", f";{said};")


@given(st.text(alphabet=st.sampled_from("=+-@\t\r\n＝ a1;'\"\x00"), max_size=8))
def test_no_cell_begins_as_a_formula(text: str) -> None:
    made = exports.harmless(text)
    assert not made.startswith(exports.DANGEROUS)
    plain = text.replace("\x00", "").replace("\r\n", "\n")
    assert made in (plain, f"'{plain}")


def test_the_heads_leave_before_the_first_row_is_read() -> None:
    chosen = chosen_of()
    first = next(exports.csv_chunks(chosen))
    assert first.startswith(b"\xef\xbb\xbfColonne 0;")
    assert chosen.rows._result_cache is None


def test_a_list_leaves_in_pieces() -> None:
    count = exports.BATCH * 2 + 3
    seen: list[int] = []
    pieces = list(exports.csv_chunks(chosen_of(count), step=lambda batch: seen.append(len(batch))))
    assert seen == [exports.BATCH, exports.BATCH, 3]
    assert len(pieces) == 4
    assert b"".join(pieces).count(b"\r\n") == count + 1


def test_cells_of_a_workbook_keep_their_type() -> None:
    target = io.BytesIO()
    about = exports.About("Liste [essai]", "Ada Tremblay", "/liste/", INSTANT)
    assert exports.write_xlsx(chosen_of(2), target, about) == 2
    target.seek(0)
    book = CalamineWorkbook.from_filelike(target)
    assert book.sheet_names == ["Liste  essai", "Définitions"]
    row = book.get_sheet_by_index(0).to_python()[1]
    assert row[:6] == ["=1+1", -1234.0, 115000.0, 1234.5, 0.887, date(2026, 4, 2)]
    assert row[6:10] == [datetime(2026, 3, 27, 16, 30, 5), "Prêt", True, ""]
    told = book.get_sheet_by_index(1).to_python()
    assert ["Exporté par", "Ada Tremblay"] in [one[:2] for one in told]
    assert ["Ordre", "Nom, croissant"] in [one[:2] for one in told]
    assert ["Nombre de lignes", 2.0] in [one[:2] for one in told]
    assert ["Colonne 2", "Montant en dollars"] in [one[:2] for one in told]


# --- out of the request -----------------------------------------------------------------------------------
def ask(browser: Client, monkeypatch: pytest.MonkeyPatch, query: str = "", kind: str = "csv") -> Export:
    """A list too long for the request."""
    monkeypatch.setattr(export_views, "AT_ONCE", {"csv": 0, "xlsx": 0})
    answer = browser.post(reverse("export", args=["comptes"]) + query, {"format": kind})
    assert answer.status_code == 303
    job = Export.objects.latest("pk")
    assert answer.headers["Location"] == reverse("export_job", args=[job.pk])
    return job


def fetch(browser: Client, job: Export) -> Any:
    return browser.get(reverse("export_file", args=[job.pk]))


def words(browser: Client, job: Export) -> str:
    return browser.get(reverse("export_job", args=[job.pk])).content.decode()


def test_a_long_list_is_written_by_a_worker(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.make_user("ada@exemple.example")
    job = ask(browser, monkeypatch, "?q=exemple&tri=-email&col=name&col=email&page=x")
    assert job.query == "q=exemple&tri=-email&col=name&col=email"
    page = words(browser, job)
    assert "En attente" in page
    assert 'data-refresh="2"' in page
    assert reverse("export_cancel", args=[job.pk]) in page
    assert fetch(browser, job).status_code == 404
    tasks.export()
    page = words(browser, job)
    assert "2 lignes" in page
    assert 'data-refresh=""' in page
    answer = fetch(browser, job)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").split("\r\n")
    assert lines[0] == "Nom;Courriel"
    assert [line.split(";")[1] for line in lines[1:3]] == ["technique@exemple.example", "ada@exemple.example"]
    assert "technique" not in default_storage.listdir("exports")[1][0]


def test_a_list_asked_twice_is_one_export_and_three_are_enough(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(browser, monkeypatch)
    assert ask(browser, monkeypatch).pk == job.pk
    ask(browser, monkeypatch, "?tri=email")
    ask(browser, monkeypatch, kind="xlsx")
    answer = browser.post(reverse("export", args=["comptes"]) + "?tri=-email", {"format": "csv"}, follow=True)
    assert "Trois exports sont déjà en cours" in answer.content.decode()
    assert Export.objects.count() == 3


def test_a_worker_says_how_far_it_is_and_stops_when_told(
    admin: User, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "BATCH", 2)
    monkeypatch.setattr(export_jobs, "BREATH", 0)
    for place in range(5):
        factories.make_user(f"p{place}@exemple.example")
    job = ask(browser, monkeypatch)
    seen: list[str] = []
    mark = export_jobs._Progress.mark

    def watched(progress: Any) -> None:
        mark(progress)
        row = Export.objects.get(pk=job.pk)
        seen.append(f"{row.done} {row.total}")
        assert f"{row.done} lignes sur 6" in words(browser, job).replace("\u00a0", " ")
        if row.done == 4:
            browser.post(reverse("export_cancel", args=[job.pk]))

    monkeypatch.setattr(export_jobs._Progress, "mark", watched)
    export_jobs.run_due()
    assert seen == ["2 6", "4 6"]
    job.refresh_from_db()
    assert (job.status, job.path) == (ExportStatus.CANCELLED, "")
    assert "Rien n’a été gardé" in words(browser, job)
    assert not default_storage.exists("exports")
    assert export_jobs.run_due() == 0


def test_a_lost_worker_is_followed_by_another(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    job = ask(browser, monkeypatch)
    lost = export_jobs.claim()
    assert lost is not None
    assert export_jobs.claim() is None
    Export.objects.filter(pk=job.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    assert export_jobs.run_due() == 1
    job.refresh_from_db()
    assert (job.status, job.tries) == (ExportStatus.DONE, 2)
    export_jobs.perform(lost)
    again = Export.objects.get(pk=job.pk)
    assert (again.status, again.path) == (ExportStatus.DONE, job.path)
    assert len(default_storage.listdir("exports")[1]) == 1


def test_a_fault_is_tried_again_then_said(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    job = ask(browser, monkeypatch)
    Export.objects.filter(pk=job.pk).update(format="csv", query="tri=email", language="fr-ca")

    def broken(*args: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(export_jobs, "_write", broken)
    assert export_jobs.run_due(limit=9) == export_jobs.MAX_TRIES
    job.refresh_from_db()
    assert (job.status, job.error) == (ExportStatus.FAILED, "OSError: no space left")
    assert "En panne" in words(browser, job)


# --- rights -----------------------------------------------------------------------------------------------
def test_another_person_meets_404(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    job = ask(browser, monkeypatch)
    export_jobs.run_due()
    other = Client()
    other.force_login(factories.make_user("autre@exemple.example", is_technical_admin=True))
    for name in ("export_job", "export_file"):
        assert other.get(reverse(name, args=[job.pk])).status_code == 404
    assert other.post(reverse("export_cancel", args=[job.pk])).status_code == 404
    assert reverse("export_job", args=[job.pk]) not in other.get(reverse("exports")).content.decode()
    assert other.post(reverse("export", args=["dossiers-inconnus"])).status_code == 404


def test_a_right_lost_before_the_worker_comes(
    admin: User, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(browser, monkeypatch)
    User.objects.filter(pk=admin.pk).update(is_technical_admin=False)
    export_jobs.run_due()
    job.refresh_from_db()
    assert (job.status, job.path) == (ExportStatus.REFUSED, "")
    assert "Vous n’avez plus accès à cette liste" in words(browser, job)


def test_an_account_closed_before_the_worker_comes(
    admin: User, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(browser, monkeypatch)
    User.objects.filter(pk=admin.pk).update(is_active=False)
    export_jobs.run_due()
    assert Export.objects.get(pk=job.pk).status == ExportStatus.REFUSED


def test_a_right_lost_before_the_file_is_fetched(
    admin: User, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(browser, monkeypatch)
    export_jobs.run_due()
    User.objects.filter(pk=admin.pk).update(is_technical_admin=False)
    assert fetch(browser, job).status_code == 404


def test_rights_that_changed_make_the_file_anew(
    admin: User, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(browser, monkeypatch)
    export_jobs.run_due()
    old = Export.objects.get(pk=job.pk).path
    factories.make_member(admin, factories.make_org("31056"), "drafter")
    answer = fetch(browser, job)
    assert answer.headers["Location"] == reverse("export_job", args=[job.pk])
    assert not default_storage.exists(old)
    export_jobs.run_due()
    assert b"technique@" in b"".join(fetch(browser, job).streaming_content)


def test_a_row_that_is_no_longer_seen_makes_the_file_anew(
    admin: User, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = factories.make_user("parti@exemple.example")
    job = ask(browser, monkeypatch)
    export_jobs.run_due()
    User.objects.filter(pk=gone.pk).delete()
    assert fetch(browser, job).status_code == 303
    export_jobs.run_due()
    assert b"parti@" not in b"".join(fetch(browser, job).streaming_content)


def test_a_file_goes_away_after_seven_days(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    job = ask(browser, monkeypatch)
    export_jobs.run_due()
    path = Export.objects.get(pk=job.pk).path
    assert export_jobs.wipe() == 0
    Export.objects.filter(pk=job.pk).update(created_at=clock.now() - timedelta(days=7, seconds=1))
    tasks.wipe_exports()
    assert not default_storage.exists(path)
    assert browser.get(reverse("export_job", args=[job.pk])).status_code == 404


def test_a_file_that_no_row_knows_goes_away(tmp_path: Path) -> None:
    for name, age in (("perdu.csv", 3600), ("neuf.csv", 0)):
        path = tmp_path / default_storage.save(f"exports/{name}", ContentFile(b"x"))
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - age))
    export_jobs.wipe()
    assert default_storage.listdir("exports")[1] == ["neuf.csv"]


def test_the_language_of_the_reader_is_the_job_s(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_views, "AT_ONCE", {"csv": 0, "xlsx": 0})
    with override("en"):
        address = reverse("export", args=["comptes"])
        assert address.startswith("/en/")
        browser.post(address, {"format": "csv"})
    job = Export.objects.get()
    assert job.language == "en"
    with override("fr-ca"):
        export_jobs.run_due()
    assert Export.objects.get(pk=job.pk).status == ExportStatus.DONE


def test_a_table_is_nothing_for_who_may_not_read_it() -> None:
    from django.http import Http404

    stranger = factories.make_user("inconnue@exemple.example")
    with pytest.raises(Http404):
        tables.build(stranger, "comptes")
    with pytest.raises(Http404):
        tables.build(stranger, "aucune")
    assert tables.build(stranger, "dossiers").select(QueryDict("")).rows.count() == 0
