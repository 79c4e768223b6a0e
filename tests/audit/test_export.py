"""The export of a call: whole, verified and computed again by an outsider with its content alone."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit import actions
from audit.package import stream
from audit.views import whole
from review.models import Recommendation, Recusal
from tests.audit.conftest import TITLES, Audited
from tests.cores import alone
from web import clock, export_jobs
from web.models import Export
from workflows.engine import Refused
from workflows.models import Event
from workflows.trail import head_of, verify_chain

pytestmark = pytest.mark.django_db


def taken(audited: Audited, folder: Path) -> Path:
    """The zip as the auditor gets it, unpacked."""
    client = Client()
    client.force_login(audited.auditor)
    answer: Any = client.post(reverse("audit_export", args=[audited.call.code]))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    assert answer["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as made:
        assert made.testzip() is None
        made.extractall(folder)
    return folder


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_an_outsider_verifies_and_computes_again(audited: Audited, tmp_path: Path) -> None:
    folder = taken(audited, tmp_path)
    done = alone(folder, "audit.verify", "..")
    assert done.returncode == 0, done.stdout.decode()
    assert done.stdout.count(b"ok ") == 12
    head = json.loads((folder / "chain/head.json").read_text())
    assert (head["events"], head["head"]) == head_of(audited.call.code)
    options = ("--head", head["head"], "--count", str(head["events"]), "--texts", "../chain/texts.jsonl")
    verified = alone(folder, "workflows.chain", *options, given="chain/events.jsonl")
    assert json.loads(verified.stdout) == {"ok": True, "events": head["events"], "head": head["head"]}
    number = audited.made.dossiers["A"].number
    scored = json.loads(alone(folder, "review.scoring", given=f"cases/scoring/{number}.json").stdout)
    line = audited.decision.lines.get(dossier_number=number)
    assert scored["score"]["exact"] == line.score
    selected = json.loads(alone(folder, "review.selection", given="cases/selection/decision-1.json").stdout)
    paid = audited.decision.lines.filter(amount__gt=0)
    assert {one["id"]: one["amount"] for one in selected["offers"]} == dict(
        paid.values_list("dossier_number", "amount")
    )
    told = alone(folder, "audit.standing", given="chain/events.jsonl")
    assert (
        json.loads(told.stdout)["subjects"][f"applications.dossier:{line.dossier_id}"]["state"] == "accepted"
    )


def test_it_holds_the_call(audited: Audited, tmp_path: Path) -> None:
    folder = taken(audited, tmp_path)
    frozen = Recommendation.objects.get(panel=audited.panel)
    assert (folder / f"panels/{audited.panel.code}-scoring.json").read_text() == frozen.scoring
    assert (folder / "decisions/1-body.json").read_text() == audited.decision.body
    filed = lines(folder / "snapshots/index.jsonl")
    assert len(filed) == len(TITLES)
    assert all(one["event"] for one in filed)
    assert len(lines(folder / "sheets.jsonl")) == 2 * len(TITLES)
    letters = lines(folder / "letters.jsonl")
    assert {one["kind"] for one in letters} >= {"L1", "L4"}
    assert all(one["pdf"] for one in letters)
    verbs = [one["verb"] for one in lines(folder / "site/events.jsonl")]
    assert verbs.count("accounts.user.grant") == 1
    assert verbs.count("accounts.user.revoke") == 1
    last = lines(folder / "chain/events.jsonl")[-1]
    assert (last["verb"], last["actor"]) == ("grants.call.export_whole", f"user:{audited.auditor.pk}")
    assert lines(folder / "access.jsonl")[-1]["n"] == last["n"]
    readme = (folder / "README.txt").read_text()
    assert "python3 -S -E -m review.selection" in readme
    assert "python3 -S -E -m audit.verify .." in readme
    named = {one["person"] for one in lines(folder / "people.jsonl")}
    actors = {one["actor"] for one in lines(folder / "chain/events.jsonl")}
    assert {one for one in actors if one.startswith("user:")} <= named
    assert b"@" not in (folder / "people.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("chain/events.jsonl", b"FAULT chain"),
        ("decisions/1-body.json", b"FAULT decisions"),
        ("cases/selection/decision-1.json", b"FAULT decisions"),
        ("panels/unique-scoring.json", b"FAULT panels"),
        ("site/events.jsonl", b"FAULT site"),
    ],
)
def test_a_flipped_byte_is_found(audited: Audited, tmp_path: Path, name: str, found: bytes) -> None:
    folder = taken(audited, tmp_path)
    held = bytearray((folder / name).read_bytes())
    held[len(held) // 2] ^= 1
    (folder / name).write_bytes(held)
    done = alone(folder, "audit.verify", "..")
    assert done.returncode == 1
    assert found in done.stdout, done.stdout
    assert f"{name}: changed".encode() in done.stdout


def test_a_cut_chain_and_a_file_too_many_are_found(audited: Audited, tmp_path: Path) -> None:
    folder = taken(audited, tmp_path)
    events = folder / "chain/events.jsonl"
    events.write_bytes(b"".join(events.read_bytes().splitlines(keepends=True)[:-1]))
    (folder / "glisse.json").write_text("{}")
    said = alone(folder, "audit.verify", "..").stdout
    assert b"truncated" in said
    assert b"glisse.json: not in the manifest" in said


def test_a_big_call_is_made_by_a_worker(
    audited: Audited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole, "AT_ONCE", 2)
    client = Client()
    client.force_login(audited.auditor)
    url = reverse("audit_export", args=[audited.call.code])
    answer = client.post(url)
    job = Export.objects.get(user_id=audited.auditor.pk)
    assert (answer.status_code, answer["Location"]) == (303, reverse("export_job", args=[job.pk]))
    assert not Event.objects.filter(verb="grants.call.export_whole").exists()
    assert export_jobs.run_due() == 1
    job.refresh_from_db()
    assert (job.status, job.done) == ("done", len(TITLES)), job.error
    sent: Any = client.get(reverse("export_file", args=[job.pk]))
    with zipfile.ZipFile(io.BytesIO(b"".join(sent.streaming_content))) as made:
        made.extractall(tmp_path)
    assert alone(tmp_path, "audit.verify", "..").returncode == 0
    Recusal.objects.create(
        dossier=audited.made.dossiers["B"],
        user=audited.auditor,
        at=clock.now(),
        by=audited.made.flin.secretary,
    )
    assert client.get(reverse("export_file", args=[job.pk])).status_code == 303
    assert export_jobs.run_due() == 1
    job.refresh_from_db()
    assert (job.status, job.path) == ("refused", "")


def test_it_is_written_down_and_the_trail_stands(audited: Audited, tmp_path: Path) -> None:
    before = Event.objects.filter(verb="grants.call.export_whole").count()
    taken(audited, tmp_path)
    assert Event.objects.filter(verb="grants.call.export_whole").count() == before + 1
    assert verify_chain(audited.call.code)["ok"]


def test_who_may_not(audited: Audited) -> None:
    flin = audited.made.flin
    client = Client()
    for person in (flin.manager, flin.authority, flin.analyst, flin.secretary, audited.shut):
        client.force_login(person)
        assert client.post(reverse("audit_export", args=[audited.call.code])).status_code == 404
        with pytest.raises(Refused):
            actions.export(audited.call, actor=person)
    client.force_login(audited.auditor)
    assert client.get(reverse("audit_export", args=[audited.call.code])).status_code == 405


def test_a_recused_auditor_takes_nothing(audited: Audited) -> None:
    Recusal.objects.create(
        dossier=audited.made.dossiers["B"],
        user=audited.auditor,
        at=clock.now(),
        by=audited.made.flin.secretary,
    )
    client = Client()
    client.force_login(audited.auditor)
    answer = client.post(reverse("audit_export", args=[audited.call.code]), follow=True)
    assert "en récusation" in answer.content.decode()
    assert not Event.objects.filter(verb="grants.call.export_whole", chain=audited.call.code).exists()


def test_nothing_before_the_closing(audited: Audited) -> None:
    type(audited.call).objects.filter(pk=audited.call.pk).update(
        closes_at=audited.at["over"].replace(year=audited.at["over"].year + 1)
    )
    audited.call.refresh_from_db()
    with pytest.raises(Refused):
        actions.export(audited.call, actor=audited.auditor)


def test_the_zip_never_holds_a_whole_call() -> None:
    """Forty files of a megabyte that does not compress leave a few megabytes in memory at once."""
    piece = bytes(range(256)) * 256

    def entries() -> Any:
        for n in range(40):
            yield f"{n}.bin", (piece for _ in range(16))

    tracemalloc.start()
    sent = sum(len(one) for one in stream(entries(), {"format": 1}, clock.now()))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > 0
    assert peak < 8_000_000
