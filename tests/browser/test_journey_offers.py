"""Offers of the reference call: a part is confirmed, what is declined goes down the list; letters read back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from grants.models import Decision
from review import deciding
from tests.applications.filled import PDF
from tests.browser import reference, stage
from tests.browser.steps import evened, follow, press, sees
from web import clock

TITLES = {
    "A": "Trouver les fuites avant le dégel",
    "B": "Une patinoire qui prévient",
    "C": "Les collectes quand le bac est plein",
}
MARKS = {"A": "4.5", "B": "4", "C": "3.5"}
POOL, PART = 150_000, "70 000 $"


@pytest.fixture
def windows(site: str, page_as: Any, look: Any, travel: Any, work: Any, mail_to: Any) -> stage.Windows:
    """Three villages are ranked; the money is for one, and for a part of the second."""
    made = reference.filed(travel, TITLES, pool=POOL)
    made.lock(MARKS)
    work()
    return stage.Windows(site, made, page_as, look, work, mail_to)


def test_a_part_is_confirmed_and_what_is_declined_goes_down_the_list(
    windows: stage.Windows, tmp_path: Path
) -> None:
    """Every step, in the browser or told by a verb where another journey shows it."""
    the_decision_asks_for_its_references(windows, tmp_path)
    windows.made.decide()
    windows.work()
    assert windows.made.committed() == POOL
    windows.wait_until(Decision.objects.get().letters_at)
    letters_say_what_they_must(windows)
    the_part_is_confirmed(windows)
    the_other_is_declined(windows)
    the_list_is_offered_what_came_back(windows)


def the_decision_asks_for_its_references(windows: stage.Windows, folder: Path) -> None:
    """A sum above the ministry's own says so until the act that allows it is written."""
    (folder / "ct.pdf").write_bytes(PDF)
    decision = deciding.draft_main(windows.made.panel, actor=windows.made.flin.manager)
    page = windows.at("manager", f"/decisions/{decision.pk}/")
    sees(page, "80 000", "70 000", "référence manquante")
    windows.look(page, "decision without its references")
    page.get_by_role("link", name=f"Inscrire l’autorisation… {windows.number('A')}").click()
    page.get_by_label("Organisme").fill("Conseil du trésor")
    page.get_by_label("Numéro").fill("CT-230-117")
    page.get_by_label("Date").fill(clock.today().isoformat())
    page.locator("main input[type=file]").set_input_files(folder / "ct.pdf")
    windows.look(page, "reference of a line")
    press(page, "Enregistrer")
    sees(page, "CT-230-117")


def letters_say_what_they_must(windows: stage.Windows) -> None:
    """L4, L7 and L6, as the PDF says them."""
    first, part, waits = (evened(windows.received(name)[0].papers[0]) for name in "ABC")
    assert "80 000 $ (quatre-vingt mille dollars)" in first
    for said in (f"d’au plus {PART} (soixante-dix mille dollars)", "sur les 80 000 $", "Vos recours"):
        assert said in part
    for said in ("au rang 1 de la liste d’attente", "n’est pas un engagement", "Vos recours"):
        assert said in waits
    assert "80 000 $" not in waits


def the_part_is_confirmed(windows: stage.Windows) -> None:
    """From the message to the page of the offer."""
    page = windows.at("applicant B")
    page.goto(windows.received("B")[0].links[0])
    sees(page, "acceptée en partie", PART)
    follow(page, "Voir l’offre")
    sees(page, "Offerte", PART, "80 000 $")
    windows.look(page, "partial offer of the reference call")
    follow(page, "Confirmer l’offre")
    press(page, "Confirmer l’offre")
    sees(page, "Confirmée")
    assert windows.made.award("B").state == "confirmed"


def the_other_is_declined(windows: stage.Windows) -> None:
    """Its money comes back at once."""
    page = windows.at("applicant A", f"/offres/{windows.made.award('A').pk}/")
    follow(page, "Renoncer à l’aide")
    page.get_by_label("Motif").fill("Notre chargée de projet est partie.")
    press(page, "Renoncer à l’aide")
    sees(page, "Déclinée")
    assert windows.made.committed() == 70_000
    windows.work()
    notice = evened(windows.received("A")[0].papers[0])
    for said in ("a pris fin le", "renonce à l’aide annoncée", "chargée de projet est partie", "80 000 $"):
        assert said in notice


def the_list_is_offered_what_came_back(windows: stage.Windows) -> None:
    """The next in rank is offered the whole, under embargo until its own instant, and accepts."""
    made = windows.made
    page = windows.at("manager", "/decisions/")
    sees(page, "De l’argent est revenu et des demandes attendent")
    press(page, "Offrir à la liste d’attente")
    sees(page, "Liste d’attente", TITLES["C"], "80 000", "référence manquante")
    windows.look(page, "waiting list of the reference call")
    second = made.decide()
    assert second.kind == "waiting_list"
    windows.wait_until(second.letters_at - timedelta(minutes=1))
    sees(windows.at("applicant C", f"/dossiers/{windows.pk('C')}/"), "liste d’attente")
    windows.wait_until(second.letters_at)
    theirs = windows.at("applicant C", f"/dossiers/{windows.pk('C')}/")
    sees(theirs, "Demande acceptée", "80 000 $")
    assert "80 000 $ (quatre-vingt mille dollars)" in windows.received("C")[0].papers[0]
    follow(theirs, "Voir l’offre")
    windows.look(theirs, "offered from the waiting list of the reference call")
    follow(theirs, "Confirmer l’offre")
    press(theirs, "Confirmer l’offre")
    sees(theirs, "Confirmée")
    assert made.committed() == POOL
