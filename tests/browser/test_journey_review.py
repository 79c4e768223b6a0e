"""J3: a panel is made, a tie judged, somebody recused after reading, a substitute scores, the panel locks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from notifications import reminders
from notifications.models import Document
from review.models import Assignment, Panel, Recusal, Sheet
from tests.browser import stage
from tests.browser.steps import follow, misses, press, sees, status_of
from web import formats

LEAKS, RINK = "Trouver les fuites avant le dégel", "Une patinoire qui prévient"


@dataclass
class Review:
    """The people of the journey and their windows."""

    site: str
    made: stage.Stage
    open_page: Callable[..., Page]
    look: Callable[[Page, str], None]
    people: dict[str, User]
    windows: dict[str, Page] = field(default_factory=dict)

    @property
    def panel(self) -> Panel:
        """The panel that the journey makes."""
        return Panel.objects.get()

    def at(self, who: str, path: str = "") -> Page:
        """The window of a person, at an address."""
        if who not in self.windows:
            self.windows[who] = self.open_page(self.people[who])
        page = self.windows[who]
        if path:
            page.goto(f"{self.site}{path}")
        return page

    def given(self, name: str, who: str) -> Assignment:
        """The assignment of a dossier to a reviewer."""
        return Assignment.objects.get(dossier=self.made.dossiers[name], reviewer=self.people[who])

    def number(self, name: str) -> str:
        """The number of a dossier."""
        return str(self.made.dossiers[name].number)


@pytest.fixture
def review(site: str, page_as: Any, look: Any, travel: Any) -> Review:
    """Two dossiers admitted, nobody chosen yet."""
    made = stage.filed(travel, {"A": LEAKS, "B": RINK})
    names = {
        "one": ("Aubert", "Premier"),
        "two": ("Bianca", "Second"),
        "three": ("Cyprien", "Tiers"),
        "four": ("Dorine", "Quart"),
        "chair": ("Solange", "Presidente"),
    }
    people = {key: stage.named(*name) for key, name in names.items()}
    people |= {"secretary": made.flin.secretary, "manager": made.flin.manager}
    return Review(site, made, page_as, look, people)


def test_from_panel_to_lock(review: Review, work: Callable[[], None], mail_to: Any) -> None:
    """Every step of the review, in the browser."""
    the_panel_is_made(review)
    dossiers_are_given(review)
    work()
    assert [one.subject for one in mail_to(review.people["one"].email)]
    one_declines_another_declares(review)
    the_chair_judges(review)
    somebody_is_recused_after_reading(review, work, mail_to)
    a_substitute_is_given_the_dossier(review)
    scores_are_given_by_keyboard(review)
    the_others_score(review)
    the_divergence_is_settled(review)
    the_panel_is_locked(review)


def the_panel_is_made(review: Review) -> None:
    """The secretary makes it, the manager names its people."""
    page = review.at("secretary", "/comites/")
    review.look(page, "panels, none yet")
    follow(page, "Créer un comité")
    page.get_by_label("Nom du comité").fill("")
    press(page, "Enregistrer")
    review.look(page, "panel form, errors")
    due = formats.local(review.made.travel.now() + timedelta(days=10)).date()
    page.get_by_label("Nom du comité").fill("Comité du numérique")
    page.get_by_label("Fiches attendues").fill(due.isoformat())
    press(page, "Enregistrer")
    sees(page, "Comité du numérique", "Personne n’est encore nommé")
    manager = review.at("manager", f"/comites/{review.panel.pk}/")
    follow(manager, "Nommer, inviter ou retirer des membres")
    for who in ("one", "two", "three", "chair"):
        manager.get_by_label("Courriel professionnel").fill(review.people[who].email)
        role = "chair" if who == "chair" else "reviewer"
        manager.get_by_label("Rôle", exact=True).select_option(role)
        press(manager, "Donner le rôle")
        sees(manager, f"Rôle donné à {review.people[who].name}")
    review.look(manager, "roles on a panel")


def dossiers_are_given(review: Review) -> None:
    """By hand, on the grid: A to one and two, B to two and three."""
    page = review.at("secretary", f"/comites/{review.panel.pk}/affectation/")
    for name, who in (("A", "one"), ("A", "two"), ("B", "two"), ("B", "three")):
        page.get_by_label(f"Confier {review.number(name)} à {review.people[who].name}").check()
    review.look(page, "assignment grid")
    press(page, "Confier les dossiers cochés")
    sees(page, "Dossiers confiés : 4")
    assert Assignment.objects.filter(state="offered").count() == 4


def answer(page: Page, number: str, words: str, reason: str = "") -> None:
    """Answer for one dossier of the pass on conflicts."""
    item = page.locator("ol.lines > li", has_text=number)
    item.get_by_label(words).check()
    if reason:
        item.get_by_label("Motif").fill(reason)


def one_declines_another_declares(review: Review) -> None:
    """One declines; two refers a tie on A and declares a conflict on B; three accepts."""
    one = review.at("one", "/evaluations/")
    assert status_of(one, f"{review.site}/dossiers/{review.made.dossiers['A'].pk}/") == 404
    answer(one, review.number("A"), "Je décline, sans conflit")
    press(one, "Envoyer mes déclarations")
    sees(one, "Une réponse demande un motif")
    review.look(one, "declarations, a reason is missing")
    answer(one, review.number("A"), "Je décline, sans conflit", "En congé jusqu’au mois prochain.")
    press(one, "Envoyer mes déclarations")
    sees(one, "Aucun dossier ne vous est confié")
    review.look(one, "evaluations, none")

    two = review.at("two", "/evaluations/")
    review.look(two, "declarations")
    answer(two, review.number("A"), "Un lien est à examiner", "Une cousine y siège au conseil.")
    answer(two, review.number("B"), "Conflit d’intérêts", "Mon frère vend la patinoire.")
    press(two, "Envoyer mes déclarations")
    sees(two, "À l’examen", LEAKS)
    misses(two, RINK)
    assert status_of(two, f"{review.site}/dossiers/{review.made.dossiers['A'].pk}/") == 404

    three = review.at("three", "/evaluations/")
    answer(three, review.number("B"), "Aucun conflit : j’accepte d’évaluer")
    press(three, "Envoyer mes déclarations")
    sees(three, "Un dossier à évaluer")
    review.look(three, "evaluations, one to score")


def the_chair_judges(review: Review) -> None:
    """The tie on A is no conflict: its content opens."""
    chair = review.at("chair", f"/comites/{review.panel.pk}/")
    sees(chair, "Déclarations à examiner", LEAKS)
    review.look(chair, "panel, a tie to examine")
    follow(chair, "Lever le doute…")
    chair.get_by_label("Motif").fill("La cousine n’est pas du dossier.")
    press(chair, "Lever le doute")
    two = review.at("two", "/evaluations/")
    sees(two, "Un dossier à évaluer", LEAKS)


def doors(review: Review) -> list[str]:
    """Every way to dossier B for reviewer three."""
    dossier = review.made.dossiers["B"]
    file = dossier.attachments.get(slot="resolution")
    receipt = Document.objects.get(dossier=dossier, kind="L1")
    given = review.given("B", "three")
    paths = [
        f"/dossiers/{dossier.pk}/",
        f"/dossiers/{dossier.pk}/demande/",
        f"/dossiers/{dossier.pk}/fichiers/",
        f"/dossiers/{dossier.pk}/historique/",
        f"/dossiers/{dossier.pk}/pieces/{file.pk}/fichier/",
        f"/lettres/{receipt.pk}.pdf",
        f"/evaluations/{given.pk}/",
    ]
    return [f"{review.site}{path}" for path in paths]


def somebody_is_recused_after_reading(review: Review, work: Callable[[], None], mail_to: Any) -> None:
    """Three reads B and begins its sheet; recused, nothing of B is left from the next request on."""
    three = review.at("three", f"/evaluations/{review.given('B', 'three').pk}/")
    sees(three, "Quatre débitmètres")
    review.look(three, "read and score")
    ways = doors(review)
    assert {way: status_of(three, way) for way in ways} == dict.fromkeys(ways, 200)
    tick(three, "C1", "4")
    expect(three.locator("[data-saved]")).to_contain_text("Enregistré à")

    received = len(mail_to(review.people["three"].email))
    Assignment.objects.filter(pk=review.given("B", "three").pk).update(
        due_at=review.made.travel.now() + timedelta(days=2)
    )
    assert reminders.write_due() == 1  # queued, the worker has not come yet
    chair = review.at("chair", f"/comites/{review.panel.pk}/dossiers/{review.made.dossiers['B'].pk}/")
    review.look(chair, "a dossier before the committee, nothing handed in")
    follow(chair, "Récuser une personne…")
    chair.get_by_label("Personne").select_option(label=review.people["three"].name)
    chair.get_by_label("Motif").fill("Conseille la ville depuis hier.")
    review.look(chair, "recusal")
    press(chair, "Enregistrer")
    sees(chair, "le dossier est fermé pour cette personne")
    assert Recusal.objects.filter(user=review.people["three"], lifted_at=None).exists()

    assert {way: status_of(three, way) for way in ways} == dict.fromkeys(ways, 404)
    tick(three, "C2", "4")  # the page is still open: it saves nothing any more
    expect(three.locator("[data-saved]")).to_contain_text("Copiez votre texte")
    for path in ("/evaluations/", "/dossiers/", "/accueil/", "/comites/"):
        three.goto(f"{review.site}{path}")
        misses(three, RINK, review.number("B"))
    work()
    assert len(mail_to(review.people["three"].email)) == received
    assert Sheet.objects.get(assignment__reviewer=review.people["three"]).state == "excluded"


def a_substitute_is_given_the_dossier(review: Review) -> None:
    """A fourth reviewer is named; A and B go to four, B to one as well."""
    manager = review.at("manager", f"/roles/review.panel/{review.panel.pk}/")
    manager.get_by_label("Courriel professionnel").fill(review.people["four"].email)
    manager.get_by_label("Rôle", exact=True).select_option("reviewer")
    press(manager, "Donner le rôle")
    page = review.at("secretary", f"/comites/{review.panel.pk}/affectation/")
    sees(page, "récusation", "décliné")
    for name, who in (("A", "four"), ("B", "four"), ("B", "one")):
        page.get_by_label(f"Confier {review.number(name)} à {review.people[who].name}").check()
    press(page, "Confier les dossiers cochés")
    sees(page, "Dossiers confiés : 3")
    for who, names in (("four", "AB"), ("one", "B")):
        window = review.at(who, "/evaluations/")
        for name in names:
            answer(window, review.number(name), "Aucun conflit : j’accepte d’évaluer")
        press(window, "Envoyer mes déclarations")


def scores_are_given_by_keyboard(review: Review) -> None:
    """Two scores A without a mouse, hands in, reopens, changes a mark, hands in again."""
    page = review.at("two", f"/evaluations/{review.given('A', 'two').pk}/")
    page.locator("#C1 input[type=radio]").first.focus()
    for mark, comment in (
        ("4,", "Le besoin est montré."),
        ("5", "Chiffré, daté."),
        ("4", "Rien de personnel."),
    ):
        for key in mark:
            page.keyboard.press(key)
        page.keyboard.press("Tab")
        page.keyboard.type(comment)
        page.keyboard.press("Tab")
    page.keyboard.type("Un besoin clair.")
    page.keyboard.press("Tab")
    page.keyboard.type("Un calendrier serré.")
    expect(page.locator("[data-saved]")).to_contain_text("Enregistré à")
    expect(page.locator("form [data-total]")).to_have_text("91,00")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    sees(page, "Fiche remise")
    follow(page, review.number("A"))
    sees(page, "Votre fiche est remise", "Le besoin est montré.")
    review.look(page, "a sheet handed in")
    press(page, "Rouvrir la fiche")
    sees(page, "Fiche rouverte")
    tick(page, "C2", "4.5")
    press(page, "Remettre la fiche")
    sheet = Sheet.objects.get(assignment=review.given("A", "two"))
    assert (sheet.state, sheet.scores) == ("handed_in", {"C1": "4.5", "C2": "4.5", "C4": "4"})


def tick(page: Page, code: str, mark: str) -> None:
    """Tick a mark with the mouse."""
    page.locator(f'#{code} label:has(input[value="{mark}"])').click()


def score(page: Page, marks: dict[str, str]) -> None:
    """Tick marks, comment on each, hand in."""
    for code, mark in marks.items():
        tick(page, code, mark)
        page.locator(f"#com-{code}").fill(f"Motif de la note {mark}.")
    press(page, "Remettre la fiche")


def the_others_score(review: Review) -> None:
    """The substitutes score; an incomplete sheet is refused with all it held."""
    page = review.at("four", f"/evaluations/{review.given('A', 'four').pk}/")
    tick(page, "C1", "2")
    press(page, "Remettre la fiche")
    sees(page, "La fiche n’est pas remise", "Notez le critère C2", "Écrivez un commentaire pour C1")
    review.look(page, "a sheet refused")
    score(page, {"C1": "2", "C2": "4", "C4": "4"})
    sees(page, "Fiche remise")
    for who, mark in (("four", "4"), ("one", "3.5")):
        page = review.at(who, f"/evaluations/{review.given('B', who).pk}/")
        score(page, {"C1": mark, "C2": mark, "C4": mark})
        sees(page, "Fiche remise")


def the_divergence_is_settled(review: Review) -> None:
    """Complete dossiers go to the committee; the lock is refused until the divergence on A is settled."""
    page = review.at("secretary", f"/comites/{review.panel.pk}/")
    review.look(page, "panel, sheets in")
    press(page, "Passer au comité les 2 dossiers complets")
    sees(page, "Dossiers passés au comité : 2")
    chair = review.at("chair", f"/comites/{review.panel.pk}/")
    sees(chair, "Divergences à régler", f"Divergences à régler : {review.number('A')}")
    chair.get_by_role("region", name="Divergences à régler").get_by_role(
        "link", name=review.number("A")
    ).click()
    review.look(chair, "sheets side by side")
    follow(chair, "Conclure… C1")
    press(chair, "Enregistrer")
    review.look(chair, "consensus, errors")
    chair.get_by_label("Note retenue").select_option("3.5")
    chair.get_by_label("Motif").fill("Le comité a relu le besoin ensemble.")
    press(chair, "Enregistrer")
    sees(chair, "Conclusion du comité enregistrée", "Le comité a relu le besoin ensemble.")
    follow(chair, "Conclure… le total")
    chair.get_by_label("Motif").fill("La moyenne tient, une fois C1 convenu.")
    press(chair, "Enregistrer")
    sees(chair, "Conclusion du comité enregistrée")


def the_panel_is_locked(review: Review) -> None:
    """The chair locks; sheets do not reopen, the ranking is frozen, and B stays shut for three."""
    chair = review.at("chair", f"/comites/{review.panel.pk}/classement/")
    sees(chair, "Provisoire", LEAKS, RINK)
    review.look(chair, "ranking, provisional")
    follow(chair, "Verrouiller et figer le classement")
    review.look(chair, "lock")
    press(chair, "Verrouiller et figer le classement")
    sees(chair, "Figé")
    review.look(chair, "ranking, frozen")
    assert review.panel.state == "locked"
    two = review.at("two", f"/evaluations/{review.given('A', 'two').pk}/")
    expect(two.get_by_role("button", name="Rouvrir la fiche")).to_have_attribute("aria-disabled", "true")
    sees(two, "Le comité est verrouillé")
    three = review.at("three", f"/comites/{review.panel.pk}/classement/")
    sees(three, "vous êtes en récusation", LEAKS)
    misses(three, RINK, review.number("B"))
    review.look(three, "ranking, one line withheld")
