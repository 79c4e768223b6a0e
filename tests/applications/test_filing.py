"""Filing: once for each check page, what the signatory saw, columns and counters in step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions.claims import confirm_claim, refuse_claim
from accounts.models import Organisation, User
from applications import blockers, filing, snapshots
from applications.actions.answers import drop_history, history, save_answer
from applications.actions.files import add_file
from applications.models import AnswerVersion, Body, Dossier, Entry
from tests import factories
from tests.applications import filled
from tests.applications.filled import file_now
from tests.fixtures_calls import Flin
from web import clock
from workflows.engine import NotAllowed, NotVisible, Refused, Stale, fire
from workflows.models import Event
from workflows.trail import place_of, verify_chain


def test_first_filing_gives_number_columns_and_counters(ready: Dossier, signatory: User, flin: Flin) -> None:
    at = clock.now()
    snapshot = file_now(ready, signatory, received_at=at)
    ready.refresh_from_db()
    assert ready.number == f"{flin.call.code}-0001"
    assert (ready.state, ready.stage, ready.snapshot_id) == ("in_progress", "completude", snapshot.pk)
    assert (ready.title, ready.lead_name, ready.region_code) == (filled.ANSWERS["title"], "Adstock", "12")
    assert (ready.population, ready.tags) == (3198, ["small"])
    assert (ready.requested, ready.aid, ready.kept_costs) == (32000, 32000, 40000)
    assert ready.filed_at == ready.last_filed_at == ready.sort_at == at == snapshot.received_at
    assert not ready.mandate_unconfirmed
    entry = Entry.objects.get()
    assert (entry.drafts, entry.leads) == (0, 1)
    body = Body.objects.get()
    assert (body.signed_by, body.resolution) == (signatory, {"number": "2026-02-034", "date": "2026-02-09"})


def test_receipt_carries_code_digest_and_place_in_the_chain(ready: Dossier, signatory: User) -> None:
    snapshot = file_now(ready, signatory)
    event = Event.objects.get(verb="applications.dossier.submit")
    place = place_of(ready, ["applications.dossier.submit"], snapshot_version=1)
    assert place == event
    assert place_of(ready, ["applications.dossier.submit"], snapshot_version=2) is None
    assert snapshot.digest == snapshots.digest_of(snapshot.text) == event.data["digest"]
    assert (event.data["snapshot"], event.data["snapshot_version"]) == (snapshot.pk, 1)
    assert len(snapshot.code) == 19
    assert snapshot.code.count("-") == 3
    assert verify_chain(ready.call.code)["ok"]


def test_second_click_lands_on_the_same_receipt(ready: Dossier, signatory: User) -> None:
    first = file_now(ready, signatory, key="une-page")
    assert file_now(ready, signatory, key="une-page").pk == first.pk
    assert ready.snapshots.count() == 1
    assert Event.objects.filter(verb="applications.dossier.submit").count() == 1


def test_what_changed_since_the_check_page_is_refused_by_name(ready: Dossier, signatory: User) -> None:
    shown = snapshots.shown(ready)
    save_answer(ready, "need", "Autre besoin.", actor=signatory, seen_version=1)
    with pytest.raises(Refused) as fault:
        file_now(ready, signatory, digest=shown.digest, prints=snapshots.fingerprints(shown.text))
    assert "relisez-la" in fault.value.reasons[0]
    assert fault.value.reasons[1:] == (
        "La réponse a changé\u00a0: «\u00a0À quel besoin de la population le projet répond-il?\u00a0»",
    )
    ready.refresh_from_db()
    assert (ready.state, ready.number) == ("draft", "")


def test_files_again_before_closing_under_the_same_number(ready: Dossier, signatory: User) -> None:
    first = file_now(ready, signatory, key="a")
    save_answer(ready, "title", "Nouveau titre", actor=signatory, seen_version=1)
    ready.refresh_from_db()
    assert ready.title == filled.ANSWERS["title"]  # the earlier filing stands until then
    second = file_now(ready, signatory, key="b")
    ready.refresh_from_db()
    assert (second.version, ready.number, ready.title) == (2, f"{ready.call.code}-0001", "Nouveau titre")
    assert ready.filed_at == first.received_at
    assert ready.last_filed_at == second.received_at
    assert Entry.objects.get().leads == 1


def test_instant_of_arrival_counts_not_that_of_the_lock(
    flin_at: Callable[..., Flin], adstock: Organisation
) -> None:
    person = filled.signatory_of(adstock)
    flin = flin_at(closes=clock.now() + timedelta(seconds=30))
    dossier = filled.make_filled(flin.call, adstock, person)
    closes = flin.call.closes_at
    with pytest.raises(Refused) as fault:
        file_now(dossier, person, received_at=closes + timedelta(microseconds=1))
    assert "fermé" in fault.value.reasons[0]
    assert file_now(dossier, person, received_at=closes).received_at == closes


def test_only_a_signatory_of_the_lead_files(ready: Dossier, adstock: Organisation, flin: Flin) -> None:
    drafter = factories.make_user()
    factories.make_member(drafter, adstock, "drafter")
    with pytest.raises(NotAllowed):
        file_now(ready, drafter)
    with pytest.raises(NotVisible):
        file_now(ready, flin.manager)
    with pytest.raises(NotVisible):
        file_now(ready, filled.signatory_of(factories.make_org("10043")))


def test_a_stale_page_is_refused(ready: Dossier, signatory: User) -> None:
    file_now(ready, signatory, key="a")
    with pytest.raises(Stale):
        file_now(ready, signatory, key="b", seen=0)


def test_no_second_filing_once_somebody_of_the_ministry_acted(ready: Dossier, signatory: User) -> None:
    file_now(ready, signatory, key="a")
    Dossier.objects.filter(pk=ready.pk).get().completion_requests.create(
        asked_by=signatory, asked_at=clock.now(), due_at=clock.now(), closed_at=clock.now()
    )
    assert [one.kind for one in blockers.of(ready)] == ["rule"]
    with pytest.raises(Refused):
        file_now(ready, signatory, key="b")


def test_limit_of_leads_holds(ready: Dossier, signatory: User) -> None:
    Entry.objects.update(leads=1)
    with pytest.raises(Refused) as fault:
        file_now(ready, signatory)
    assert "(1)" in fault.value.reasons[0]
    assert fault.value.reasons[0] in [one.sentence for one in blockers.of(ready)]


def test_submit_costs_at_most_fifteen_statements(ready: Dossier, signatory: User) -> None:
    """Beside what the page already read of the person to find the dossier."""
    shown = snapshots.shown(ready)
    dossier = Dossier.objects.visible_to(signatory).get()
    from applications import rules

    rules.may_sign(dossier, signatory)
    with CaptureQueriesContext(
        connection,
    ) as counted:
        filing.submit(dossier, actor=signatory, digest=shown.digest, submit_key="k", received_at=clock.now())
    words = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    told = [one["sql"] for one in counted.captured_queries if not one["sql"].startswith(words)]
    assert len(told) <= 15, "\n".join(sql[:110] for sql in told)


# --- mandates ---------------------------------------------------------------------------------------------
@pytest.fixture
def claimant(adstock: Organisation) -> User:
    return filled.signatory_of(adstock, status="claimed")


def test_claimant_files_then_the_mandate_is_confirmed(
    flin: Flin, adstock: Organisation, claimant: User
) -> None:
    dossier = filled.make_filled(flin.call, adstock, claimant)
    file_now(dossier, claimant)
    dossier.refresh_from_db()
    assert dossier.mandate_unconfirmed
    assert confirm_claim(claimant.memberships.get(), actor=flin.manager)
    dossier.refresh_from_db()
    assert not dossier.mandate_unconfirmed
    assert dossier.state == "in_progress"


def test_refused_mandate_withdraws_what_was_filed_and_deletes_nothing(
    flin: Flin, adstock: Organisation, claimant: User
) -> None:
    dossier = filled.make_filled(flin.call, adstock, claimant)
    file_now(dossier, claimant)
    assert refuse_claim(
        claimant.memberships.get(), actor=flin.manager, reason="Cette personne a quitté la Ville."
    )
    dossier.refresh_from_db()
    assert (dossier.state, dossier.end_cause) == ("withdrawn", "claim_refused")
    assert dossier.snapshots.count() == 1
    assert dossier.answers.count() == len(filled.ANSWERS)
    assert Entry.objects.get().leads == 0
    event = Event.objects.get(verb="applications.dossier.withdraw")
    assert event.actor == "system:claim_refused"
    assert event.words == "Cette personne a quitté la Ville."


def test_claims_press_by_the_nearest_closing(flin: Flin, adstock: Organisation, claimant: User) -> None:
    from accounts.claimed import nearest_first

    filled.make_filled(flin.call, adstock, claimant)
    membership = claimant.memberships.get()
    assert [one.closing for one in nearest_first([membership])] == [flin.call.closes_at]


# --- completion -------------------------------------------------------------------------------------------
def test_completion_opens_named_questions_and_keeps_the_filing(
    flin_at: Callable[..., Flin], adstock: Organisation
) -> None:
    import time_machine

    person = filled.signatory_of(adstock)
    flin = flin_at(closes=clock.now() + timedelta(days=1))
    dossier = filled.make_filled(flin.call, adstock, person)
    first = file_now(dossier, person, key="a")
    save_answer(dossier, "solution", "Jamais déposé.", actor=person, seen_version=1)
    with time_machine.travel(flin.call.closes_at + timedelta(hours=1)):
        fire(dossier, "send_back", actor=flin.analyst, items={"need": "Précisez le nombre de ménages."})
        refused = save_answer(dossier, "solution", "Encore autre chose.", actor=person, seen_version=2)
        assert (refused.status, refused.value) == ("refused", "Encore autre chose.")
        assert save_answer(dossier, "need", "402 ménages.", actor=person, seen_version=1).status == "saved"
        assert blockers.of(dossier) == []
        second = file_now(dossier, person, key="b", kind="completion")
    dossier.refresh_from_db()
    assert (dossier.state, dossier.stage, second.version) == ("in_progress", "completude", 2)
    assert dossier.last_filed_at == first.received_at  # the filing date stands
    assert [(one.part, one.code) for one in snapshots.difference(first.text, second.text)] == [
        ("answers", "need")
    ]


def test_history_goes_thirty_days_after_filing(ready: Dossier, signatory: User) -> None:
    save_answer(ready, "need", "Deuxième texte.", actor=signatory, seen_version=1)
    file_now(ready, signatory)
    assert [one.value for one in history(ready, "need")] == ["Le tiers de l’eau est perdu."]
    assert drop_history(clock.now() - timedelta(days=30)) == 0
    assert drop_history(clock.now() + timedelta(days=1)) == 1
    assert not AnswerVersion.objects.exists()
    add_file(ready, "price_evidence", filled.pdf("prix.pdf"), actor=signatory)
