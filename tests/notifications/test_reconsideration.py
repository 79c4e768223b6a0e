"""What a reconsideration sends: a receipt, who must act, the letter L8 once it is countersigned, a reminder before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from grants.models import LetterText
from notifications import reminders
from notifications.models import Document, Message
from review import reconsidering
from tests.notifications.test_decision_letters import _folder, words_of, work  # noqa: F401
from tests.review.test_reconsideration import MOTIVES, WORDS, Refusal, freed, late  # noqa: F401
from workflows.engine import fire

pytestmark = pytest.mark.django_db


def sent() -> set[tuple[str, str]]:
    """Kinds and addresses of what left or waits."""
    rows = Message.objects.filter(kind__startswith="reconsideration_")
    return {(kind.removeprefix("reconsideration_"), to) for kind, to in rows.values_list("kind", "to_email")}


def test_each_step_tells_whom_it_concerns(late: Refusal) -> None:  # noqa: F811
    row = late.asked()
    work()
    town, manager = late.signatory.email, late.flin.manager.email
    assert sent() == {("received", town), ("received", "greffe@m31045.example"), ("asked", manager)}
    fire(row, "admit", actor=late.flin.manager)
    fire(row, "name_reconsiderer", actor=late.flin.manager, person=late.fresh.pk)
    work()
    assert {("admitted", town), ("named", late.fresh.email)} < sent()
    fire(row, "decide", actor=late.fresh, answer="reversed", motives=MOTIVES)
    work()
    assert ("decided", late.second.email) in sent()
    assert ("answered", town) not in sent()
    assert not Document.objects.filter(kind="L8").exists()
    fire(row, "send_back", actor=late.second, text="Citez l’article.")
    work()
    assert ("returned", late.fresh.email) in sent()


def test_the_letter_leaves_with_the_countersignature(late: Refusal, tmp_path: Path) -> None:  # noqa: F811
    freed(late)
    late.closed()
    work()
    document = Document.objects.get(kind="L8")
    read = words_of(document, tmp_path)
    for words in (
        "Erreur de fait",
        WORDS,
        "la décision est renversée",
        MOTIVES,
        "décision distincte",
        "Protecteur du citoyen",
        "PAR COURRIEL",
        str(late.second),
        "Autorité décisionnelle",
    ):
        assert words.replace("\u00a0", " ") in read.replace("\u00a0", " "), words
    for person in (late.fresh, late.flin.manager):
        assert str(person) not in read.replace(str(late.second), "")
    message = Message.objects.get(kind="reconsideration_answered", to_email=late.signatory.email)
    assert (message.state, list(message.documents.all())) == ("sent", [document])
    document.refresh_from_db()
    assert document.left_at is not None


def test_not_admitted_is_said_with_its_reason(late: Refusal) -> None:  # noqa: F811
    row = late.asked()
    fire(row, "dismiss", actor=late.flin.manager, dismissal="no_ground", text="Aucune erreur n’est nommée.")
    work()
    message = Message.objects.get(kind="reconsideration_inadmissible", to_email=late.signatory.email)
    assert "Aucune erreur n’est nommée." in message.body
    assert not Document.objects.filter(kind="L8").exists()


def test_the_delay_is_recalled_and_only_while_nothing_was_asked(late: Refusal, time_machine: Any) -> None:  # noqa: F811
    refusal = reconsidering.refusal_of(late.dossier)
    assert refusal is not None
    assert refusal.until is not None
    assert reminders.write_due() == 0
    time_machine.move_to(refusal.until - timedelta(days=6), tick=False)
    assert reminders.write_due() == 2  # who signs, and the address of the town
    assert reminders.write_due() == 0
    time_machine.move_to(refusal.until - timedelta(hours=5), tick=False)
    late.asked()
    assert reminders.write_due() == 0


def test_the_letter_of_a_refusal_gives_the_last_day_as_it_is_counted(late: Refusal) -> None:  # noqa: F811
    from notifications.values import Subject, values_for
    from web import calendar, formats

    subject = Subject(dossier=late.dossier, kind="L5", at=late.dossier.call.letters_at)
    until = calendar.due_in_days(late.dossier.call.letters_at, 30)
    assert values_for(subject, "fr")["reconsideration_until"] == formats.date_long(until, "fr")
    assert LetterText.objects.filter(call=late.dossier.call, kind="L8").exists()
