"""The start page: the municipality, the draft already there, a second one on purpose."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import Organisation, User
from applications.actions.drafts import start_dossier
from applications.models import Dossier
from tests import factories
from tests.fixtures_calls import Flin

pytestmark = pytest.mark.django_db


def url(flin: Flin) -> str:
    return f"/appels/{flin.call.code}/commencer/"


def test_the_page_begins_a_draft_and_leads_to_the_first_question(
    client: Client, flin: Flin, adstock: Organisation, signatory: User
) -> None:
    client.force_login(signatory)
    page = client.get(url(flin)).content.decode()
    assert "Adstock" in page
    assert "Les Appalaches" in page
    answer = client.post(url(flin), {"organisation": adstock.pk}, follow=True)
    made = Dossier.objects.get()
    assert answer.redirect_chain[-1][0] == f"/dossiers/{made.pk}/sections/projet/#q-title"
    assert answer.redirect_chain[0][1] == 303


def test_the_draft_already_there_comes_first_and_another_is_a_choice(
    client: Client, flin: Flin, adstock: Organisation, signatory: User
) -> None:
    draft, _new = start_dossier(flin.call, adstock, actor=signatory)
    colleague = factories.make_user()
    factories.make_member(colleague, adstock, "drafter")
    client.force_login(colleague)
    page = client.get(url(flin)).content.decode()
    assert page.index("Reprendre") < page.index("Commencer une autre demande")
    client.post(url(flin), {"organisation": adstock.pk})
    assert Dossier.objects.get() == draft
    client.post(url(flin), {"organisation": adstock.pk, "another": "1"})
    assert Dossier.objects.count() == 2


def test_somebody_without_a_municipality_searches_and_claims(
    client: Client, flin: Flin, adstock: Organisation
) -> None:
    client.force_login(factories.make_user())
    page = client.get(url(flin), {"q": "adstock"}).content.decode()
    assert f"/organisations/rattacher/{adstock.pk}/" in page
    answer = client.post(url(flin), {"organisation": adstock.pk})
    assert answer.status_code == 422
    assert not Dossier.objects.exists()


@pytest.mark.parametrize("wanted", ["", "²", "9" * 30, "-1", "1.5"])
def test_an_odd_number_is_no_municipality(client: Client, flin: Flin, signatory: User, wanted: str) -> None:
    client.force_login(signatory)
    assert client.post(url(flin), {"organisation": wanted}).status_code == 422
    assert not Dossier.objects.exists()


def test_an_odd_number_in_a_filter_of_the_list_is_ignored(client: Client, signatory: User) -> None:
    client.force_login(signatory)
    assert client.get("/dossiers/", {"analyste": "9" * 30, "page": "²"}).status_code == 200


def test_a_closed_call_begins_nothing(
    client: Client, flin: Flin, adstock: Organisation, signatory: User
) -> None:
    client.force_login(signatory)
    with time_machine.travel(flin.call.closes_at + timedelta(seconds=1), tick=False):
        client.force_login(signatory)
        assert "Fermé depuis" in client.get(url(flin)).content.decode()
        assert client.post(url(flin), {"organisation": adstock.pk}).status_code == 422
    assert not Dossier.objects.exists()


def test_the_call_page_offers_to_take_up_the_draft(
    client: Client, flin: Flin, adstock: Organisation, signatory: User
) -> None:
    client.force_login(signatory)
    assert url(flin) in client.get(f"/appels/{flin.call.code}/").content.decode()
    draft, _new = start_dossier(flin.call, adstock, actor=signatory)
    page = client.get(f"/appels/{flin.call.code}/").content.decode()
    assert f"/dossiers/{draft.pk}/remplir/" in page
    assert "Reprendre" in page
