"""J4: ranking, decision proposed, returned, proposed again, signed, released; nothing shows before its instant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from grants.models import Decision
from review.models import Assignment
from tests import factories
from tests.browser import stage, steps
from tests.browser.steps import follow, press, sees
from web import formats

TITLES = {
    "A": "Trouver les fuites avant le dégel",
    "B": "Une patinoire qui prévient",
    "C": "Les collectes quand le bac est plein",
    "D": "Un balado de la mairie",
    "E": "Des permis sans papier",
}
MARKS = {"A": "5 4 4", "B": "4 4 4", "C": "4 3.5 4", "E": "3.5 3.5 3.5", "D": "1 1 1"}
# In the order of the ranking: two from the reserve, one in part, one that waits; D is under its thresholds.
PHONE: Any = {"width": 360, "height": 780}

Seen = dict[tuple[str, str], tuple[int, str]]


@pytest.fixture
def choice(site: str, page_as: Any, look: Any, travel: Any, work: Any, mail_to: Any) -> stage.Windows:
    """Five dossiers ranked by a locked panel."""
    made = stage.filed(travel, TITLES, pool=92_000, small=64_000)
    made.lock(MARKS)
    work()
    windows = stage.Windows(site, made, page_as, look, work, mail_to)
    assert made.house is not None
    windows.people["reviewer"] = made.house.reviewers[0]
    return windows


def test_from_ranking_to_public_list(choice: stage.Windows) -> None:
    """Every step of a decision, in the browser; then the two instants."""
    undecided = outsiders_see(choice)
    the_decision_is_prepared(choice)
    it_is_returned_with_a_reason(choice)
    it_is_proposed_again(choice)
    it_is_signed_on_a_telephone(choice)
    it_is_released_by_both(choice)
    nothing_shows_a_minute_before(choice, undecided)
    outcomes_show_at_their_instant(choice, undecided)
    the_list_shows_at_its_own(choice, undecided)


def decision() -> Decision:
    """The one of this journey."""
    return Decision.objects.get()


# --- what outsiders see ---------------------------------------------------------------------------
def places(choice: stage.Windows) -> list[tuple[str, str]]:
    """Every page of each person who must not know."""
    call, panel = choice.made.call, choice.made.panel
    found: list[tuple[str, str]] = []
    for name in TITLES:
        own = f"/dossiers/{choice.pk(name)}/"
        paths = [
            "/accueil/",
            "/dossiers/",
            own,
            f"{own}demande/",
            f"{own}historique/",
            "/projets/",
            "/decisions/",
        ]
        found += [(f"applicant {name}", path) for path in paths]
    reads = [f"/dossiers/{choice.pk(name)}/" for name in TITLES]
    reads += [f"{one}historique/" for one in reads]
    for who in ("analyst", "second_analyst"):
        found += [(who, path) for path in ["/accueil/", "/dossiers/", "/decisions/", "/comites/", *reads]]
    given = Assignment.objects.filter(reviewer=choice.people["reviewer"])
    sheets = [f"/evaluations/{row.pk}/" for row in given]
    board = ["/accueil/", "/evaluations/", "/comites/", "/dossiers/", f"/comites/{panel.pk}/classement/"]
    found += [("reviewer", path) for path in [*board, *reads, *sheets]]
    public = ["/", "/appels/", f"/appels/{call.code}/", "/projets/", "/verifier/"]
    public += [f"/projets/{choice.made.dossiers[name].number}/" for name in TITLES]
    return found + [("anonymous", path) for path in public]


def outsiders_see(choice: stage.Windows) -> Seen:
    """All of that now."""
    return {(who, path): choice.get(who, path) for who, path in places(choice)}


def differences(before: Seen, after: Seen) -> list[str]:
    """Pages that changed, each with the first words that did."""
    found = []
    for place, (status, text) in after.items():
        was, old = before[place]
        if (status, text) != (was, old):
            at = next((i for i, (a, b) in enumerate(zip(old, text, strict=False)) if a != b), 0)
            found.append(
                f"{place} {was}→{status}: …{old[at - 60 : at + 90]!r} → …{text[at - 60 : at + 90]!r}"
            )
    return found


# --- the decision ---------------------------------------------------------------------------------
def the_decision_is_prepared(choice: stage.Windows) -> None:
    """From the ranking, by the manager; instants typed."""
    page = choice.at("manager", f"/comites/{choice.made.panel.pk}/classement/")
    sees(page, "Figé", *TITLES.values())
    choice.look(page, "ranking, frozen, manager")
    follow(page, "Décisions")
    choice.look(page, "decisions, one to prepare")
    press(page, "Préparer la décision")
    sees(page, "En préparation", "64 000", "28 000", "Aucun : chaque ligne est ce que la règle propose")
    choice.look(page, "decision, draft")
    page.locator("main").get_by_role("link", name="Changer", exact=True).first.click()
    letters = formats.local(choice.made.travel.now() + timedelta(minutes=20))
    typed = [f"{one:%Y-%m-%dT%H:%M}" for one in (letters, letters + timedelta(minutes=20))]
    page.get_by_label("Départ des lettres").fill(typed[1])
    page.get_by_label("Publication de la liste").fill(typed[0])
    press(page, "Enregistrer")
    sees(page, "La publication ne peut pas précéder les lettres")
    choice.look(page, "instants, refused")
    page.get_by_label("Départ des lettres").fill(typed[0])
    page.get_by_label("Publication de la liste").fill(typed[1])
    press(page, "Enregistrer")
    sees(
        page,
        "Les instants sont changés",
        f"{letters:%H}".lstrip("0") + " h " + f"{letters:%M}".replace("00", ""),
    )
    propose(choice, page)
    sees(page, "Proposée à l’autorité")


def propose(choice: stage.Windows, page: Page) -> None:
    """The manager's act."""
    follow(page, "Proposer à l’autorité")
    press(page, "Proposer à l’autorité")
    choice.work()


