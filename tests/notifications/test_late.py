"""Who is late, and a word to every applicant of a call: written, read, released, sent once to each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from notifications import mail, mailbox
from notifications.models import Batch, Message
from notifications.models.message import MessageState
from tests.fixtures_awards import Ranked

pytestmark = pytest.mark.django_db
SAID = "Le calendrier change : les lettres partiront une semaine plus tard."


def test_a_manager_writes_to_all_applicants_from_the_page_of_delays(
    ranked: Ranked, client: Client, tmp_path: Path, settings: Any
) -> None:
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.EMAIL_BACKEND = "notifications.mailbox.MailboxBackend"
    client.force_login(ranked.flin.manager)
    address = reverse("to_applicants", args=[ranked.flin.call.code])
    assert address in client.get(reverse("late")).content.decode()
    form = client.get(address).context["form"]
    answer = {"subject": "Calendrier", "body": SAID, "key": form.initial["key"]}
    made = client.post(address, answer)
    assert made.status_code == 302
    client.post(address, answer)  # a second click writes nothing more
    batch = Batch.objects.get(kind="to_applicants")
    assert set(Message.objects.filter(batch=batch).values_list("state", flat=True)) == {MessageState.HELD}
    assert mail.send_due() == 0
    assert SAID in client.get(reverse("message", args=[batch.messages.all()[0].pk])).content.decode()
    shown = client.get(reverse("batch", args=[batch.pk]))
    for one in shown.context["figures"]:
        behind = client.get(reverse("batch", args=[batch.pk]) + one["href"])
        assert behind.context["list"].total == one["value"], one["label"]
    assert f'/gestion/envois/{batch.pk}/?etat=held"' in client.get(reverse("outbox")).content.decode()
    client.post(reverse("batch_act", args=[batch.pk, "liberer"]))
    assert mail.send_due() == batch.total
    for signatory in ranked.signatories.values():
        found = mailbox.received(signatory.email)
        assert len(found) == 1
    client.force_login(ranked.flin.analyst)
    assert client.get(address).status_code == 404
    assert client.get(reverse("late")).status_code == 404


def test_the_secretary_reads_the_delays_and_writes_to_nobody(ranked: Ranked, client: Client) -> None:
    client.force_login(ranked.flin.secretary)
    page = client.get(reverse("late")).content.decode()
    address = reverse("to_applicants", args=[ranked.flin.call.code])
    assert address not in page
    assert client.get(address).status_code == 404
