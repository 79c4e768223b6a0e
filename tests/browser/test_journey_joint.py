"""A joint project of four municipalities: one partner signs late, one withdraws; filed once everybody has answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from accounts import permissions
from accounts.models import User
from applications import blockers
from applications.actions.answers import save_answer
from applications.actions.drafts import start_dossier
from applications.actions.files import add_file
from applications.models import Dossier
from grants.actions.calls import Options, load_call, loader
from grants.reading import folder, read_source
from notifications.seeding import corpus, forms
from tests import factories
from tests.applications.filled import pdf, signatory_of
from tests.browser import steps
from tests.fixtures_calls import CALL_STAFF, STAFF
from web import clock, formats
from workflows.engine import fire

Opener = Callable[..., Page]
PARTNERS = ("10043", "14050", "31084")


def make_draft(lead: User) -> Dossier:
    """A draft of stream 3 of the reference call, filled but for its partners."""
    closes = (clock.now() + timedelta(days=20)).replace(microsecond=0)
    call = load_call(read_source(folder("ti")), options=Options(code="TI-ESSAI", closes=closes)).call
    for role in STAFF:
        factories.make_staff(role, call.programme)
    for role in CALL_STAFF:
        factories.make_staff(role, call)
    fire(call, "publish", actor=loader(), past=True)
    call.refresh_from_db()
    town = factories.make_org("31056")
    dossier, _made = start_dossier(call, town, actor=lead, volet=call.volets.get(code="V3"))
    day = formats.local(call.closes_at).date()
    known = dict(dossier.answers.values_list("question", "version"))
    project = next(
        one for one in corpus.projects().values() if one.data["volet"] == "V3" and one.data["partners"]
    )
    for code, value in forms.answers(project, dossier.edition.content, "V3", day, town).items():
        save_answer(dossier, code, value, actor=lead, seen_version=known.get(code, 0))
    rows = {
        "rows": [{"id": "r1", "name": "Le village", "municipality": "31056"}]
    }  # of the small directory of tests
    save_answer(dossier, "territory", rows, actor=lead, seen_version=0)
    for slot in ("resolution", "price_evidence"):
        add_file(dossier, slot, pdf(f"{slot}.pdf"), actor=lead)
    return dossier


def invite(page: Page, site: str, dossier: Dossier, code: str) -> None:
    page.goto(f"{site}/dossiers/{dossier.pk}/partenaires/?q={code}")
    page.get_by_role("link", name="Choisir").first.click()
    page.get_by_label("Ce qu’il fait dans le projet").last.fill("Essais et relevés sur son territoire")
    page.get_by_label("Sa part des coûts, en dollars").last.fill("20 000")
    page.get_by_role("button", name="Inviter ce partenaire").click()


def answer(page: Page, number: str) -> None:
    page.get_by_label("Numéro de la résolution").fill(number)
    page.get_by_label("Date de la résolution").fill(clock.today().isoformat())
    page.get_by_role("button", name="Confirmer la participation").click()
    expect(page.get_by_text("est confirmée").first).to_be_visible()


def test_four_municipalities_one_signs_late_one_withdraws(
    page_as: Opener, site: str, look: Any, travel: steps.Travel
) -> None:
    lead = signatory_of(factories.make_org("31056"))
    signatories = {code: signatory_of(factories.make_org(code)) for code in PARTNERS}
    dossier = make_draft(lead)
    page = page_as(lead)
    for code in PARTNERS:
        invite(page, site, dossier, code)
    look(page, "partners-of-the-lead")
    steps.work()

    theirs = page_as(signatories["10043"], "/accueil/")
    theirs.get_by_role("link", name="Répondre").first.click()
    look(theirs, "partner-answers")
    answer(theirs, "2026-04-101")
    answer(page_as(signatories["14050"], f"/dossiers/{dossier.pk}/"), "2026-04-102")

    page.goto(f"{site}/dossiers/{dossier.pk}/verification/")
    expect(page.get_by_text("n’a pas encore confirmé sa participation").first).to_be_visible()

    travel.forward(days=3)
    last = page_as(signatories["31084"], f"/dossiers/{dossier.pk}/partenaires/")
    last.get_by_text("Refuser de participer").click()
    last.get_by_label("Pourquoi votre organisme ne participe-t-il pas?").fill(
        "Le conseil préfère attendre un an."
    )
    last.get_by_role("button", name="Refuser", exact=True).click()
    expect(last.get_by_text("Le conseil préfère attendre un an.")).to_be_visible()

    page = page_as(lead, f"/dossiers/{dossier.pk}/partenaires/")
    expect(page.get_by_text("a refusé de participer").first).to_be_visible()
    gone = dossier.bodies.get(organisation__code="31084")
    box = page.locator(f"#organisme-{gone.pk}")
    box.get_by_text("Changer ou retirer").click()
    box.get_by_role("button", name="Retirer du projet").click()
    expect(page.locator(f"#organisme-{gone.pk}")).to_have_count(0)

    for code in (
        "10043",
        "14050",
    ):  # their shares may change: they are asked again, and the last one signs late
        answer(page_as(signatories[code], f"/dossiers/{dossier.pk}/partenaires/"), f"2026-05-{code[-2:]}")
    found = blockers.of(
        Dossier.objects.select_related("call", "volet", "edition__definition").get(pk=dossier.pk)
    )
    assert [one.sentence for one in found] == []
    page.goto(f"{site}/dossiers/{dossier.pk}/verification/")
    page.get_by_label("Pour signer").or_(page.locator("input[name=phrase]")).first.fill(
        "je dépose pour Adstock"
    )
    page.get_by_role("button", name="Déposer").first.click()
    page.wait_for_url("**/accuse/1/")
    look(page, "joint-receipt")
    dossier.refresh_from_db()
    assert dossier.number == "TI-ESSAI-0001"
    names = page_as(signatories["14050"], f"/dossiers/{dossier.pk}/").content()
    assert "TI-ESSAI-0001" in names
    leave_after_filing(page_as, look, travel, dossier, signatories["14050"])


def leave_after_filing(
    page_as: Opener, look: Any, travel: steps.Travel, dossier: Dossier, signatory: User
) -> None:
    """A partner leaves a filed project; the analyst reads both columns and concludes."""
    analyst = permissions.holders("analyst", dossier.call).get()
    travel.forward(days=25)
    fire(Dossier.objects.get(pk=dossier.pk), "advance", actor=analyst, outcome="complet")
    theirs = page_as(signatory, f"/dossiers/{dossier.pk}/partenaires/")
    theirs.get_by_text("Se retirer du projet").click()
    theirs.get_by_label("Pourquoi votre organisme se retire-t-il?").fill("La fusion change nos priorités.")
    theirs.get_by_role("button", name="Se retirer", exact=True).click()
    expect(theirs.get_by_text("le ministère en décide les suites")).to_be_visible()
    look(theirs, "partner-left")
    page = page_as(analyst, "/accueil/")
    page.get_by_role("link", name="Conclure").first.click()
    expect(page.get_by_role("heading", name="Ce que change un départ")).to_be_visible()
    expect(page.get_by_text("Moins de trois organismes municipaux").first).to_be_visible()
    look(page, "departure-concluded")
    page.get_by_label("La demande n’est plus admissible").check()
    page.get_by_label("Ce que vous concluez, et sur quoi vous vous fondez").fill(
        "Deux organismes restent; l’article 3.5 en demande trois."
    )
    page.get_by_role("button", name="Enregistrer la conclusion").click()
    expect(page.get_by_text("Votre conclusion est enregistrée")).to_be_visible()
    look(page, "departure-after")
    dossier.refresh_from_db()
    assert dossier.snapshot is not None
    assert dossier.snapshot.findings.get(rule="E14").confirmed == "no"