def it_is_returned_with_a_reason(choice: stage.Windows) -> None:
    """The authority reads, and returns it."""
    told = choice.mail_to(choice.made.flin.authority.email)
    assert told[0].subject == "Une décision attend votre signature"
    page = choice.at("authority", "/accueil/")
    choice.look(page, "home of the authority")
    page.goto(told[0].links[0])
    sees(page, *TITLES.values(), "92 000", "Empreinte signée")
    choice.look(page, "decision, proposed")
    follow(page, "Renvoyer avec un motif")
    press(page, "Renvoyer avec un motif")
    choice.look(page, "return, reason missing")
    page.get_by_label("Motif").fill("Dites-moi pourquoi C ne reçoit pas tout.")
    press(page, "Renvoyer avec un motif")
    sees(page, "Renvoyée")
    assert choice.made.committed() == 0
    choice.work()


def it_is_proposed_again(choice: stage.Windows) -> None:
    """The manager reads the reason and proposes again."""
    told = choice.mail_to(choice.made.flin.manager.email)
    assert told[0].subject == "La décision vous est renvoyée"
    page = choice.at("manager")
    page.goto(told[0].links[0])
    sees(page, "Renvoyée", "Dites-moi pourquoi C ne reçoit pas tout.")
    choice.look(page, "decision, returned")
    propose(choice, page)
    sees(page, "Proposée à l’autorité")


def it_is_signed_on_a_telephone(choice: stage.Windows) -> None:
    """The password is asked again; a wrong one signs nothing."""
    page = choice.at("authority, telephone")
    page.set_viewport_size(PHONE)
    page.goto(f"{choice.site}/decisions/{decision().pk}/")
    sees(page, *TITLES.values())
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    follow(page, "Signer la décision")
    page.get_by_label("Votre mot de passe").fill("un autre mot de passe")
    press(page, "Signer la décision")
    sees(page, "Ce mot de passe n’est pas le bon")
    choice.look(page, "signature, wrong password")
    page.set_viewport_size(PHONE)
    assert choice.made.committed() == 0
    page.get_by_label("Votre mot de passe").fill(factories.PASSWORD)
    press(page, "Signer la décision")
    sees(page, "Signée, à libérer")
    assert choice.made.committed() == 92_000
    choice.work()


