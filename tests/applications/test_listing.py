"""The list of dossiers: what each role sees, the same number of statements for one row and for thirty."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import permissions
from accounts.models import User
from applications.models import Body, Dossier
from tests import factories
from tests.applications.checked import closed, filed, signed_in
from tests.fixtures_calls import Flin
from web import home

__all__ = ["closed", "filed"]

LIST = "/dossiers/"


def copies(dossier: Dossier, n: int) -> None:
    """Rows like this one, straight in the database."""
    lead = dossier.bodies.get(role="lead").organisation
    for place in range(n):
        twin = Dossier.objects.get(pk=dossier.pk)
        twin.pk, twin.number = None, f"{dossier.number}-{place}"
        twin.title, twin._state.adding = f"Projet {place}", True
        twin.save()
        Body.objects.create(dossier=twin, organisation=lead, role="lead")


@pytest.mark.parametrize(
    "role", ["analyst", "second_analyst", "secretary", "manager", "authority", "auditor"]
)
def test_staff_of_the_call_see_the_row(role: str, closed: Dossier, flin: Flin) -> None:
    page = signed_in(getattr(flin, role)).get(LIST)
    assert page.status_code == 200
    assert closed.number in page.content.decode()
    assert closed.title in page.content.decode()


def test_before_the_closing_staff_read_number_and_body_only(filed: Dossier, flin: Flin) -> None:
    client = signed_in(flin.analyst)
    text = client.get(LIST).content.decode()
    assert filed.number in text
    assert "Adstock" in text
    assert filed.title not in text
    assert "32\u00a0000" not in text
    assert "Aucune ligne" in client.get(LIST, {"q": "fuites"}).content.decode()


def test_a_draft_is_a_number_for_staff_and_a_row_for_its_people(
    ready: Dossier, signatory: User, flin: Flin
) -> None:
    staff = signed_in(flin.manager).get(LIST).content.decode()
    assert "1 brouillon en cours" in staff
    assert ready.title not in staff
    mine = signed_in(signatory).get(LIST).content.decode()
    assert ready.title in mine
    assert "Brouillon" in mine


def test_others_see_nothing(closed: Dossier) -> None:
    text = signed_in(factories.make_user()).get(LIST).content.decode()
    assert closed.number not in text
    assert closed.title not in text
    assert Client().get(LIST).status_code == 302


@pytest.mark.parametrize("who", ["staff", "applicant"])
def test_statements_do_not_grow_with_rows(who: str, closed: Dossier, flin: Flin, signatory: User) -> None:
    user = flin.manager if who == "staff" else signatory
    counts: list[int] = []
    for n in (0, 29):
        copies(closed, n)
        client = signed_in(user)
        client.get(LIST)
        with CaptureQueriesContext(connection) as seen:
            page = client.get(LIST, {"col": ["numero", "etape", "analyste", "volet", "appel"]} if n else {})
        assert page.status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10, "\n".join(
        one["sql"][:230] + " … " + one["sql"][-160:] for one in seen
    )


def test_filters_and_sort_keep_to_the_allow_list(closed: Dossier, flin: Flin) -> None:
    copies(closed, 3)
    client = signed_in(flin.analyst)
    here = client.get(LIST, {"etape": ["etape-completude"], "analyste": ["personne"], "tri": "-aide"})
    assert "4 dossiers" in here.content.decode()
    nowhere = client.get(LIST, {"tri": "snapshot__text", "etape": ["../"], "region": ["zz' or 1"]})
    assert nowhere.status_code == 200
    assert "4 dossiers" in nowhere.content.decode()


def awaiting(user: User) -> str:
    """What the home of this person says."""
    permissions.forget(user)
    return " ".join(f"{g.label} {t.who} {t.text} {t.note} {t.url}" for g in home.todos(user) for t in g.todos)


def test_home_of_the_analyst_lists_what_to_check(closed: Dossier, flin: Flin) -> None:
    text = awaiting(flin.analyst)
    assert "Complétude à vérifier" in text
    assert closed.number in text
    assert closed.number not in awaiting(flin.second_analyst)


def test_home_of_the_signatory_lists_drafts(ready: Dossier, signatory: User) -> None:
    text = awaiting(signatory)
    assert "Brouillons à terminer" in text
    assert ready.title in text


def test_cockpit_figures_open_their_rows(closed: Dossier, flin: Flin) -> None:
    from grants import cockpit

    found = {str(one.label): one for one in cockpit.figures(flin.manager, flin.call)}
    assert found["Déposés"].value == 1
    text = signed_in(flin.manager).get(next(one.href for key, one in found.items() if "Complétude" in key))
    assert closed.number in text.content.decode()


def test_views_of_every_day_carry_their_count(closed: Dossier, flin: Flin) -> None:
    client = signed_in(flin.analyst)
    text = client.get(LIST, {"analyste": "personne"}).content.decode()
    assert 'href="?analyste=personne" aria-current="page">À personne encore <span>1</span>' in text
    assert "Confiés à moi" not in text
