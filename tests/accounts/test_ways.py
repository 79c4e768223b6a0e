"""Ways through the pages of people: states of accounts, back to where one came from, the administrator's home."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Organisation, User
from accounts.views.account import accounts_table
from grants.models import Call
from tests import factories
from tests.accounts.conftest import as_user
from web import clock

pytestmark = pytest.mark.django_db


def test_accounts_are_chosen_by_the_state_that_is_shown(admin: User) -> None:
    people = {name: factories.make_user(f"{name}@m.example") for name in ("ouvert", "jamais", "suspendu")}
    User.objects.filter(pk=people["ouvert"].pk).update(last_login=clock.now())
    User.objects.filter(pk=people["suspendu"].pk).update(last_login=clock.now(), is_active=False)
    client = as_user(admin)
    shown = {
        value: client.get(f"/comptes/?etat={value}").content.decode()
        for value in ("active", "never", "suspended")
    }
    for value, name in (("active", "ouvert"), ("never", "jamais"), ("suspended", "suspendu")):
        assert [one for one in people if f"{one}@m.example" in shown[value]] == [name]
    both = client.get("/comptes/?etat=never&etat=suspended").content.decode()
    assert [one for one in people if f"{one}@m.example" in both] == ["jamais", "suspendu"]
    assert accounts_table(admin, "").rows.count() == 4


def test_claiming_from_a_call_leads_back_to_it(clerk: User, adstock: Organisation, call: Call) -> None:
    client, start = as_user(clerk), reverse("start", args=[call.code])
    found = client.get(f"/organisations/rattacher/?q=adstock&next={start}").content.decode()
    address = f"/organisations/rattacher/{adstock.pk}/?next={start}"
    assert address in found
    assert f'name="next" value="{start}"' in client.get(address).content.decode()
    answer = client.post(f"/organisations/rattacher/{adstock.pk}/", {"role": "signatory", "next": start})
    assert (answer.status_code, answer["Location"]) == (303, start)
    assert f'href="{start}"' in client.get(address).content.decode()


def test_claiming_never_leads_off_the_site(clerk: User, adstock: Organisation) -> None:
    data = {"role": "signatory", "next": "https://ailleurs.example/"}
    answer = as_user(clerk).post(f"/organisations/rattacher/{adstock.pk}/", data)
    assert answer["Location"] == "/organisations/"


def test_the_home_of_the_technical_administrator_leads_to_what_is_his(admin: User, manager: User) -> None:
    text = as_user(admin).get("/accueil/").content.decode()
    assert "Voir les comptes" in text
    assert "Voir les appels" not in text
    assert "Voir les appels" in as_user(manager).get("/accueil/").content.decode()


def test_the_people_of_an_organisation_are_taken_away(
    clerk: User, signatory: User, adstock: Organisation, manager: User
) -> None:
    factories.make_member(clerk, adstock, "drafter")
    address = f"/exporter/personnes/{adstock.pk}/"
    for reader in (signatory, clerk, manager):
        assert address in as_user(reader).get(f"/organisations/{adstock.pk}/personnes/").content.decode()
        answer = as_user(reader).post(address, {"format": "csv"})
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
        assert [line.split(";")[0] for line in lines] == ["Nom", "Maude Gélinas", "Étienne Roy"]
    stranger = as_user(factories.make_user("autre@exemple.example"))
    assert stranger.post(address, {"format": "csv"}).status_code == 404


def test_who_holds_a_role_is_listed_over_all_that_one_manages(manager: User, call: Call) -> None:
    analyst = factories.make_staff("analyst", call, email="analyste@ministere.example")
    factories.make_staff("secretary", call, analyst)
    text = as_user(manager).get("/roles/").content.decode()
    assert "analyste@ministere.example" in text
    assert "Analyste, " in text
    assert "Secrétaire, " in text
    assert "analyste@" not in as_user(manager).get("/roles/?q=manager").content.decode()
