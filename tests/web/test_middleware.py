"""What every answer says, and how a session lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils.translation import override

from web.http import see_other
from web.middleware import ArrivalMiddleware, request_id
from web.templatetags.jalon import counted
from web.text import render_markdown

pytestmark = pytest.mark.django_db


def test_a_request_is_stamped_and_numbered() -> None:
    seen: list[Any] = []

    def view(request: Any) -> HttpResponse:
        seen.append(request.arrived_at)
        return HttpResponse("")

    answer = ArrivalMiddleware(view)(RequestFactory().get("/"))
    assert seen[0].tzinfo is UTC
    assert len(answer.headers["X-Request-ID"]) == 32


@pytest.mark.parametrize(("trusted", "kept"), [([], False), (["127.0.0.1"], True)])
def test_a_number_comes_from_our_proxy_only(settings: Any, trusted: list[str], kept: bool) -> None:
    settings.TRUSTED_PROXY = trusted
    request = RequestFactory().get("/", HTTP_X_REQUEST_ID="abcdef-0123456789")
    assert (request_id(request) == "abcdef-0123456789") is kept
    request = RequestFactory().get("/", HTTP_X_REQUEST_ID="a b\nc")
    assert "\n" not in request_id(request)


def test_a_missing_page_has_the_look_and_the_headers(client: Client) -> None:
    answer = client.get("/nulle-part-du-tout/")
    assert answer.status_code == 404
    text = answer.content.decode()
    assert "Cette page n’existe pas" in text
    assert 'href="/en/nulle-part-du-tout/"' in text
    for name, value in (
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("X-Frame-Options", "DENY"),
    ):
        assert answer.headers[name] == value
    assert "camera=()" in answer.headers["Permissions-Policy"]
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in text


def test_a_session_is_asked_and_prolonged(client: Client, django_user_model: Any) -> None:
    start = datetime(2026, 3, 20, 14, 0, tzinfo=UTC)
    user = django_user_model.objects.create(email="jeanne.ouellet@example.org")
    assert client.get("/session/").json() == {"left": 0}
    with time_machine.travel(start, tick=False):
        client.force_login(user)
        answer = client.get("/session/")
        assert answer.json() == {"left": 8 * 3600}
        assert answer.headers["Cache-Control"] == "no-store"
    with time_machine.travel(start + timedelta(hours=7), tick=False):
        assert client.get("/session/").json() == {"left": 3600}
        assert client.get("/session/").json() == {"left": 3600}, "asking prolongs nothing"
        stayed = client.post("/session/", headers={"accept": "application/json"})
        assert stayed.json() == {"left": 8 * 3600}
    with time_machine.travel(start + timedelta(hours=14), tick=False):
        assert client.get("/session/").json() == {"left": 3600}


def test_staying_without_script_leads_back(client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create(email="a@example.org"))
    back = client.post("/session/", headers={"referer": "http://testserver/dossiers/?q=a"})
    assert (back.status_code, back.headers["Location"]) == (303, "http://testserver/dossiers/?q=a")
    assert client.post("/session/", headers={"referer": "https://evil.example/"}).headers["Location"] == "/"


def test_a_form_sent_without_a_session_leads_back_to_its_page(client: Client) -> None:
    for came, back in {
        "http://testserver/evaluations/?q=a": "/evaluations/%3Fq%3Da",
        "https://evil.example/x/": "/accueil/",
        "": "/accueil/",
    }.items():
        answer = client.post("/evaluations/declarer/", headers={"referer": came})
        assert answer.headers["Location"] == f"/connexion/?next={back}"
    assert client.get("/evaluations/").headers["Location"] == "/connexion/?next=/evaluations/"


def test_one_is_counted_without_plural() -> None:
    with override("fr"):
        assert [counted("lignes", n) for n in (0, 1, 2)] == ["ligne", "ligne", "lignes"]
    with override("en"):
        assert [counted("rows", n) for n in (0, 1, 2)] == ["rows", "row", "rows"]


def test_see_other_is_303() -> None:
    answer = see_other("/x/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/x/")


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("**Gras** et [lien](https://example.org)", '<a href="https://example.org"'),
        ("# Titre", "<h3>Titre</h3>"),
        ("<script>alert(1)</script>", "&lt;script&gt;"),
    ],
)
def test_markdown_of_few_marks(source: str, html: str) -> None:
    assert html in render_markdown(source)


def test_markdown_refuses_scripts_and_images() -> None:
    html = render_markdown("[a](javascript:alert(1)) ![b](x.png) <img src=x onerror=alert(1)>")
    assert "<img" not in html
    assert 'href="javascript' not in html
