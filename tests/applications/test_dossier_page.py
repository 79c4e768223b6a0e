"""The page of a dossier: each role's face, its verbs with reasons, whom to ask, what is still a secret."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from applications.models import Dossier
from tests import factories
from tests.applications.checked import closed, confirm_all, filed, judged, signed_in
from tests.applications.filled import file_now
from tests.fixtures_calls import Flin
from workflows.engine import fire

__all__ = ["closed", "filed", "judged"]

PARTS = ("", "demande/", "fichiers/", "historique/")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "role", ["analyst", "second_analyst", "secretary", "manager", "authority", "auditor"]
)
def test_staff_read_every_part_after_the_closing(part: str, role: str, closed: Dossier, flin: Flin) -> None:
    page = signed_in(getattr(flin, role)).get(f"/dossiers/{closed.pk}/{part}")
    text = page.content.decode()
    assert page.status_code == 200
    assert closed.title in text
    assert "Inès Tremblay" in text
    assert "418" in text
    assert "heure" in text
    assert "de l’Est" in text


@pytest.mark.parametrize("part", PARTS)
def test_applicants_read_every_part(part: str, filed: Dossier, signatory: User) -> None:
    page = signed_in(signatory).get(f"/dossiers/{filed.pk}/{part}")
    text = page.content.decode()
    assert page.status_code == 200
    assert filed.title in text
    assert 'data-face="applicant"' in text
    assert "Inès Tremblay" in text
    assert "Admissibilité</a>" not in text


@pytest.mark.parametrize("part", PARTS)
def test_strangers_and_drafts(part: str, ready: Dossier, flin: Flin) -> None:
    assert signed_in(flin.manager).get(f"/dossiers/{ready.pk}/{part}").status_code == 404
    assert signed_in(factories.make_user()).get(f"/dossiers/{ready.pk}/{part}").status_code == 404
    assert Client().get(f"/dossiers/{ready.pk}/{part}").status_code == 302


def test_a_draft_opens_where_it_was_left(ready: Dossier, signatory: User) -> None:
    page = signed_in(signatory).get(f"/dossiers/{ready.pk}/")
    assert page.status_code == 302
    assert page.url == f"/dossiers/{ready.pk}/remplir/"


def test_before_the_closing_staff_read_number_and_body_only(filed: Dossier, flin: Flin) -> None:
    client = signed_in(flin.manager)
    text = client.get(f"/dossiers/{filed.pk}/").content.decode()
    assert filed.number in text
    assert "Adstock" in text
    assert "Le contenu se lit à la clôture." in text
    assert filed.title not in text
    assert "débitmètres" not in text
    for part in ("demande/", "fichiers/"):
        assert client.get(f"/dossiers/{filed.pk}/{part}").status_code == 404


def test_the_filed_version_is_read_never_live_answers(closed: Dossier, flin: Flin) -> None:
    closed.answers.filter(question="title").update(value="Titre changé après")
    for part in PARTS:
        assert (
            "Titre changé"
            not in signed_in(flin.analyst).get(f"/dossiers/{closed.pk}/{part}").content.decode()
        )


def bare(user: User, dossier: Dossier) -> str:
    """The history as this person reads it, tokens left out."""
    text = signed_in(user).get(f"/dossiers/{dossier.pk}/historique/").content.decode()
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)


def test_a_secret_stage_reads_as_under_review(judged: Dossier, flin: Flin, signatory: User) -> None:
    confirm_all(judged, flin.analyst)
    fire(judged, "advance", actor=flin.analyst, outcome="admissible")
    people = {"analyst": flin.analyst, "signatory": signatory}
    before = {who: bare(user, judged) for who, user in people.items()}
    judged._firing = "advance"
    judged.move(stage="decision", outcome="recommande")
    judged._firing = None
    judged._engine_save(judged._column_values())
    for who, user in people.items():
        text = bare(user, judged)
        assert text == before[who], who
        assert "En évaluation" in text
        assert "Recommandé" not in text
    assert "Décision" in signed_in(flin.manager).get(f"/dossiers/{judged.pk}/").content.decode()


def test_a_refused_claimant_loses_the_page(closed: Dossier, signatory: User) -> None:
    signatory.memberships.update(status="refused")
    assert signed_in(signatory).get(f"/dossiers/{closed.pk}/").status_code == 404


def test_who_follows_the_dossier(closed: Dossier, flin: Flin) -> None:
    here = f"/dossiers/{closed.pk}/responsable/"
    assert signed_in(flin.auditor).post(here).status_code == 404
    assert signed_in(flin.analyst).post(here).status_code == 303
    closed.refresh_from_db()
    assert closed.analyst == flin.analyst
    assert signed_in(flin.manager).post(here, {"analyst": str(flin.secretary.pk)}).status_code == 303
    closed.refresh_from_db()
    assert closed.analyst == flin.analyst


def test_the_signatory_withdraws_with_a_reason(closed: Dossier, signatory: User) -> None:
    client = signed_in(signatory)
    here = f"/dossiers/{closed.pk}/actes/withdraw/"
    assert "Motif" in client.get(here).content.decode()
    assert client.post(here, {"text": ""}).status_code == 422
    assert client.post(here, {"text": "Le conseil a changé d’avis.", "seen": "0"}).status_code == 409
    closed.refresh_from_db()
    assert (
        client.post(here, {"text": "Le conseil a changé d’avis.", "seen": str(closed.version)}).status_code
        == 303
    )
    text = client.get(f"/dossiers/{closed.pk}/").content.decode()
    assert "Désisté" in text


def test_history_tells_versions_side_by_side(ready: Dossier, signatory: User) -> None:
    from applications.actions.answers import save_answer

    file_now(ready, signatory)
    save_answer(ready, "need", "La moitié de l’eau est perdue.", actor=signatory, seen_version=1)
    file_now(ready, signatory, key="deux")
    text = signed_in(signatory).get(f"/dossiers/{ready.pk}/historique/").content.decode()
    assert "Version 2" in text
    assert "1 réponse changée" in text
    assert "<mark>" in text


@pytest.mark.parametrize("who", ["analyst", "manager", "signatory"])
def test_statements_of_the_page(who: str, closed: Dossier, flin: Flin, signatory: User) -> None:
    client = signed_in(getattr(flin, who, signatory))
    client.get(f"/dossiers/{closed.pk}/")
    with CaptureQueriesContext(connection) as seen:
        client.get(f"/dossiers/{closed.pk}/")
    assert len(seen) <= 15, "\n".join(one["sql"][:150] + " … " + one["sql"][-150:] for one in seen)
