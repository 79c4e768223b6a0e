"""Errors are pages: both languages, the look, a way back, and on a fault the number to tell."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path, reverse
from django.utils.html import escape

from config import urls

pytestmark = pytest.mark.django_db


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    raise ValueError("the word Zoé-Planted stands in a message")


@login_not_required
def without_database(request: HttpRequest) -> HttpResponse:
    raise OperationalError("could not connect to server at 10.0.0.7 as jalon")


urlpatterns = [
    path("en/casse/", broken),
    path("casse/", broken),
    path("sans-base/", without_database),
    *urls.urlpatterns,
]
handler400, handler500 = urls.handler400, urls.handler500
FAULTY = override_settings(ROOT_URLCONF=__name__)


@pytest.fixture
def calm(client: Client) -> Client:
    """A client that hands back the page of a fault."""
    client.raise_request_exception = False
    return client


@FAULTY
@pytest.mark.parametrize(
    ("address", "language", "words"),
    [("/casse/", "fr-CA", "Le service a rencontré une erreur"), ("/en/casse/", "en-CA", "")],
)
def test_a_fault_has_a_page_with_the_number(calm: Client, address: str, language: str, words: str) -> None:
    answer = calm.get(address)
    text = answer.content.decode()
    assert answer.status_code == 500
    assert f'lang="{language}"' in text
    assert escape(words) in text
    assert answer.headers["X-Request-ID"] in text
    assert "Zoé-Planted" not in text


@FAULTY
def test_a_database_away_is_a_503_that_asks_nothing_of_it(
    calm: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        answer = calm.get("/sans-base/")
    text = answer.content.decode()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert answer.headers["X-Request-ID"] in text
    assert "indisponible" in text
    assert "10.0.0.7" not in text


def test_an_address_that_only_receives_has_a_page(client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create(email="a@exemple.example"))
    address = reverse("end_other_sessions")
    answer = client.get(address, headers={"referer": "http://testserver/accueil/"})
    assert answer.status_code == 405
    text = answer.content.decode()
    assert "Cette adresse ne s’ouvre pas ainsi" in text
    assert 'href="/accueil/"' in text
    assert answer.headers["Allow"] == "POST"
    elsewhere = client.get(address, headers={"referer": "https://evil.example/x"}).content.decode()
    assert "evil.example" not in elsewhere
    assert 'href="/"' in elsewhere
    blank = client.get(address, headers={"accept": "application/json"})
    assert (blank.status_code, blank.content) == (405, b"")


def test_every_error_page_is_there() -> None:
    from django.template.loader import get_template

    for status in (400, 403, 404, 405, 429, 500, 503):
        assert get_template(f"{status}.html")
