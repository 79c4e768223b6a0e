"""Questions of a call: asked while they may be, public to all at once, everyone told; so are dates that move."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from applications.actions.drafts import start_dossier
from grants.actions import dates, questions
from grants.models import CallQuestion
from notifications.models import Batch, Message
from tests import factories
from tests.applications import filled
from tests.fixtures_calls import Flin
from web import clock
from workflows import deliveries
from workflows.engine import NotAllowed, Refused
from workflows.models import Event

pytestmark = pytest.mark.django_db
WORDS = "Une tablette à 400 $ est-elle un équipement? <b>Merci</b>"


@pytest.fixture
def asker(db: None) -> User:
    """Anybody who has an account."""
    return factories.make_user("curieuse@exemple.example")


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def signatory(flin: Flin) -> User:
    """Signs for a municipality that has a draft of the call."""
    town = factories.make_org("31056")
    user = filled.signatory_of(town)
    start_dossier(flin.call, town, actor=user)
    return user


def test_asked_answered_and_public_to_all_at_the_same_instant(
    flin: Flin, asker: User, signatory: User
) -> None:
    call = flin.call
    browser = signed_in(asker)
    sent = browser.post(f"/appels/{call.code}/question/", {"text": WORDS})
    assert sent.status_code == 303
    browser.post(f"/appels/{call.code}/question/", {"text": WORDS})
    made = CallQuestion.objects.get()
    assert made.text == WORDS
    public = Client()
    assert "tablette" not in public.get(f"/appels/{call.code}/").content.decode()
    staff = signed_in(flin.manager)
    here = f"/gestion/appels/{call.code}/questions/{made.pk}/"
    bare = staff.post(here, {"wording_fr": "Une tablette?", "answer_fr": "", "act": "prepare"})
    assert bare.status_code == 422
    assert "Une tablette?" in bare.content.decode()
    answered = {
        "wording_fr": "Une tablette est-elle un équipement?",
        "answer_fr": "Oui, si elle sert au projet.",
    }
    assert staff.post(here, {**answered, "act": "prepare"}).status_code == 303
    assert "Oui, si elle sert" not in public.get(f"/appels/{call.code}/").content.decode()
    other = questions.note(call, "Et un portable?", actor=flin.manager)
    questions.prepare(other, {"fr": "Un portable?"}, {"fr": "Non."}, actor=flin.manager)
    assert staff.post(f"/gestion/appels/{call.code}/questions/publier/").status_code == 303
    page = public.get(f"/appels/{call.code}/").content.decode()
    assert "Oui, si elle sert au projet." in page
    assert "Un portable?" in page
    assert str(asker) not in page
    instants = set(CallQuestion.objects.values_list("published_at", flat=True))
    assert len(instants) == 1
    english = public.get(f"/en/appels/{call.code}/").content.decode()
    assert 'lang="fr-CA">Oui, si elle sert' in english
    event = Event.objects.get(verb="grants.call.publish_answers")
    assert event.data["questions"] == [made.pk, other.pk]
    deliveries.run_due()
    batch = Batch.objects.get(kind="answers_published")
    told = Message.objects.filter(batch=batch)
    assert {one.state for one in told} == {"held"}
    assert signatory.email in set(told.values_list("to_email", flat=True))
    assert batch.total == told.count()


def test_a_public_answer_never_changes_and_nothing_ready_is_refused(flin: Flin) -> None:
    with pytest.raises(Refused):
        questions.publish(flin.call, actor=flin.manager)
    one = questions.note(flin.call, "Quoi?", actor=flin.manager)
    questions.prepare(one, {"fr": "Quoi?"}, {"fr": "Ceci."}, actor=flin.manager)
    assert questions.publish(flin.call, actor=flin.manager) == 1
    with pytest.raises(Refused):
        questions.prepare(one, {"fr": "Quoi?"}, {"fr": "Cela."}, actor=flin.manager)
    with pytest.raises(Refused):
        questions.set_aside(one, "Trop tard", actor=flin.manager)
    one.refresh_from_db()
    assert one.answer == {"fr": "Ceci."}


def test_only_managers_answer_and_a_reason_is_wanted_to_set_aside(flin: Flin, asker: User) -> None:
    one = questions.ask(flin.call, "Quand?", actor=asker)
    with pytest.raises(NotAllowed):
        questions.prepare(one, {"fr": "Quand?"}, {"fr": "Demain."}, actor=flin.analyst)
    with pytest.raises(NotAllowed):
        questions.publish(flin.call, actor=flin.analyst)
    with pytest.raises(Refused):
        questions.set_aside(one, "  ", actor=flin.manager)
    questions.set_aside(one, "Répondu par téléphone.", actor=flin.manager)
    assert (
        "répond directement" in signed_in(asker).get(f"/appels/{flin.call.code}/question/").content.decode()
    )


def test_no_question_after_the_last_day(flin: Flin, asker: User) -> None:
    last = flin.call.questions_until or flin.call.closes_at
    here = f"/appels/{flin.call.code}/question/"
    with time_machine.travel(last + timedelta(seconds=1), tick=False):
        browser = signed_in(asker)
        answer = browser.post(here, {"text": "Trop tard?"})
        assert answer.status_code == 422
        assert "Les questions se posaient" in answer.content.decode()
    assert not CallQuestion.objects.exists()


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_an_empty_or_endless_question_is_refused(text: str, flin: Flin, asker: User) -> None:
    answer = signed_in(asker).post(f"/appels/{flin.call.code}/question/", {"text": text})
    assert answer.status_code == 422
    assert not CallQuestion.objects.exists()


def test_more_time_is_told_to_everybody_who_writes_a_dossier(flin: Flin, signatory: User) -> None:
    call = flin.call
    later = call.closes_at + timedelta(days=2)
    dates.extend_closing(call, later, actor=flin.manager, reason="Panne d’électricité au Nord.")
    deliveries.run_due()
    batch = Batch.objects.get(kind="dates_changed")
    message = Message.objects.get(batch=batch, to_email=signatory.email)
    assert message.state == "held"
    assert "Clôture" in message.body
    assert "Panne d’électricité au Nord." in message.body
    assert "c’était" in message.body
    assert clock.now() < later
