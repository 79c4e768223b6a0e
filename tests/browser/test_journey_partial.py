"""J6: two partial offers, by the rule and by a departure from it; one is confirmed, the other lapses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from grants.models import Award, Decision
from notifications import reminders
from tests.browser import stage
from tests.browser.steps import follow, misses, press, sees

TITLES = {
    "A": "Trouver les fuites avant le dégel",
    "B": "Une patinoire qui prévient",
    "C": "Les collectes quand le bac est plein",
}
MARKS = {"A": "5 4 4", "B": "4 4 4", "C": "4 3.5 4"}


@pytest.fixture
def windows(site: str, page_as: Any, look: Any, travel: Any, work: Any, mail_to: Any) -> stage.Windows:
    """The rule offers A everything, B a part; C waits."""
    made = stage.filed(travel, TITLES, pool=60_000, small=32_000)
    made.lock(MARKS)
    work()
    return stage.Windows(site, made, page_as, look, work, mail_to)


def test_one_is_confirmed_the_other_lapses(windows: stage.Windows) -> None:
    """Every step, in the browser."""
    the_manager_departs_from_the_rule(windows)
    windows.made.decide()
    assert windows.made.committed() == 58_000
    windows.work()
    windows.wait_until(Decision.objects.get().letters_at)
    one_is_confirmed(windows)
    the_other_is_reminded(windows)
    the_other_lapses(windows)
    the_list_shows_the_one(windows)


def the_manager_departs_from_the_rule(windows: stage.Windows) -> None:
    """A line changes only with its reason, and the page of the decision shows both."""
    page = windows.at("manager", "/decisions/")
    press(page, "Préparer la décision")
    sees(page, "28 000")
    follow(page, f"Changer {windows.number('A')}")
    page.get_by_label("Issue").select_option("partial")
    page.get_by_label("Aide offerte").fill("30000")
    press(page, "Enregistrer")
    sees(page, "Un écart à la règle demande un motif")
    windows.look(page, "line, reason missing")
    page.get_by_label("Motif de l’écart").fill("Le débitmètre de la rue Principale est déjà payé.")
    press(page, "Enregistrer")
    sees(page, "La ligne est changée", "écart", "Le débitmètre de la rue Principale est déjà payé.", "58 000")
    windows.look(page, "decision with a departure")


def one_is_confirmed(windows: stage.Windows) -> None:
    """From the message to the page of the dossier, to the page of the offer."""
    mail = windows.received("A")[0]
    assert "partielle" in mail.subject
    assert "30 000 $" in mail.papers[0]
    page = windows.at("applicant A", "/accueil/")
    sees(page, "une offre partielle attend votre réponse")
    windows.look(page, "home, an offer waits")
    page.goto(mail.links[0])
    sees(page, "acceptée en partie", "Offre partielle", "30 000 $")
    windows.look(page, "dossier with a partial offer")
    follow(page, "Voir l’offre")
    sees(page, "Offerte", "30 000 $", "32 000 $", "Sans réponse à cet instant")
    windows.look(page, "partial offer")
    follow(page, "Confirmer l’offre")
    windows.look(page, "confirmation")
    press(page, "Confirmer l’offre")
    sees(page, "Confirmée")
    assert windows.made.award("A").state == "confirmed"
    other = windows.at("applicant B", f"/offres/{windows.made.award('B').pk}/")
    sees(other, "28 000 $")
    assert windows.get("applicant B", f"/offres/{windows.made.award('A').pk}/")[0] == 404


def the_other_is_reminded(windows: stage.Windows) -> None:
    """Five days before, one message, once; nothing to who answered."""
    award = windows.made.award("B")
    assert award.confirm_by is not None
    received = len(windows.received("A"))
    windows.wait_until(award.confirm_by - timedelta(days=4))
    assert reminders.write_due() > 0
    assert reminders.write_due() == 0
    windows.work()
    assert "une offre attend votre réponse" in windows.received("B")[0].subject
    assert len(windows.received("A")) == received


def the_other_lapses(windows: stage.Windows) -> None:
    """After its instant the offer falls by itself, its money returns, and C may be offered it."""
    award = windows.made.award("B")
    assert award.confirm_by is not None
    windows.wait_until(award.confirm_by + timedelta(seconds=5))
    assert windows.made.award("B").state == "lapsed"
    assert windows.made.committed() == 30_000
    page = windows.at("applicant B", f"/offres/{award.pk}/")
    sees(page, "Tombée")
    misses(page, "Confirmer l’offre", "Renoncer à l’aide")
    windows.look(page, "offer that lapsed")
    assert windows.get("applicant B", f"/offres/{award.pk}/actes/confirm/")[0] == 404
    manager = windows.at("manager", f"/decisions/{Decision.objects.get().pk}/")
    sees(manager, "Tombée", "Confirmée")
    windows.look(manager, "decision, offers answered")
    manager.goto(f"{windows.site}/decisions/")
    sees(manager, "De l’argent est revenu et des demandes attendent")


def the_list_shows_the_one(windows: stage.Windows) -> None:
    """The public list has the offer that stands."""
    assert Award.objects.count() == 2
    page = windows.at("anonymous", "/projets/")
    sees(page, TITLES["A"], "30 000 $")
    misses(page, TITLES["B"], TITLES["C"])
