"""A call of another ministry, in English, run from draft to letter: nothing of it is written in the product."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Organisation, OrganisationKind, User
from applications import verifying
from applications.actions.answers import save_answer
from applications.actions.drafts import start_dossier
from applications.models import Dossier
from grants import editions
from grants.actions.calls import Options, check_source, load_call, loader
from grants.models import BudgetLine, Call
from grants.reading import read_source
from notifications import documents, mail
from notifications.models import Document
from review import carrying, deciding
from review.actions import assignments, panels, sheets
from review.models import Assignment, Panel, Sheet
from tests import factories
from tests.applications.filled import file_now
from tests.fixtures_calls import CALL_STAFF, STAFF
from web import clock
from web.clock import EASTERN
from workflows import deliveries
from workflows.engine import fire

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parent / "data" / "reading-rooms"
CLOSES = datetime(2027, 3, 12, 12, 0, tzinfo=EASTERN)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.EMAIL_BACKEND = "notifications.mailbox.MailboxBackend"
    kept = settings.STORAGES["default"]
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**kept, "OPTIONS": {**kept["OPTIONS"], "location": str(tmp_path / "files")}},
    }


@dataclass
class World:
    """The call, its people, and the clock that they live by."""

    call: Call
    staff: dict[str, User]
    clock: Any
    people: dict[int, User] = field(default_factory=dict)

    def filed(self, organisation: Organisation, **changes: Any) -> Dossier:
        """A dossier written and filed before the closing."""
        person = factories.make_user()
        factories.make_member(person, organisation, "signatory")
        volet = self.call.volets.get(code="ROOM")
        dossier, _is_new = start_dossier(self.call, organisation, actor=person, volet=volet)
        for code, value in {**ANSWERS, **changes}.items():
            save_answer(dossier, code, value, actor=person)
        file_now(dossier, person, key=f"key-{dossier.pk}")
        dossier.refresh_from_db()
        self.people[dossier.pk] = person
        return dossier

    def judged(self, dossier: Dossier, **answers: str) -> Dossier:
        """Every rule confirmed at the desk, after the closing."""
        assert dossier.snapshot is not None
        for one in dossier.snapshot.findings.all():
            verifying.confirm(
                one, answers.get(one.rule, "yes"), actor=self.staff["analyst"], note="Seen in the file."
            )
        return dossier


ANSWERS: dict[str, Any] = {
    "name_of_room": "The reading room of the valley",
    "pitch": "Screens, e-books and somebody to help, four evenings a week.",
    "readers": 900,
    "branches": {"rows": [{"id": "r1", "branch": "Station Street", "seats": 12}]},
    "opens": "2027-09-01",
    "finishes": "2028-06-30",
    "helpers": True,
    "costs": {
        "lines": [
            {"id": "l1", "category": "devices", "description": "Screens", "amount": 30000},
            {"id": "l2", "category": "coffee", "description": "Coffee", "amount": 900},
        ],
        "funding": [],
    },
    "true": True,
}


def network(code: str, name: str) -> Organisation:
    """A regional body: this call's applicants."""
    near = factories.make_org("31056")
    made, _is_new = Organisation.objects.get_or_create(
        scheme="mrc",
        code=code,
        defaults={
            "name": name,
            "kind": OrganisationKind.MRC,
            "region": near.region,
            "territory": near.territory,
            "mrc_code": code,
            "mrc_name": name,
            "own_email": f"office@mrc{code}.example",
            "is_applicant": True,
        },
    )
    return made


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with time_machine.travel(CLOSES - timedelta(days=12), tick=False) as traveller:
        source = read_source(FOLDER)
        call = load_call(source, options=Options(code="ROOMS-2027", closes=CLOSES)).call
        staff = {
            role: factories.make_staff(role, call.programme if role in STAFF else call)
            for role in (*STAFF, *CALL_STAFF)
        }
        fire(call, "publish", actor=loader(), past=True)
        call.refresh_from_db()
        yield World(call, staff, traveller)


