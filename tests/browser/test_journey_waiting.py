"""J5: a winner withdraws before the letters, another declines after them; the waiting list gets an offer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from grants.models import Award, Decision
from notifications.models.document import DocumentState
from tests import factories
from tests.browser import stage
from tests.browser.steps import follow, misses, press, sees
from web import formats

TITLES = {
    "A": "Trouver les fuites avant le dégel",
    "B": "Une patinoire qui prévient",
    "C": "Les collectes quand le bac est plein",
    "D": "Des permis sans papier",
}
MARKS = {"A": "5 4 4", "B": "4 4 4", "C": "4 3.5 4", "D": "3.5 3.5 3.5"}


@pytest.fixture
def windows(site: str, page_as: Any, look: Any, travel: Any, work: Any, mail_to: Any) -> stage.Windows:
    """Two awards signed and released, their letters not due yet; two dossiers wait."""
    made = stage.filed(travel, TITLES, pool=64_000, small=32_000)
    made.lock(MARKS)
    made.decide()
    work()
    return stage.Windows(site, made, page_as, look, work, mail_to)


def test_money_comes_back_and_leaves_again(windows: stage.Windows) -> None:
    """Every step, in the browser."""
    assert windows.made.committed() == 64_000
    a_winner_withdraws_before_the_letters(windows)
    letters_leave_without_it(windows)
    another_declines_its_award(windows)
    an_offer_is_prepared_for_the_waiting_list(windows)
    it_is_signed_and_released(windows)
    it_leaves_at_its_own_instant(windows)
    the_list_shows_those_who_stand(windows)


def first() -> Decision:
    """The decision of the selection."""
    return Decision.objects.get(kind="main")


def second() -> Decision:
    """The decision of the waiting list."""
    return Decision.objects.get(kind="waiting_list")


def a_winner_withdraws_before_the_letters(windows: stage.Windows) -> None:
    """It does not know that it won; its line falls and its money is free at once."""
    page = windows.at("applicant A", f"/dossiers/{windows.pk('A')}/")
    misses(page, "acceptée", "Accepté", "32 000 $ accord")
    page.locator("aside").get_by_role("link", name="Retirer").first.click()
    press(page, "Retirer")
    windows.look(page, "withdrawal, reason missing")
    page.get_by_label("Motif").fill("Le conseil a changé ses priorités.")
    press(page, "Retirer")
    sees(page, "retirée")
    windows.look(page, "dossier withdrawn")
    windows.work()
    assert windows.made.committed() == 32_000
    assert "désistement" in windows.received("A")[0].subject
    assert [one.state for one in windows.letters("A")] == [DocumentState.VOID]
    manager = windows.at("manager", f"/decisions/{first().pk}/")
    sees(manager, TITLES["A"], "Annulée")
    windows.look(manager, "decision with a void line")


def letters_leave_without_it(windows: stage.Windows) -> None:
    """At the instant: B is offered, C and D wait, A receives nothing more."""
    before = len(windows.received("A"))
    windows.wait_until(first().letters_at)
    assert len(windows.received("A")) == before
    assert windows.get("applicant A", f"/lettres/{windows.letters('A')[0].pk}.pdf")[0] == 404
    assert not Award.objects.filter(dossier_id=windows.pk("A")).exists()
    for name, words in (("B", "Demande acceptée"), ("C", "liste d’attente"), ("D", "liste d’attente")):
        sees(windows.at(f"applicant {name}", f"/dossiers/{windows.pk(name)}/"), words)
    assert "attente" in windows.received("C")[0].papers[0]


def another_declines_its_award(windows: stage.Windows) -> None:
    """Through the page of its offer, with a reason."""
    page = windows.at("applicant B", f"/dossiers/{windows.pk('B')}/")
    follow(page, "Voir l’offre")
    sees(page, "Offerte", "32 000 $")
    windows.look(page, "offer")
    follow(page, "Renoncer à l’aide")
    press(page, "Renoncer à l’aide")
    windows.look(page, "offer declined, reason missing")
    page.get_by_label("Motif").fill("Notre chargée de projet est partie.")
    press(page, "Renoncer à l’aide")
    sees(page, "Déclinée")
    windows.look(page, "offer, declined")
    assert windows.made.committed() == 0


def an_offer_is_prepared_for_the_waiting_list(windows: stage.Windows) -> None:
    """The manager sees that money came back; the rule offers it in rank order, with instants of its own."""
    page = windows.at("manager", "/decisions/")
    sees(page, "De l’argent est revenu et des demandes attendent")
    windows.look(page, "decisions, money came back")
    press(page, "Offrir à la liste d’attente")
    sees(page, "Liste d’attente", TITLES["C"], TITLES["D"], "64 000")
    misses(page, TITLES["A"], TITLES["B"])
    windows.look(page, "decision of the waiting list")
    page.locator("main").get_by_role("link", name="Changer", exact=True).first.click()
    letters = formats.local(windows.made.travel.now() + timedelta(minutes=40))
    publish = formats.local(first().publish_at + timedelta(days=1))
    page.get_by_label("Départ des lettres").fill(f"{letters:%Y-%m-%dT%H:%M}")
    page.get_by_label("Publication de la liste").fill(f"{publish:%Y-%m-%dT%H:%M}")
    press(page, "Enregistrer")
    sees(page, "Les instants sont changés")
    follow(page, "Proposer à l’autorité")
    press(page, "Proposer à l’autorité")
    sees(page, "Proposée à l’autorité")


def it_is_signed_and_released(windows: stage.Windows) -> None:
    """The authority signs with the password, the manager and the authority release."""
    page = windows.at("authority", f"/decisions/{second().pk}/")
    follow(page, "Signer la décision")
    page.get_by_label("Votre mot de passe").fill(factories.PASSWORD)
    press(page, "Signer la décision")
    sees(page, "Signée, à libérer")
    assert windows.made.committed() == 64_000
    manager = windows.at("manager", f"/decisions/{second().pk}/")
    follow(manager, "Libérer les lettres et la publication")
    press(manager, "Libérer les lettres et la publication")
    page.reload()
    follow(page, "Confirmer la libération")
    press(page, "Confirmer la libération")
    sees(page, "Libérée, sous embargo")


def it_leaves_at_its_own_instant(windows: stage.Windows) -> None:
    """A minute before, C still waits, whatever the first decision's instants; then its letter is there."""
    places = [f"/dossiers/{windows.pk('C')}/", f"/dossiers/{windows.pk('C')}/historique/", "/dossiers/"]
    before = {place: windows.get("applicant C", place) for place in places}
    windows.wait_until(second().letters_at - timedelta(minutes=1))
    assert {place: windows.get("applicant C", place) for place in places} == before
    assert windows.get("applicant C", f"/lettres/{windows.letters('C')[0].pk}.pdf")[0] == 404
    windows.wait_until(second().letters_at)
    for name in "CD":
        page = windows.at(f"applicant {name}", f"/dossiers/{windows.pk(name)}/")
        sees(page, "Demande acceptée", "32 000 $")
        assert "32 000 $" in windows.received(name)[0].papers[0]
    windows.look(windows.at("applicant C"), "offered from the waiting list")


def the_list_shows_those_who_stand(windows: stage.Windows) -> None:
    """The first publication shows nothing of those who gave up; the second shows C and D at its own instant."""
    windows.wait_until(first().publish_at)
    page = windows.at("anonymous", "/projets/")
    misses(page, *TITLES.values())
    windows.look(page, "public list, empty")
    windows.wait_until(second().publish_at)
    page.goto(f"{windows.site}/projets/")
    sees(page, TITLES["C"], TITLES["D"])
    misses(page, TITLES["A"], TITLES["B"])
