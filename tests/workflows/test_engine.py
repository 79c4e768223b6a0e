"""fire, record, unit, available: who, whether, state, event, in one transaction."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction

from tests.workflows.sample.models import Drawer, Folder
from workflows import engine
from workflows.exceptions import EngineError, NotLocked, OutsideEngine
from workflows.lifecycle import verb, verbs_of
from workflows.models import ChainHead, Definition, Delivery, Event

pytestmark = pytest.mark.django_db


def test_a_verb_moves_the_state_and_writes_one_sealed_event(folder: Folder, owner: Any) -> None:
    event = engine.fire(folder, "submit", actor=owner)
    assert (folder.state, folder.stage, folder.outcome, folder.version) == (
        "in_progress",
        "check",
        "filed",
        1,
    )
    stored = Folder.objects.get()
    assert (stored.state, stored.number, stored.submits) == ("in_progress", 1, 1)
    line = json.loads(Event.objects.get().line)
    assert line["verb"] == "sample.folder.submit"
    assert line["subject"] == f"sample.folder:{folder.pk}"
    assert (line["from"], line["to"]) == ("draft", "in_progress")
    assert line["actor"] == f"user:{owner.pk}"
    assert line["data"] == {"number": 1, "outcome": "filed", "stage": "", "to_stage": "check"}
    head = ChainHead.objects.get(code="TI-2026")
    assert (head.n, head.head, head.counter) == (1, event.hash, 1)


def test_who_is_asked_first_and_a_stranger_does_not_even_see(folder: Folder, owner: Any, clerk: Any) -> None:
    with pytest.raises(engine.NotAllowed):
        engine.fire(folder, "submit", actor=clerk)
    Folder.objects.update(is_secret=True)
    with pytest.raises(engine.NotVisible):
        engine.fire(folder, "submit", actor=clerk)
    assert engine.available(folder, clerk) == []
    assert Event.objects.count() == 0


def test_a_disabled_person_sees_nothing(folder: Folder, owner: Any) -> None:
    owner.is_active = False
    with pytest.raises(engine.NotVisible):
        engine.fire(folder, "submit", actor=owner)


def test_guards_answer_in_the_words_of_the_button(folder: Folder, owner: Any) -> None:
    Folder.objects.update(title="")
    folder.refresh_from_db()
    offer = engine.available(folder, owner)[0]
    assert (offer.verb, offer.is_allowed, offer.reasons) == ("submit", False, ("Donnez un titre.",))
    with pytest.raises(engine.Refused) as refused:
        engine.fire(folder, "submit", actor=owner)
    assert refused.value.reasons == offer.reasons


def test_the_guard_reads_the_row_under_the_lock_not_the_copy_in_hand(folder: Folder, owner: Any) -> None:
    Folder.objects.update(title="")
    with pytest.raises(engine.Refused):
        engine.fire(folder, "submit", actor=owner)


def test_verbs_of_another_state_or_person_are_absent(folder: Folder, owner: Any, clerk: Any) -> None:
    assert "decide" not in [offer.verb for offer in engine.available(folder, clerk)]
    engine.fire(folder, "submit", actor=owner)
    assert "submit" not in [offer.verb for offer in engine.available(folder, owner)]
    assert "decide" in [offer.verb for offer in engine.available(folder, clerk)]


def test_a_second_submit_is_refused(folder: Folder, owner: Any) -> None:
    engine.fire(folder, "submit", actor=owner)
    with pytest.raises(engine.Refused):
        engine.fire(folder, "submit", actor=owner)
    assert Folder.objects.get().submits == 1


def test_a_stale_copy_is_refused(folder: Folder, owner: Any, clerk: Any) -> None:
    engine.fire(folder, "submit", actor=owner, seen=0)
    with pytest.raises(engine.Stale) as stale:
        engine.fire(folder, "decide", actor=clerk, seen=0, end="accepted", text="Bon projet.")
    assert (stale.value.seen, stale.value.version) == (0, 1)


def test_a_reason_is_asked_and_kept_beside_the_chain(folder: Folder, owner: Any, clerk: Any) -> None:
    engine.fire(folder, "submit", actor=owner)
    with pytest.raises(engine.Refused):
        engine.fire(folder, "decide", actor=clerk, end="rejected", text="  ")
    event = engine.fire(folder, "decide", actor=clerk, end="rejected", text="Projet hors sujet, hélas.")
    assert folder.state == "rejected"
    stored = Event.objects.get(pk=event.pk)
    assert "hors sujet" not in stored.line
    assert json.loads(stored.line)["text"].startswith("sha256:")
    assert stored.words == "Projet hors sujet, hélas."


def test_a_declared_system_actor_passes_where_the_verb_names_it(
    folder: Folder, owner: Any, release: Any
) -> None:
    with pytest.raises(engine.NotAllowed):
        engine.fire(folder, "submit", actor=release)
    engine.fire(folder, "submit", actor=owner)
    acting = engine.SystemActor("release", behalf=owner)
    engine.fire(folder, "decide", actor=acting, end="accepted", text="Décision D-1.")
    last = Event.objects.latest("id")
    assert (last.actor, last.behalf) == ("system:release", f"user:{owner.pk}")
    with pytest.raises(ImproperlyConfigured):
        engine.record(folder, "seen", actor=engine.SystemActor("nobody"))


def test_an_old_copy_that_is_saved_leaves_the_state_alone(folder: Folder, owner: Any) -> None:
    old = Folder.objects.get()
    engine.fire(folder, "submit", actor=owner)
    old.title = "Autre titre"
    old.save()
    stored = Folder.objects.get()
    assert (stored.state, stored.stage, stored.version) == ("in_progress", "check", 1)
    assert stored.title == "Autre titre"


def test_a_deferred_copy_is_saved_without_reading_more(folder: Folder) -> None:
    partial = Folder.objects.only("title").get()
    partial.title = "Court"
    partial.save()
    assert Folder.objects.get().title == "Court"


@pytest.mark.parametrize("column", ["state", "stage", "outcome", "version"])
def test_nobody_else_writes_the_columns_of_the_engine(folder: Folder, column: str) -> None:
    value = 5 if column == "version" else "accepted"
    with pytest.raises(OutsideEngine):
        Folder.objects.update(**{column: value})
    with pytest.raises(OutsideEngine):
        Folder.objects.bulk_update([folder], [column])
    with pytest.raises(OutsideEngine):
        folder.save(update_fields=[column])
    with pytest.raises(OutsideEngine):
        Folder.objects.bulk_create(
            [folder], update_conflicts=True, update_fields=[column], unique_fields=["id"]
        )
    with pytest.raises(OutsideEngine):
        folder.move(stage="x")
    with pytest.raises(OutsideEngine):
        Folder.objects.update_or_create(pk=folder.pk, defaults={column: value})
    with pytest.raises(IntegrityError), transaction.atomic():
        Folder(pk=folder.pk, owner=folder.owner, state="accepted").save()


def test_a_verb_is_not_called_directly(folder: Folder, owner: Any) -> None:
    with pytest.raises(OutsideEngine):
        folder.submit(actor=owner)


def test_a_check_holds_the_values_of_a_state(owner: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Folder.objects.create(owner=owner, state="elsewhere")


def test_nothing_declared_nobody_passes() -> None:
    with pytest.raises(TypeError):
        verb(source="a", target="b", label="Faire")  # type: ignore[call-arg]
    with pytest.raises(ImproperlyConfigured):
        verb(source="a", target="b", label="Faire", who=None)  # type: ignore[arg-type]
    with pytest.raises(ImproperlyConfigured):

        @verb(source="a", target="b", label="Faire", who=lambda row, user: True)
        def undocumented(self: Any, *, actor: Any) -> None: ...


def test_verbs_are_listed_in_their_order() -> None:
    assert list(verbs_of(Folder)) == ["submit", "decide", "classify", "misfile", "count", "fail"]


def test_a_nested_verb_joins_the_transaction_and_its_event_comes_with_the_others(
    folder: Folder, owner: Any
) -> None:
    engine.fire(folder, "classify", actor=owner)
    assert Drawer.objects.get().count == 1
    assert list(Event.objects.order_by("id").values_list("chain", "verb")) == [
        ("site", "sample.drawer.fill"),
        ("TI-2026", "sample.folder.classify"),
    ]


def test_a_row_that_was_not_declared_is_a_programming_error(folder: Folder, owner: Any) -> None:
    with pytest.raises(NotLocked):
        engine.fire(folder, "misfile", actor=owner)
    assert Event.objects.count() == 0


def test_only_what_the_effect_changed_is_written(folder: Folder, owner: Any) -> None:
    engine.fire(folder, "count", actor=owner)
    stored = Folder.objects.get()
    assert (stored.title, stored.number, stored.version) == ("Compté", 77, 1)


def test_an_effect_that_fails_undoes_everything(folder: Folder, owner: Any) -> None:
    with pytest.raises(ValueError, match="half-way"):
        engine.fire(folder, "fail", actor=owner)
    assert Folder.objects.get().title == "Un titre"
    assert Event.objects.count() == 0


def test_a_failure_swallowed_inside_a_unit_cannot_be_committed(folder: Folder, owner: Any) -> None:
    with pytest.raises(EngineError), engine.unit(locks=[folder]):  # noqa: SIM117
        with pytest.raises(ValueError, match="half-way"):
            engine.fire(folder, "fail", actor=owner)


def test_a_refusal_swallowed_inside_a_unit_leaves_the_rest(folder: Folder, owner: Any, clerk: Any) -> None:
    with engine.unit(locks=[Folder.objects.all()]):
        with pytest.raises(engine.NotAllowed):
            engine.fire(folder, "submit", actor=clerk)
        engine.fire(folder, "submit", actor=owner)
        engine.fire(folder, "decide", actor=clerk, end="accepted", text="Oui.")
        event = engine.record(folder, "noted", actor=clerk, text="Vu.", pages=3)
    assert [row.n for row in Event.objects.order_by("id")] == [1, 2, 3]
    assert event.data == {"pages": 3, "stage": "check"}
    assert folder.state == "accepted"


def test_words_are_refused_in_the_data_of_an_event(folder: Folder, owner: Any) -> None:
    with pytest.raises(ImproperlyConfigured):
        engine.record(folder, "noted", actor=owner, why="Parce que madame Roy le demande")
    with pytest.raises(ImproperlyConfigured):
        engine.record(folder, "noted", actor=owner, rate=0.5)


def test_has_acted_knows_the_stage(folder: Folder, owner: Any, clerk: Any) -> None:
    engine.fire(folder, "submit", actor=owner)
    engine.record(folder, "noted", actor=clerk)
    assert engine.has_acted(folder, clerk, ["check"])
    assert not engine.has_acted(folder, clerk, ["panel"])
    assert not engine.has_acted(folder, owner, ["check"])
    assert engine.has_acted(folder, owner)


def test_statements_of_a_verb_are_counted(
    folder: Folder, owner: Any, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        engine.fire(folder, "submit", actor=owner)


def test_a_loaded_past_is_whole_and_announced_to_nobody(folder: Folder, owner: Any, clerk: Any) -> None:
    from datetime import UTC, datetime

    from workflows.deliveries import register_consumer
    from workflows.trail import verify_chain

    seen: list[Event] = []
    register_consumer("mail", lambda event: True, seen.append)
    register_consumer("search", lambda event: True, seen.append, loads=True)
    day = datetime(2026, 3, 20, 14, tzinfo=UTC)
    past = [
        engine.Past(folder, "submit", day, owner, "draft", "in_progress", stage="check", outcome="filed"),
        engine.Past(folder, "decide", day.replace(day=25), clerk, "in_progress", "accepted", text="Oui."),
    ]
    with pytest.raises(ImproperlyConfigured):
        engine.bulk_load(past, readers=["mail"])
    assert engine.bulk_load(past, readers=["search"]) == 2
    stored = Folder.objects.get()
    assert (stored.state, stored.stage, stored.outcome, stored.version) == ("accepted", "check", "filed", 2)
    assert list(Delivery.objects.values_list("consumer", flat=True)) == ["search", "search"]
    assert verify_chain("TI-2026")["ok"]


def test_a_published_definition_is_frozen() -> None:
    from django.utils import timezone

    row = Definition.objects.create(code="a", version=1, body="{}", digest="", published_at=timezone.now())
    row.body = "[]"
    with pytest.raises(EngineError):
        row.save()
