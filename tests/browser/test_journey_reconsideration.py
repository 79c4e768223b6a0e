"""A refusal asked again: by the town, admitted, answered by somebody else, countersigned, granted; on paper too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from grants.models import BudgetLine
from review.models import Reconsideration
from tests import factories
from tests.applications import filled
from tests.browser import stage
from tests.browser.steps import evened, follow, press, sees

TITLES = {"A": "Trouver les fuites avant le dégel", "D": "Un balado de la mairie"}
MARKS = {"A": "5 4 4", "D": "1 1 1"}
WORDS = "La note de C2 ne tient pas compte de la seconde fiche, remise le 3 mai."
MOTIVES = "La seconde fiche n’était pas jointe au classement; elle l’est maintenant et le seuil est atteint."


@pytest.fixture
def refused(site: str, page_as: Any, look: Any, travel: Any, work: Any, mail_to: Any) -> stage.Windows:
    """Two dossiers decided, the letters gone: D is refused."""
    made = stage.filed(travel, TITLES, pool=92_000, small=64_000)
    made.lock(MARKS)
    decision = made.decide()
    windows = stage.Windows(site, made, page_as, look, work, mail_to)
    windows.wait_until(decision.letters_at)
    work()
    call = made.call
    windows.people["other analyst"] = factories.make_staff(
        "analyst", call, factories.make_user("neuve@ministere.example", family_name="Neuve")
    )
    windows.people["other authority"] = factories.make_staff(
        "authority", call.programme, factories.make_user("seconde@ministere.example", family_name="Seconde")
    )
    return windows


def test_a_refusal_is_reversed(refused: stage.Windows, tmp_path: Path) -> None:
    """Each person in a window of their own."""
    the_town_asks(refused, tmp_path)
    it_is_admitted_and_confided(refused)
    another_person_answers(refused)
    an_authority_countersigns(refused)
    the_town_reads(refused)
    money_is_prepared(refused)


def the_town_asks(windows: stage.Windows, folder: Path) -> None:
    """From the page of the dossier; what is missing is said, what is typed stays."""
    page = windows.at("applicant D", "/accueil/")
    sees(page, "vous pouvez demander le réexamen")
    page.goto(f"{windows.site}/dossiers/{windows.pk('D')}/")
    sees(page, "le réexamen de la décision peut être demandé")
    follow(page, "Demander le réexamen")
    windows.look(page, "asking again")
    page.get_by_label("Expliquez l’erreur").fill(WORDS)
    press(page, "Envoyer la demande")
    sees(page, "Choisissez le motif")
    expect(page.get_by_label("Expliquez l’erreur")).to_have_value(WORDS)
    windows.look(page, "asking again, refused")
    page.get_by_label("Une erreur de fait").check()
    paper = folder / "fiche.pdf"
    paper.write_bytes(filled.PDF)
    page.get_by_label("Pièce à l’appui").set_input_files(paper)
    press(page, "Envoyer la demande")
    sees(page, "Votre demande de réexamen est reçue", "fiche.pdf", "D’autres personnes")
    windows.look(page, "asked again, applicant")
    windows.work()
    assert any("est reçue" in one.subject for one in windows.received("D"))


def it_is_admitted_and_confided(windows: stage.Windows) -> None:
    """The manager finds it at home; who took part is named with the reason."""
    page = windows.at("manager", "/accueil/")
    sees(page, "demande le réexamen d’un refus")
    follow(page, "Examiner")
    sees(page, WORDS, "À examiner")
    windows.look(page, "a request, manager")
    follow(page, "Admettre la demande")
    press(page, "Admettre la demande")
    follow(page, "Confier la réponse")
    sees(page, "a préparé, proposé, signé ou libéré la décision")
    windows.look(page, "who answers")
    names = page.get_by_label("Personne qui répondra").locator("option").all_inner_texts()
    assert str(windows.people["other analyst"]) in names
    assert str(windows.people["authority"]) not in names
    page.get_by_label("Personne qui répondra").select_option(label=str(windows.people["other analyst"]))
    press(page, "Confier la réponse")
    sees(page, "Réponse à écrire")


def another_person_answers(windows: stage.Windows) -> None:
    """Reads the request and the dossier, then reverses."""
    page = windows.at("other analyst", "/accueil/")
    follow(page, "Répondre")
    follow(page, "Répondre à la demande")
    windows.look(page, "answering")
    page.get_by_label("La décision est renversée.").check()
    page.get_by_label("Motifs").fill(MOTIVES)
    press(page, "Répondre à la demande")
    sees(page, "À contresigner", MOTIVES)


def an_authority_countersigns(windows: stage.Windows) -> None:
    """Who signed the refusal may not; another authority does."""
    row = Reconsideration.objects.get()
    page = windows.at("authority", f"/reexamens/{row.pk}/")
    sees(page, "ne peut pas répondre à ce réexamen")
    page = windows.at("other authority", "/accueil/")
    sees(page, "attend un contreseing")
    page.goto(f"{windows.site}/reexamens/{row.pk}/")
    follow(page, "Contresigner la réponse")
    windows.look(page, "countersigning")
    press(page, "Contresigner la réponse")
    page.wait_for_url(f"{windows.site}/reexamens/{row.pk}/")
    windows.work()


def the_town_reads(windows: stage.Windows) -> None:
    """On the page and on paper; nobody who decided before is named."""
    row = Reconsideration.objects.get()
    page = windows.at("applicant D", f"/reexamens/{row.pk}/")
    sees(page, "Décision renversée", MOTIVES, "décision distincte")
    windows.look(page, "answered, applicant")
    letter = next(one for one in windows.received("D") if "Réponse à votre demande" in one.subject)
    read = evened(letter.papers[0])
    for words in ("Erreur de fait", WORDS, MOTIVES, "Protecteur du citoyen", "la décision est renversée"):
        assert evened(words) in read, words


def money_is_prepared(windows: stage.Windows) -> None:
    """A decision of one line, within what the envelope has left."""
    BudgetLine.objects.filter(volet=windows.made.flin.volet).update(amount=200_000)
    row = Reconsideration.objects.get()
    page = windows.at("manager", f"/reexamens/{row.pk}/")
    follow(page, "Préparer la décision d’aide")
    windows.look(page, "money of a reversed refusal")
    press(page, "Préparer la décision")
    sees(page, "Réexamen", "En préparation", windows.number("D"))
    windows.look(page, "decision after a reconsideration")
