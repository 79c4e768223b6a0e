"""J2: completeness asked and answered; another town stays silent, a refusal is countersigned, its letter read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from accounts.models import User
from applications.models import Dossier
from notifications.models import Document
from tests import factories
from tests.applications.filled import PDF, file_now, make_filled
from tests.browser import steps
from tests.browser.steps import evened, follow, is_saved, misses, press, sees, upload
from tests.fixtures_calls import Flin, make_flin
from web import formats
from workflows.engine import fire

DATA = "Comment les données seront-elles protégées, conservées et partagées?"
RESOLUTION = "Joignez la résolution du conseil"
WHY_DATA = "Dites combien de temps les volumes sont conservés."
WHY_RESOLUTION = "La résolution jointe n’est pas signée par la greffière."


@dataclass
class Desk:
    """What the steps of the journey share."""

    site: str
    flin: Flin
    page_as: Callable[..., Page]
    look: Callable[[Page, str], None]
    work: Callable[[], None]
    mail_to: Callable[[str], list[steps.Mail]]
    travel: steps.Travel
    folder: Path
    town: User
    silent: User
    asked: Dossier
    unheard: Dossier

    def url(self, dossier: Dossier, rest: str = "") -> str:
        """A page of a dossier."""
        return f"{self.site}/dossiers/{dossier.pk}/{rest}"


@pytest.fixture
def desk(
    site: str,
    travel: steps.Travel,
    page_as: Callable[..., Page],
    look: Callable[[Page, str], None],
    work: Callable[[], None],
    mail_to: Callable[[str], list[steps.Mail]],
    tmp_path: Path,
) -> Desk:
    """Two towns have filed and the call closed yesterday."""
    flin = make_flin(closes=(travel.now() + timedelta(days=2)).replace(microsecond=0))
    factories.make_staff("second_analyst", flin.call, flin.analyst)
    made = []
    for code, email in (("31056", "greffe@adstock.example"), ("10070", "dg@saint-fabien.example")):
        organisation = factories.make_org(code)
        user = factories.make_user(email, given_name="Line", family_name=f"Gagné-{code}")
        factories.make_member(user, organisation)
        dossier = make_filled(flin.call, organisation, user)
        file_now(dossier, user, key=f"cle-{code}")
        made.append((user, dossier))
    work()
    travel.to(flin.call.closes_at + timedelta(days=1))
    (tmp_path / "resolution-signee.pdf").write_bytes(PDF + b"%\n")
    (town, asked), (silent, unheard) = made
    return Desk(site, flin, page_as, look, work, mail_to, travel, tmp_path, town, silent, asked, unheard)


def test_asked_and_answered_then_silence_and_a_refusal(desk: Desk) -> None:
    analyst = open_the_queue(desk)
    ask(desk, analyst)
    read_the_request(desk)
    answer(desk)
    compare(desk, analyst)
    wait_in_vain(desk, analyst)
    find_silence(desk)
    countersign(desk)
    release(desk)
    read_the_refusal(desk)


def open_the_queue(desk: Desk) -> Page:
    """The analyst's home, list and the first dossier."""
    page = desk.page_as()
    steps.sign_in(page, desk.site, desk.flin.analyst)
    sees(page, "Adstock", "Saint-Fabien")
    desk.look(page, "j2 accueil analyste")
    page.goto(f"{desk.site}/dossiers/")
    sees(page, desk.asked.number)
    desk.look(page, "j2 dossiers")
    page.goto(f"{desk.site}/dossiers/?q=introuvable")
    desk.look(page, "j2 dossiers rien")
    page.goto(desk.url(desk.asked))
    desk.look(page, "j2 dossier")
    page.goto(desk.url(desk.asked, "demande/"))
    desk.look(page, "j2 demande")
    page.goto(desk.url(desk.asked, "fichiers/"))
    desk.look(page, "j2 pieces")
    page.goto(desk.url(desk.asked, "admissibilite/"))
    desk.look(page, "j2 admissibilite vide")
    page.goto(desk.url(desk.asked, "completude/"))
    desk.look(page, "j2 completude")
    return page


def ask(desk: Desk, page: Page) -> None:
    """Named questions, each with what is missing; nothing leaves while a word is missing."""
    follow(page, "Demander des compléments…")
    desk.look(page, "j2 demander")
    press(page, re.compile("Demander des compléments"))
    sees(page, "Choisissez au moins une question à compléter.")
    desk.look(page, "j2 demander rien")
    choose(page, "data")
    press(page, re.compile("Demander des compléments"))
    sees(page, "Dites ce qui manque")
    desk.look(page, "j2 demander sans motif")
    page.locator("[name=why-data]").fill(WHY_DATA)
    choose(page, "resolution")
    page.locator("[name=why-resolution]").fill(WHY_RESOLUTION)
    press(page, re.compile("Demander des compléments"))
    page.wait_for_url(re.compile(r"/dossiers/\d+/(completude/)?$"))
    sees(page, WHY_DATA)
    desk.look(page, "j2 demandee")
    desk.work()


