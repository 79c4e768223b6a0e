"""The steps of a selection in the reader's language."""

from __future__ import annotations

import json
import re

import pytest
from django.utils.translation import override

from review import selection, steps
from tests.fixtures_awards import T1

CASES = [json.loads(T1.read_text())]


@pytest.mark.parametrize("case", CASES)
def test_every_step_is_said_in_english(case: dict[str, object]) -> None:
    trace = selection.select(case)["trace"]
    assert isinstance(trace, list)
    assert trace
    with override("en"):
        said = [steps.said(one) for one in trace]
    for before, after in zip(trace, said, strict=True):
        assert before != after
        assert not re.search(r"[àéèê«»]|\d \$|\b(offerts|reste|dossiers?|Réserve)\b", after), after
    with override("fr-ca"):
        assert [steps.said(one) for one in trace] == trace


def test_a_step_that_nobody_knows_stays_as_it_is() -> None:
    with override("en"):
        assert steps.said("Autre chose.") == "Autre chose."


@pytest.mark.parametrize(
    ("step", "english"),
    [
        (
            "D1\u00a0: liste d’attente, 200\u00a0000\u00a0$ dépasse le reste, 3\u00a0$.",
            "D1: waiting list, $200,000 exceeds what remains, $3.",
        ),
        (
            "D2\u00a0: offre partielle de 175\u00a0000\u00a0$ sur 200\u00a0000\u00a0$.",
            "D2: partial offer of $175,000 out of $200,000.",
        ),
        ("Classement\u00a0: aucun dossier.", "Ranking: no application."),
    ],
)
def test_a_step_in_english(step: str, english: str) -> None:
    with override("en"):
        assert steps.said(step) == english
