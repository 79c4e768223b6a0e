"""Decisions: proposed, returned, signed, released, carried out; money never over, money that comes back."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.test import Client

from grants.models import Award, BudgetLine, Call, Decision, DecisionLine, Volet
from review import carrying, deciding, decision_todos
from tests.factories import PASSWORD
from tests.fixtures_awards import Ranked
from web import clock
from web.formats import tr
from workflows.engine import NotAllowed, NotVisible, Refused, SystemActor, fire

pytestmark = pytest.mark.django_db


def signed(ranked: Ranked) -> Decision:
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    fire(decision, "propose", actor=ranked.flin.manager)
    fire(decision, "sign", actor=ranked.flin.authority, digest=decision.digest)
    return decision


def released(ranked: Ranked) -> Decision:
    decision = signed(ranked)
    fire(decision, "ask_release", actor=ranked.flin.manager)
    fire(decision, "release", actor=ranked.flin.authority)
    return decision


def at_letters(ranked: Ranked, time_machine: Any) -> Decision:
    decision = released(ranked)
    time_machine.move_to(decision.letters_at + timedelta(seconds=1))
    assert carrying.carry_out() == 6
    return decision


def reconcile(ranked: Ranked) -> None:
    """Committed = lines that stand in signed decisions − what awards gave back."""
    lines = (
        DecisionLine.objects.filter(
            decision__volet=ranked.volet, decision__state__in=["signed", "released"], voided_at__isnull=True
        ).aggregate(t=Sum("amount"))["t"]
        or 0
    )
    back = Award.objects.filter(volet=ranked.volet).aggregate(t=Sum("freed"))["t"] or 0
    assert ranked.committed() == lines - back


def test_the_draft_is_what_the_rule_proposes(ranked: Ranked) -> None:
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    lines = {line.dossier_number: (line.outcome, line.amount, line.source) for line in decision.lines.all()}
    assert lines == {
        "FLIN-D1": ("accepted", 250000, "pool"),
        "FLIN-D2": ("partial", 175000, "pool"),
        "FLIN-D3": ("waitlisted", 0, ""),
        "FLIN-D4": ("accepted", 115000, "small"),
        "FLIN-D5": ("accepted", 60000, "small"),
        "FLIN-D6": ("rejected", 0, ""),
    }
    assert deciding.draft_main(ranked.panel, actor=ranked.flin.manager).pk == decision.pk


def test_returned_with_a_reason_then_proposed_again_then_signed(ranked: Ranked) -> None:
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    fire(decision, "propose", actor=ranked.flin.manager)
    with pytest.raises(Refused):
        fire(decision, "send_back", actor=ranked.flin.authority, text="  ")
    fire(decision, "send_back", actor=ranked.flin.authority, text="Expliquez le rang 2.")
    assert (decision.state, decision.returned_reason) == ("returned", "Expliquez le rang 2.")
    assert ranked.committed() == 0
    fire(decision, "propose", actor=ranked.flin.manager)
    fire(decision, "sign", actor=ranked.flin.authority, digest=decision.digest)
    assert ranked.committed() == 600000
    reconcile(ranked)


def test_the_signature_is_on_what_was_read(ranked: Ranked) -> None:
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    fire(decision, "propose", actor=ranked.flin.manager)
    with pytest.raises(Refused):
        fire(decision, "sign", actor=ranked.flin.authority, digest="sha256:" + "1" * 64)
    assert ranked.committed() == 0


def test_nobody_signs_an_own_proposal_and_no_other_role_signs(ranked: Ranked) -> None:
    from tests.factories import make_staff

    make_staff("authority", ranked.flin.call.programme, ranked.flin.manager)
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    fire(decision, "propose", actor=ranked.flin.manager)
    with pytest.raises(NotAllowed):
        fire(decision, "sign", actor=ranked.flin.manager, digest=decision.digest)
    with pytest.raises(NotAllowed):
        fire(decision, "sign", actor=ranked.flin.auditor, digest=decision.digest)
    with pytest.raises(NotVisible):
        fire(decision, "sign", actor=ranked.flin.analyst, digest=decision.digest)


def test_a_departure_needs_its_reason_and_cancels_approvals(ranked: Ranked) -> None:
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    line = decision.lines.get(dossier_number="FLIN-D3")
    with pytest.raises(Refused):
        deciding.edit_line(line, "accepted", 150000, "", actor=ranked.flin.manager)
    deciding.edit_line(line, "accepted", 150000, "Seul projet du Nord.", actor=ranked.flin.manager)
    with pytest.raises(Refused) as refused:
        fire(decision, "propose", actor=ranked.flin.manager)
    assert "150\u00a0000" in refused.value.reasons[0]


def test_the_database_refuses_to_go_over(ranked: Ranked) -> None:
    signed(ranked)
    with pytest.raises(IntegrityError), transaction.atomic():
        BudgetLine.objects.filter(volet=ranked.volet).update(committed=600001)


def test_released_by_the_manager_then_the_authority(ranked: Ranked) -> None:
    decision = signed(ranked)
    with pytest.raises(Refused):
        fire(decision, "release", actor=ranked.flin.authority)
    fire(decision, "ask_release", actor=ranked.flin.manager)
    fire(decision, "release", actor=ranked.flin.authority)
    assert decision.state == "released"


def test_an_instant_that_passes_without_release_opens_nothing(ranked: Ranked, time_machine: Any) -> None:
    decision = signed(ranked)
    time_machine.move_to(decision.publish_at + timedelta(days=1))
    assert carrying.carry_out() == 0
    assert Award.objects.published(clock.now()).count() == 0


def test_nothing_before_the_instant_everything_after_and_once(ranked: Ranked, time_machine: Any) -> None:
    decision = released(ranked)
    time_machine.move_to(decision.letters_at - timedelta(minutes=1))
    assert carrying.carry_out() == 0
    time_machine.move_to(decision.letters_at)
    assert carrying.carry_out() == 6
    assert carrying.carry_out() == 0
    states = {key: type(one).objects.get(pk=one.pk).state for key, one in ranked.dossiers.items()}
    assert states == {
        "D1": "accepted",
        "D2": "accepted",
        "D3": "waitlisted",
        "D4": "accepted",
        "D5": "accepted",
        "D6": "rejected",
    }
    assert Award.objects.count() == 4
    assert Award.objects.published(clock.now()).count() == 0
    time_machine.move_to(decision.publish_at)
    assert Award.objects.published(clock.now()).count() == 4


def test_a_winner_that_withdraws_before_the_letters_voids_its_line(ranked: Ranked, time_machine: Any) -> None:
    decision = released(ranked)
    fire(ranked.dossiers["D1"], "withdraw", actor=ranked.signatories["D1"], text="Le conseil y renonce.")
    assert ranked.committed() == 350000
    time_machine.move_to(decision.letters_at + timedelta(seconds=1))
    assert carrying.carry_out() == 5
    assert not Award.objects.filter(dossier_number="FLIN-D1").exists()
    reconcile(ranked)


def test_money_that_comes_back_goes_to_the_waiting_list_with_its_own_instants(
    ranked: Ranked, time_machine: Any
) -> None:
    at_letters(ranked, time_machine)
    award = Award.objects.get(dossier_number="FLIN-D1")
    with pytest.raises(Refused):
        deciding.draft_waiting_list(ranked.volet, actor=ranked.flin.manager)
    fire(award, "decline", actor=ranked.signatories["D1"], text="Plus de chargé de projet.")
    assert ranked.committed() == 350000
    second = deciding.draft_waiting_list(ranked.volet, actor=ranked.flin.manager)
    assert [(line.dossier_number, line.outcome, line.amount) for line in second.lines.all()] == [
        ("FLIN-D3", "accepted", 150000)
    ]
    fire(second, "propose", actor=ranked.flin.manager)
    fire(second, "sign", actor=ranked.flin.authority, digest=second.digest)
    fire(second, "ask_release", actor=ranked.flin.manager)
    fire(second, "release", actor=ranked.flin.authority)
    with pytest.raises(
        Refused, match="Personne n’attend"
    ):  # under embargo, the offer is not made a second time
        deciding.draft_waiting_list(ranked.volet, actor=ranked.flin.manager)
    time_machine.move_to(second.letters_at + timedelta(seconds=1))
    assert carrying.carry_out() == 1
    ranked.dossiers["D3"].refresh_from_db()
    assert ranked.dossiers["D3"].state == "accepted"
    reconcile(ranked)


def test_money_that_comes_back_is_asked_of_the_manager_while_the_list_is_valid(
    ranked: Ranked, client: Client, time_machine: Any
) -> None:
    at_letters(ranked, time_machine)
    call, manager = ranked.flin.call, ranked.flin.manager
    back, over = "de l’argent est revenu", "la liste d’attente a pris fin"

    def asked() -> list[tuple[str, str]]:
        found = decision_todos.decision_todos(manager)
        return [(one.note, str(one.text)) for one in found if back in one.text or over in one.text]

    assert asked() == []
    award = Award.objects.get(dossier_number="FLIN-D1")
    fire(award, "decline", actor=ranked.signatories["D1"], text="Plus de chargé de projet.")
    Call.objects.filter(pk=call.pk).update(waiting_valid_until=clock.today())
    assert [(note, back in text) for note, text in asked()] == [(tr(ranked.volet.label), True)]
    client.force_login(manager)
    assert "Offrir à la liste d’attente" in client.get("/decisions/").content.decode()
    Call.objects.filter(pk=call.pk).update(waiting_valid_until=clock.today() - timedelta(days=1))
    assert [(note, over in text) for note, text in asked()] == [(tr(ranked.volet.label), True)]
    page = client.get("/decisions/").content.decode()
    assert "Offrir à la liste d’attente" not in page
    assert "Mettre fin à la liste d’attente" in page
    volet = Volet.objects.select_related("call", "budget_line").get(pk=ranked.volet.pk)
    with pytest.raises(Refused, match="on n’y offre plus d’aide"):
        deciding.draft_waiting_list(volet, actor=manager)
    assert not Decision.objects.filter(kind="waiting_list").exists()


def test_a_partial_offer_is_confirmed_in_time_or_lapses(ranked: Ranked, time_machine: Any) -> None:
    at_letters(ranked, time_machine)
    award = Award.objects.get(dossier_number="FLIN-D2")
    assert award.confirm_by is not None
    assert carrying.lapse() == 0
    time_machine.move_to(award.confirm_by + timedelta(seconds=1))
    with pytest.raises(Refused):
        fire(award, "confirm", actor=ranked.signatories["D2"])
    assert carrying.lapse() == 1
    assert carrying.lapse() == 0
    assert ranked.committed() == 425000
    reconcile(ranked)


def test_what_became_of_an_award_is_told_on_its_page_and_in_its_dossier(
    ranked: Ranked, client: Client, time_machine: Any
) -> None:
    decision = at_letters(ranked, time_machine)
    award, pk = Award.objects.get(dossier_number="FLIN-D1"), ranked.dossiers["D1"].pk
    fire(award, "decline", actor=ranked.signatories["D1"], text="Plus de chargé de projet.")
    pages = (f"/dossiers/{pk}/", f"/offres/{award.pk}/")
    signatory = ranked.signatories["D1"]
    for person, who in ((signatory, "Vous"), (ranked.flin.manager, str(signatory))):
        client.force_login(person)
        for page in pages:
            read = client.get(page).content.decode()
            assert re.search(rf"Renonciation à l’aide\s*<small>{who}", read), page
        assert "Plus de chargé de projet." in read
    client.force_login(ranked.flin.analyst)  # reads no award before the list is public
    history = client.get(pages[0])
    assert history.status_code == 200
    assert "Renonciation" not in history.content.decode()
    assert client.get(pages[1]).status_code == 404
    assert clock.now() < decision.publish_at


def test_a_partial_offer_confirmed_stays(ranked: Ranked, time_machine: Any) -> None:
    at_letters(ranked, time_machine)
    award = Award.objects.get(dossier_number="FLIN-D2")
    with pytest.raises(NotVisible):
        fire(award, "confirm", actor=ranked.signatories["D1"])
    fire(award, "confirm", actor=ranked.signatories["D2"])
    assert award.state == "confirmed"


def test_a_line_is_corrected_between_signature_and_letters(ranked: Ranked, time_machine: Any) -> None:
    decision = released(ranked)
    line = decision.lines.get(dossier_number="FLIN-D5")
    made = deciding.draft_correction(
        decision,
        [deciding.Change(line, "waitlisted", 0, "Registre des entreprises non admissibles.")],
        actor=ranked.flin.manager,
    )
    fire(made, "propose", actor=ranked.flin.manager)
    fire(made, "sign", actor=ranked.flin.authority, digest=made.digest)
    assert ranked.committed() == 540000
    fire(made, "ask_release", actor=ranked.flin.manager)
    fire(made, "release", actor=ranked.flin.authority)
    time_machine.move_to(decision.letters_at + timedelta(seconds=1))
    assert carrying.carry_out() == 6
    ranked.dossiers["D5"].refresh_from_db()
    assert ranked.dossiers["D5"].state == "waitlisted"
    reconcile(ranked)


def test_the_page_asks_for_the_password_again(ranked: Ranked, client: Client) -> None:
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    fire(decision, "propose", actor=ranked.flin.manager)
    client.force_login(ranked.flin.authority)
    page = f"/decisions/{decision.pk}/actes/sign/"
    body = {"seen": str(decision.version), "digest": decision.digest, "password": "autre chose"}
    assert client.post(page, body).status_code == 422
    assert ranked.committed() == 0
    assert client.post(page, {**body, "password": PASSWORD}).status_code == 303
    assert ranked.committed() == 600000


def test_a_stale_page_is_refused_and_nothing_moves(ranked: Ranked, client: Client) -> None:
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    fire(decision, "propose", actor=ranked.flin.manager)
    client.force_login(ranked.flin.authority)
    body = {"seen": "0", "digest": decision.digest, "password": PASSWORD}
    assert client.post(f"/decisions/{decision.pk}/actes/sign/", body).status_code == 409
    assert ranked.committed() == 0


def test_only_those_who_know_the_decision_open_its_page(ranked: Ranked, client: Client) -> None:
    decision = signed(ranked)
    page = f"/decisions/{decision.pk}/"
    for person, status in (
        (ranked.flin.manager, 200),
        (ranked.flin.authority, 200),
        (ranked.flin.secretary, 200),
        (ranked.flin.auditor, 200),
        (ranked.flin.analyst, 404),
        (ranked.flin.second_analyst, 404),
        (ranked.signatories["D1"], 404),
    ):
        client.force_login(person)
        assert client.get(page).status_code == status


def test_the_release_carries_a_line_only_as_the_release(ranked: Ranked) -> None:
    with pytest.raises(NotAllowed):
        fire(ranked.dossiers["D1"], "accept", actor=SystemActor("lapse"), outcome="accepte")
    with pytest.raises(NotAllowed):
        fire(ranked.dossiers["D1"], "accept", actor=ranked.flin.authority, outcome="accepte")


def test_a_dossier_withdrawn_while_proposed_is_never_paid(ranked: Ranked, time_machine: Any) -> None:
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    fire(decision, "propose", actor=ranked.flin.manager)
    fire(ranked.dossiers["D1"], "withdraw", actor=ranked.signatories["D1"], text="Le conseil y renonce.")
    with pytest.raises(Refused, match="a pris fin"):
        fire(decision, "sign", actor=ranked.flin.authority, digest=decision.digest)
    assert ranked.committed() == 0
    fire(decision, "send_back", actor=ranked.flin.authority, text="Une demande est retirée.")
    fire(decision, "propose", actor=ranked.flin.manager)
    assert "FLIN-D1" not in {one["dossier"] for one in json.loads(decision.body)["lines"]}
    fire(decision, "sign", actor=ranked.flin.authority, digest=decision.digest)
    assert ranked.committed() == 600_000 - 250_000
    reconcile(ranked)
    fire(decision, "ask_release", actor=ranked.flin.manager)
    fire(decision, "release", actor=ranked.flin.authority)
    time_machine.move_to(decision.letters_at + timedelta(seconds=1))
    assert carrying.carry_out() == 5
    assert Decision.objects.get(pk=decision.pk).executed_at is not None


def test_a_correction_never_pays_a_line_that_was_carried_out(ranked: Ranked, time_machine: Any) -> None:
    first = released(ranked)
    line = first.lines.get(dossier_number="FLIN-D6")
    change = deciding.Change(line, "rejected", 0, "Motif précisé.")
    made = deciding.draft_correction(first, [change], actor=ranked.flin.manager)
    later = first.letters_at + timedelta(days=3)
    deciding.set_instants(made, later, later, actor=ranked.flin.manager)
    fire(made, "propose", actor=ranked.flin.manager)
    time_machine.move_to(first.letters_at + timedelta(seconds=1))
    carrying.carry_out()
    with pytest.raises(Refused):
        fire(made, "sign", actor=ranked.flin.authority, digest=made.digest)
    reconcile(ranked)


def test_a_proposed_decision_is_not_edited_through_an_old_copy(ranked: Ranked) -> None:
    decision = deciding.draft_main(ranked.panel, actor=ranked.flin.manager)
    old = Decision.objects.get(pk=decision.pk)
    line = old.lines.get(dossier_number="FLIN-D2")
    assert line.decision.state == "draft"
    fire(decision, "propose", actor=ranked.flin.manager)
    with pytest.raises(Refused, match="déjà proposée"):
        deciding.edit_line(line, "partial", 100_000, "Moins.", actor=ranked.flin.manager)
    with pytest.raises(Refused, match="déjà proposée"):
        deciding.set_instants(
            old,
            old.letters_at + timedelta(days=1),
            old.publish_at + timedelta(days=1),
            actor=ranked.flin.manager,
        )
    assert decision.has_approval("proposed")


def test_an_instant_that_passes_half_released_alarms_the_manager(ranked: Ranked, time_machine: Any) -> None:
    decision = signed(ranked)
    fire(decision, "ask_release", actor=ranked.flin.manager)
    assert not list(decision_todos.decision_todos(ranked.flin.manager))
    time_machine.move_to(decision.letters_at + timedelta(seconds=1))
    assert carrying.carry_out() == 0
    told = list(decision_todos.decision_todos(ranked.flin.manager))
    assert [(one.state, "passé sans libération" in one.text) for one in told] == [("warn", True)]


def test_full_aid_is_nothing_to_do(ranked: Ranked, time_machine: Any) -> None:
    at_letters(ranked, time_machine)
    asked = {
        number: [todo.note for todo in decision_todos.award_todos(person)]
        for number, person in ranked.signatories.items()
    }
    assert asked["D1"] == []
    assert asked["D2"] == ["FLIN-D2"]
