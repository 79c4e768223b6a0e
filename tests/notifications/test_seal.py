"""The seal: put by the worker when the ministry has a certificate, once, or the document waits and says why."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from notifications import certificate, codec, documents, mail, storage
from notifications.checks import check_seal
from notifications.letters.seal import Sealer, SealTrouble, stands
from notifications.models import Document, Message
from notifications.models.document import DocumentState
from review import carrying
from tests.fixtures_awards import Ranked
from tests.notifications.certificates import Pair, ed25519_pair, pair
from tests.notifications.letters.samples import KINDS
from tests.notifications.test_decision_letters import release, signed, work
from web import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def good() -> Pair:
    return pair()


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    settings.SECOND_FACTOR = False  # its own tests ask for it
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.EMAIL_BACKEND = "notifications.mailbox.MailboxBackend"
    options = {"location": str(tmp_path / "files")}
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}


def verdict(data: bytes, trust: bytes) -> Any:
    """What an outsider's tool says of a sealed file, with the ministry's root and nothing else to trust."""
    from pyhanko.keys import load_certs_from_pemder_data

    roots = list(load_certs_from_pemder_data(trust))[-1:]
    [found] = PdfFileReader(io.BytesIO(data)).embedded_signatures
    return found, validate_pdf_signature(found, ValidationContext(trust_roots=roots, allow_fetching=False))


def is_valid(data: bytes, trust: bytes) -> bool:
    """Whether that tool finds the file whole; one that it cannot read is not."""
    try:
        return bool(verdict(data, trust)[1].bottom_line)
    except Exception:
        return False


def test_letters_are_sealed_and_certified(
    ranked: Ranked, good: Pair, settings: Any, tmp_path: Path, time_machine: Any
) -> None:
    good.named(settings, tmp_path)
    decision = signed(ranked)
    release(ranked, decision)
    rows = Document.objects.exclude(state=DocumentState.VOID)
    assert {"L4", "L5", "L6", "L7"} == set(rows.values_list("kind", flat=True))
    for row in rows:
        data = storage.read_pdf(row)
        found, status = verdict(data, good.certificate)
        assert status.bottom_line, status.pretty_print_details()
        assert status.modification_level == ModificationLevel.NONE
        assert found.docmdp_level == MDPPerm.NO_CHANGES
        assert row.pdf_digest == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert row.sealed_at is not None
        before = hashlib.sha256()
        plain = documents.render(codec.loads(row.content), seal=True)
        before.update(data[: len(plain)])  # a sealed file begins with the file before its seal
        assert row.unsealed_digest == f"sha256:{before.hexdigest()}"


def test_without_certificate_nothing_changes(ranked: Ranked) -> None:
    signed(ranked)
    for row in Document.objects.all():
        assert row.state == DocumentState.DRAWN
        assert (row.unsealed_digest, row.sealed_at) == ("", None)
        assert storage.read_pdf(row) == documents.render(codec.loads(row.content))


def composed(ranked: Ranked) -> Document:
    """A letter whose PDF is to be drawn again."""
    signed(ranked)
    row = Document.objects.filter(kind="L4").order_by("pk").first()
    assert row is not None
    Document.objects.filter(pk=row.pk).update(state=DocumentState.COMPOSED, pdf_path="", pdf_digest="")
    return row


def files(row: Document) -> list[str]:
    """The sealed files kept of a document."""
    names = default_storage.listdir(f"documents/{row.call_id}")[1]
    return [name for name in names if name.startswith(f"{row.pk}-") and name.endswith("-s.pdf")]


def test_a_worker_that_died_after_sealing_does_not_seal_twice(
    ranked: Ranked, good: Pair, settings: Any, tmp_path: Path
) -> None:
    row = composed(ranked)
    good.named(settings, tmp_path)
    assert documents.draw_one(row.pk) == 1
    row.refresh_from_db()
    first = storage.read_pdf(row)
    Document.objects.filter(pk=row.pk).update(state=DocumentState.COMPOSED, pdf_path="", lease_until=None)
    assert documents.draw_one(row.pk) == 1
    row.refresh_from_db()
    assert storage.read_pdf(row) == first
    assert len(files(row)) == 1


@pytest.mark.parametrize("kept", [0.5, 0.9, 0.999])
def test_a_file_cut_short_by_a_crash_is_sealed_anew(
    kept: float, ranked: Ranked, good: Pair, settings: Any, tmp_path: Path
) -> None:
    row = composed(ranked)
    good.named(settings, tmp_path)
    documents.draw_one(row.pk)
    row.refresh_from_db()
    whole = storage.read_pdf(row)
    default_storage.delete(row.pdf_path)
    default_storage.save(row.pdf_path, ContentFile(whole[: int(len(whole) * kept)]))
    Document.objects.filter(pk=row.pk).update(state=DocumentState.COMPOSED, lease_until=None)
    documents.draw_one(row.pk)
    row.refresh_from_db()
    assert verdict(storage.read_pdf(row), good.certificate)[1].bottom_line
    assert len(files(row)) == 1


def expired() -> Pair:
    return pair(datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC))


def not_yet() -> Pair:
    return pair(datetime(2070, 1, 1, tzinfo=UTC))


TROUBLES = {
    "certificate_expired:2021-01-01": expired,
    "certificate_early:2070-01-01": not_yet,
    "key_of_another": lambda: Pair(pair().key, pair().certificate),
    "key_unreadable": lambda: Pair(b"nonsense", pair().certificate),
    "certificate_unreadable": lambda: Pair(pair().key, b"nonsense"),
    "key_kind": ed25519_pair,
}


@pytest.mark.parametrize("reason", TROUBLES)
def test_a_certificate_that_cannot_be_used_is_said(reason: str, settings: Any, tmp_path: Path) -> None:
    TROUBLES[reason]().named(settings, tmp_path)
    with pytest.raises(SealTrouble) as raised:
        certificate.sealer()
    assert str(raised.value) == reason
    said = certificate.cause_words(f"{certificate.PREFIX}{reason}")
    assert said.startswith("Le document attend son sceau\u00a0: l")
    assert "%(" not in said


@pytest.mark.parametrize("name", ["SEAL_KEY", "SEAL_CERTIFICATE"])
def test_half_a_setting_or_a_missing_file_is_said(
    name: str, good: Pair, settings: Any, tmp_path: Path
) -> None:
    good.named(settings, tmp_path)
    what = name.removeprefix("SEAL_").lower()
    (tmp_path / "empty").write_text("\n")
    setattr(settings, f"{name}_FILE", str(tmp_path / "empty"))
    with pytest.raises(SealTrouble, match=f"{what}_missing"):
        certificate.sealer()
    setattr(settings, f"{name}_FILE", str(tmp_path / "nowhere.pem"))
    with pytest.raises(SealTrouble, match=f"{what}_unreadable"):
        certificate.sealer()
    setattr(settings, f"{name}_FILE", "")
    setattr(settings, name, getattr(good, what).decode())
    assert certificate.sealer() is not None


def test_letters_wait_for_their_seal_and_leave_once_it_can_be_put(
    ranked: Ranked, good: Pair, settings: Any, tmp_path: Path, time_machine: Any
) -> None:
    expired().named(settings, tmp_path)
    decision = signed(ranked)
    release(ranked, decision)
    time_machine.move_to(decision.letters_at + timedelta(seconds=1))
    carrying.carry_out()
    work()
    rows = Document.objects.filter(line_id__isnull=False)
    assert set(rows.values_list("state", "error")) == {("parked", "seal certificate_expired:2021-01-01")}
    assert set(rows.values_list("pdf_path", flat=True)) == {""}  # and no unsealed file in its place
    letters = Message.objects.filter(batch__key=f"decision:{decision.pk}:letters")
    assert set(letters.values_list("state", flat=True)) == {"waiting"}
    good.named(settings, tmp_path)
    time_machine.shift(60)
    documents.draw_due()
    mail.send_due()
    assert set(letters.values_list("state", flat=True)) == {"sent"}
    for row in rows:
        assert verdict(storage.read_pdf(row), good.certificate)[1].bottom_line


def test_a_seal_that_was_lost_is_not_a_seal_given_up(
    ranked: Ranked, good: Pair, settings: Any, tmp_path: Path
) -> None:
    for name in ("SEAL_KEY_FILE", "SEAL_CERTIFICATE_FILE"):
        (tmp_path / name).write_text("\n")
        setattr(settings, name, str(tmp_path / name))
    row = composed(ranked)  # files that are there and empty: no seal is asked for
    good.named(settings, tmp_path)
    documents.draw_one(row.pk)
    row.refresh_from_db()
    assert row.sealed_at is not None
    settings.SEAL_KEY_FILE = settings.SEAL_CERTIFICATE_FILE = ""
    other = Document.objects.exclude(pk=row.pk).first()
    assert other is not None
    Document.objects.filter(pk=other.pk).update(state=DocumentState.COMPOSED)
    assert documents.draw_due() == 0
    other.refresh_from_db()
    assert (other.state, other.error) == (DocumentState.PARKED, "seal gone")
    settings.SEAL = "none"  # said aloud: from now on without
    assert documents.draw_due() == 1
    other.refresh_from_db()
    assert (other.state, other.sealed_at) == (DocumentState.DRAWN, None)


def test_the_key_is_read_once(good: Pair, settings: Any, tmp_path: Path) -> None:
    good.named(settings, tmp_path)
    first = certificate.sealer()
    assert certificate.sealer() is first
    pair().named(settings, tmp_path)  # a renewed certificate counts from the next letter on
    assert certificate.sealer() is not first


@pytest.mark.parametrize("bits", [0, 3072])
def test_a_changed_byte_breaks_the_seal(bits: int) -> None:
    made = pair(rsa_bits=bits)
    sealer = Sealer(made.key, made.certificate)
    sealer.check(clock.now())
    plain = documents.render(KINDS["refusal"](), seal=True)
    sealed = sealer.seal(plain)
    assert stands(sealed, plain)
    assert verdict(sealed, made.certificate)[1].bottom_line
    assert not stands(plain, plain)
    assert not stands(sealed + b" ", plain)
    place = sealed.rindex(b"/Contents <") + 2000
    signed_part = sealed.index(b"/Producer") if b"/Producer" in sealed else len(plain) + 5
    for at in (place, signed_part):
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        assert not is_valid(changed, made.certificate), at


def test_the_check_of_a_deployment_tells_of_the_seal(good: Pair, settings: Any, tmp_path: Path) -> None:
    assert check_seal() == []
    good.named(settings, tmp_path)
    assert check_seal() == []
    pair(end=clock.now() + timedelta(days=20)).named(settings, tmp_path)
    assert [one.id for one in check_seal()] == ["jalon.W020"]
    expired().named(settings, tmp_path)
    assert [one.id for one in check_seal()] == ["jalon.E020"]
