"""Addresses of public pages as other sites keep them: whole, one a language."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url

LANGUAGES = (("fr-CA", "fr-ca"), ("en-CA", "en"))


def whole(path: str) -> str:
    """An address with the name of the site, as its settings say it, whoever asks."""
    return f"{settings.SITE_URL}{path}"


def both(request: HttpRequest) -> dict[str, object]:
    """The canonical address of a page (without what was asked of it) and the same page in each language."""
    return {
        "canonical": whole(request.path),
        "languages": [(tag, whole(translate_url(request.path, code))) for tag, code in LANGUAGES],
    }