def work() -> None:
    """What the worker does, until nothing is due."""
    while deliveries.run_due():
        pass
    documents.draw_due()
    mail.send_due()


def words_of(document: Document, tmp_path: Path) -> str:
    """The words of a PDF, spaces folded."""
    from notifications.storage import read_pdf

    file = tmp_path / f"{document.pk}.pdf"
    file.write_bytes(read_pdf(document))
    out = subprocess.run(["pdftotext", "-layout", str(file), "-"], check=True, capture_output=True, text=True)
    return " ".join(out.stdout.split())


def test_its_files_have_no_fault_and_share_nothing_with_the_others() -> None:
    source = read_source(FOLDER)
    assert check_source(source) == []
    mine = {one["id"] for one in source["grid"]["criteria"]}
    for name in ("flin", "ti"):
        other = read_source(Path("grants/calls") / name)
        assert mine.isdisjoint(one["id"] for one in other["grid"]["criteria"])
        assert {one["id"] for one in source["rules"]["rules"]}.isdisjoint(
            one["id"] for one in other["rules"]["rules"]
        )
        assert source["grid"]["scale"] != other["grid"]["scale"]
        assert source["budget"]["rates"] != other["budget"]["rates"]
        assert source["call"]["process"] != other["call"]["process"]
        theirs = {one["code"] for one in editions.questions({"form": other["form"]})}
        assert theirs.isdisjoint(one["code"] for one in editions.questions({"form": source["form"]}))


def test_from_draft_to_the_letters_of_a_decision(world: World, tmp_path: Path) -> None:
    first = world.filed(network("991", "Upper Valley"))
    second = world.filed(network("992", "Lower Valley"), readers=200)
    third = world.filed(network("993", "Middle Valley"), readers=20)
    assert (first.stage, first.number, first.aid) == ("desk", "ROOMS-2027-0001", 19500)
    BudgetLine.objects.filter(volet__call=world.call, volet__code="ROOM").update(amount=30000)
    world.clock.move_to(CLOSES + timedelta(days=2))
    for dossier in (first, second, third):
        fire(world.judged(dossier), "advance", actor=world.staff["analyst"], outcome="go")
    panel = _scored(world, {first.pk: "9 9 9 9", second.pk: "7 7 7 7", third.pk: "3 9 3 3"})
    fire(panel, "lock", actor=factories.make_user("chair@rooms.example"))
    stages = Dossier.objects.filter(call=world.call).values_list("stage", "outcome")
    assert set(stages) == {("last", "onward")}
    decision = deciding.draft_main(panel, actor=world.staff["manager"])
    fire(decision, "propose", actor=world.staff["manager"])
    fire(decision, "sign", actor=world.staff["authority"], digest=decision.digest)
    fire(decision, "ask_release", actor=world.staff["manager"])
    fire(decision, "release", actor=world.staff["authority"])
    work()
    decision.refresh_from_db()
    world.clock.move_to(decision.letters_at + timedelta(minutes=5))
    carrying.carry_out()
    work()
    ends = {row.pk: (row.state, row.outcome) for row in Dossier.objects.filter(call=world.call)}
    assert ends == {
        first.pk: ("accepted", "given"),
        second.pk: ("accepted", "some"),
        third.pk: ("rejected", "none"),
    }
    letter = Document.objects.get(dossier=first, kind="L4")
    said = words_of(letter, tmp_path)
    assert letter.language == "en"
    assert "We grant Upper Valley up to $19,500 (nineteen thousand five hundred dollars)" in said
    assert "at 65% of eligible costs of $30,000" in said
    assert "within 45 days" in said
    refusal = words_of(Document.objects.get(dossier=third, kind="L5"), tmp_path)
    assert "3 applications shared $30,000" in refusal
    assert "readers Readers reached" in refusal
    assert "C1" not in refusal


