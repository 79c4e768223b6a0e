"""Letters to the lead are copied to the partners: named in the letter, in the same release, each address once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from applications.actions import departures
from applications.models import Body, Dossier
from notifications import codec
from notifications.models import Document, Message
from notifications.models.message import MessageState
from review import carrying
from tests import factories
from tests.applications.checked import signed_in
from tests.applications.filled import signatory_of
from tests.fixtures_awards import Ranked
from tests.notifications.test_decision_letters import _folder, release, signed, words_of, work  # noqa: F401

pytestmark = pytest.mark.django_db


def partner(dossier: Dossier, code: str, **fields: Any) -> tuple[Body, User]:
    town = factories.make_org(code)
    named = {"role": "partner", "position": 1, "confirmation": "confirmed", **fields}
    return Body.objects.create(dossier=dossier, organisation=town, **named), signatory_of(town)


def to(person: User) -> Any:
    return Message.objects.filter(user=person, kind__startswith="decision_")


def test_partners_are_named_and_receive_a_copy_in_the_same_release(
    ranked: Ranked, time_machine: Any, tmp_path: Path
) -> None:
    dossier = ranked.dossiers["D1"]
    body, one = partner(dossier, "31084")
    drafter = factories.make_user()
    factories.make_member(drafter, body.organisation, "drafter")
    gone, two = partner(dossier, "44037", position=2)
    _pending, three = partner(dossier, "21904", position=3, confirmation="pending")
    decision = signed(ranked)
    document = Document.objects.get(kind="L4", dossier=dossier)
    assert codec.loads(document.content).copies == (body.organisation.name, gone.organisation.name)
    mine, lead = to(one).get(), Message.objects.get(user=ranked.signatories["D1"], kind="decision_L4")
    assert (mine.state, mine.batch_id, mine.due_at) == (MessageState.HELD, lead.batch_id, lead.due_at)
    assert list(mine.documents.all()) == [document]
    assert "Copie\u00a0:" in mine.body
    assert "Copie\u00a0:" not in lead.body
    assert not to(drafter).exists()
    assert not to(three).exists()
    departures.leave(gone, "La fusion change nos priorités.", actor=two)
    assert signed_in(one).get(f"/lettres/{document.pk}.pdf").status_code == 404
    release(ranked, decision)
    time_machine.move_to(decision.letters_at + timedelta(seconds=1))
    carrying.carry_out()
    for seconds in (60, 120):
        time_machine.move_to(decision.letters_at + timedelta(seconds=seconds))
        work()
    assert to(one).get().state == MessageState.SENT
    assert signed_in(one).get(f"/lettres/{document.pk}.pdf").status_code == 200
    assert to(two).get().state == MessageState.CANCELLED, "a partner that left is told nothing more"
    said = words_of(document, tmp_path)
    assert f"c. c. {body.organisation.name}; {gone.organisation.name}" in said
