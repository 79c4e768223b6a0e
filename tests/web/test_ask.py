"""The person to ask, once on a page: where the page says, else at its foot."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest
from django.template import Context, Template

CALL = SimpleNamespace(
    contact_name="Inès Tremblay", contact_phone="418 555-0142", contact_email="ines@territoires.example"
)


def shown(text: str, **values: Any) -> str:
    return Template(text).render(Context({"request": HttpRequest(), **values}))


def test_a_page_of_a_dossier_names_somebody_at_its_foot() -> None:
    dossier = SimpleNamespace(call=CALL)
    for values in (
        {"dossier": dossier},
        {"call": CALL},
        {"assignment": SimpleNamespace(panel=SimpleNamespace(call=CALL))},
        {"sheet": SimpleNamespace(assignment=SimpleNamespace(panel=SimpleNamespace(call=CALL)))},
        {"subject": dossier},
    ):
        page = shown("{% ask %}", **values)
        assert all(word in page for word in ("Inès Tremblay", "418 555-0142", "ines@territoires.example"))


def test_a_page_that_named_somebody_does_not_say_it_twice() -> None:
    page = shown("{% contact call.contact_name call.contact_email call.contact_phone %}{% ask %}", call=CALL)
    assert page.count("Inès Tremblay") == 1


def test_a_page_about_nothing_names_nobody() -> None:
    assert shown("{% ask %}", subject=SimpleNamespace(name="Adstock")).strip() == ""
