"""What a new draft knows already: facts of the directory, and the answers of an earlier call offered one by one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Organisation, User
from applications import prefilling
from applications.actions.drafts import start_dossier
from applications.models import Dossier
from grants.actions.calls import loader
from grants.models import Call
from tests import factories
from tests.applications import filled
from tests.fixtures_calls import CALL_STAFF, Flin, make_call
from workflows.engine import fire


@pytest.fixture
def again(flin: Flin, adstock: Organisation, signatory: User) -> Dossier:
    """A draft in a second call; the first one was filed."""
    filed = filled.make_filled(flin.call, adstock, signatory)
    filled.file_now(filed, signatory)
    return start_dossier(_second(flin), adstock, actor=signatory)[0]


def _second(flin: Flin) -> Call:
    call = make_call("FLIN-SUITE")
    for role in CALL_STAFF:
        factories.make_staff(role, call, getattr(flin, role))
    fire(call, "publish", actor=loader(), past=True)
    call.refresh_from_db()
    return call


def section(client: Client, dossier: Dossier, code: str = "projet") -> Any:
    return client.get(f"/dossiers/{dossier.pk}/sections/{code}/")


def test_an_earlier_answer_is_offered_and_taken_by_its_button(
    client: Client, again: Dossier, signatory: User
) -> None:
    client.force_login(signatory)
    page = section(client, again)
    assert page.content.decode().count('name="take"') >= 2
    assert "Trouver les fuites avant le dégel" in page.content.decode()
    assert not again.answers.filter(question="title").exists(), "nothing is put in by itself"
    taken = client.post(f"/dossiers/{again.pk}/sections/projet/", {"take": "title"})
    assert (taken.status_code, taken["Location"]) == (303, f"/dossiers/{again.pk}/sections/projet/#q-title")
    assert again.answers.get(question="title").value == "Trouver les fuites avant le dégel"
    assert 'value="title">Reprendre' not in section(client, again).content.decode()


def test_what_is_typed_is_never_replaced(client: Client, again: Dossier, signatory: User) -> None:
    client.force_login(signatory)
    page = f"/dossiers/{again.pk}/sections/projet/"
    client.post(page, {"title": "Un autre titre", "seen-title": "0"})
    client.post(page, {"take": "title"})
    assert again.answers.get(question="title").value == "Un autre titre"


def test_declarations_resolutions_files_and_money_are_said_anew(
    client: Client, again: Dossier, signatory: User
) -> None:
    client.force_login(signatory)
    for code in [one["code"] for one in again.edition.content["form"]["sections"]]:
        words = section(client, again, code).content.decode()
        for question in ("declaration", "resolution", "resolution_number", "budget", "requested", "start"):
            assert f'name="take" value="{question}"' not in words


def test_the_answers_of_others_are_not_offered(client: Client, again: Dossier, adstock: Organisation) -> None:
    claimant = factories.make_user()
    factories.make_member(claimant, adstock, "drafter", status="claimed")
    Dossier.objects.filter(pk=again.pk).update(created_by=claimant)
    client.force_login(claimant)
    page = section(client, again)
    assert page.status_code == 200
    assert 'name="take"' not in page.content.decode()


def test_the_directory_fills_what_the_form_asks(adstock: Organisation) -> None:
    names = ("name", "code", "population", "municipality", "mrc", "kind")
    label = {"fr": "?", "en": "?"}
    kinds = {"population": "number", "municipality": "municipality"}
    asked = [
        {"code": f"q_{one}", "type": kinds.get(one, "text"), "label": label, "prefill": one} for one in names
    ]
    asked.append({"code": "q_free", "type": "text", "label": label})
    content = {"form": {"sections": [{"code": "s", "title": label, "questions": asked}]}}
    found = prefilling.answers(content, "", adstock, "fr")
    assert found["q_name"] == "Adstock"
    assert found["q_population"] == adstock.population
    assert found["q_municipality"]["code"] == "31056"
    assert found["q_mrc"] == adstock.mrc_name
    assert "q_free" not in found
    adstock.population = 0
    assert "q_population" not in prefilling.answers(content, "", adstock, "fr"), "0 is unknown"
