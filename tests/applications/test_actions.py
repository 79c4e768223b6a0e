"""Drafts, answers and files: found again, saved in any order, refused without losing a text, received once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Organisation, User
from applications.actions import drafts
from applications.actions.answers import answers_open, history, restore_answer, save_answer
from applications.actions.drafts import copy_draft, delete_draft, start_dossier
from applications.actions.files import add_file, mark_infected, open_file, remove_file
from applications.limits import entries_of
from applications.models import Dossier, Entry
from tests import factories
from tests.applications import filled
from tests.applications.filled import file_now, pdf
from tests.fixtures_calls import Flin
from web import clock
from workflows.engine import NotAllowed, NotVisible, Refused
from workflows.models import Event


@pytest.fixture
def draft(flin: Flin, adstock: Organisation, signatory: User) -> Dossier:
    return start_dossier(flin.call, adstock, actor=signatory)[0]


# --- drafts -----------------------------------------------------------------------------------------------
def test_the_start_link_finds_the_draft_of_the_organisation(draft: Dossier, adstock: Organisation) -> None:
    colleague = factories.make_user()
    factories.make_member(colleague, adstock, "drafter")
    assert start_dossier(draft.call, adstock, actor=colleague) == (draft, False)
    assert Entry.objects.get().drafts == 1
    assert (draft.lead_name, draft.region_code, draft.sort_at) == ("Adstock", "12", draft.created_at)


def test_a_claimant_finds_only_what_he_or_she_began(draft: Dossier, adstock: Organisation) -> None:
    claimant = filled.signatory_of(adstock, status="claimed")
    mine, is_new = start_dossier(draft.call, adstock, actor=claimant)
    assert is_new
    assert mine != draft
    assert set(Dossier.objects.visible_to(claimant)) == {mine}


def test_drafts_are_limited(draft: Dossier, adstock: Organisation, signatory: User) -> None:
    for _place in range(drafts.DRAFTS - 1):
        assert start_dossier(draft.call, adstock, actor=signatory, another=True)[1]
    with pytest.raises(Refused):
        start_dossier(draft.call, adstock, actor=signatory, another=True)
    delete_draft(draft, actor=signatory)
    assert start_dossier(draft.call, adstock, actor=signatory, another=True)[1]


def test_once_everything_allowed_is_filed_the_link_leads_to_it(ready: Dossier, signatory: User) -> None:
    organisation = ready.bodies.get().organisation
    file_now(ready, signatory)
    assert start_dossier(ready.call, organisation, actor=signatory) == (ready, False)
    with pytest.raises(Refused):
        start_dossier(ready.call, organisation, actor=signatory, another=True)


def test_nobody_begins_for_others_nor_outside_the_dates(
    flin: Flin, adstock: Organisation, signatory: User, flin_at: Callable[..., Flin]
) -> None:
    with pytest.raises(NotAllowed):
        start_dossier(flin.call, adstock, actor=flin.manager)
    for at in (flin.call.opens_at - timedelta(hours=1), flin.call.closes_at + timedelta(seconds=1)):
        with time_machine.travel(at), pytest.raises(Refused):
            start_dossier(flin.call, adstock, actor=signatory)
    assert not Entry.objects.exists()


def test_a_draft_is_deleted_with_its_files_a_filed_dossier_never(
    ready: Dossier, signatory: User, django_capture_on_commit_callbacks: Any
) -> None:
    path = ready.attachments.get().path
    with pytest.raises(NotVisible):
        delete_draft(ready, actor=factories.make_user())
    with django_capture_on_commit_callbacks(execute=True):
        delete_draft(ready, actor=signatory)
    assert not Dossier.objects.exists()
    assert not default_storage.exists(path)
    assert Entry.objects.get().drafts == 0
    again = filled.make_filled(ready.call, factories.make_org("31056"), signatory)
    file_now(again, signatory)
    with pytest.raises(Refused):
        delete_draft(again, actor=signatory)


def test_a_copy_carries_answers_but_no_resolution_declaration_or_file(
    ready: Dossier, signatory: User
) -> None:
    made = copy_draft(ready, actor=signatory)
    codes = set(made.answers.values_list("question", flat=True))
    assert codes == set(filled.ANSWERS) - {"declaration", "resolution_number", "resolution_date"}
    assert (made.title, made.state, made.attachments.count()) == (ready.title, "draft", 0)
    assert made.title == filled.ANSWERS["title"]


# --- answers ----------------------------------------------------------------------------------------------
def test_versions_are_kept_and_an_earlier_one_comes_back(draft: Dossier, signatory: User) -> None:
    for place, text in enumerate(("Un", "Deux", "Trois")):
        assert save_answer(draft, "need", text, actor=signatory, seen_version=place).version == place + 1
    assert [one.value for one in history(draft, "need")] == ["Deux", "Un"]
    assert restore_answer(draft, "need", 1, actor=signatory).version == 4
    assert draft.answers.get(question="need").value == "Un"
    assert [one.value for one in history(draft, "need")] == ["Trois", "Deux", "Un"]


def test_autosaves_of_one_page_in_any_order_and_twice(draft: Dossier, signatory: User) -> None:
    def send(text: str, n: int) -> str:
        return save_answer(draft, "need", text, actor=signatory, client="page", client_n=n).status

    assert [send("A", 1), send("AB", 2), send("AB", 2)] == ["saved", "saved", "unchanged"]
    assert [send("ABCD", 4), send("ABC", 3), send("ABCD", 4)] == ["saved", "late", "unchanged"]
    answer = draft.answers.get()
    assert (answer.value, answer.version) == ("ABCD", 3)
    assert history(draft, "need") == []  # the page merely typed on
    assert send("X", 5) == "saved"
    assert [one.value for one in history(draft, "need")] == ["ABCD"]


def test_two_people_on_one_answer(draft: Dossier, adstock: Organisation, signatory: User) -> None:
    other = factories.make_user(given_name="Maude", family_name="Gélinas")
    factories.make_member(other, adstock, "drafter")
    save_answer(draft, "need", "Base", actor=signatory, client="a", client_n=1)
    assert save_answer(draft, "need", "De Maude", actor=other, seen_version=1, client="b").status == "saved"
    clash = save_answer(draft, "need", "La mienne", actor=signatory, seen_version=1, client="a", client_n=2)
    assert (clash.status, clash.value, clash.other_value, clash.version) == (
        "conflict",
        "La mienne",
        "De Maude",
        2,
    )
    assert clash.other_by == "Maude Gélinas"
    assert "Maude Gélinas" in clash.sentence
    assert save_answer(
        draft, "need", "La mienne", actor=signatory, seen_version=2, client="a", client_n=3
    ).is_kept
    assert [one.value for one in history(draft, "need")] == ["De Maude", "Base"]


def test_a_wrong_text_is_saved_and_says_so(draft: Dossier, signatory: User) -> None:
    saved = save_answer(draft, "requested", "douze mille", actor=signatory)
    assert (saved.status, saved.value) == ("saved", {"raw": "douze mille"})
    assert saved.sentence
    assert save_answer(draft, "requested", "12 000", actor=signatory, seen_version=1).value == 12000


def test_refused_after_closing_and_the_text_comes_back(draft: Dossier, signatory: User) -> None:
    with time_machine.travel(draft.call.closes_at + timedelta(seconds=1)):
        saved = save_answer(draft, "need", "Trop tard", actor=signatory)
        assert (saved.status, saved.value) == ("refused", "Trop tard")
        assert "fermé depuis" in saved.sentence
        assert answers_open(draft, signatory) == set()
    assert not draft.answers.exists()


def test_strangers_and_staff_write_nothing(draft: Dossier, flin: Flin) -> None:
    for person in (factories.make_user(), flin.manager, flin.analyst):
        with pytest.raises(NotVisible):
            save_answer(draft, "need", "x", actor=person)
        assert answers_open(draft, person) == set()


def test_the_list_shows_a_draft_by_its_title_and_no_autosave_is_an_event(
    draft: Dossier, signatory: User
) -> None:
    before = Event.objects.count()
    save_answer(draft, "title", "Un titre", actor=signatory)
    draft.refresh_from_db()
    assert (draft.title, draft.version, Event.objects.count()) == ("Un titre", 0, before)


# --- files ------------------------------------------------------------------------------------------------
def test_a_file_is_received_with_its_digest_and_its_event(draft: Dossier, signatory: User) -> None:
    made = add_file(draft, "resolution", pdf("Résolution 2026.pdf"), actor=signatory, upload_key="k1")
    assert made.digest == "sha256:" + hashlib.sha256(filled.PDF).hexdigest()
    assert (made.name, made.size, made.content_type, made.scan) == (
        "Résolution 2026.pdf",
        len(filled.PDF),
        "application/pdf",
        "not_scanned",
    )
    with open_file(made) as stream:
        assert stream.read() == filled.PDF
    event = Event.objects.get(verb="applications.dossier.file_added")
    assert event.data == {"slot": "resolution", "file": made.pk, "digest": made.digest, "size": made.size}
    assert add_file(draft, "resolution", pdf("autre.pdf"), actor=signatory, upload_key="k1") == made


def test_a_single_slot_replaces_and_keeps_the_earlier_row(draft: Dossier, signatory: User) -> None:
    first = add_file(draft, "resolution", pdf("a.pdf"), actor=signatory)
    second = add_file(draft, "resolution", pdf("b.pdf"), actor=signatory)
    first.refresh_from_db()
    assert first.removed_at is not None
    assert second.removed_at is None
    remove_file(second, actor=signatory)
    remove_file(second, actor=signatory)
    assert second.removed_at is not None
    assert Event.objects.filter(verb="applications.dossier.file_removed").count() == 1


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("photo.png", b"\x89PNG\r\n\x1a\n", "type accepté"),
        ("faux.pdf", b"MZ\x90\x00 not a pdf at all", "contenu"),
        ("vide.pdf", b"", "est vide"),
        ("../../etc/passwd", filled.PDF, "type accepté"),
    ],
)
def test_a_wrong_type_is_refused(draft: Dossier, signatory: User, name: str, data: bytes, words: str) -> None:
    with pytest.raises(Refused) as fault:
        add_file(draft, "resolution", SimpleUploadedFile(name, data), actor=signatory)
    assert words in fault.value.reasons[0]
    assert not draft.attachments.exists()


def test_too_big_is_refused_and_leaves_nothing_behind(
    draft: Dossier, signatory: User, settings: Any, tmp_path: Any
) -> None:
    settings.FILE_MAX_BYTES = 1000
    with pytest.raises(Refused, match="trop gros"):
        add_file(draft, "resolution", pdf(data=filled.PDF + b" " * 2000), actor=signatory)
    assert not [one for one in tmp_path.rglob("*") if one.is_file()]


def test_with_a_scanner_files_wait_and_an_infected_one_is_withheld(
    ready: Dossier, signatory: User, settings: Any
) -> None:
    settings.FILE_SCANNER = "127.0.0.1:3310"
    made = add_file(ready, "price_evidence", pdf("prix.pdf"), actor=signatory)
    assert made.scan == "waiting"
    snapshot = file_now(ready, signatory)  # filing never waits for the scanner
    at = snapshot.received_at
    assert mark_infected(made, actor=signatory)
    with pytest.raises(Refused):
        open_file(made)
    ready.refresh_from_db()
    assert (ready.filed_at, ready.state) == (at, "in_progress")


def test_slots_are_questions_of_type_file(draft: Dossier, signatory: User) -> None:
    for slot in ("title", "nowhere"):
        with pytest.raises(NotVisible):
            add_file(draft, slot, pdf(), actor=signatory)
    with pytest.raises(NotAllowed):
        save_answer(draft, "resolution", "x", actor=signatory)


def test_after_closing_no_file_comes_or_goes(ready: Dossier, signatory: User) -> None:
    kept = ready.attachments.get()
    with time_machine.travel(clock.now() + timedelta(days=30)):
        with pytest.raises(Refused):
            add_file(ready, "resolution", pdf(), actor=signatory)
        with pytest.raises(Refused):
            remove_file(kept, actor=signatory)


def test_the_first_lock_of_a_dossier_never_multiplies_rows(draft: Any) -> None:
    """Joins of counters, calls, dossiers and bodies once cost half an hour where PostgreSQL had no figures yet."""
    rows = entries_of(Dossier(pk=draft.pk))  # verbs name a dossier by its key alone
    assert " JOIN " not in str(rows.query)
    assert [one.organisation_id for one in rows] == [one.organisation_id for one in draft.bodies.all()]
