"""The way to the other language: the same page, the same filters; after a form, the page the form was on."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from django.utils.translation import override

from web.context import other_address

ASK = RequestFactory()


@pytest.mark.parametrize(
    ("path", "here", "code", "there"),
    [
        ("/dossiers/?q=eau&tri=-depot", "fr-ca", "en", "/en/dossiers/?q=eau&tri=-depot"),
        ("/en/dossiers/?q=eau", "en", "fr-ca", "/dossiers/?q=eau"),
        ("/", "fr-ca", "en", "/en/"),
        ("/nulle-part/?a=1", "fr-ca", "en", "/en/nulle-part/?a=1"),
        ("/en/nulle-part/", "en", "fr-ca", "/nulle-part/"),
    ],
)
def test_the_same_page_with_its_filters(path: str, here: str, code: str, there: str) -> None:
    with override(here):
        assert other_address(ASK.get(path), code) == there


def test_after_a_form_the_page_it_was_on() -> None:
    came = {"referer": "http://testserver/dossiers/4/verification/?a=1"}
    with override("fr-ca"):
        sent = ASK.post("/dossiers/4/depot/", headers=came)
        assert other_address(sent, "en") == "/en/dossiers/4/verification/?a=1"


@pytest.mark.parametrize(
    "referer", ["", "https://ailleurs.example/x/", "http://testserver//ailleurs.example/", "javascript:1"]
)
def test_a_page_elsewhere_is_not_followed(referer: str) -> None:
    with override("fr-ca"):
        assert other_address(ASK.post("/connexion/", headers={"referer": referer}), "en") == "/en/connexion/"
