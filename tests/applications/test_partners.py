"""Joint projects: asked, confirmed by each one's own signatory, declined, gone after the filing; through the page."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation, User
from applications import blockers, facts, snapshots
from applications.actions import partners as acts
from applications.models import Body, Dossier
from notifications.models import Document, Message
from tests import factories
from tests.applications import filled
from tests.applications.checked import signed_in
from tests.applications.joint import confirm, joined, page_of, town
from web import clock
from workflows import deliveries
from workflows.engine import NotAllowed, Refused
from workflows.models import Event

WRITTEN = ("verification", "supprimer", "copier", "sections/projet", "reponses/need/versions")


def against(dossier: Dossier) -> list[str]:
    return [one.sentence for one in blockers.of(Dossier.objects.get(pk=dossier.pk)) if one.kind == "partner"]


# --- before the filing --------------------------------------------------------------------------------------
def test_a_partner_is_asked_by_mail_and_confirms_from_its_own_account(
    client: Client, draft: Dossier, lead: User
) -> None:
    organisation, signatory = town("10043")
    client.force_login(lead)
    assert "10043" in client.get(page_of(draft), {"q": organisation.name}).content.decode()
    sent = {"act": "add", "organisation": organisation.pk, "part": "Essais sur place", "share": "4 000 $"}
    assert client.post(page_of(draft), sent).status_code == 303
    body = draft.bodies.get(role="partner")
    assert (body.share, body.confirmation) == (4000, "pending")
    deliveries.run_due(limit=100)
    told = Message.objects.filter(kind="partner_asked")
    assert {one.to_email for one in told} == {signatory.email, organisation.own_email}
    assert page_of(draft) in told[0].body
    client.force_login(signatory)
    assert client.get(page_of(draft)).status_code == 200
    answer = {
        "act": "confirm",
        "body": body.pk,
        "number": "2026-04-012",
        "day": clock.today(),
        "kind": "provisional",
    }
    assert client.post(page_of(draft), answer).status_code == 303
    body.refresh_from_db()
    assert (body.confirmation, body.confirmed_by) == ("confirmed", signatory)
    assert body.resolution == {
        "number": "2026-04-012",
        "date": clock.today().isoformat(),
        "kind": "provisional",
    }
    assert Event.objects.filter(verb="applications.dossier.partner_confirm").count() == 1


def test_filing_waits_for_every_partner_and_for_enough_of_them(draft: Dossier, lead: User) -> None:
    assert against(draft) == [
        "Ce volet demande au moins 3 organismes, le responsable compris\u00a0: il y en a 1."
    ]
    (first, one), (second, two) = joined(draft, lead, "10043", "14050")
    assert len(against(draft)) == 2
    confirm(first, one)
    assert len(against(draft)) == 1
    confirm(second, two)
    assert against(draft) == []
    snapshot = filled.file_now(Dossier.objects.get(pk=draft.pk), lead)
    bodies = snapshots.content_of(snapshot)["bodies"]
    assert [(one["role"], one.get("confirmation")) for one in bodies] == [
        ("lead", None),
        ("partner", "confirmed"),
        ("partner", "confirmed"),
    ]
    known = facts.judged(snapshot)
    assert known["partners_confirmed"] == known["resolutions"] == ["qc:31056", "qc:10043", "qc:14050"]


def test_nobody_else_speaks_for_a_partner(client: Client, draft: Dossier, lead: User) -> None:
    ((body, _signatory),) = joined(draft, lead, "10043")
    drafter, stranger = factories.make_user(), factories.make_user()
    factories.make_member(drafter, body.organisation, "drafter")
    for person in (lead, drafter):
        client.force_login(person)
        answer = {"act": "confirm", "body": body.pk, "number": "1", "day": clock.today(), "kind": "final"}
        assert client.post(page_of(draft), answer).status_code == 404
    client.force_login(stranger)
    assert client.get(page_of(draft)).status_code == 404
    with pytest.raises(NotAllowed):
        acts.add(draft, factories.make_org("14050"), part="x", share=1, actor=drafter)
    body.refresh_from_db()
    assert body.confirmation == "pending"


def test_bad_input_says_why_and_keeps_what_was_typed(client: Client, draft: Dossier, lead: User) -> None:
    ((body, signatory),) = joined(draft, lead, "10043")
    client.force_login(signatory)
    tomorrow = clock.today() + timedelta(days=1)
    page = client.post(
        page_of(draft),
        {"act": "confirm", "body": body.pk, "number": "2026-77", "day": tomorrow, "kind": "final"},
    )
    assert page.status_code == 422
    assert "elle ne peut pas être à venir" in page.content.decode()
    assert 'value="2026-77"' in page.content.decode()
    client.force_login(lead)
    twice = {"act": "add", "organisation": body.organisation_id, "part": "Encore", "share": "12,50"}
    page = client.post(page_of(draft), twice)
    assert page.status_code == 422
    assert "sans cents" in page.content.decode()
    assert 'value="Encore"' in page.content.decode()
    with pytest.raises(Refused, match="déjà dans le projet"):
        acts.add(draft, body.organisation, part="Encore", share=1, actor=lead)


def test_a_changed_share_is_confirmed_again_and_a_refusal_reopens_the_others(
    draft: Dossier, lead: User
) -> None:
    (first, one), (second, two) = joined(draft, lead, "10043", "14050")
    confirm(first, one)
    acts.change(first, part="Essais", share=4000, actor=lead)
    first.refresh_from_db()
    assert first.confirmation == "confirmed", "nothing changed"
    acts.change(first, part="Essais", share=5000, actor=lead)
    first.refresh_from_db()
    assert first.confirmation == "pending"
    confirm(first, one)
    acts.decline(second, "Le conseil préfère attendre.", actor=two)
    first.refresh_from_db()
    assert first.confirmation == "pending", "the shares of those who stay may change"
    assert any("a refusé de participer" in words for words in against(draft))
    client = Client()
    for person, reads in ((lead, True), (two, True), (one, False)):
        client.force_login(person)
        assert ("préfère attendre" in client.get(page_of(draft)).content.decode()) is reads
    acts.remove(second, actor=lead)
    assert not any("a refusé" in words for words in against(draft))


def test_the_lead_sees_who_has_not_answered_and_reminds_once_a_day(
    client: Client, draft: Dossier, lead: User
) -> None:
    ((body, signatory), (_other, two)) = joined(draft, lead, "10043", "14050")
    client.force_login(lead)
    assert "à relancer demain au plus tôt" in client.get(page_of(draft)).content.decode()
    with pytest.raises(Refused, match="une fois par jour"):
        acts.remind(body, actor=lead)
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        confirm(Body.objects.get(organisation__code="14050"), two)
        client.force_login(lead)
        page = client.get(page_of(draft)).content.decode()
        assert page.count('value="remind"') == 1, "only of those who have not answered"
        for answer in (303, 422):
            sent = {"act": "remind", "body": body.pk}
            assert client.post(page_of(draft), sent).status_code == answer
        deliveries.run_due(limit=100)
        told = Message.objects.filter(kind="partner_reminded")
        assert {one.to_email for one in told} == {signatory.email, body.organisation.own_email}
    assert Event.objects.filter(verb="applications.dossier.partner_remind").count() == 1
    client.force_login(signatory)
    assert 'value="remind"' not in client.get(page_of(draft)).content.decode()


def test_costs_at_the_name_of_a_body_that_went_stand_against_filing(
    client: Client, draft: Dossier, lead: User
) -> None:
    (first, one), (second, two) = joined(draft, lead, "10043", "14050")
    confirm(first, one)
    confirm(second, two)
    row = draft.answers.get(question="budget")
    row.value = {**row.value, "lines": [{**line, "partner": "qc:14050"} for line in row.value["lines"]]}
    row.save()
    assert against(draft) == []
    acts.decline(second, "Le conseil préfère attendre.", actor=two)
    acts.remove(second, actor=lead)
    words = "2 dépenses du budget sont au nom de Matane, qui n’est plus du projet"
    name = second.organisation.name
    assert any(words.replace("Matane", name) in said for said in against(draft))
    client.force_login(lead)
    assert words.replace("Matane", name) in client.get(page_of(draft)).content.decode()
    deliveries.run_due(limit=100)
    told = Message.objects.filter(kind="partner_reopened")
    assert {message.to_email for message in told} == {one.email, first.organisation.own_email}


def test_a_second_factor_is_asked_where_signatures_ask_it(
    draft: Dossier, lead: User, second_factor: None
) -> None:
    ((body, signatory),) = joined(draft, lead, "10043")
    with pytest.raises(Refused, match="double authentification"):
        confirm(body, signatory)


def test_each_body_reads_the_dossier_from_its_own_account(draft: Dossier, lead: User) -> None:
    (first, one), (second, two), (third, three) = joined(draft, lead, "10043", "14050", "31084")
    for body, person in ((first, one), (second, two)):
        confirm(body, person)
    secret = "Notre conseil se méfie du responsable."
    acts.decline(third, secret, actor=three)
    acts.remove(third, actor=lead)
    for body, person in ((first, one), (second, two)):
        confirm(Body.objects.get(pk=body.pk), person)
    mine = signed_in(one)
    assert "Lire la demande" in mine.get(page_of(draft)).content.decode()
    before = {name: mine.get(f"/dossiers/{draft.pk}/{name}/").status_code for name in WRITTEN}
    assert set(before.values()) <= {403, 404}, before
    snapshot = filled.file_now(Dossier.objects.get(pk=draft.pk), lead)
    deliveries.run_due(limit=100)
    for name in (
        "dossier",
        "dossier_content",
        "dossier_files",
        "dossier_history",
        "dossier_partners",
        "receipt",
    ):
        args = [draft.pk, snapshot.version] if name == "receipt" else [draft.pk]
        page = mine.get(reverse(name, args=args))
        assert page.status_code == 200, name
        assert secret not in page.content.decode(), name
    names = mine.get("/dossiers/").content.decode()
    assert draft.title in names
    receipt = Document.objects.get(kind="L1")
    assert mine.get(f"/lettres/{receipt.pk}.pdf").status_code in (200, 202)
    assert signed_in(three).get(f"/dossiers/{draft.pk}/").status_code == 404, (
        "taken out: it reads nothing any more"
    )
    after = {name: mine.get(f"/dossiers/{draft.pk}/{name}/").status_code for name in WRITTEN}
    assert set(after.values()) <= {403, 404}, after


def test_a_territory_takes_no_part_in_its_own_name(draft: Dossier, lead: User) -> None:
    land = factories.make_org("10043")
    Organisation.objects.filter(pk=land.pk).update(is_applicant=False, kind="unorganised")
    land.refresh_from_db()
    with pytest.raises(Refused, match=r"la MRC .* le représente"):
        acts.add(draft, land, part="x", share=1, actor=lead)


def test_the_page_costs_the_same_for_two_bodies_and_for_six(
    client: Client, draft: Dossier, lead: User
) -> None:
    joined(draft, lead, "10043")
    client.force_login(lead)
    counts = []
    for more in ((), ("14050", "10070", "31084", "02005")):
        joined(draft, lead, *more)
        client.get(page_of(draft))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(page_of(draft))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 10, counts
