"""Steps of the restore drill, each a process of its own on the database and files that the environment names."""

from __future__ import annotations

import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

THREADS = 2
SIGNATORY = "signe@ville.example"


def build() -> None:
    """A site at work: a decision whose letters leave, two of twelve gone; drafts with files; a secret under way."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    from notifications import documents
    from notifications.models import Message
    from review import carrying, deciding
    from tests import factories
    from tests.applications import filled
    from tests.fixtures_awards import make_ranked
    from tests.fixtures_calls import make_flin
    from web import clock
    from workflows.engine import fire

    ranked = make_ranked()
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    instant = clock.now() + timedelta(seconds=3)
    deciding.set_instants(decision, instant, instant, actor=ranked.flin.manager)
    fire(decision, "propose", actor=ranked.flin.manager)
    fire(decision, "sign", actor=ranked.flin.authority, digest=decision.digest)
    fire(decision, "ask_release", actor=ranked.flin.manager)
    fire(decision, "release", actor=ranked.flin.authority)
    drain()
    call = make_flin("FLIN-OUVERT").call
    town, signatory = factories.make_org("31084"), factories.make_user(SIGNATORY)
    factories.make_member(signatory, town, "signatory")
    filled.make_filled(call, town, signatory)
    while clock.now() <= instant:
        time.sleep(0.05)
    assert carrying.carry_out() == 6
    drain()
    documents.draw_due()
    rows = Message.objects.filter(kind__startswith="decision_L").order_by("pk")
    assert sum(send(pk) for pk in rows.values_list("pk", flat=True)[:2]) == 2
    secret(ranked.flin.manager)
    print("built", flush=True)


def secret(user: Any) -> None:
    """A link to choose a password, sealed, not yet sent."""
    from accounts.outgoing import SecretMessage
    from notifications.secrets import send_secret

    facts = {"link": "https://jalon.example/motdepasse/x/"}
    send_secret(
        SecretMessage(kind="password_reset", to=user.email, language="fr", user_id=user.pk, facts=facts)
    )


def drain() -> None:
    """Every delivery that is due."""
    from workflows import deliveries

    while deliveries.run_due():
        pass


def send(pk: int) -> int:
    """Send one message as a worker does."""
    from notifications import mail

    return mail.send_one(pk)


def work() -> None:
    """What a worker does until nothing is due; called again and again by real ones."""
    from notifications import documents, mail, reminders
    from review import carrying

    for _turn in range(3):
        drain()
        carrying.carry_out()
        carrying.lapse()
        reminders.write_due()
        documents.draw_due()
        mail.send_due()


def uploads(stop: str) -> None:
    """Files are added, and drafts deleted with theirs, in threads until a file named STOP appears."""
    from django.db import connection

    from accounts.models import Organisation, User
    from applications.actions.drafts import delete_draft, start_dossier
    from applications.actions.files import add_file
    from applications.models import Dossier
    from tests.applications import filled

    town = Organisation.objects.get(code="31084")
    signatory = User.objects.get(email=SIGNATORY)
    kept = Dossier.objects.get(call__code="FLIN-OUVERT", state="draft")
    count, lock = [0], threading.Lock()

    def one() -> None:
        while not Path(stop).exists():
            draft, _new = start_dossier(kept.call, town, actor=signatory, volet=kept.volet, another=True)
            for _file in range(3):
                data = filled.PDF + b"%" + uuid4().hex.encode() * 3000 + b"\n"
                add_file(
                    draft, "resolution", filled.pdf("a.pdf", data), actor=signatory, upload_key=uuid4().hex
                )
                with lock:
                    count[0] += 1
            delete_draft(draft, actor=signatory)
        connection.close()

    threads = [threading.Thread(target=one) for _n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("uploaded", count[0], flush=True)


def lost() -> None:
    """The hours after the backup, which the restored site does not know: the other letters leave."""
    work()


def after() -> None:
    """The restored site: what a worker sends by itself, what a person settles, what new acts cause."""
    from django.test import Client
    from django.urls import reverse

    from accounts.models import User
    from applications.models import Dossier
    from notifications import restored
    from notifications.models import Message
    from notifications.models.message import MessageState
    from tests.applications import filled
    from workflows.models import Event
    from workflows.trail import chain_codes, verify_chain

    work()
    print("worked", flush=True)
    held = list(Message.objects.filter(restored.UNSURE, kind__startswith="decision_L").order_by("pk"))
    assert len(held) == 10, [(m.kind, m.state, m.error) for m in Message.objects.all()]
    sealed = Message.objects.get(mode="secret")
    assert (sealed.state, bytes(sealed.sealed_body)) == (MessageState.CANCELLED, b"")
    manager = User.objects.get(email="manager@ministere.example")
    client = Client()
    client.force_login(manager)
    page = client.get(reverse("message", args=[held[0].pk])).content.decode()
    assert "restauré d’une sauvegarde" in page
    assert client.post(reverse("message_act", args=[held[0].pk, "reprendre"])).status_code == 302
    assert client.post(reverse("message_act", args=[held[1].pk, "parti"])).status_code == 302
    assert client.post(reverse("batch_act", args=[held[2].batch_id, "partis"])).status_code == 302
    work()
    states = [Message.objects.get(pk=one.pk).state for one in held]
    assert states == [MessageState.SENT] * 10, states
    last = Event.objects.order_by("-pk").values_list("pk", flat=True)[0]
    dossier = Dossier.objects.filter(call__code="FLIN-OUVERT", state="draft").order_by("pk")[0]
    filled.file_now(dossier, User.objects.get(email=SIGNATORY))
    assert Event.objects.filter(verb="applications.dossier.submit", pk__gt=last).exists()
    work()
    assert Event.objects.filter(verb="sites.site.restore").count() == 1
    assert all(verify_chain(code)["ok"] for code in chain_codes())
    print("settled", flush=True)


if __name__ == "__main__":
    import django
    from django.conf import settings

    django.setup()
    settings.SECOND_FACTOR = False
    settings.ALLOWED_HOSTS = ["testserver"]
    {"build": build, "uploads": uploads, "lost": lost, "after": after}[sys.argv[1]](*sys.argv[2:])
