"""The appel of a letter."""

from datetime import UTC, datetime

import pytest

from applications.models import Dossier
from notifications import addressing
from notifications.values import NAMES, Subject


@pytest.mark.parametrize(
    ("function", "civility", "words"),
    [
        ("maire", "Monsieur", "Monsieur le Maire"),
        ("Mairesse", "Madame", "Madame la Mairesse"),
        ("préfet", "Monsieur", "Monsieur le Préfet"),
        ("préfète", "Madame", "Madame la Préfète"),
        (
            "directrice générale et greffière-trésorière",
            "Madame",
            "Madame la Directrice générale",
        ),
        ("greffier-trésorier", "Monsieur", "Monsieur le Greffier"),
        ("maire suppléant", "Monsieur", "Monsieur le Maire"),
        ("responsable du greffe", "", "Madame, Monsieur"),
        ("", "", "Madame, Monsieur"),
    ],
)
def test_the_title_comes_from_the_function(function: str, civility: str, words: str) -> None:
    assert addressing.of(function) == addressing.Appel(civility, words)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Inverness", "d’Inverness"),
        ("Éboulements-d’en-Haut", "d’Éboulements-d’en-Haut"),
        ("Stanstead", "de Stanstead"),
        ("Yamachiche", "de Yamachiche"),
        ("L’Assomption", "de L’Assomption"),
    ],
)
def test_of_a_municipality(name: str, said: str) -> None:
    dossier = Dossier(lead_name=name)
    assert NAMES["of_organisation"](Subject(dossier, "L1", datetime(2026, 6, 1, tzinfo=UTC)), "fr") == said