def _scored(world: World, marks: dict[int, str]) -> Panel:
    """One reviewer reads everything, on a scale of ten, and hands in."""
    volet = world.call.volets.get(code="ROOM")
    secretary = world.staff["secretary"]
    panel = panels.create_panel(
        world.call, volet, "Readers' table", clock.now() + timedelta(days=10), actor=secretary
    )
    factories.make_staff("chair", panel, email="chair@rooms.example")
    reviewer = factories.make_staff("reviewer", panel, email="reader@rooms.example")
    for pk, given in marks.items():
        row = assignments.offer(
            panel, Dossier.objects.get(pk=pk), reviewer, clock.now() + timedelta(days=9), actor=secretary
        )
        fire(row, "accept", actor=reviewer)
        row = Assignment.objects.get(pk=row.pk)
        codes = [one["id"] for one in editions.criteria(world.call.edition.content)]  # type: ignore[union-attr]
        written = sheets.Written(
            scores=dict(zip(codes, given.split(), strict=True)),
            comments=dict.fromkeys(codes, "Because."),
            strengths="Close to readers.",
            weaknesses="Few seats.",
        )
        fire(sheets.save(sheets.sheet_of(row.sheet.pk), written, actor=reviewer), "hand_in", actor=reviewer)
    assert Sheet.objects.filter(assignment__panel=panel, state="handed_in").count() == len(marks)
    done, refused = panels.close_reviews(panel, Dossier.objects.filter(pk__in=marks), actor=secretary)
    assert (len(done), refused) == (len(marks), [])
    return panel


def test_a_refusal_at_its_only_desk_has_its_letter(world: World, tmp_path: Path) -> None:
    dossier = world.filed(factories.make_org("31056"))
    assert dossier.snapshot is not None
    proposed = dict(dossier.snapshot.findings.values_list("rule", "proposed"))
    assert proposed == {"network": "no", "help": "yes", "seats": "unknown"}
    world.clock.move_to(CLOSES + timedelta(days=2))
    world.judged(dossier, network="no")
    fire(dossier, "advance", actor=world.staff["analyst"], outcome="stop")
    fire(dossier, "reject", actor=world.staff["second_analyst"], outcome="no")
    work()
    said = words_of(Document.objects.get(dossier=dossier, kind="L3"), tmp_path)
    assert "The application of Adstock is not eligible." in said
    assert "network The applicant is a" in said
    assert "The body is not a regional" in said
    assert "section § 2" in said


def test_filed_again_its_desk_judges_the_new_version(world: World) -> None:
    dossier = world.filed(network("991", "Upper Valley"), helpers=False)
    person = world.people[dossier.pk]
    save_answer(dossier, "helpers", True, actor=person, seen_version=1)
    costs = {"lines": [{**ANSWERS["costs"]["lines"][0], "amount": 20000}], "funding": []}
    save_answer(dossier, "costs", costs, actor=person, seen_version=1)
    file_now(dossier, person, key="again")
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert dossier.snapshot is not None
    assert dict(dossier.snapshot.findings.values_list("rule", "proposed"))["help"] == "yes"
    assert (dossier.snapshot.version, dossier.aid, dossier.confirmed_aid) == (2, 13000, 13000)


def address(name: str, key: Any) -> str:
    """The English address of a page."""
    with translation.override("en"):
        return reverse(name, args=[key])


def test_its_pages_are_read(world: World) -> None:
    dossier = world.filed(network("991", "Upper Valley"))
    world.clock.move_to(CLOSES + timedelta(days=2))
    person = Client()
    for name in ("call", "call_form", "call_calendar"):
        assert person.get(address(name, "ROOMS-2027")).status_code == 200, name
    person.force_login(world.staff["analyst"])
    for name in ("dossier", "dossier_content", "completeness", "eligibility"):
        page = person.get(address(name, dossier.pk))
        assert page.status_code == 200, name
        assert "E01" not in page.content.decode()