def choose(page: Page, question: str) -> None:
    """Tick a question and open the place for the reason."""
    page.locator(f"[name=ask-{question}]").check()
    place = page.locator(f"details:has([name=why-{question}])")
    if place.get_attribute("open") is None:
        place.locator("summary").click()


def read_the_request(desk: Desk) -> None:
    """The letter says what is missing, why, and until when."""
    desk.asked.refresh_from_db()
    assert desk.asked.due_at is not None
    mail = desk.mail_to(desk.town.email)[0]
    assert "compléments" in mail.subject
    paper = mail.papers[0]
    for words in (
        desk.asked.number,
        DATA,
        WHY_DATA,
        RESOLUTION,
        WHY_RESOLUTION,
        "article 5.3",
        "Inès Tremblay",
    ):
        assert evened(words) in paper, words
    assert evened(formats.datetime_long(desk.asked.due_at)) in paper
    assert "Que ferez-vous, concrètement?" not in paper


def answer(desk: Desk) -> None:
    """Only what was named is open; what is sent is a new version beside the old."""
    page = desk.page_as(desk.town, "/accueil/")
    desk.look(page, "j2 accueil municipalite")
    page.goto(desk.url(desk.asked))
    sees(page, "Des compléments sont demandés", WHY_DATA, WHY_RESOLUTION)
    desk.look(page, "j2 dossier complements")
    follow(page, DATA)
    sees(page, "Seules les questions nommées sont rouvertes", WHY_DATA)
    page.get_by_label(DATA).fill("Les volumes seront publiés chaque mois et conservés sept ans.")
    page.get_by_label(DATA).blur()
    is_saved(page, "data")
    desk.look(page, "j2 section rouverte")
    assert steps.status_of(page, desk.url(desk.asked, "sections/solution/")) == 404
    page.goto(desk.url(desk.asked, "sections/engagement/"))
    upload(page, "resolution", desk.folder / "resolution-signee.pdf")
    desk.look(page, "j2 piece rouverte")
    page.goto(desk.url(desk.asked, "verification/"))
    desk.look(page, "j2 verification complements")
    assert page.get_by_role("link", name=re.compile("^Modifier")).count() == 2, "only what was named"
    page.get_by_label(re.compile("Pour signer")).fill("je dépose pour Adstock")
    press(page, "Envoyer les compléments")
    page.wait_for_url(re.compile("/accuse/2/"))
    sees(page, "Vos compléments sont reçus.")
    desk.work()
    page.reload()
    desk.look(page, "j2 accuse complements")
    assert "Compléments reçus" in desk.mail_to(desk.town.email)[0].subject
    page.goto(desk.url(desk.asked, "sections/donnees/"))
    assert "/sections/" not in page.url, "answered once: closed again"


def compare(desk: Desk, page: Page) -> None:
    """The analyst reads the two versions side by side, then declares the dossier complete."""
    page.goto(desk.url(desk.asked, "completude/"))
    sees(page, "Les volumes seront publiés chaque mois.", "conservés sept ans", "resolution-signee.pdf")
    desk.look(page, "j2 differences")
    follow(page, re.compile("Déclarer complet"))
    desk.look(page, "j2 declarer complet")
    press(page, re.compile("Déclarer complet"))
    page.goto(desk.url(desk.asked, "admissibilite/"))
    desk.look(page, "j2 admissibilite")
    follow(page, re.compile("^Non…"))
    press(page, "Confirmer", exact=True)
    desk.look(page, "j2 regle non sans motif")


def wait_in_vain(desk: Desk, page: Page) -> None:
    """The other town is asked too; before the due instant nothing can be held against it."""
    fire(
        desk.unheard,
        "send_back",
        actor=desk.flin.analyst,
        items={"data": WHY_DATA, "resolution": WHY_RESOLUTION},
    )
    desk.work()
    desk.unheard.refresh_from_db()
    page.goto(desk.url(desk.unheard))
    sees(page, "Constater l’absence de réponse…", "Le délai de réponse n’est pas écoulé.")
    desk.look(page, "j2 silence trop tot")
    town = desk.page_as(desk.silent, f"/dossiers/{desk.unheard.pk}/verification/")
    desk.look(town, "j2 verification sans reponse")
    assert desk.unheard.due_at is not None
    desk.travel.to(desk.unheard.due_at + timedelta(minutes=1))
    late = desk.page_as(desk.silent, f"/dossiers/{desk.unheard.pk}/")
    sees(late, "Le délai pour répondre a pris fin")
    misses(late, "Répondre à la demande")
    desk.look(late, "j2 dossier delai passe")
    late.goto(desk.url(desk.unheard, "sections/donnees/"))
    desk.look(late, "j2 section delai passe")


