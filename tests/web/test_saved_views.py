"""Views kept by name: the address is the view; one's own alone are renamed and removed. Density of rows."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import factories
from web import saved_views
from web.models import SavedView

pytestmark = pytest.mark.django_db


def keep(browser: Client, name: str, query: str = "?etat=active&tri=-email&page=x&rien=1") -> str:
    answer = browser.post(reverse("view_keep", args=["comptes"]) + query, {"nom": name})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def test_a_view_is_kept_opened_renamed_and_removed(browser: Client) -> None:
    address = keep(browser, "  Comptes \n ouverts ")
    assert address == reverse("accounts") + "?etat=active&tri=-email"
    page = browser.get(address).content.decode()
    assert f'<a href="{address.replace("&", "&amp;")}" aria-current="page">Comptes ouverts</a>' in page
    assert 'aria-sort="descending"' in page
    row = SavedView.objects.get()
    browser.post(reverse("view_rename", args=[row.pk]), {"nom": "Actifs"})
    assert "Actifs" in browser.get(reverse("views")).content.decode()
    browser.post(reverse("view_remove", args=[row.pk]))
    assert not SavedView.objects.exists()


def test_the_same_name_keeps_the_new_view_and_no_name_keeps_none(browser: Client) -> None:
    keep(browser, "Ma vue")
    keep(browser, "Ma vue", "?tri=email")
    assert [row.query for row in SavedView.objects.all()] == ["tri=email"]
    keep(browser, "   ")
    keep(browser, "Autre")
    row = SavedView.objects.get(name="Autre")
    answer = browser.post(reverse("view_rename", args=[row.pk]), {"nom": "Ma vue"}, follow=True)
    assert "porte déjà ce nom" in answer.content.decode()
    assert SavedView.objects.count() == 2


def test_views_are_one_s_own(browser: Client, admin: User) -> None:
    keep(browser, "Ma vue")
    row = SavedView.objects.get()
    other = Client()
    other.force_login(factories.make_user("autre@exemple.example", is_technical_admin=True))
    for name in ("view_rename", "view_remove"):
        assert other.post(reverse(name, args=[row.pk]), {"nom": "x"}).status_code == 404
    assert "Ma vue" not in other.get(reverse("views")).content.decode()
    assert "Ma vue" not in other.get(reverse("accounts")).content.decode()
    SavedView.objects.bulk_create(
        SavedView(user=admin, table="comptes", name=f"v{place}") for place in range(saved_views.MOST - 1)
    )
    keep(browser, "De trop")
    assert not SavedView.objects.filter(name="De trop").exists()


def test_density_stays_in_the_address(browser: Client) -> None:
    page = browser.get(reverse("accounts") + "?densite=aeree&tri=email").content.decode()
    assert 'class="tbl is-rows"' in page
    assert "tri=-email&amp;densite=aeree" in page
    assert '<input type="hidden" name="densite" value="aeree">' in page
    assert 'class="tbl is-rows is-tight"' in browser.get(reverse("accounts")).content.decode()
    assert "densite" not in keep(browser, "Vue", "?densite=nimporte")
