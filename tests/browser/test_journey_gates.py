"""A refusal at each gate of the reference call: silence, a rule, a threshold, the money; its letter read back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from accounts.models import User
from grants.models import Decision
from notifications.models import Document
from tests import fixtures_ti
from tests.browser import steps
from tests.browser.steps import Mail, evened, follow, misses, press, sees
from tests.fixtures_ti import STRONG, WEAK, Ti
from web import formats

WHY = "Le devis joint ne porte ni date ni nom de fournisseur."
PROOF = "Joignez les preuves de prix"
FACT = "Le rapport financier de 2024 n’a pas été transmis malgré deux rappels."
RECOURSE = ("Vos recours", "demander le réexamen", "30 jours", "Étienne Kistabish", "Protecteur du citoyen")


@dataclass
class Gates:
    """The people of the journey, each with a window, and what reaches them."""

    site: str
    ti: Ti
    open_page: Callable[..., Page]
    look: Callable[[Page, str], None]
    work: Callable[[], None]
    mail_to: Callable[[str], list[Mail]]
    windows: dict[str, Page] = field(default_factory=dict)

    def at(self, who: str, path: str) -> Page:
        """The window of a role, or of the signatory of a dossier, at an address."""
        if who not in self.windows:
            self.windows[who] = self.open_page(self.person(who))
        self.windows[who].goto(f"{self.site}{path}")
        return self.windows[who]

    def person(self, who: str) -> User:
        """Somebody of the ministry, or who signs for a dossier."""
        return self.ti.staff[who] if who in self.ti.staff else self.ti.signatories[who]

    def of(self, name: str, rest: str = "") -> str:
        """A page of a dossier."""
        return f"/dossiers/{self.ti.dossiers[name].pk}/{rest}"

    def later(self, instant: datetime) -> None:
        """Let time pass; everybody signs in again."""
        self.ti.to(instant)
        self.work()
        self.windows.clear()

    def letter(self, name: str) -> str:
        """The words of the letter that came last to the signatory of a dossier, none of them left out."""
        found = self.mail_to(self.ti.signatories[name].email)[0]
        assert self.ti.dossiers[name].number in found.subject
        return found.papers[0]

    def says(self, name: str, *words: str) -> str:
        """The last letter of a dossier holds these words."""
        read = self.letter(name)
        for one in (*words, self.ti.dossiers[name].number, "Document fictif"):
            assert evened(one) in read, f"{one!r} is not in: {read}"
        return read


def gates(site: str, to: Any, page_as: Any, look: Any, work: Any, mail_to: Any, **sums: Any) -> Gates:
    """The reference call open, nothing filed yet."""
    nothing = {"small": 0, "north": 0}
    return Gates(site, fixtures_ti.stage(to, reserves=nothing, **sums), page_as, look, work, mail_to)


@pytest.fixture
def desk(site: str, travel: Any, page_as: Any, look: Any, work: Any, mail_to: Any) -> Gates:
    """Two whole requests of volet 2, the call closed."""
    made = gates(site, travel.to, page_as, look, work, mail_to)
    for name, project, town in (("silent", "P001", "02005"), ("barred", "P043", "31056")):
        made.ti.dossiers[name] = made.ti.file(name, project, "V2", town)
    work()
    made.ti.close()
    return made


@pytest.fixture
def choice(site: str, travel: Any, page_as: Any, look: Any, work: Any, mail_to: Any) -> Gates:
    """Three whole requests of volet 1, scored and locked: one under a threshold, money for one of the others."""
    made = gates(site, travel.to, page_as, look, work, mail_to, envelopes={"V1": 40_000})
    for name, project, town in (
        ("low", "P016", "10070"),
        ("winner", "P061", "14050"),
        ("waits", "P027", "31045"),
    ):
        made.ti.dossiers[name] = made.ti.file(name, project, "V1", town)
    made.ti.close()
    made.ti.admit("low", "winner", "waits")
    made.ti.seat("V1")
    made.ti.score("low", "3", C4="2")
    made.ti.score("winner", "4.5")
    made.ti.score("waits", "4")
    made.ti.lock("V1")
    work()
    return made


def test_refused_before_the_review(desk: Gates) -> None:
    """Completeness, then eligibility."""
    items_are_asked(desk)
    a_rule_says_no(desk)
    the_manager_countersigns(desk, "barred", FACT)
    the_letter_is_released(desk, "barred")
    read = desk.says("barred", "non admissible", "article 3.3", FACT, "Registre des entreprises", *RECOURSE)
    assert "E08" in read
    assert str(desk.ti.staff["analyst"]) not in read
    page = desk.at("barred", desk.of("barred"))
    sees(page, "refusée")
    desk.look(page, "gates, town, ineligible")
    silence_is_noted(desk)
    the_manager_countersigns(desk, "silent", WHY)
    the_letter_is_released(desk, "silent")
    desk.says("silent", "non admissible", "article 5.3", "Aucune réponse", PROOF, WHY, *RECOURSE)
    page = desk.at("silent", desk.of("silent"))
    sees(page, "refusée")
    desk.look(page, "gates, town, silent")


def items_are_asked(desk: Gates) -> None:
    """The analyst names what is missing; L2 says it with its instant and the effect of silence."""
    page = desk.at("analyst", desk.of("silent", "completude/"))
    desk.look(page, "gates, completeness")
    follow(page, "Demander des compléments…")
    page.locator("[name=ask-price_evidence]").check()
    place = page.locator("details:has([name=why-price_evidence])")
    if place.get_attribute("open") is None:
        place.locator("summary").click()
    page.locator("[name=why-price_evidence]").fill(WHY)
    press(page, re.compile("Demander des compléments"))
    desk.work()
    due = desk.ti.dossier("silent").due_at
    assert due is not None
    told = formats.datetime_long(due, "fr")
    desk.says("silent", PROOF, WHY, told, "Sans réponse à cette date", "Répondez en ligne")
    page = desk.at("silent", desk.of("silent"))
    sees(page, "Des compléments sont demandés", WHY)
    desk.look(page, "gates, town, items asked")


def a_rule_says_no(desk: Gates) -> None:
    """Complete; every rule confirmed but one, with the fact; the refusal proposed."""
    desk.ti.complete("barred")
    desk.ti.confirm("barred", {"E08": FACT}, E08="no")
    page = desk.at("analyst", desk.of("barred", "admissibilite/"))
    sees(page, "E08", FACT, "E14")
    desk.look(page, "gates, rules beside the evidence")
    follow(page, "Proposer la non-admissibilité…")
    press(page, re.compile("non-admissibilité"))
    page = desk.at("analyst", desk.of("barred"))
    misses(page, "Contresigner le refus")


def silence_is_noted(desk: Gates) -> None:
    """Past the instant nothing came: the analyst records it."""
    due = desk.ti.dossier("silent").due_at
    assert due is not None
    desk.later(due + timedelta(minutes=1))
    page = desk.at("analyst", desk.of("silent", "completude/"))
    sees(page, "Aucune réponse dans le délai")
    follow(page, "Constater l’absence de réponse…")
    press(page, re.compile("Constater l’absence de réponse"))


def the_manager_countersigns(desk: Gates, name: str, words: str) -> None:
    """As the process of the call says: the manager, who took no part in the check."""
    page = desk.at("second_analyst", desk.of(name))
    misses(page, "Contresigner le refus")
    page = desk.at("manager", desk.of(name, "contreseing/"))
    sees(page, words)
    desk.look(page, f"gates, countersignature, {name}")
    follow(page, "Contresigner le refus…")
    press(page, re.compile("Contresigner le refus"))
    desk.work()
    assert desk.ti.dossier(name).state == "rejected"


def the_letter_is_released(desk: Gates, name: str) -> None:
    """It waits in the outbox until the manager lets it go."""
    before = len(desk.mail_to(desk.ti.signatories[name].email))
    page = desk.at("manager", "/gestion/envois/")
    page.locator("main").get_by_role("link", name=re.compile(desk.ti.dossiers[name].number)).first.click()
    desk.look(page, f"gates, letter held, {name}")
    press(page, "Libérer ce message")
    sees(page, "Le message est libéré")
    desk.work()
    assert len(desk.mail_to(desk.ti.signatories[name].email)) == before + 1


# --- merit and money --------------------------------------------------------------------------------------
def test_refused_after_the_review(choice: Gates) -> None:
    """Under a threshold; then over every one, but the money is spent and the list ends."""
    the_decision_leaves(choice)
    the_threshold_is_explained(choice)
    the_list_is_explained(choice)
    the_list_ends(choice)


def the_decision_leaves(choice: Gates) -> None:
    """The ranking as frozen, the decision signed and released, the letters gone."""
    page = choice.at("chair", f"/comites/{choice.ti.panels['V1'].pk}/classement/")
    sees(page, "57,00", "80,00", "90,00")
    choice.look(page, "gates, ranking")
    decision = choice.ti.decide("V1")
    page = choice.at("authority", f"/decisions/{decision.pk}/")
    sees(page, "Non retenu", "Liste d’attente", "32 550")
    choice.look(page, "gates, decision")
    choice.later(decision.letters_at + timedelta(minutes=1))


def the_threshold_is_explained(choice: Gates) -> None:
    """L5: every criterion against its threshold, no rank, what to strengthen, what to learn, the recourse."""
    read = choice.says(
        "low",
        "57,00 sur 100, sous le seuil de 60",
        "C4 Données, sécurité, vie privée et éthique 40,00 % 60 % non atteint",
        "la note la plus basse a obtenu 90,00",
        "a reçu 3 demandes",
        "la somme disponible était de 40 000 $",
        STRONG,
        WEAK,
        "Formations suggérées par votre autodiagnostic",
        "Cybersécurité",
        *RECOURSE,
    )
    assert not re.search(r"\brang\b|Aubert|Bianca", read)
    page = choice.at("low", choice.of("low"))
    sees(page, "Demande refusée")
    choice.look(page, "gates, town, under a threshold")
    page = choice.at("low", choice.of("low", "historique/"))
    letter = Document.objects.get(kind="L5", dossier=choice.ti.dossiers["low"].pk)
    assert "57,00" in steps.read_pdf(page, f"{choice.site}/lettres/{letter.pk}.pdf")
    assert steps.status_of(choice.at("waits", "/accueil/"), f"{choice.site}/lettres/{letter.pk}.pdf") == 404


def the_list_is_explained(choice: Gates) -> None:
    """L6: the place, until when, what would bring an offer."""
    until = choice.ti.call.waiting_valid_until
    assert until is not None
    day = formats.date_long(until, "fr")
    choice.says(
        "waits", "rang 1 de la liste d’attente", f"jusqu’au {day}", "si de l’argent redevient disponible"
    )
    page = choice.at("waits", choice.of("waits"))
    sees(page, "liste d’attente")
    choice.look(page, "gates, town, waiting")
    page = choice.at("manager", "/decisions/")
    misses(page, "Mettre fin à la liste d’attente")


def the_list_ends(choice: Gates) -> None:
    """The day after the last one, the manager prepares the end, the authority signs; L5 with its reasons."""
    until = choice.ti.call.waiting_valid_until
    assert until is not None
    choice.later(datetime.combine(until + timedelta(days=1), time(15), UTC))
    page = choice.at("manager", "/accueil/")
    sees(page, "la liste d’attente a pris fin")
    page = choice.at("manager", "/decisions/")
    choice.look(page, "gates, list at its end")
    press(page, "Mettre fin à la liste d’attente")
    sees(page, "Liste d’attente", "Non retenu", choice.ti.dossiers["waits"].number)
    misses(page, choice.ti.dossiers["low"].number)
    choice.look(page, "gates, decision that ends the list")
    end = Decision.objects.get(kind="waiting_list")
    choice.ti.sign(end, days=0)
    choice.later(end.letters_at + timedelta(minutes=1))
    day = formats.date_long(until, "fr")
    read = choice.says(
        "waits",
        "La demande atteint les seuils",
        f"La liste d’attente a pris fin le {day}",
        "la note la plus basse a obtenu 90,00",
        "Formations suggérées",
        *RECOURSE,
    )
    assert not re.search(r"\brang\b", read)
    page = choice.at("waits", choice.of("waits"))
    sees(page, "Demande refusée")
    choice.look(page, "gates, town, list ended")
    assert choice.ti.committed("V1") == 32_550
