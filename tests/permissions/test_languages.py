"""Every page in both languages: an English page says no French word of the interface, and the other way round.

Walked over the permission table: each route that answers a person with a page. Words typed by people stay in
their language and are marked with it; names of people and places are names in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Organisation, Region, Territory, User
from grants.models import Call
from tests.permissions import reading, table
from tests.permissions.asking import TakenBack
from tests.permissions.cases import ROUTES
from tests.permissions.world import World

pytestmark = pytest.mark.django_db
TABLE = table.read()
CATALOGUE = Path(__file__).resolve().parents[2] / "locale/en/LC_MESSAGES/django.po"
# One person of each kind; whoever of a kind may read the page first.
KINDS = (
    ("anonymous",),
    ("signatory", "claimant", "other", "stranger"),
    ("manager", "secretary"),
    ("analyst",),
    ("authority", "auditor"),
    ("reviewer", "chair", "late_chair", "undeclared"),
    ("technical",),
)
FRENCH = frozenset(
    reading.words(
        "le la les un une des du au aux et ou où est sont été être vous votre vos nous notre pour avec dans sur par "
        "pas cette cet ces qui que quoi dont sans sous chaque aucun aucune tous toutes depuis jusqu dès déjà encore "
        "demande demandes dossier dossiers appel appels organisme organismes municipalité étape jour jours "
        "voir lire ouvrir fermer revenir enregistrer choisir retour oui non heure"
    )
)
ENGLISH = frozenset(
    reading.words(
        "the of and is are was were you your our with from this that these which who when where has have been "
        "applications call calls organization organizations stage day days hour hours to in not "
        "see read open close back save choose yes"
    )
)
ACCENT = re.compile(r"[àâçéèêëîïôùû]", re.IGNORECASE)
CODE = re.compile(r"\{\{.*?\}\}|\S*[/_@]\S*|FLIN-[\w-]+")  # addresses, names of fields, numbers of dossiers
OF_BOTH = frozenset(("québec", "données", "municipalités", "demo"))


def catalogue() -> tuple[frozenset[str], frozenset[str]]:
    """Sentences of the interface that are in French only, and in English only."""
    sentences: tuple[set[str], set[str]] = (set(), set())
    with CATALOGUE.open("rb") as file:
        for message in read_po(file, locale="en"):
            for texts, kept in zip((message.id, message.string), sentences, strict=True):
                kept |= {reading.plain(text) for text in ([texts] if isinstance(texts, str) else texts)}
    french, english = sentences
    return frozenset(french - english), frozenset(english - french)


ONLY_FRENCH, ONLY_ENGLISH = catalogue()


def routes() -> list[str]:
    """Routes that may be read."""
    return [name for name, route in ROUTES.items() if "get" in route.methods.split()]


def pages(world: World, clients: dict[str, Client], name: str, language: str) -> Iterator[tuple[str, str]]:
    """Every page of a route, as people who may read it: (address and role, HTML)."""
    route = ROUTES[name]
    for case in route.cases:
        cell = TABLE[(name, case.relation, "get")]
        for kind in KINDS:
            role = next((one for one in kind if table.expected_of(cell, one) == "200"), None)
            if role is None:
                continue
            cache.clear()
            with TakenBack(), translation.override(language):
                url = reverse(name, args=case.args(world))
                answer = clients[role].get(url, case.sent(world), headers={"accept": "text/html"})
            if answer.streaming:
                b"".join(answer.streaming_content)  # read to its end, a file closes
            elif answer.status_code == 200 and "html" in answer.headers.get("Content-Type", ""):
                yield f"{url} as {role}", answer.content.decode()


@pytest.fixture(scope="module")
def names(world: World, django_db_blocker: Any) -> re.Pattern[str]:
    """Names of people and of places, which no language changes."""
    found: set[str] = {"Québec", "Ministère des Territoires (fictif)"}
    with django_db_blocker.unblock():
        for model, field in ((Organisation, "name"), (Organisation, "mrc_name"), (Organisation, "address")):
            found |= set(model._default_manager.values_list(field, flat=True))
        found |= {str(one) for one in (*Region.objects.all(), *Territory.objects.all(), *User.objects.all())}
        found |= set(Call.objects.values_list("contact_name", flat=True))
    longest = sorted((one for one in found if one), key=len, reverse=True)
    return re.compile("|".join(re.escape(reading.plain(one)) for one in longest))


LONG = {"en": "en", "fr": "fr-ca"}  # as routes are asked


def strange(page: reading.Page, language: str, names: re.Pattern[str]) -> list[str]:
    """What a page says in the other language without saying that it is."""
    others, sentences = (FRENCH, ONLY_FRENCH) if language == "en" else (ENGLISH, ONLY_ENGLISH)
    found = []
    for said_in, text in page.said:
        if said_in != language:
            continue
        bare = CODE.sub(" ", names.sub(" ", text))
        spoken = {word.lower() for word in reading.words(bare)} - OF_BOTH
        accented = language == "en" and any(ACCENT.search(word) for word in spoken)
        whole = len(text) > 1 and bare == text and text in sentences and " " in text
        if spoken & others or accented or whole:
            found.append(text[:120])
    return found


def misread(
    world: World, clients: dict[str, Client], name: str, language: str, names: re.Pattern[str]
) -> list[str]:
    """Where the pages of a route say something in the other language."""
    wrong = []
    for where, html in pages(world, clients, name, LONG[language]):
        page = reading.read(html)
        assert page.lang == f"{language}-CA" or "<html" not in html, where
        wrong += [f"{where}: {text}" for text in strange(page, language, names)]
    return wrong


@pytest.mark.parametrize("name", routes())
def test_an_english_page_is_english(
    name: str, kept: World, clients: dict[str, Client], names: re.Pattern[str]
) -> None:
    assert misread(kept, clients, name, "en", names) == []


FRENCH_WALK = tuple(name for index, name in enumerate(routes()) if index % 3 == 0)


@pytest.mark.parametrize("name", FRENCH_WALK)
def test_a_french_page_is_french(
    name: str, kept: World, clients: dict[str, Client], names: re.Pattern[str]
) -> None:
    assert misread(kept, clients, name, "fr", names) == []


REFUSALS = ("/en/nulle-part/", "/en/dossiers/999999/")


@pytest.mark.parametrize("path", REFUSALS)
def test_what_is_not_there_is_said_in_english(
    path: str, kept: World, clients: dict[str, Client], names: re.Pattern[str]
) -> None:
    answer = clients["manager"].get(path)
    assert answer.status_code == 404
    assert strange(reading.read(answer.content.decode()), "en", names) == []


SENT = (
    ("account_login", "anonymous", {"login": "x", "password": ""}),
    ("account_signup", "anonymous", {"email": "pas une adresse", "password1": "court"}),
    ("account_reset_password", "anonymous", {"email": "?"}),
    ("account_change_password", "manager", {"oldpassword": "faux", "password1": "1", "password2": "2"}),
    ("organisation_create", "manager", {"name": ""}),
    ("panel_create", "manager", {"name_fr": ""}),
    ("verify", "anonymous", {"code": "?"}),
)


@pytest.mark.parametrize(("name", "role", "data"), SENT)
def test_what_is_wrong_in_a_form_is_said_in_english(
    name: str,
    role: str,
    data: dict[str, str],
    kept: World,
    clients: dict[str, Client],
    names: re.Pattern[str],
) -> None:
    with TakenBack(), translation.override("en"):
        answer = clients[role].post(reverse(name), data)
    assert answer.status_code in (200, 400, 404, 422), answer.status_code
    html = answer.content.decode()
    assert strange(reading.read(html), "en", names) == []
