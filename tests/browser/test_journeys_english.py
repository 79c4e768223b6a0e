"""J1 to J4 in English, step by step as in French; what is half-written survives the change of language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import steps, tongue
from tests.browser import test_journey_applicant as applicant
from tests.browser import test_journey_completeness as completeness
from tests.browser import test_journey_decision as deciding
from tests.browser import test_journey_review as reviewing
from tests.browser.stage import Windows
from tests.browser.test_journey_applicant import Town, town  # noqa: F401
from tests.browser.test_journey_completeness import Desk, desk  # noqa: F401
from tests.browser.test_journey_decision import choice  # noqa: F401
from tests.browser.test_journey_review import Review, review  # noqa: F401


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page of the test is the English one."""
    tongue.in_english(monkeypatch)


def test_a_town_files(town: Town, travel: steps.Travel, english: None) -> None:  # noqa: F811
    applicant.test_from_the_claim_to_the_closing(town, travel)


def test_completeness_is_asked(desk: Desk, english: None) -> None:  # noqa: F811
    completeness.test_asked_and_answered_then_silence_and_a_refusal(desk)


def test_a_panel_reviews(
    review: Review,  # noqa: F811
    work: Callable[[], None],
    mail_to: Any,
    english: None,
) -> None:
    reviewing.test_from_panel_to_lock(review, work, mail_to)


def test_a_decision_is_taken(choice: Windows, english: None) -> None:  # noqa: F811
    deciding.test_from_ranking_to_public_list(choice)
