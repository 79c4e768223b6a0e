"""J3 with scripts refused, and with a browser that runs none: the review goes through, button by button."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from review.models import Recusal, Sheet
from tests.browser import modes
from tests.browser import test_journey_review as journey
from tests.browser.steps import follow, misses, press, sees, status_of
from tests.browser.test_journey_review import RINK, Review, review  # noqa: F401


@pytest.mark.parametrize("mode", [modes.REFUSED, modes.OFF])
def test_from_panel_to_lock_without_script(
    review: Review,  # noqa: F811
    page_as: Any,
    site: str,
    work: Any,
    mode: str,
) -> None:
    """The panel, declarations, a recusal, sheets saved and handed in by buttons, the lock."""
    review.open_page, review.look = modes.opener(page_as, site, mode), modes.looker(mode)
    journey.the_panel_is_made(review)
    journey.dossiers_are_given(review)
    work()
    journey.one_declines_another_declares(review)
    journey.the_chair_judges(review)
    somebody_is_recused_after_reading(review)
    journey.a_substitute_is_given_the_dossier(review)
    a_sheet_is_saved_handed_in_and_reopened(review)
    journey.the_others_score(review)
    journey.the_divergence_is_settled(review)
    journey.the_panel_is_locked(review)


def save(page: Page) -> None:
    """The button of the sheet that keeps it without handing it in."""
    page.locator("form[data-sheet] button[value=save]").click()


def somebody_is_recused_after_reading(review: Review) -> None:  # noqa: F811
    """Three keeps a mark on B; recused, the open page saves nothing and nothing of B is left."""
    path = f"/evaluations/{review.given('B', 'three').pk}/"
    three = review.at("three", path)
    sees(three, "Quatre débitmètres")
    journey.tick(three, "C1", "4")
    save(three)
    sees(three, "Enregistré")
    review.look(three, "read and score")
    chair = review.at("chair", f"/comites/{review.panel.pk}/dossiers/{review.made.dossiers['B'].pk}/")
    follow(chair, "Récuser une personne…")
    chair.get_by_label("Personne").select_option(label=review.people["three"].name)
    press(chair, "Enregistrer")
    review.look(chair, "recusal, reason missing")
    chair.get_by_label("Motif").fill("Conseille la ville depuis hier.")
    press(chair, "Enregistrer")
    sees(chair, "le dossier est fermé pour cette personne")
    assert Recusal.objects.filter(user=review.people["three"], lifted_at=None).exists()
    journey.tick(three, "C2", "4")
    save(three)
    sees(three, "Cette page n’existe pas")
    misses(three, RINK, review.number("B"))
    assert {status_of(three, way) for way in journey.doors(review)} == {404}
    assert Sheet.objects.get(assignment__reviewer=review.people["three"]).scores == {"C1": "4"}


def a_sheet_is_saved_handed_in_and_reopened(review: Review) -> None:  # noqa: F811
    """Two keeps a beginning, comes back to it, hands in, reopens, changes a mark, hands in again."""
    path = f"/evaluations/{review.given('A', 'two').pk}/"
    page = review.at("two", path)
    journey.tick(page, "C1", "4.5")
    save(page)
    page = review.at("two", path)
    assert page.locator('#C1 input[value="4.5"]').is_checked()
    page.locator("#forts").fill("Un besoin clair.")
    page.locator("#faibles").fill("Un calendrier serré.")
    journey.score(page, {"C1": "4.5", "C2": "5", "C4": "4"})
    sees(page, "Fiche remise")
    follow(page, review.number("A"))
    sees(page, "Votre fiche est remise")
    review.look(page, "a sheet handed in")
    press(page, "Rouvrir la fiche")
    sees(page, "Fiche rouverte")
    journey.tick(page, "C2", "4.5")
    press(page, "Remettre la fiche")
    sheet = Sheet.objects.get(assignment=review.given("A", "two"))
    assert (sheet.state, sheet.scores) == ("handed_in", {"C1": "4.5", "C2": "4.5", "C4": "4"})
