"""Completeness: asked, answered beside the old, silence countersigned by another person."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from accounts.models import User
from applications import verifying
from applications.actions.answers import answers_open, save_answer
from applications.models import CompletionRequest, Dossier
from tests.applications.checked import closed, filed, later, signed_in
from tests.applications.filled import file_now
from tests.fixtures_calls import Flin
from web import calendar, clock, home
from workflows.engine import NotAllowed, Refused, fire
from workflows.models import Event

__all__ = ["closed", "filed"]


def test_the_page_lists_what_the_call_asks(closed: Dossier, flin: Flin) -> None:
    page = signed_in(flin.analyst).get(f"/dossiers/{closed.pk}/completude/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "Joignez la résolution du conseil" in text
    assert "resolution.pdf" in text
    assert "non analysé" in text
    assert "Déclarer complet" in text
    assert "Demander des compléments…" in text


@pytest.mark.parametrize("role", ["secretary", "manager", "auditor"])
def test_only_the_stage_s_role_gets_its_verbs(role: str, closed: Dossier, flin: Flin) -> None:
    client = signed_in(getattr(flin, role))
    assert "Demander des compléments" not in client.get(f"/dossiers/{closed.pk}/completude/").content.decode()
    assert client.get(f"/dossiers/{closed.pk}/completude/demander/").status_code == 404
    assert client.post(f"/dossiers/{closed.pk}/issues/complet/").status_code == 404


def test_applicants_do_not_read_the_ministry_s_pages(closed: Dossier, signatory: User) -> None:
    client = signed_in(signatory)
    for page in ("completude/", "completude/demander/", "admissibilite/", "contreseing/", "issues/complet/"):
        assert client.get(f"/dossiers/{closed.pk}/{page}").status_code == 404


def test_ask_opens_named_questions_until_the_due_instant(
    closed: Dossier, flin: Flin, signatory: User
) -> None:
    client = signed_in(flin.analyst)
    here = f"/dossiers/{closed.pk}/completude/demander/"
    assert "16\u00a0h\u00a030" in client.get(here).content.decode()
    nothing = client.post(here, {"seen": str(closed.version)})
    assert nothing.status_code == 422
    assert "au moins une question" in nothing.content.decode()
    bare = client.post(here, {"ask-resolution": "on", "message": "Bonjour"})
    assert bare.status_code == 422
    assert "Dites ce qui manque" in bare.content.decode()
    sent = client.post(
        here, {"ask-resolution": "on", "why-resolution": "Elle n’est pas signée.", "message": "Bonjour"}
    )
    assert sent.status_code == 303
    closed.refresh_from_db()
    assert closed.state == "with_applicant"
    assert closed.analyst == flin.analyst
    assert closed.due_at == calendar.due_in_days(clock.now(), 15)
    assert answers_open(closed, signatory) == {"resolution"}
    page = signed_in(signatory).get(f"/dossiers/{closed.pk}/").content.decode()
    assert "Elle n’est pas signée." in page
    assert "Bonjour" in page
    assert "heure de l’Est" in page
    event = Event.objects.get(verb="applications.dossier.send_back")
    assert event.data["questions"] == ["resolution"]
    assert event.words == "Bonjour"


def test_a_point_left_as_it_was_is_said_before_answering(
    closed: Dossier, flin: Flin, signatory: User
) -> None:
    fire(
        closed,
        "send_back",
        actor=flin.analyst,
        items={"need": "Combien de personnes?", "title": "Plus court."},
    )
    closed.refresh_from_db()
    client, here = signed_in(signatory), f"/dossiers/{closed.pk}/verification/"
    said = "rien n’a changé depuis la demande de compléments"
    assert client.get(here).content.decode().count(said) == 2
    save_answer(closed, "title", "Un titre court", actor=signatory, seen_version=1)
    page = client.get(here).content.decode()
    assert page.count(said) == 1
    assert f"titre du projet?\u00a0»\u00a0: {said}" not in page


def test_the_answer_stands_beside_the_old_one(closed: Dossier, flin: Flin, signatory: User) -> None:
    fire(closed, "send_back", actor=flin.analyst, items={"need": "Combien de personnes?"})
    save_answer(closed, "need", "Le quart de l’eau est perdu.", actor=signatory, seen_version=1)
    file_now(closed, signatory, key="reponse", kind="completion")
    closed.refresh_from_db()
    assert closed.state == "in_progress"
    assert closed.snapshot is not None
    assert closed.snapshot.version == 2
    assert CompletionRequest.objects.get().answered_at is not None
    text = signed_in(flin.analyst).get(f"/dossiers/{closed.pk}/completude/").content.decode()
    assert "1 réponse changée" in text
    assert "<mark>tiers</mark>" in text
    assert "<mark>quart</mark>" in text
    old = signed_in(flin.analyst).get(f"/dossiers/{closed.pk}/demande/?version=1").content.decode()
    assert "Le tiers" in old
    assert "pas la version en vigueur" in old
    assert [g for g in home.todos(flin.analyst) if str(g.label) == "Réponses reçues"]


def test_silence_is_proposed_after_the_due_instant_and_countersigned(closed: Dossier, flin: Flin) -> None:
    fire(closed, "send_back", actor=flin.analyst, items={"resolution": "Elle manque."})
    client = signed_in(flin.analyst)
    assert "Le délai de réponse n’est pas écoulé." in client.get(f"/dossiers/{closed.pk}/").content.decode()
    assert client.post(f"/dossiers/{closed.pk}/issues/silence/").status_code == 422
    with time_machine.travel(later(closed, minutes=1), tick=False):
        client = signed_in(flin.analyst)
        assert (
            client.post(f"/dossiers/{closed.pk}/issues/silence/", {"outcome": "silence"}).status_code == 303
        )
        closed.refresh_from_db()
        assert (closed.state, closed.stage) == ("in_progress", "contreseing")
        assert client.get(f"/dossiers/{closed.pk}/issues/confirme/").status_code == 404
        second = signed_in(flin.second_analyst)
        page = second.get(f"/dossiers/{closed.pk}/contreseing/").content.decode()
        assert "Elle manque." in page
        assert "Contresigner le refus…" in page
        assert "Renvoyer" in page
        assert (
            second.post(f"/dossiers/{closed.pk}/issues/confirme/", {"outcome": "confirme"}).status_code == 303
        )
    closed.refresh_from_db()
    assert (closed.state, closed.outcome) == ("rejected", "confirme")


def test_the_one_who_checked_never_countersigns(closed: Dossier, flin: Flin) -> None:
    from tests import factories

    factories.make_staff("second_analyst", flin.call, flin.analyst)
    fire(closed, "send_back", actor=flin.analyst, items={"resolution": "Elle manque."})
    with time_machine.travel(later(closed, days=1), tick=False):
        fire(closed, "advance", actor=flin.analyst, outcome="silence")
        with pytest.raises(Refused, match="Une autre personne"):
            fire(closed, "reject", actor=flin.analyst, outcome="confirme")
        text = signed_in(flin.analyst).get(f"/dossiers/{closed.pk}/contreseing/").content.decode()
        assert 'aria-disabled="true"' in text
        assert "Une autre personne" in text


def test_it_may_be_sent_back_to_completeness(closed: Dossier, flin: Flin) -> None:
    fire(closed, "send_back", actor=flin.analyst, items={"resolution": "Elle manque."})
    with time_machine.travel(later(closed, days=1), tick=False):
        fire(closed, "advance", actor=flin.analyst, outcome="silence")
        assert (
            signed_in(flin.second_analyst)
            .post(f"/dossiers/{closed.pk}/issues/renvoi_completude/", {"outcome": "renvoi_completude"})
            .status_code
            == 303
        )
    closed.refresh_from_db()
    assert (closed.state, closed.stage) == ("in_progress", "completude")


def test_completeness_waits_for_the_mandate(closed: Dossier, flin: Flin) -> None:
    Dossier.objects.filter(pk=closed.pk).update(mandate_unconfirmed=True)
    text = signed_in(flin.analyst).get(f"/dossiers/{closed.pk}/").content.decode()
    assert "Mandat à confirmer." in text
    assert "n’est pas confirmé" in text
    with pytest.raises(Refused, match="mandat"):
        fire(closed, "advance", actor=flin.analyst, outcome="complet")


def test_an_infected_file_is_withheld_and_asked_again(closed: Dossier, flin: Flin) -> None:
    filed_at = closed.filed_at
    attachment = closed.attachments.get(slot="resolution")
    assert verifying.withhold(attachment, actor=flin.analyst)
    assert not verifying.withhold(attachment, actor=flin.analyst)
    closed.refresh_from_db()
    assert closed.state == "with_applicant"
    assert closed.filed_at == filed_at
    item = CompletionRequest.objects.get().items.get()
    assert item.question == "resolution"
    assert "logiciel malveillant" in item.reason
    text = signed_in(flin.analyst).get(f"/dossiers/{closed.pk}/fichiers/").content.decode()
    assert f"/pieces/{attachment.pk}/fichier/" not in text
    assert "malveillant" in text


def test_before_the_closing_nothing_is_asked(filed: Dossier, flin: Flin) -> None:
    with pytest.raises(Refused, match="après la fermeture"):
        fire(filed, "send_back", actor=flin.analyst, items={"need": "?"})
    assert signed_in(flin.analyst).get(f"/dossiers/{filed.pk}/completude/").status_code == 404


def test_nobody_else_asks(closed: Dossier, flin: Flin, signatory: User) -> None:
    for person in (flin.manager, signatory):
        with pytest.raises(NotAllowed):
            fire(closed, "send_back", actor=person, items={"need": "?"})


def test_working_days_and_holidays_move_the_due_instant(closed: Dossier, flin: Flin) -> None:
    fire(closed, "send_back", actor=flin.analyst, items={"need": "?"})
    assert closed.due_at is not None
    local = closed.due_at.astimezone(calendar.ZONE)
    assert (local.hour, local.minute) == (16, 30)
    assert calendar.is_working_day(local.date())
    assert local.date() >= (clock.now() + timedelta(days=15)).astimezone(calendar.ZONE).date()
