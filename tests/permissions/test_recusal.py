"""A person is shut out: page, file, list, PDF and message shut at the next request; the municipality stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.models import Attachment, Dossier
from notifications import mail
from notifications.models import Document, Message
from review.actions import assignments as acts
from review.models import Recusal
from tests import factories
from tests.permissions.asking import Answer, ask
from tests.permissions.cases import ROUTES
from tests.permissions.world import World
from web import clock
from workflows.engine import fire

pytestmark = pytest.mark.django_db
PAGES = ("dossier", "dossier_content", "dossier_files", "dossier_history", "receipt", "receipt_state", "file")
CHECKS = ("completeness", "eligibility")
SECRETS = ("Zirconium-affaires", "holmium-devis.pdf", "FLIN-REVUE-0001", "Capteurs de lacs")


def shut(world: World, role: str) -> None:
    """The secretary shuts a person out of the dossier in review, after everything was read."""
    person: Any = world.people[role]
    acts.recuse_person(
        world.panels["review"],
        world.dossiers["review"],
        person,
        "Lien de famille.",
        actor=world.who("secretary"),
    )


def met(world: World, client: Client, name: str, relation: str = "review") -> Answer:
    """What a page of the dossier in review answers."""
    case = next(one for one in ROUTES[name].cases if one.relation == relation)
    return ask(client, name, case.args(world))


@pytest.mark.parametrize("role", ["reviewer", "analyst", "second_analyst", "manager", "authority", "auditor"])
def test_every_page_shuts_at_the_next_request(role: str, kept: World, clients: dict[str, Client]) -> None:
    client = clients[role]
    pages = (*PAGES, *CHECKS) if role != "reviewer" else PAGES
    assert {met(kept, client, name).status for name in pages} == {200}
    assert "FLIN-REVUE-0001" in client.get("/dossiers/").content.decode()
    shut(kept, role)
    assert {(name, met(kept, client, name).status) for name in pages} == {(name, 404) for name in pages}
    doors = [
        "/dossiers/",
        "/dossiers/?q=FLIN-REVUE-0001",
        "/recherche/?q=FLIN-REVUE-0001",
        "/accueil/",
        "/comites/",
        "/evaluations/",
        "/gestion/envois/",
    ]
    doors += [
        reverse("panel", args=[kept.panels["review"].pk]),
        reverse("ranking", args=[kept.panels["review"].pk]),
    ]
    doors += [reverse("manage_call", args=["FLIN-REVUE"]), "/gestion/retards/"]
    for door in doors:
        text = client.get(door).content.decode()
        own = "FLIN-REVUE-0001" if "q=" in door else ""  # what the person typed comes back in the box
        assert not [word for word in SECRETS if word in text and word != own], door


def test_what_a_reviewer_wrote_and_was_given_shuts_too(kept: World, clients: dict[str, Client]) -> None:
    pk = kept.assignments["reviewer"].pk
    page = reverse("assignment", args=[pk])
    assert clients["reviewer"].get(page).status_code == 200
    fire(kept.assignments["reviewer"], "recuse", actor=kept.who("secretary"), text="Lien de famille.")
    assert clients["reviewer"].get(page).status_code == 404
    assert (
        clients["reviewer"].post(reverse("assignment_save", args=[pk]), {"strengths": "Encore"}).status_code
        == 404
    )
    assert clients["reviewer"].post(reverse("sheet_verb", args=[pk, "reopen"])).status_code == 404
    assert "Capteurs de lacs" not in clients["reviewer"].get("/evaluations/").content.decode()


@pytest.mark.parametrize("role", ["manager", "authority", "secretary", "auditor"])
def test_letters_and_messages_shut(role: str, kept: World, clients: dict[str, Client]) -> None:
    """Also the letter of a decision that is still a secret, and the messages about the dossier."""
    letter = kept.things["held_document"]
    page = reverse("document_pdf", args=[letter.pk])
    assert clients[role].get(page).status_code == 200
    person: Any = kept.people[role]
    Recusal.objects.create(
        dossier=kept.dossiers["decided"], user=person, at=clock.now(), by=person, reason="Lien de famille."
    )
    assert clients[role].get(page).status_code == 404
    message = kept.things["held_message"]
    assert clients[role].get(reverse("message", args=[message.pk])).status_code == 404
    assert "Samarium-lettre" not in clients[role].get("/gestion/envois/").content.decode()


@pytest.mark.parametrize("role", ["manager", "authority", "secretary", "auditor"])
def test_a_member_of_the_municipality_keeps_the_face_of_the_municipality_only(
    role: str, kept: World, clients: dict[str, Client]
) -> None:
    """Deny wins over every staff role, and takes away nobody's sight of his or her own municipality's dossier."""
    person: Any = kept.people[role]
    factories.make_member(person, kept.things["adstock"], "drafter")
    dossier = kept.dossiers["decided"]
    Recusal.objects.create(
        dossier=dossier, user=person, at=clock.now(), by=person, reason="Employé municipal."
    )
    client = clients[role]
    page = client.get(reverse("dossier", args=[dossier.pk]))
    assert page.status_code == 200
    seen = Dossier.objects.visible_to(person).with_readable_outcome(person, clock.now()).get(pk=dossier.pk)
    assert (seen.readable_state, seen.readable_stage) == ("in_progress", "hidden")
    assert client.get(reverse("document_pdf", args=[kept.things["held_document"].pk])).status_code == 404
    for name in CHECKS:
        assert client.get(reverse(name, args=[dossier.pk])).status_code == 404, name
    assert client.get(reverse("message", args=[kept.things["held_message"].pk])).status_code == 404
    assert "Samarium-lettre" not in client.get("/gestion/envois/").content.decode()


def test_the_decision_withholds_the_line_of_a_recused_person(kept: World, clients: dict[str, Client]) -> None:
    page = reverse("decision", args=[kept.decisions["decided"].pk])
    person: Any = kept.people["auditor"]
    assert "FLIN-DECIDE-D1" in clients["auditor"].get(page).content.decode()
    Recusal.objects.create(
        dossier=kept.dossiers["decided"], user=person, at=timezone.now(), by=person, reason="Lien de famille."
    )
    text = clients["auditor"].get(page).content.decode()
    assert "FLIN-DECIDE-D1" not in text
    assert "FLIN-DECIDE-D2" in text


def test_a_message_that_waits_is_not_sent_to_a_recused_person(kept: World) -> None:
    person: Any = kept.people["reviewer"]
    row = Message.objects.get(pk=kept.things["message"].pk)
    row.pk, row.key, row.message_id = None, "attend", "<attend@jalon.example>"
    row.user, row.to_email, row.state, row.mode = person, person.email, "waiting", "at_once"
    row.due_at, row.subject, row.sent_at, row.lease_until = clock.now(), "Attend-envoi", None, None
    row.save(force_insert=True)
    shut(kept, "reviewer")
    outbox.outbox.clear()
    mail.send_due()
    assert not [one for one in outbox.outbox if "Attend-envoi" in one.subject]
    row.refresh_from_db()
    assert row.state == "cancelled"


def test_a_role_taken_back_shuts_at_the_next_request(kept: World, clients: dict[str, Client]) -> None:
    from accounts import permissions

    person: Any = kept.people["analyst"]
    assert met(kept, clients["analyst"], "dossier").status == 200
    for table in permissions.role_models():
        table._default_manager.filter(user=person).delete()
    assert met(kept, clients["analyst"], "dossier").status == 404
    assert met(kept, clients["analyst"], "file").status == 404
    assert Attachment.objects.exists()
    assert Document.objects.exists()


def test_a_suspended_person_is_out_at_the_next_request(kept: World, clients: dict[str, Client]) -> None:
    person: Any = kept.people["manager"]
    assert met(kept, clients["manager"], "dossier").status == 200
    type(person).objects.filter(pk=person.pk).update(is_active=False)
    assert met(kept, clients["manager"], "dossier").signs_in()