def find_silence(desk: Desk) -> None:
    """Past the instant, the analyst records the silence; the same person may not countersign."""
    page = desk.page_as(desk.flin.analyst, "/accueil/")
    sees(page, "Saint-Fabien")
    desk.look(page, "j2 accueil analyste silence")
    page.goto(desk.url(desk.unheard, "completude/"))
    sees(page, "Aucune réponse dans le délai")
    desk.look(page, "j2 completude silence")
    follow(page, "Constater l’absence de réponse…")
    desk.look(page, "j2 constater")
    press(page, re.compile("Constater l’absence de réponse"))
    page.goto(desk.url(desk.unheard))
    sees(page, "Une autre personne que celle qui a vérifié le dossier doit faire cet acte.")
    desk.look(page, "j2 contreseing par la meme")
    town = desk.page_as(desk.silent, f"/dossiers/{desk.unheard.pk}/")
    misses(town, "Contreseing", "refusée")


def countersign(desk: Desk) -> None:
    """Another person reads what is proposed and countersigns."""
    page = desk.page_as(desk.flin.second_analyst, "/accueil/")
    sees(page, "Saint-Fabien")
    desk.look(page, "j2 accueil contreseing")
    page.goto(desk.url(desk.unheard, "contreseing/"))
    sees(page, "Aucune réponse à la demande de compléments", WHY_DATA)
    desk.look(page, "j2 contreseing")
    follow(page, "Contresigner le refus…")
    desk.look(page, "j2 contresigner")
    press(page, re.compile("Contresigner le refus"))
    page.goto(desk.url(desk.unheard))
    desk.look(page, "j2 dossier refuse")
    desk.unheard.refresh_from_db()
    assert desk.unheard.state == "rejected"
    desk.work()


def release(desk: Desk) -> None:
    """The letter waits in the outbox; its code says nothing until it has left."""
    sent = len(desk.mail_to(desk.silent.email))
    letter = Document.objects.get(kind="L3")
    desk.work()
    assert len(desk.mail_to(desk.silent.email)) == sent, "held letters do not leave by themselves"
    anyone = desk.page_as(None, f"/verifier/?code={letter.code}")
    sees(anyone, "Inconnu")
    page = desk.page_as(desk.flin.manager, "/accueil/")
    desk.look(page, "j2 accueil gestion")
    page.goto(f"{desk.site}/gestion/envois/")
    desk.look(page, "j2 envois")
    follow(page, re.compile("non-admissibilité"))
    desk.look(page, "j2 message")
    press(page, "Libérer ce message")
    sees(page, "Le message est libéré")
    assert not page.get_by_role("button", name="Libérer ce message").count()
    desk.look(page, "j2 message libere")
    desk.work()
    page.goto(f"{desk.site}/gestion/retards/")
    desk.look(page, "j2 retards")
    anyone.reload()
    sees(anyone, "Authentique")


def read_the_refusal(desk: Desk) -> None:
    """The letter, read back from the PDF; the page of the town says the same."""
    mail = desk.mail_to(desk.silent.email)[0]
    assert "non-admissibilité" in mail.subject
    paper = mail.papers[0]
    letter = Document.objects.get(kind="L3")
    number, title = desk.unheard.number, desk.unheard.title
    second = str(desk.flin.second_analyst)
    told = (number, title, "Saint-Fabien", "non admissible", "article 5.3", "Vos recours", letter.code)
    for words in (*told, DATA, WHY_DATA, WHY_RESOLUTION, second, "Document fictif"):
        assert evened(words) in paper, f"{words!r} is not in: {paper}"
    page = desk.page_as(desk.silent, f"/dossiers/{desk.unheard.pk}/")
    sees(page, "refusée")
    desk.look(page, "j2 dossier refuse municipalite")
    page.goto(desk.url(desk.unheard, "historique/"))
    desk.look(page, "j2 historique refuse")
    assert evened(number) in steps.read_pdf(page, f"{desk.site}/lettres/{letter.pk}.pdf")
    assert steps.status_of(desk.page_as(desk.town), f"{desk.site}/lettres/{letter.pk}.pdf") == 404
