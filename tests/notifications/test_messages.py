"""Messages: written once, sent once, secrets sealed and wiped, uncertain ones shown."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client, override_settings

from accounts.outgoing import send_secret
from notifications import mail, mailbox
from notifications.compose import Draft, write
from notifications.models import Message
from notifications.models.message import MessageState
from notifications.recipients import Recipient
from tests.fixtures_calls import Flin
from web import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(tmp_path: Any, settings: Any) -> None:
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.EMAIL_BACKEND = "notifications.mailbox.MailboxBackend"


class Hanging(BaseEmailBackend):
    """A server that takes the message and never answers."""

    def send_messages(self, email_messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected("no answer")


class Refusing(BaseEmailBackend):
    """A server that refuses."""

    def send_messages(self, email_messages: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({})


def _one(flin: Flin, kind: str = "decision_returned") -> Message:
    write(
        Draft(kind=kind, key="essai", call=flin.call, values={"words": "à revoir"}),
        [Recipient("a@b.example", "Ana Bé", "fr")],
    )
    return Message.objects.get(key__startswith="essai")


def test_the_same_key_writes_one_row(flin: Flin) -> None:
    _one(flin)
    _one(flin)
    assert Message.objects.filter(to_email="a@b.example").count() == 1


def test_a_message_leaves_once_and_says_when(flin: Flin) -> None:
    message = _one(flin)
    assert mail.send_due() == 1
    assert mail.send_due() == 0
    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert message.sent_at is not None
    assert [str(m["Message-ID"]) for _, m in mailbox.received("a@b.example")] == [message.message_id]


def test_a_worker_that_died_after_sending_doubles_nothing(flin: Flin) -> None:
    message = _one(flin)
    mail.send_due()
    late = clock.now() - timedelta(seconds=1)
    Message.objects.filter(pk=message.pk).update(state=MessageState.SENDING, lease_until=late)
    mail.send_due()
    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert len(mailbox.received("a@b.example")) == 1


@override_settings(EMAIL_BACKEND=f"{__name__}.Hanging")
def test_a_server_that_never_answers_leaves_it_uncertain(flin: Flin) -> None:
    message = _one(flin)
    mail.send_due()
    mail.send_due()
    message.refresh_from_db()
    assert message.state == MessageState.UNCERTAIN


@override_settings(EMAIL_BACKEND=f"{__name__}.Hanging")
def test_an_interrupted_sending_is_not_repeated_blindly(flin: Flin) -> None:
    message = _one(flin)
    late = clock.now() - timedelta(seconds=1)
    Message.objects.filter(pk=message.pk).update(state=MessageState.SENDING, lease_until=late)
    mail.send_due()
    message.refresh_from_db()
    assert message.state == MessageState.UNCERTAIN


@override_settings(EMAIL_BACKEND=f"{__name__}.Refusing")
def test_a_refused_item_is_parked_alone(flin: Flin) -> None:
    message = _one(flin)
    for _ in range(mail.TRIES):
        Message.objects.filter(pk=message.pk).update(due_at=clock.now() - timedelta(seconds=1))
        mail.send_due()
    message.refresh_from_db()
    assert message.state == MessageState.PARKED
    assert "SMTPRecipientsRefused" in message.error


def test_a_secret_is_sealed_then_wiped_and_shown_to_nobody(flin: Flin, client: Client) -> None:
    send_secret(
        "password_reset", to="x@y.example", language="fr", link="https://jalon.example/jeton-tres-secret"
    )
    message = Message.objects.get(to_email="x@y.example")
    assert "jeton" not in message.body
    assert b"jeton" not in bytes(message.sealed_body)
    client.force_login(flin.manager)
    assert client.get(f"/gestion/envois/messages/{message.pk}/").status_code == 404
    assert "x@y.example" not in client.get("/gestion/envois/").content.decode()
    mail.send_due()
    message.refresh_from_db()
    assert bytes(message.sealed_body) == b""
    (_, received) = mailbox.received("x@y.example")[0]
    assert "jeton-tres-secret" in str(received.get_payload(decode=True), "utf-8")


def test_a_line_break_in_a_subject_never_reaches_a_header(flin: Flin) -> None:
    write(
        Draft(
            kind="to_applicants", key="coupe", call=flin.call, subject="Un\r\nBcc: z@z.example", body="corps"
        ),
        [Recipient("a@b.example", "A", "fr")],
    )
    assert Message.objects.get(key__startswith="coupe").subject == "Un Bcc: z@z.example"


def test_held_messages_wait_for_their_release(flin: Flin, client: Client) -> None:
    write(
        Draft(kind="to_applicants", key="tous", call=flin.call, subject="Avis", body="Bonjour"),
        [Recipient("a@b.example", "A", "fr")],
    )
    message = Message.objects.get(key__startswith="tous")
    assert mail.send_due() == 0
    client.force_login(flin.analyst)
    assert client.post(f"/gestion/envois/messages/{message.pk}/liberer/").status_code == 404
    client.force_login(flin.manager)
    assert client.post(f"/gestion/envois/messages/{message.pk}/liberer/").status_code == 302
    assert mail.send_due() == 1


def test_a_manager_writes_to_nobody_when_nobody_filed(flin: Flin, client: Client) -> None:
    client.force_login(flin.manager)
    page = f"/gestion/appels/{flin.call.code}/ecrire/"
    assert client.post(page, {"subject": "", "body": "", "key": "k"}).status_code == 422
    client.force_login(flin.auditor)
    assert client.get(page).status_code == 404


def test_the_public_check_says_unknown_and_is_throttled(client: Client) -> None:
    page = client.get("/verifier/", {"code": "ABCD-EFGH-JKMN-PQRS"}).content.decode()
    assert "Inconnu" in page
    codes = {client.get("/verifier/", {"code": "ABCD-EFGH-JKMN-PQRS"}).status_code for _ in range(25)}
    assert codes == {200, 429}
