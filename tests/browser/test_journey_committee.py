"""A committee in the browser: divergences as a queue, one more reading, the meeting, its minutes signed by two."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from grants.models import Edition
from review.models import Assignment, Meeting, Panel
from tests import factories
from tests.browser import stage
from tests.browser.steps import follow, misses, press, read_pdf, sees, status_of
from tests.review.conftest import House
from workflows.chain import canonical
from workflows.engine import fire

TITLES = {"A": "Trouver les fuites avant le dégel", "B": "Une patinoire qui prévient"}


@pytest.fixture
def room(site: str, page_as: Any, look: Any, travel: Any, work: Any, mail_to: Any) -> stage.Windows:
    """Two dossiers with two sheets each, those of A far apart; the call asks for a quorum of three, an odd number."""
    made = stage.filed(travel, TITLES)
    edition = made.call.edition
    assert edition is not None
    body = {**edition.content, "committee": {"quorum": 3, "odd": True}}
    Edition.objects.filter(pk=edition.pk).update(body=canonical(body))
    panel = Panel.objects.create(
        state="open",
        call=made.call,
        volet=made.flin.volet,
        code="unique",
        name={"fr": "Comité d’évaluation"},
        due_at=travel.now() + timedelta(days=10),
    )
    names = (("Aubert", "Premier"), ("Bianca", "Second"), ("Cyprien", "Tiers"), ("Dorine", "Quart"))
    chair = factories.make_staff("chair", panel, stage.named("Solange", "Presidente"))
    reviewers = [factories.make_staff("reviewer", panel, stage.named(*one)) for one in names]
    made.house = House(made.flin, panel, chair, reviewers)
    for name, judge, marks in (("A", 0, "5 4 4"), ("A", 1, "3 4 4"), ("B", 0, "4 4 4"), ("B", 3, "4 4 4")):
        made.house.sheet(made.dossiers[name], reviewers[judge], marks)
    windows = stage.Windows(site, made, page_as, look, work, mail_to)
    windows.people |= {"chair": chair, "reader": reviewers[2], "member": reviewers[0]}
    return windows


def test_from_a_divergence_to_signed_minutes(room: stage.Windows) -> None:
    """Every step of the committee."""
    one_more_reading_is_asked(room)
    the_further_sheet_is_given(room)
    a_member_is_recused(room)
    the_meeting_is_held(room)
    the_divergence_is_answered(room)
    the_meeting_is_closed(room)
    two_persons_sign(room)


def one_more_reading_is_asked(room: stage.Windows) -> None:
    """From the home of the chair to the queue, and back to it."""
    panel = room.made.panel
    chair = room.at("chair", "/accueil/")
    chair.get_by_role("main").locator(f'a[href="/comites/{panel.pk}/divergences/"]').first.click()
    sees(chair, room.number("A"), "À régler", "C1", "5 · 3")
    misses(chair, room.number("B"))
    room.look(chair, "queue of divergences")
    follow(chair, "Demander une autre lecture…")
    chair.get_by_label("Personne").select_option(label=room.made.house.reviewers[2].name)
    press(chair, "Enregistrer")
    room.look(chair, "one more reading, no reason")
    chair.get_by_label("Motif").fill("Deux lectures opposées du besoin.")
    press(chair, "Enregistrer")
    sees(chair, "Divergences entre les fiches", "Lecture attendue", "Cyprien Tiers")
    expect(chair.get_by_role("link", name="Demander une autre lecture…")).to_have_count(0)
    room.look(chair, "queue, one more reading awaited")


def the_further_sheet_is_given(room: stage.Windows) -> None:
    """The third accepts and hands in; the divergence stands, both dossiers go to the committee."""
    house, dossier = room.made.house, room.made.dossiers["A"]
    assert house is not None
    given = Assignment.objects.get(dossier=dossier, reviewer=house.reviewers[2])
    fire(given, "accept", actor=house.reviewers[2])
    secretary = room.at("secretary", f"/comites/{room.made.panel.pk}/")
    press(secretary, "Passer au comité")
    sees(secretary, "encore ouverte")
    house.sheet(dossier, house.reviewers[2], "4 4 4")
    secretary.goto(f"{room.site}/comites/{room.made.panel.pk}/")
    press(secretary, "Passer au comité")
    sees(secretary, "Dossiers passés au comité")
    room.look(secretary, "panel, dossiers before the committee")


def a_member_is_recused(room: stage.Windows) -> None:
    """The second reviewer leaves the room for B."""
    chair = room.at("chair", f"/comites/{room.made.panel.pk}/dossiers/{room.pk('B')}/recuser/")
    chair.get_by_label("Personne").select_option(label="Bianca Second")
    chair.get_by_label("Motif").fill("Conseille la ville depuis hier.")
    press(chair, "Enregistrer")
    sees(chair, "Récusation enregistrée")


def the_meeting_is_held(room: stage.Windows) -> None:
    """Opened by the secretary; a quorum that is not reached, then that is."""
    page = room.at("secretary", f"/comites/{room.made.panel.pk}/seances/")
    sees(page, "quorum de 3 membres votants", "Aucune séance")
    room.look(page, "meetings, none yet")
    follow(page, "Ouvrir une séance")
    press(page, "Enregistrer")
    room.look(page, "meeting form, errors")
    page.get_by_label("Lieu").fill("Salle 3, à Québec")
    press(page, "Enregistrer")
    sees(page, "Séance ouverte", "quorum non atteint", room.number("A"), room.number("B"))
    sees(page, "Bianca Second quitte la séance")
    for who in ("Aubert Premier", "Cyprien Tiers"):
        page.get_by_label(who).check()
    press(page, "Enregistrer les présences")
    sees(page, "2 présents, quorum de 3", "quorum non atteint")
    room.look(page, "meeting, no quorum")
    page.get_by_label("Dorine Quart").check()
    press(page, "Enregistrer les présences")
    sees(page, "3 présents, quorum de 3", "quorum atteint")
    member = room.at("member", "/accueil/")
    meeting = Meeting.objects.get()
    assert status_of(member, f"{room.site}/seances/{meeting.pk}/") == 404
    assert status_of(room.at("authority"), f"{room.site}/seances/{meeting.pk}/") == 404


def the_divergence_is_answered(room: stage.Windows) -> None:
    """A is refused as long as it diverges; answered from the item, then agreed, B after it."""
    meeting = Meeting.objects.get()
    page = room.at("secretary", f"/seances/{meeting.pk}/")
    follow(page, room.number("A"))
    page.get_by_label("Note de discussion").fill("Le besoin est relu avec les relevés du dossier.")
    page.get_by_label("Le comité a conclu").check()
    press(page, "Enregistrer")
    sees(page, "Les fiches divergent")
    room.look(page, "item, a divergence stands")
    follow(page, "Projeter")
    misses(page, "Aubert", "Bianca", "Cyprien")
    room.look(page, "screen of the room")
    chair = room.at("chair", f"/comites/{room.made.panel.pk}/divergences/")
    expect(chair.get_by_role("link", name="Demander une autre lecture…")).to_have_count(0)
    follow(chair, "Conclure…")
    chair.get_by_label("Note retenue").select_option("4")
    chair.get_by_label("Motif").fill("Besoin établi par trois relevés.")
    press(chair, "Enregistrer")
    sees(chair, "Réglée", "consensus 4", "Besoin établi par trois relevés.")
    room.look(chair, "queue, settled")
    for name in ("A", "B"):
        page.goto(f"{room.site}/seances/{meeting.pk}/")
        follow(page, room.number(name))
        page.get_by_label("Note de discussion").fill(f"Discuté longuement, dossier {name}.")
        page.get_by_label("Le comité a conclu").check()
        press(page, "Enregistrer")
        sees(page, "Point enregistré")
    room.look(page, "meeting, every item agreed")


def the_meeting_is_closed(room: stage.Windows) -> None:
    """The chair closes it, then locks the panel."""
    meeting = Meeting.objects.get()
    chair = room.at("chair", f"/seances/{meeting.pk}/")
    follow(chair, "Clore la séance")
    room.look(chair, "close the meeting")
    press(chair, "Clore la séance")
    sees(chair, "Close")
    chair.goto(f"{room.site}/comites/{room.made.panel.pk}/classement/")
    follow(chair, "Verrouiller et figer le classement")
    press(chair, "Verrouiller et figer le classement")
    sees(chair, "Figé")


def two_persons_sign(room: stage.Windows) -> None:
    """No PDF before the second signature; then its words are those that were signed."""
    meeting = Meeting.objects.get()
    pdf = f"{room.site}/comites/{room.made.panel.pk}/proces-verbal.pdf"
    for who in ("chair", "secretary"):
        page = room.at(who, f"/seances/{meeting.pk}/")
        assert status_of(page, pdf) == 404
        follow(page, "Signer le procès-verbal")
        sees(
            page, "Ce que vous signez", "Besoin établi par trois relevés.", "Bianca Second a quitté la séance"
        )
        page.get_by_label("Votre mot de passe").fill("non")
        press(page, "Signer le procès-verbal")
        sees(page, "Rien n’est signé")
        room.look(page, f"minutes, {who}, wrong password")
        page.get_by_label("Votre mot de passe").fill(factories.PASSWORD)
        press(page, "Signer le procès-verbal")
        sees(page, "Signatures")
    room.look(page, "meeting, signed by both")
    assert status_of(page, pdf) == 202  # the worker draws it
    room.work()
    text = read_pdf(page, pdf)
    for word in ("Salle 3", "Besoin établi par trois relevés.", "Discuté longuement, dossier B."):
        assert word in text
    for who in ("chair", "authority"):
        assert status_of(room.at(who), pdf) == 200
    assert status_of(room.at("member"), pdf) == 404
