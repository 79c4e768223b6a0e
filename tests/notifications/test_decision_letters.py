"""Letters of a decision: composed at the signature, held, released with it, sent once, never for a voided line."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from grants.models import Award, Decision
from notifications import actions, documents, mail, mailbox, relay
from notifications.models import Batch, Document, Message
from notifications.models.message import MessageState
from review import carrying, deciding
from tests.fixtures_awards import Ranked
from web import clock
from workflows import deliveries
from workflows.engine import fire

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.EMAIL_BACKEND = "notifications.mailbox.MailboxBackend"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        },
    }


def work() -> None:
    """What the worker does, until nothing is due."""
    while deliveries.run_due():
        pass
    documents.draw_due()
    mail.send_due()


def signed(ranked: Ranked) -> Decision:
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    fire(decision, "propose", actor=ranked.flin.manager)
    fire(decision, "sign", actor=ranked.flin.authority, digest=decision.digest)
    work()
    return decision


def release(ranked: Ranked, decision: Decision) -> None:
    fire(decision, "ask_release", actor=ranked.flin.manager)
    fire(decision, "release", actor=ranked.flin.authority)
    work()


def words_of(document: Document, tmp_path: Path) -> str:
    """The words of a PDF, spaces folded."""
    from notifications.storage import read_pdf

    file = tmp_path / f"{document.pk}.pdf"
    file.write_bytes(read_pdf(document))
    out = subprocess.run(["pdftotext", "-layout", str(file), "-"], check=True, capture_output=True, text=True)
    return " ".join(out.stdout.split())


def test_a_signature_composes_one_held_letter_a_line(ranked: Ranked) -> None:
    decision = signed(ranked)
    kinds = sorted(Document.objects.filter(line_id__isnull=False).values_list("kind", flat=True))
    assert kinds == ["L4", "L4", "L4", "L5", "L6", "L7"]
    batch = Batch.objects.get(key=f"decision:{decision.pk}:letters")
    assert set(Message.objects.filter(batch=batch).values_list("state", flat=True)) == {MessageState.HELD}


def test_letters_leave_at_their_instant_and_once(ranked: Ranked, time_machine: Any) -> None:
    decision = signed(ranked)
    release(ranked, decision)
    time_machine.move_to(decision.letters_at - timedelta(minutes=1))
    carrying.carry_out()
    work()
    assert not Message.objects.filter(state=MessageState.SENT, kind__startswith="decision_L").exists()
    time_machine.move_to(decision.letters_at + timedelta(seconds=1))
    work()
    assert not Message.objects.filter(state=MessageState.SENT, kind__startswith="decision_L").exists()
    carrying.carry_out()
    time_machine.move_to(decision.letters_at + timedelta(seconds=60))
    for _ in range(3):
        work()
    states = set(Message.objects.filter(kind__startswith="decision_L").values_list("state", flat=True))
    assert states == {MessageState.SENT}
    for signatory in ranked.signatories.values():
        letters = [
            m for _, m in mailbox.received(signatory.email) if "décision" in str(m) or m.is_multipart()
        ]
        assert len(letters) == 1


def test_before_it_leaves_a_code_is_unknown_then_authentic(
    ranked: Ranked, client: Client, time_machine: Any
) -> None:
    decision = signed(ranked)
    release(ranked, decision)
    code = Document.objects.filter(kind="L4")[0].code
    assert "Inconnu" in client.get("/verifier/", {"code": code}).content.decode()
    time_machine.move_to(decision.letters_at + timedelta(seconds=1))
    carrying.carry_out()
    work()
    assert (
        "Authentique" in client.get("/verifier/", {"code": code.lower().replace("-", " ")}).content.decode()
    )


def test_a_voided_line_sends_nothing(ranked: Ranked, time_machine: Any) -> None:
    decision = signed(ranked)
    release(ranked, decision)
    fire(ranked.dossiers["D1"], "withdraw", actor=ranked.signatories["D1"], text="Le conseil y renonce.")
    work()
    time_machine.move_to(decision.letters_at + timedelta(seconds=1))
    carrying.carry_out()
    work()
    sent = Message.objects.filter(dossier=ranked.dossiers["D1"], state=MessageState.SENT)
    assert set(sent.values_list("kind", flat=True)) == {"withdrawal"}


def announced(ranked: Ranked, time_machine: Any) -> None:
    """The decision carried out and its letters sent."""
    decision = signed(ranked)
    release(ranked, decision)
    time_machine.move_to(decision.letters_at + timedelta(seconds=1))
    carrying.carry_out()
    work()


def test_an_award_given_back_is_noted_in_a_letter(ranked: Ranked, time_machine: Any, tmp_path: Path) -> None:
    announced(ranked, time_machine)
    award = Award.objects.get(dossier_number="FLIN-D1")
    fire(award, "decline", actor=ranked.signatories["D1"], text="Plus de chargé de projet.")
    work()
    work()
    letter = Document.objects.get(kind="L12")
    assert letter.dossier == ranked.dossiers["D1"]
    read = words_of(letter, tmp_path)
    assert "l’organisme renonce à l’aide annoncée (Plus de chargé de projet)" in read
    assert "250 000 $" in read
    assert set(Message.objects.filter(kind="award_declined").values_list("state", flat=True)) == {"sent"}
    sent = Message.objects.get(kind="award_declined", user=ranked.signatories["D1"])
    assert f"/dossiers/{ranked.dossiers['D1'].pk}/" in sent.body
    assert list(sent.documents.all()) == [letter]


def test_an_offer_that_lapses_is_noted_in_a_letter(
    ranked: Ranked, client: Client, time_machine: Any, tmp_path: Path
) -> None:
    announced(ranked, time_machine)
    award = Award.objects.get(dossier_number="FLIN-D2")
    assert award.confirm_by is not None
    time_machine.move_to(award.confirm_by + timedelta(seconds=1))
    assert carrying.lapse() == 1
    work()
    letter = Document.objects.get(kind="L12")
    read = words_of(letter, tmp_path)
    assert "l’offre n’a pas été confirmée dans le délai accordé. " in read
    assert "175 000 $" in read
    told = Message.objects.get(kind="award_lapsed", user=ranked.signatories["D2"])
    assert told.state == MessageState.SENT
    assert "est tombée" in told.body
    client.force_login(ranked.signatories["D2"])
    page = client.get(f"/dossiers/{ranked.dossiers['D2'].pk}/")
    assert letter.title in page.content.decode()


def test_a_worker_killed_anywhere_sends_each_letter_once(ranked: Ranked, time_machine: Any) -> None:
    decision = signed(ranked)
    release(ranked, decision)
    time_machine.move_to(decision.letters_at + timedelta(seconds=1))
    carrying.carry_out()
    pks = list(Message.objects.filter(kind__startswith="decision_L").values_list("pk", flat=True))
    for step, pk in enumerate(pks):
        if step % 2:
            mail.send_one(pk)
        late = clock.now() - timedelta(minutes=1)
        Message.objects.filter(pk=pk).update(state=MessageState.SENDING, lease_until=late)
    work()
    assert Message.objects.filter(pk__in=pks, state=MessageState.SENT).count() == len(pks)
    files = list(mailbox.folder().glob("*.eml"))
    ids = [mailbox.read(file.stem)["Message-ID"] for file in files]  # type: ignore[index]
    assert len(ids) == len(set(ids))
    assert {m.message_id for m in Message.objects.filter(pk__in=pks)} <= {str(one) for one in ids}


def test_the_letters_say_what_they_must(ranked: Ranked, tmp_path: Path) -> None:
    signed(ranked)
    acceptance = words_of(Document.objects.get(kind="L4", dossier=ranked.dossiers["D4"]), tmp_path)
    assert "115 000 $" in acceptance
    assert "cent quinze mille dollars" in acceptance
    partial = words_of(Document.objects.get(kind="L7"), tmp_path)
    assert "175 000 $" in partial
    assert "200 000 $" in partial
    assert "87,5 %" in partial
    refusal = words_of(Document.objects.get(kind="L5"), tmp_path)
    assert "58,00 sur 100" in refusal
    assert "réexamen" in refusal
    waiting = words_of(Document.objects.get(kind="L6"), tmp_path)
    assert "rang 1" in waiting


def test_an_applicant_reads_no_letter_before_it_left(
    ranked: Ranked, client: Client, time_machine: Any
) -> None:
    decision = signed(ranked)
    release(ranked, decision)
    letter = Document.objects.get(kind="L4", dossier=ranked.dossiers["D4"])
    page = f"/lettres/{letter.pk}.pdf"
    for person in (ranked.signatories["D4"], ranked.signatories["D1"], ranked.flin.analyst):
        client.force_login(person)
        assert client.get(page).status_code == 404
    client.force_login(ranked.flin.manager)
    assert client.get(page)["Content-Disposition"].startswith("attachment")
    time_machine.move_to(decision.letters_at + timedelta(seconds=1))
    carrying.carry_out()
    work()
    client.force_login(ranked.signatories["D4"])
    assert client.get(page).status_code == 200
    client.force_login(ranked.signatories["D1"])
    assert client.get(page).status_code == 404


def test_a_letter_written_to_somebody_who_left_since_does_not_leave(
    ranked: Ranked, time_machine: Any
) -> None:
    from accounts.models import Membership

    decision = signed(ranked)
    release(ranked, decision)
    gone = ranked.signatories["D4"]
    Membership.objects.filter(user=gone).update(status="ended")
    suspended = ranked.signatories["D5"]
    suspended.is_active = False
    suspended.save()
    time_machine.move_to(decision.letters_at + timedelta(seconds=1))
    carrying.carry_out()
    work()
    assert not mailbox.received(gone.email)
    assert not mailbox.received(suspended.email)
    assert mailbox.received(ranked.signatories["D1"].email)


def test_a_release_read_before_the_signature_holds_nothing_back(ranked: Ranked, time_machine: Any) -> None:
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    fire(decision, "propose", actor=ranked.flin.manager)
    signing = fire(decision, "sign", actor=ranked.flin.authority, digest=decision.digest)
    fire(decision, "ask_release", actor=ranked.flin.manager)
    freeing = fire(decision, "release", actor=ranked.flin.authority)
    relay.handle(freeing)
    relay.handle(signing)
    states = set(Message.objects.filter(kind__startswith="decision_L").values_list("state", flat=True))
    assert states == {MessageState.WAITING}
    time_machine.move_to(decision.letters_at + timedelta(seconds=1))
    carrying.carry_out()
    work()
    assert set(Message.objects.filter(kind__startswith="decision_L").values_list("state", flat=True)) == {
        MessageState.SENT
    }


def test_a_batch_stopped_while_a_worker_walks_it_sends_no_more(ranked: Ranked, time_machine: Any) -> None:
    decision = signed(ranked)
    release(ranked, decision)
    time_machine.move_to(decision.letters_at + timedelta(seconds=1))
    carrying.carry_out()
    documents.draw_due()
    batch = Batch.objects.get(key=f"decision:{decision.pk}:letters")
    rows = list(Message.objects.filter(batch=batch).values_list("pk", flat=True))
    assert mail.send_one(rows[0]) == 1
    actions.stop(batch, actor=ranked.flin.manager)
    assert [mail.send_one(pk) for pk in rows[1:]] == [0] * (len(rows) - 1)
    actions.go_on(batch, actor=ranked.flin.manager)
    assert [mail.send_one(pk) for pk in rows[1:]] == [1] * (len(rows) - 1)