def it_is_released_by_both(choice: stage.Windows) -> None:
    """The manager first, then the authority; the letters wait in the outbox."""
    page = choice.at("authority", f"/decisions/{decision().pk}/")
    expect(page.get_by_role("button", name="Confirmer la libération")).to_have_attribute(
        "aria-disabled", "true"
    )
    sees(page, "La ou le gestionnaire libère d’abord")
    manager = choice.at("manager", "/gestion/envois/")
    choice.look(manager, "outbox, letters held")
    manager.goto(f"{choice.site}/decisions/{decision().pk}/")
    follow(manager, "Libérer les lettres et la publication")
    press(manager, "Libérer les lettres et la publication")
    page.reload()
    follow(page, "Confirmer la libération")
    press(page, "Confirmer la libération")
    sees(page, "Libérée, sous embargo")
    choice.look(page, "decision, released")
    choice.work()


# --- the two instants -----------------------------------------------------------------------------
def nothing_shows_a_minute_before(choice: stage.Windows, undecided: Seen) -> None:
    """Signed, released, drawn: and each page of each outsider is what it was; no letter, no message, no code."""
    received = {name: len(choice.received(name)) for name in TITLES}
    choice.wait_until(decision().letters_at - timedelta(minutes=1))
    assert not (wrong := differences(undecided, outsiders_see(choice))), "\n".join(wrong)
    for name in TITLES:
        letter = choice.letters(name)[0]
        assert len(choice.received(name)) == received[name]
        for who in (f"applicant {name}", "analyst", "reviewer"):
            assert choice.get(who, f"/lettres/{letter.pk}.pdf")[0] == 404
        assert "Inconnu" in choice.get("anonymous", f"/verifier/?code={letter.code}")[1]


def outcomes_show_at_their_instant(choice: stage.Windows, undecided: Seen) -> None:
    """The letters leave, applicants and staff read the outcome; the public still reads nothing."""
    choice.made.travel.to(decision().letters_at)
    for name, said in (
        ("A", "Accepté"),
        ("D", "Non retenu"),
    ):  # read by the instant, whether or not the worker came
        assert said in choice.get(f"applicant {name}", f"/dossiers/{choice.pk(name)}/")[1]
        assert choice.get(f"applicant {name}", f"/lettres/{choice.letters(name)[0].pk}.pdf")[0] == 404
    choice.work()
    words = {
        "A": "Demande acceptée",
        "C": "acceptée en partie",
        "D": "Demande refusée",
        "E": "liste d’attente",
    }
    for name, said in words.items():
        page = choice.at(f"applicant {name}", f"/dossiers/{choice.pk(name)}/")
        sees(page, said)
        choice.look(page, f"applicant, outcome {name}")
        mail = choice.received(name)[0]
        assert choice.made.dossiers[name].number in mail.subject
        assert TITLES[name] in mail.papers[0]
        letter = choice.letters(name)[0]
        assert choice.get(f"applicant {name}", f"/lettres/{letter.pk}.pdf")[0] == 200
        other = "applicant B" if name != "B" else "applicant A"
        assert choice.get(other, f"/lettres/{letter.pk}.pdf")[0] == 404
        assert "Authentique" in choice.get("anonymous", f"/verifier/?code={letter.code}")[1]
    assert "Accept" in steps.evened(choice.get("analyst", "/dossiers/")[1])
    public = {
        place: seen for place, seen in undecided.items() if place[1].startswith(("/projets", "/appels"))
    }
    public |= {("anonymous", "/"): undecided["anonymous", "/"]}
    assert differences(public, {place: choice.get(*place) for place in public}) == []


def the_list_shows_at_its_own(choice: stage.Windows, undecided: Seen) -> None:
    """Nothing a minute before; then the funded projects, and only counts of the others."""
    place = ("anonymous", "/projets/")
    choice.wait_until(decision().publish_at - timedelta(minutes=1))
    assert choice.get(*place) == undecided[place]
    choice.wait_until(decision().publish_at)
    page = choice.at("anonymous", "/projets/")
    sees(page, *(TITLES[name] for name in "ABC"), f"publiée le {formats.date_long(decision().publish_at)}")
    steps.misses(page, TITLES["D"], TITLES["E"])
    choice.look(page, "public list")
    follow(page, TITLES["C"])
    sees(page, "28 000")
    choice.look(page, "public project")
    for name, status in (("A", 200), ("D", 404), ("E", 404)):
        assert choice.get("anonymous", f"/projets/{choice.made.dossiers[name].number}/")[0] == status
