"""The minutes of a locked panel: what they hold, what they never hold, who reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from notifications import codec, documents, minutes
from notifications.letters import document as model
from notifications.models import Document
from review.models import Consensus, Panel, Recusal
from tests import factories
from tests.notifications.letters.reading import spoken
from tests.review.conftest import SECRET_WORD, House, make_house
from web import clock
from workflows import deliveries
from workflows.engine import fire
from workflows.models import Event

pytestmark = pytest.mark.django_db
MOTIVE = "Beau-frère du maire"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    options = {"location": str(tmp_path / "files")}
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}


def locked(language: str = "fr", *, pool: int = 100_000) -> House:
    """A panel locked with a tie, a divergence concluded, a dossier under a threshold and a recusal."""
    house = make_house()
    if language != "fr":
        type(house.flin.call).objects.filter(pk=house.flin.call.pk).update(language=language)
    budget = house.panel.volet.budget_line
    type(budget).objects.filter(pk=budget.pk).update(amount=pool)
    small = {"name": "small", "amount": 30000, "tag": "small", "label": {"fr": "Petites", "en": "Small"}}
    type(house.panel.volet).objects.filter(pk=house.panel.volet.pk).update(reserves=[small])
    house.scored(1, "4 4 4", requested=40000)
    house.scored(2, "4 4 4", requested=40000)
    apart = house.scored(3, "5 5 5", "3 5 5", requested=70000)
    house.scored(4, "1 1 1", requested=10000)
    Recusal.objects.create(
        dossier=apart, user=house.reviewers[2], at=clock.now(), by=house.secretary, reason=MOTIVE
    )
    Consensus.objects.create(
        panel=house.panel, dossier=apart, criterion="C1", score="4", reason="Besoin mieux établi.",
        by=house.chair, at=clock.now(),
    )  # fmt: skip
    type(apart).objects.filter(pk=apart.pk).update(divergent=False)
    fire(Panel.objects.get(pk=house.panel.pk), "lock", actor=house.chair)
    house.panel = Panel.objects.select_related("recommendation__frozen_by", "call__programme").get(
        pk=house.panel.pk
    )
    return house


def relayed() -> Document:
    """What the worker makes of the lock."""
    while deliveries.run_due():
        pass
    documents.draw_due()
    return Document.objects.get(kind="PV")


def words_of(document: Document, folder: Path) -> str:
    from notifications.storage import read_pdf

    file = folder / "minutes.pdf"
    file.write_bytes(read_pdf(document))
    return spoken(file)


def test_the_lock_makes_the_minutes_once(tmp_path: Path) -> None:
    house = locked()
    document = relayed()
    assert (document.panel, document.dossier, document.state) == (house.panel, None, "drawn")
    assert document.left_at is not None
    assert minutes.for_panel(house.panel) == document
    said = words_of(document, tmp_path)
    kept = house.panel.recommendation
    digest = kept.digest.removeprefix("sha256:")
    assert " ".join(digest[n : n + 8] for n in range(0, 64, 8)) in said
    for wanted in (
        f"Verrouillé par {house.chair}",
        "Procès-verbal du comité",
        str(house.reviewers[0]),
        "Présidence",
        "FLIN-REVUE-0003 " + str(house.reviewers[2]),
        "Le motif n’est pas repris ici.",
        "L’enveloppe est de 100 000 $.",
        "FLIN-REVUE-0001, rang 3 : à égalité; départagé par",
        "FLIN-REVUE-0004 : sous le seuil à C1, C2, C4.",
        "FLIN-REVUE-0003, C1 2,00 4 Besoin mieux établi.",
        "La règle de sélection de l’appel a été appliquée pas à pas :",
        "Vérifier ce procès-verbal",
    ):
        assert wanted in said, (wanted, said)
    assert "Aucun : l’ordre des notes est suivi." in said


def test_a_motive_or_an_answer_is_never_in_the_minutes(tmp_path: Path) -> None:
    locked()
    document = relayed()
    for text in (words_of(document, tmp_path), document.content):
        assert MOTIVE not in text
        assert SECRET_WORD not in text
        assert "Parce que" not in text  # comments of a sheet


def test_minutes_of_an_english_call_are_in_english() -> None:
    house = locked("en")
    with translation.override("fr-ca"):
        document = minutes.for_panel(house.panel)
    assert document is not None
    assert document.language == "en"
    made = codec.loads(document.content)
    assert isinstance(made, model.Report)
    assert made.language == "en"


def get(client: Client, user: Any, house: House) -> Any:
    client.force_login(user)
    return client.get(reverse("minutes_pdf", args=[house.panel.pk]))


def test_who_reads_the_minutes(client: Client) -> None:
    house = locked()
    relayed()
    readers = [house.chair, house.secretary, house.flin.manager, house.flin.authority]
    readers.append(factories.make_staff("auditor", house.flin.call, email="verif@jalon.example"))
    for user in readers:
        answer = get(client, user, house)
        assert answer.status_code == 200, user
        assert answer.content.startswith(b"%PDF")
        assert answer["Content-Disposition"] == 'attachment; filename="FLIN-REVUE-unique-PV.pdf"'
        assert answer["Cache-Control"].startswith("no-store") or "no-store" in answer["Cache-Control"]
    reads = Event.objects.filter(verb="notifications.document.read").order_by("pk")
    assert [one.actor for one in reads] == [f"user:{one.pk}" for one in readers]
    for user in (*house.reviewers, factories.make_user("autre@ville.example")):
        assert get(client, user, house).status_code == 404


def test_somebody_recused_of_a_dossier_does_not_read_them(client: Client) -> None:
    house = locked()
    relayed()
    page = reverse("ranking", args=[house.panel.pk])
    door = reverse("minutes_pdf", args=[house.panel.pk])
    client.force_login(house.secretary)
    assert door in client.get(page).content.decode()
    dossier = house.flin.call.dossiers.get(number="FLIN-REVUE-0001")
    Recusal.objects.create(dossier=dossier, user=house.secretary, at=clock.now(), by=house.chair)
    assert get(client, house.secretary, house).status_code == 404
    assert door not in client.get(page).content.decode()


def test_an_open_panel_has_no_minutes(client: Client) -> None:
    house = make_house()
    house.scored(1, "4 4 4")
    assert get(client, house.chair, house).status_code == 404
    assert not Document.objects.exists()


def test_minutes_of_a_panel_locked_long_ago_are_made_when_asked(client: Client) -> None:
    house = locked()
    answer = get(client, house.chair, house)
    assert answer.status_code == 202  # no worker passed yet
    assert "dans quelques secondes" in answer.content.decode()
    Document.objects.update(state="parked", error="seal gone")
    assert "Le ministère le voit; revenez plus tard." in get(client, house.chair, house).content.decode()
    Document.objects.update(state="composed", error="")
    documents.draw_due()
    assert get(client, house.chair, house).status_code == 200
    assert Document.objects.filter(kind="PV").count() == 1
